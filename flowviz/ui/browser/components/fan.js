// The Fan: on the stage the density and the trajectories, by canvases (`time_plane.js`) or by Plotly, and
// above it an SVG on the same axes with all that moves without the server.
/** @import { Figure } from "./plotly" */
/** @import { DragView, FanContent, FanTraces, Point, Rows } from "./types" */
import { colourBar } from "./colour_bar.js";
import { stored } from "./density_store.js";
import { DragChannel, isStale, markDrawn } from "./drag_channel.js";
import { fitLayout, marksAt, restingTraces, splitTraces } from "./fan_figure.js";
import { FanGestures } from "./fan_gestures.js";
import { FanOverlay } from "./fan_overlay.js";
import { UndoButton } from "./figure_buttons.js";
import { Handles } from "./handles.js";
import { clamp } from "./interpolation.js";
import { Player } from "./player.js";
import { element, mountDraggable, setColours } from "./runtime.js";
import { Stage } from "./stage.js";
import { TimePlane } from "./time_plane.js";

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
    this.timePlane = new TimePlane();
    this.stage = new Stage(this);
    this.axes = this.stage.axes;
    this.overlay = new FanOverlay(this.axes);
    this.stage.append(this.timePlane.node, this.overlay.node);
    this.player = new Player((t) => this.showTime(t));
    this.undo = new UndoButton(() => this.handles.undo());
    this.hint = element("div", { className: "fv-hint" });
    this.legend = element("div", { className: "fv-legend", hidden: true });
    const bar = element("div", { className: "fv-bar" }, ...this.player.nodes, this.undo.node);
    const parts = [this.stage.node, bar, this.legend, this.hint];
    this.root = element("div", { className: "fv-fan" }, ...parts);
    parent.append(this.root);
    this.handles = this.#newHandles();
    this.gestures = new FanGestures(this);
    this.player.listenToSpace(this.root);
    window.addEventListener("flowviz:stored", () => this.#pending && this.update(this.#pending));
  }

  #newHandles() {
    const frame = {
      toPixel: (/** @type {number[]} */ [x]) => this.axes.toPixel([0, x]),
      toData: (/** @type {MouseEvent} */ event) => [this.axes.toData(event)[1]],
      view: () => [this.axes.view[1]],
    };
    return new Handles(this.overlay.handleLayer, frame, (edit) => this.channel.send(edit));
  }

  // ------------------------------------------------------------------------------ updates

  /** @param {FanContent} content */
  async update(content) {
    if (isStale(content, this.content)) return;
    /** @type {{ p: Rows } | undefined} */
    const density = stored("fan", content.density);
    this.#pending = density ? null : content;
    if (!density) return;
    const first = this.content === undefined;
    this.content = content;
    this.traces = splitTraces(content.figure.data, density.p);
    this.timePlane.update(this.traces, content.figure.layout.coloraxis);
    this.#updateControls(content);
    if (first) this.player.start(content);
    await this.stage.update(content);
    if (content !== this.content) return; // a newer picture came while this one was drawn
    this.channel.acknowledge(content);
    this.#updateHandles(content, this.traces);
    this.query = this.gestures.draggedQuery ?? content.query;
    this.stage.move();
    this.alignLayers();
    markDrawn(this.root, content);
  }

  /** @param {FanContent} content */
  #updateControls({ texts, style, large, legend, undo }) {
    this.player.label(texts);
    this.undo.update(texts, undo);
    const touch = window.matchMedia("(hover: none)").matches;
    this.hint.textContent = touch ? texts["hint.touch"] : texts.hint;
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
    return { data: restingTraces(this.content, this.traces), layout: this.#layout() };
  }

  /** The figure as it is saved. */
  saved() {
    const { data, layout } = this.figure();
    const { content, traces, player } = this;
    if (!content || !traces) return { data, layout, name: "flowviz" };
    const marks = marksAt(content, traces, player.t);
    const title = { text: `${content.texts.title}   ${player.output.value}` };
    const margin = { ...layout.margin, t: layout.margin.t + 44 };
    const extra = { title, margin, shapes: marks.shapes, paper_bgcolor: content.style.ground };
    return { data: [...data, ...marks.traces], layout: { ...layout, ...extra }, name: "flowviz" };
  }

  /** Whether something is dragged or an answer is due; the time moves over it. */
  moving() {
    return this.handles.dragging || this.gestures.held || !this.channel.quiet;
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
    // The range input lies exactly under the plane: its thumb stands under the time line.
    const { left, width } = this.axes.box;
    const [first, last] = this.axes.view[0];
    const inset = first < 0 ? (-first / (last - first)) * width : 0;
    this.root.style.setProperty("--fv-left", `${left + inset}px`);
    this.root.style.setProperty("--fv-span", `${width - inset}px`);
    this.overlay.layout();
    this.timePlane.layout(this.axes.axes);
    if (this.handles.texts) this.handles.draw();
    this.overlay.showQuery(this.query);
    this.showTime(this.player.t);
  }

  /** @param {number} t */
  showTime(t) {
    if (this.traces && this.axes.drawn?.xaxis2) this.overlay.showTime(t, this.traces);
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
    this.overlay.showQuery(this.query);
    this.channel.send({ op: "query", t: this.query[0], x: this.query[1], preview });
  }

  forgetQuery() {
    this.query = null;
    this.overlay.showQuery(null);
    this.channel.send({ op: "query", preview: false });
  }
}

export default mountDraggable(FanView);
