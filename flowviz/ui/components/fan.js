// The plane (t, x): Plotly paints density and fan; an SVG overlay on the same axes carries all
// that moves without the server: handles, time line, particles, slice, query point.
import { Channel } from "./drag_channel.js";
import { Handles } from "./handles.js";
import { flowOf } from "./density_store.js";
import { element, loadPlotly, svg, unpack } from "./runtime.js";
import { bracket, colourBar, Plane } from "./time_plane.js";
import { Player } from "./player.js";
import { Tip } from "./tooltip.js";

const views = new WeakMap();
const NARROW_PX = { false: 560, true: 860 }; // by whether it is Large
const STEEP = 0.15; // of the slice's top: a jump between two cells, not a slope

export default async function fan({ data, parentElement, setStateValue }) {
  if (!data) return undefined;
  let view = views.get(parentElement);
  if (!view) {
    view = new FanView(parentElement);
    views.set(parentElement, view);
  }
  view.channel.connect((word) => setStateValue("edit", { ...word, session: view.content.session }));
  await view.update(unpack(data));
  return undefined;
}

class FanView {
  constructor(parent) {
    this.channel = new Channel(() => {});
    this.plane = new Plane();
    this.plot = element("div", { className: "fv-plot" });
    this.overlay = svg("svg", { class: "fv-overlay" });
    this.tip = new Tip();
    this.stage = element("div", { className: "fv-stage" }, this.plane.node, this.plot, this.overlay, this.tip.node);
    this.player = new Player((t) => this.#showTime(t));
    this.hint = element("div", { className: "fv-hint" });
    this.legend = element("div", { className: "fv-legend", hidden: true });
    this.undo = element("button", { type: "button", className: "fv-save fv-undo", textContent: "↶" });
    this.save = element("button", { type: "button", className: "fv-save", textContent: "⤓" });
    this.bar = element(
      "div",
      { className: "fv-bar" },
      this.player.button,
      this.player.range,
      this.player.output,
      this.player.speed,
      this.undo,
      this.save,
    );
    this.root = element("div", { className: "fv-fan" }, this.stage, this.bar, this.legend, this.hint);
    parent.append(this.root);
    this.#drawOverlay();
    this.#listen();
  }

  // ---------------------------------------------------------------- what the server sends

  async update(content) {
    const Plotly = await loadPlotly(content.assets.plotly);
    const first = this.content === undefined;
    // Answers may overtake each other while modules load: never go back to an older picture.
    if (content.session === this.content?.session && content.serial < this.content.serial) return;
    const density = flowOf("fan", content.density);
    this.expected = density ? null : content; // the density travels for itself
    if (!density) return;
    this.content = content;
    this.traces = gather(content.figure.data);
    this.traces.heat.z = density.p;
    if (first) this.player.start(content.time, content.speed);
    this.player.label(content.words);
    const touch = window.matchMedia("(hover: none)").matches;
    this.hint.textContent = touch ? content.words["hint.touch"] : content.words.hint;
    name(this.save, content.words.download);
    name(this.undo, content.words.undo);
    this.undo.disabled = !content.undo;
    this.#showLegend(content.legend);
    this.root.classList.toggle("fv-large", content.large);
    this.root.style.setProperty("--fv-accent", content.style.accent);
    this.root.style.setProperty("--fv-ground", content.style.ground);
    this.root.style.setProperty("--fv-ink", content.style.ink);
    this.overlay.setAttribute("aria-label", content.words.picture);
    await this.#react(Plotly);
    if (content !== this.content) return; // a newer picture came while this one was drawn
    if (first) {
      this.plot.on("plotly_afterplot", () => this.#redraw());
      new ResizeObserver(() => this.#resize(Plotly)).observe(this.stage);
    }
    // While the hand holds a point, or has said more than is drawn, the hand's position stands.
    this.channel.acknowledge(content.ack, content.follow);
    if (!this.handles.dragging && this.channel.settled) {
      const { points } = this.traces;
      this.handles.update(
        {
          at: Array.from(points.y, (x) => [x]),
          size: Array.from(points.marker.size),
          colour: points.marker.color,
          weight: content.weights.slice(),
        },
        content.words,
      );
    }
    this.query = this.grabbedQuery ?? content.query;
    this.#redraw();
    // Marks for whoever waits for a picture: the newest word it answers, and its number.
    this.root.dataset.ack = content.ack;
    if (this.root.dataset.serial !== String(content.serial)) this.root.dataset.serial = content.serial;
  }

  /** Axes, colour bar, prior and arrows are Plotly's; it is asked only when one of them changed. */
  async #react(Plotly) {
    const { figure, frame } = this.content;
    const { heat, fans } = this.traces;
    const layout = fit(structuredClone(figure.layout), this.stage.clientWidth, this.content.large);
    this.plane.update(heat, fans, layout.coloraxis);
    // The axes stay under the hand.
    const held = this.handles.dragging && this.plot._fullLayout?.yaxis.range;
    if (held) layout.yaxis.range = held.slice();
    const key = `${frame} ${this.#room} ${layout.yaxis.range}`;
    if (key === this.drawn) return;
    this.drawn = key;
    layout.plot_bgcolor = "rgba(0,0,0,0)"; // the density lies behind
    const own = new Set(["points", "heat", "fan"]);
    const traces = figure.data.filter((trace) => !own.has(trace.name));
    await Plotly.react(this.plot, [colourBar(layout.coloraxis, heat.visible), ...traces], layout, {
      displayModeBar: false,
    });
  }

  /** The whole figure as a vector file: density, points, and the slice at the time line. */
  async #download() {
    const { figure, style, assets } = this.content;
    const { t } = this.player;
    const now = { type: "line", yref: "y domain", x0: t, x1: t, y0: 0, y1: 1 };
    const layout = {
      ...figure.layout,
      paper_bgcolor: style.ground,
      width: 1100,
      height: 640,
      shapes: [{ ...now, line: { color: style.accent, width: 1.5, dash: "dash" } }],
    };
    const data = figure.data.map((trace) => (trace.name === "heat" ? { ...trace, zsmooth: "fast" } : trace));
    if (this.traces.heat) {
      const [x, y] = this.#slice(t);
      data.push({ type: "scatter", mode: "lines", xaxis: "x2", x, y, line: { color: style.accent, width: 2 } });
    }
    const Plotly = await loadPlotly(assets.plotly);
    await Plotly.downloadImage({ data, layout }, { format: "svg", filename: "flowviz" });
  }

  /** What the colours say when they are of x₁: nothing else in the picture does. */
  #showLegend(legend) {
    this.legend.hidden = !legend;
    if (!legend) return;
    const bar = element("span", { className: "fv-spectrum" });
    bar.style.background = `linear-gradient(to right, ${legend.colours.join(", ")})`;
    this.legend.replaceChildren(`x₁ = ${legend.low}`, bar, legend.high);
  }

