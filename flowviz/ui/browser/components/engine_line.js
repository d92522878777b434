// The flow of the line, exactly, in the browser (docs/ENGINE.md): the same mathematics as
// `flowviz/core/transport/line.py` and `flowviz/core/field/marginal.py`.
//
// Every family x = αx₀ + σx₁ + β is the straight-line flow y at the time u = σ/(α+σ), with x = (α+σ)y + β.
// A trajectory is followed by its endpoint z = y + (v - 1)(y - x₀ₖ), v = 1/u, of the data point x₀ₖ that it
// reaches: z stays finite where all y meet, and φ_t(x|x₀ᵢ) = z + (v - 1)(x₀ₖ - x₀ᵢ). The conserved
// distribution function is split at that data point, so that nothing cancels in either tail:
//
//     Σ_{i>k} w_i F₁(φᵢ) - Σ_{i<k} w_i S₁(φᵢ) + w_k F₁(z) - l = 0,
//
// l the mass of its basin below the trajectory.
/** @import { Distribution } from "./engine_distribution.js" */
/** @import { Family } from "./engine_family.js" */
/** @import { Starts } from "./types" */
import { Extrapolation } from "./engine_extrapolation.js";

const ROUNDING = 4 * Number.EPSILON;
const MOVED = 1e-11; // in units of the prior's scale: Newton's next step is far below rounding
const CLOSE = 3e-7; // Newton's next step is at rounding
const MISSED = 1e-2; // by a guess: the path bends where no polynomial follows
const SETTLED = 1e-7; // the balance at a root
const NEGLIGIBLE = 1e-18;
const STEPS = 200;
const UNDERFLOW = 1e-300;

/**
 * Where a trajectory ends: the index `k` of a data point, and the masses of its basin below and above the
 * trajectory. On a separatrix `above` is 0, and there is no basin.
 *
 * @typedef {{ k: number, below: number, above: number, onSeparatrix: boolean }} Start
 */

export class LineFlow {
  /**
   * @param {Distribution} prior
   * @param {Family} family
   * @param {{ x: ArrayLike<number>, w: ArrayLike<number> }} points
   */
  constructor(prior, family, { x, w }) {
    this.prior = prior;
    this.family = family;
    const order = Array.from(x, (_, i) => i).sort((a, b) => x[a] - x[b] || a - b);
    const total = order.reduce((sum, i) => sum + w[i], 0);
    /** @type {{ x: number, w: number, index: number }[]} equal points merged */
    const merged = [];
    for (const i of order) {
      const last = merged.at(-1);
      if (last?.x === x[i]) last.w += w[i] / total;
      else merged.push({ x: x[i], w: w[i] / total, index: i });
    }
    this.x = Float64Array.from(merged, (point) => point.x);
    this.w = Float64Array.from(merged, (point) => point.w);
    /** The first of the data points at each position. */
    this.index = Int32Array.from(merged, (point) => point.index);
    this.count = merged.length;
    this.below = cumulative(this.w);
    this.above = cumulative(this.w.slice().reverse()).reverse();
  }

  // ------------------------------------------------------------------------------ at a point

  /**
   * log p_t(x), p_t(x), the velocity, and the posterior weights of the data points in order; the last two
   * are NaN where p_t(x) = 0.
   *
   * @param {number} x
   * @param {number} t in (0, 1]
   */
  at(x, t) {
    const { u, scale, shift, growth, scaleRate, shiftRate } = this.family.at(t);
    const y = (x - shift) / scale;
    const logs = Float64Array.from(this.x, (x0, i) => {
      return Math.log(this.w[i]) + this.prior.logDensity(x0 + (y - x0) / u);
    });
    const top = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    const terms = logs.map((value) => Math.exp(value - top));
    const sum = terms.reduce((a, b) => a + b, 0);
    const posterior = terms.map((term) => term / sum);
    // Σ r_i (y - x₀ᵢ) and not y - Σ r_i x₀ᵢ, which cancels beside a data point.
    const away = posterior.reduce((total, r, i) => total + r * (y - this.x[i]), 0);
    const mean = posterior.reduce((total, r, i) => total + r * this.x[i], 0);
    const none = top === -Infinity;
    const logDensity = none ? top : top + Math.log(sum) - Math.log(u * scale);
    const velocity = growth * scale * away + scaleRate * mean + shiftRate;
    return { logDensity, density: Math.exp(logDensity), velocity, posterior };
  }

  // ------------------------------------------------------------------------------ trajectories

