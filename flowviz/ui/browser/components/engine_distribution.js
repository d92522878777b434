// A prior from its tables (`flowviz/ui/engine/distribution.py`): log p₁, F₁ and S₁ of any z, and the same
// without logarithms for sums over many z.
/** @import { DistributionTables, Interval } from "./types" */

/** @import { Cell } from "./engine_prior_cells.js" */
import { Cubics } from "./engine_cubics.js";
import { CELL_TERMS, cellsOf } from "./engine_prior_cells.js";
import { Side } from "./engine_side.js";
import { clamp } from "./interpolation.js";

const BINS = 2048;
const BULK_LOG = -20; // of a tail where bins find a cell at once
const JUMP = 1e-6; // of a density, in units of that of the bulk
const KINK = 1e-4; // of its slope
const NOISE = 1e-8; // of a slope, relative to the density over a cell's width
const INFINITE = -1e-3; // the slope of log p₁ in the logarithm of the distance to an edge
const CUBIC_TOLERANCE = 1e-9; // in the same units
const REACHES = [-600, -30, 30, 600]; // scales from the median
const INTERVALS = [1024, 4096, 1024];

export class Distribution {
  /** F₁, S₁ and their slope p₁, to about 1e-9, at the last argument of `evaluate`. */
  lower = 0;
  upper = 0;
  slope = 0;
  /** The first cell of equal bins of the bulk. */
  bins = new Int32Array(BINS);
  binStart = 0;
  binInverse = 0;
  /** @type {Cubics[][]} */
  #cubics = [];

