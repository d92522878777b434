// What the labels of the Fan say: t, x, p_t, and on the straight path -f_t, as the arrows point (f_t where
// t runs as generation does), and the likeliest data points
// with their posterior weights; on a trajectory the data point that it reaches. Read from tables that
// Python made (`compute.kernel`): to three digits, for a glance. A click asks for the exact numbers.
/** @import { HeatTrace } from "./plotly" */
/** @import { Fan, FanContent, FanTraces, KernelTables, Point, Texts } from "./types" */
import { textRows } from "./hover_text.js";
import { bracket, mix, nearest } from "./interpolation.js";
import { fixed, number, percent, position } from "./number.js";
import { shownTime } from "./time_view.js";

const LISTED = 3;
const NEAR = 0.012; // of the view: a trajectory is pointed at

/** @typedef {{ density: number, velocity: number, posterior: [x0: number, share: number][] }} Reading */
/** @typedef {{ x: ArrayLike<number>, weight: number[] }} DataPoints */

/**
 * A text for each cell of the density.
 *
 * @param {FanTraces} traces
 * @param {FanContent} content
 */
export function cellTexts({ heat, points, fans }, { kernel, weights, texts }) {
  const data = { x: points.y, weight: weights };
  const near = NEAR * (heat.y[heat.y.length - 1] - heat.y[0]);
  return textRows(heat.y.length, (i, j) => {
    /** @type {Point} */
    const at = [heat.x[j], heat.y[i]];
    const reached = pointReached(fans, at, near);
    const trajectory = reached === undefined ? [] : [reachedText(reached, texts)];
    return [...lines(at, heat, kernel, data, texts), ...trajectory].join("<br>");
  });
}

/**
 * The data point that the trajectory there reaches; null on a separatrix.
 *
 * @param {Fan[]} fans
 * @param {Point} at
 * @param {number} near the farthest that a trajectory may be
 */
function pointReached(fans, [t, x], near) {
  /** @type {number | number[] | null | undefined} */
  let reached;
  for (const { trace, nodes, count } of fans) {
    if (trace.visible === false) continue;
    const [j, fraction] = bracket(trace.x, nodes, t);
    for (let q = 0; q < count; q++) {
      const k = q * (nodes + 1) + j;
      const away = Math.abs(mix(trace.y[k], trace.y[k + 1], fraction) - x);
      if (away > near) continue;
      [near, reached] = [away, trace.meta[q]];
    }
  }
  return reached;
}

/**
 * @param {number | number[] | null} reached
 * @param {Texts} texts
 */
function reachedText(reached, texts) {
  return reached === null ? texts.separatrix : `${texts.trajectory} → ${position(reached)}`;
}

/**
 * @param {Point} at
 * @param {HeatTrace} heat
 * @param {KernelTables | null} kernel
 * @param {DataPoints} data
 * @param {Texts} texts
 */
function lines([t, x], heat, kernel, data, texts) {
  const prefix = `t = ${fixed(shownTime(t), 3)}  x = ${fixed(x, 3)}  `;
  const cell = heat.z[nearest(heat.y, x)][nearest(heat.x, t)];
  if (Number.isNaN(cell)) return [prefix + texts.nowhere];
  const found = kernel && read(kernel, data, bracket(heat.x, heat.x.length, t), x);
  if (!found) return [`${prefix}p = ${number(cell)}`];
  const { density, velocity, posterior } = found;
  return [
    `${prefix}p = ${number(density)}  ${texts.velocity} = ${number(-velocity)}`,
    ...posterior.map(([x0, share]) => `${percent(share)}  → ${position(x0)}`),
  ];
}

/**
 * p_t(x), f_t(x) = Σ r (α̇ x₀ + σ̇/σ (x - α x₀)) and the largest posterior weights r, at a time
 * between two of the table's; null where p fades.
 *
 * @param {KernelTables} kernel
 * @param {DataPoints} data
 * @param {[j: number, fraction: number]} time
 * @param {number} x
 * @returns {Reading | null}
 */
function read(kernel, data, [j, fraction], x) {
  const at = kernel.schedule.map((values) => mix(values[j], values[j + 1], fraction));
  const [alpha, sigma, alphaRate, sigmaRate] = at;
  let [total, flux] = [0, 0];
  /** @type {[number, number][]} */
  const terms = [];
  for (let n = 0; n < data.x.length; n++) {
    const x0 = data.x[n];
    const away = x - alpha * x0;
    const term = data.weight[n] * priorDensity(kernel, away / sigma);
    if (term === 0) continue;
    total += term;
    flux += term * (alphaRate * x0 + (sigmaRate / sigma) * away);
    terms.push([x0, term]);
  }
  if (!(total > 0)) return null;
  terms.sort((a, b) => b[1] - a[1]);
  const weights = data.weight.reduce((sum, w) => sum + w, 0);
  return {
    density: total / weights / sigma,
    velocity: flux / total,
    posterior: terms.slice(0, LISTED).map(([x0, term]) => [x0, term / total]),
  };
}

/**
 * p₁(z) between two nodes of its table: log p is a line there.
 *
 * @param {KernelTables} kernel
 * @param {number} at
 */
function priorDensity({ z, log_p: logP }, at) {
  if (!(at >= z[0] && at <= z[z.length - 1])) return 0;
  const [k, fraction] = bracket(z, z.length, at);
  const [a, b] = [logP[k], logP[k + 1]];
  return a === -Infinity || b === -Infinity ? 0 : Math.exp(mix(a, b, fraction));
}
