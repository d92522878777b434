// The picture of the light page of the Plane: the flow computed here, painted by the canvases of the Plane on
// axes of its own, with its handles and its player; nothing is asked of a server.
/** @import { PlanePlayBlock } from "./play" */
/** @import { PaintedFlow, PlaneFlow, Point } from "./types" */
import { handlesItself, listenToClicks } from "./clicks.js";
import { PlanePreview } from "./engine_plane_picture.js";
import { Handles } from "./handles.js";
import { clamp } from "./interpolation.js";
import { number } from "./number.js";
import { highestDensity, trajectoriesTo } from "./plane_flow.js";
import { Painter } from "./plane_paint.js";
import { FIRST_T, PlayPicture } from "./play_picture.js";
import { PlanePlayAxes } from "./play_plane_axes.js";
import { planeCardOf } from "./play_plane_card.js";
import { planeTablesOf, squareView } from "./play_plane_flow.js";
import { queryMarker } from "./query_marker.js";
import { element, placeNode, svg } from "./runtime.js";
import { Selection } from "./selection.js";
import { keepDrags } from "./touch.js";

const LINE_PX = 1.6;
const EDGE_PX = 2;
const FRAME_MS = 24;
const [FIRST, LEAST] = [60, 24]; // trajectories of a picture while something is dragged

/** @extends {PlayPicture<PlanePlayBlock>} */
export class PlanePicture extends PlayPicture {
  /** @type {PlaneFlow | undefined} */
  flow;
  /** @type {PlanePreview | null} */
  #engine = null;
  /** @type {ReturnType<PlanePreview["picture"]> | null} */
  #picture = null;
  #most = FIRST;

  /**
   * @param {PlanePlayBlock} block
   * @param {() => void} changed called when an edit is complete
   */
  constructor(block, changed) {
    super(block, changed, { captions: "play:plane", edge: EDGE_PX });
    this.view = this.#ownView;
    this.root.classList.add("fv-plane", "fp-plane");
    this.painter = new Painter();
    this.overlay = svg("svg", { class: "fv-overlay", role: "group" });
    this.scale = element("div", { className: "fv-scale" });
    this.axes = new PlanePlayAxes(this.node);
    this.accuracy = element("div", { className: "fv-hint fp-accuracy" });
    this.marker = queryMarker();
    this.node.append(this.axes.node, this.painter.node, this.overlay, this.scale);
    this.node.append(this.captions.node, this.card.node);
    this.root.append(this.node, this.player.node, this.hint, this.accuracy, this.spoken);
    this.selection = new Selection(this.node, (i) => ({
      lines: this.flow
        ? trajectoriesTo(this.flow, this.painter.tracks, this.#points, i, this.axes)
        : [],
      colour: this.colourOf(i),
    }));
    this.handles = this.#newHandles();
    this.#listen();
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

  /** Positions in double precision, where the engine draws. @override */
  get traces() {
    return { flow: this.flow, x: this.#picture?.x, error: this.#picture?.error };
  }

  /** @override */
  start() {
    const { engine, probe } = this.block;
    this.query = engine && probe ? /** @type {Point} */ ([probe[1], probe[2]]) : null;
  }

  /** @override */
  forget() {
    this.#engine = null;
  }

  /** @override */
  reset() {
    this.view = this.#ownView;
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
    this.buttons.update(this.texts, this.history.possible);
    this.#writeAccuracy();
    this.align();
    this.count();
  }

  /** How exact the trajectories are, once nothing is dragged. */
  #writeAccuracy() {
    const { error = 0, unsure = 0 } = this.#picture ?? {};
    const told = this.#picture && !this.handles.dragging;
    const said = [
      told ? this.texts.accuracy.replace("{error}", number(error, 2)) : "",
      told && unsure ? this.texts.unsure.replace("{n}", String(unsure)) : "",
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

  /** @override */
  align() {
    if (!this.flow) return;
    this.axes.update(this.view);
    const { box } = this.axes;
    placeNode(this.painter.node, box);
    this.painter.resize(box);
    Object.assign(this.scale.style, { left: `${box.left + 8}px`, top: `${box.top + 8}px` });
    this.captions.place(box);
    this.selection.draw();
    this.#updateHandles();
    this.overlay.setAttribute("aria-label", this.describe());
    this.showTime(this.player.t);
  }

  #updateHandles() {
    const { x, y } = this.#points;
    const shown = this.marked(x.map((at, i) => [at, y[i]]));
    if (!this.block.engine) this.drawFrozenPoints(shown.at.map((at) => this.axes.toPixel(at)));
    else if (this.handles.dragging) this.handles.draw();
    else this.handles.update(shown, this.texts);
  }

  /**
   * @override
   * @param {number} i
   */
  placeOf(i) {
    const { x, y } = this.#points;
    return `(${number(x[i])}, ${number(y[i])})`;
  }

  /**
   * @override
   * @param {number} t
   */
  showTime(t) {
    if (!this.flow || !this.axes.drawn) return;
    this.#picture?.frames.prepare(t);
    this.painter.show(t);
    const top = highestDensity(this.flow, t);
    this.scale.hidden = !top || !this.block.views.includes("density");
    this.scale.textContent = `${this.texts.top} = ${top === Infinity ? "∞" : number(top ?? 0)}`;
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
    const { query, style, texts } = this;
    const flow = query && this.#picture?.frames.flow;
    const time = clamp(t, FIRST_T, 1);
    const card = flow && planeCardOf(flow, time, query, style.points, texts.velocity);
    this.showCard(card ?? null, Boolean(flow));
    this.marker.setAttribute("display", query ? "inline" : "none");
    if (!query) return;
    const pixel = this.axes.toPixel(query);
    this.marker.setAttribute("transform", `translate(${pixel.join(",")})`);
    this.card.place(pixel, this.axes.box);
  }
}
