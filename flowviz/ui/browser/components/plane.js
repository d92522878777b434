// The Plane (x, y): canvases for the flow (`plane_paint.js`), and above them an SVG with all that can
// be dragged: the data points, the query point. Time is scrubbed here, without the server.
/** @import { BasinMap, DragView, PlaneContent, PlaneFlow, Point } from "./types" */
import { cssGradient } from "./canvas.js";
import { stored } from "./density_store.js";
import { DragChannel, isStale, markDrawn } from "./drag_channel.js";
import { FigureButtons } from "./figure_buttons.js";
import { Handles } from "./handles.js";
import { number } from "./number.js";
import { axisNodes } from "./plane_axes.js";
import { PlaneGeometry } from "./plane_geometry.js";
import { composeImage } from "./plane_image.js";
import { Painter } from "./plane_paint.js";
import { QueryPoint } from "./plane_query.js";
import { Brush, Tools } from "./plane_tools.js";
import { Player } from "./player.js";
import { element, mountDraggable, placeNode, setColours, svg } from "./runtime.js";

/** @implements {DragView<PlaneContent>} */
class PlaneView {
  channel = new DragChannel();
  /** @type {PlaneContent | undefined} */
  content;
  /** @type {PlaneFlow | undefined} */
  flow;
  /** @type {PlaneContent | null} what waits for its flow */
  #pending = null;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.painter = new Painter();
    this.axes = svg("g", { "aria-hidden": "true" });
    this.stroke = svg("g");
    this.scale = element("div", { className: "fv-scale" });
    this.gradient = element("i");
    this.overlay = svg("svg", { class: "fv-overlay", role: "group" });
    const layers = [this.painter.node, this.overlay, this.scale];
    this.stage = element("div", { className: "fv-stage" }, ...layers);
    this.geometry = new PlaneGeometry(this.stage);
    this.player = new Player((t) => this.#showTime(t));
    this.query = new QueryPoint(this.geometry, this.player, this.channel);
    this.handles = this.#newHandles();
    this.buttons = new FigureButtons(
      () => this.handles.undo(),
      () => this.#download(),
    );
    this.tools = new Tools(
      (at) => this.handles.edit({ op: "write", at, preview: false }),
      () => this.#updateHint(),
    );
    const controls = [...this.player.nodes, ...this.buttons.nodes];
    const bar = element("div", { className: "fv-bar" }, ...controls);
    this.hint = element("div", { className: "fv-hint" });
    const parts = [this.tools.node, this.stage, bar, this.hint];
    this.root = element("div", { className: "fv-fan fv-plane" }, ...parts);
    parent.append(this.root);
    this.#listen();
    new ResizeObserver(() => this.#layout()).observe(this.stage);
  }

  #newHandles() {
    const layer = svg("g", { class: "fv-handles" });
    this.overlay.append(this.axes, this.stroke, this.query.arrows, layer, this.query.marker);
    const { geometry } = this;
    const frame = {
      toPixel: (/** @type {number[]} */ at) => geometry.toPixel(at),
      toData: (/** @type {MouseEvent} */ event) => geometry.toData(event),
      view: () => geometry.view,
    };
    return new Handles(layer, frame, (edit) => this.channel.send(edit));
  }

  // ------------------------------------------------------------------------------ updates

  /** @param {PlaneContent} content */
  update(content) {
    if (isStale(content, this.content)) return;
    /** @type {PlaneFlow | undefined} */
    const flow = stored("plane", content.flow);
    this.#pending = flow ? null : content;
    if (!flow) return;
    const first = this.content === undefined;
    Object.assign(this, { content, flow });
    this.#updateControls(content, flow);
    this.painter.update(flow, content.views, content.style);
    this.painter.paintBasins(this.#basins(content));
    if (first) this.player.start(content);
    this.geometry.measure(flow.view, content.style.font);
    this.channel.acknowledge(content);
    this.#updateHandles(content);
    this.query.update(content);
    this.#layout();
    if (first) this.query.follow(false);
    markDrawn(this.root, content);
  }

  /**
   * @param {PlaneContent} content
   * @param {PlaneFlow} flow
   */
  #updateControls({ style, words, large, undo, tools }, { view }) {
    const { accent, ground, ink, faint } = style;
    setColours(this.root, { accent, ground, ink, faint });
    this.root.classList.toggle("fv-large", large);
    this.overlay.setAttribute("aria-label", words.picture);
    this.player.label(words);
    this.buttons.update(words, undo);
    this.tools.update(tools, view);
    this.#updateHint();
  }

