// The Plane's query point: where it is asked about, the conditional velocities there and their mean.
/** @import { Trace } from "./plotly" */
/** @import { Coordinates, PlaneContent, PlaneQuery, Point } from "./types" */
/** @import { DragChannel } from "./drag_channel.js" */
/** @import { PlotAxes } from "./plot_axes.js" */
/** @import { Player } from "./player.js" */
import { clamp } from "./interpolation.js";
import { QueryCard } from "./query_card.js";
import { queryMarker } from "./query_marker.js";
import { svg } from "./runtime.js";

const FIRST_T = 0.001; // at t = 0 all has arrived, and there is nothing to ask
const REACH = 0.24; // of the square: an arrow of length 1
const BARB = 0.09; // of an arrow
const NEAR_T = 0.02; // times from the answer's at which its arrows are not pale
const SAME_T = 0.0005;

export class QueryPoint {
  /** @type {PlaneContent | undefined} */
  #content;
  /** @type {PlaneQuery | null} the newest answer, or where the point was left */
  #query = null;
  /** @type {Point | null} where it is dragged */
  #dragged = null;
  /** Whether the last question was a preview: a full one must follow. */
  #previewed = false;

  /**
   * @param {PlotAxes} axes
   * @param {Player} player
   * @param {DragChannel} channel
   */
  constructor(axes, player, channel) {
    this.axes = axes;
    this.player = player;
    this.channel = channel;
    this.card = new QueryCard();
    this.arrows = svg("g", { "pointer-events": "none" });
    this.marker = queryMarker();
    player.range.addEventListener("input", () => this.follow(true));
    window.addEventListener("flowviz:playback", () => this.follow(false));
  }

  /** @param {PlaneContent} content */
  update(content) {
    this.#content = content;
    this.#query = content.query ?? (this.#dragged ? this.#query : null);
  }

  get dragging() {
    return this.#dragged !== null;
  }

