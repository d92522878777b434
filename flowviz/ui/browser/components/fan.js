// The Fan: Plotly draws axes, prior and arrows, canvases behind them the density and the trajectories,
// an SVG overlay on the same axes all that moves without the server.
/** @import { DragView, FanContent, FanTraces, Plotly, PlotNode, Point, Rows } from "./types" */
import { stored } from "./density_store.js";
import { DragChannel, isStale, markDrawn } from "./drag_channel.js";
import { downloadFan, fitLayout, splitTraces } from "./fan_figure.js";
import { FanGestures } from "./fan_gestures.js";
import { FanOverlay } from "./fan_overlay.js";
import { FigureButtons } from "./figure_buttons.js";
import { Handles } from "./handles.js";
import { clamp } from "./interpolation.js";
import { Player } from "./player.js";
import { PlotAxes } from "./plot_axes.js";
import { element, loadPlotly, mountDraggable, setColours } from "./runtime.js";
import { colourBar, TimePlane } from "./time_plane.js";
import { Tooltip } from "./tooltip.js";

const PAINTED_HERE = new Set(["points", "heat", "fan"]); // and not by Plotly
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
  #drawnFrame = "";
  #drawnSize = "";

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.timePlane = new TimePlane();
    const plot = element("div", { className: "fv-plot" });
    this.plot = /** @type {PlotNode} */ (plot); // Plotly makes it one
    this.tooltip = new Tooltip();
    this.stage = element("div", { className: "fv-stage" });
    this.axes = new PlotAxes(this.plot, this.stage);
    this.overlay = new FanOverlay(this.axes);
    this.stage.append(this.timePlane.node, this.plot, this.overlay.node, this.tooltip.node);
    this.player = new Player((t) => this.showTime(t));
    this.buttons = new FigureButtons(
      () => this.handles.undo(),
      () => this.#download(),
    );
    this.hint = element("div", { className: "fv-hint" });
    this.legend = element("div", { className: "fv-legend", hidden: true });
    const controls = [...this.player.nodes, ...this.buttons.nodes];
    const bar = element("div", { className: "fv-bar" }, ...controls);
    this.root = element("div", { className: "fv-fan" }, this.stage, bar, this.legend, this.hint);
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
      view: () => [this.axes.axes.yaxis.range],
    };
    return new Handles(this.overlay.handleLayer, frame, (edit) => this.channel.send(edit));
  }

  // ------------------------------------------------------------------------------ updates

  /** @param {FanContent} content */
  async update(content) {
    const Plotly = await loadPlotly(content.assets.plotly);
    if (isStale(content, this.content)) return;
    /** @type {{ p: Rows } | undefined} */
    const density = stored("fan", content.density);
    this.#pending = density ? null : content;
    if (!density) return;
    const first = this.content === undefined;
    this.content = content;
    this.traces = splitTraces(content.figure.data, density.p);
    this.#updateControls(content);
    if (first) this.player.start(content);
    await this.#react(Plotly);
    if (content !== this.content) return; // a newer picture came while this one was drawn
    if (first) this.#followFigure(Plotly);
    this.channel.acknowledge(content);
    this.#updateHandles(content, this.traces);
    this.query = this.gestures.draggedQuery ?? content.query;
    this.redraw();
    markDrawn(this.root, content);
  }

  /** @param {FanContent} content */
  #updateControls({ words, style, large, legend, undo }) {
    this.player.label(words);
    this.buttons.update(words, undo);
    const touch = window.matchMedia("(hover: none)").matches;
    this.hint.textContent = touch ? words["hint.touch"] : words.hint;
    this.#updateLegend(legend);
    this.root.classList.toggle("fv-large", large);
    setColours(this.root, style);
    this.overlay.node.setAttribute("aria-label", words.picture);
  }

  /**
   * While a point is dragged, or a message is unanswered, the points on the screen are the newest.
   *
   * @param {FanContent} content
   * @param {FanTraces} traces
   */
  #updateHandles({ weights, words }, { points }) {
    if (this.handles.dragging || !this.channel.settled) return;
    const at = Array.from(points.y, (x) => [x]);
    const { size, color } = points.marker;
    const weight = weights.slice();
    this.handles.update({ at, size: Array.from(size), colour: color, weight }, words);
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

  // ------------------------------------------------------------------------------ the figure

  /**
   * Axes, colour bar, prior and arrows are Plotly's; it is asked only when one of them changed.
   *
   * @param {Plotly} Plotly
   */
  async #react(Plotly) {
    if (!this.content || !this.traces) return;
    const { figure, frame, large } = this.content;
    const layout = fitLayout(figure.layout, this.stage.clientWidth, large);
    this.timePlane.update(this.traces, layout.coloraxis);
    // The axes stay while a point is dragged.
    const dragged = this.handles.dragging && this.axes.drawn?.yaxis.range;
    if (dragged) layout.yaxis.range = [...dragged];
    const key = `${frame} ${this.#size} ${layout.yaxis.range}`;
    if (key === this.#drawnFrame) return;
    this.#drawnFrame = key;
    const traces = figure.data.filter(({ name }) => !PAINTED_HERE.has(name ?? ""));
    const bar = colourBar(layout.coloraxis, this.traces.heat.visible);
    const clear = { ...layout, plot_bgcolor: "rgba(0,0,0,0)" }; // the density lies behind
    await Plotly.react(this.plot, [bar, ...traces], clear, { displayModeBar: false });
  }

  /** @param {Plotly} Plotly */
  #followFigure(Plotly) {
    this.plot.on("plotly_afterplot", () => this.redraw());
    new ResizeObserver(() => this.#onResize(Plotly)).observe(this.stage);
  }

  /** The stage's width and height: a window may grow in one alone. */
  get #size() {
    return `${this.stage.clientWidth} ${this.stage.clientHeight}`;
  }

  /** @param {Plotly} Plotly */
  async #onResize(Plotly) {
    if (!this.content || !this.stage.clientWidth || this.#drawnSize === this.#size) return;
    this.#drawnSize = this.#size;
    await this.#react(Plotly);
    Plotly.Plots.resize(this.plot);
  }

  async #download() {
    if (!this.content || !this.traces) return;
    const Plotly = await loadPlotly(this.content.assets.plotly);
    await downloadFan(Plotly, this.content, this.traces, this.player.t);
  }

  // ------------------------------------------------------------------------------ the overlay

  redraw() {
    if (!this.axes.drawn?.xaxis2 || !this.content) return;
    // The range input lies exactly under the plane: its thumb stands under the time line.
    const [left] = this.axes.toPixel([0, 0]);
    const [right] = this.axes.toPixel([1, 0]);
    this.root.style.setProperty("--fv-left", `${left}px`);
    this.root.style.setProperty("--fv-span", `${right - left}px`);
    this.overlay.layout();
    this.timePlane.layout(this.axes.axes);
    if (this.handles.words) this.handles.draw();
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
