// A prior of the plane moved and stretched, exactly, from its tables: both coordinates alike.
/** @import { PlanePreviewTables, PlanePriorTables } from "./types" */
/** @import { Motion } from "./engine_motion.js" */
import { lowered, moved, movedPrior } from "./engine_motion.js";

/**
 * The tables of the plane with the prior moved; starts move with it.
 *
 * @param {PlanePreviewTables} tables
 * @param {Motion} motion
 * @returns {PlanePreviewTables}
 */
export function movedPlaneTables(tables, motion) {
  const { prior, x1 } = tables;
  return {
    ...tables,
    prior: movedPlanePrior(prior, motion),
    x1: x1.map((x) => moved(x, motion)),
  };
}

/**
 * A prior of the plane; a disk and a ring are stretched only.
 *
 * @param {PlanePriorTables} tables
 * @param {Motion} motion
 * @returns {PlanePriorTables}
 */
export function movedPlanePrior({ product, radial, gaussians, smooth, half, modes }, motion) {
  const { stretch } = motion;
  return {
    product: product && movedPrior(product, motion),
    radial: radial && {
      centre: moved(radial.centre, motion),
      edge: radial.edge === null ? null : radial.edge * stretch,
      scale: radial.scale * stretch,
      density: lowered(radial.density, 2 * Math.log(stretch)),
    },
    gaussians: gaussians && movedGaussians(gaussians, motion),
    smooth,
    half: half * stretch,
    modes: modes && {
      low: moved(modes.low, motion),
      high: moved(modes.high, motion),
      width: modes.width * stretch,
    },
  };
}

/**
 * @param {Float64Array} terms mean x, mean y, scale x, scale y, correlation, weight of each
 * @param {Motion} motion
 */
function movedGaussians(terms, motion) {
  const change = [moved, moved, stretched, stretched];
  return terms.map((value, k) => change[k % 6]?.(value, motion) ?? value);
}

/**
 * @param {number} length
 * @param {Motion} motion
 */
function stretched(length, { stretch }) {
  return stretch * length;
}
