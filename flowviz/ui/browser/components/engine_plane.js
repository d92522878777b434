// The flow of the plane in the browser (docs/ENGINE.md): the same mathematics as
// `flowviz/core/transport/exponential.py` and `posterior_mean_ode.py`.
//
// Straight lines in v = 1/u and z = y/u obey dz/dv = D(z, v), D the posterior mean of x₀: the mean of the data
// points with weights w_i p₁(z_i), z_i = z - (v - 1) x₀ᵢ. A step is exact while D is constant. Where p₁ jumps to
// 0 steps end where an endpoint z_i leaves the support; it does not come back, for the support is convex.
import { PlaneField } from "./engine_plane_field.js";
import { Step } from "./engine_plane_step.js";

const TOLERANCE = { smooth: 3e-6, corners: 1e-6 }; // of a late step, in units of the prior's half-width
const COARSER = 30; // times the tolerance of the second solution, which tells the error of the first
const SHARE = 0.1; // of their distance: the error of the first, as it is about in proportion to the tolerance
const LATE = 10; // the v up to which errors are amplified
const LAST_V = 1e10;
const MOST_STEPS = 3000;
const DEGENERATE = 1e-15; // weights of all other data points: nothing is left to average
const LOST = 1e-9; // the weight of a data point that may regain it at a mode of the prior
const STRIDE = 10; // widths of the narrowest mode, that its endpoint may move in one step
const SOON = 0.01; // of a step: a kink that is reached so early is crossed within it
const BEYOND = 1.3; // times the way to an edge, once that was too short
const ON_EDGE = 1e-12; // of the prior's scale
const ROUNDING = 4 * Number.EPSILON;
const LOCATIONS = 200;
const GROWTH = { least: 0.2, most: 5, safety: 0.9 };

export class PlaneFlow extends PlaneField {
  step = new Step((v, zx, zy, out) => this.mean(v, zx, zy, out));

  // ------------------------------------------------------------------------------ trajectories

  /**
   * Straight-line trajectories (Q, T, 2) at rising times, the indices of the data points that they reach, and
   * the error of each, (Q,), as a solution with a coarser tolerance tells it: ∞ where that reaches another
   * data point.
   *
   * @param {ArrayLike<number>} x1 starts, (Q, 2)
   * @param {ArrayLike<number>} u in [0, 1]
   * @param {boolean} [estimate] whether errors are asked for; otherwise they are 0
   */
  trajectories(x1, u, estimate = true) {
    const [count, size] = [x1.length / 2, 2 * u.length];
    const y = new Float64Array(count * size);
    const coarse = new Float64Array(size);
    const basin = new Int32Array(count);
    const error = new Float64Array(count);
    const tolerance =
      TOLERANCE[this.tables.smooth || this.prior.jumps ? "smooth" : "corners"] * this.tables.half;
    for (let q = 0; q < count; q++) {
      const start = [x1[2 * q], x1[2 * q + 1]];
      const fine = y.subarray(q * size, (q + 1) * size);
      basin[q] = this.index[this.#follow(start, u, tolerance, fine)];
      if (!estimate) continue;
      const other = this.index[this.#follow(start, u, COARSER * tolerance, coarse)];
      if (other === basin[q]) {
        for (let k = 0; k < size; k++) {
          error[q] = Math.max(error[q], SHARE * Math.abs(fine[k] - coarse[k]));
        }
      } else error[q] = Infinity;
    }
    return { y, basin, error };
  }

  /**
   * One trajectory from x₁ at v = 1 up.
   *
   * @param {number[]} x1
   * @param {ArrayLike<number>} u
   * @param {number} tolerance
   * @param {Float64Array} out where its positions go
   * @returns {number} the data point that it reaches
   */
  #follow([zx, zy], u, tolerance, out) {
    const { step } = this;
    this.active.fill(1);
    let [v, h, node] = [1, this.#firstStep(), u.length - 1];
    let short = false; // whether the last step was to end at an edge and no endpoint has left there
    step.start(v, zx, zy);
    for (let n = 0; n < MOST_STEPS && v < LAST_V; n++) {
      const longest = this.#horizon(step);
      if (longest === 0) break;
      /** @type {number} */
      const exit = this.#exit(step) * (short ? BEYOND : 1);
      short = exit <= Math.min(h, longest);
      h = Math.min(h, longest, exit);
      h = this.#advance(Math.min(h, this.#bend(step, h)), tolerance);
      for (; node >= 0 && u[node] > 0 && 1 / u[node] <= step.end; node--) {
        const [x, y] = step.at(1 / u[node]);
        out[2 * node] = u[node] * x;
        out[2 * node + 1] = u[node] * y;
      }
      v = step.end;
      step.next();
      if (this.prior.jumps && this.#leave(step)) {
        step.start(v, step.zx, step.zy);
        short = false;
      }
    }
    const k = this.largest();
    for (; node >= 0; node--) {
      // From here on D = x₀ₖ.
      out[2 * node] = this.x[k] + u[node] * (step.zx - step.v * this.x[k]);
      out[2 * node + 1] = this.y[k] + u[node] * (step.zy - step.v * this.y[k]);
    }
    return k;
  }

  /** A step within which the weights change gradually from those at t = 1. */
  #firstStep() {
    const extent = Math.max(...[this.x, this.y].map((x) => Math.max(...x) - Math.min(...x)));
    return 0.05 * Math.min(1, (40 * this.tables.half) / Math.max(extent, 1e-300));
  }

  /**
   * Take a step, of h at most: as long as its error allows, and no further than the first endpoint that leaves
   * the support.
   *
   * @param {number} h
   * @param {number} tolerance
   * @returns {number} the length of the next step
   */
  #advance(h, tolerance) {
    const { step } = this;
    for (;;) {
      const error = step.take(h);
      const v = step.v;
      const allowed = tolerance * ((v * Math.min(v, LATE)) / LATE ** 2);
      const ratio = error / allowed;
      const factor = GROWTH.safety * ratio ** -0.2;
      if (ratio <= 1 || h < 1e-13 * v) {
        if (this.prior.jumps) this.#locate(h);
        return h * Math.min(GROWTH.most, Math.max(GROWTH.least, factor));
      }
      h *= ratio > 0 ? Math.max(GROWTH.least, factor) : GROWTH.least; // NaN: outside all supports
    }
  }

