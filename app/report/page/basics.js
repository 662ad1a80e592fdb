// SPDX-License-Identifier: BSD-3-Clause
"use strict";
// What all of the page is made with. Texts become text nodes and attributes, never markup.

/** An element with attributes (on...: a listener; true: bare) and children: elements, texts, or lists of them. */
function el(name, attributes, ...children) {
  return dress(document.createElement(name), attributes, children);
}
function svg(name, attributes, ...children) {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}
function dress(e, attributes, children) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) e.addEventListener(key.slice(2), value);
    else e.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat(2)) if (child !== null && child !== undefined) e.append(child);
  return e;
}

const superscripts = {"-": "\u207b", 0: "\u2070", 1: "\u00b9", 2: "\u00b2", 3: "\u00b3", 4: "\u2074", 5: "\u2075", 6: "\u2076", 7: "\u2077", 8: "\u2078", 9: "\u2079"};

/** A number as print has it: "\u22120.25", "1.5\u00b710\u207b\u2077". */
function num(v, digits = 6) {
  if (v === null || v === undefined || v === "") return "\u2013";
  if (typeof v !== "number") return String(v);
  if (!Number.isFinite(v)) return "\u2013";
  const size = Math.abs(v);
  let text;
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) {
    const [m, e] = v.toExponential(Math.max(digits - 1, 0)).split("e");
    text = +m + "\u00b710" + String(+e).replace(/./g, (c) => superscripts[c]);
    if (Math.abs(+m) === 1) text = (+m < 0 ? "-" : "") + text.slice(text.indexOf("1") + 2);
  } else {
    text = String(+v.toPrecision(digits));
  }
  return text.replace("-", "\u2212");
}
function withUnit(v, unit, digits) {
  const text = num(v, digits);
  return unit && text !== "\u2013" ? text + "\u00a0" + unit : text;
}
/** A unit as print has it: "W/(m\u00b2 K)", "J m\u207b\u00b9". */
function printed(unit) {
  return unit.replace(/([A-Za-z])(-?\d+)/g, (all, letter, power) => letter + power.replace(/./g, (c) => superscripts[c]));
}
function counted(n, one, many) {
  return n.toLocaleString("en") + "\u00a0" + (n === 1 ? one : many || one + "s");
}
function duration(s) {
  if (!(s >= 0)) return "\u2013";
  if (s < 120) return num(s, 3) + "\u00a0s";
  if (s < 7200) return Math.floor(s / 60) + "\u00a0min " + String(Math.round(s % 60)).padStart(2, "0") + "\u00a0s";
  return Math.floor(s / 3600) + "\u00a0h " + String(Math.round((s % 3600) / 60)).padStart(2, "0") + "\u00a0min";
}
function bytes(n) {
  let k = 0;
  for (; n >= 1024 && k < 4; ++k) n /= 1024;
  return num(n, k ? 3 : 6) + "\u00a0" + ["B", "KiB", "MiB", "GiB", "TiB"][k];
}

/** Round numbers in [low, high], about `count` of them. */
function niceTicks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k) ticks.push(+(k * step).toPrecision(12));
  return ticks;
}
/** Lengths and times in units that suit their size: {factor, unit}, shown = value * factor. */
function lengthUnit(size) {
  return size < 1e-4 ? {factor: 1e6, unit: "\u00b5m"} : size < 0.2 ? {factor: 1e3, unit: "mm"} : size < 5e3 ? {factor: 1, unit: "m"} : {factor: 1e-3, unit: "km"};
}
function timeUnit(longest) {
  return longest >= 4 * 86400 ? {factor: 1 / 86400, unit: "d"} : longest >= 2 * 3600 ? {factor: 1 / 3600, unit: "h"} : {factor: 1, unit: "s"};
}

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colourName = (n) => "--c" + (n % 8);

// What was drawn with the colours of the page is drawn anew when they change: another theme, or paper. One that
// returns false has left the page.
const redraws = new Set();
function redrawAll() {
  for (const redraw of redraws) if (redraw() === false) redraws.delete(redraw);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
addEventListener("beforeprint", () => {
  document.documentElement.dataset.theme = "light";
  redrawAll();
});
addEventListener("afterprint", () => {
  delete document.documentElement.dataset.theme;
  redrawAll();
});

/** Calls `draw(width)` now and whenever the element's width changes. */
function whenWide(element, draw) {
  let last = 0;
  new ResizeObserver(() => {
    const width = Math.floor(element.clientWidth);
    if (width > 0 && width !== last) draw((last = width));
  }).observe(element);
}

const sections = [];
/** A part of the page with its place in the list at the top. */
function section(id, title, ...content) {
  sections.push([id, title]);
  const s = el("section", {id, "aria-labelledby": id + "-title"}, el("h2", {id: id + "-title"}, title), ...content);
  document.getElementById("main").append(s);
  return s;
}
function facts(rows) {
  return el("dl", {class: "facts"}, rows.filter((r) => r && r[1] !== "" && r[1] !== null && r[1] !== undefined && r[1] !== "\u2013")
    .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}
/** A table; a cell that is a number is set to the right. heads: texts, or [text, "n"]. */
function table(caption, heads, rows, attributes) {
  const cell = (c, k) => (k === 0 ? el("th", {scope: "row", class: "key"}, c) : typeof c === "object" && c !== null && !c.nodeType ? el("td", {class: "n"}, c.n) : el("td", {}, c));
  return el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": caption},
    el("table", attributes, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, heads.map((h) => (Array.isArray(h) ? el("th", {scope: "col", class: "n"}, h[0]) : el("th", {scope: "col"}, h))))),
      el("tbody", {}, rows.map((r) => (r.nodeType ? r : el("tr", {}, r.map(cell)))))));
}
function verdict(rows) {
  const marks = {good: "\u2713", warn: "!", bad: "\u2717"};
  return el("div", {class: "verdict"}, rows.map(([kind, head, text]) => el("p", {class: kind}, el("b", {}, el("span", {"aria-hidden": "true"}, marks[kind] + " "), head), text || "")));
}
/** What both kinds of page have. */
function head(data, line, verdicts) {
  document.title = data.title;
  document.getElementById("main").replaceChildren();
  document.getElementById("top").append(el("p", {class: "dim small"}, line), el("h1", {}, data.title), verdict(verdicts), el("nav", {"aria-label": "Parts of this page"}));
}
function texts(data) {
  if (data.case_text) {
    section("case", data.kind === "run" ? "The resolved case" : "The case", el("details", {}, el("summary", {}, "case.toml" + (data.kind === "run" ? ": every key with its value" : "")),
      el("pre", {tabindex: "0", "aria-label": "case.toml"}, data.case_text)));
  }
  if (data.log) {
    const cut = data.log.end ? [data.log.head, `\n   (${counted(data.log.lines - data.log.head.split("\n").length - data.log.end.split("\n").length + 2, "line")} left out)\n\n`, data.log.end] : [data.log.head];
    section("log", "Log", el("details", {open: data.log.lines <= 60}, el("summary", {}, `run.log, ${counted(data.log.lines, "line")}`), el("pre", {tabindex: "0", "aria-label": "run.log"}, cut)));
  }
}
function foot(data) {
  document.querySelector("nav").append(...sections.map(([id, title]) => el("a", {href: "#" + id}, title)));
  document.getElementById("foot").append(el("p", {}, `calor ${data.calor}, directory ${data.directory}. This page holds all that it shows and asks nobody for anything.`),
    data.notes.length ? el("ul", {}, data.notes.map((n) => el("li", {}, n))) : "");
}
