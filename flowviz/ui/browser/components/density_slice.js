// p_t(x) at one time, read from a heatmap whose columns are times.
/** @import { HeatTrace } from "./plotly" */
import { bracket, mix } from "./interpolation.js";

const STEEP = 0.15; // of the highest: a jump between two cells, not a slope

/**
 * As a polyline (p, x): a jump between two cells is drawn on their border.
 *
 * @param {HeatTrace} heat
 * @param {number} t
 * @returns {[p: number[], x: number[]]}
 */
export function densitySlice(heat, t) {
  const values = valuesAt(heat, t);
  const jump = STEEP * Math.max(0, ...values.filter((p) => !Number.isNaN(p)));
  /** @type {[number[], number[]]} */
  const [p, x] = [[], []];
  const add = (/** @type {number} */ value, /** @type {number} */ position) => {
    p.push(Number.isNaN(value) ? 0 : value);
    x.push(position);
  };
  values.forEach((value, i) => {
    if (i > 0 && isJump(values[i - 1], value, jump)) {
      const border = (heat.y[i - 1] + heat.y[i]) / 2;
      add(values[i - 1], border);
      add(value, border);
    }
    add(value, heat.y[i]);
  });
  return [p, x];
}

/**
 * Between the two columns beside t; NaN where the nearer one has no value.
 *
 * @param {HeatTrace} heat
 * @param {number} t
 */
function valuesAt({ x, z }, t) {
  const [j, fraction] = bracket(x, x.length, t);
  return z.map((row) => {
    const [a, b] = [row[j], row[j + 1]];
    if (Number.isNaN(a) || Number.isNaN(b)) return fraction < 0.5 ? a : b;
    return mix(a, b, fraction);
  });
}

/**
 * @param {number} before
 * @param {number} after
 * @param {number} jump
 */
function isJump(before, after, jump) {
  return Number.isNaN(before) !== Number.isNaN(after) || Math.abs(after - before) > jump;
}
