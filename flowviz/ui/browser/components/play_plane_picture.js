// The picture of the light page of the Plane: the flow computed here, painted by the canvases of the Plane on
// axes of its own, with its handles and its player; nothing is asked of a server.
/** @import { Edit } from "./messages" */
/** @import { PlanePlayBlock, PlayStyle } from "./play" */
/** @import { PlayState } from "./play_link.js" */
/** @import { PaintedFlow, PlaneFlow, Point, Texts } from "./types" */
import { CaptionMarks } from "./caption_marks.js";
import { handlesItself, listenToClicks } from "./clicks.js";
import { PlanePreview } from "./engine_plane_picture.js";
import { HistoryButtons } from "./figure_buttons.js";
import { drawnSize, edgeWidth } from "./handle_marks.js";
import { Handles } from "./handles.js";
import { clamp } from "./interpolation.js";
import { number } from "./number.js";
import { highestDensity, trajectoriesTo } from "./plane_flow.js";
import { Painter } from "./plane_paint.js";
import { spoken } from "./play_card.js";
import { PlanePlayAxes } from "./play_plane_axes.js";
import { planeCardOf } from "./play_plane_card.js";
import { planeTablesOf, squareView } from "./play_plane_flow.js";
import { PointHistory, sizesOf } from "./play_points.js";
import { Player } from "./player.js";
import { QueryCard } from "./query_card.js";
import { queryMarker } from "./query_marker.js";
import { element, placeNode, setColours, svg } from "./runtime.js";
import { Selection } from "./selection.js";
import { isTouch, keepDrags } from "./touch.js";

const FIRST_T = 0.001; // at t = 0 all has arrived, and there is nothing to ask
const LINE_PX = 1.6;
const EDGE_PX = 2;
const FRAME_MS = 24;
const [FIRST, LEAST] = [60, 24]; // trajectories of a picture while something is dragged

/** @typedef {Omit<PlayState, "time" | "lang">} Chosen */

export class PlanePlayPicture {
  /** @type {PlaneFlow | undefined} */
  flow;
  /** @type {Point | null} the query point */
  query = null;
  /** @type {PlanePreview | null} */
  #engine = null;
  /** @type {ReturnType<PlanePreview["picture"]> | null} */
  #picture = null;
  #most = FIRST;
  #frame = 0;
  /** @type {Texts} */
  #texts = {};

  /**
   * @param {PlanePlayBlock} block
   * @param {() => void} changed called when an edit is complete
   */
  constructor(block, changed) {
    this.block = block;
    this.changed = changed;
    this.history = new PointHistory(block.points);
    /** @type {Omit<Chosen, "points">} */
    this.chosen = this.#atFirst();
    this.view = this.#ownView;
    /** @type {PlayStyle} */
    this.style = block.styles.light;
    this.painter = new Painter();
    this.overlay = svg("svg", { class: "fv-overlay", role: "group" });
    this.scale = element("div", { className: "fv-scale" });
    this.node = element("div", { className: "fv-stage fv-moving" });
    this.axes = new PlanePlayAxes(this.node);
    this.player = new Player((t) => this.#showTime(t));
    this.buttons = new HistoryButtons((step) => this.edit({ op: step }));
    this.hint = element("div", { className: "fv-hint" });
    this.accuracy = element("div", { className: "fv-hint fp-accuracy" });
    this.spoken = element("div", { className: "fp-spoken", "aria-live": "polite" });
    this.card = new QueryCard();
    this.marker = queryMarker();
    this.root = element("div", { className: "fv-fan fv-plane fp-picture fp-plane" });
    this.captions = new CaptionMarks("play:plane", this.root);
    this.node.append(this.axes.node, this.painter.node, this.overlay, this.scale);
    this.node.append(this.captions.node, this.card.node);
    this.root.append(this.node, this.player.node, this.hint, this.accuracy, this.spoken);
    this.selection = new Selection(this.node, (i) => ({
      lines: this.flow
        ? trajectoriesTo(this.flow, this.painter.tracks, this.#points, i, this.axes)
        : [],
      colour: this.#colourOf(i),
    }));
    this.handles = this.#newHandles();
    this.#listen();
  }

  #atFirst() {
    const { schedule, trajectories } = this.block;
    return { motion: { shift: 0, stretch: 1 }, schedule, trajectories };
  }

  /** The scene's own. @returns {PaintedFlow["view"]} */
  get #ownView() {
    const { engine, frozen } = this.block;
    return (engine ?? /** @type {PlaneFlow} */ (frozen)).view;
  }

