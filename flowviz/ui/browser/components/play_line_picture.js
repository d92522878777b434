// The picture of the light page: the Fan on axes of its own, with the flow computed here. The canvases, the
// overlay, the handles and the player are those of `fan.js`; nothing is asked of a server.
/** @import { Edit } from "./messages" */
/** @import { PlayBlock } from "./play" */
/** @import { FanTraces, Interval, Point } from "./types" */
import { moved } from "./engine_motion.js";
import { FanGestures } from "./fan_gestures.js";
import { FanOverlay } from "./fan_overlay.js";
import { trajectoriesTo } from "./fan_trajectories.js";
import { Handles } from "./handles.js";
import { clamp } from "./interpolation.js";
import { number } from "./number.js";
import { PlayAxes } from "./play_axes.js";
import { cardOf } from "./play_card.js";
import { fittedView, frozenTraces, lightened, PlayEngine } from "./play_flow.js";
import { writeLegend } from "./play_legend.js";
import { FIRST_T, PlayPicture } from "./play_picture.js";
import { element } from "./runtime.js";
import { Selection } from "./selection.js";
import { keepDrags } from "./touch.js";
import { TraceCanvas } from "./trace_canvas.js";

const DOUBLE_MS = 400;
const EDGE_PX = 1.5;

/** @extends {PlayPicture<PlayBlock>} */
export class LinePicture extends PlayPicture {
  /** @type {FanTraces | undefined} */
  #traces;
  /** @type {PlayEngine | null} */
  #engine = null;

  /**
   * @param {PlayBlock} block
   * @param {() => void} changed called when an edit is complete
   */
  constructor(block, changed) {
    super(block, changed, { captions: "play", edge: EDGE_PX });
    /** @type {Interval} */
    this.view = block.view;
    const { node } = this;
    this.stage = { node, doubled: false };
    this.canvas = new TraceCanvas();
    this.axes = new PlayAxes(node);
    this.overlay = new FanOverlay(this.axes);
    this.overlay.handleLayer.before(this.frozenPoints);
    this.legend = element("div", { className: "fp-legend" });
    this.separatrix = element("div", { className: "fv-hint fp-separatrix", hidden: true });
    node.append(this.axes.node, this.canvas.node, this.overlay.node);
    node.append(this.captions.node, this.card.node);
    this.root.append(node, this.player.node, this.legend);
    this.root.append(this.separatrix, this.hint, this.spoken);
    this.selection = new Selection(node, (i) => ({
      lines: trajectoriesTo(this.history.now.x[i], this.traces?.fans ?? [], this.axes),
      colour: this.colourOf(i),
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
  }

  /** @override */
  get traces() {
    return this.#traces;
  }

  /** What the gestures act on: nothing before the first picture. */
  get content() {
    return this.traces;
  }

  /** @override */
  start() {
    this.query = this.block.engine ? this.block.probe : null;
  }

  /** @override */
  forget() {
    this.#engine = null;
  }

  /** @override */
  reset() {
    this.view = this.block.view;
    super.reset();
  }

  /** @override */
  clearSelection() {
    this.selection.clear();
  }

  // ------------------------------------------------------------------------------ what is drawn

  /**
   * @override
   * @param {boolean} [fit]
   */
  draw(fit = false) {
    const { block, style } = this;
    if (!block.engine) this.#traces = this.#frozen();
    else {
      this.#engine ??= new PlayEngine(block, this.state, this.view, style);
      this.#traces = lightened(this.#engine.traces(this.history.now));
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
    this.#traces = lightened(this.#engine.traces(this.history.now));
  }

  #show() {
    const { heat, fans } = /** @type {FanTraces} */ (this.traces);
    const ceiling = this.block.ceiling / this.chosen.motion.stretch;
    const scale = { colorscale: this.style.density, cmin: 0, cmax: ceiling };
    this.separatrix.textContent = this.texts.separatrix;
    this.separatrix.hidden = fans.every(({ trace }) => trace.line.dash === "solid");
    this.canvas.update(
      heat,
      fans.map(({ trace }) => trace),
      scale,
    );
    const { heatmap, fan } = this.block.show;
    const starts = fan && this.block.by === "x1" ? fans : null;
    const shown = { ceiling: heatmap ? ceiling : null, starts };
    writeLegend(this.legend, shown, this.style, this.texts);
    this.buttons.update(this.texts, this.history.possible);
    this.#layAxes();
    this.#updateHandles();
    this.#alignLayers();
    this.count();
  }

  #updateHandles() {
    const shown = this.marked(this.history.now.x.map((x) => [x]));
    if (!this.block.engine) this.handles.points = shown;
    else if (!this.handles.dragging) this.handles.update(shown, this.texts);
  }

  /** @override */
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
    this.axes.update(ranges, profile, this.texts);
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
    else this.drawFrozenPoints(this.history.now.x.map((x) => this.axes.toPixel([0, x])));
    this.overlay.node.setAttribute("aria-label", this.describe());
    this.#showQuery();
    this.showTime(this.player.t);
  }

  /**
   * @override
   * @param {number} i
   */
  placeOf(i) {
    return number(this.history.now.x[i]);
  }

  /**
   * @override
   * @param {number} t
   */
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
    this.query = /** @type {Point} */ ([clamp(t, FIRST_T, 1), clamp(x, ...this.view)]);
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
    const card = flow && this.query ? cardOf(flow, this.query, points, this.texts.velocity) : null;
    this.showCard(card, Boolean(flow));
    if (this.query) this.card.place(this.axes.toPixel(this.query), this.axes.box);
  }
}
