// SPDX-License-Identifier: BSD-3-Clause
"use strict";
// The page of a sweep.

const rowsAPage = 100, bookkeeping = ["case", "status", "tries", "ranks", "seconds", "setup_seconds", "reason", "warnings"];
const wordy = new Set(["reason", "warnings"]);

function sweepVerdicts(data, columns) {
  const n = data.counts || {}, total = Object.values(n).reduce((a, b) => a + b, 0), rows = [], status = data.status || {};
  const left = (n.waiting || 0) + (n.running || 0);
  if (!total) return [["warn", "No table yet", `: ${status.done ?? 0} of ${status.cases ?? "?"} cases are done.`]];
  rows.push(left ? ["warn", status.state === "running" ? "Not ended" : "Stopped early", `: ${counted(left, "case")} of ${total.toLocaleString("en")} are not computed; the same command with --resume goes on.`] : ["good", "Finished", `: ${total === 1 ? "the case has" : `all ${counted(total, "case")} have`} come to an end.`]);
  rows.push(n.failed ? ["bad", counted(n.failed, "case") + " failed", `, ${(n.done || 0).toLocaleString("en")} are done.`] : ["good", "None failed", `: ${(n.done || 0).toLocaleString("en")} are done.`]);
  const tries = columns.get("tries"), again = tries ? tries.values.filter((v) => v > 1).length : 0;
  if (again) rows.push(["warn", counted(again, "case"), " took more than one try."]);
  return rows;
}

function failures(data, columns) {
  const status = columns.get("status"), reason = columns.get("reason"), number = columns.get("case");
  if (!status || !reason || !(data.counts || {}).failed) return;
  const groups = new Map();
  status.values.forEach((s, row) => {
    if (s !== "failed") return;
    const why = reason.values[row] === null ? "no reason given" : String(reason.values[row]);
    if (!groups.has(why)) groups.set(why, []);
    groups.get(why).push(number ? number.values[row] : row);
  });
  const rows = [...groups].sort((a, b) => b[1].length - a[1].length).slice(0, 200).map(([why, cases]) => [why, {n: cases.length.toLocaleString("en")}, cases.slice(0, 12).join(", ") + (cases.length > 12 ? ", \u2026" : "")]);
  section("failures", "Failures", table("cases that failed, by their reason", ["reason", ["cases", "n"], "which"], rows));
}

/** The rows' curves over one varied key: joined where few values of the other keys tell them apart. */
function keyChart(key, y, keys, rows, zipped) {
  const words = key.values.some((v) => typeof v === "string") ? [...new Set(rows.map((r) => String(key.values[r])))] : null;
  const at = (r) => (words ? words.indexOf(String(key.values[r])) : key.values[r]);
  const good = rows.filter((r) => typeof y.values[r] === "number" && at(r) !== null).sort((a, b) => at(a) - at(b));
  if (good.length < 2) return null;
  const others = keys.filter((k) => k !== key), groups = new Map();
  for (const r of good) {
    const name = others.map((k) => `${k.name.split(".").pop()} = ${num(k.values[r], 5)}`).join(", ");
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(r);
  }
  const positive = !words && good.every((r) => at(r) > 0) && at(good[good.length - 1]) >= 99 * at(good[0]);
  const x = {name: key.name, unit: key.unit, log: positive, words};
  const title = `${y.name} over ${key.name}`, single = [...groups.values()].every((g) => new Set(g.map(at)).size === g.length && g.length > 1);
  if (groups.size <= 8 && single && !words) {
    x.values = [...new Set(good.map(at))];
    const series = [...groups].map(([name, list]) => {
      const by = new Map(list.map((r) => [at(r), y.values[r]]));
      return {name: name || y.name, values: x.values.map((v) => (by.has(v) ? by.get(v) : null))};
    });
    return chart({title, unit: y.unit, x, series, height: 260});
  }
  x.values = good.map(at);
  // Keys that change together are one curve.
  if (zipped && !words && new Set(x.values).size === good.length) return chart({title, unit: y.unit, x, series: [{name: y.name, values: good.map((r) => y.values[r])}], height: 260});
  return chart({title, unit: y.unit, x, series: [{name: "a case each", values: good.map((r) => y.values[r]), points: true}], height: 260});
}
function sweepCurves(data, columns) {
  const all = [...columns.values()], rows = all[0].values.map((v, n) => n);
  const keys = all.filter((c) => c.varied && varies(c)), answers = all.filter((c) => !c.varied && !bookkeeping.slice(0, 4).includes(c.name) && c.values.some((v) => typeof v === "number"));
  if (!keys.length || !answers.length) return;
  const place = el("div", {class: "grid2"}), zipped = Boolean(data.case && data.case.sweep && data.case.sweep.mode === "zip");
  const choose = answers.find((c) => c.name === "T_max") || answers[0];
  const draw = (name) => place.replaceChildren(...keys.slice(0, 12).map((k) => keyChart(k, columns.get(name), keys, rows, zipped)).filter(Boolean));
  const select = el("select", {id: "answer", onchange: () => draw(select.value)}, answers.map((c) => el("option", {value: c.name, selected: c === choose}, c.name + (c.unit ? ` [${printed(c.unit)}]` : ""))));
  section("curves", "Over the varied keys", el("div", {class: "controls"}, el("label", {}, "show ", select)), place);
  draw(choose.name);
}

