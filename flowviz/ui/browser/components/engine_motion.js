// A prior of the line moved and stretched, exactly, from its tables: z = shift + stretch·y has
//     F₁(z) = F(y),   p₁(z) = p(y)/stretch,
// and the tables' coordinate is of (z - e)/s, so that only e, s and the level of log p₁ change. Of the plane
// both coordinates move alike.
/** @import { DistributionTables, Interval, LogarithmTable, PlanePreviewTables, PlanePriorTables, PriorSlider, SideTable, Starts } from "./types" */
import { Side, TERMS } from "./engine_distribution.js";

/** @typedef {{ shift: number, stretch: number }} Motion */

/** @type {Motion} */
export const REST = { shift: 0, stretch: 1 };

/**
 * How far a prior is moved when its sliders stand at other values: z = a + b y, of which each slider adds its
 * part to a and to b. Null where there is no such prior.
 *
 * @param {PriorSlider[]} sliders
 * @param {number[]} values
 * @returns {Motion | null}
 */
export function motionTo(sliders, values) {
  if (sliders.every(({ value }, k) => value === values[k])) return REST;
  const sum = (/** @type {"shift" | "stretch"} */ part, /** @type {number[]} */ at) =>
    sliders.reduce((total, slider, k) => total + slider[part] * at[k], 0);
  const from = sliders.map(({ value }) => value);
  const stretch = sum("stretch", values) / sum("stretch", from);
  if (!(stretch > 0 && stretch < Infinity)) return null;
  return { shift: sum("shift", values) - stretch * sum("shift", from), stretch };
}

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
function lowered(table, by) {
  // The first coefficient of each series is its mean.
  return { ...table, series: table.series.map((c, k) => (k % TERMS === 0 ? c - by : c)) };
}

/**
 * Starts at the middles of equal steps of what of the support is in view, as `launch` of the core has them; null
 * where nothing is.
 *
 * @param {DistributionTables} prior
 * @param {number} count
 * @param {Interval} view
 * @returns {Starts | null}
 */
export function startsInView(prior, count, view) {
  const low = Math.max(prior.left.edge ?? -Infinity, view[0]);
  const high = Math.min(prior.right.edge ?? Infinity, view[1]);
  if (!(low < high)) return null;
  const x1 = Float64Array.from({ length: count }, (_, k) => {
    return low + ((high - low) * (k + 0.5)) / count;
  });
  const left = new Side(prior.left, prior.median, false);
  const right = new Side(prior.right, prior.median, true);
  const levels = Array.from(x1, (x) => (x < prior.median ? left : right).levels(x));
  const [lower, upper] = [0, 1].map((k) => Float64Array.from(levels, (both) => both[k]));
  return { x1, lower, upper };
}

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
 * A prior of the plane; one that depends on |z| alone is stretched only.
 *
 * @param {PlanePriorTables} tables
 * @param {Motion} motion
 * @returns {PlanePriorTables}
 */
function movedPlanePrior({ product, radial, gaussians, smooth, half, modes }, motion) {
  const { stretch } = motion;
  return {
    product: product && movedPrior(product, motion),
    radial: radial && {
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
