// The prior's density over a view, to be drawn.
/** @import { Interval } from "./types" */
/** @import { Distribution } from "./engine_distribution.js" */

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
