// A prior of the line moved and stretched, exactly, from its tables: z = shift + stretch·y has
//     F₁(z) = F(y),   p₁(z) = p(y)/stretch,
// and the tables' coordinate is of (z - e)/s, so that only e, s and the level of log p₁ change.
/** @import { DistributionTables, Interval, LogarithmTable, SideTable, Starts } from "./types" */
/** @import { Distribution } from "./engine_distribution.js" */

import { TERMS } from "./engine_distribution.js";

const PROFILE = 400; // positions at which p₁ is drawn
const BESIDE = 1e-9; // a jump, of the view

/** @typedef {{ shift: number, stretch: number }} Motion */

/**
 * @param {DistributionTables} tables
 * @param {Motion} motion
 * @returns {DistributionTables}
 */
export function movedPrior({ median, left, right }, motion) {
  const side = (/** @type {SideTable} */ table) => ({
    edge: table.edge === null ? null : moved(table.edge, motion),
    scale: table.scale * motion.stretch,
    tail: table.tail,
    density: lowered(table.density, Math.log(motion.stretch)),
  });
  return { median: moved(median, motion), left: side(left), right: side(right) };
}

/**
 * Starts at the same levels.
 *
 * @param {Starts} starts
 * @param {Motion} motion
 * @returns {Starts}
 */
export function movedStarts({ x1, lower, upper }, motion) {
  return { x1: x1.map((x) => moved(x, motion)), lower, upper };
}

/**
 * @param {number} x
 * @param {Motion} motion
 */
export function moved(x, { shift, stretch }) {
  return shift + stretch * x;
}

/**
 * @param {LogarithmTable} table
 * @param {number} by
 * @returns {LogarithmTable}
 */
export function lowered(table, by) {
  // The first coefficient of each series is its mean.
  return { ...table, series: table.series.map((c, k) => (k % TERMS === 0 ? c - by : c)) };
}

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
