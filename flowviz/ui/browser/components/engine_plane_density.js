// A prior of the plane from its tables (`flowviz/ui/engine/plane.py`), by one of three forms: a product of
// two coordinates, a function of the distance from a centre, a sum of Gaussians.
//
// Where the density jumps to 0 at the ends of its support it is continued beyond them, as p²(edge)/p(mirror
// image): so that a step may end exactly where an endpoint leaves the support (`engine_plane.js`).
/** @import { DistributionTables, PlanePriorTables, RadialTable, SideTable } from "./types" */
import { Cubics } from "./engine_cubics.js";
import { Distribution } from "./engine_distribution.js";
import { Side } from "./engine_side.js";

const JUMP = 1e-3; // at a jump log p does not depend on the logarithm of the distance to the edge
const INSIDE = 1e-9; // of the scale: nearer to a jump the density is the one there
const REACH = 30; // scales, of cubics
const INTERVALS = 4096;
const TERMS = 6; // of a Gaussian

/**
 * @typedef {object} PlaneDensity
 * @property {(x: number, y: number) => number} density p₁, continued beyond jumps
 * @property {(x: number, y: number) => number} logDensity log p₁, -∞ beyond them
 * @property {(x: number, y: number) => number} outside how far beyond a jump
 * @property {(x: number, y: number, dx: number, dy: number) => number} exit when a point leaves by a jump
 * @property {(x: number, y: number, dx: number, dy: number, least: number) => number} bend when a point first
 *   comes where the density has a kink, later than `least`
 * @property {boolean} jumps whether there is one
 * @property {(sums: Float64Array, factor: number, zx: Float64Array, zy: Float64Array) => void} addGrid add a
 *   factor times p₁ on a tensor grid, rows of equal y
 * @property {number} scale
 */

/** @type {WeakMap<PlanePriorTables, PlaneDensity>} made once: while a point is dragged its prior stays */
const made = new WeakMap();

/** @param {PlanePriorTables} tables */
export function planeDensity(tables) {
  const density = made.get(tables) ?? densityOf(tables);
  made.set(tables, density);
  return density;
}

/**
 * @param {PlanePriorTables} tables
 * @returns {PlaneDensity}
 */
function densityOf({ product, radial, gaussians }) {
  if (product) return new Product(product);
  if (radial) return new Radial(radial);
  if (gaussians) return new Gaussians(gaussians);
  throw new Error("a prior without tables");
}

/** @param {Pick<SideTable, "edge" | "density">} side */
function jumpOf({ edge, density }) {
  return edge !== null && Math.abs(density.slope) < JUMP ? edge : null;
}

