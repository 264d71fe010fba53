"use strict";
// Items one by one. Only the rows in view are elements; texts become text nodes, never markup.
(function () {
  const store = document.getElementById("samples-data");
  if (!store) {
    return;
  }
  const part = (name) => document.getElementById("samples-" + name);
  const list = part("list");
  // As in the style sheet. Browsers draw no element taller than some ten million pixels.
  const rowHeight = 52;
  const mostRows = 150000;
  const KINDS = { base: 0, lost: 1, won: 2, other: 3, same: 4, none: 5 };
  const WORDS = ["baseline", "right \u2192 wrong", "wrong \u2192 right", "wrong \u2192 otherwise wrong", "no change", ""];
  const VERDICTS = { 1: "right", 0: "wrong", n: "", " ": "no record" };
  let texts = [];
  let lower = [];
  let units = [];
  let samples = [];
  let shown = [];
  let chosen = 0;

  async function unpacked() {
    const bytes = Uint8Array.from(atob(store.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return JSON.parse(await new Response(stream).text());
  }

  // What a scheme did to each item, as a number of KINDS.
  function kinds(unit, scheme) {
    const base = unit.verdicts[0];
    const own = unit.verdicts[scheme];
    return Uint8Array.from(own, (verdict, item) => {
      if (scheme === 0 && unit.hasBaseline) {
        return KINDS.base;
      }
      if (!unit.hasBaseline || !"01".includes(verdict) || !"01".includes(base[item])) {
        return KINDS.none;
      }
      if (verdict !== base[item]) {
        return verdict === "0" ? KINDS.lost : KINDS.won;
      }
      return verdict === "0" && unit.predictions[scheme][item] !== unit.predictions[0][item] ? KINDS.other : KINDS.same;
    });
  }

  function prepare(data) {
    texts = data.texts;
    units = data.units;
    lower = texts.map((text) => text.toLowerCase());
    units.forEach((unit) => {
      unit.kinds = unit.schemes.map((_, scheme) => kinds(unit, scheme));
      let at = 0;
      unit.starts = unit.choices.map((count) => (at += count) - count);
      unit.items.forEach((_, item) => samples.push({ unit: unit, item: item, lost: 0, won: 0 }));
    });
  }

  function options(select, names, all) {
    select.replaceChildren(new Option(all, ""), ...names.map((name) => new Option(name, name)));
  }

  function unique(values) {
    return [...new Set(values)];
  }

  // Counts the kinds under the schemes asked for; false if the item is not asked for.
  function matches(sample, asked, found) {
    const unit = sample.unit;
    if ((asked.model && unit.model !== asked.model) || (asked.task && unit.task !== asked.task)) {
      return false;
    }
    sample.lost = 0;
    sample.won = 0;
    let ofKind = asked.kind === "";
    let hit = found === null || found[unit.items[sample.item]] || found[unit.targets[sample.item]];
    let any = false;
    for (let scheme = 0; scheme < unit.schemes.length; scheme++) {
      const isBase = scheme === 0 && unit.hasBaseline;
      if (asked.scheme && unit.schemes[scheme] !== asked.scheme && !isBase) {
        continue;
      }
      any = any || !asked.scheme || unit.schemes[scheme] === asked.scheme;
      const kind = unit.kinds[scheme][sample.item];
      sample.lost += kind === KINDS.lost ? 1 : 0;
      sample.won += kind === KINDS.won ? 1 : 0;
      ofKind = ofKind || kind === KINDS[asked.kind];
      hit = hit || found[unit.predictions[scheme][sample.item]];
    }
    return ofKind && hit && any;
  }

  function filter() {
    const asked = {};
    ["model", "task", "scheme", "kind"].forEach((name) => (asked[name] = part(name).value));
    const text = part("text").value.toLowerCase();
    const found = text === "" ? null : Uint8Array.from(lower, (one) => (one.includes(text) ? 1 : 0));
    const matching = samples.filter((sample) => matches(sample, asked, found));
    // Sorting is stable: among equals the order of the file stays.
    matching.sort((a, b) => (b.lost > 0) - (a.lost > 0) || b.lost - a.lost || (b.won > 0) - (a.won > 0) || b.won - a.won);
    shown = matching.slice(0, mostRows);
    const count = (number) => number.toLocaleString("en");
    part("count").textContent =
      count(matching.length) + " of " + count(samples.length) + " items" +
      (shown.length < matching.length ? "; the first " + count(shown.length) + " are listed, filter to see others" : "");
    list.scrollTop = 0;
    choose(0);
  }

  function element(name, className, ...children) {
    const made = document.createElement(name);
    made.className = className;
    made.append(...children);
    return made;
  }

  function flips(sample) {
    const all = [];
    if (sample.lost) {
      all.push(element("span", "samples-flip worse", WORDS[1] + (sample.lost > 1 ? " \u00d7 " + sample.lost : "")));
    }
    if (sample.won) {
      all.push(element("span", "samples-flip better", WORDS[2] + (sample.won > 1 ? " \u00d7 " + sample.won : "")));
    }
    return all;
  }

  function row(index) {
    const sample = shown[index];
    const unit = sample.unit;
    const target = texts[unit.targets[sample.item]];
    const made = element("div", "samples-row",
      element("div", "samples-line", ...flips(sample), element("span", "samples-name", unit.task + " \u00b7 " + texts[unit.items[sample.item]])),
      element("div", "samples-line quiet", unit.model + (target ? " \u00b7 target: " + target.slice(0, 200) : "")));
    made.id = "samples-row-" + index;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", String(index === chosen));
    made.setAttribute("aria-setsize", shown.length);
    made.setAttribute("aria-posinset", index + 1);
    made.style.top = index * rowHeight + "px";
    made.addEventListener("click", () => choose(index));
    return made;
  }

  function drawList() {
    const first = Math.max(0, Math.floor(list.scrollTop / rowHeight) - 3);
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / rowHeight) + 3);
    const rows = [];
    for (let index = first; index < last; index++) {
      rows.push(row(index));
    }
    const space = element("div", "samples-space", ...rows);
    space.setAttribute("role", "presentation");
    space.style.height = shown.length * rowHeight + "px";
    const at = list.scrollTop;
    list.replaceChildren(space);
    list.scrollTop = at;
    if (chosen >= first && chosen < last) {
      list.setAttribute("aria-activedescendant", "samples-row-" + chosen);
    } else {
      list.removeAttribute("aria-activedescendant");
    }
  }

  function choose(index) {
    chosen = Math.max(0, Math.min(index, shown.length - 1));
    const top = chosen * rowHeight;
    if (top < list.scrollTop) {
      list.scrollTop = top;
    } else if (top + rowHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = top + rowHeight - list.clientHeight;
    }
    drawList();
    part("detail").replaceChildren(...(shown.length ? detail(shown[chosen]) : [element("p", "quiet", "No item matches.")]));
    part("detail").scrollTop = 0;
  }

  function head(text, className) {
    const made = element("th", className, text);
    made.scope = "col";
    return made;
  }

  function schemeRow(sample, scheme, choices) {
    const unit = sample.unit;
    const item = sample.item;
    const start = unit.starts[item];
    const own = unit.likelihoods[scheme].slice(start, start + choices);
    const largest = Math.max(...own.filter((value) => value !== null));
    const name = element("th", "first", unit.schemes[scheme]);
    name.scope = "row";
    const kind = unit.kinds[scheme][item];
    const tone = kind === KINDS.lost ? "worse" : kind === KINDS.won ? "better" : "";
    const score = unit.scores && unit.verdicts[scheme][item] === "n" ? unit.scores[scheme][item] : null;
    const verdict = element("td", tone,
      VERDICTS[unit.verdicts[scheme][item]] || (score === null ? "\u2014" : String(score)),
      ...(WORDS[kind] ? [element("span", "quiet", WORDS[kind])] : []));
    const prediction = texts[unit.predictions[scheme][item]];
    return element("tr", "", name, verdict,
      element("td", "samples-answer", prediction === "" ? element("span", "quiet", "(not recorded)") : prediction),
      ...own.map((value) =>
        element("td", "number", value === null ? "\u2014" : (value === largest && choices > 1 ? "\u25c6 " : "") + (value / 1000).toFixed(3).replace("-", "\u2212"))));
  }

  function detail(sample) {
    const unit = sample.unit;
    const choices = unit.choices[sample.item];
    const heads = [head("Scheme", "first"), head("Verdict", ""), head("Answer", "")];
    for (let choice = 1; choice <= choices; choice++) {
      heads.push(head(choices > 1 ? "ln p, choice " + choice : "ln p of the target", "number"));
    }
    const body = element("tbody", "", ...unit.schemes.map((_, scheme) => schemeRow(sample, scheme, choices)));
    const table = element("table", "samples-table", element("thead", "", element("tr", "", ...heads)), body);
    const target = texts[unit.targets[sample.item]];
    const facts = [["Model", unit.model], ["Verdict by", unit.metric], ["Target", target === "" ? "(none)" : target]].map(([label, value]) =>
      element("div", "", element("dt", "", label), element("dd", "samples-answer", value)));
    const parts = [element("h3", "", unit.task + " \u00b7 " + texts[unit.items[sample.item]]), element("dl", "facts", ...facts), table];
    return choices > 1 ? parts.concat(element("p", "quiet", "\u25c6 marks the likeliest choice of a scheme.")) : parts;
  }

  function move(event) {
    const page = Math.max(1, Math.floor(list.clientHeight / rowHeight) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -shown.length, End: shown.length };
    if (event.key in steps && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      choose(chosen + steps[event.key]);
    }
  }

  function start(data) {
    prepare(data);
    part("browser").hidden = false;
    options(part("model"), unique(units.map((unit) => unit.model)), "all");
    options(part("task"), unique(units.map((unit) => unit.task)), "all");
    options(part("scheme"), unique(units.flatMap((unit) => unit.schemes)), "all");
    ["model", "task", "scheme", "kind"].forEach((name) => part(name).addEventListener("change", filter));
    let waiting = 0;
    part("text").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 150);
    });
    part("filter").addEventListener("submit", (event) => event.preventDefault());
    list.addEventListener("keydown", move);
    list.addEventListener("scroll", () => requestAnimationFrame(drawList));
    window.addEventListener("resize", drawList);
    filter();
  }

  unpacked().then(start, (problem) => {
    part("problem").hidden = false;
    part("problem").textContent = "The items cannot be unpacked here (" + problem + "); open the report in a browser of 2023 or later.";
  });
})();
