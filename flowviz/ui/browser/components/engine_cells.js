// The density of a flow of the line on cells of equal width, as `flowviz/core/field/cells.py` has it.
/** @import { LineFlow } from "./engine_line.js" */
/** @import { Interval } from "./types" */

const MASS_TOLERANCE = 2e-3; // of the mass at one time, over values at the cells' centres

/**
 * p_t over cells, rows from the lowest x: NaN where it is 0.
 *
 * @param {LineFlow} flow
 * @param {number} times
 * @param {number} rows
 * @param {Interval} view
 * @param {number[]} weights of a cell and its neighbours in its mean; without any, means are taken only where
 *   values at the centres have a wrong sum
 */
export function densityCells(flow, times, rows, [low, high], weights) {
  const height = (high - low) / rows;
  const found = Array.from({ length: rows }, () => new Float64Array(times));
  const mean = weights.length ? weights : [1];
  const first = low - 0.5 * (mean.length - 1) * height; // the end of the lowest cell that weighs
  const row = new Float64Array(rows + mean.length);
  for (let n = 0; n < times; n++) {
    const at = flow.family.at((n + 0.5) / times);
    let means = weights.length > 0;
    if (!means) {
      addUp(flow, row.subarray(0, rows), at, low + 0.5 * height, height, false);
      const mass = row.subarray(0, rows).reduce((a, b) => a + b, 0) * height;
      means = Math.abs(mass - massBetween(flow, at, low, high)) > MASS_TOLERANCE;
    }
    if (means) {
      addUp(flow, row, at, first, height, true);
      for (let i = 0; i < rows; i++) {
        let sum = 0;
        for (let k = 0; k < mean.length; k++) sum += mean[k] * (row[i + k + 1] - row[i + k]);
        row[i] = sum / height;
      }
    }
    for (let i = 0; i < rows; i++) found[i][n] = row[i] > 0 ? row[i] : Number.NaN;
  }
  return found;
}

/**
 * p_t, or F_t (`lower`), at equally spaced x.
 *
 * @param {LineFlow} flow
 * @param {Float64Array} sums where they go
 * @param {{ u: number, scale: number, shift: number }} at
 * @param {number} first
 * @param {number} step
 * @param {boolean} lower
 */
function addUp(flow, sums, { u, scale, shift }, first, step, lower) {
  const { prior, x, w } = flow;
  const { starts } = prior;
  const pieces = prior.cubics(lower);
  const [bottom, top] = [starts[0], starts[starts.length - 1]];
  const dz = step / (scale * u);
  const y = (first - shift) / scale;
  const before = (/** @type {number} */ z, /** @type {number} */ z0) => {
    return Math.min(sums.length, Math.max(0, Math.ceil((z - z0) / dz)));
  };
  sums.fill(0);
  for (let i = 0; i < x.length; i++) {
    const z0 = x[i] + (y - x[i]) / u;
    const weight = lower ? w[i] : w[i] / (scale * u);
    const exactly = (/** @type {number} */ j) => {
      sums[j] += weight * (lower ? prior.lowerAt(z0 + j * dz) : prior.densityAt(z0 + j * dz));
    };
    const end = before(top, z0);
    let j = before(bottom, z0);
    for (const cubics of pieces) {
      for (const from = before(cubics.low, z0); j < from; j++) exactly(j);
      const to = before(cubics.high, z0);
      cubics.addTo(sums, j, to, weight, z0, dz, exactly);
      j = Math.max(j, to);
    }
    for (; j < end; j++) exactly(j);
    if (lower) for (; j < sums.length; j++) sums[j] += weight;
  }
}

/**
 * F_t(high) - F_t(low).
 *
 * @param {LineFlow} flow
 * @param {{ u: number, scale: number, shift: number }} at
 * @param {number} low
 * @param {number} high
 */
function massBetween({ prior, x, w }, { u, scale, shift }, low, high) {
  const [from, to] = [low, high].map((end) => (end - shift) / scale);
  return x.reduce((sum, x0, i) => {
    const lower = (/** @type {number} */ y) => prior.lowerAt(x0 + (y - x0) / u);
    return sum + w[i] * (lower(to) - lower(from));
  }, 0);
}
