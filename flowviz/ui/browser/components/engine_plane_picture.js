// The Plane's picture by the engine: the flow as the server packs it (`flowviz/ui/plane/view.py`), for other
// data points. Frames of the density are computed when their time is shown.
/** @import { PlaneFlow as Packed, PlanePreviewTables } from "./types" */
import { Family } from "./engine_family.js";
import { PlaneFlow } from "./engine_plane.js";
import { bracket } from "./interpolation.js";

const CODES = 254.999; // of a density: 1 to 255
const TOP = 0.999; // the share of a frame's cells below the density of the largest code
const FAINT = 1e-14; // of the highest: other cells do not count for that
const TRACK_SPAN = 65535;

export class PlanePreview {
  /** @param {PlanePreviewTables} tables */
  constructor(tables) {
    this.tables = tables;
    this.family = new Family(tables.family);
  }

  /**
   * The flow to data points, of so many trajectories. Of all of them, also the largest error that is finite, and
   * how many start too near a border to be sure of the data point that they reach.
   *
   * @param {{ x: ArrayLike<number>, y: ArrayLike<number>, w: ArrayLike<number> }} points
   * @param {number} [most]
   */
  picture(points, most = Infinity) {
    const { tables } = this;
    const flow = new PlaneFlow(tables.prior, this.family, points);
    const { t, u, scale } = tables.nodes;
    const count = Math.min(most, tables.x1.length / 2);
    const { y, basin, error } = flow.trajectories(
      tables.x1.subarray(0, 2 * count),
      u,
      !Number.isFinite(most),
    );
    // Sorted by colour: a canvas strokes one colour at a time.
    const order = [...basin.keys()];
    order.sort((a, b) => (basin[a] % tables.colours) - (basin[b] % tables.colours) || a - b);
    const size = 2 * t.length;
    const [x, tracks] = [new Float64Array(y.length), new Uint16Array(y.length)];
    order.forEach((q, row) => {
      for (let k = 0; k < size; k++) {
        const at = row * size + k;
        x[at] = scale[k >> 1] * y[q * size + k];
        tracks[at] = trackCode(x[at], tables.view[2 * (k & 1)], tables.view[2 * (k & 1) + 1]);
      }
    });
    const rows = order.map((q) => basin[q]);
    const frames = tables.t.length;
    /** @type {Packed} */
    const packed = {
      view: tables.view,
      t: tables.t,
      scale_max: new Array(frames).fill(null),
      cells: tables.cells,
      density: new Uint8Array(frames * tables.cells ** 2),
      nodes: Array.from(t),
      tracks,
      colour: rows.map((i) => i % tables.colours),
      reached: rows,
      decades: tables.decades,
      lines: Int32Array.from(order.flatMap((q, row) => (q < tables.lines ? [row] : []))),
    };
    const finite = error.filter((value) => value < Infinity);
    const accuracy = { error: Math.max(0, ...finite), unsure: error.length - finite.length };
    return { packed, frames: new Frames(flow, tables, packed), x, ...accuracy };
  }
}

/** The density of a packed flow, filled in frame by frame. */
export class Frames {
  /** @type {Set<number>} */
  #done = new Set();

  /**
   * @param {PlaneFlow} flow
   * @param {PlanePreviewTables} tables
   * @param {Packed} packed
   */
  constructor(flow, tables, packed) {
    this.flow = flow;
    this.tables = tables;
    this.packed = packed;
    const [lowX, highX, lowY, highY] = tables.view;
    this.xs = centres(tables.cells, lowX, highX);
    this.ys = centres(tables.cells, highY, lowY); // rows downwards
  }

  /**
   * Fill in what is shown at t.
   *
   * @param {number} t
   */
  prepare(t) {
    const [j] = bracket(this.tables.t, this.tables.t.length, t);
    for (const frame of [0, j, j + 1]) if (frame < this.tables.t.length) this.#fill(frame);
  }

  /**
   * As `density_codes` of `flowviz/figures/plane.py`.
   *
   * @param {number} frame
   */
  #fill(frame) {
    if (this.#done.has(frame)) return;
    this.#done.add(frame);
    const { tables, packed } = this;
    const p = this.flow.grid(tables.t[frame], this.xs, this.ys);
    const highest = p.reduce((most, value) => (value < Infinity ? Math.max(most, value) : most), 0);
    const positive = p.filter((value) => value > FAINT * highest && value < Infinity).sort();
    const top = positive[Math.floor(TOP * (positive.length - 1))] ?? 0;
    /** @type {(number | null)[]} */ (packed.scale_max)[frame] = top;
    if (top === 0) return;
    const first = frame * p.length;
    for (let k = 0; k < p.length; k++) {
      const relative = (p[k] < Infinity ? p[k] : 0) / top;
      const shown = tables.decades ? 1 + Math.log10(relative) / tables.decades : relative;
      const code = 1 + Math.floor(CODES * Math.min(1, Math.max(0, shown)));
      const blank = tables.positive ? Number.isNaN(p[k]) : !(p[k] > 0);
      /** @type {Uint8Array} */ (packed.density)[first + k] = blank ? 0 : code;
    }
  }
}

/**
 * As `track_codes` of `flowviz/figures/plane.py`.
 *
 * @param {number} x
 * @param {number} low
 * @param {number} high
 */
function trackCode(x, low, high) {
  const fraction = (x - (low - 0.5 * (high - low))) / (2 * (high - low));
  return Math.round(TRACK_SPAN * Math.min(1, Math.max(0, fraction)));
}

/**
 * @param {number} count
 * @param {number} from
 * @param {number} to
 */
function centres(count, from, to) {
  return Float64Array.from({ length: count }, (_, k) => from + ((to - from) * (k + 0.5)) / count);
}

/**
 * The largest distance between the trajectories of the engine and those of a packed flow, in the codes of the
 * latter; NaN where they are not the same ones.
 *
 * @param {Packed} one
 * @param {Packed} other
 */
export function largestDifference(one, other) {
  const same = String(one.view) === String(other.view) && String(one.nodes) === String(other.nodes);
  if (!same || one.tracks.length !== other.tracks.length) return Number.NaN;
  const [lowX, highX] = one.view;
  let largest = 0;
  for (let k = 0; k < one.tracks.length; k++) {
    largest = Math.max(largest, Math.abs(one.tracks[k] - other.tracks[k]));
  }
  return (2 * (highX - lowX) * largest) / TRACK_SPAN;
}
