// SPDX-License-Identifier: BSD-3-Clause
"use strict";
// The page of one run.

const runStates = {finished: ["good", "Finished"], stopped: ["warn", "Stopped early"], failed: ["bad", "Failed"], running: ["warn", "Not ended"]};

function balanceVerdict(heat) {
  const r = heat.relative_residual;
  if (typeof r !== "number") return ["warn", "Heat balance:", " not known"];
  const size = ` what is left unexplained is ${num(r, 2)} of the sum of all terms`;
  // The limits of calor's own tests: rounding of explicit methods, and what a tolerance of 1e-10 leaves.
  return r <= 1e-12 ? ["good", "The heat balance closes", ` to rounding:${size}.`]
    : r <= 1e-6 ? ["good", "The heat balance closes", ` within the solver's tolerance:${size}.`]
    : ["bad", "The heat balance does not close:", `${size}.`];
}
function runVerdicts(data) {
  const s = data.summary, rows = [], state = (s || data.status || {}).status || (data.status || {}).state || "unknown";
  const [kind, word] = runStates[state] || ["warn", "State: " + state];
  const reason = (s || {}).reason || (data.status || {}).reason;
  let text = reason ? `: ${reason}.` : ".";
  if (state === "running") text = `: the run goes on, or was killed (no summary.json); last sign of life ${data.status.heartbeat || "not known"}, step ${data.status.step ?? "\u2013"}.`;
  if (state === "unknown") text = ": neither status.json nor summary.json is here.";
  if (s && state === "finished" && !reason) text = s.method === "steady" ? ": the steady state is found." : `: ${counted(s.steps, "step")} to t = ${num(s.time, 9)} s.`;
  rows.push([kind, word, text]);
  if (s && s.heat) rows.push(balanceVerdict(s.heat));
  const warnings = (s || {}).warnings || [];
  if (s && !warnings.length) rows.push(["good", "No warnings."]);
  for (const w of warnings) rows.push(["warn", "Warning:", " " + w]);
  if (data.uneven) rows.push(["good", "Unequal cells:", " a point of a picture shows the cell that it lies in."]);
  for (const d of data.damaged || []) rows.push(["bad", "Damaged:", " " + d]);
  return rows;
}

/** A table of the run as curves over time. */
function curves(data, file, pick) {
  const t = data.tables[file], time = t && t.columns.find((c) => c.name === "time");
  if (!t || !time || t.kept < 2) return null;
  const unit = timeUnit(Math.max(...time.values.map((v) => v || 0))), x = {values: time.values.map((v) => v * unit.factor), name: "time", unit: unit.unit};
  return pick(t.columns.filter((c) => c.name !== "time" && c.name !== "step"), x);
}
const varies = (c) => new Set(c.values.filter((v) => v !== null)).size > 1;
const asSeries = (columns, name) => columns.map((c) => ({name: name ? name(c) : c.name, values: c.values}));

function historyCharts(data) {
  return curves(data, "history", (columns, x) => {
    const by = (names) => columns.filter((c) => names.includes(c.name));
    const rest = columns.filter((c) => !["dt", "min", "max", "mean", "heat_content", "residual"].includes(c.name) && varies(c));
    const make = (title, list, more) => (list.length ? chart({title, unit: list[0].unit, x, series: asSeries(list), ...more}) : null);
    const dt = by(["dt"]).map((c) => ({...c, values: c.values.map((v) => (v > 0 ? v : null))})), steps = dt.length ? dt[0].values.filter((v) => v) : [];
    return [make("Temperature", by(["min", "mean", "max"])), make("Heat content", by(["heat_content"])), make("Heat that came in since the start", rest),
      make("Length of the steps", dt.filter(varies), {log: steps.length > 0 && Math.max(...steps) > 30 * Math.min(...steps)}),
      make("What the heat balance does not account for", by(["residual"]).filter(varies))].filter(Boolean);
  }) || [];
}
/** One chart of a table whose columns are NAME.QUANTITY, with a choice among the quantities. */
function partsChart(data, file, title, first) {
  return curves(data, file, (columns, x) => {
    const cut = (c) => [c.name.slice(0, c.name.lastIndexOf(".")), c.name.slice(c.name.lastIndexOf(".") + 1)];
    const quantities = [...new Set(columns.map((c) => cut(c)[1]))];
    const place = el("div");
    const draw = (q) => {
      const list = columns.filter((c) => cut(c)[1] === q);
      place.replaceChildren(chart({title: `${title}: ${list[0].help || q}`, unit: list[0].unit, x, series: asSeries(list, (c) => cut(c)[0])}));
    };
    const select = el("select", {onchange: () => draw(select.value)}, quantities.map((q) => el("option", {value: q, selected: q === first}, `${q}: ${columns.find((c) => cut(c)[1] === q).help}`)));
    draw(quantities.includes(first) ? first : quantities[0]);
    return el("div", {}, el("div", {class: "controls"}, el("label", {class: "small"}, "show ", select)), place);
  });
}