/** The fields that the sweep has kept: one large, to point at, and all of them small, to press. */
function sweepFields(data, columns) {
  const {series, grid} = data;
  if (!series || !series.length) return;
  const number = columns.get("case"), keys = [...columns.values()].filter((c) => c.varied && varies(c));
  const said = (s) => keys.map((k) => `${k.name.split(".").pop()} = ${withUnit(k.values[s.row], printed(k.unit || ""), 5)}`).join(", ");
  const label = (s) => `case ${number ? number.values[s.row] : s.row}` + (keys.length ? `: ${said(s)}` : "");
  // What the keys move is not where the case's text has it.
  const c = data.case && {...data.case}, stays = /\.(conductivity|density|specific_heat|temperature|power|heat|material|wall|liquid)(\.|$)/;
  for (const part of ["region", "probe", "section"]) if (c && keys.some((k) => k.name.startsWith(part) && !stays.test(k.name))) delete c[part];
  const large = el("div"), place = el("div", {class: "thumbs", role: "group", "aria-label": "all fields, small"});
  section("fields", "Fields", large, series.length > 1 ? place : null);
  let small = [];
  const view = new FieldView({...data, case: c}, large, {one: "case", first: 0, when: label, shown: (n) => small.forEach((b, k) => b.setAttribute("aria-pressed", k === n))});
  if (series.length < 2) return;
  const wide = 132, high = Math.round(Math.min(Math.max((wide * (view.y1 - view.y0)) / (view.x1 - view.x0), 24), 132));
  small = series.map((s, n) => el("button", {type: "button", "aria-pressed": n === view.now, title: label(s), onclick: () => view.show(n)}, el("canvas", {width: 2 * wide, height: 2 * high, "aria-hidden": "true"}), el("span", {}, label(s))));
  place.append(...small);
  // One after the other, so that the page stands at once.
  (async () => {
    for (const [n, s] of series.entries()) {
      const canvas = small[n].firstChild;
      await unpack(s.block, s.nx, s.ny).then((codes) => drawCells(coloured(s, codes, view.low, view.high, view.colours), canvas, s, grid), () => canvas.remove());
    }
  })();
}

/** What a filter's words let through: words anywhere in a row, or COLUMN < 5 and the like, joined by &. */
function filterOf(text, columns) {
  const tests = text.split("&").map((t) => t.trim()).filter(Boolean).map((term) => {
    const m = term.match(/^(.+?)\s*(<=|>=|!=|=|<|>)\s*(.+)$/);
    const named = m && (columns.get(m[1]) || [...columns.values()].find((c) => c.name.endsWith("." + m[1])));
    if (!named) {
      const word = term.toLowerCase(), all = [...columns.values()];
      return (r) => all.some((c) => c.values[r] !== null && String(c.values[r]).toLowerCase().includes(word));
    }
    const number = Number(m[3]), numeric = !Number.isNaN(number);
    return (r) => {
      const v = named.values[r];
      if (v === null || (numeric && typeof v !== "number")) return m[2] === "!=";
      const [a, b] = numeric ? [v, number] : [String(v), m[3]];
      return {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b, "=": a === b, "!=": a !== b}[m[2]];
    };
  });
  return (r) => tests.every((t) => t(r));
}

