// SPDX-License-Identifier: BSD-3-Clause
"use strict";
// Curves, by uPlot.

const mostSeries = 24;

/** What a screen reader hears of a curve. */
function spoken(x, s) {
  let first = null, last = null, low = Infinity, high = -Infinity;
  s.values.forEach((v) => {
    if (v === null || v === undefined) return;
    if (first === null) first = v;
    last = v;
    low = Math.min(low, v);
    high = Math.max(high, v);
  });
  return first === null ? `${s.name}: no values` : `${s.name}: from ${num(first)} to ${num(last)}, lowest ${num(low)}, highest ${num(high)}`;
}

/**
 * A figure with curves over a common x, which rises.
 * @param o  title, unit; x {values, name, unit, log, words}; series [{name, values, points}]; log: y by decades;
 *           height; note: a line below
 */
function chart(o) {
  const xUnit = o.x.unit ? ` [${printed(o.x.unit)}]` : "", names = o.series.map((s) => s.name);
  const shown = o.series.slice(0, mostSeries);
  const plot = el("div", {class: "plot"});
  const legend = el("div", {class: "legend", role: "group", "aria-label": "curves: press one to hide it or show it"});
  const summary = el("p", {class: "sr"}, `${o.title}, over ${o.x.name}${xUnit}, ${counted(o.x.values.length, "point")}. ` + shown.map((s) => spoken(o.x.values, s)).join(". "));
  const left = names.length - shown.length;
  const figure = el("figure", {class: "chart"}, el("h3", {}, o.title + (o.unit ? ` [${printed(o.unit)}]` : "")), legend, plot, summary,
    o.note || left > 0 ? el("p", {class: "hint"}, [o.note, left > 0 ? `${left} more are in the tables` : null].filter(Boolean).join("; ")) : null);
  const axis = (more) => ({stroke: () => css("--dim"), grid: {stroke: () => css("--line"), width: 1}, ticks: {stroke: () => css("--line"), width: 1, size: 5}, font: "12px system-ui, sans-serif", ...more});
  const ticks = (u, splits) => splits.map((v) => (v === null ? "" : num(v, 7)));
  const wide = (u, values) => (values ? 14 + 7 * Math.max(3, ...values.map((v) => (v === null ? 0 : String(v).length))) : 50);
  const words = o.x.words;
  let u = null;
  const labels = shown.map((s, n) => {
    const swatch = el("span", {class: s.points ? "swatch point" : "swatch", "aria-hidden": "true"});
    const value = el("span", {class: "dim"});
    const button = el("button", {type: "button", "aria-pressed": "true", onclick: () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      if (u) u.setSeries(n + 1, {show: on});
    }}, swatch, s.name, value);
    swatch.style.background = `var(${colourName(n)})`;
    legend.append(button);
    return value;
  });
  const options = (width) => ({
    width, height: o.height || 230, legend: {show: false}, cursor: {y: false, points: {size: 7}},
    scales: {x: {time: false, distr: o.x.log ? 3 : 1, ...(words ? {range: [-0.5, words.length - 0.5]} : o.x.log ? {} : {range: (v, lo, hi) => (lo === hi ? [lo - 0.5, hi + 0.5] : shown.some((s) => s.points) ? [lo - 0.03 * (hi - lo), hi + 0.03 * (hi - lo)] : [lo, hi])})}, y: {distr: o.log ? 3 : 1}},
    series: [{}, ...shown.map((s, n) => ({label: s.name, stroke: () => css(colourName(n)), width: 1.6, pxAlign: 0, spanGaps: true, ...(s.points ? {paths: () => null, points: {show: true, size: 5, fill: () => css(colourName(n)) + "90", stroke: () => css(colourName(n))}} : {points: {show: o.x.values.length <= 40}})}))],
    axes: [axis({label: o.x.name + xUnit, labelSize: 22, labelFont: "12px system-ui, sans-serif", size: 32, ...(words ? {splits: () => words.map((w, k) => k), values: (v, at) => at.map((k) => (words[k].length > 14 ? words[k].slice(0, 13) + "\u2026" : words[k]))} : {values: ticks})}), axis({values: ticks, size: wide})],
    hooks: {setCursor: [(v) => {
      const at = v.cursor.idx;
      labels.forEach((label, n) => {
        const y = at === null || at === undefined ? null : shown[n].values[at];
        label.textContent = y === null || y === undefined ? "" : num(y);
      });
    }]},
  });
  const draw = (width) => {
    if (u) u.destroy();
    plot.replaceChildren();
    u = new uPlot(options(width), [o.x.values, ...shown.map((s) => s.values)], plot);
    labels.forEach((label, n) => label.parentNode.getAttribute("aria-pressed") === "false" && u.setSeries(n + 1, {show: false}));
  };
  whenWide(plot, draw);
  redraws.add(() => {
    if (u) u.redraw(false);
    return plot.isConnected;
  });
  /** Other values of the same curves, under another title. */
  figure.update = (title, x, values) => {
    o.x.values = x;
    shown.forEach((s, n) => (s.values = values[n]));
    figure.firstChild.textContent = title + (o.unit ? ` [${printed(o.unit)}]` : "");
    summary.textContent = `${title}. ` + shown.map((s) => spoken(x, s)).join(". ");
    if (u) u.setData([x, ...values]);
  };
  return figure;
}

/** Bars of a table's last column, from a common zero. */
function bar(value, most, sum) {
  const half = 50, length = most > 0 ? (half * Math.abs(value)) / most : 0;
  return svg("svg", {viewBox: "0 0 100 16", preserveAspectRatio: "none", "aria-hidden": "true"},
    svg("rect", {class: sum ? "bar-sum" : value >= 0 ? "bar-in" : "bar-out", x: value >= 0 ? half : half - length, y: 3, width: length, height: 10}),
    svg("line", {class: "axis", x1: half, x2: half, y1: 0, y2: 16, "vector-effect": "non-scaling-stroke"}));
}
