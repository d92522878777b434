// A prior of the line moved and stretched, exactly, from its tables: z = shift + stretch·y has
//     F₁(z) = F(y),   p₁(z) = p(y)/stretch,
// and the tables' coordinate is of (z - e)/s, so that only e, s and the level of log p₁ change.
/** @import { DistributionTables, LogarithmTable, SideTable, Starts } from "./types" */
import { TERMS } from "./engine_side.js";

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
export function movedStarts({ x1, tail }, motion) {
  return { x1: x1.map((x) => moved(x, motion)), tail };
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
