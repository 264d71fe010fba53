"use strict";
// Tables sort by their columns, and every figure shows its data as a table and gives it as CSV.
(function () {
  const fewestRows = 3;
  const units = { GB: 1000, kB: 0.001 };

  // The column at which a head begins, heads above one another counted.
  function columns(table) {
    const taken = [];
    const found = new Map();
    [...table.tHead.rows].forEach((row, y) => {
      let x = 0;
      [...row.cells].forEach((cell) => {
        while (taken[y] && taken[y][x]) {
          x++;
        }
        for (let down = 0; down < cell.rowSpan; down++) {
          for (let right = 0; right < cell.colSpan; right++) {
            (taken[y + down] = taken[y + down] || [])[x + right] = true;
          }
        }
        if (y + cell.rowSpan === table.tHead.rows.length) {
          found.set(cell, x);
        }
        x += cell.colSpan;
      });
    });
    return found;
  }

  // The first text of a cell is its value; what is below it explains.
  function text(cell) {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const found = walker.currentNode.data.trim();
      if (found) {
        return found;
      }
    }
    return "";
  }

  function number(value) {
    const match = /^(?:[<>≤≥×]\s*)?([-+\u2212]?)(\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?|∞)\s*(\S*)/.exec(value);
    if (!match) {
      return NaN;
    }
    const size = match[2] === "∞" ? Infinity : Number(match[2].replace(/,/g, ""));
    return (match[1] === "" || match[1] === "+" ? 1 : -1) * size * (units[match[3]] || 1);
  }

  function compare(a, b) {
    const x = number(a);
    const y = number(b);
    return Number.isNaN(x) || Number.isNaN(y)
      ? Number.isNaN(x) - Number.isNaN(y) || a.localeCompare(b, "en", { numeric: true })
      : x - y;
  }

  function isMissing(value) {
    return value === "" || value === "—" || value === "\u2013";
  }

  function sort(table, column, direction) {
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({ row: row, value: text(row.cells[column]) }));
    rows.sort((a, b) => isMissing(a.value) - isMissing(b.value) || direction * compare(a.value, b.value));
    body.append(...rows.map((one) => one.row));
  }

  function makeSortable(table) {
    const heads = columns(table);
    heads.forEach((column, head) => {
      const name = head.innerText.trim().split("\n")[0];
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.setAttribute("aria-label", "Sort by " + name);
      button.addEventListener("click", () => {
        const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        heads.forEach((_, other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
        sort(table, column, direction);
      });
      head.append(button);
    });
  }

  function sortable(table) {
    const body = table.tBodies[0];
    return table.tHead && body && body.rows.length >= fewestRows && !table.closest(".card, #samples-detail") &&
      [...body.rows].every((row) => row.cells.length === body.rows[0].cells.length && [...row.cells].every((cell) => cell.colSpan === 1 && cell.rowSpan === 1));
  }

  // A row per point.
  function rows(chart) {
    const points = chart.groups.flatMap((group) => group.points.map((point) => [group.name, point]));
    const hasRange = points.some(([, point]) => point.low !== undefined);
    const names = ["series", "point", chart.x.name, chart.y.name].concat(hasRange ? ["from", "to"] : []);
    const data = points.map(([group, point]) => {
      const x = chart.x.categories ? chart.x.categories[Math.round(point.x)] : point.x;
      const range = hasRange ? [point.low ?? "", point.high ?? ""] : [];
      return [group, point.name, x, point.y].concat(range);
    });
    return [names].concat(data);
  }

  function csv(table) {
    const quoted = (value) => (/[",\r\n]/.test(value) ? '"' + value.replace(/"/g, '""') + '"' : value);
    return table.map((row) => row.map((value) => quoted(String(value))).join(",") + "\r\n").join("");
  }

  function shown(value) {
    return typeof value === "number" ? String(Number(value.toPrecision(6))).replace("-", "\u2212") : value;
  }

  function tableOf(data, name) {
    const table = document.createElement("table");
    table.className = "plain";
    const heads = table.createTHead().insertRow();
    data[0].forEach((value) => {
      const head = document.createElement("th");
      head.scope = "col";
      head.textContent = value;
      heads.append(head);
    });
    const body = table.createTBody();
    data.slice(1).forEach((row) => {
      const line = body.insertRow();
      row.forEach((value) => {
        const cell = line.insertCell();
        cell.textContent = shown(value);
        cell.className = typeof value === "number" ? "number" : "";
      });
    });
    const scroll = document.createElement("div");
    scroll.className = "scroll figure-data";
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "group");
    scroll.setAttribute("aria-label", name);
    scroll.append(table);
    if (sortable(table)) {
      makeSortable(table);
    }
    return scroll;
  }

  function save(chart, data) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csv(data)], { type: "text/csv" }));
    link.download = chart.id + ".csv";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  // The table is made when it is opened: a page has many figures.
  function addData(chart) {
    const drawing = document.getElementById(chart.id);
    const figure = drawing && drawing.closest("figure");
    if (!figure) {
      return;
    }
    const details = document.createElement("details");
    details.className = "data";
    const summary = document.createElement("summary");
    const heading = (drawing.getAttribute("aria-label") || chart.id).split(". ")[0];
    summary.textContent = "Data of this figure";
    const download = document.createElement("button");
    download.type = "button";
    download.textContent = "Save as CSV";
    download.setAttribute("aria-label", "Save as CSV: " + heading);
    download.addEventListener("click", () => save(chart, rows(chart)));
    details.append(summary, download);
    details.addEventListener("toggle", () => {
      if (details.open && !details.querySelector("table")) {
        details.append(tableOf(rows(chart), "Data of " + heading));
      }
    });
    figure.append(details);
  }

  // Paper does not scroll: a table of many tasks shrinks to the width of a page, 273 mm.
  const pageWidth = 1030;
  const smallest = 0.4;
  function fitToPage() {
    document.querySelectorAll(".verdict").forEach((table) => {
      table.style.zoom = Math.max(smallest, Math.min(1, pageWidth / table.scrollWidth));
    });
  }
  window.addEventListener("beforeprint", fitToPage);
  window.addEventListener("afterprint", () => {
    document.querySelectorAll(".verdict").forEach((table) => (table.style.zoom = ""));
  });

  document.addEventListener("DOMContentLoaded", () => {
    [...document.querySelectorAll("table")].filter(sortable).forEach(makeSortable);
    JSON.parse(document.getElementById("chart-data").textContent).forEach(addData);
  });
})();