  get #points() {
    const { x, y, w } = this.history.now;
    return { x, y: y ?? [], w };
  }

  #newHandles() {
    const layer = svg("g", { class: "fv-handles" });
    this.frozenPoints = svg("g");
    this.overlay.append(this.selection.node, this.frozenPoints, layer, this.marker);
    const { axes } = this;
    const frame = {
      toPixel: (/** @type {number[]} */ at) => axes.toPixel(at),
      toData: (/** @type {MouseEvent} */ event) => axes.toData(event),
      view: () => axes.view,
    };
    return new Handles(layer, frame, (edit) => this.edit(edit), this.selection);
  }

  #listen() {
    new ResizeObserver(() => this.#align()).observe(this.node);
    if (!this.block.engine) return;
    listenToClicks(this.node, (event) => {
      const at = this.axes.toData(event);
      if (this.axes.contains(at)) this.#ask(at);
    });
    this.node.addEventListener("dblclick", (event) => {
      const at = this.axes.toData(event);
      if (!handlesItself(event.target) && this.axes.contains(at)) this.handles.add(at);
    });
    this.root.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#ask(null);
    });
    keepDrags(this.node);
  }

  /** @returns {Chosen} */
  get state() {
    return { points: this.history.now, ...this.chosen };
  }

  /** Positions in double precision, where the engine draws. */
  get traces() {
    return { flow: this.flow, x: this.#picture?.x, error: this.#picture?.error };
  }

  // ------------------------------------------------------------------------------ what is chosen

  /** Ask what the link asks. */
  start() {
    const { engine, probe } = this.block;
    this.query = engine && probe ? [probe[1], probe[2]] : null;
  }

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
    this.draw();
  }

  /** @param {Partial<Omit<Chosen, "points">>} change */
  choose(change) {
    this.chosen = { ...this.chosen, ...change };
    this.#engine = null;
    this.#drawSoon(true);
  }

  /** Back to the scene. */
  reset() {
    this.history.set(this.block.points);
    [this.view, this.chosen, this.#engine] = [this.#ownView, this.#atFirst(), null];
    this.draw();
    this.changed();
  }

  /** @param {Edit} edit */
  edit(edit) {
    const complete = this.history.apply(edit);
    this.#drawSoon(complete);
    if (edit.op === "undo" || edit.op === "redo") this.selection.clear();
  }

  /** @param {boolean} complete */
  #drawSoon(complete) {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.draw(complete);
      if (complete) this.changed();
    });
  }

  // ------------------------------------------------------------------------------ what is drawn

  /** @param {boolean} [fit] whether the view may change */
  draw(fit = false) {
    const { block } = this;
    if (!block.engine) this.flow = /** @type {PlaneFlow} */ (block.frozen);
    else {
      if (fit && !this.handles.dragging) this.#fit();
      this.#engine ??= new PlanePreview(planeTablesOf(block, this.state, this.view));
      const start = performance.now();
      const most = this.handles.dragging ? this.#most : Number.POSITIVE_INFINITY;
      this.#picture = this.#engine.picture(this.#points, most);
      this.#picture.frames.prepare(this.player.t);
      this.flow = this.#picture.packed;
      const spent = Math.max(1, performance.now() - start);
      const room = Math.min(2, FRAME_MS / spent) * (this.handles.dragging ? this.#most : FIRST);
      if (this.handles.dragging) this.#most = Math.max(LEAST, Math.round(room));
    }
    const { ink, ground, points, density } = this.style;
    const style = { ink, ground, basins: points, map: [], density, line: LINE_PX, dark: false };
    this.painter.update(this.flow, block.views, style);
    this.buttons.update(this.#texts, this.history.possible);
    this.#writeAccuracy();
    this.#align();
    this.root.dataset.serial = String(Number(this.root.dataset.serial ?? 0) + 1);
  }

  /** How exact the trajectories are, once nothing is dragged. */
  #writeAccuracy() {
    const { error = 0, unsure = 0 } = this.#picture ?? {};
    const told = this.#picture && !this.handles.dragging;
    const said = [
      told ? this.#texts.accuracy.replace("{error}", number(error, 2)) : "",
      told && unsure ? this.#texts.unsure.replace("{n}", String(unsure)) : "",
    ];
    this.accuracy.textContent = said.filter(Boolean).join(" ");
  }

  /** A view for what is chosen now. */
  #fit() {
    const view = squareView(this.view, this.block.prior.range, this.chosen.motion, this.#points);
    if (view === this.view) return;
    this.view = view;
    this.#engine = null;
  }

  /** Put everything where the axes are now. */
  #align() {
    if (!this.flow) return;
    this.axes.update(this.view);
    const { box } = this.axes;
    placeNode(this.painter.node, box);
    this.painter.resize(box);
    Object.assign(this.scale.style, { left: `${box.left + 8}px`, top: `${box.top + 8}px` });
    this.captions.place(box);
    this.selection.draw();
    this.#updateHandles();
    this.overlay.setAttribute("aria-label", this.#description());
    this.#showTime(this.player.t);
  }

  #updateHandles() {
    const { x, y, w } = this.#points;
    const colour = x.map((_, i) => this.#colourOf(i));
    const shown = { at: x.map((at, i) => [at, y[i]]), size: sizesOf(w), colour, weight: w.slice() };
    if (!this.block.engine) this.#drawFrozenPoints(shown);
    else if (this.handles.dragging) this.handles.draw();
    else this.handles.update(shown, this.#texts);
  }

  /** @param {{ at: number[][], size: number[], colour: string[] }} points */
  #drawFrozenPoints({ at, size, colour }) {
    const nodes = at.map((position, i) => {
      const [cx, cy] = this.axes.toPixel(position);
      const edge = { "stroke-width": edgeWidth(size[i], EDGE_PX) };
      const shape = { cx, cy, r: drawnSize(size[i]) / 2, fill: colour[i], ...edge };
      return svg("circle", { ...shape, class: "fp-frozen" });
    });
    this.frozenPoints?.replaceChildren(...nodes);
  }

  /** @param {number} i */
  #colourOf(i) {
    return this.style.points[i % this.style.points.length];
  }

  #description() {
    const { x, y, w } = this.#points;
    const total = w.reduce((sum, weight) => sum + weight, 0);
    const points = x.map(
      (at, i) => `(${number(at)}, ${number(y[i])}) (${number((100 * w[i]) / total)}%)`,
    );
    return (this.#texts.picture ?? "").replace("{points}", points.join(", "));
  }

  /** @param {number} t */
  #showTime(t) {
    if (!this.flow || !this.axes.drawn) return;
    this.#picture?.frames.prepare(t);
    this.painter.show(t);
    const top = highestDensity(this.flow, t);
    this.scale.hidden = !top || !this.block.views.includes("density");
    this.scale.textContent = `${this.#texts.top} = ${top === Infinity ? "∞" : number(top ?? 0)}`;
    this.#showQuery(t);
  }

  // ------------------------------------------------------------------------------ the query point

  /** @param {Point | null} at */
  #ask(at) {
    this.query = at;
    this.#showQuery(this.player.t);
  }

  /** @param {number} t */
  #showQuery(t) {
    const { query, style } = this;
    const flow = this.#picture?.frames.flow;
    const shown =
      query && flow
        ? (planeCardOf(flow, clamp(t, FIRST_T, 1), query, style.points, this.#texts.velocity) ?? {
            values: [this.#texts.nowhere],
            bars: [],
          })
        : null;
    this.card.update(shown);
    this.marker.setAttribute("display", query ? "inline" : "none");
    if (query) {
      const pixel = this.axes.toPixel(query);
      this.marker.setAttribute("transform", `translate(${pixel.join(",")})`);
      this.card.place(pixel, this.axes.box);
    }
    const words = spoken(shown);
    if (this.spoken.textContent !== words) this.spoken.textContent = words;
  }
}