  /** @param {DistributionTables} tables */
  constructor(tables) {
    const { median } = tables;
    this.median = median;
    this.left = new Side(tables.left, median, false);
    this.right = new Side(tables.right, median, true);
    this.scale = Math.max(tables.left.scale, tables.right.scale);
    const cells = [this.left, this.right].flatMap((side) => cellsOf(side));
    cells.sort((a, b) => Number(a.right) - Number(b.right) || a.low - b.low);
    const origin = (/** @type {Cell} */ { right }) => (right ? this.right : this.left).origin;
    const last = cells[cells.length - 1];
    this.starts = Float64Array.from([
      ...cells.map((cell) => origin(cell) + cell.low),
      origin(last) + last.high,
    ]);
    this.origins = Float64Array.from(cells, origin);
    this.middles = Float64Array.from(cells, ({ low, high }) => 0.5 * (low + high));
    this.inverses = Float64Array.from(cells, ({ low, high }) => 2 / (high - low));
    this.tails = Float64Array.from(cells.flatMap(({ tail }) => tail));
    this.densities = Float64Array.from(cells.flatMap(({ density }) => density));
    this.firstRight = cells.findIndex(({ right }) => right);
    this.#makeBins();
    /** Where the density jumps. */
    this.jumps = this.starts.filter((_, c) => this.#jumpsAt(c).jump > JUMP);
    /** Where its slope does. */
    this.kinks = this.starts.filter((_, c) => {
      const { jump, kink, rounding } = this.#jumpsAt(c);
      return jump <= JUMP && kink > KINK + rounding;
    });
    /** Whether it is infinite at an edge. */
    this.singular = [this.left, this.right].some(({ table: { edge, density } }) => {
      return edge !== null && density.slope < INFINITE;
    });
    /** @type {Interval} */
    this.support = [tables.left.edge ?? -Infinity, tables.right.edge ?? Infinity];
  }

  /** Whether the support ends somewhere. */
  get bounded() {
    return this.left.table.edge !== null || this.right.table.edge !== null;
  }

  /** @param {number} z */
  logDensity(z) {
    const side = z < this.median ? this.left : this.right;
    return side.logarithm(side.table.density, side.coordinate(z));
  }

  /**
   * The smaller tail.
   *
   * @param {number} z
   */
  tailAt(z) {
    return (z < this.median ? this.left : this.right).tail(z);
  }

  /**
   * Set `lower`, `upper` and `slope`.
   *
   * @param {number} z
   */
  evaluate(z) {
    const c = this.cellOf(z);
    if (c < 0) {
      const tail = this.tailAt(z);
      [this.lower, this.upper] = z < this.median ? [tail, 1 - tail] : [1 - tail, tail];
      this.slope = Math.exp(this.logDensity(z));
      return;
    }
    const inverse = this.inverses[c];
    const s = (z - this.origins[c] - this.middles[c]) * inverse;
    const a = this.tails;
    const last = c * CELL_TERMS + CELL_TERMS - 1;
    let tail = a[last - CELL_TERMS + 1];
    let slope = tail; // Horner's scheme, of the polynomial and of its derivative
    for (let k = last - CELL_TERMS + 2; k < last; k++) {
      tail = tail * s + a[k];
      slope = slope * s + tail;
    }
    tail = tail * s + a[last];
    slope *= inverse;
    const isLeft = c < this.firstRight;
    this.slope = isLeft ? slope : -slope;
    this.lower = isLeft ? tail : 1 - tail;
    this.upper = isLeft ? 1 - tail : tail;
  }

  /**
   * F₁ alone.
   *
   * @param {number} z
   */
  lowerAt(z) {
    this.evaluate(z);
    return this.lower;
  }

  /**
   * p₁ alone.
   *
   * @param {number} z
   */
  densityAt(z) {
    const c = this.cellOf(z);
    if (c < 0) return Math.exp(this.logDensity(z));
    const s = (z - this.origins[c] - this.middles[c]) * this.inverses[c];
    return polynomial(this.densities, c * CELL_TERMS, s);
  }

  /**
   * The cell that holds z, or -1.
   *
   * @param {number} z
   */
  cellOf(z) {
    const { starts } = this;
    const last = starts.length - 1;
    if (!(z >= starts[0] && z < starts[last])) return -1;
    const bin = ((z - this.binStart) * this.binInverse) | 0;
    if (bin >= 0 && bin < BINS && z >= this.binStart) {
      let c = this.bins[bin];
      while (z >= starts[c + 1]) c++;
      return c;
    }
    let [low, high] = [0, last - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= z) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * By how much the density and its slope jump where a cell begins or the last one ends, and the rounding of the
   * latter.
   *
   * @param {number} c
   */
  #jumpsAt(c) {
    const { densities, inverses, scale } = this;
    const of = (/** @type {number} */ cell, /** @type {number} */ s) => {
      let [value, slope] = [0, 0];
      if (cell < 0 || cell === inverses.length) return { value, slope, rounding: 0 };
      for (const power of densities.subarray(cell * CELL_TERMS, (cell + 1) * CELL_TERMS)) {
        slope = slope * s + value;
        value = value * s + power;
      }
      const inverse = inverses[cell] * scale ** 2;
      return { value: value * scale, slope: slope * inverse, rounding: NOISE * value * inverse };
    };
    const [before, after] = [of(c - 1, 1), of(c, -1)];
    return {
      jump: Math.abs(after.value - before.value),
      kink: Math.abs(after.slope - before.slope),
      rounding: before.rounding + after.rounding,
    };
  }

  /**
   * F₁ or p₁ as cubics, within `REACHES`, in rising order.
   *
   * @param {boolean} lower
   */
  cubics(lower) {
    this.#cubics[Number(lower)] ??= this.#makeCubics(lower);
    return this.#cubics[Number(lower)];
  }

  /** p₁ as cubics in the bulk. */
  bulk() {
    const { median } = this;
    const found = this.cubics(false).find(({ low, high }) => low <= median && median <= high);
    return /** @type {Cubics} */ (found);
  }

  /** @param {boolean} lower */
  #makeCubics(lower) {
    const { starts, median, scale } = this;
    const f = (/** @type {number} */ z) => (lower ? this.lowerAt(z) : this.densityAt(z));
    const tolerance = CUBIC_TOLERANCE / (lower ? 1 : scale);
    const [bottom, top] = [starts[0], starts[starts.length - 1]];
    const ends = REACHES.map((reach) => clamp(median + reach * scale, bottom, top));
    return ends.slice(1).flatMap((high, k) => {
      const [low, size] = [ends[k], INTERVALS[k]];
      return low < high ? [new Cubics(f, low, high, size, tolerance)] : [];
    });
  }

  #makeBins() {
    const { starts } = this;
    const last = starts.length - 1;
    const isBulk = (/** @type {number} */ z) => Math.log(this.tailAt(z)) > BULK_LOG;
    let [first, end] = [0, last];
    while (first < this.firstRight && !isBulk(starts[first + 1])) first++;
    while (end > this.firstRight && !isBulk(starts[end - 1])) end--;
    this.binStart = starts[first];
    this.binInverse = BINS / (starts[end] - starts[first]);
    for (let bin = 0, c = first; bin < BINS; bin++) {
      while (c < end - 1 && starts[c + 1] <= this.binStart + bin / this.binInverse) c++;
      this.bins[bin] = c;
    }
    // A rounding may put the start of a bin before its first cell.
    for (let bin = BINS - 1; bin > 0; bin--) if (this.bins[bin] > first) this.bins[bin]--;
  }
}

/**
 * The polynomial of a cell.
 *
 * @param {Float64Array} a coefficients of all cells, from the highest power
 * @param {number} k where those of the cell begin
 * @param {number} s z in the cell, from -1 to 1
 */
export function polynomial(a, k, s) {
  const high = ((a[k] * s + a[k + 1]) * s + a[k + 2]) * s + a[k + 3];
  return (((high * s + a[k + 4]) * s + a[k + 5]) * s + a[k + 6]) * s + a[k + 7];
}
