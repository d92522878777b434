// The Plane (x, y): on the stage the flow, by canvases (`plane_paint.js`) or by Plotly
// (`plane_figure.js`), and above it an SVG with all that can be dragged: the data points, the query
// point. Time is scrubbed here, without the server.
/** @import { Figure, Layout } from "./plotly" */
/** @import { BasinMap, DragView, PlaneContent, PlaneFlow, Point } from "./types" */
import { handlesItself, listenToClicks } from "./clicks.js";
import { colourBar } from "./colour_bar.js";
import { stored } from "./density_store.js";
import { DragChannel, isStale, markDrawn } from "./drag_channel.js";
import { UndoButton } from "./figure_buttons.js";
import { Handles } from "./handles.js";
import { number } from "./number.js";
import { planeFigure } from "./plane_figure.js";
import { highestDensity } from "./plane_flow.js";
import { Painter } from "./plane_paint.js";
import { QueryPoint } from "./plane_query.js";
import { Brush, Tools } from "./plane_tools.js";
import { Player } from "./player.js";
import { element, mountDraggable, placeNode, setColours, svg } from "./runtime.js";
import { MODE_BAR_PX, Stage } from "./stage.js";

const NARROW_PX = 480; // no room for a colour bar beside the square

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
    this.stroke = svg("g");
    this.scale = element("div", { className: "fv-scale" });
    this.overlay = svg("svg", { class: "fv-overlay", role: "group" });
    this.stage = new Stage(this);
    this.stage.append(this.painter.node, this.overlay, this.scale);
    this.axes = this.stage.axes;
    this.player = new Player((t) => this.#showTime(t));
    this.query = new QueryPoint(this.axes, this.player, this.channel);
    this.handles = this.#newHandles();
    this.undo = new UndoButton(() => this.handles.undo());
    this.tools = new Tools(
      (at) => this.handles.edit({ op: "write", at, preview: false }),
      () => this.#onTool(),
    );
    const bar = element("div", { className: "fv-bar" }, ...this.player.nodes, this.undo.node);
    this.hint = element("div", { className: "fv-hint" });
    const parts = [this.tools.node, this.stage.node, bar, this.hint];
    this.root = element("div", { className: "fv-fan fv-plane" }, ...parts);
    parent.append(this.root);
    this.#listen();
  }

  #newHandles() {
    const layer = svg("g", { class: "fv-handles" });
    this.overlay.append(this.stroke, this.query.arrows, layer, this.query.marker);
    const { axes } = this;
    const frame = {
      toPixel: (/** @type {number[]} */ at) => axes.toPixel(at),
      toData: (/** @type {MouseEvent} */ event) => axes.toData(event),
      view: () => axes.view,
    };
    return new Handles(layer, frame, (edit) => this.channel.send(edit));
  }

  // ------------------------------------------------------------------------------ updates

  /** @param {PlaneContent} content */
  async update(content) {
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
    this.query.update(content);
    if (first) this.player.start(content);
    await this.stage.update(content);
    if (content !== this.content) return; // a newer picture came while this one was drawn
    this.channel.acknowledge(content);
    this.#updateHandles(content);
    this.stage.move();
    this.alignLayers();
    if (!this.root.dataset.serial) this.query.follow(false); // the first that is drawn
    markDrawn(this.root, content);
  }

  /**
   * @param {PlaneContent} content
   * @param {PlaneFlow} flow
   */
  #updateControls({ style, texts, large, undo, tools }, { view }) {
    const { accent, ground, ink, faint } = style;
    setColours(this.root, { accent, ground, ink, faint });
    this.root.classList.toggle("fv-large", large);
    this.overlay.setAttribute("aria-label", texts.picture);
    this.player.label(texts);
    this.undo.update(texts, undo);
    this.tools.update(tools, view);
    this.#updateHint();
  }

  #updateHint() {
    if (!this.content) return;
    const { tools, texts } = this.content;
    this.hint.textContent = `${tools[this.tools.chosen][1]}\n${texts.hint}`;
  }

  /**
   * While a point is dragged, or a message is unanswered, the points on the screen are the newest.
   *
   * @param {PlaneContent} content
   */
  #updateHandles({ points, style, texts }) {
    if (this.handles.dragging || !this.channel.settled) return;
    const at = points.x.map((x, i) => [x, points.y[i]]);
    const colour = points.x.map((_, i) => style.basins[i % style.basins.length]);
    this.handles.update({ at, size: points.size, colour, weight: points.w.slice() }, texts);
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

  // ------------------------------------------------------------------------------ the stage's picture

  /** The square is as wide as the stage lets it be. */
  measure() {
    const { l, r, t, b } = this.#layout().margin;
    const { clientWidth } = this.stage.node;
    this.stage.node.style.height = `${clientWidth - l - r + t + b}px`;
  }

  /** @returns {Figure} */
  frame() {
    const layout = this.#layout();
    return { data: [colourBar(layout.coloraxis)], layout };
  }

  /** @returns {Figure} */
  figure() {
    if (!this.content || !this.flow) return this.frame();
    const { content, flow, painter, player } = this;
    const { data, layout } = planeFigure({ content, flow, painter, t: player.t });
    return { data, layout: { ...this.#layout(), images: layout.images } };
  }

  /** The figure as it is saved. */
  saved() {
    const { data, layout } = this.figure();
    const { texts, style } = /** @type {PlaneContent} */ (this.content);
    const title = { text: `${texts.title}   ${this.player.output.value}` };
    const margin = { ...layout.margin, t: layout.margin.t + 3 * style.font };
    const top = { text: this.scale.textContent, x: 0, y: 1, xanchor: "left", yanchor: "bottom" };
    const note = { ...top, xref: "paper", yref: "paper", showarrow: false };
    const annotations = this.scale.hidden ? [] : [note];
    const extra = { title, margin, annotations, paper_bgcolor: style.ground };
    return { data, layout: { ...layout, ...extra }, name: "flowviz-plane" };
  }

  /** Whether something is dragged, time plays, or an answer is due. */
  moving() {
    const { handles, player, query, channel } = this;
    return handles.dragging || query.dragging || player.moving || !channel.quiet;
  }

  /** For a drag that Plotly is to have. */
  onDragMode() {
    this.tools.choose("points");
  }

  /** @returns {Layout} */
  #layout() {
    const { layout } = /** @type {PlaneContent} */ (this.content).figure;
    if (this.stage.node.clientWidth >= NARROW_PX || !layout.coloraxis.colorbar) return layout;
    const { margin } = layout;
    const below = { orientation: "h", y: -0.14, yanchor: "top", x: 0.5, xpad: 0 };
    const title = { ...layout.coloraxis.colorbar.title, side: "bottom" };
    const colorbar = { ...layout.coloraxis.colorbar, ...below, title };
    const [top, bottom] = [margin.t + MODE_BAR_PX, margin.b + 1.3 * margin.r];
    const narrow = { ...margin, r: margin.t, t: top, b: Math.round(bottom) };
    return { ...layout, margin: narrow, coloraxis: { ...layout.coloraxis, colorbar } };
  }

  /** Put canvases, handles and marks where the axes are now. */
  alignLayers() {
    if (!this.flow || !this.axes.drawn) return;
    const { box, view } = this.axes;
    placeNode(this.painter.node, box);
    const [lowX, highX, lowY, highY] = this.flow.view;
    const shown = /** @type {Point[]} */ ([
      view[0].map((x) => (x - lowX) / (highX - lowX)),
      view[1].map((y) => (y - lowY) / (highY - lowY)),
    ]);
    this.painter.resize(box, shown);
    const { style } = this.scale;
    [style.left, style.top] = [`${box.left + 8}px`, `${box.top + 8}px`];
    if (this.handles.texts) this.handles.draw();
    this.#paint(this.player.t);
  }

  /** @param {number} t */
  #showTime(t) {
    this.stage.move();
    this.#paint(t);
  }

  /** @param {number} t */
  #paint(t) {
    if (!this.content || !this.axes.drawn) return;
    this.painter.show(t);
    this.#showScale(this.content, highestDensity(this.flow, t));
    this.query.show();
  }

  /**
   * The density of the last colour: the colour bar says which share of it a colour is.
   *
   * @param {PlaneContent} content
   * @param {number | null} maximum
   */
  #showScale({ texts }, maximum) {
    this.scale.hidden = !maximum || !this.painter.shown.has("density");
    if (!maximum) return;
    this.scale.textContent = `${texts.top} ${maximum < Infinity ? number(maximum) : "∞"}`;
  }

  // ------------------------------------------------------------------------------ gestures

  #listen() {
    const { node } = this.stage;
    listenToClicks(node, (event) => this.#onClick(event));
    const isOn = (/** @type {PointerEvent} */ event) =>
      !handlesItself(event.target) && this.axes.contains(this.axes.toData(event));
    this.query.listenTo(node, (event) => this.tools.chosen === "probe" && isOn(event));
    this.query.listenTo(this.query.marker, () => true);
    new Brush(node, this.stroke, this.axes, {
      enabled: (event) => this.tools.chosen === "brush" && isOn(event),
      done: (at) => this.handles.edit({ op: "brush", at, preview: false }),
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.query.forget();
    });
    this.player.listenToSpace(this.root);
    window.addEventListener("flowviz:stored", ({ detail }) => this.#onStored(detail));
  }

  #onTool() {
    const { chosen } = this.tools;
    this.root.dataset.tool = chosen;
    this.stage.modeBar.drags = chosen === "points";
    this.stage.drag(this.stage.modeBar.dragmode);
    this.#updateHint();
  }

  /** @param {PointerEvent} event */
  #onClick(event) {
    const at = this.axes.toData(event);
    // The second click of a double click adds nothing.
    const adds = this.tools.chosen === "points" && !this.stage.doubled;
    if (adds && this.axes.contains(at)) this.handles.add(at);
  }

  /** @param {string} key */
  #onStored(key) {
    if (this.#pending) this.update(this.#pending);
    else if (key === "plane-basins" && this.content) {
      this.painter.paintBasins(this.#basins(this.content));
      this.stage.move();
    }
  }
}

export default mountDraggable(PlaneView);
