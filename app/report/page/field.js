// SPDX-License-Identifier: BSD-3-Clause
"use strict";
// Pictures of a field: colours, outlines, the value under the pointer, a profile between two points.

const noNumber = 65535, highestCode = 65534;

/** The codes of a picture, row by row from the bottom (app/report/packed_field.hpp). */
async function unpack(block, nx, ny) {
  if (typeof DecompressionStream === "undefined") throw new Error("this browser is too old to unpack pictures (it has no DecompressionStream)");
  const text = atob(document.getElementById("field-" + block).textContent);
  const packed = new Uint8Array(text.length);
  for (let n = 0; n < text.length; ++n) packed[n] = text.charCodeAt(n);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(stream).arrayBuffer());
  const cells = nx * ny, codes = new Uint16Array(cells);
  if (planes.length !== 2 * cells) throw new Error("a picture of this page is damaged");
  for (let j = 0, at = 0; j < ny; ++j) {
    let left = 0, belowLeft = 0;
    for (let i = 0; i < nx; ++i, ++at) {
      const below = j > 0 ? codes[at - nx] : 0;
      left = (planes[at] + 256 * planes[cells + at] + left + below - belowLeft) & 0xffff;
      codes[at] = left;
      belowLeft = below;
    }
  }
  return codes;
}

/** A picture as a canvas of a pixel a point, from what unpack() gave; `colours` reach from low to high. */
function coloured(s, codes, low, high, colours) {
  const image = new ImageData(s.nx, s.ny), pixels = new Uint32Array(image.data.buffer), table = new Uint32Array(65536), span = high - low;
  const little = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
  for (let c = 0; c <= highestCode; ++c) {
    const v = s.low * (1 - c / highestCode) + s.high * (c / highestCode);
    const k = 3 * (span > 0 ? Math.round(255 * Math.min(Math.max((v - low) / span, 0), 1)) : 127);
    const [r, g, b] = [colours[k], colours[k + 1], colours[k + 2]];
    table[c] = little ? (255 << 24) | (b << 16) | (g << 8) | r : (r << 24) | (g << 16) | (b << 8) | 255;
  }
  table[noNumber] = little ? 0xffa6a29e : 0x9ea2a6ff;
  for (let j = 0, at = 0; j < s.ny; ++j) for (let i = 0, to = (s.ny - 1 - j) * s.nx; i < s.nx; ++i) pixels[to++] = table[codes[at++]];
  const cells = el("canvas", {width: s.nx, height: s.ny});
  cells.getContext("2d").putImageData(image, 0, 0);
  return cells;
}
/** Draws it over the whole of `canvas`. The last points may stand for fewer cells than the others: they end at the wall all the same. */
function drawCells(cells, canvas, s, {nx, ny}) {
  const context = canvas.getContext("2d"), {width, height} = canvas, over = s.ny * s.factor - ny;
  context.imageSmoothingEnabled = s.nx * s.factor >= 200 && s.ny * s.factor >= 200;
  context.imageSmoothingQuality = "high";
  context.clearRect(0, 0, width, height);
  context.drawImage(cells, 0, (-over / ny) * height, (width * s.nx * s.factor) / nx, (height * s.ny * s.factor) / ny);
}

