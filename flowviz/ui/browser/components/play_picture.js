// The picture of the light page: the Fan on axes of its own, with the flow computed here. The canvases, the
// overlay, the handles and the player are those of `fan.js`; nothing is asked of a server.
/** @import { Edit } from "./messages" */
/** @import { PlayBlock, PlayStyle } from "./play" */
/** @import { PlayState } from "./play_link.js" */
/** @import { FanTraces, Interval, Point, Texts } from "./types" */
import { CaptionMarks } from "./caption_marks.js";
import { moved } from "./engine_motion.js";
import { FanGestures } from "./fan_gestures.js";
import { FanOverlay } from "./fan_overlay.js";
import { trajectoriesTo } from "./fan_trajectories.js";
import { HistoryButtons } from "./figure_buttons.js";
import { drawnSize, edgeWidth } from "./handle_marks.js";
import { Handles } from "./handles.js";
import { clamp } from "./interpolation.js";
import { number } from "./number.js";
import { PlayAxes } from "./play_axes.js";
import { cardOf, spoken } from "./play_card.js";
import { fittedView, frozenTraces, lightened, PlayEngine } from "./play_flow.js";
import { writeLegend } from "./play_legend.js";
import { PointHistory, sizesOf } from "./play_points.js";
import { Player } from "./player.js";
import { QueryCard } from "./query_card.js";
import { element, setColours, svg } from "./runtime.js";
import { Selection } from "./selection.js";
import { isTouch, keepDrags } from "./touch.js";
import { TraceCanvas } from "./trace_canvas.js";

const FIRST_T = 0.001; // at t = 0 all has arrived, and there is nothing to ask
const DOUBLE_MS = 400;
const EDGE_PX = 1.5;

/** @typedef {Omit<PlayState, "time" | "lang">} Chosen */

export class PlayPicture {
  /** @type {FanTraces | undefined} */
  traces;
  /** @type {Point | null} the query point (t, x) */
  query = null;
  /** @type {PlayEngine | null} */
  #engine = null;
  #frame = 0;
  /** @type {Texts} */
  #texts = {};

  /**
   * @param {PlayBlock} block
   * @param {() => void} changed called when an edit is complete
   */
  constructor(block, changed) {
    this.block = block;
    this.changed = changed;
    this.history = new PointHistory(block.points);
    /** @type {Omit<Chosen, "points">} */
    this.chosen = {
      motion: { shift: 0, stretch: 1 },
      schedule: block.schedule,
      trajectories: block.trajectories,
    };
    /** @type {Interval} */
    this.view = block.view;
    /** @type {PlayStyle} */
    this.style = block.styles.light;
    this.canvas = new TraceCanvas();
    const node = element("div", { className: "fv-stage fv-moving" });
    this.stage = { node, doubled: false };
    this.axes = new PlayAxes(node);
    this.overlay = new FanOverlay(this.axes);
    this.frozenPoints = svg("g");
    this.overlay.handleLayer.before(this.frozenPoints);
    this.player = new Player((t) => this.showTime(t));
    this.buttons = new HistoryButtons((step) => this.edit({ op: step }));
    this.legend = element("div", { className: "fp-legend" });
    this.hint = element("div", { className: "fv-hint" });
    this.separatrix = element("div", { className: "fv-hint fp-separatrix", hidden: true });
    this.spoken = element("div", { className: "fp-spoken", "aria-live": "polite" });
    this.card = new QueryCard();
    this.root = element("div", { className: "fv-fan fp-picture" });
    this.captions = new CaptionMarks("play", this.root);
    node.append(this.axes.node, this.canvas.node, this.overlay.node);
    node.append(this.captions.node, this.card.node);
    this.root.append(node, this.player.node, this.legend);
    this.root.append(this.separatrix, this.hint, this.spoken);
    this.selection = new Selection(node, (i) => ({
      lines: trajectoriesTo(this.history.now.x[i], this.traces?.fans ?? [], this.axes),
      colour: this.#colourOf(i),
    }));
    this.overlay.handleLayer.before(this.selection.node);
    this.handles = this.#newHandles();
    this.#listen();
  }

