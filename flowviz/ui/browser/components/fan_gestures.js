// What the pointer and the keys do over the Fan, as a state machine:
//
//   idle --- press the time line ----> scrubbing ---- release ----> idle
//   idle --- press the query point --> querying ----- release ----> idle
//
// The data points' handles have a machine of their own (`handles.js`), and Plotly zooms and pans.
/** @import { Point } from "./types" */
/** @import { FanOverlay } from "./fan_overlay.js" */
/** @import { Handles } from "./handles.js" */
/** @import { Player } from "./player.js" */
/** @import { Axes } from "./axes.js" */

import { isStill, listenToClicks } from "./clicks.js";

/** The strip for new points: right of t = 0, and left of the axes, where their numbers are. */
const STRIP_PX = { mouse: { within: 3, beyond: 0 }, touch: { within: 12, beyond: 22 } };

/**
 * @typedef {{ kind: "idle" }
 *   | { kind: "scrubbing", from: Point, moved: boolean }
 *   | { kind: "querying" }} State
 */

/**
 * What the gestures act on.
 *
 * @typedef {object} Target
 * @property {HTMLElement} root
 * @property {{ node: HTMLElement, doubled: boolean }} stage
 * @property {FanOverlay} overlay
 * @property {Axes} axes
 * @property {Player} player
 * @property {Handles} handles
 * @property {unknown} content null or undefined before there is something to act on
 * @property {Point | null} query
 * @property {(at: Point, preview: boolean) => void} ask
 * @property {() => void} forgetQuery
 */

export class FanGestures {
  /** @type {State} */
  #state = { kind: "idle" };

  /** @param {Target} target */
  constructor(target) {
    this.target = target;
    this.#listenToTimeLine(target.overlay.timeGrip);
    this.#listenToQuery(target.overlay.query);
    listenToClicks(target.stage.node, (event) => this.#click(event));
    window.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !target.query || !target.root.isConnected) return;
      event.preventDefault();
      target.forgetQuery();
    });
  }

  /** The query point while it is dragged: newer than any the server knows. */
  get draggedQuery() {
    return this.#state.kind === "querying" ? this.target.query : null;
  }

  /** Whether a pointer holds the time line or the query point. */
  get held() {
    return this.#state.kind !== "idle";
  }

  // ------------------------------------------------------------------------------ scrubbing

  /** @param {SVGElement} grip */
  #listenToTimeLine(grip) {
    grip.addEventListener("pointerdown", (event) => {
      capture(event, grip);
      this.#state = { kind: "scrubbing", from: [event.clientX, event.clientY], moved: false };
    });
    grip.addEventListener("pointermove", (event) => this.#scrub(event));
    grip.addEventListener("pointerup", (event) => {
      const state = this.#end();
      if (state.kind !== "scrubbing") return;
      if (state.moved) this.target.player.announce();
      else this.#click(event); // a click on the line is a click in the plane
    });
    grip.addEventListener("pointercancel", () => this.#end());
  }

  /** @param {PointerEvent} event */
  #scrub(event) {
    const state = this.#state;
    if (state.kind !== "scrubbing") return;
    state.moved ||= !isStill(state.from, event);
    if (!state.moved) return;
    this.target.player.scrub(this.target.axes.toData(event)[0]);
  }

  // ------------------------------------------------------------------------------ querying

  /** @param {SVGElement} marker */
  #listenToQuery(marker) {
    marker.addEventListener("pointerdown", (event) => {
      capture(event, marker);
      this.#state = { kind: "querying" };
    });
    marker.addEventListener("pointermove", (event) => {
      if (this.#state.kind === "querying") this.target.ask(this.target.axes.toData(event), true);
    });
    const end = () => {
      const { query } = this.target;
      if (this.#end().kind === "querying" && query) this.target.ask(query, false);
    };
    marker.addEventListener("pointerup", end);
    marker.addEventListener("pointercancel", end);
  }

  // ------------------------------------------------------------------------------ clicks

  /** Back to idle. @returns {State} where it was */
  #end() {
    const state = this.#state;
    this.#state = { kind: "idle" };
    return state;
  }

  /**
   * A click at t = 0 or left of it adds a data point, elsewhere it asks about the place.
   *
   * @param {PointerEvent} event
   */
  #click(event) {
    if (!this.target.content || !this.target.axes.drawn) return;
    const at = this.target.axes.toData(event);
    if (this.target.stage.doubled) return;
    if (this.#adds(event, at)) this.target.handles.add([at[1]]);
    else if (this.target.axes.contains(at)) this.target.ask(at, false);
  }

  /**
   * Whether a click is in the strip around t = 0, which is wide enough for a finger.
   *
   * @param {PointerEvent} event
   * @param {Point} at
   */
  #adds({ pointerType }, [t, x]) {
    const { axes } = this.target;
    const [[first], [low, high]] = axes.view;
    if (x < low || x > high) return false;
    const [left] = axes.toPixel([first, x]);
    const [zero] = axes.toPixel([0, x]);
    const [px] = axes.toPixel([t, x]);
    const { within, beyond } = pointerType === "touch" ? STRIP_PX.touch : STRIP_PX.mouse;
    return px >= left - beyond && px <= zero + within && zero >= left;
  }
}

/**
 * @param {PointerEvent} event
 * @param {Element} node
 */
function capture(event, node) {
  event.stopPropagation();
  event.preventDefault();
  node.setPointerCapture(event.pointerId);
}
