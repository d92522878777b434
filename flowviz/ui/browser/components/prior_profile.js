// The prior's density over a view, in the panel beside the plane (t, x).
/** @import { PlotAxis } from "./plotly" */
/** @import { Interval } from "./types" */
/** @import { Distribution } from "./engine_distribution.js" */
import { across, down } from "./axes.js";

/** @typedef {{ x: ArrayLike<number>, p: ArrayLike<number> }} Profile */

const PROFILE = 400; // positions at which p₁ is drawn
const BESIDE = 1e-9; // a jump, of the view

/**
 * p₁ over a view, with positions beside its ends.
 *
 * @param {Distribution} prior
 * @param {Interval} view
 * @param {number[]} jumps of the density
 */
export function profileOf(prior, [low, high], jumps) {
  const step = (high - low) / PROFILE;
  const even = Array.from({ length: PROFILE + 1 }, (_, k) => low + k * step);
  const width = BESIDE * (high - low);
  const ends = [...prior.support, ...jumps].filter((z) => z > low && z < high);
  const x = [...even, ...ends.flatMap((z) => [z - width, z + width])].sort((a, b) => a - b);
  return { x, p: x.map((z) => Math.exp(prior.logDensity(z)) || 0) };
}

/**
 * The prior's density, filled from 0, no further than the panel.
 *
 * @param {Profile} profile
 * @param {PlotAxis} xaxis2
 * @param {PlotAxis} yaxis
 */
export function profilePath({ x, p }, xaxis2, yaxis) {
  const left = xaxis2._offset;
  const right = left + xaxis2._length;
  const height = (/** @type {number} */ k) => (yaxis._offset + down(yaxis, x[k])).toFixed(1);
  const points = Array.from(p, (value, k) => {
    const px = Math.min(right, left + across(xaxis2, value));
    return `${px.toFixed(1)},${height(k)}`;
  });
  return `M${left},${height(0)}L${points.join("L")}L${left},${height(x.length - 1)}Z`;
}