  /**
   * Shorten the step to where the first endpoint leaves the support.
   *
   * @param {number} h
   */
  #locate(h) {
    const { step } = this;
    const least = ON_EDGE * this.prior.scale;
    let [low, high] = [0, h];
    let below = Math.min(0, this.#farthest(step.v, step.zx, step.zy));
    let above = this.#farthest(step.end, step.endX, step.endY);
    if (above <= least) return;
    for (let n = 0, last = 0; n < LOCATIONS; n++) {
      const chord = low - ((high - low) * below) / (above - below);
      const length = n % 5 === 4 || !(chord > low) ? 0.5 * (low + high) : chord;
      step.take(length);
      const now = this.#farthest(step.end, step.endX, step.endY);
      if (Math.abs(now) <= least) return;
      // The Illinois method: an end that stays twice counts half.
      if (now > 0) {
        [high, above] = [length, now];
        if (last > 0) below *= 0.5;
      } else {
        [low, below] = [length, now];
        if (last < 0) above *= 0.5;
      }
      last = now;
    }
    step.take(high);
  }

  /**
   * When the first endpoint would leave the support if D stayed as it is.
   *
   * @param {Step} step
   */
  #exit({ v, zx, zy, stages: [[dx, dy]] }) {
    if (!this.prior.jumps) return Infinity;
    const { x, y, active, prior } = this;
    let first = Infinity;
    for (let i = 0; i < this.count; i++) {
      if (!active[i]) continue;
      const [ex, ey] = [zx - (v - 1) * x[i], zy - (v - 1) * y[i]];
      first = Math.min(first, prior.exit(ex, ey, dx - x[i], dy - y[i]));
    }
    return first * (1 + ROUNDING);
  }

  /**
   * When the first endpoint that weighs would come where the density has a kink, if D stayed as it is.
   *
   * @param {Step} step
   * @param {number} h a step
   */
  #bend({ v, zx, zy, stages: [[dx, dy]] }, h) {
    const { x, y, weights, prior } = this;
    const least = LOST * weights[this.largest()];
    let first = Infinity;
    for (let i = 0; i < this.count; i++) {
      if (weights[i] <= least) continue;
      const [ex, ey] = [zx - (v - 1) * x[i], zy - (v - 1) * y[i]];
      first = Math.min(first, prior.bend(ex, ey, dx - x[i], dy - y[i], SOON * h));
    }
    return first;
  }

  /**
   * How far beyond a jump of p₁ the farthest endpoint is that was in the support.
   *
   * @param {number} v
   * @param {number} zx
   * @param {number} zy
   */
  #farthest(v, zx, zy) {
    let farthest = -Infinity;
    for (let i = 0; i < this.count; i++) {
      if (this.active[i]) farthest = Math.max(farthest, this.#outside(i, v, zx, zy));
    }
    return farthest;
  }

  /**
   * @param {number} i
   * @param {number} v
   * @param {number} zx
   * @param {number} zy
   */
  #outside(i, v, zx, zy) {
    return this.prior.outside(zx - (v - 1) * this.x[i], zy - (v - 1) * this.y[i]);
  }

  /**
   * Let endpoints go that have reached an edge; whether there were any.
   *
   * @param {Step} step
   */
  #leave({ v, zx, zy }) {
    const least = -2 * ON_EDGE * this.prior.scale;
    const going = [];
    for (let i = 0; i < this.count; i++) {
      if (this.active[i] && this.#outside(i, v, zx, zy) > least) going.push(i);
    }
    for (const i of going) this.active[i] = 0;
    return going.length > 0;
  }

  /**
   * The longest step that misses no mode of the prior; 0 where D is final. As `PosteriorMeanODE.horizon`.
   *
   * @param {Step} step
   */
  #horizon({ v, zx, zy, stages: [[dx, dy]] }) {
    const { weights, x, y } = this;
    const k = this.largest();
    const top = weights[k];
    let [rest, fastest] = [0, 0];
    for (let i = 0; i < this.count; i++) {
      if (i !== k) rest += weights[i];
      if (this.tables.modes && weights[i] <= LOST * top) {
        fastest = Math.max(fastest, this.#approach(i, v, zx, zy, dx - x[i], dy - y[i]));
      }
    }
    if (fastest > 0) return (STRIDE * (this.tables.modes?.width ?? 0)) / Math.sqrt(fastest);
    return rest <= DEGENERATE * top ? 0 : Infinity;
  }

  /**
   * The squared speed of an endpoint towards modes.
   *
   * @param {number} i
   * @param {number} v
   * @param {number} zx
   * @param {number} zy
   * @param {number} dx its velocity
   * @param {number} dy
   */
  #approach(i, v, zx, zy, dx, dy) {
    const { low, high } = /** @type {{ low: number, high: number }} */ (this.tables.modes);
    const towards = (/** @type {number} */ z, /** @type {number} */ d) =>
      d > 0 ? z < high : z > low;
    const x = towards(zx - (v - 1) * this.x[i], dx) ? dx * dx : 0;
    return x + (towards(zy - (v - 1) * this.y[i], dy) ? dy * dy : 0);
  }
}