/** @implements {PlaneDensity} */
class Product {
  /** @param {DistributionTables} tables */
  constructor(tables) {
    this.line = new Distribution(tables);
    this.scale = this.line.scale;
    this.bulk = this.line.bulk();
    this.low = jumpOf(tables.left) ?? -Infinity;
    this.high = jumpOf(tables.right) ?? Infinity;
    this.jumps = this.low > -Infinity || this.high < Infinity;
    this.lowest = this.low + INSIDE * this.scale;
    this.highest = this.high - INSIDE * this.scale;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  density(x, y) {
    return this.#one(x) * this.#one(y);
  }

  /** @param {number} z */
  #one(z) {
    const { line, lowest, highest } = this;
    if (z >= lowest && z <= highest) return this.bulk.at(z) || line.densityAt(z);
    const end = z < lowest ? lowest : highest;
    const mirrored = Math.min(highest, Math.max(lowest, 2 * end - z));
    return line.densityAt(end) ** 2 / line.densityAt(mirrored);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  logDensity(x, y) {
    return this.line.logDensity(x) + this.line.logDensity(y);
  }

  /**
   * @param {Float64Array} sums
   * @param {number} factor
   * @param {Float64Array} zx
   * @param {Float64Array} zy
   */
  addGrid(sums, factor, zx, zy) {
    const of = (/** @type {Float64Array} */ z) => z.map((value) => this.line.densityAt(value));
    const [px, py] = [of(zx), of(zy)];
    for (let k = 0, n = 0; k < py.length; k++) {
      const row = factor * py[k];
      if (row === 0) n += px.length;
      else for (let j = 0; j < px.length; j++) sums[n++] += row * px[j];
    }
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  outside(x, y) {
    return Math.max(this.low - x, x - this.high, this.low - y, y - this.high);
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} dx
   * @param {number} dy
   */
  exit(x, y, dx, dy) {
    return Math.min(this.#exitOf(x, dx), this.#exitOf(y, dy));
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} dx
   * @param {number} dy
   * @param {number} least
   */
  bend(x, y, dx, dy, least) {
    let first = Infinity;
    for (const kink of this.line.kinks) {
      const [one, other] = [(kink - x) / dx, (kink - y) / dy];
      if (one > least && one < first) first = one;
      if (other > least && other < first) first = other;
    }
    return first;
  }

  /**
   * @param {number} z
   * @param {number} speed
   */
  #exitOf(z, speed) {
    if (speed === 0) return Infinity;
    return Math.max(0, ((speed > 0 ? this.high : this.low) - z) / speed);
  }
}

/** @implements {PlaneDensity} */
class Radial {
  /** @param {RadialTable} table */
  constructor(table) {
    this.centre = table.centre;
    this.side = new Side({ ...table, tail: table.density }, 0, true);
    this.scale = table.scale;
    this.radius = jumpOf(table) ?? Infinity;
    this.jumps = this.radius < Infinity;
    this.largest = this.radius - INSIDE * this.scale;
    const reach = Math.min(this.largest, table.edge ?? Infinity, REACH * this.scale);
    const exact = (/** @type {number} */ r) => Math.exp(this.#log(r));
    this.bulk = new Cubics(exact, 0, reach, INTERVALS, Infinity);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  density(x, y) {
    const [dx, dy] = [x - this.centre, y - this.centre];
    const r = Math.sqrt(dx * dx + dy * dy);
    if (r <= this.largest) return this.bulk.at(r) || Math.exp(this.#log(r));
    const mirrored = Math.min(this.largest, Math.max(0, 2 * this.largest - r));
    return Math.exp(2 * this.#log(this.largest) - this.#log(mirrored));
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  #distance(x, y) {
    return Math.hypot(x - this.centre, y - this.centre);
  }

  /** @param {number} r */
  #log(r) {
    return this.side.logarithm(this.side.table.density, this.side.coordinate(r));
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  logDensity(x, y) {
    return this.#log(this.#distance(x, y));
  }

  /**
   * @param {Float64Array} sums
   * @param {number} factor
   * @param {Float64Array} zx
   * @param {Float64Array} zy
   */
  addGrid(sums, factor, zx, zy) {
    addValues(this, sums, factor, zx, zy);
  }

  bend() {
    return Infinity;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  outside(x, y) {
    return this.#distance(x, y) - this.radius;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} dx
   * @param {number} dy
   */
  exit(x, y, dx, dy) {
    const square = dx * dx + dy * dy;
    if (square === 0) return Infinity;
    const [zx, zy] = [x - this.centre, y - this.centre];
    const closest = -(zx * dx + zy * dy) / square;
    // Half the chord from its distance to the centre: no cancellation.
    const [ax, ay] = [zx + closest * dx, zy + closest * dy];
    const half = Math.max(0, (this.radius ** 2 - ax * ax - ay * ay) / square);
    return Math.max(0, closest + Math.sqrt(half));
  }
}

/** @implements {PlaneDensity} */
class Gaussians {
  jumps = false;

  /** @param {Float64Array} table */
  constructor(table) {
    this.count = table.length / TERMS;
    /** Of each: its mean, 1/σ_x, 1/σ_y, the correlation, ½/(1 - r²), and the logarithm of its height. */
    this.terms = new Float64Array(7 * this.count);
    for (let k = 0; k < this.count; k++) {
      const [mx, my, sx, sy, r, w] = table.subarray(TERMS * k, TERMS * (k + 1));
      const height = Math.log(w / (2 * Math.PI * sx * sy)) - 0.5 * Math.log1p(-r * r);
      this.terms.set([mx, my, 1 / sx, 1 / sy, r, 0.5 / (1 - r * r), height], 7 * k);
    }
    this.scale = Math.min(...table.filter((_, k) => k % TERMS === 2 || k % TERMS === 3));
  }

  /**
   * The logarithm of one of them.
   *
   * @param {number} k
   * @param {number} x
   * @param {number} y
   */
  #log(k, x, y) {
    const { terms } = this;
    const a = (x - terms[7 * k]) * terms[7 * k + 2];
    const b = (y - terms[7 * k + 1]) * terms[7 * k + 3];
    const rest = a - terms[7 * k + 4] * b;
    return terms[7 * k + 6] - 0.5 * b * b - terms[7 * k + 5] * rest * rest;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  density(x, y) {
    let sum = 0;
    for (let k = 0; k < this.count; k++) sum += Math.exp(this.#log(k, x, y));
    return sum;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  logDensity(x, y) {
    let top = -Infinity;
    for (let k = 0; k < this.count; k++) top = Math.max(top, this.#log(k, x, y));
    let sum = 0;
    for (let k = 0; k < this.count; k++) sum += Math.exp(this.#log(k, x, y) - top);
    return top + Math.log(sum);
  }

  /**
   * @param {Float64Array} sums
   * @param {number} factor
   * @param {Float64Array} zx
   * @param {Float64Array} zy
   */
  addGrid(sums, factor, zx, zy) {
    addValues(this, sums, factor, zx, zy);
  }

  bend() {
    return Infinity;
  }

  outside() {
    return -Infinity;
  }

  exit() {
    return Infinity;
  }
}

/**
 * `addGrid` by one value for each cell.
 *
 * @param {PlaneDensity} density
 * @param {Float64Array} sums
 * @param {number} factor
 * @param {Float64Array} zx
 * @param {Float64Array} zy
 */
function addValues(density, sums, factor, zx, zy) {
  for (let k = 0, n = 0; k < zy.length; k++) {
    for (let j = 0; j < zx.length; j++, n++) {
      if (!density.jumps || density.outside(zx[j], zy[k]) <= 0) {
        sums[n] += factor * density.density(zx[j], zy[k]);
      }
    }
  }
}
