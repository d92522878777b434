// The direction of time that the reader prefers, in all that the browser writes of a time or a rate:
// what `flowviz/conventions/time.py` is in Python. Nothing else in the browser knows of it.
/** @import { TimeConvention } from "./types" */

/** @type {TimeConvention} one reader, so one for all components of the page */
let convention = "diffusion";

/** @param {TimeConvention} preferred */
export function setTimeConvention(preferred) {
  convention = preferred;
}

/**
 * A time as it is shown: t, or 1 − t.
 *
 * @param {number} t
 */
export function shownTime(t) {
  return convention === "diffusion" ? t : 1 - t;
}
