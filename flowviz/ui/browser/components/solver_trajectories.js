// A solver's trajectories: a Plotly figure in which a click, a drag or the arrow keys set the query point.
/** @import { Figure, PlotNode, Plotly } from "./plotly" */
/** @import { Coordinates, DragView, Point, SolverTrajectoriesContent } from "./types" */
import { CaptionMarks } from "./caption_marks.js";
import { DragChannel, isStale, markDrawn } from "./drag_channel.js";
import { clamp } from "./interpolation.js";
import { withLabels } from "./line_labels.js";
import { PlotAxes } from "./plot_axes.js";
import { QueryCard } from "./query_card.js";
import { queryMarker } from "./query_marker.js";
import {
  element,
  heightOf,
  isWideEnough,
  loadPlotly,
  mountDraggable,
  setColours,
  svg,
} from "./runtime.js";
import { SamplePlayer } from "./sample_player.js";
import { download, savable, titled } from "./saving.js";
import { hintOf, keepDrags } from "./touch.js";

const STEPS = 50; // of the arrow keys, across the view
const MAX_HEIGHT_PX = 900;
const MIN_HEIGHT_PX = 180;
const OF_ONE_TIME = new Set(["heat", "samples"]); // names of traces

/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @implements {DragView<SolverTrajectoriesContent>} */
class SolverTrajectoriesView {
  channel = new DragChannel();
  /** @type {SolverTrajectoriesContent | undefined} */
  content;
  /** @type {Point | null} where the field is asked about */
  #query = null;
  #dragging = false;
  /** For which it was drawn: the plot's width, the window's height. */
  #size = [0, 0];

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const plot = element("div", { className: "fv-solver", tabIndex: 0, role: "img" });
    this.plot = /** @type {PlotNode} */ (plot); // Plotly makes it one
    this.axes = new PlotAxes(this.plot, this.plot);
    this.marker = queryMarker();
    const overlay = svg("svg", { class: "fv-overlay", "aria-hidden": "true" });
    overlay.append(this.marker);
    this.card = new QueryCard();
    this.stage = element("div", { className: "fv-solver-stage" }, plot, overlay);
    this.captions = new CaptionMarks("solvers", this.stage);
    this.samples = new SamplePlayer(this);
    const { painter, player } = this.samples;
    overlay.before(painter.node);
    this.stage.append(this.captions.node, this.card.node);
    this.hint = element("div", { className: "fv-hint" });
    this.root = element("div", {}, this.stage, player.node, this.hint);
    parent.append(this.root);
    this.#listen();
    savable(this.plot, {
      title: () => (this.axes.drawn && this.content ? this.content.texts.title : ""),
      save: (format, name) => this.#save(format, name),
    });
  }

  /**
   * @param {string} format
   * @param {string} [filename]
   */
  async #save(format, filename) {
    if (!this.content) return;
    const { figure, texts, style, assets } = this.content;
    const data = figure.data.map(withLabels);
    const saved = titled({ data, layout: figure.layout }, texts.title, style.ground);
    const { clientWidth: width, clientHeight } = this.plot;
    const height = clientHeight + saved.layout.margin.t;
    const Plotly = await loadPlotly(assets.plotly);
    await download(Plotly, saved, { format, filename, width, height });
  }

  #listen() {
    this.plot.addEventListener("click", (event) => this.#onClick(event));
    this.plot.addEventListener("keydown", (event) => this.#onKeyDown(event));
    keepDrags(this.stage);
    const { marker } = this;
    marker.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      event.preventDefault();
      marker.setPointerCapture(event.pointerId);
      this.#dragging = true;
    });
    marker.addEventListener("pointermove", (event) => {
      if (this.#dragging) this.#moveQuery(this.axes.toData(event));
    });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      marker.addEventListener(end, () => this.#onRelease());
    }
  }

  /** @param {SolverTrajectoriesContent} content */
  async update(content) {
    const Plotly = await loadPlotly(content.assets.plotly);
    if (isStale(content, this.content)) return;
    const first = this.content === undefined;
    this.content = content;
    setColours(this.root, content.style);
    this.hint.textContent = hintOf(content.texts);
    this.plot.setAttribute("aria-label", content.texts.picture);
    this.captions.update(content.texts);
    this.root.classList.toggle("fv-plane", Boolean(content.motion));
    this.samples.makeRoom(content);
    await this.#draw(Plotly, content);
    if (content !== this.content) return; // a newer picture came while this one was drawn
    this.samples.update(content);
    if (first) {
      new ResizeObserver(() => this.#onResize(Plotly)).observe(this.plot);
      window.addEventListener("resize", () => this.#onResize(Plotly));
    }
    this.channel.acknowledge({ ack: content.ack });
    if (this.channel.settled && !this.#dragging) {
      this.#query = content.query;
      this.card.update(content.card);
    }
    this.#align();
    markDrawn(this.plot, content);
  }

  /**
   * @param {Plotly} Plotly
   * @param {SolverTrajectoriesContent} content
   */
  async #draw(Plotly, { figure, square, motion }) {
    if (!isWideEnough(this.plot)) return; // it is drawn when its size changes
    const layout = structuredClone(figure.layout);
    const width = this.plot.clientWidth;
    this.#size = [width, window.innerHeight];
    // A square of the plane as wide as the page lets it be, and the line of times below it.
    const most = Math.min(MAX_HEIGHT_PX, this.#room());
    const { l, r, t, b } = layout.margin;
    const usual = square ? 1.2 * width : (layout.height ?? MAX_HEIGHT_PX);
    const wanted = motion ? width - l - r + t + b : usual; // a square alone
    layout.height = heightOf(this.plot) ?? Math.min(wanted, most);
    const data = figure.data.map(withLabels);
    await Plotly.react(this.plot, data, layout, { displayModeBar: false });
  }

  /** What the window has below the buttons when the page is not scrolled. */
  #room() {
    const scrolled = this.plot.closest("[data-testid=stMain]")?.scrollTop ?? 0;
    const top = this.plot.getBoundingClientRect().top + scrolled;
    const below = this.samples.player.node.clientHeight;
    return Math.max(MIN_HEIGHT_PX, window.innerHeight - top - below - 8);
  }

  /** @param {Plotly} Plotly */
  async #onResize(Plotly) {
    const [width, height] = [this.plot.clientWidth, window.innerHeight];
    if (!this.content || !isWideEnough(this.plot)) return;
    if (this.#size[0] === width && this.#size[1] === height) return;
    this.captions.node.style.visibility = "hidden"; // until they are placed on the new axes
    await this.#draw(Plotly, this.content);
    await Plotly.Plots.resize(this.plot);
    this.#align();
  }

  /** Put what lies over the figure where the axes are now. */
  #align() {
    if (!this.axes.drawn) return;
    this.captions.place(this.axes.box);
    this.samples.align();
    const at = this.#query;
    this.marker.setAttribute("display", at && this.axes.contains(at) ? "inline" : "none");
    if (!at) return;
    const pixel = this.axes.toPixel(at);
    this.marker.setAttribute("transform", `translate(${pixel})`);
    this.card.place(pixel, this.axes.box);
  }

  // ------------------------------------------------------------------------- the samples' owner

  /** Hide what is of the figure's time alone. */
  leave() {
    const { figure } = this.content ?? {};
    if (!figure) return;
    const data = figure.data.filter(({ name }) => !OF_ONE_TIME.has(name ?? ""));
    this.#redraw({ data, layout: { ...figure.layout, annotations: [] } });
  }

  stay() {
    if (this.content) this.#redraw(this.content.figure);
  }

  /** @param {Figure} figure of what is shown */
  async #redraw(figure) {
    const { content } = this;
    if (!content) return;
    const Plotly = await loadPlotly(content.assets.plotly);
    if (content !== this.content) return; // a newer picture came
    await this.#draw(Plotly, { ...content, figure });
    this.#align();
  }

  /** @param {number} t */
  ask(t) {
    this.channel.send({ op: "time", t });
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    if (!this.axes.drawn) return;
    const at = this.axes.toData(event);
    if (this.axes.contains(at)) this.#sendQuery(at);
  }

  #onRelease() {
    if (!this.#dragging) return;
    this.#dragging = false;
    if (this.#query) this.#sendQuery(this.#query);
  }

  /** @param {KeyboardEvent} event */
  #onKeyDown(event) {
    const arrow = ARROWS[event.key];
    if (!arrow || !this.axes.drawn) return;
    event.preventDefault();
    const { xaxis, yaxis } = this.axes.axes;
    const from = this.#query ?? [middle(xaxis.range), middle(yaxis.range)];
    this.#sendQuery([
      nudged(from[0], arrow[0], xaxis.range),
      nudged(from[1], arrow[1], yaxis.range),
    ]);
  }

  /**
   * The answer comes when it is left: here the marker goes along.
   *
   * @param {Coordinates} at
   */
  #moveQuery(at) {
    const [x, y] = at.map((value, k) => clamp(value, ...this.axes.view[k]));
    this.#query = [x, y];
    this.card.update(null);
    this.#align();
  }

  /** @param {Point} at */
  #sendQuery(at) {
    this.#moveQuery(at);
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