function sweepTable(data, columns) {
  const all = [...columns.values()], status = columns.get("status");
  let rows = all[0].values.map((v, n) => n), sorted = null, down = false, page = 0;
  const whole = rows;
  const body = el("tbody"), said = el("span", {class: "small", role: "status", "aria-live": "polite"});
  const heads = all.map((c) => {
    const th = el("th", {scope: "col", "aria-sort": "none"}, el("button", {type: "button", onclick: () => sort(c)}, c.name, c.unit ? el("span", {class: "dim"}, ` [${printed(c.unit)}]`) : null));
    return th;
  });
  const before = el("button", {type: "button", onclick: () => turn(-1)}, "\u2039 earlier"), after = el("button", {type: "button", onclick: () => turn(1)}, "later \u203a");
  const search = el("input", {type: "search", class: "grow", id: "filter", placeholder: "T_max > 300 & failed", "aria-label": "filter of the table", oninput: () => refilter()});
  const choice = status && el("select", {"aria-label": "status", onchange: () => refilter()}, el("option", {value: ""}, "every status"), Object.keys(data.counts).map((s) => el("option", {value: s}, `${s} (${data.counts[s].toLocaleString("en")})`)));
  function turn(by) {
    page += by;
    draw();
  }
  function sort(c) {
    down = sorted === c ? !down : false;
    sorted = c;
    arrange();
  }
  function arrange() {
    if (sorted) {
      const v = sorted.values, sign = down ? -1 : 1;
      // Empty cells last, either way; equal ones stay in the order of the plan.
      rows.sort((a, b) => (v[a] === null || v[b] === null ? (v[a] === null) - (v[b] === null) : sign * (typeof v[a] === "number" && typeof v[b] === "number" ? v[a] - v[b] : String(v[a]).localeCompare(String(v[b])))) || a - b);
    }
    page = 0;
    draw();
  }
  function refilter() {
    const through = filterOf(search.value, columns);
    rows = whole.filter((r) => (!choice || !choice.value || status.values[r] === choice.value) && through(r));
    arrange();
  }
  function draw() {
    const from = page * rowsAPage, shown = rows.slice(from, from + rowsAPage);
    body.replaceChildren(...shown.map((r) => el("tr", {class: status && status.values[r] === "failed" ? "failed" : null}, all.map((c, k) => {
      const v = c.values[r], number = typeof v === "number";
      return el(k ? "td" : "th", {scope: k ? null : "row", class: number ? "n" : wordy.has(c.name) && v ? "words" : null, title: wordy.has(c.name) ? v : null}, v === null ? "" : number ? num(v, 7) : String(v));
    }))));
    heads.forEach((h, k) => h.setAttribute("aria-sort", all[k] === sorted ? (down ? "descending" : "ascending") : "none"));
    before.disabled = page === 0;
    after.disabled = from + rowsAPage >= rows.length;
    said.textContent = rows.length ? `${(from + 1).toLocaleString("en")} to ${(from + shown.length).toLocaleString("en")} of ${counted(rows.length, "case")}` + (rows.length < whole.length ? ` (${whole.length.toLocaleString("en")} in all)` : "") : "no case passes the filter";
  }
  section("table", "All cases", el("div", {class: "controls"}, search, choice), el("p", {class: "hint"}, "Press a heading to sort. The filter takes words, or comparisons such as T_max > 300, joined by &."),
    el("div", {class: "sheet", tabindex: "0", role: "region", "aria-label": "table of the cases"}, el("table", {}, el("caption", {class: "sr"}, "a row a case"), el("thead", {}, el("tr", {}, heads)), body)), el("div", {class: "controls"}, before, after, said));
  draw();
}

function showSweep(data) {
  const columns = new Map(data.table.columns.map((c) => [c.name, c])), status = data.status || {};
  head(data, `A sweep of calor${status.calor ? " " + status.calor : ""}`, sweepVerdicts(data, columns));
  const keys = data.table.columns.filter((c) => c.varied), seconds = columns.get("seconds");
  document.querySelector(".verdict").after(facts([["cases", data.table.rows.toLocaleString("en")], ["varied keys", keys.map((k) => k.name).join(", ")], ["host", status.host], ["ranks", status.ranks],
    ["time of all cases", seconds ? duration(seconds.values.reduce((a, v) => a + (v || 0), 0)) + (data.table.kept < data.table.rows ? " (of those shown)" : "") : ""]]));
  failures(data, columns);
  if (data.table.kept) {
    sweepCurves(data, columns);
    sweepFields(data, columns);
    sweepTable(data, columns);
  }
  texts(data);
  foot(data);
}
