// What the labels of the Fan say: t, x, p_t, and on the straight path f_t and the likeliest data points
// with their posterior weights; on a trajectory the data point that it reaches. Read from tables that Python made (`compute.kernel`): to three
// digits, for a glance. A click asks for the exact numbers.
/** @import { Fan, FanContent, FanTraces, HeatTrace, KernelTables, Point, Words } from "./types" */
import { textRows } from "./hover_text.js";
import { bracket, mix, nearest } from "./interpolation.js";
import { fixed, number, percent, written } from "./number.js";

const LISTED = 3;

/** @typedef {{ density: number, velocity: number, posterior: [x0: number, share: number][] }} Reading */
/** @typedef {{ x: ArrayLike<number>, weight: number[] }} DataPoints */

/**
 * A text for each cell of the density.
 *
 * @param {FanTraces} traces
 * @param {FanContent} content
 */
export function cellTexts({ heat, points }, { kernel, weights, words }) {
  const data = { x: points.y, weight: weights };
  return textRows(heat.y.length, (i, j) =>
    lines([heat.x[j], heat.y[i]], heat, kernel, data, words).join("<br>"),
  );
}

/**
 * For each node of the trajectories: the time, p_t, and the data point reached.
 *
 * @param {Fan} fan
 * @param {HeatTrace} heat
 */
export function nodeTexts({ trace, nodes, count }, heat) {
  const times = Array.from({ length: nodes }, (_, j) => timeText(trace.x[j]));
  const columns = times.map((_, j) => nearest(heat.x, trace.x[j]));
  /** @type {[time: string, density: number, reached: string][]} */
  const texts = [];
  for (let q = 0; q < count; q++) {
    const reached = written(Number(trace.meta[q]?.toFixed(4)));
    for (let j = 0; j <= nodes; j++) {
      const k = Math.min(j, nodes - 1); // the gap after the last is pointed at by nobody
      const row = nearest(heat.y, trace.y[q * (nodes + 1) + k]);
      texts.push([times[k], heat.z[row][columns[k]] || 0, reached]);
    }
  }
  return texts;
}

/** @param {number} t */
function timeText(t) {
  return fixed(t, 3);
}

/**
 * @param {Point} at
 * @param {HeatTrace} heat
 * @param {KernelTables | null} kernel
 * @param {DataPoints} data
 * @param {Words} words
 */
function lines([t, x], heat, kernel, data, words) {
  const prefix = `t = ${timeText(t)}  x = ${fixed(x, 3)}  `;
  const cell = heat.z[nearest(heat.y, x)][nearest(heat.x, t)];
  if (Number.isNaN(cell)) return [prefix + words.nowhere];
  const found = kernel && read(kernel, data, bracket(heat.x, heat.x.length, t), x);
  if (!found) return [`${prefix}p = ${number(cell)}`];
  const { density, velocity, posterior } = found;
  return [
    `${prefix}p = ${number(density)}  f = ${number(velocity)}`,
    ...posterior.map(([x0, share]) => `${percent(share)}  → ${written(Number(x0.toFixed(4)))}`),
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
  const at = kernel.clock.map((values) => mix(values[j], values[j + 1], fraction));
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
