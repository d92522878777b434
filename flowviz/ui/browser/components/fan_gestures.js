// What the pointer and the keys do over the Fan, as a state machine:
//
//   idle --- press the time line ----> scrubbing ---- release ----> idle
//   idle --- press the query point --> querying ----- release ----> idle
//   idle --- press the plane --------> pressed ------ release ----> idle, a click if it held still
//
// The data points' handles have a machine of their own (`handles.js`), and Plotly zooms and pans.
/** @import { Point } from "./types" */
/** @import { FanOverlay } from "./fan_overlay.js" */
/** @import { FanContent, FanTraces } from "./types" */
/** @import { Handles } from "./handles.js" */
/** @import { Player } from "./player.js" */
/** @import { PlotAxes } from "./plot_axes.js" */
/** @import { Tooltip } from "./tooltip.js" */

const CLICK_PX = 4; // a press that moves less is a click
const HAS_ITS_OWN = ".fv-handles, .fv-probe, .fv-grip";

/**
 * @typedef {{ kind: "idle" }
 *   | { kind: "scrubbing", fromX: number, moved: boolean }
 *   | { kind: "querying" }
 *   | { kind: "pressed", from: Point, release: AbortController }} State
 */

/**
 * What the gestures act on.
 *
 * @typedef {object} Target
 * @property {HTMLElement} root
 * @property {HTMLElement} stage
 * @property {FanOverlay} overlay
 * @property {PlotAxes} axes
 * @property {Player} player
 * @property {Handles} handles
 * @property {Tooltip} tooltip
 * @property {FanContent | undefined} content
 * @property {FanTraces | undefined} traces
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
    // In the capture phase, before Plotly sees the press.
    target.stage.addEventListener("pointerdown", (event) => this.#press(event), true);
    target.stage.addEventListener("pointermove", (event) => this.#hover(event));
    target.stage.addEventListener("pointerleave", () => target.tooltip.hide());
    window.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && target.query && target.root.isConnected) target.forgetQuery();
    });
  }

  /** The query point while it is dragged: newer than any the server knows. */
  get draggedQuery() {
    return this.#state.kind === "querying" ? this.target.query : null;
  }

  // ------------------------------------------------------------------------------ scrubbing

  /** @param {SVGElement} grip */
  #listenToTimeLine(grip) {
    grip.addEventListener("pointerdown", (event) => {
      capture(event, grip);
      this.#state = { kind: "scrubbing", fromX: event.clientX, moved: false };
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
    state.moved ||= Math.abs(event.clientX - state.fromX) >= CLICK_PX;
    if (!state.moved) return;
    this.target.player.pause();
    this.target.player.set(this.target.axes.toData(event)[0]);
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

  /**
   * A press and a release in one place are a click; Plotly's own drags (zoom, pan) are not. The
   * release is the window's: while a button is down, Plotly covers the page with a node of its own.
   *
   * @param {PointerEvent} event
   */
  #press(event) {
    if (event.target instanceof Element && event.target.closest(HAS_ITS_OWN)) return;
    this.#end(); // of another finger
    const release = new AbortController();
    const options = { capture: true, signal: release.signal };
    this.#state = { kind: "pressed", from: [event.clientX, event.clientY], release };
    window.addEventListener("pointerup", (up) => this.#release(up), options);
    window.addEventListener("pointercancel", () => this.#end(), options);
  }

  /** @param {PointerEvent} event */
  #release(event) {
    const state = this.#end();
    if (state.kind !== "pressed") return;
    const [fromX, fromY] = state.from;
    const moved = Math.hypot(event.clientX - fromX, event.clientY - fromY);
    if (moved < CLICK_PX) this.#click(event);
  }

  /** Back to idle. @returns {State} where it was */
  #end() {
    const state = this.#state;
    if (state.kind === "pressed") state.release.abort();
    this.#state = { kind: "idle" };
    return state;
  }

  /**
   * Right of t = 0 a click asks about the place; left of it, it adds a data point.
   *
   * @param {PointerEvent} event
   */
  #click(event) {
    if (!this.target.content || !this.target.axes.drawn) return;
    const at = this.target.axes.toData(event);
    if (!this.target.axes.contains(at)) return;
    if (at[0] >= 0) this.target.ask(at, false);
    else this.target.handles.add([at[1]]);
  }

  // ------------------------------------------------------------------------------ hovering

  /** @param {PointerEvent} event */
  #hover(event) {
    const { axes, content, stage, tooltip, traces } = this.target;
    if (!content || !traces || !axes.drawn) return;
    const at = axes.toData(event);
    const hovering = event.pointerType === "mouse" && event.buttons === 0;
    if (!hovering || at[0] < 0 || !axes.contains(at)) return tooltip.hide();
    tooltip.show(at, traces, content);
    tooltip.moveTo(event, stage.getBoundingClientRect());
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