  #updateHint() {
    if (!this.content) return;
    const { tools, words } = this.content;
    this.hint.textContent = `${tools[this.tools.chosen][1]}\n${words.hint}`;
  }

  /**
   * While a point is dragged, or a message is unanswered, the points on the screen are the newest.
   *
   * @param {PlaneContent} content
   */
  #updateHandles({ points, style, words }) {
    if (this.handles.dragging || !this.channel.settled) return;
    const at = points.x.map((x, i) => [x, points.y[i]]);
    const colour = points.x.map((_, i) => style.basins[i % style.basins.length]);
    this.handles.update({ at, size: points.size, colour, weight: points.w.slice() }, words);
  }

  /**
   * The basin map of this flow; the last one until it arrives, for they travel apart.
   *
   * @param {PlaneContent} content
   * @returns {BasinMap | null}
   */
  #basins({ basins }) {
    return basins === null ? null : (stored("plane-basins", basins) ?? this.painter.basinMap);
  }

  /** The picture as it is now, for a slide. */
  async #download() {
    if (!this.content) return;
    const { style } = this.content;
    const { layers } = this.painter;
    const blob = await composeImage(layers, this.overlay, this.geometry.box, style);
    const url = URL.createObjectURL(blob);
    element("a", { href: url, download: "flowviz-plane.png" }).click();
    URL.revokeObjectURL(url);
  }

  // ------------------------------------------------------------------------------ drawing

  #layout() {
    if (!this.content || !this.flow || !this.stage.clientWidth) return;
    const { font } = this.content.style;
    const { geometry } = this;
    geometry.measure(this.flow.view, font);
    const { left, top, side } = geometry.box;
    placeNode(this.painter.node, { left, top, width: side, height: side });
    this.painter.resize(side);
    const ticks = axisNodes(geometry.view, geometry.box, font, (at) => geometry.toPixel(at));
    this.axes.replaceChildren(...ticks);
    if (this.handles.words) this.handles.draw();
    this.#showTime(this.player.t);
  }

  /** @param {number} t */
  #showTime(t) {
    if (!this.content || !this.geometry.box.side) return;
    this.painter.show(t);
    this.#showScale(this.content, this.painter.maximum(t));
    this.query.show();
  }

  /**
   * What the colours of the density mean.
   *
   * @param {PlaneContent} content
   * @param {number | null} maximum
   */
  #showScale({ style, words }, maximum) {
    this.scale.hidden = maximum === 0 || !this.painter.shown.has("density");
    if (this.scale.hidden) return;
    this.gradient.style.background = cssGradient(style.density);
    const text =
      maximum === null ? "" : `${words.top} ${maximum < Infinity ? number(maximum) : "∞"}`;
    this.scale.replaceChildren(this.gradient, text);
  }

  // ------------------------------------------------------------------------------ gestures

  #listen() {
    const box = this.painter.node;
    box.addEventListener("click", (event) => this.#onClick(event));
    this.query.listenTo(box, () => this.tools.chosen === "probe");
    this.query.listenTo(this.query.marker, () => true);
    new Brush(box, this.stroke, this.geometry, {
      enabled: () => this.tools.chosen === "brush",
      done: (at) => this.handles.edit({ op: "brush", at, preview: false }),
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.query.forget();
    });
    this.player.listenToSpace(this.root);
    window.addEventListener("flowviz:stored", ({ detail }) => this.#onStored(detail));
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    /** @type {Point} */
    const at = this.geometry.toData(event);
    // The second click of a double click adds nothing.
    const adds = this.tools.chosen === "points" && event.detail < 2;
    if (adds && this.geometry.contains(at)) this.handles.add(at);
  }

  /** @param {string} key */
  #onStored(key) {
    if (this.#pending) this.update(this.#pending);
    else if (key === "plane-basins" && this.content) {
      this.painter.paintBasins(this.#basins(this.content));
    }
  }
}

export default mountDraggable(PlaneView);
