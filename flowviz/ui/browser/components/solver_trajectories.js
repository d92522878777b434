// A solver's trajectories: a Plotly figure in which a click or the arrow keys set the query point.
/** @import { PlotNode, Plotly } from "./plotly" */
/** @import { DragView, Point, SolverTrajectoriesContent } from "./types" */
import { DragChannel, isStale, markDrawn } from "./drag_channel.js";
import { clamp } from "./interpolation.js";
import { PlotAxes } from "./plot_axes.js";
import { element, loadPlotly, mountDraggable } from "./runtime.js";

const STEPS = 50; // of the arrow keys, across the view
const MAX_HEIGHT_PX = 900;

/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @implements {DragView<SolverTrajectoriesContent>} */
class SolverTrajectoriesView {
  channel = new DragChannel();
  /** @type {SolverTrajectoriesContent | undefined} */
  content;
  /** @type {Point | undefined} where the likelihood was last asked for */
  #query;
  #width = 0;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const plot = element("div", { className: "fv-solver", tabIndex: 0, role: "img" });
    this.plot = /** @type {PlotNode} */ (plot); // Plotly makes it one
    this.axes = new PlotAxes(this.plot, this.plot);
    this.hint = element("div", { className: "fv-hint" });
    parent.append(this.plot, this.hint);
    this.plot.addEventListener("click", (event) => this.#onClick(event));
    this.plot.addEventListener("keydown", (event) => this.#onKeyDown(event));
  }

  /** @param {SolverTrajectoriesContent} content */
  async update(content) {
    const Plotly = await loadPlotly(content.assets.plotly);
    if (isStale(content, this.content)) return;
    const first = this.content === undefined;
    this.content = content;
    this.hint.textContent = content.texts.hint;
    this.plot.setAttribute("aria-label", content.texts.picture);
    await this.#draw(Plotly, content);
    if (content !== this.content) return; // a newer picture came while this one was drawn
    if (first) new ResizeObserver(() => this.#onResize(Plotly)).observe(this.plot);
    this.channel.acknowledge({ ack: content.ack });
    markDrawn(this.plot, content);
  }

  /**
   * @param {Plotly} Plotly
   * @param {SolverTrajectoriesContent} content
   */
  async #draw(Plotly, { figure, square }) {
    const layout = structuredClone(figure.layout);
    this.#width = this.plot.clientWidth;
    // A square of the plane as wide as the page lets it be, and the line of times below it.
    if (square) {
      layout.height = Math.min(1.2 * this.#width, 0.85 * window.innerHeight, MAX_HEIGHT_PX);
    }
    await Plotly.react(this.plot, figure.data, layout, { displayModeBar: false });
  }

  /** @param {Plotly} Plotly */
  async #onResize(Plotly) {
    const width = this.plot.clientWidth;
    if (!this.content || !width || this.#width === width) return;
    await this.#draw(Plotly, this.content);
    Plotly.Plots.resize(this.plot);
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    if (!this.axes.drawn) return;
    const at = this.axes.toData(event);
    if (this.axes.contains(at)) this.#sendQuery(at);
  }

  /** @param {KeyboardEvent} event */
  #onKeyDown(event) {
    const arrow = ARROWS[event.key];
    if (!arrow || !this.axes.drawn) return;
    event.preventDefault();
    const { xaxis, yaxis } = this.axes.axes;
    const from = this.#query ?? this.content?.query ?? [middle(xaxis.range), middle(yaxis.range)];
    this.#sendQuery([
      nudged(from[0], arrow[0], xaxis.range),
      nudged(from[1], arrow[1], yaxis.range),
    ]);
  }

  /** @param {Point} at */
  #sendQuery(at) {
    this.#query = at;
    const [x, y] = at.map((value) => Number(value.toPrecision(5)));
    this.channel.send({ op: "query", at: [x, y] });
  }
}

/** @param {[number, number]} interval */
function middle([low, high]) {
  return (low + high) / 2;
}

/**
 * @param {number} value
 * @param {number} steps
 * @param {[number, number]} interval
 */
function nudged(value, steps, [low, high]) {
  return clamp(value + (steps * (high - low)) / STEPS, low, high);
}

export default mountDraggable(SolverTrajectoriesView);
