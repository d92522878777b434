// A Plotly figure with draggable handles and, if it has frames, a time slider. Frames are played in
// the browser; the server computes only what changes with a handle's position.
/** @import { Layout, PlotNode, Plotly } from "./plotly" */
/** @import { DensityChartContent, DragView } from "./types" */
import { ChartFrames } from "./density_chart_frames.js";
import { ChartHandles } from "./density_chart_handles.js";
import { DragChannel, isStale, markDrawn } from "./drag_channel.js";
import { Player } from "./player.js";
import { PlotAxes } from "./plot_axes.js";
import { element, loadPlotly, mountDraggable, setColours, svg } from "./runtime.js";

const FULL_WIDTH_BAR = "2.8rem minmax(0, 1fr) auto auto";

/** @implements {DragView<DensityChartContent>} */
class DensityChartView {
  channel = new DragChannel();
  /** @type {DensityChartContent | undefined} */
  content;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const plot = element("div", { className: "fv-plot", role: "img" });
    this.plot = /** @type {PlotNode} */ (plot); // Plotly makes it one
    this.overlay = svg("svg", { class: "fv-overlay", role: "group" });
    this.stage = element("div", { className: "fv-stage" });
    this.axes = new PlotAxes(this.plot, this.stage);
    this.frames = new ChartFrames(this.axes, this.overlay);
    this.handles = new ChartHandles(this.axes, this.overlay, this.channel);
    this.stage.append(this.frames.cells, this.plot, this.overlay);
    this.player = new Player((t) => this.#showTime(t));
    this.bar = element("div", { className: "fv-bar" }, ...this.player.nodes);
    Object.assign(this.player.output.style, { position: "static", padding: "0 0.8rem" });
    this.hint = element("div", { className: "fv-hint" });
    this.root = element("div", { className: "fv-fan fv-chart" }, this.stage, this.bar, this.hint);
    parent.append(this.root);
  }

  /** @param {DensityChartContent} content */
  async update(content) {
    const Plotly = await loadPlotly(content.assets.plotly);
    if (isStale(content, this.content)) return;
    const first = this.content === undefined;
    this.content = content;
    this.#updateControls(content);
    await this.#react(Plotly);
    if (content !== this.content) return; // a newer picture came while this one was drawn
    if (first) this.#followFigure(Plotly);
    this.channel.acknowledge(content);
    if (content.frames) this.player.label(content.texts);
    if (content.frames && first) this.player.start(content);
    this.#redraw();
    markDrawn(this.root, content);
  }

  /** @param {DensityChartContent} content */
  #updateControls({ frames, texts, style, large, figure }) {
    setColours(this.root, style);
    this.root.classList.toggle("fv-large", large);
    this.bar.hidden = !frames;
    this.bar.style.display = frames ? "" : "none";
    // Under a plane the thumb stands under nothing: the bar takes the whole width.
    this.bar.style.gridTemplateColumns = frames?.kind === "plane" ? FULL_WIDTH_BAR : "";
    this.hint.textContent = texts.hint ?? "";
    this.hint.style.display = texts.hint ? "" : "none";
    this.plot.setAttribute("aria-label", texts.picture);
    this.stage.style.height = `${figure.layout.height}px`;
  }

  /** @param {Plotly} Plotly */
  #followFigure(Plotly) {
    this.plot.on("plotly_afterplot", () => this.#redraw());
    new ResizeObserver(() => this.#react(Plotly)).observe(this.stage);
  }

  /** @param {Plotly} Plotly */
  async #react(Plotly) {
    if (!this.content || !this.stage.clientWidth) return;
    const { figure, frames } = this.content;
    const cells = frames?.kind === "plane";
    const traces = figure.data.filter((trace) => !(cells && trace.name === "heat"));
    const config = { displayModeBar: false, responsive: false };
    await Plotly.react(this.plot, traces, this.#layout(figure.layout, cells), config);
  }

  /**
   * @param {Layout} drawn
   * @param {boolean} cells whether cells lie behind the figure
   * @returns {Layout}
   */
  #layout(drawn, cells) {
    /** @type {Layout} */
    const layout = { ...structuredClone(drawn), autosize: true };
    if (cells) layout.plot_bgcolor = "rgba(0,0,0,0)";
    if (this.handles.dragging && this.axes.drawn) {
      // The axes stay while a handle is dragged.
      layout.xaxis.range = [...this.axes.drawn.xaxis.range];
      layout.yaxis.range = [...this.axes.drawn.yaxis.range];
    }
    return layout;
  }

  #redraw() {
    if (!this.axes.drawn || !this.content) return;
    const { xaxis } = this.axes.axes;
    this.root.style.setProperty("--fv-left", `${xaxis._offset}px`);
    this.root.style.setProperty("--fv-span", `${xaxis._length}px`);
    this.handles.update(this.content.handles ?? [], this.content.large);
    this.#showTime(this.player.t);
  }

  /** @param {number} t */
  #showTime(t) {
    if (!this.content?.frames || !this.axes.drawn) return;
    this.root.dataset.time = t.toFixed(3);
    this.frames.show(this.content, t);
  }
}

export default mountDraggable(DensityChartView);
