// The field of the plane's flow in the browser: densities, velocities and posterior weights, as
// `flowviz/core/field/marginal.py` and `flowviz/core/transport/posterior_mean_ode.py` have them.
/** @import { Family } from "./engine_family.js" */
/** @import { PlanePriorTables } from "./types" */
import { planeDensity } from "./engine_plane_density.js";

const FAINT = 1e-250; // the sum of densities below which they are summed by their logarithms

export class PlaneField {
  /**
   * @param {PlanePriorTables} tables
   * @param {Family} family
   * @param {{ x: ArrayLike<number>, y: ArrayLike<number>, w: ArrayLike<number> }} points
   */
  constructor(tables, family, { x, y, w }) {
    this.tables = tables;
    this.prior = planeDensity(tables);
    this.family = family;
    const total = Array.from(w).reduce((a, b) => a + b, 0);
    /** @type {Map<string, { x: number, y: number, w: number, index: number }>} equal points merged */
    const merged = new Map();
    for (let i = 0; i < x.length; i++) {
      const key = `${x[i]},${y[i]}`;
      const found = merged.get(key);
      if (found) found.w += w[i] / total;
      else merged.set(key, { x: x[i], y: y[i], w: w[i] / total, index: i });
    }
    const points = [...merged.values()];
    this.x = Float64Array.from(points, (point) => point.x);
    this.y = Float64Array.from(points, (point) => point.y);
    this.w = Float64Array.from(points, (point) => point.w);
    /** The first of the data points at each position. */
    this.index = Int32Array.from(points, (point) => point.index);
    this.count = points.length;
    this.weights = new Float64Array(this.count);
    /** Whether each endpoint is in the support, while a trajectory is followed. */
    this.active = new Uint8Array(this.count).fill(1);
  }

  // ------------------------------------------------------------------------------ at a point

  /**
   * log p_t, the velocity and the posterior weights of the merged data points; the last two are NaN where
   * p_t = 0.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} t in (0, 1]
   */
  at(x, y, t) {
    const { u, scale, growth, scaleRate } = this.family.at(t);
    const [px, py] = [x / scale, y / scale];
    const logs = this.#logs(px, py, u);
    const top = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    const terms = logs.map((value) => Math.exp(value - top));
    const sum = terms.reduce((a, b) => a + b, 0);
    const posterior = terms.map((term) => term / sum);
    const component = (/** @type {number} */ at, /** @type {Float64Array} */ x0) => {
      // Σ r_i (y - x₀ᵢ) and not y - Σ r_i x₀ᵢ, which cancels beside a data point.
      const away = posterior.reduce((total, r, i) => total + r * (at - x0[i]), 0);
      const mean = posterior.reduce((total, r, i) => total + r * x0[i], 0);
      return growth * scale * away + scaleRate * mean;
    };
    const none = top === -Infinity;
    const logDensity = none ? top : top + Math.log(sum) - 2 * Math.log(u * scale);
    /** @type {[number, number]} */
    const velocity = [component(px, this.x), component(py, this.y)];
    return { logDensity, velocity, posterior };
  }

  /**
   * log w_i p₁(z_i) at a position of the straight-line flow.
   *
   * @param {number} px
   * @param {number} py
   * @param {number} u
   */
  #logs(px, py, u) {
    return this.x.map((x0, i) => {
      const y0 = this.y[i];
      const log = this.prior.logDensity(x0 + (px - x0) / u, y0 + (py - y0) / u);
      return Math.log(this.w[i]) + log;
    });
  }

  /**
   * D at (v, z), and the weights; NaN where all are 0.
   *
   * @param {number} v
   * @param {number} zx
   * @param {number} zy
   * @param {Float64Array} out
   */
  mean(v, zx, zy, out) {
    const { x, y, w, weights, active, prior } = this;
    let [sum, meanX, meanY] = [0, 0, 0];
    for (let i = 0; i < this.count; i++) {
      const weight = active[i] ? w[i] * prior.density(zx - (v - 1) * x[i], zy - (v - 1) * y[i]) : 0;
      weights[i] = weight;
      sum += weight;
      meanX += weight * x[i];
      meanY += weight * y[i];
    }
    if (sum < FAINT) return this.#faintMean(v, zx, zy, out);
    out[0] = meanX / sum;
    out[1] = meanY / sum;
  }

  /**
   * The same where all densities underflow.
   *
   * @param {number} v
   * @param {number} zx
   * @param {number} zy
   * @param {Float64Array} out
   */
  #faintMean(v, zx, zy, out) {
    const logs = this.#logs(zx / v, zy / v, 1 / v);
    const top = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    this.weights.set(logs.map((log) => Math.exp(log - top)));
    const sum = this.weights.reduce((a, b) => a + b, 0);
    out[0] = this.weights.reduce((mean, weight, i) => mean + (weight / sum) * this.x[i], 0);
    out[1] = this.weights.reduce((mean, weight, i) => mean + (weight / sum) * this.y[i], 0);
  }

  largest() {
    let largest = 0;
    for (let i = 1; i < this.count; i++) if (this.weights[i] > this.weights[largest]) largest = i;
    return largest;
  }

  // ------------------------------------------------------------------------------ the density

  /**
   * p_t on a tensor grid, rows from the first y: 0 where there is none.
   *
   * @param {number} t
   * @param {Float64Array} xs
   * @param {Float64Array} ys
   */
  grid(t, xs, ys) {
    const { u, scale } = this.family.at(t);
    const found = new Float64Array(xs.length * ys.length);
    for (let i = 0; i < this.count; i++) {
      const factor = this.w[i] / (u * scale) ** 2;
      const [zx, zy] = [
        xs.map((x) => this.x[i] + (x / scale - this.x[i]) / u),
        ys.map((y) => this.y[i] + (y / scale - this.y[i]) / u),
      ];
      this.prior.addGrid(found, factor, zx, zy);
    }
    return found;
  }
}