  /**
   * Straight-line trajectories at rising times, one after the other, and the indices of the data points
   * that they reach, -1 for those on a separatrix.
   *
   * @param {Starts} starts
   * @param {ArrayLike<number>} u in [0, 1]
   */
  trajectories({ x1, tail }, u) {
    const y = new Float64Array(x1.length * u.length);
    const basin = new Int32Array(x1.length);
    for (let q = 0; q < x1.length; q++) {
      const start = this.#startOf(x1[q], tail[q]);
      basin[q] = start.onSeparatrix ? -1 : this.index[start.k];
      this.#follow(start, x1[q], u, y.subarray(q * u.length, (q + 1) * u.length));
    }
    return { y, basin };
  }

  /**
   * As in `flowviz/core/transport/line_ends.py`: a level within rounding of a separatrix is on it, or is
   * moved by one rounding into its basin where the support ends somewhere.
   *
   * @param {number} x1
   * @param {number} tail F₁(x₁) or -S₁(x₁)
   * @returns {Start}
   */
  #startOf(x1, tail) {
    const isUpper = tail < 0 || Object.is(tail, -0);
    const level = Math.abs(tail);
    const outside = isUpper ? this.above : this.below;
    const [inwards, innermost] = isUpper ? [-1, 0] : [1, this.count - 1];
    const outermost = this.count - 1 - innermost;
    let k = outermost;
    while (k !== innermost && outside[k + inwards] < level) k += inwards;
    const weight = this.w[k];
    const uncertainty = ROUNDING * (level + Math.abs(x1) * Math.exp(this.prior.logDensity(x1)));
    let inside = level - outside[k];
    let rest = weight - inside;
    const isOuter = k !== outermost && inside <= rest && inside < uncertainty;
    const isInner = k !== innermost && rest < inside && rest < uncertainty;
    const onSeparatrix = (isOuter || isInner) && !this.prior.bounded;
    const step = Math.min(ROUNDING * level, 0.5 * weight);
    const kept = (/** @type {number} */ mass) => (onSeparatrix ? 0 : Math.max(mass, step));
    if (isOuter) inside = kept(inside);
    if (isInner) rest = kept(rest);
    if (isOuter) rest = weight - inside;
    if (isInner) inside = weight - rest;
    const [below, above] = isUpper ? [rest, inside] : [inside, rest];
    return { k, below: Math.max(below, 0), above: Math.max(above, 0), onSeparatrix };
  }

  /**
   * One trajectory from x₁ at u = 1 down, each root starting from the last by Newton's method.
   *
   * @param {Start} start
   * @param {number} x1
   * @param {ArrayLike<number>} u
   * @param {Float64Array} y where its positions go
   */
  #follow(start, x1, u, y) {
    const { x, count } = this;
    const x0 = x[start.k];
    const [first, last] = [x[0] - x0, x[count - 1] - x0];
    const path = new Extrapolation(); // z of log v
    let [z, rate] = [x1, 0];
    for (let i = 0; i < count; i++) rate += this.w[i] * (x[i] - x0);
    path.add(0, z, rate);
    for (let n = u.length - 1; n >= 0; n--) {
      if (u[n] === 1) y[n] = x1;
      else if (u[n] === 0) y[n] = start.onSeparatrix ? (y[n + 1] ?? x0) : x0;
      else {
        const v = 1 / u[n];
        // Once all tails are 0 they are so at all earlier times.
        if (!Number.isNaN(z)) {
          const guess = path.value(-Math.log(u[n]));
          z = this.#root(start, guess, v, x1 + (v - 1) * first, x1 + (v - 1) * last);
          if (!(Math.abs(z - guess) <= MISSED * this.prior.scale)) path.restart();
          path.add(-Math.log(u[n]), z, v * (this.mean - x0));
        }
        y[n] = Number.isNaN(z) ? this.#between(start, u[n]) : x0 + u[n] * (z - x0);
      }
    }
  }

  /**
   * Whether any endpoint crosses a jump of p₁ where that of x₀ moves from one z to another: Newton's method is no
   * more than linear there.
   *
   * @param {number} x0
   * @param {number} z
   * @param {number} next
   * @param {number} v
   */
  #crossesJump(x0, z, next, v) {
    return this.prior.jumps.some((jump) => {
      const from = x0 + (z - jump) / (v - 1);
      const to = x0 + (next - jump) / (v - 1);
      const slack = ROUNDING * Math.abs(from);
      return this.#below(Math.min(from, to) - slack) < this.#below(Math.max(from, to) + slack);
    });
  }

  /**
   * How many data points are below a position.
   *
   * @param {number} position
   */
  #below(position) {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.x[middle] < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The posterior mean at the last argument of `#balance`. */
  mean = 0;
  /** The balance's derivative there. */
  slope = 0;
  moment = 0;

  /**
   * The root between two bounds; NaN where both sides underflow.
   *
   * @param {Start} start
   * @param {number} guess
   * @param {number} v
   * @param {number} low
   * @param {number} high
   * @returns {number}
   */
  #root(start, guess, v, low, high) {
    const { support, scale, singular } = this.prior;
    const x0 = this.x[start.k];
    const close = singular ? 0 : CLOSE * scale;
    low = Math.max(low, support[0]); // the endpoint of the basin's data point never leaves it
    high = Math.min(high, support[1]);
    let z = guess > low && guess < high ? guess : 0.5 * (low + high);
    for (let n = 0; n < STEPS && low < high; n++) {
      const value = this.#balance(start, z, v);
      if (Number.isNaN(value)) return value;
      if (value < 0) low = z;
      else high = z;
      const step = value / this.slope;
      const next = z - step;
      if (Math.abs(step) <= close && !this.#crossesJump(x0, z, next, v)) return next;
      if (Math.abs(step) > MOVED * scale + ROUNDING * Math.abs(z)) {
        z = next > low && next < high ? next : 0.5 * (low + high);
      } else {
        // Beside an infinite density a step is short, and the root may still be far.
        if (Math.abs(value) <= SETTLED) return next;
        z = 0.5 * (low + high);
      }
      if (!(z > low && z < high)) break;
    }
    return z;
  }

  /**
   * The logarithm of the quotient of the two sides of the conserved function, as a function of the
   * endpoint z: it is nearly a straight line also where both are far tails. NaN where both underflow.
   *
   * @param {Start} start
   * @param {number} z
   * @param {number} v
   */
  #balance({ k, below, above }, z, v) {
    const { prior, w } = this;
    const x0 = this.x[k];
    prior.evaluate(z);
    const density = w[k] * prior.slope;
    const isLower = below <= above;
    const [lower, upper] = isLower ? [w[k] * prior.lower, below] : [above, w[k] * prior.upper];
    const right = this.#addTails(k, 1, z, v, lower);
    const rightSlope = this.slope + (isLower ? density : 0);
    const moment = this.moment;
    const left = this.#addTails(k, -1, z, v, upper);
    const leftSlope = this.slope + (isLower ? 0 : density);
    const slope = leftSlope + rightSlope;
    this.mean = slope > 0 ? x0 + (moment + this.moment) / slope : x0;
    this.slope = rightSlope / right + leftSlope / left;
    return right < UNDERFLOW && left < UNDERFLOW ? Number.NaN : Math.log(right / left);
  }

  /**
   * A sum, and the small tails of the endpoints of all data points on one side of the k-th. `slope` becomes its
   * derivative in z, and `moment` that with weights xᵢ - xₖ.
   *
   * @param {number} k
   * @param {1 | -1} side
   * @param {number} z
   * @param {number} v
   * @param {number} sum
   */
  #addTails(k, side, z, v, sum) {
    const { prior, x, w, count } = this;
    const x0 = x[k];
    let [slope, moment] = [0, 0];
    for (let i = k + side; i >= 0 && i < count; i += side) {
      const away = x[i] - x0;
      prior.evaluate(z - (v - 1) * away);
      const tail = side > 0 ? prior.lower : prior.upper;
      const term = w[i] * prior.slope;
      sum += w[i] * tail;
      slope += term;
      moment += term * away;
      if (tail <= NEGLIGIBLE * sum) break;
    }
    this.slope = slope;
    this.moment = moment;
    return sum;
  }

  /**
   * The middle of the gap beside a separatrix where both tails underflow.
   *
   * @param {Start} start
   * @param {number} u
   */
  #between({ k, above }, u) {
    const [left, right] = above === 0 ? [k, k + 1] : [k - 1, k];
    const low = this.prior.left.underflow(this.w[right]);
    const high = this.prior.right.underflow(this.w[left]);
    return 0.5 * ((1 - u) * (this.x[left] + this.x[right]) + u * (low + high));
  }
}

/**
 * The sums of all weights before each.
 *
 * @param {Float64Array} weights
 */
function cumulative(weights) {
  let sum = 0;
  return weights.map((weight) => {
    sum += weight;
    return sum - weight;
  });
}
