// Steps of Dormand and Prince's method of order 5 for two coordinates, with an error estimate of order 4 and a
// polynomial of order 4 within the step. Source: Hairer, Nørsett, Wanner, Solving Ordinary Differential
// Equations I, chapter II.5 and II.6.

const STAGES = 7;
const C = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const A = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
const ERROR = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];
const DENSE = [
  -12715105075 / 11282082432,
  0,
  87487479700 / 32700410799,
  -10690763975 / 1880347072,
  701980252875 / 199316789632,
  -1453857185 / 822651844,
  69997945 / 29380423,
];

export class Step {
  v = 1;
  end = 1;
  zx = 0;
  zy = 0;
  endX = 0;
  endY = 0;
  /** Slopes of the stages, x and y in turn. */
  slopes = new Float64Array(2 * STAGES);

  /** @param {(v: number, zx: number, zy: number, out: Float64Array) => void} slope sets out's two numbers */
  constructor(slope) {
    this.slope = slope;
    this.stages = Array.from({ length: STAGES }, (_, k) => this.slopes.subarray(2 * k, 2 * k + 2));
  }

  /**
   * Begin at a position whose slope is not known.
   *
   * @param {number} v
   * @param {number} zx
   * @param {number} zy
   */
  start(v, zx, zy) {
    Object.assign(this, { v, zx, zy, end: v, endX: zx, endY: zy });
    this.slope(v, zx, zy, this.stages[0]);
  }

  /** Begin at the end of the last step: its last slope is the first of the next. */
  next() {
    [this.v, this.zx, this.zy] = [this.end, this.endX, this.endY];
    this.stages[0].set(this.stages[STAGES - 1]);
  }

  /**
   * A step of length h from where the last `start` or `next` was.
   *
   * @param {number} h
   * @returns {number} its error, NaN where a slope has no value
   */
  take(h) {
    const { slopes } = this;
    for (let k = 1; k < STAGES; k++) {
      const row = A[k];
      let [x, y] = [0, 0];
      for (let j = 0; j < k; j++) {
        x += row[j] * slopes[2 * j];
        y += row[j] * slopes[2 * j + 1];
      }
      this.endX = this.zx + h * x;
      this.endY = this.zy + h * y;
      this.slope(this.v + C[k] * h, this.endX, this.endY, this.stages[k]);
    }
    this.end = this.v + h;
    return h * Math.hypot(this.#sum(ERROR, 0), this.#sum(ERROR, 1));
  }

  /**
   * z at a v within the step.
   *
   * @param {number} v
   * @returns {[number, number]}
   */
  at(v) {
    const h = this.end - this.v;
    const theta = (v - this.v) / h;
    return [
      this.#within(h, theta, 0, this.zx, this.endX),
      this.#within(h, theta, 1, this.zy, this.endY),
    ];
  }

  /**
   * @param {number} h
   * @param {number} theta from 0 to 1
   * @param {0 | 1} axis
   * @param {number} start
   * @param {number} end
   */
  #within(h, theta, axis, start, end) {
    const change = end - start;
    const early = h * this.slopes[axis] - change;
    const late = change - h * this.slopes[2 * STAGES - 2 + axis] - early;
    const rest = h * this.#sum(DENSE, axis);
    return start + theta * (change + (1 - theta) * (early + theta * (late + (1 - theta) * rest)));
  }

  /**
   * @param {number[]} factors of the stages
   * @param {0 | 1} axis
   */
  #sum(factors, axis) {
    let sum = 0;
    for (let k = 0; k < STAGES; k++) sum += factors[k] * this.slopes[2 * k + axis];
    return sum;
  }
}
