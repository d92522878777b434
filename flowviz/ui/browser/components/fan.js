// The Fan: on the stage the density and the trajectories, by canvases (`trace_canvas.js`) or by Plotly, and
// above it an SVG on the same axes with all that moves without the server.
/** @import { Figure } from "./plotly" */
/** @import { Edit } from "./messages" */
/** @import { DensityEdges, DragView, FanContent, FanTraces, Point, Rows } from "./types" */
import { CaptionMarks } from "./caption_marks.js";
import { colourBar } from "./colour_bar.js";
import { stored } from "./density_store.js";
import { DragChannel, isStale, markDrawn } from "./drag_channel.js";
import { fitLayout, marksAt, restingTraces, splitTraces } from "./fan_figure.js";
import { FanGestures } from "./fan_gestures.js";
import { FanOverlay } from "./fan_overlay.js";
import { FanPreviews } from "./fan_previews.js";
import { trajectoriesTo } from "./fan_trajectories.js";
import { HistoryButtons } from "./figure_buttons.js";
import { Handles } from "./handles.js";
import { clamp } from "./interpolation.js";
import { Player } from "./player.js";
import { QueryCard } from "./query_card.js";
import { element, mountDraggable, setColours } from "./runtime.js";
import { titled } from "./saving.js";
import { Selection } from "./selection.js";
import { Stage } from "./stage.js";
import { isTouch, keepDrags } from "./touch.js";
import { TraceCanvas } from "./trace_canvas.js";

const MOVING = new Set(["points", "heat", "fan", "arrows"]); // drawn by Plotly at rest only
const FIRST_T = 0.001; // at t = 0 all has arrived, and there is nothing to ask

/** @implements {DragView<FanContent>} */
class FanView {
  channel = new DragChannel();
  /** @type {FanContent | undefined} */
  content;
  /** @type {FanTraces | undefined} */
  traces;
  /** @type {Point | null} the query point (t, x) */
  query = null;
  /** @type {FanContent | null} what waits for its density */
  #pending = null;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.canvas = new TraceCanvas();
    this.stage = new Stage(this);
    this.axes = this.stage.axes;
    this.overlay = new FanOverlay(this.axes);
    this.stage.append(this.canvas.node, this.overlay.node);
    this.player = new Player((t) => this.showTime(t));
    this.history = new HistoryButtons((step) => this.handles.takeStep(step));
    this.hint = element("div", { className: "fv-hint" });
    this.legend = element("div", { className: "fv-legend", hidden: true });
    this.previews = new FanPreviews(
      () => this.handles.points,
      () => this.#drawPreview(),
      () => this.previews.drawSoon(this.content?.engine ?? null),
    );
    this.player.readings.append(this.history.node);
    const parts = [this.stage.node, this.player.node, this.legend, this.hint];
    this.overlay.node.prepend(this.previews.profile);
    this.root = element("div", { className: "fv-fan" }, ...parts, this.previews.node);
    this.captions = new CaptionMarks("fan", this.root);
    this.card = new QueryCard();
    this.stage.append(this.captions.node, this.card.node);
    parent.append(this.root);
    this.selection = new Selection(this.stage.node, (i) => {
      const { fans, points } = /** @type {FanTraces} */ (this.traces);
      const lines = trajectoriesTo(points.y[i], fans, this.axes);
      return { lines, colour: this.handles.points.colour[i] };
    });
    this.overlay.handleLayer.before(this.selection.node);
    this.handles = this.#newHandles();
    this.gestures = new FanGestures(this);
    keepDrags(this.stage.node);
    window.addEventListener("flowviz:stored", () => this.#pending && this.update(this.#pending));
  }

  #newHandles() {
    const frame = {
      toPixel: (/** @type {number[]} */ [x]) => this.axes.toPixel([0, x]),
      toData: (/** @type {MouseEvent} */ event) => [this.axes.toData(event)[1]],
      view: () => [this.axes.view[1]],
    };
    const { handleLayer } = this.overlay;
    return new Handles(handleLayer, frame, (edit) => this.#onEdit(edit), this.selection);
  }

  // ------------------------------------------------------------------------------ the engine