  /** The stage's width and height: a window may grow in one alone. */
  get #room() {
    return `${this.stage.clientWidth} ${this.stage.clientHeight}`;
  }

  async #resize(Plotly) {
    if (!this.content || !this.stage.clientWidth || this.resized === this.#room) return;
    this.resized = this.#room;
    await this.#react(Plotly);
    Plotly.Plots.resize(this.plot);
  }

  // ---------------------------------------------------------------- coordinates

  get axes() {
    const { xaxis, yaxis, xaxis2 } = this.plot._fullLayout;
    return { xaxis, yaxis, xaxis2 };
  }

  toPixel(t, x) {
    const { xaxis, yaxis } = this.axes;
    return [xaxis._offset + xaxis.l2p(t), yaxis._offset + yaxis.l2p(x)];
  }

  toData(event) {
    const box = this.stage.getBoundingClientRect();
    const { xaxis, yaxis } = this.axes;
    return [
      xaxis.p2l(event.clientX - box.left - xaxis._offset),
      yaxis.p2l(event.clientY - box.top - yaxis._offset),
    ];
  }

  #inPlane([t, x]) {
    const { xaxis, yaxis } = this.axes;
    const [low, high] = yaxis.range;
    return t >= xaxis.range[0] && t <= xaxis.range[1] && x >= low && x <= high;
  }

  // ---------------------------------------------------------------- the overlay

  #drawOverlay() {
    this.clip = svg("rect");
    const clip = svg("clipPath", { id: `fv-clip-${Math.random().toString(36).slice(2)}` });
    clip.append(this.clip);
    this.slice = svg("path", { class: "fv-slice", "clip-path": `url(#${clip.id})` });
    this.dots = svg("g", { class: "fv-dots" });
    this.line = svg("line", { class: "fv-line" });
    this.grip = svg("line", { class: "fv-grip" });
    this.probe = svg("g", { class: "fv-probe", display: "none" });
    this.probe.append(svg("circle", { class: "fv-probe-halo", r: 14 }), svg("circle", { r: 5 }));
    const layer = svg("g", { class: "fv-handles" });
    this.overlay.append(clip, this.slice, this.line, this.grip, this.dots, this.probe, layer);
    this.handles = new Handles(
      layer,
      {
        toPixel: ([x]) => this.toPixel(0, x),
        toData: (event) => [this.toData(event)[1]],
        view: () => [this.axes.yaxis.range],
      },
      (word) => this.channel.say(word),
    );
  }

  #redraw() {
    if (!this.plot._fullLayout?.xaxis2 || !this.content) return;
    const { xaxis, yaxis, xaxis2 } = this.axes;
    const box = { x: xaxis2._offset, y: yaxis._offset, width: xaxis2._length, height: yaxis._length };
    for (const [key, value] of Object.entries(box)) this.clip.setAttribute(key, value);
    // The range input lies exactly under the plane: its thumb stands under the time line.
    const [left] = this.toPixel(0, 0);
    const [right] = this.toPixel(1, 0);
    this.root.style.setProperty("--fv-left", `${left}px`);
    this.root.style.setProperty("--fv-span", `${right - left}px`);
    this.plane.place(this.axes);
    if (this.handles.words) this.handles.draw();
    this.#showProbe();
    this.#showTime(this.player.t);
  }

  #showTime(t) {
    if (!this.traces || !this.plot._fullLayout?.xaxis2) return;
    const { yaxis } = this.axes;
    const [px] = this.toPixel(t, 0);
    for (const line of [this.line, this.grip]) {
      line.setAttribute("x1", px);
      line.setAttribute("x2", px);
      line.setAttribute("y1", yaxis._offset);
      line.setAttribute("y2", yaxis._offset + yaxis._length);
    }
    this.#showParticles(t);
    this.#showSlice(t);
  }

  /** Where each trajectory is at t: one round-capped path per colour. */
  #showParticles(t) {
    const fans = this.traces.fans;
    while (this.dots.childNodes.length > fans.length) this.dots.lastChild.remove();
    while (this.dots.childNodes.length < fans.length) this.dots.append(svg("path", { class: "fv-dot" }));
    const [low, high] = this.axes.yaxis.range;
    fans.forEach((fanTrace, k) => {
      const { trace, nodes, count } = fanTrace;
      const [j, part] = bracket(trace.x, nodes, t);
      const path = [];
      for (let q = 0; q < count; q++) {
        const at = q * (nodes + 1) + j;
        const x = trace.y[at] + part * (trace.y[at + 1] - trace.y[at]);
        if (!(x >= low && x <= high)) continue;
        const [px, py] = this.toPixel(t, x);
        path.push(`M${px.toFixed(1)},${py.toFixed(1)}h0`);
      }
      this.dots.childNodes[k].setAttribute("d", path.join(""));
      this.dots.childNodes[k].setAttribute("stroke", trace.line.color);
    });
  }

  /** p_t(x) at a time as a polyline (p, x): a jump between two cells is drawn on their border. */
  #slice(t) {
    const { heat } = this.traces;
    const [j, part] = bracket(heat.x, heat.x.length, t);
    const at = (row) => {
      const [a, b] = [row[j], row[j + 1]];
      if (Number.isNaN(a) || Number.isNaN(b)) return part < 0.5 ? a : b;
      return a + part * (b - a);
    };
    const values = Array.from(heat.z, at);
    const jump = STEEP * values.reduce((top, p) => (p > top ? p : top), 0);
    const [x, y] = [[], []];
    const put = (p, place) => {
      x.push(Number.isNaN(p) ? 0 : p);
      y.push(place);
    };
    values.forEach((p, i) => {
      const last = values[i - 1];
      if (i > 0 && (Number.isNaN(p) !== Number.isNaN(last) || Math.abs(p - last) > jump)) {
        const border = (heat.y[i - 1] + heat.y[i]) / 2;
        put(last, border);
        put(p, border);
      }
      put(p, heat.y[i]);
    });
    return [x, y];
  }

  /** The slice at the time line, drawn on the prior's axes at the right edge. */
  #showSlice(t) {
    if (!this.traces.heat) return;
    const { yaxis, xaxis2 } = this.axes;
    const far = xaxis2._offset + 2 * xaxis2._length;
    const [p, x] = this.#slice(t);
    const path = p.map((value, i) => {
      const px = Math.min(far, xaxis2._offset + xaxis2.l2p(value));
      return `${px.toFixed(1)},${(yaxis._offset + yaxis.l2p(x[i])).toFixed(1)}`;
    });
    this.slice.setAttribute("d", `M${path.join("L")}`);
  }

  #showProbe() {
    const query = this.grabbedQuery ?? this.query;
    this.probe.setAttribute("display", query ? "inline" : "none");
    if (!query) return;
    const [px, py] = this.toPixel(...query);
    this.probe.setAttribute("transform", `translate(${px},${py})`);
  }

  // ---------------------------------------------------------------- the hand

  #listen() {
    const stage = this.stage;
    this.grip.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      event.preventDefault();
      this.grip.setPointerCapture(event.pointerId);
      this.scrubbing = { from: event.clientX, moved: false };
    });
    this.grip.addEventListener("pointermove", (event) => {
      if (!this.scrubbing) return;
      if (Math.abs(event.clientX - this.scrubbing.from) > 3) this.scrubbing.moved = true;
      if (!this.scrubbing.moved) return;
      this.player.pause();
      this.player.set(this.toData(event)[0]);
    });
    this.grip.addEventListener("pointerup", (event) => {
      const { moved } = this.scrubbing ?? {};
      this.scrubbing = null;
      if (moved) this.player.range.dispatchEvent(new Event("change"));
      else this.#click(event); // a click on the line is a click in the plane
    });
    this.probe.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      event.preventDefault();
      this.probe.setPointerCapture(event.pointerId);
      this.grabbedQuery = this.query;
    });
    this.probe.addEventListener("pointermove", (event) => {
      if (this.grabbedQuery) this.#ask(this.toData(event), true);
    });
    this.probe.addEventListener("pointerup", () => {
      if (!this.grabbedQuery) return;
      const last = this.grabbedQuery;
      this.#ask(last, false);
      this.query = last;
      this.grabbedQuery = null;
    });
    // A press and a release in one place are a click; Plotly's own drags (zoom, pan) are not. The
    // release is the window's: while a button is down, Plotly covers the page with a node of its own.
    stage.addEventListener("pointerdown", (event) => {
      if (event.target.closest?.(".fv-handles, .fv-probe, .fv-grip")) return;
      const over = new AbortController();
      const options = { capture: true, signal: over.signal };
      const released = (up) => {
        over.abort();
        if (Math.hypot(up.clientX - event.clientX, up.clientY - event.clientY) < 4) this.#click(up);
      };
      window.addEventListener("pointerup", released, options);
      window.addEventListener("pointercancel", () => over.abort(), options);
    }, true);
    stage.addEventListener("pointermove", (event) => this.#hover(event));
    stage.addEventListener("pointerleave", () => this.tip.hide());
    window.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.query || !this.root.isConnected) return;
      this.query = null;
      this.#showProbe();
      this.channel.say({ op: "query", preview: false });
    });
    window.addEventListener("keydown", (event) => {
      const asked = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
      if (!asked || !this.root.isConnected || this.undo.disabled || typing(event.target)) return;
      event.preventDefault();
      this.handles.undo();
    });
    window.addEventListener("flowviz:flow", () => this.expected && this.update(this.expected));
    this.undo.addEventListener("click", () => this.handles.undo());
    this.save.addEventListener("click", () => this.#download());
    this.root.addEventListener("keydown", (event) => {
      if (event.key === " " && event.target.classList?.contains("fv-handle")) {
        event.preventDefault();
        this.player.toggle();
      }
    });
  }

  #click(event) {
    const at = this.toData(event);
    if (!this.content || !this.#inPlane(at)) return;
    if (at[0] >= 0) {
      this.#ask(at, false);
      this.query = this.grabbedQuery;
      this.grabbedQuery = null;
      return;
    }
    this.handles.add([at[1]]);
  }

  #ask([t, x], preview) {
    const [low, high] = this.axes.yaxis.range;
    const point = [Math.min(1, Math.max(0.001, t)), Math.min(high, Math.max(low, x))];
    this.grabbedQuery = point.map((value) => Number(value.toFixed(4)));
    this.#showProbe();
    this.channel.say({ op: "query", t: this.grabbedQuery[0], x: this.grabbedQuery[1], preview });
  }

  #hover(event) {
    const heat = this.traces?.heat;
    const at = heat && event.pointerType === "mouse" ? this.toData(event) : null;
    if (!at || !this.#inPlane(at) || at[0] < 0 || event.buttons > 0) return this.tip.hide();
    const { points } = this.traces;
    const data = { x0: points.y, weight: this.content.weights };
    this.tip.show(at, heat, this.content.kernel, data, this.content.words);
    return this.tip.place(event, this.stage.getBoundingClientRect());
  }
}