  #newHandles() {
    const frame = {
      toPixel: (/** @type {number[]} */ [x]) => this.axes.toPixel([0, x]),
      toData: (/** @type {MouseEvent} */ event) => [this.axes.toData(event)[1]],
      view: () => [this.axes.view[1]],
    };
    const send = (/** @type {Edit} */ edit) => this.edit(edit);
    return new Handles(this.overlay.handleLayer, frame, send, this.selection);
  }

  #listen() {
    let pressedAt = Number.NEGATIVE_INFINITY;
    const press = (/** @type {PointerEvent} */ { timeStamp }) => {
      this.stage.doubled = timeStamp - pressedAt < DOUBLE_MS;
      pressedAt = timeStamp;
    };
    this.stage.node.addEventListener("pointerdown", press, true);
    if (this.block.engine) {
      this.gestures = new FanGestures(this);
      keepDrags(this.stage.node);
    } else this.overlay.timeGrip.style.pointerEvents = "none";
    new ResizeObserver(() => this.align()).observe(this.stage.node);
  }

  /** What the gestures act on: nothing before the first picture. */
  get content() {
    return this.traces;
  }

  /** @returns {Chosen} */
  get state() {
    return { points: this.history.now, ...this.chosen };
  }

  /** Ask what the link asks. */
  start() {
    this.query = this.block.engine ? this.block.probe : null;
  }

  // ------------------------------------------------------------------------------ what is drawn

  /**
   * In the reader's language.
   *
   * @param {Texts} texts
   */
  write(texts) {
    this.#texts = texts;
    this.player.label(texts);
    this.captions.update(texts);
    const touch = isTouch() ? texts["hint.touch"] : texts.hint;
    this.hint.textContent = this.block.engine ? touch : "";
  }

  /** @param {PlayStyle} style */
  paint(style) {
    this.style = style;
    const { accent, ground, ink, faint, grid } = style;
    setColours(this.root, { accent, ground, ink, faint, grid });
    this.#forget();
    this.draw();
  }

  /**
   * Another schedule, another number of trajectories, or another place of the prior.
   *
   * @param {Partial<Omit<Chosen, "points">>} change
   */
  choose(change) {
    this.chosen = { ...this.chosen, ...change };
    this.#forget();
    this.#drawSoon(true);
  }

  /** Back to the scene. */
  reset() {
    this.history.set(this.block.points);
    this.view = this.block.view;
    const { schedule, trajectories } = this.block;
    this.chosen = { motion: { shift: 0, stretch: 1 }, schedule, trajectories };
    this.#forget();
    this.draw();
    this.changed();
  }

  /** @param {Edit} edit */
  edit(edit) {
    const complete = this.history.apply(edit);
    this.#drawSoon(complete);
    if (edit.op === "undo" || edit.op === "redo") this.selection.clear();
  }

  /** The engine is made anew at the next picture. */
  #forget() {
    this.#engine = null;
  }

  /** @param {boolean} complete */
  #drawSoon(complete) {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.draw(complete);
      if (complete) this.changed();
    });
  }

  /** @param {boolean} [fit] whether the view may change */
  draw(fit = false) {
    const { block, style } = this;
    if (!block.engine) this.traces = this.#frozen();
    else {
      this.#engine ??= new PlayEngine(block, this.state, this.view, style);
      this.traces = lightened(this.#engine.traces(this.history.now));
      if (fit && !this.handles.dragging) this.#fit();
    }
    this.#show();
  }

  #frozen() {
    if (!this.block.frozen) throw new Error("a scene without a picture");
    return lightened(frozenTraces(this.block, this.block.frozen, this.style));
  }

  /** A view for what is chosen now. */
  #fit() {
    const { prior } = this.block;
    const [low, high] = prior.range.map((x) => moved(x, this.chosen.motion));
    const { fans } = /** @type {FanTraces} */ (this.traces);
    const view = fittedView(this.view, [low, high], this.history.now.x, fans);
    if (view[0] === this.view[0] && view[1] === this.view[1]) return;
    this.view = view;
    this.#engine = new PlayEngine(this.block, this.state, view, this.style);
    this.traces = lightened(this.#engine.traces(this.history.now));
  }

  #show() {
    const { heat, fans } = /** @type {FanTraces} */ (this.traces);
    const ceiling = this.block.ceiling / this.chosen.motion.stretch;
    const scale = { colorscale: this.style.density, cmin: 0, cmax: ceiling };
    this.separatrix.textContent = this.#texts.separatrix;
    this.separatrix.hidden = fans.every(({ trace }) => trace.line.dash === "solid");
    this.canvas.update(
      heat,
      fans.map(({ trace }) => trace),
      scale,
    );
    const { heatmap, fan } = this.block.show;
    const starts = fan && this.block.by === "x1" ? fans : null;
    const shown = { ceiling: heatmap ? ceiling : null, starts };
    writeLegend(this.legend, shown, this.style, this.#texts);
    this.buttons.update(this.#texts, this.history.possible);
    this.#layAxes();
    this.#updateHandles();
    this.#alignLayers();
    this.root.dataset.serial = String(Number(this.root.dataset.serial ?? 0) + 1);
  }

  #updateHandles() {
    const { x, w } = this.history.now;
    const colour = x.map((_, i) => this.#colourOf(i));
    const shown = { at: x.map((at) => [at]), size: sizesOf(w), colour, weight: w.slice() };
    if (!this.block.engine) this.handles.points = shown;
    else if (!this.handles.dragging) this.handles.update(shown, this.#texts);
  }

  /** @param {number} i */
  #colourOf(i) {
    return this.style.points[i % this.style.points.length];
  }

  /** To the stage's size. */
  align() {
    if (!this.traces) return;
    this.#layAxes();
    this.#alignLayers();
  }

  #layAxes() {
    const { block, view, chosen } = this;
    const profile = this.#engine?.profile(view) ?? block.frozen?.prior ?? { x: [], p: [] };
    /** @type {{ t: Interval, x: Interval, p: Interval }} */
    const ranges = { t: [block.gutter, 1], x: view, p: [0, block.panel / chosen.motion.stretch] };
    this.axes.update(ranges, profile, this.#texts);
  }

  /** Put everything where the axes are now. */
  #alignLayers() {
    const { block } = this;
    const { left, width } = this.axes.box;
    const inset = (-block.gutter / (1 - block.gutter)) * width;
    this.player.alignTo(left + inset, width - inset);
    this.canvas.layout(this.axes.axes);
    this.captions.place(this.axes.box);
    this.selection.draw();
    if (block.engine) this.handles.draw();
    else this.#drawFrozenPoints();
    this.overlay.node.setAttribute("aria-label", this.#description());
    this.#showQuery();
    this.showTime(this.player.t);
  }

  #drawFrozenPoints() {
    const { at, size, colour } = this.handles.points;
    const nodes = at.map(([x], i) => {
      const [cx, cy] = this.axes.toPixel([0, x]);
      const edge = { "stroke-width": edgeWidth(size[i], EDGE_PX) };
      const shape = { cx, cy, r: drawnSize(size[i]) / 2, fill: colour[i], ...edge };
      return svg("circle", { ...shape, class: "fp-frozen" });
    });
    this.frozenPoints.replaceChildren(...nodes);
  }

  #description() {
    const { x, w } = this.history.now;
    const total = w.reduce((sum, weight) => sum + weight, 0);
    const points = x.map((at, i) => `${number(at)} (${number((100 * w[i]) / total)}%)`);
    return (this.#texts.picture ?? "").replace("{points}", points.join(", "));
  }

  /** @param {number} t */
  showTime(t) {
    if (this.traces && this.axes.drawn) {
      this.overlay.showTime(t, this.traces, this.history.now.w);
    }
  }

  // ------------------------------------------------------------------------------ the query point

  /**
   * @param {Point} at
   * @param {boolean} preview
   */
  ask([t, x], preview) {
    this.query = [clamp(t, FIRST_T, 1), clamp(x, ...this.view)];
    this.#showQuery();
    if (!preview) this.changed();
  }

  forgetQuery() {
    this.query = null;
    this.#showQuery();
  }

  #showQuery() {
    this.overlay.showQuery(this.query);
    const flow = this.query && this.#engine?.preview.flow(this.history.now);
    const { points } = this.style;
    const card = flow && this.query ? cardOf(flow, this.query, points, this.#texts.velocity) : null;
    const nowhere = flow && !card ? { values: [this.#texts.nowhere], bars: [] } : null;
    const shown = card ?? nowhere;
    this.card.update(shown);
    if (this.query) this.card.place(this.axes.toPixel(this.query), this.axes.box);
    const words = spoken(shown);
    if (this.spoken.textContent !== words) this.spoken.textContent = words;
  }
}