function balance(data) {
  const s = data.summary, h = s && s.heat;
  if (!h) return;
  const steady = s.method === "steady", rows = [];
  for (const side of ["left", "right", "bottom", "top"]) if (h.sides && side in h.sides) rows.push(["through the " + {left: "left", right: "right", bottom: "lower", top: "upper"}[side] + " side", h.sides[side]]);
  for (const [name, value] of Object.entries(h.walls || {})) if (!(name in (h.named_pieces || {}))) rows.push([`through wall ${name}`, value]);
  if (h.plate) rows.push(["through the faces of the plate", h.plate]);
  rows.push(["from sources", h.source]);
  const known = rows.filter((r) => typeof r[1] === "number"), sum = h.final - h.initial, most = Math.max(...known.map((r) => Math.abs(r[1])), steady ? 0 : Math.abs(sum));
  const line = (name, value, kind) => el("tr", {class: kind}, el("th", {scope: "row"}, name), el("td", {class: "n"}, num(value, 7)), el("td", {}, bar(value, most, Boolean(kind))));
  const body = known.map(([name, value]) => line(name, value));
  if (!steady) body.push(line("content at the end \u2212 at the start", sum, "sum"));
  body.push(line("unexplained (residual)", h.residual, steady ? "sum" : ""));
  const pieces = Object.entries(h.pieces || {}).flatMap(([side, list]) => (Array.isArray(list) ? list.map((v, n) => [`${side}, piece ${n + 1}`, {n: num(v, 7)}]) : [])).concat(Object.entries(h.named_pieces || {}).map(([name, side]) => [`${side}, ${name}`, {n: num(h.walls[name], 7)}]));
  section("balance", "Heat balance",
    el("p", {}, steady ? `What enters each second, in ${h.unit}; positive into the body.` : `What came in since the start, in ${h.unit}; positive into the body. Content ${num(h.initial, 9)} at the start, ${num(h.final, 9)} at the end.`),
    table("heat that came in, by where", ["", [`heat [${h.unit}]`, "n"], ""], body, {class: "bars"}),
    pieces.length ? el("details", {}, el("summary", {}, "by pieces of the sides"), table("heat through each piece, in the case's order; then those with a name", ["piece", [`heat [${h.unit}]`, "n"]], pieces)) : null,
    (s.loads || []).length ? el("details", {}, el("summary", {}, "loads in time: what they are over the run, and what the steps used"), table("loads", ["load", ["integral", "n"], ["used", "n"], "unit"], s.loads.map((l) => [l.name, {n: num(l.integral, 9)}, {n: num(l.used, 9)}, printed(l.unit || "")]))) : null);
}

function results(data) {
  const s = data.summary, u = data.units;
  if (!s) return;
  const parts = [];
  const list = (title, heads, rows) => rows.length && parts.push(table(title, heads, rows));
  list("probes at the end", ["probe", [`temperature [${u.temperature}]`, "n"]], Object.entries(s.probes || {}).map(([n, v]) => [n, {n: num(v, 8)}]));
  list("integrals at the end", ["integral", ["value", "n"]], Object.entries(s.integrals || {}).map(([n, v]) => [n, {n: num(v, 10)}]));
  list("sections", ["section", [`now [${u.power}]`, "n"], [`in all [${u.heat}]`, "n"]], Object.entries(s.sections || {}).map(([n, v]) => [n, {n: num(v.now, 8)}, {n: num(v.total, 8)}]));
  list("thermal bridge", ["", ["value", "n"]], Object.entries(s.thermal_bridge || {}).map(([n, v]) => [n, {n: withUnit(v, n === "fRsi" ? "" : "W/(m K)")}]));
  const regions = Object.entries(s.regions || {});
  list("regions at the end", ["region", [`mean [${u.temperature}]`, "n"], ["min", "n"], ["max", "n"], [`content [${u.heat}]`, "n"], [`heats now [${u.power}]`, "n"], [`leaves now [${u.power}]`, "n"], ["cells", "n"], ["area [m\u00b2]", "n"], ["as drawn [m\u00b2]", "n"]],
    regions.map(([n, r]) => [n, ...["mean", "min", "max", "content", "power_now", "out_now", "cells", "area", "area_drawn"].map((k) => ({n: num(r[k])}))]));
  if (parts.length) section("results", "Results", el("div", {class: parts.length > 1 ? "grid2" : ""}, parts.slice(0, regions.length ? -1 : undefined)), regions.length ? el("div", {}, el("br"), parts[parts.length - 1]) : null);
}