  /**
   * While a point is dragged the engine draws, and the server is asked when the hand rests.
   *
   * @param {Edit} edit
   */
  #onEdit(edit) {
    const byEngine = edit.op === "move" && edit.preview && this.channel.settled;
    if (byEngine && this.previews.drawSoon(this.content?.engine ?? null)) return;
    this.previews.stop();
    this.channel.send(edit);
  }

  #drawPreview() {
    const picture = this.traces && this.previews.traces(this.traces);
    if (!picture) return;
    this.#show(picture);
    this.stage.move();
    this.alignLayers();
    this.root.dataset.previews = String(Number(this.root.dataset.previews ?? 0) + 1);
  }

  /** @param {FanTraces} traces */
  #show(traces) {
    this.traces = traces;
    const { heat, fans, arrows } = traces;
    const lines = [...fans.map(({ trace }) => trace), ...(arrows ? [arrows] : [])];
    this.canvas.update(heat, lines, this.content?.figure.layout.coloraxis);
  }

  // ------------------------------------------------------------------------------ updates

  /** @param {FanContent} content */
  async update(content) {
    if (isStale(content, this.content)) return;
    /** @type {{ p: Rows } & DensityEdges | undefined} */
    const density = stored("fan", content.density);
    this.#pending = density ? null : content;
    if (!density) return;
    const first = this.content === undefined;
    this.content = content;
    const traces = splitTraces(content.figure.data, density);
    this.#show(traces);
    this.#updateControls(content);
    if (first) this.player.start(content);
    await this.stage.update(content);
    if (content !== this.content) return; // a newer picture came while this one was drawn
    this.channel.acknowledge(content);
    this.#updateHandles(content, traces);
    const { previews } = this;
    previews.take(content.engine);
    if (previews.ahead || (this.handles.dragging && previews.shown)) this.#drawPreview();
    else if (this.channel.settled) previews.compare(traces, content.texts);
    this.query = this.gestures.draggedQuery ?? content.query;
    this.card.update(this.query && content.card);
    this.stage.move();
    this.alignLayers();
    markDrawn(this.root, content);
  }

  /** @param {FanContent} content */
  #updateControls({ texts, style, large, legend, history }) {
    this.player.label(texts);
    this.captions.update(texts);
    this.history.update(texts, history);
    this.hint.textContent = isTouch() ? texts["hint.touch"] : texts.hint;
    this.#updateLegend(legend);
    this.root.classList.toggle("fv-large", large);
    setColours(this.root, style);
    this.overlay.node.setAttribute("aria-label", texts.picture);
  }

  /**
   * While a point is dragged, or a message is unanswered, the points on the screen are the newest.
   *
   * @param {FanContent} content
   * @param {FanTraces} traces
   */
  #updateHandles({ weights, texts }, { points }) {
    if (this.handles.dragging || !this.channel.settled) return;
    const at = Array.from(points.y, (x) => [x]);
    const { size, color } = points.marker;
    const weight = weights.slice();
    this.handles.update({ at, size: Array.from(size), colour: color, weight }, texts);
  }

  /**
   * What the colours mean when they are those of x₁: nothing else in the picture says it.
   *
   * @param {FanContent["legend"]} legend
   */
  #updateLegend(legend) {
    this.legend.hidden = !legend;
    if (!legend) return;
    const spectrum = element("span", { className: "fv-spectrum" });
    spectrum.style.background = `linear-gradient(to right, ${legend.colours.join(", ")})`;
    this.legend.replaceChildren(legend.low, spectrum, legend.high);
  }

  // ------------------------------------------------------------------------------ the stage's picture

  /** The stage's height is the style sheet's. */
  measure() {}

  /** @returns {Figure} */
  frame() {
    const { data } = /** @type {FanContent} */ (this.content).figure;
    const layout = this.#layout();
    const still = data.filter(({ name }) => !MOVING.has(name ?? ""));
    return { data: [colourBar(layout.coloraxis), ...still], layout };
  }

  /** @returns {Figure} */
  figure() {
    if (!this.content || !this.traces) return this.frame();
    return {
      data: restingTraces(this.content, this.traces, this.axes.drawn),
      layout: this.#layout(),
    };
  }

  /** The figure as it is saved. */
  saved() {
    const figure = this.figure();
    const { content, traces, player, query } = this;
    if (!content || !traces) return titled(figure, "", "");
    const marks = marksAt(content, traces, player.t, query);
    const layout = { ...figure.layout, shapes: marks.shapes };
    const marked = { data: [...figure.data, ...marks.traces], layout };
    const title = `${content.texts.title}   ${player.output.value}`;
    return titled(marked, title, content.style.ground);
  }

  /** Whether something is dragged or an answer is due; the time moves over it. */
  moving() {
    return (
      this.handles.dragging || this.gestures.held || this.previews.shown || !this.channel.quiet
    );
  }

  #layout() {
    const { figure, large } = /** @type {FanContent} */ (this.content);
    const layout = fitLayout(figure.layout, this.stage.node.clientWidth, large);
    // The axes stay while a point is dragged.
    const dragged = this.handles.dragging && this.axes.drawn?.yaxis.range;
    if (dragged) layout.yaxis.range = [...dragged];
    return layout;
  }

  /** Put canvases, handles and marks where the axes are now. */
  alignLayers() {
    if (!this.axes.drawn?.xaxis2 || !this.content) return;
    const { left, width } = this.axes.box;
    const [first, last] = this.axes.view[0];
    const inset = first < 0 ? (-first / (last - first)) * width : 0;
    this.player.alignTo(left + inset, width - inset);
    this.canvas.layout(this.axes.axes);
    this.captions.place(this.axes.box);
    this.selection.draw();
    if (this.handles.texts) this.handles.draw();
    this.#showQuery();
    this.previews.showProfile(this.axes);
    this.showTime(this.player.t);
  }

  /** @param {number} t */
  showTime(t) {
    if (!this.traces || !this.content || !this.axes.drawn?.xaxis2) return;
    this.overlay.showTime(t, this.traces, this.content.weights);
  }

  // ------------------------------------------------------------------------------ queries

  /**
   * Ask about a place of the plane.
   *
   * @param {Point} at
   * @param {boolean} preview
   */
  ask([t, x], preview) {
    const range = this.axes.axes.yaxis.range;
    const short = (/** @type {number} */ value) => Number(value.toFixed(4));
    this.query = [short(clamp(t, FIRST_T, 1)), short(clamp(x, ...range))];
    this.#showQuery();
    this.channel.send({ op: "query", t: this.query[0], x: this.query[1], preview });
  }

  #showQuery() {
    this.overlay.showQuery(this.query);
    if (this.query) this.card.place(this.axes.toPixel(this.query), this.axes.box);
  }

  forgetQuery() {
    this.query = null;
    this.card.update(null);
    this.#showQuery();
    this.channel.send({ op: "query", preview: false });
  }
}

export default mountDraggable(FanView);
