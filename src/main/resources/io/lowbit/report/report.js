"use strict";
// Draws every chart of #chart-data, again when colours change and before printing.
(function () {
  const charts = JSON.parse(document.getElementById("chart-data").textContent).map(place);
  const symbols = ["circle", "rect", "triangle", "diamond"];
  const legendShapes = [
    "M5 0a5 5 0 1 1 0 10a5 5 0 1 1 0-10z",
    "M0 0h10v10h-10z",
    "M5 0l5 10h-10z",
    "M5 0l5 5l-5 5l-5-5z",
  ];
  const colours = 6;
  const symbolSize = 11;
  const labelHeight = 14;
  const letterWidth = 6.6;
  const drawn = [];

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function paint(index) {
    return colour("--series-" + (index % colours));
  }

  function number(value) {
    const size = Math.abs(value);
    return size >= 1e6 || (size > 0 && size < 1e-3)
      ? value.toExponential(2).replace(/\.?0+e/, "e")
      : String(Number(value.toPrecision(6)));
  }

  // Where a point is drawn: beside the others of its name, and on the stretched scale.
  function place(chart) {
    const count = chart.groups.length;
    const stretch = chart.y.isStretched ? Math.asinh : (value) => value;
    const groups = chart.groups.map((group, index) => {
      const shift = chart.x.categories ? ((index - (count - 1) / 2) * 0.7) / count : 0;
      return Object.assign({}, group, {
        points: group.points.map((p) => {
          const placed = Object.assign({}, p, { x: p.x + shift, y: stretch(p.y) });
          return p.low === undefined ? placed : Object.assign(placed, { low: stretch(p.low), high: stretch(p.high) });
        }),
      });
    });
    return Object.assign({}, chart, { groups: groups });
  }

  // One place per name; where names do not fit side by side they are written at a slant.
  function categories(spec, width) {
    const longest = Math.max(...spec.categories.map((name) => name.length)) * letterWidth;
    const fits = (width - 96) / spec.categories.length > longest + 8;
    const places = spec.categories.map((_, index) => index);
    return {
      gap: fits ? 36 : Math.min(130, 28 + longest * 0.75),
      axis: {
        type: "value",
        min: -0.5,
        max: spec.categories.length - 0.5,
        axisTick: { show: false, customValues: places },
        splitLine: { show: false },
        axisLabel: {
          customValues: places,
          formatter: (value) => spec.categories[value] || "",
          rotate: fits ? 0 : 45,
          margin: 14,
          color: colour("--ink"),
          fontSize: 12,
          hideOverlap: false,
        },
      },
    };
  }

  // Ticks at round numbers on both sides of 0.
  function stretched(values) {
    const low = Math.min(0, ...values);
    const high = Math.max(0, ...values);
    const ticks = [0, 1, 2, 5, 10, 20, 50, 100]
      .flatMap((tick) => (tick === 0 ? [0] : [-tick, tick]))
      .map((tick) => Math.asinh(tick))
      .filter((tick) => tick > low - 0.3 && tick < high + 0.3)
      .sort((a, b) => a - b);
    return {
      type: "value",
      min: Math.min(low - 0.2, ticks[0]),
      max: Math.max(high + 0.2, ticks[ticks.length - 1]),
      axisTick: { show: true, customValues: ticks },
      axisLabel: {
        customValues: ticks,
        color: colour("--quiet"),
        fontSize: 12,
        formatter: (value) => {
          const tick = Math.round(Math.sinh(value));
          return tick > 0 ? "+" + tick : tick < 0 ? "\u2212" + -tick : "0";
        },
      },
    };
  }

  function line(points, style, extra) {
    return Object.assign({ type: "line", symbol: "none", silent: true, z: 1, lineStyle: style, data: points }, extra);
  }

  // What is drawn behind the points: no change, the margin, the front.
  function background(chart) {
    const quiet = colour("--quiet");
    const lines = [];
    if (chart.margin !== undefined) {
      const right = chart.x.categories.length - 0.5;
      const margin = Math.asinh(chart.margin);
      lines.push(line([[-0.5, 0], [right, 0]], { color: quiet, width: 1 }));
      lines.push(line([[-0.5, margin], [right, margin]], { color: colour("--accent"), width: 1, type: "dashed" }));
      if (chart.floor !== undefined) {
        [Math.asinh(chart.floor), -Math.asinh(chart.floor)].forEach((edge) =>
          lines.push(line([[-0.5, edge], [right, edge]], { color: quiet, width: 1.5, type: "dotted" })));
      }
      if (chart.isForest) {
        lines.push(line([[-0.5, -margin], [right, -margin]], { color: colour("--accent"), width: 1, type: "dashed" }));
      }
    }
    if (chart.front) {
      lines.push(line(chart.front, { color: quiet, width: 1.5, type: "dashed" }, { step: "end" }));
    }
    (chart.lines || []).forEach((one) => {
      const ink = one.group < 0 ? colour("--ink") : paint(one.group);
      lines.push(line(one.middle, { color: ink, width: one.group < 0 ? 2 : 1.5 }));
      [one.low, one.high].forEach((edge) =>
        lines.push(line(edge, { color: ink, width: 1, type: "dotted", opacity: 0.8 })));
    });
    return lines;
  }

  // A forest plot is the same drawing lying on its side, its first name at the top.
  function onItsSide(drawing, chart) {
    const longest = Math.max(...chart.x.categories.map((name) => name.length)) * letterWidth;
    const turned = (value) => (Array.isArray(value) ? [value[1], value[0]] : Object.assign({}, value, { value: turned(value.value) }));
    const names = Object.assign({}, drawing.xAxis, { inverse: true });
    names.axisLabel = Object.assign({}, names.axisLabel, { rotate: 0 });
    const values = Object.assign({}, drawing.yAxis, { nameGap: 34 });
    return Object.assign({}, drawing, {
      grid: Object.assign({}, drawing.grid, { left: Math.min(160, 16 + longest), bottom: 50 }),
      xAxis: values,
      yAxis: names,
      series: drawing.series.map((one) => Object.assign({}, one, { data: one.data.map(turned) })),
    });
  }

  // Powers of ten need decades to show more than one tick; less takes powers of two, or no logarithm.
  function scale(spec, values) {
    if (!spec.isRatio) {
      return { type: "value", scale: true };
    }
    const span = Math.max(...values) / Math.min(...values);
    if (span < 4) {
      return { type: "value", scale: true };
    }
    return { type: "log", logBase: span < 300 ? 2 : 10 };
  }

  function axis(spec, values, gap) {
    const quiet = colour("--quiet");
    const line = { lineStyle: { color: colour("--line") } };
    return Object.assign(scale(spec, values), {
      name: spec.name,
      nameLocation: "middle",
      nameGap: gap,
      nameTextStyle: { color: colour("--ink"), fontSize: 13 },
      axisLabel: { color: quiet, fontSize: 12, formatter: number, hideOverlap: true },
      axisLine: { show: true, onZero: false, lineStyle: { color: quiet } },
      axisTick: { show: true, lineStyle: { color: quiet } },
      splitLine: line,
    });
  }

  function series(group, index) {
    const points = {
      name: group.name,
      type: "scatter",
      symbol: symbols[index % symbols.length],
      symbolSize: symbolSize,
      itemStyle: { color: paint(index), opacity: 0.9 },
      z: 3,
      data: group.points.map((p) => ({ name: p.name, value: [p.x, p.y], text: p.text })),
    };
    const bars = group.points
      .filter((p) => p.low !== undefined)
      .map((p) => ({
        type: "line",
        symbol: "none",
        silent: true,
        z: 2,
        lineStyle: { color: paint(index), width: 1.5, opacity: 0.6 },
        data: [[p.x, p.low], [p.x, p.high]],
      }));
    return [points].concat(bars);
  }

  function option(chart, width) {
    const points = chart.groups.flatMap((group) => group.points);
    const margins = chart.isForest ? [Math.asinh(chart.margin), -Math.asinh(chart.margin)] : [];
    const heights = points.flatMap((p) => (p.low === undefined ? [p.y] : [p.y, p.low, p.high])).concat(margins);
    const x = axis(chart.x, points.map((p) => p.x), chart.isSmall ? 26 : 34);
    const y = axis(chart.y, heights, chart.isSmall ? 34 : 54);
    const named = chart.x.categories ? categories(chart.x, width) : { gap: chart.isSmall ? 44 : 56, axis: {} };
    return {
      animation: false,
      backgroundColor: "transparent",
      grid: { left: chart.isSmall ? 50 : 72, right: 24, top: chart.isSmall ? 10 : 20, bottom: named.gap, outerBoundsMode: "none" },
      tooltip: {
        trigger: "item",
        renderMode: "richText",
        confine: true,
        backgroundColor: colour("--panel"),
        borderColor: colour("--line"),
        textStyle: { color: colour("--ink") },
        formatter: (p) => p.data.text || "",
      },
      xAxis: Object.assign(x, named.axis),
      yAxis: Object.assign(y, chart.y.isStretched ? stretched(heights) : {}),
      series: chart.groups.flatMap(series).concat(background(chart)),
    };
  }

  function overlap(a, b) {
    return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  }

  // Each name takes the first free place around its point; a name without one is left to the tooltip.
  function label(instance, chart) {
    const half = symbolSize / 2;
    const frame = { right: instance.getWidth(), bottom: instance.getHeight() - 50 };
    const placed = chart.groups.map((group) =>
      group.points.map((p) => {
        const [x, y] = instance.convertToPixel({ xAxisIndex: 0, yAxisIndex: 0 }, [p.x, p.y]);
        return { x: x, y: y, point: p };
      }));
    const taken = placed.flat().map((p) => ({ x: p.x - half, y: p.y - half, width: symbolSize, height: symbolSize }));
    const data = placed.map((group) =>
      group.map((p) => {
        const width = letterWidth * p.point.name.length + 2;
        const places = {
          right: { x: p.x + half + 4, y: p.y - labelHeight / 2 },
          left: { x: p.x - half - 4 - width, y: p.y - labelHeight / 2 },
          top: { x: p.x - width / 2, y: p.y - half - 4 - labelHeight },
          bottom: { x: p.x - width / 2, y: p.y + half + 4 },
        };
        const free = Object.keys(places).find((name) => {
          const box = Object.assign({ width: width, height: labelHeight }, places[name]);
          const inside = box.x > 72 && box.y > 0 && box.x + width < frame.right && box.y + labelHeight < frame.bottom;
          if (inside && !taken.some((other) => overlap(box, other))) {
            taken.push(box);
            return true;
          }
          return false;
        });
        return {
          name: p.point.name,
          value: [p.point.x, p.point.y],
          text: p.point.text,
          label: {
            show: free !== undefined,
            position: free || "top",
            distance: 4,
            formatter: () => p.point.name,
            color: colour("--ink"),
            fontSize: 12,
          },
        };
      }));
    let next = 0;
    const update = instance.getOption().series.map((one) => (one.type === "scatter" ? { data: data[next++] } : {}));
    instance.setOption({ series: update });
  }

  function legend(chart) {
    const list = document.getElementById(chart.id + "-legend");
    list.replaceChildren(...chart.groups.map((group, index) => {
      const item = document.createElement("li");
      const image = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      image.setAttribute("viewBox", "0 0 10 10");
      image.setAttribute("aria-hidden", "true");
      path.setAttribute("d", legendShapes[index % legendShapes.length]);
      path.setAttribute("fill", paint(index));
      image.append(path);
      item.append(image, group.name);
      return item;
    }));
  }

  function draw() {
    drawn.splice(0).forEach((instance) => instance.dispose());
    charts.forEach((chart) => {
      const place = document.getElementById(chart.id);
      if (chart.isForest) {
        place.style.height = 80 + chart.x.categories.length * (10 + 12 * chart.groups.length) + "px";
      }
      const instance = echarts.init(place, null, { renderer: "svg" });
      const drawing = option(chart, instance.getWidth());
      instance.setOption(chart.isForest ? onItsSide(drawing, chart) : drawing);
      if (!chart.x.categories && !chart.isSmall) {
        label(instance, chart);
      }
      legend(chart);
      drawn.push(instance);
    });
  }

  // Which labels fit depends on the width.
  let asked = 0;
  function resize() {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(draw);
  }

  draw();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  window.matchMedia("print").addEventListener("change", draw);
  window.addEventListener("resize", resize);
})();