class FieldView {
  /**
   * @param data    of the page: series, grid, colours; of the case what is drawn over them
   * @param parent  where it goes
   * @param what    a picture is of: {one, first, when(s), shown(n)}: a word, the number of the first to be shown (else the last), a picture's own words, called with the number of the one that is shown
   */
  constructor(data, parent, what = {}) {
    Object.assign(this, {data, series: data.series, now: what.first ?? data.series.length - 1, kept: new Map(), ends: [], at: null, common: true, outlines: true, playing: 0, stretched: 1});
    const {grid, series} = data;
    [this.x0, this.x1] = grid.x;
    [this.y0, this.y1] = grid.y;
    this.length = lengthUnit(Math.max(...grid.x.map(Math.abs), ...grid.y.map(Math.abs)));
    this.colours = new Uint8Array(data.colours.match(/../g).map((h) => parseInt(h, 16)));
    this.low = Math.min(...series.map((s) => s.low));
    this.high = Math.max(...series.map((s) => s.high));
    const time = timeUnit(Math.max(...series.map((s) => s.time)));
    this.what = {one: "snapshot", when: (s) => (s.steady ? "steady state" : `t = ${num(s.time * time.factor)} ${time.unit}, step ${s.step}`), shown() {}, ...what};
    this.when = this.what.when;

    this.canvas = el("canvas", {"aria-hidden": "true"});
    this.over = svg("svg", {tabindex: "0", role: "img", "aria-describedby": "field-help"});
    this.tip = el("div", {class: "tip", hidden: true, "aria-hidden": "true"});
    this.box = el("div", {class: "field"}, this.canvas, this.over, this.tip);
    this.readout = el("p", {class: "readout", role: "status", "aria-live": "polite"});
    this.bar = el("canvas", {width: 256, height: 1, "aria-hidden": "true"});
    this.ends_of_scale = el("div");
    this.about = el("p", {class: "small dim"});
    this.below = el("div");
    parent.append(this.controls(), this.box, el("div", {class: "scale"}, this.bar, this.ends_of_scale), this.readout, this.about,
      el("p", {class: "hint", id: "field-help"}, "Point at the picture for a value; press two points for the values along the line between them. With the keyboard: arrows move (Shift: ten cells), Enter sets a point, Escape takes the points away."),
      this.below);
    this.listen();
    whenWide(this.box, (width) => this.lay(width));
    this.show(this.now);
  }

  controls() {
    const row = el("div", {class: "controls"}), last = this.series.length - 1;
    if (last > 0) {
      this.slider = el("input", {type: "range", min: 0, max: last, step: 1, value: this.now, class: "grow", "aria-label": this.what.one, oninput: () => this.show(+this.slider.value)});
      const step = (by) => () => this.show(Math.min(Math.max(this.now + by, 0), last));
      this.play = el("button", {type: "button", onclick: () => this.run()}, "Play");
      row.append(el("button", {type: "button", "aria-label": this.what.one + " before", onclick: step(-1)}, "\u2039"), this.slider, el("button", {type: "button", "aria-label": "next " + this.what.one, onclick: step(1)}, "\u203a"), this.play);
    }
    this.time = el("output", {class: "small"});
    row.append(this.time);
    const check = (text, on, change) => {
      const box = el("input", {type: "checkbox", checked: on, onchange: () => change(box.checked)});
      return el("label", {class: "check small"}, box, text);
    };
    if (last > 0) row.append(check("one colour scale for all", true, (on) => {
      this.common = on;
      this.paint();
    }));
    if (this.shapes().length || this.marks().length) row.append(check("outlines and probes", true, (on) => {
      this.outlines = on;
      this.lay(this.width);
    }));
    return row;
  }

  shapes() {
    const c = this.data.case;
    return c && Array.isArray(c.region) ? c.region.filter((r) => r && ["rectangle", "circle", "polygon"].includes(r.shape)) : [];
  }
  marks() {
    const c = this.data.case;
    return c && Array.isArray(c.probe) ? c.probe.filter((p) => p && Array.isArray(p.at)) : [];
  }
  cuts() {
    const c = this.data.case;
    return c && Array.isArray(c.section) ? c.section.filter((s) => s && Array.isArray(s.from) && Array.isArray(s.to)) : [];
  }

  run() {
    clearInterval(this.playing);
    const start = this.play.textContent === "Play";
    this.play.textContent = start ? "Stop" : "Play";
    if (!start) return;
    if (this.now === this.series.length - 1) this.show(0);
    this.playing = setInterval(() => {
      if (this.busy) return;
      if (this.now >= this.series.length - 1) this.run();
      else this.show(this.now + 1);
    }, 160);
  }

