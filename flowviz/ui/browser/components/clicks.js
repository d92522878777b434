// A press and a release in one place, on a stage that Plotly draws in.
/** @import { Point } from "./types" */

const CLICK_PX = 4; // a press that moves less is a click
const HANDLES_ITSELF = ".fv-handles, .fv-places, .fv-probe, .fv-grip, .modebar";

/**
 * Plotly's own drags (zoom, pan) are no clicks. The release is the window's: while a button is down,
 * Plotly covers the page with a node of its own.
 *
 * @param {HTMLElement} stage
 * @param {(event: PointerEvent) => void} act
 */
export function listenToClicks(stage, act) {
  /** @type {AbortController | undefined} */
  let pressed;
  const press = (/** @type {PointerEvent} */ event) => {
    pressed?.abort(); // by another finger
    pressed = undefined;
    if (event.button > 0 || handlesItself(event.target)) return;
    const release = new AbortController();
    pressed = release;
    const options = { capture: true, signal: release.signal };
    /** @type {Point} */
    const from = [event.clientX, event.clientY];
    window.addEventListener("pointercancel", () => release.abort(), options);
    window.addEventListener(
      "pointerup",
      (up) => {
        release.abort();
        if (isStill(from, up)) act(up);
      },
      options,
    );
  };
  // In the capture phase, before Plotly sees the press.
  stage.addEventListener("pointerdown", press, true);
}

/**
 * Whether a press on that node is not one on the picture.
 *
 * @param {EventTarget | null} target
 */
export function handlesItself(target) {
  return target instanceof Element && target.closest(HANDLES_ITSELF) !== null;
}

/**
 * @param {Point} from
 * @param {MouseEvent} event
 */
export function isStill([x, y], event) {
  return Math.hypot(event.clientX - x, event.clientY - y) < CLICK_PX;
}