function layoutAndTimings(data) {
  const s = data.summary || {}, status = data.status || {}, e = s.estimate || {}, t = s.seconds;
  const said = data.log ? data.log.head.split("\n").filter((l) => /\bblocks of\b|\ba pass\b|\btiles of\b|halo|^method /.test(l)).slice(0, 5) : [];
  const rows = [["ranks \u00d7 threads", s.ranks ? `${s.ranks} \u00d7 ${s.threads}` : status.ranks], ["host of rank 0", status.host], ["cells", s.cells && s.cells.toLocaleString("en")],
    ["memory a rank", e.bytes_per_rank && bytes(e.bytes_per_rank)], ["a snapshot", e.snapshot_bytes && bytes(e.snapshot_bytes)], ["calor", s.calor ? `${s.calor.version} (${s.calor.commit})` : status.calor]];
  section("layout", "Layout", facts(rows), said.length ? el("pre", {tabindex: "0", "aria-label": "lines of the log on the layout"}, said.join("\n")) : null);
  if (!t || !(t.total > 0)) return;
  const inside = Math.min(t.halo || 0, t.stepping || 0);
  const shares = [["set-up", t.setup], ["steps without exchange", Math.max(0, (t.stepping || 0) - inside)], ["exchange of halos", inside], ["files", t.io]].filter((r) => r[1] !== undefined);
  const rest = t.total - shares.reduce((a, r) => a + r[1], 0);
  if (rest > 0) shares.push(["all else", rest]);
  const whole = shares.reduce((a, r) => a + r[1], 0);
  const strip = el("div", {class: "part", "aria-hidden": "true"}, shares.map((r, n) => {
    const part = el("span", {title: r[0]});
    Object.assign(part.style, {width: (100 * r[1]) / whole + "%", background: `var(${colourName(n)})`});
    return part;
  }));
  const body = shares.map(([name, v], n) => {
    const swatch = el("span", {class: "swatch point", "aria-hidden": "true"});
    Object.assign(swatch.style, {display: "inline-block", background: `var(${colourName(n)})`, marginRight: "8px"});
    return el("tr", {}, el("th", {scope: "row"}, swatch, name), el("td", {class: "n"}, num(v, 4)), el("td", {class: "n"}, num((100 * v) / whole, 3) + " %"));
  });
  const solver = s.solver || {};
  section("timings", "Timings", facts([["wall time", duration(t.total)], ["cell updates a second", s.method === "steady" || !s.cell_updates_per_second ? "" : num(s.cell_updates_per_second, 3)],
    ["iterations", solver.iterations || ""], ["corrections", solver.corrections || ""], ["steps undone", solver.steps_rejected || ""]]), strip, table("where the time went", ["", ["seconds", "n"], ["share", "n"]], body));
}

function showRun(data) {
  const s = data.summary || {}, T = s.temperature || {}, u = data.units, last = data.series[data.series.length - 1];
  head(data, `A run of calor${s.calor ? " " + s.calor.version : ""}`, runVerdicts(data));
  document.querySelector(".verdict").after(facts([
    ["cells", data.grid ? data.grid.cells.join(" \u00d7 ") : ""], ["method", s.method], ["steps", s.steps && s.method !== "steady" ? s.steps.toLocaleString("en") : ""], ["time", s.method === "steady" ? "steady state" : withUnit(s.time, "s", 9)],
    ["lowest temperature", withUnit(T.min, u.temperature, 7)], ["mean", withUnit(T.mean, u.temperature, 7)], ["highest", withUnit(T.max, u.temperature, 7)], ["wall time", s.seconds ? duration(s.seconds.total) : ""]]));
  if (last) {
    const place = section("picture", data.series.length > 1 ? "Pictures" : "Picture");
    new FieldView(data, place);
  }
  results(data);
  balance(data);
  const history = historyCharts(data);
  if (history.length) section("history", "History", el("div", {class: "grid2"}, history));
  const probes = curves(data, "probes", (columns, x) => (columns.length ? chart({title: "Temperature at the probes", unit: u.temperature, x, series: asSeries(columns), height: 280}) : null));
  if (probes) section("probes", "Probes", probes);
  const regions = partsChart(data, "regions", "Regions", "mean"), cuts = partsChart(data, "sections", "Sections", "now");
  if (regions) section("regions", "Regions in time", regions);
  if (cuts) section("sections", "Sections in time", cuts);
  if (data.differences && data.differences.length) {
    section("differences", "What differs from the defaults", table("keys of the case that have another value than in a case that says nothing, or that have no default", ["key", "value", "unit", "default"],
      data.differences.map((d) => [d.key, d.value.length > 300 ? d.value.slice(0, 300) + " \u2026" : d.value, printed(d.unit), d.default === undefined ? "\u2013" : d.default])));
  }
  layoutAndTimings(data);
  texts(data);
  foot(data);
}