  forget() {
    if (this.#query) this.channel.send({ op: "query", preview: false });
  }

  /**
   * Ask about the places where the pointer is pressed and dragged.
   *
   * @param {HTMLElement | SVGElement} node
   * @param {(event: PointerEvent) => boolean} enabled
   */
  listenTo(node, enabled) {
    const ask = (/** @type {PointerEvent} */ event, /** @type {boolean} */ preview) => {
      this.#dragged = this.#ask(this.axes.toData(event), preview);
      this.show();
    };
    const listen = /** @type {HTMLElement["addEventListener"]} */ (
      node.addEventListener.bind(node)
    );
    listen("pointerdown", (event) => {
      if (event.button > 0 || !enabled(event)) return;
      event.preventDefault();
      node.setPointerCapture(event.pointerId);
      ask(event, true);
    });
    listen("pointermove", (event) => {
      if (this.#dragged) ask(event, true);
    });
    listen("pointerup", () => this.#release());
    listen("pointercancel", () => this.#release());
  }

  #release() {
    if (!this.#dragged) return;
    const at = this.#ask(this.#dragged, false);
    this.#query = { arrows: [], ...this.#query, t: this.player.t, at };
    this.#dragged = null;
  }

  /**
   * The answer follows the time: by previews while it is scrubbed, in full once it stands.
   *
   * @param {boolean} preview
   */
  follow(preview) {
    if (!this.#query || !this.marker.isConnected) return;
    if (!preview && !this.#previewed && !this.#isOutdated()) return;
    this.#previewed = preview;
    this.#ask(this.#query.at, preview);
  }

  /** The time that is asked about. */
  get #time() {
    return Number(Math.max(FIRST_T, this.player.t).toFixed(4));
  }

  /**
   * @param {Coordinates} at
   * @param {boolean} preview
   * @returns {Point} where in the picture it asked
   */
  #ask(at, preview) {
    const inside = this.axes.view.map((interval, k) => clamp(at[k], ...interval));
    const [x, y] = inside.map((value) => Number(value.toPrecision(5)));
    this.channel.send({ op: "query", t: this.#time, x, y, preview });
    return [x, y];
  }

  /** Whether the numbers beside the picture are of another time or place than the query point's. */
  #isOutdated() {
    const query = this.#content?.query;
    const at = this.#dragged ?? this.#query?.at;
    if (!query || !at) return false;
    const sameTime = Math.abs(query.t - this.#time) <= SAME_T;
    return !sameTime || at[0] !== query.at[0] || at[1] !== query.at[1];
  }

  // ------------------------------------------------------------------------------ drawing

  /** The point, its arrows and their mean; pale when time has moved on. */
  show() {
    const at = this.#dragged ?? this.#query?.at;
    document.body.classList.toggle("fv-outdated", this.#isOutdated());
    this.marker.setAttribute("display", at && this.axes.contains(at) ? "inline" : "none");
    if (at) this.marker.setAttribute("transform", `translate(${this.axes.toPixel(at)})`);
    const isNear = Math.abs(this.player.t - (this.#query?.t ?? this.player.t)) < NEAR_T;
    this.card.update((isNear && at && this.#query?.card) || null);
    if (at) this.card.place(this.axes.toPixel(at), this.axes.box, this.#query?.marginal);
    // While it is dragged the last answer goes along: the next is a moment away.
    if (!at || !this.#query || !this.#content) return this.arrows.replaceChildren();
    this.arrows.setAttribute("opacity", isNear ? "1" : "0.2");
    this.arrows.replaceChildren(...this.#arrowNodes(at, this.#query, this.#content.style.basins));
  }

  /**
   * @param {Point} at
   * @param {PlaneQuery} query
   * @param {string[]} palette
   */
  #arrowNodes(at, { arrows, marginal, posterior = [], colours = [] }, palette) {
    const conditional = arrows.map((arrow, i) =>
      svg("path", {
        d: this.#arrowPath(at, arrow),
        class: "fv-conditional",
        stroke: palette[colours[i]],
        "stroke-width": widthOf(posterior[i]),
        opacity: opacityOf(posterior[i]),
      }),
    );
    if (!marginal) return conditional;
    return [
      ...conditional,
      svg("path", { d: this.#arrowPath(at, marginal), class: "fv-marginal" }),
    ];
  }

  /**
   * @param {Point} at
   * @param {Point} arrow
   */
  #arrowPath(at, arrow) {
    const path = (/** @type {Point[]} */ stroke) =>
      `M${stroke.map((point) => this.axes.toPixel(point)).join("L")}`;
    return this.#strokes(at, arrow).map(path).join("");
  }

  /**
   * A shaft from the point, and two barbs at its tip.
   *
   * @param {Point} at
   * @param {Point} arrow
   * @returns {Point[][]}
   */
  #strokes([x, y], [dx, dy]) {
    const [low, high] = this.axes.view[0];
    const reach = REACH * (high - low);
    const [tipX, tipY] = [x + reach * dx, y + reach * dy];
    const [bx, by] = [BARB * reach * dx, BARB * reach * dy];
    const barb = (/** @type {number} */ side) =>
      /** @type {Point} */ ([tipX - bx - side * by, tipY - by + side * bx]);
    return [
      [
        [x, y],
        [tipX, tipY],
      ],
      [barb(1), [tipX, tipY], barb(-1)],
    ];
  }

  // ------------------------------------------------------------------------------ for a file

  /** The same as Plotly's traces. @returns {Trace[]} */
  traces() {
    const query = this.#query;
    if (!query || !this.#content || !this.axes.contains(query.at)) return [];
    const { arrows, posterior = [], colours = [], marginal, at } = query;
    const { basins, ink, accent, ground } = this.#content.style;
    const conditional = arrows.map((arrow, i) => {
      const line = { color: basins[colours[i]], width: widthOf(posterior[i]) };
      return this.#lineTrace(at, arrow, line, opacityOf(posterior[i]));
    });
    const mean = { color: ink, width: 3.5, dash: "9px,4px" };
    const edge = { color: ground, width: 2 };
    return [
      ...conditional,
      ...(marginal ? [this.#lineTrace(at, marginal, mean, 1)] : []),
      {
        ...{ type: "scatter", name: "query", mode: "markers", x: [at[0]], y: [at[1]] },
        marker: { color: accent, size: 12, line: edge, opacity: 1 },
      },
    ];
  }

  /**
   * @param {Point} at
   * @param {Point} arrow
   * @param {object} line
   * @param {number} opacity
   * @returns {Trace}
   */
  #lineTrace(at, arrow, line, opacity) {
    const gap = [null, null];
    const points = this.#strokes(at, arrow).flatMap((stroke) => [...stroke, gap]);
    const [x, y] = [0, 1].map((k) => points.map((point) => point[k]));
    return { type: "scatter", name: "query", mode: "lines", x, y, line, opacity };
  }
}

/** @param {number} posterior an arrow is as wide as its data point is likely */
function widthOf(posterior) {
  return 1 + 6 * posterior;
}

/** @param {number} posterior */
function opacityOf(posterior) {
  return clamp(0.3 + posterior, 0.25, 1);
}
