// A Plotly figure with points that a hand may move, and, where it has frames, a time to scrub. All
// that moves by itself moves here: nothing is asked of the server but where a hand let a point.
import { Channel } from "./drag_channel.js";
import { element, loadPlotly, svg, unpack } from "./runtime.js";
import { bracket, table } from "./time_plane.js";
import { Player } from "./player.js";

const views = new WeakMap();
const SETTLE_MS = 180; // after the last key of a run, the whole page follows

export default async function chart({ data, parentElement, setStateValue }) {
  if (!data) return undefined;
  let view = views.get(parentElement);
  if (!view) {
    view = new ChartView(parentElement);
    views.set(parentElement, view);
  }
  view.channel.connect((word) => setStateValue("edit", { ...word, session: view.content.session }));
  await view.update(unpack(data));
  return undefined;
}

class ChartView {
  constructor(parent) {
    this.channel = new Channel(() => {});
    this.plot = element("div", { className: "fv-plot" });
    this.overlay = svg("svg", { class: "fv-overlay", role: "group" });
    // What moves with the time is painted here: Plotly would take a hundred times as long.
    this.cells = element("canvas", { className: "fv-cells" });
    this.now = svg("line", { class: "fv-line" });
    this.slice = svg("path", { class: "fv-slice" });
    this.dots = svg("path", { class: "fv-dot" });
    this.overlay.append(this.now, this.slice, this.dots);
    this.stage = element("div", { className: "fv-stage" }, this.cells, this.plot, this.overlay);
    this.player = new Player((t) => this.#showTime(t));
    const { button, range, output, speed } = this.player;
    this.bar = element("div", { className: "fv-bar" }, button, range, output, speed);
    Object.assign(output.style, { position: "static", padding: "0 0.8rem" });
    this.hint = element("div", { className: "fv-hint" });
    this.root = element("div", { className: "fv-fan fv-chart" }, this.stage, this.bar, this.hint);
    parent.append(this.root);
    this.nodes = new Map();
  }

  async update(content) {
    const Plotly = await loadPlotly(content.assets.plotly);
    const first = this.content === undefined;
    if (content.session === this.content?.session && content.serial < this.content.serial) return;
    this.content = content;
    this.Plotly = Plotly;
    for (const [name, value] of Object.entries(content.style)) {
      this.root.style.setProperty(`--fv-${name}`, value);
    }
    this.root.classList.toggle("fv-large", content.large);
    this.bar.hidden = !content.frames;
    this.bar.style.display = content.frames ? "" : "none";
    // Under a plane the thumb stands under nothing: the bar takes the whole width.
    const plane = content.frames?.kind === "plane";
    this.bar.style.gridTemplateColumns = plane ? "2.8rem minmax(0, 1fr) auto auto" : "";
    this.hint.textContent = content.words.hint ?? "";
    this.hint.style.display = content.words.hint ? "" : "none";
    this.plot.setAttribute("role", "img");
    this.plot.setAttribute("aria-label", content.words.picture);
    this.stage.style.height = `${content.figure.layout.height}px`;
    await this.#react();
    if (content !== this.content) return; // a newer picture came while this one was drawn
    if (first) {
      this.plot.on("plotly_afterplot", () => this.#redraw());
      new ResizeObserver(() => this.#react()).observe(this.stage);
    }
    this.channel.acknowledge(content.ack, content.follow);
    if (content.frames) {
      this.player.label(content.words);
      if (first) this.player.start(content.time, content.speed);
      else this.#showTime(this.player.t);
    }
    this.#redraw();
    this.root.dataset.ack = content.ack;
    if (this.root.dataset.serial !== String(content.serial)) this.root.dataset.serial = content.serial;
  }

  async #react() {
    const width = this.stage.clientWidth;
    if (!width) return;
    const { data, layout } = this.content.figure;
    const { frames } = this.content;
    const drawn = structuredClone(layout);
    drawn.autosize = true;
    const own = new Set(frames?.kind === "plane" ? ["heat"] : []);
    if (own.size) drawn.plot_bgcolor = "rgba(0,0,0,0)"; // the cells lie behind
    if (this.drag && this.plot._fullLayout) {
      // The axes stay under the hand.
      for (const axis of ["xaxis", "yaxis"]) drawn[axis].range = this.plot._fullLayout[axis].range.slice();
    }
    const shown = data.filter((trace) => !own.has(trace.name));
    await this.Plotly.react(this.plot, shown, drawn, { displayModeBar: false, responsive: false });
  }

  // ---------------------------------------------------------------- coordinates

  get #axes() {
    const { xaxis, yaxis } = this.plot._fullLayout ?? {};
    return xaxis && yaxis ? { xaxis, yaxis } : null;
  }

  #toPixel([a, b]) {
    const { xaxis, yaxis } = this.#axes;
    return [xaxis._offset + xaxis.l2p(a), yaxis._offset + yaxis.l2p(b)];
  }

