// A prior from its tables (`flowviz/ui/engine/distribution.py`): log p₁, F₁ and S₁ of any z, and the same
// without logarithms for sums over many z. The tables are Chebyshev series of logarithms, relatively exact
// out to 1e-300; from them cells are made in which p₁ and the smaller tail are polynomials of z, to 1e-12.
/** @import { DistributionTables, Interval, LogarithmTable, SeriesTable, SideTable } from "./types" */
import { clamp } from "./interpolation.js";

export const TERMS = 17; // of a Chebyshev series: DEGREE + 1 in flowviz/core/numerics/chebyshev.py
export const CELL_TERMS = 8;
const CELL_TOLERANCE = 1e-12; // relative, and a twentieth of it more for each unit of the logarithm
const NARROWEST = 1e-9; // cell, in w
const LEAST_LOG = -60; // of a tail in a cell
const BINS = 2048;
const BULK_LOG = -20; // of a tail where bins find a cell at once

/**
 * A function of a table at w, one of several.
 *
 * @param {SeriesTable} table
 * @param {number} w
 * @param {number} [f]
 * @param {number} [count] of functions
 */
export function seriesAt({ edges, series }, w, f = 0, count = 1) {
  let [piece, last] = [0, edges.length - 2];
  while (piece < last) {
    const middle = (piece + last + 1) >> 1;
    if (edges[middle] <= w) piece = middle;
    else last = middle - 1;
  }
  const s = (2 * w - edges[piece] - edges[piece + 1]) / (edges[piece + 1] - edges[piece]);
  const first = (piece * count + f) * TERMS;
  let [one, two] = [0, 0]; // Clenshaw's recurrence
  for (let k = first + TERMS - 1; k > first; k--) {
    const next = series[k] + 2 * s * one - two;
    two = one;
    one = next;
  }
  return series[first] + s * one - two;
}

/** One side of the median. */
export class Side {
  /**
   * @param {SideTable} table
   * @param {number} median
   * @param {boolean} right
   */
  constructor(table, median, right) {
    this.table = table;
    this.right = right;
    this.origin = table.edge ?? median;
    this.sign = right === (table.edge === null) ? 1 : -1;
  }

  /**
   * The coordinate of the tables; NaN beyond the end of the support.
   *
   * @param {number} z
   */
  coordinate(z) {
    return this.coordinateOf(z - this.origin);
  }

  /** @param {number} offset */
  coordinateOf(offset) {
    const distance = (this.sign * offset) / this.table.scale;
    return this.table.edge === null ? Math.log1p(distance) : Math.log(distance);
  }

  /**
   * z less the origin, exactly also beside the end of a support.
   *
   * @param {number} w
   */
  offset(w) {
    const distance = this.table.edge === null ? Math.expm1(w) : Math.exp(w);
    return this.sign * this.table.scale * distance;
  }

  /**
   * A logarithm at w, beyond the outer end of its table along a straight line.
   *
   * @param {LogarithmTable} table
   * @param {number} w
   */
  logarithm(table, w) {
    if (!(w > Number.NEGATIVE_INFINITY)) return Number.NEGATIVE_INFINITY;
    const { edges, slope } = table;
    const end =
      this.table.edge === null ? Math.min(w, edges[edges.length - 1]) : Math.max(w, edges[0]);
    const value = seriesAt(table, end);
    return end === w ? value : value + slope * (w - end);
  }

  /**
   * F₁ and S₁ on this side of the median, relatively exact both.
   *
   * @param {number} z
   * @returns {[lower: number, upper: number]}
   */
  levels(z) {
    const tail = Math.exp(this.logarithm(this.table.tail, this.coordinate(z)));
    return this.right ? [1 - tail, tail] : [tail, 1 - tail];
  }

  /**
   * The z at which a weight times the tail is the smallest number above 0.
   *
   * @param {number} weight
   */
  underflow(weight) {
    const { edges, slope } = this.table.tail;
    const end = edges[edges.length - 1];
    const least = Math.log(Number.MIN_VALUE / weight);
    return this.origin + this.offset(end + (least - seriesAt(this.table.tail, end)) / slope);
  }

  /** The ends of cells in w at first: those of the tables' pieces, as far as a tail of e^LEAST_LOG. */
  cellEnds() {
    const { edge, tail, density } = this.table;
    const low = Math.max(tail.edges[0], density.edges[0]);
    let high = Math.min(tail.edges[tail.edges.length - 1], density.edges[density.edges.length - 1]);
    if (edge === null) {
      let first = low;
      for (let n = 0; n < 40; n++) {
        const middle = 0.5 * (first + high);
        if (this.logarithm(tail, middle) < LEAST_LOG) high = middle;
        else first = middle;
      }
    }
    const inside = [...tail.edges, ...density.edges].filter((w) => w > low && w < high);
    return [...new Set([low, ...inside, high])].sort((a, b) => a - b);
  }
}