  async show(n) {
    this.now = n;
    const s = this.series[n];
    if (this.slider) {
      this.slider.value = n;
      this.slider.setAttribute("aria-valuetext", `${this.when(s)}; ${n + 1} of ${this.series.length}`);
    }
    this.time.textContent = this.when(s) + (this.series.length > 1 ? ` (${n + 1} of ${this.series.length})` : "");
    this.busy = true;
    try {
      if (!this.kept.has(n)) this.kept.set(n, await unpack(s.block, s.nx, s.ny));
      if (this.now === n) this.paint();
    } catch (e) {
      this.about.textContent = e.message;
    }
    this.busy = false;
    this.what.shown(n);
  }

  /** Puts everything in its place for a width of the page. */
  lay(width) {
    if (!width) return;
    this.width = width;
    const left = width < 500 ? 46 : 58, bottom = 40, top = 8, right = 18;
    const long = this.x1 - this.x0, high = this.y1 - this.y0, room = width - left - right;
    let w = room, h = (room * high) / long;
    const most = Math.max(240, Math.min(620, innerHeight * 0.72)), least = 70;
    this.stretched = 1;
    if (h > most) {
      w *= most / h;
      h = most;
    }
    if (h < least) {
      this.stretched = least / h;
      h = least;
    } else if (w < least) {
      this.stretched = w / least;
      w = least;
    }
    this.rect = {x: left, y: top, w: Math.round(w), h: Math.round(h)};
    const total = {w: width, h: Math.round(top + h + bottom)};
    this.box.style.height = total.h + "px";
    for (const key of ["width", "height"]) this.over.setAttribute(key, total[key[0]]);
    Object.assign(this.canvas.style, {left: left + "px", top: top + "px", width: this.rect.w + "px", height: this.rect.h + "px"});
    const dots = Math.min(devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(this.rect.w * dots);
    this.canvas.height = Math.round(this.rect.h * dots);
    this.drawOver();
    this.paint();
  }
  px(x) {
    return this.rect.x + ((x - this.x0) / (this.x1 - this.x0)) * this.rect.w;
  }
  py(y) {
    return this.rect.y + (1 - (y - this.y0) / (this.y1 - this.y0)) * this.rect.h;
  }

  drawOver() {
    const {rect, length} = this, parts = [];
    const inner = svg("g", {"clip-path": "url(#field-clip)"});
    if (this.outlines) {
      const shape = (r, name) => {
        if (r.shape === "rectangle") return svg("rect", {class: name, x: this.px(r.x[0]), y: this.py(r.y[1]), width: Math.max(0, this.px(r.x[1]) - this.px(r.x[0])), height: Math.max(0, this.py(r.y[0]) - this.py(r.y[1]))});
        if (r.shape === "circle") return svg("ellipse", {class: name, cx: this.px(r.center[0]), cy: this.py(r.center[1]), rx: (r.radius / (this.x1 - this.x0)) * rect.w, ry: (r.radius / (this.y1 - this.y0)) * rect.h});
        return svg("polygon", {class: name, points: r.points.map(([x, y]) => this.px(x) + "," + this.py(y)).join(" ")});
      };
      for (const r of this.shapes()) {
        try {
          inner.append(shape(r, "outline-under"), shape(r, "outline"));
        } catch (e) {
          continue; // a region without the numbers of its shape
        }
      }
      for (const s of this.cuts()) inner.append(svg("line", {class: "section", x1: this.px(s.from[0]), y1: this.py(s.from[1]), x2: this.px(s.to[0]), y2: this.py(s.to[1])}));
      for (const p of this.marks()) {
        const x = this.px(p.at[0]), y = this.py(p.at[1]), after = x < rect.x + 0.75 * rect.w;
        inner.append(svg("circle", {class: "probe", cx: x, cy: y, r: 3.5}), svg("text", {class: "probe-name", x: x + (after ? 7 : -7), y: y + 4, "text-anchor": after ? "start" : "end"}, p.name));
      }
    }
    this.marksLayer = svg("g", {"clip-path": "url(#field-clip)"});
    parts.push(svg("clipPath", {id: "field-clip"}, svg("rect", {x: rect.x, y: rect.y, width: rect.w, height: rect.h})), inner, this.marksLayer,
      svg("rect", {class: "frame", x: rect.x + 0.5, y: rect.y + 0.5, width: rect.w - 1, height: rect.h - 1}));
    for (const x of niceTicks(this.x0 * length.factor, this.x1 * length.factor, rect.w / 90)) {
      const at = this.px(x / length.factor);
      parts.push(svg("line", {class: "tick", x1: at, x2: at, y1: rect.y + rect.h, y2: rect.y + rect.h + 5}), svg("text", {x: at, y: rect.y + rect.h + 18, "text-anchor": "middle"}, num(x)));
    }
    for (const y of niceTicks(this.y0 * length.factor, this.y1 * length.factor, rect.h / 55)) {
      const at = this.py(y / length.factor);
      parts.push(svg("line", {class: "tick", x1: rect.x - 5, x2: rect.x, y1: at, y2: at}), svg("text", {x: rect.x - 8, y: at + 4, "text-anchor": "end"}, num(y)));
    }
    parts.push(svg("text", {x: rect.x + rect.w / 2, y: rect.y + rect.h + 35, "text-anchor": "middle"}, `x [${length.unit}]`), svg("text", {x: 0, y: 0, "text-anchor": "middle", transform: `translate(12 ${rect.y + rect.h / 2}) rotate(-90)`}, `y [${length.unit}]`));
    this.over.replaceChildren(...parts);
    this.drawMarks();
  }

  drawMarks() {
    if (!this.marksLayer) return;
    const parts = [], {rect} = this, [a, b] = this.ends;
    if (this.at && this.keyed) {
      for (const name of ["cross-under", "cross"]) {
        parts.push(svg("line", {class: name, x1: this.px(this.at[0]), x2: this.px(this.at[0]), y1: rect.y, y2: rect.y + rect.h}), svg("line", {class: name, y1: this.py(this.at[1]), y2: this.py(this.at[1]), x1: rect.x, x2: rect.x + rect.w}));
      }
    }
    if (b) for (const name of ["profile-under", "profile"]) parts.push(svg("line", {class: name, x1: this.px(a[0]), y1: this.py(a[1]), x2: this.px(b[0]), y2: this.py(b[1])}));
    for (const [n, e] of this.ends.entries()) parts.push(svg("circle", {class: "end", cx: this.px(e[0]), cy: this.py(e[1]), r: 5}), svg("text", {class: "probe-name", x: this.px(e[0]) + 8, y: this.py(e[1]) - 7}, n ? "B" : "A"));
    this.marksLayer.replaceChildren(...parts);
  }

  /** Colours the picture, and says what it shows. */
  paint() {
    const s = this.series[this.now], codes = this.kept.get(this.now);
    const low = this.common ? this.low : s.low, high = this.common ? this.high : s.high, span = high - low;
    const word = s.field.charAt(0).toUpperCase() + s.field.slice(1);
    this.over.setAttribute("aria-label", `${word}, ${this.when(s)}: from ${withUnit(s.least ?? s.low, s.unit)} to ${withUnit(s.greatest ?? s.high, s.unit)}`);
    this.about.textContent = `${word} from ${withUnit(s.least ?? s.low, s.unit, 7)} to ${withUnit(s.greatest ?? s.high, s.unit, 7)}` + (s.factor > 1 ? `; each point is the mean of ${s.factor} \u00d7 ${s.factor} cells` : "") + (this.stretched !== 1 ? `; not to scale: y is drawn ${num(this.stretched, 2)} times as long as x` : "");
    const shades = this.bar.getContext("2d"), strip = shades.createImageData(256, 1);
    for (let k = 0; k < 256; ++k) strip.data.set([...this.colours.subarray(3 * k, 3 * k + 3), 255], 4 * k);
    shades.putImageData(strip, 0, 0);
    this.ends_of_scale.replaceChildren(...[0, 0.25, 0.5, 0.75, 1].map((f) => el("span", {}, num(low + span * f, this.digits(span, low, high)) + (f === 1 && s.unit ? " " + s.unit : ""))));
    if (!codes || !this.rect) return;
    drawCells(coloured(s, codes, low, high, this.colours), this.canvas, s, this.data.grid);
    this.tell();
    this.drawProfile();
  }
  digits(span, low, high) {
    const size = Math.max(Math.abs(low), Math.abs(high));
    return span > 0 ? Math.min(9, Math.max(4, 3 + Math.ceil(Math.log10(size / span)))) : 6;
  }

  /** Number of the point of the picture that holds a place. */
  point(x, y) {
    const s = this.series[this.now], {nx, ny} = this.data.grid;
    const n = (f, cells, factor) => Math.floor(Math.min(Math.max(Math.floor(f * cells), 0), cells - 1) / factor);
    return [n((x - this.x0) / (this.x1 - this.x0), nx, s.factor), n((y - this.y0) / (this.y1 - this.y0), ny, s.factor)];
  }
  value(i, j) {
    const s = this.series[this.now], code = this.kept.get(this.now)[j * s.nx + i];
    return code === noNumber ? null : s.low * (1 - code / highestCode) + s.high * (code / highestCode);
  }
  tell() {
    if (!this.at || !this.kept.has(this.now)) return;
    const s = this.series[this.now], [x, y] = this.at, v = this.value(...this.point(x, y));
    const figures = Math.min(10, Math.max(4, Math.ceil(Math.log10(Math.max(Math.abs(s.low), Math.abs(s.high)) / Math.max(s.high - s.low, 1e-300) * 65534)) + 0));
    const value = v === null ? "no value here" : withUnit(v, s.unit, s.high > s.low ? figures : 10);
    const {factor, unit} = this.length;
    const region = this.regionAt(x, y);
    this.readout.textContent = `x = ${num(x * factor, 5)} ${unit}, y = ${num(y * factor, 5)} ${unit}: ${value}` + (region ? `, in ${region}` : "");
    this.tip.textContent = value;
    const right = this.px(x) > this.rect.x + this.rect.w / 2;
    Object.assign(this.tip.style, {left: right ? "" : this.px(x) + 14 + "px", right: right ? this.width - this.px(x) + 14 + "px" : "", top: Math.max(0, this.py(y) - 30) + "px"});
  }
  /** The name of the region on top at a place, as it is drawn. */
  regionAt(x, y) {
    const inside = (r) => {
      if (r.shape === "rectangle") return r.x[0] <= x && x <= r.x[1] && r.y[0] <= y && y <= r.y[1];
      if (r.shape === "circle") return Math.hypot(x - r.center[0], y - r.center[1]) <= r.radius;
      let odd = false;
      r.points.forEach(([bx, by], k) => {
        const [ax, ay] = r.points[(k + r.points.length - 1) % r.points.length];
        if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) odd = !odd;
      });
      return odd;
    };
    for (const r of this.shapes().reverse()) {
      try {
        if (inside(r)) return r.name;
      } catch (e) {
        continue; // a region without the numbers of its shape
      }
    }
    return null;
  }
  place(event) {
    const r = this.over.getBoundingClientRect(), {rect} = this;
    const fx = (event.clientX - r.left - rect.x) / rect.w, fy = 1 - (event.clientY - r.top - rect.y) / rect.h;
    return fx < 0 || fx > 1 || fy < 0 || fy > 1 ? null : [this.x0 + fx * (this.x1 - this.x0), this.y0 + fy * (this.y1 - this.y0)];
  }
  press(at) {
    this.ends = this.ends.length === 1 ? [this.ends[0], at] : [at];
    this.drawMarks();
    this.drawProfile();
  }
  listen() {
    const {over} = this;
    over.addEventListener("pointermove", (e) => {
      const at = this.place(e);
      this.tip.hidden = !at;
      if (!at) return;
      this.at = at;
      this.keyed = false;
      this.drawMarks();
      this.tell();
    });
    over.addEventListener("pointerleave", () => (this.tip.hidden = true));
    over.addEventListener("click", (e) => {
      const at = this.place(e);
      if (!at) return;
      this.at = at;
      this.tell();
      this.press(at);
    });
    over.addEventListener("keydown", (e) => {
      const {nx, ny} = this.data.grid, f = (e.shiftKey ? 10 : 1) * this.series[this.now].factor;
      const move = {ArrowLeft: [-f, 0], ArrowRight: [f, 0], ArrowUp: [0, f], ArrowDown: [0, -f]}[e.key];
      if (move) {
        const dx = (this.x1 - this.x0) / nx, dy = (this.y1 - this.y0) / ny, within = (v, low, high) => Math.min(Math.max(v, low), high);
        const from = this.at || [(this.x0 + this.x1) / 2, (this.y0 + this.y1) / 2];
        this.at = [within(from[0] + move[0] * dx, this.x0 + dx / 2, this.x1 - dx / 2), within(from[1] + move[1] * dy, this.y0 + dy / 2, this.y1 - dy / 2)];
        this.keyed = true;
        this.drawMarks();
        this.tell();
      } else if (e.key === "Enter" || e.key === " ") {
        if (this.at) this.press(this.at);
      } else if (e.key === "Escape") {
        this.ends = [];
        this.drawMarks();
        this.drawProfile();
      } else {
        return;
      }
      e.preventDefault();
    });
  }

