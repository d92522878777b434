// A figure over (t, x) or (x, y) on a stage, with handles that are dragged, or a density over (t, x) with
// a line at the time that is played in the browser; the server computes what changes with a handle.
/** @import { Figure, HeatTrace, Layout, LineTrace } from "./plotly" */
/** @import { DensityChartContent, DragView } from "./types" */
import { withArrowHeads } from "./arrow_heads.js";
import { CaptionMarks } from "./caption_marks.js";
import { colourBar } from "./colour_bar.js";
import { ChartHandles } from "./density_chart_handles.js";
import { DragChannel, isStale, markDrawn } from "./drag_channel.js";
import { fitLayout } from "./fan_figure.js";
import { withLabels } from "./line_labels.js";
import { Player } from "./player.js";
import { element, mountDraggable, setColours, svg } from "./runtime.js";
import { titled } from "./saving.js";
import { Stage } from "./stage.js";
import { TimeSlice } from "./time_slice.js";
import { hintOf, keepDrags } from "./touch.js";
import { TraceCanvas } from "./trace_canvas.js";

const MOVING = new Set(["heat", "fan", "query", "arrows", "points"]); // drawn by Plotly at rest only

/** @implements {DragView<DensityChartContent>} */
class DensityChartView {
  channel = new DragChannel();
  /** @type {DensityChartContent | undefined} */
  content;
  /** @type {HeatTrace | undefined} */
  #heat;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.canvas = new TraceCanvas();
    this.overlay = svg("svg", { class: "fv-overlay", role: "group" });
    this.stage = new Stage(this);
    this.axes = this.stage.axes;
    this.stage.append(this.canvas.node, this.overlay);
    this.slice = new TimeSlice(this.axes);
    this.overlay.append(...this.slice.nodes);
    this.handles = new ChartHandles(this.axes, this.overlay, this.channel);
    keepDrags(this.stage.node);
    this.player = new Player((t) => this.#showTime(t));
    this.hint = element("div", { className: "fv-hint" });
    const parts = [this.stage.node, this.player.node, this.hint];
    this.root = element("div", { className: "fv-fan fv-chart" }, ...parts);
    this.captions = new CaptionMarks("green", this.root);
    this.stage.append(this.captions.node);
    parent.append(this.root);
  }

  /** @param {DensityChartContent} content */
  async update(content) {
    if (isStale(content, this.content)) return;
    const first = this.content === undefined;
    this.content = content;
    const { data, layout } = content.figure;
    this.#heat = /** @type {HeatTrace | undefined} */ (data.find(({ name }) => name === "heat"));
    const lines = data.filter(({ name, mode }) => MOVING.has(name ?? "") && mode === "lines");
    this.canvas.update(this.#heat, /** @type {LineTrace[]} */ (lines), layout.coloraxis);
    this.#updateControls(content);
    if (content.playable && first) this.player.start(content);
    await this.stage.update(content);
    if (content !== this.content) return; // a newer picture came while this one was drawn
    this.channel.acknowledge(content);
    this.stage.move();
    this.alignLayers();
    markDrawn(this.root, content);
  }

  /** @param {DensityChartContent} content */
  #updateControls({ playable, texts, style, large }) {
    setColours(this.root, style);
    this.root.classList.toggle("fv-large", large);
    this.player.node.style.display = playable ? "" : "none";
    for (const node of this.slice.nodes) node.setAttribute("display", playable ? "inline" : "none");
    this.hint.textContent = hintOf(texts);
    this.captions.update(texts);
    this.hint.style.display = texts.hint ? "" : "none";
    this.overlay.setAttribute("aria-label", texts.picture);
    if (playable) this.player.label(texts);
  }

  // ------------------------------------------------------------------------------ the stage's picture

  /** As high as drawn, if it fits the window with its player. */
  measure() {
    const { height } = this.#layout();
    this.stage.node.style.height = `min(${height}px, max(18rem, 100vh - var(--fv-around, 10rem)))`;
  }

  /** @returns {Figure} */
  frame() {
    const { data } = /** @type {DensityChartContent} */ (this.content).figure;
    const layout = this.#layout();
    const still = data.filter(({ name }) => !MOVING.has(name ?? ""));
    const bar = layout.coloraxis ? [colourBar(layout.coloraxis)] : [];
    return { data: [...bar, ...still], layout };
  }

  /** @returns {Figure} */
  figure() {
    const { data } = /** @type {DensityChartContent} */ (this.content).figure;
    const traces = withArrowHeads(data.map(withLabels), this.axes.drawn);
    return { data: traces, layout: this.#layout() };
  }

  /** The figure as it is saved. */
  saved() {
    const { texts, style, playable } = /** @type {DensityChartContent} */ (this.content);
    const time = playable ? `   ${this.player.output.value}` : "";
    return titled(this.figure(), texts.title + time, style.ground);
  }

  /** Whether something is dragged, time plays, or an answer is due. */
  moving() {
    return this.handles.dragging || this.player.moving || !this.channel.quiet;
  }

  /** @returns {Layout} */
  #layout() {
    const { figure, large } = /** @type {DensityChartContent} */ (this.content);
    const layout = fitLayout(figure.layout, this.stage.node.clientWidth, large);
    if (this.handles.dragging && this.axes.drawn) {
      // The axes stay while a handle is dragged.
      layout.xaxis.range = [...this.axes.drawn.xaxis.range];
      layout.yaxis.range = [...this.axes.drawn.yaxis.range];
    }
    return layout;
  }

  /** Put the canvas, the handles and the time line where the axes are now. */
  alignLayers() {
    if (!this.axes.drawn || !this.content) return;
    const { xaxis } = this.axes.axes;
    this.player.alignTo(xaxis._offset, xaxis._length);
    this.canvas.layout(this.axes.axes);
    this.captions.place(this.axes.box);
    this.handles.update(this.content.handles ?? [], this.content.large);
    this.#showTime(this.player.t);
  }

  /** @param {number} t */
  #showTime(t) {
    if (!this.content?.playable || !this.axes.drawn || !this.#heat) return;
    this.root.dataset.time = t.toFixed(3);
    const { x0 = [], ...edges } = this.content.slice ?? {};
    this.slice.show({ heat: this.#heat, ...edges, points: { x: x0, weights: [1] } }, t);
  }
}

export default mountDraggable(DensityChartView);
