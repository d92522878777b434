// The trajectories of a fan: those that reach one data point, in pixels; where each is at a time.
/** @import { Axes } from "./axes.js" */
/** @import { Fan, Point } from "./types" */
import { bracket, mix } from "./interpolation.js";

/**
 * Where each trajectory is at t, in [0, 1].
 *
 * @param {Fan} fan
 * @param {number} t
 */
export function positionsAt({ trace, nodes, count }, t) {
  const [j, fraction] = bracket(trace.x, nodes, t);
  return Array.from({ length: count }, (_, q) => {
    const k = q * (nodes + 1) + j;
    return mix(trace.y[k], trace.y[k + 1], fraction);
  });
}

/**
 * @param {number} x0 the data point
 * @param {Fan[]} fans
 * @param {Axes} axes
 */
export function trajectoriesTo(x0, fans, axes) {
  /** @type {Point[][]} */
  const lines = [];
  for (const { trace, nodes, count } of fans) {
    for (let q = 0; q < count; q++) {
      if (trace.visible === false || !isAt(trace.meta[q], x0)) continue;
      const first = q * (nodes + 1);
      lines.push(
        Array.from({ length: nodes }, (_, k) =>
          axes.toPixel([trace.x[first + k], trace.y[first + k]]),
        ),
      );
    }
  }
  return lines;
}

/**
 * Whether a trajectory reaches that position; a packed position has single precision.
 *
 * @param {number | number[] | null} reached
 * @param {number} x0
 */
function isAt(reached, x0) {
  return typeof reached === "number" && Math.abs(reached - x0) <= 1e-6 * Math.max(1, Math.abs(x0));
}
