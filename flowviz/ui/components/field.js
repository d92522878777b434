// The plane (x, y): canvases for the flow (field_paint.js), and above them an SVG with all that the
// hand may hold: the data points, the query point. Time is scrubbed here, without the server.
import { Channel } from "./channel.js";
import { axes } from "./field_axes.js";
import { Painter } from "./field_paint.js";
import { brush, Tools } from "./field_tools.js";
import { flowOf } from "./flow.js";
import { Handles } from "./handles.js";
import { composed } from "./field_image.js";
import { element, svg, unpack } from "./host.js";
import { number } from "./number.js";
import { Player } from "./player.js";

const views = new WeakMap();

export default function field({ data, parentElement, setStateValue }) {
  if (!data) return undefined;
  let view = views.get(parentElement);
  if (!view) {
    view = new FieldView(parentElement);
    views.set(parentElement, view);
  }
  view.channel.connect((word) => setStateValue("edit", { ...word, session: view.content.session }));
  view.update(unpack(data));
  return undefined;
}

class FieldView {
  constructor(parent) {
    this.channel = new Channel(() => {});
    this.painter = new Painter();
    this.overlay = svg("svg", { class: "fv-overlay", role: "group" });
    this.scale = element("div", { className: "fv-scale" });
    this.stage = element("div", { className: "fv-stage" }, this.painter.node, this.overlay, this.scale);
    this.player = new Player((t) => this.#showTime(t));
    const { button, range, output, speed } = this.player;
    const face = (textContent) => element("button", { type: "button", className: "fv-save", textContent });
    [this.undo, this.save] = [face("↶"), face("⤓")];
    this.undo.addEventListener("click", () => this.handles.undo());
    this.save.addEventListener("click", () => this.#download());
    this.bar = element("div", { className: "fv-bar" }, button, range, output, speed, this.undo, this.save);
    this.hint = element("div", { className: "fv-hint" });
    this.tools = new Tools((places) => this.handles.edit({ op: "write", at: places, preview: false }));
    this.tools.heard = () => {
      const { tools, words } = this.content;
      this.hint.textContent = `${tools[this.tools.chosen][1]}\n${words.hint}`;
    };
    this.root = element("div", { className: "fv-fan fv-field" }, this.tools.node, this.stage, this.bar, this.hint);
    parent.append(this.root);
    this.#drawOverlay();
    this.#listen();
    new ResizeObserver(() => this.#place()).observe(this.stage);
  }

  // ---------------------------------------------------------------- what the server sends

  update(content) {
    // Answers may overtake each other: never go back to an older picture.
    if (content.session === this.content?.session && content.serial < this.content.serial) return;
    const flow = flowOf("plane", content.flow);
    this.expected = flow ? null : content; // the flow travels for itself
    if (!flow) return;
    const first = this.content === undefined;
    this.content = { ...content, flow };
    const { style, words, points } = content;
    for (const name of ["accent", "ground", "ink", "faint"]) {
      this.root.style.setProperty(`--fv-${name}`, style[name]);
    }
    this.root.classList.toggle("fv-large", content.large);
    this.overlay.setAttribute("aria-label", words.picture);
    this.player.label(words);
    for (const [button, word] of [[this.save, words.download], [this.undo, words.undo]]) {
      button.title = word;
      button.setAttribute("aria-label", word);
    }
    this.undo.disabled = !content.undo;
    this.tools.update(content.tools, flow.view);
    this.tools.heard();
    this.painter.update(flow, content.views, style);
    this.painter.divide(this.#basins());
    if (first) this.player.start(content.time, content.speed);
    this.#measure();
    // While the hand holds a point, or has said more than is drawn, the hand's position stands.
    this.channel.acknowledge(content.ack, content.follow);
    if (!this.handles.dragging && this.channel.settled) {
      const colour = points.x.map((_, i) => style.basins[i % style.basins.length]);
      const at = points.x.map((x, i) => [x, points.y[i]]);
      this.handles.update({ at, size: points.size, colour, weight: points.w.slice() }, words);
    }
    this.query = content.query ?? (this.asking ? this.query : null);
    this.#place();
    if (first) this.#askAgain(false);
    // Marks for whoever waits for a picture: the newest word it answers, and its number.
    this.root.dataset.ack = content.ack;
    if (this.root.dataset.serial !== String(content.serial)) this.root.dataset.serial = content.serial;
  }

  /** The basin map of this flow; the last one until it arrives, for they travel apart. */
  #basins() {
    const { basins } = this.content;
    return basins && (flowOf("plane-basins", basins) ?? this.painter.map);
  }

  /** The picture as it is now, for a slide. */
  async #download() {
    const { style } = this.content;
    const blob = await composed(this.painter.layers, this.overlay, this.box, style);
    const url = URL.createObjectURL(blob);
    element("a", { href: url, download: "flowviz-plane.png" }).click();
    URL.revokeObjectURL(url);
  }

  // ---------------------------------------------------------------- coordinates

  get margin() {
    const { font } = this.content.style;
    return { left: 2.9 * font, bottom: 2 * font, top: 0.5 * font };
  }

  /** The box is square: what is left beside the ticks. */
  #measure() {
    const width = this.stage.clientWidth;
    const { left, bottom, top } = this.margin;
    this.box = { left, top, side: Math.max(40, Math.min(width - left - 2, width - bottom - top)) };
  }

  #place() {
    if (!this.content || !this.stage.clientWidth) return;
    this.#measure();
    const { left, top, side } = this.box;
    Object.assign(this.painter.node.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${side}px`,
      height: `${side}px`,
    });
    this.painter.size(side);
    this.#drawAxes();
    if (this.handles.words) this.handles.draw();
    this.#showTime(this.player.t);
  }

  #toPixel([x, y]) {
    const [lowX, highX, lowY, highY] = this.content.flow.view;
    const { left, top, side } = this.box;
    return [left + ((x - lowX) / (highX - lowX)) * side, top + ((highY - y) / (highY - lowY)) * side];
  }

  #toData(event) {
    const frame = this.stage.getBoundingClientRect();
    const [lowX, highX, lowY, highY] = this.content.flow.view;
    const { left, top, side } = this.box;
    return [
      lowX + ((event.clientX - frame.left - left) / side) * (highX - lowX),
      highY - ((event.clientY - frame.top - top) / side) * (highY - lowY),
    ];
  }

  #spans() {
    const [lowX, highX, lowY, highY] = this.content.flow.view;
    return [
      [lowX, highX],
      [lowY, highY],
    ];
  }

  #inside(at) {
    return this.#spans().every(([low, high], k) => at[k] >= low && at[k] <= high);
  }

  // ---------------------------------------------------------------- the overlay

  #drawOverlay() {
    this.axes = svg("g", { "aria-hidden": "true" });
    this.stroke = svg("g");
    this.pulls = svg("g", { "pointer-events": "none" });
    this.probe = svg("g", { class: "fv-probe", display: "none" });
    this.probe.append(svg("circle", { class: "fv-probe-halo", r: 14 }), svg("circle", { r: 5 }));
    const layer = svg("g", { class: "fv-handles" });
    this.overlay.append(this.axes, this.stroke, this.pulls, layer, this.probe);
    this.handles = new Handles(
      layer,
      {
        toPixel: (at) => this.#toPixel(at),
        toData: (event) => this.#toData(event),
        view: () => this.#spans(),
      },
      (word) => this.channel.say(word),
    );
  }

  #drawAxes() {
    const toPixel = (at) => this.#toPixel(at);
    this.axes.replaceChildren(...axes(this.#spans(), this.box, this.content.style.font, toPixel));
  }

  #showTime(t) {
    if (!this.content || !this.box) return;
    this.painter.show(t);
    const top = this.painter.top(t);
    this.scale.hidden = top === 0 || !this.painter.shown.has("density");
    if (!this.scale.hidden) {
      const stops = this.content.style.density.map(([at, colour]) => `${colour} ${100 * at}%`);
      this.gradient ??= element("i");
      this.gradient.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
      this.scale.replaceChildren(this.gradient, top === null ? "" : `${this.content.words.top} ${number(top)}`);
    }
    this.#showQuery(t);
  }

  /** The query point, its pulls and their mean; pale when time has moved on. */
  #showQuery(t) {
    const at = this.asking ?? this.query?.at;
    document.body.classList.toggle("fv-elsewhere", this.#elsewhere());
    this.probe.setAttribute("display", at ? "inline" : "none");
    if (at) this.probe.setAttribute("transform", `translate(${this.#toPixel(at)})`);
    // While it is dragged the last answer goes along: the next is a moment away.
    const { query } = this;
    if (!query) return this.pulls.replaceChildren();
    const [px, py] = this.#toPixel(at);
    const reach = 0.24 * this.box.side;
    const shaft = ([dx, dy], attributes) => {
      const [x, y] = [px + reach * dx, py - reach * dy];
      const [bx, by] = [0.09 * reach * dx, -0.09 * reach * dy];
      const path = `M${px},${py}L${x},${y}M${x - bx - by},${y - by + bx}L${x},${y}L${x - bx + by},${y - by - bx}`;
      return svg("path", { d: path, ...attributes });
    };
    const { basins } = this.content.style;
    const pulls = query.arrows.map((way, i) =>
      shaft(way, {
        class: "fv-pull",
        stroke: basins[query.colours[i]],
        "stroke-width": 1 + 6 * query.shares[i],
        opacity: Math.max(0.25, Math.min(1, 0.3 + query.shares[i])),
      }),
    );
    if (query.marginal) pulls.push(shaft(query.marginal, { class: "fv-sum" }));
    this.pulls.setAttribute("opacity", Math.abs(t - query.t) < 0.02 ? 1 : 0.2);
    return this.pulls.replaceChildren(...pulls);
  }

  // ---------------------------------------------------------------- the hand

  #listen() {
    const box = this.painter.node;
    box.addEventListener("click", (event) => {
      const at = this.#toData(event);
      // The second click of a double click adds nothing.
      if (this.tools.chosen === "points" && event.detail < 2 && this.#inside(at)) this.handles.add(at);
    });
    const ask = (event, preview) => this.#ask(this.#toData(event), preview);
    for (const node of [box, this.probe]) {
      node.addEventListener("pointerdown", (event) => {
        if (event.button > 0 || (node === box && this.tools.chosen !== "probe")) return;
        event.preventDefault();
        node.setPointerCapture(event.pointerId);
        ask(event, true);
      });
      node.addEventListener("pointermove", (event) => this.asking && ask(event, true));
      for (const end of ["pointerup", "pointercancel"]) {
        node.addEventListener(end, () => {
          if (!this.asking) return;
          const last = this.asking;
          this.#ask(last, false);
          this.query = { arrows: [], ...this.query, t: this.player.t, at: last };
          this.asking = null;
        });
      }
    }
    brush(box, this.stroke, {
      on: () => this.tools.chosen === "brush",
      toData: (event) => this.#toData(event),
      toPixel: (at) => this.#toPixel(at),
      inside: (at) => this.#inside(at),
      side: () => this.box.side,
      done: (places) => this.handles.edit({ op: "brush", at: places, preview: false }),
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.query) this.channel.say({ op: "query", preview: false });
      if (event.key === " " && event.target.classList?.contains("fv-handle")) {
        event.preventDefault();
        this.player.toggle();
      }
    });
    window.addEventListener("keydown", (event) => {
      const asked = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
      const typing = event.target.closest?.("input:not([type=range]), textarea, [contenteditable], canvas");
      if (!asked || typing || !this.root.isConnected || this.undo.disabled) return;
      event.preventDefault();
      this.handles.undo();
    });
    window.addEventListener("flowviz:flow", ({ detail }) => {
      if (this.expected) this.update(this.expected);
      else if (detail === "plane-basins" && this.content) this.painter.divide(this.#basins());
    });
    this.player.range.addEventListener("input", () => this.#askAgain(true));
    window.addEventListener("flowviz:view", () => this.#askAgain(false));
  }

  /** The reading follows the time: on its way while it is scrubbed, for good once it stands. */
  #askAgain(preview) {
    if (!this.query || !this.root.isConnected) return;
    if (!preview && !this.onTheWay && !this.#elsewhere()) return;
    this.onTheWay = preview;
    this.#ask(this.query.at, preview);
    this.asking = null;
  }

  /** Are the numbers beside the picture of another time or place than the query point's now? */
  #elsewhere() {
    const { query } = this.content;
    const at = this.asking ?? this.query?.at;
    if (!query || !at) return false;
    return Math.abs(query.t - this.#time) > 0.0005 || at.some((value, k) => value !== query.at[k]);
  }

  /** When the query point asks: at t = 0 all has arrived, and there is nothing to ask. */
  get #time() {
    return Number(Math.max(0.001, this.player.t).toFixed(4));
  }

  #ask(at, preview) {
    const inside = this.#spans().map(([low, high], k) => Math.min(high, Math.max(low, at[k])));
    this.asking = inside.map((value) => Number(value.toPrecision(5)));
    const [x, y] = this.asking;
    this.#showQuery(this.player.t);
    this.channel.say({ op: "query", t: this.#time, x, y, preview });
  }
}