  /** The field between the centres of the picture's points: bilinear, towards walls and holes as it is at the last one. */
  between(x, y) {
    const s = this.series[this.now], {nx, ny} = this.data.grid;
    const at = (f, cells, points) => Math.min(Math.max((f * cells) / s.factor - 0.5, 0), points - 1);
    const fx = at((x - this.x0) / (this.x1 - this.x0), nx, s.nx), fy = at((y - this.y0) / (this.y1 - this.y0), ny, s.ny);
    const i = Math.min(Math.floor(fx), Math.max(s.nx - 2, 0)), j = Math.min(Math.floor(fy), Math.max(s.ny - 2, 0));
    const i1 = Math.min(i + 1, s.nx - 1), j1 = Math.min(j + 1, s.ny - 1), a = fx - i, b = fy - j;
    const corners = [this.value(i, j), this.value(i1, j), this.value(i, j1), this.value(i1, j1)];
    if (corners.includes(null)) return this.value(...this.point(x, y));
    return (1 - b) * ((1 - a) * corners[0] + a * corners[1]) + b * ((1 - a) * corners[2] + a * corners[3]);
  }
  drawProfile() {
    const [a, b] = this.ends;
    if (!b || !this.kept.has(this.now)) {
      this.below.replaceChildren();
      return;
    }
    const s = this.series[this.now], n = 400, {factor, unit} = this.length, along = Math.hypot(b[0] - a[0], b[1] - a[1]);
    const x = [], values = [];
    for (let k = 0; k <= n; ++k) {
      x.push((k / n) * along * factor);
      values.push(this.between(a[0] + (k / n) * (b[0] - a[0]), a[1] + (k / n) * (b[1] - a[1])));
    }
    if (!(along > 0)) return;
    const place = (p) => `(${num(p[0] * factor, 4)}, ${num(p[1] * factor, 4)}) ${unit}`;
    const title = `From A ${place(a)} to B ${place(b)}, ${this.when(s)}`;
    if (this.below.firstChild) {
      this.below.firstChild.update(title, x, [values]);
      return;
    }
    this.below.append(chart({title, unit: s.unit, x: {values: x, name: "distance from A", unit}, series: [{name: s.field, values}]}));
    this.below.firstChild.id = "profile";
  }
}