function name(button, words) {
  button.title = words;
  button.setAttribute("aria-label", words);
}

/** Is the visitor writing there? Its own undo is then meant. */
function typing(node) {
  return node.closest?.("input:not([type=range]), textarea, [contenteditable], canvas") !== null;
}

/** The traces by what they are for; each fan trace with its nodes per trajectory. */
function gather(traces) {
  const fans = traces
    .filter((trace) => trace.name === "fan")
    .map((trace) => {
      const nodes = trace.y.findIndex(Number.isNaN);
      return { trace, nodes, count: trace.y.length / (nodes + 1) };
    });
  return {
    fans,
    heat: traces.find((trace) => trace.name === "heat"),
    points: traces.find((trace) => trace.name === "points"),
  };
}

/** A phone has no room beside the plane: the colour scale goes below it. */
function fit(layout, width, large) {
  layout.autosize = true;
  if (width >= NARROW_PX[Boolean(large)]) return layout;
  const bar = layout.coloraxis?.colorbar;
  if (bar) {
    const gap = large ? -0.3 : -0.2;
    Object.assign(bar, { orientation: "h", x: 0.4, len: 0.8, y: gap, yanchor: "top", thickness: 9, nticks: 4 });
    bar.title.side = "bottom";
  }
  layout.xaxis.tickvals = [0, 0.5, 1];
  layout.xaxis.ticktext = [layout.xaxis.ticktext[0], "0.5", "1"];
  layout.xaxis.title.text = layout.xaxis.title.text.replace(/\s{2,}/g, "\u2003");
  // No 0 at the side: it would touch the plane's 1.
  Object.assign(layout.xaxis2, { tickvals: [inner(layout.xaxis2.range[1])], title: { text: "" } });
  layout.margin.l *= 0.8;
  return layout;
}

/** A round number well inside [0, top]. */
function inner(top) {
  const decade = 10 ** Math.floor(Math.log10(top));
  const step = [5, 2, 1, 0.5].find((m) => m * decade <= 0.85 * top);
  return Number((step * decade).toPrecision(1));
}
