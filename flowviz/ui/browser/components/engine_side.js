// One side of a prior's median, from its tables (`flowviz/ui/engine/distribution.py`): Chebyshev series of the
// logarithms of the smaller tail and of the density, relatively exact out to 1e-300.
/** @import { LogarithmTable, SeriesTable, SideTable } from "./types" */

export const TERMS = 17; // of a Chebyshev series: DEGREE + 1 in flowviz/core/numerics/chebyshev.py
const LEAST_LOG = -60; // of a tail in a cell

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
    if (!(w > -Infinity)) return Number.NEGATIVE_INFINITY;
    const { edges, slope } = table;
    const end =
      this.table.edge === null ? Math.min(w, edges[edges.length - 1]) : Math.max(w, edges[0]);
    const value = seriesAt(table, end);
    return end === w ? value : value + slope * (w - end);
  }

  /**
   * F₁ left of the median, S₁ right of it.
   *
   * @param {number} z
   */
  tail(z) {
    return Math.exp(this.logarithm(this.table.tail, this.coordinate(z)));
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
