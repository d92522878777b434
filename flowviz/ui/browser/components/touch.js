// Fingers: what they drag on a picture is theirs, elsewhere they scroll the page; and a visitor who has
// only fingers reads nothing of keys.
/** @import { Texts } from "./types" */

const HELD = ".fv-handle, .fv-grip, .fv-probe";

/** Whether the visitor's main pointer is a finger. */
export function isTouch() {
  return window.matchMedia("(hover: none), (pointer: coarse)").matches;
}

/**
 * The hint below a picture, with its keys where there are any.
 *
 * @param {Texts} texts
 */
export function hintOf({ hint, keys }) {
  return [hint, isTouch() ? "" : keys].filter(Boolean).join(" ");
}

/**
 * Keep the page from scrolling while a finger drags something. `touch-action` does not do it: browsers
 * follow that of boxes, and what is inside an SVG is none. A finger that does not move still clicks.
 *
 * @param {HTMLElement} stage
 * @param {() => boolean} [draws] whether a drag anywhere on the stage draws
 */
export function keepDrags(stage, draws = () => false) {
  let held = false;
  stage.addEventListener(
    "touchstart",
    ({ target }) => {
      held = draws() || (target instanceof Element && target.closest(HELD) !== null);
    },
    { passive: true },
  );
  const keep = (/** @type {TouchEvent} */ event) => {
    if (held && event.cancelable) event.preventDefault();
  };
  stage.addEventListener("touchmove", keep, { passive: false });
}