export class Distribution {
  /** F₁, S₁ and p₁ at the last argument of `evaluate`. */
  lower = 0;
  upper = 0;
  density = 0;
  /** The first cell of equal bins of the bulk. */
  bins = new Int32Array(BINS);
  binStart = 0;
  binInverse = 0;

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

  /** @param {number} z */
  levels(z) {
    return (z < this.median ? this.left : this.right).levels(z);
  }

  /**
   * Set `lower`, `upper` and `density`.
   *
   * @param {number} z
   */
  evaluate(z) {
    const c = this.cellOf(z);
    if (c < 0) {
      [this.lower, this.upper] = this.levels(z);
      this.density = Math.exp(this.logDensity(z));
      return;
    }
    const s = (z - this.origins[c] - this.middles[c]) * this.inverses[c];
    const tail = polynomial(this.tails, c * CELL_TERMS, s);
    this.density = polynomial(this.densities, c * CELL_TERMS, s);
    this.lower = c < this.firstRight ? tail : 1 - tail;
    this.upper = c < this.firstRight ? 1 - tail : tail;
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

  #makeBins() {
    const { starts } = this;
    const last = starts.length - 1;
    const isBulk = (/** @type {number} */ z) => Math.log(Math.min(...this.levels(z))) > BULK_LOG;
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

// ------------------------------------------------------------------------------ cells

/** @typedef {{ low: number, high: number, right: boolean, tail: number[], density: number[] }} Cell */

const NODES = Array.from(
  { length: CELL_TERMS },
  (_, k) => -Math.cos((Math.PI * (k + 0.5)) / CELL_TERMS),
);
const CHECKED = [-1, -0.9, -0.55, 0.1, 0.7, 0.95, 1];
/** Values at NODES to coefficients, from the highest power. */
const TO_POWERS = powersOfNodes();

/**
 * @param {Side} side
 * @returns {Cell[]}
 */
function cellsOf(side) {
  const ends = side.cellEnds();
  /** @type {Cell[]} */
  const cells = [];
  for (let k = 1; k < ends.length; k++) addCells(side, ends[k - 1], ends[k], cells);
  return cells;
}

/**
 * The cells between two w: halved until the polynomials agree with the tables.
 *
 * @param {Side} side
 * @param {number} from
 * @param {number} to
 * @param {Cell[]} cells
 */
function addCells(side, from, to, cells) {
  const [one, other] = [side.offset(from), side.offset(to)];
  const [low, high] = one < other ? [one, other] : [other, one];
  const [middleOffset, half] = [0.5 * (low + high), 0.5 * (high - low)];
  const logAt = (/** @type {LogarithmTable} */ table, /** @type {number} */ s) =>
    side.logarithm(table, clamp(side.coordinateOf(middleOffset + half * s), from, to));
  const [tail, density] = [side.table.tail, side.table.density].map((table) => {
    const powers = combine(NODES.map((s) => Math.exp(logAt(table, s))));
    const good = CHECKED.every((s) => {
      const log = logAt(table, s);
      const found = powers.reduce((sum, power) => sum * s + power, 0);
      return Math.abs(found * Math.exp(-log) - 1) <= CELL_TOLERANCE * (1 - 0.05 * log);
    });
    return { powers, good };
  });
  if (to - from < NARROWEST || (tail.good && density.good)) {
    cells.push({ low, high, right: side.right, tail: tail.powers, density: density.powers });
    return;
  }
  const middle = 0.5 * (from + to);
  addCells(side, from, middle, cells);
  addCells(side, middle, to, cells);
}

/** @param {number[]} values at NODES */
function combine(values) {
  return TO_POWERS.map((row) => row.reduce((sum, factor, k) => sum + factor * values[k], 0));
}

/** The coefficients of Lagrange's polynomials of NODES: rows from the highest power. */
function powersOfNodes() {
  const columns = NODES.map((node, k) => {
    let powers = [1]; // of the product of (s - other)/(node - other), from the lowest
    for (const [j, other] of NODES.entries()) {
      if (j === k) continue;
      const next = [0, ...powers];
      powers.forEach((power, n) => {
        next[n] -= other * power;
      });
      powers = next.map((power) => power / (node - other));
    }
    return powers;
  });
  return NODES.map((_, row) => columns.map((powers) => powers[CELL_TERMS - 1 - row]));
}