  #toData(event) {
    const box = this.stage.getBoundingClientRect();
    const { xaxis, yaxis } = this.#axes;
    return [
      xaxis.p2l(event.clientX - box.left - xaxis._offset),
      yaxis.p2l(event.clientY - box.top - yaxis._offset),
    ];
  }

  /** Within the axes and the handle's own limits, about a pixel's step: short numbers. */
  #onGrid(at, handle) {
    const { xaxis, yaxis } = this.#axes;
    return [xaxis, yaxis].map((axis, k) => {
      if (handle.fixed?.[k]) return handle.at[k];
      let [low, high] = [...axis.range].sort((a, b) => a - b);
      const limit = handle.limits?.[k];
      if (limit) [low, high] = [Math.max(low, limit[0]), Math.min(high, limit[1])];
      const grid = 10 ** Math.floor(Math.log10((axis.range[1] - axis.range[0]) / 400));
      return Number((Math.round(Math.min(high, Math.max(low, at[k])) / grid) * grid).toFixed(6));
    });
  }

  // ---------------------------------------------------------------- handles

  #redraw() {
    if (!this.#axes) return;
    const handles = this.content.handles ?? [];
    const { xaxis } = this.#axes;
    this.root.style.setProperty("--fv-left", `${xaxis._offset}px`);
    this.root.style.setProperty("--fv-span", `${xaxis._length}px`);
    for (const [name, node] of this.nodes) {
      if (handles.some((handle) => handle.name === name)) continue;
      node.remove();
      this.nodes.delete(name);
    }
    for (const handle of handles) this.#draw(handle);
    if (this.content.frames) this.#paint(this.player.t);
  }

  #draw(handle) {
    let node = this.nodes.get(handle.name);
    if (!node) {
      node = svg("circle", { class: "fv-handle", role: "slider", tabindex: 0 });
      node.addEventListener("pointerdown", (event) => this.#grab(event, handle.name));
      node.addEventListener("pointermove", (event) => this.#move(event));
      node.addEventListener("pointerup", () => this.#drop());
      node.addEventListener("pointercancel", () => this.#drop());
      node.addEventListener("keydown", (event) => this.#key(event, handle.name));
      this.nodes.set(handle.name, node);
      this.overlay.append(node);
    }
    const held = this.held?.name === handle.name && !this.channel.settled;
    const at = this.drag?.name === handle.name ? this.drag.at : held ? this.held.at : handle.at;
    const [cx, cy] = this.#toPixel(at);
    const attributes = {
      cx,
      cy,
      r: this.content.large ? 13 : 9,
      fill: handle.colour,
      "data-name": handle.name,
      "aria-label": handle.label,
      "aria-valuenow": at[1],
      "aria-valuetext": at.map((value) => value.toFixed(3)).join(", "),
    };
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.style.cursor = handle.fixed ? "ns-resize" : "move";
  }

  #handle(name) {
    return this.content.handles.find((handle) => handle.name === name);
  }

  #say(name, at, preview) {
    this.held = { name, at };
    this.channel.say({ op: "move", i: name, at, preview });
  }

  #grab(event, name) {
    if (event.button > 0) return;
    event.preventDefault();
    event.stopPropagation();
    event.target.setPointerCapture(event.pointerId);
    event.target.focus({ preventScroll: true });
    const { at } = this.#handle(name);
    const grabbed = this.#toData(event);
    this.drag = { name, at, offset: at.map((value, k) => value - grabbed[k]), moved: false };
  }

  #move(event) {
    if (!this.drag) return;
    const { name, offset } = this.drag;
    const handle = this.#handle(name);
    const at = this.#onGrid(this.#toData(event).map((value, k) => value + offset[k]), handle);
    if (at.every((value, k) => value === this.drag.at[k])) return;
    this.drag.at = at;
    this.drag.moved = true;
    this.#draw(handle);
    this.#say(name, at, true);
  }

  #drop() {
    if (!this.drag) return;
    const { name, at, moved } = this.drag;
    this.drag = null;
    if (moved) this.#say(name, at, false);
  }

  #key(event, name) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way) return;
    event.preventDefault();
    const handle = this.#handle(name);
    const { xaxis, yaxis } = this.#axes;
    const from = this.held?.name === name && !this.channel.settled ? this.held.at : handle.at;
    const step = event.shiftKey ? 20 : 200;
    const spans = [xaxis, yaxis].map(({ range }) => range[1] - range[0]);
    const at = this.#onGrid(from.map((value, k) => value + (way[k] * spans[k]) / step), handle);
    this.#say(name, at, true);
    this.#draw(handle);
    clearTimeout(this.settle);
    this.settle = setTimeout(() => this.#say(name, at, false), SETTLE_MS);
  }

  // ---------------------------------------------------------------- time

  #showTime(t) {
    if (!this.content?.frames || !this.#axes) return;
    this.root.dataset.time = t.toFixed(3);
    this.#paint(t);
  }

  #paint(t) {
    const { frames, figure } = this.content;
    const line = frames.kind === "line";
    for (const node of [this.now, this.slice]) node.setAttribute("display", line ? "inline" : "none");
    this.dots.setAttribute("display", line ? "none" : "inline");
    this.cells.style.display = line ? "none" : "";
    const heat = figure.data.find((trace) => trace.name === "heat");
    if (line) this.#paintSlice(heat, t);
    else this.#paintFrame(heat, frames, t);
  }

  /** A line at the time, and p_t there on the axes at the right. */
  #paintSlice(heat, t) {
    const { xaxis, yaxis } = this.#axes;
    const { xaxis2 } = this.plot._fullLayout;
    const [px, top] = [xaxis._offset + xaxis.l2p(t), yaxis._offset];
    const ends = { x1: px, x2: px, y1: top, y2: top + yaxis._length };
    for (const [key, value] of Object.entries(ends)) this.now.setAttribute(key, value);
    const [j, part] = bracket(heat.x, heat.x.length, t);
    const far = xaxis2._offset + xaxis2._length;
    const path = [];
    for (let i = 0; i < heat.y.length; i++) {
      const [a, b] = [heat.z[i][j], heat.z[i][j + 1]];
      const p = Number.isNaN(a) ? b : Number.isNaN(b) ? a : a + part * (b - a);
      const x = Math.min(far, xaxis2._offset + (Number.isNaN(p) ? 0 : xaxis2.l2p(p)));
      path.push(`${x.toFixed(1)},${(top + yaxis.l2p(heat.y[i])).toFixed(1)}`);
    }
    this.slice.setAttribute("d", `M${path.join("L")}`);
  }

  /** The nearest frame's cells, each step of their share in its colour; particles between nodes. */
  #paintFrame(heat, frames, t) {
    const [j, part] = bracket(frames.t, frames.t.length, t);
    const frame = part > 0.5 ? j + 1 : j;
    const rows = frames.z.slice(frame * frames.rows, (frame + 1) * frames.rows);
    const [width, height] = [rows[0].length, rows.length];
    if (this.cells.width !== width || this.cells.height !== height) Object.assign(this.cells, { width, height });
    const context = this.cells.getContext("2d");
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const colours = table(this.content.figure.layout.coloraxis.colorscale);
    for (let i = 0, k = 0; i < height; i++) {
      const row = rows[height - 1 - i]; // a canvas counts rows downwards
      for (let q = 0; q < width; q++, k++) {
        if (row[q] === row[q]) pixels[k] = colours[Math.min(255, Math.max(0, 255 * row[q])) | 0];
      }
    }
    context.putImageData(image, 0, 0);
    const half = [(heat.x[1] - heat.x[0]) / 2, (heat.y[1] - heat.y[0]) / 2];
    const [left, top] = this.#toPixel([heat.x[0] - half[0], heat.y[height - 1] + half[1]]);
    const [right, bottom] = this.#toPixel([heat.x[width - 1] + half[0], heat.y[0] - half[1]]);
    const box = { left, top, width: right - left, height: bottom - top };
    for (const [key, value] of Object.entries(box)) this.cells.style[key] = `${value}px`;
    const [node, share] = bracket(frames.nodes, frames.nodes.length, t);
    const path = [];
    for (let q = 0; q < frames.count; q++) {
      const from = (q * frames.nodes.length + node) << 1;
      const at = [0, 1].map((k) => {
        const [a, b] = [frames.tracks[from + k], frames.tracks[from + 2 + k]];
        return a + share * (b - a);
      });
      const [px, py] = this.#toPixel(at);
      if (px < left || px > right || py < top || py > bottom) continue;
      path.push(`M${px.toFixed(1)},${py.toFixed(1)}h0`);
    }
    this.dots.setAttribute("d", path.join(""));
    this.dots.setAttribute("stroke", this.content.style.accent);
    this.dots.style.strokeWidth = this.content.large ? 8 : 5;
  }
}
