// What fills the plane (x, y): basins and density as cells, trajectories as lines, and what moves
// with time, particles and arrows. Everything is in units of the view: (0, 0) bottom left, (1, 1)
// top right.
/** @import { BasinMap, PlaneFlow, PlaneStyle } from "./types" */
import { clearedCanvas, colourCode, colourTable, context2d, resizeCanvas } from "./canvas.js";
import { bracket, mix } from "./interpolation.js";
import { element } from "./runtime.js";

const CODES = 65535; // codes of a track reach half a view beyond the view on every side
const MANY = 80; // lines that are drawn paler

/** @typedef {Pick<PlaneStyle, "ink" | "ground" | "dark" | "basins" | "density" | "line">} Style */

export class Painter {
  /** @type {PlaneFlow | undefined} */
  flow;
  /** @type {Set<string>} names of what is shown */
  shown = new Set();
  /** @type {BasinMap | null} */
  basinMap = null;
  #width = 0;
  #paintedDark = false;
  #colours = new Uint32Array(256);
  #tracks = new Float32Array(0);
  #alone = new Float32Array(0);
  /** @type {ImageData | undefined} */
  #image;
  /** @type {Style} */
  #style = { ink: "", ground: "", dark: false, basins: [], density: [], line: 1 };

  constructor() {
    this.basins = element("canvas");
    this.cells = element("canvas");
    this.lines = element("canvas");
    this.moving = element("canvas");
    this.node = element("div", { className: "fv-box" }, ...this.layers);
    this.basins.hidden = true;
  }

  /** The canvases, from the ground up. */
  get layers() {
    return [this.basins, this.cells, this.lines, this.moving];
  }

  /**
   * Take a new flow: what does not move with time is painted at once.
   *
   * @param {PlaneFlow} flow
   * @param {string[]} views names of what is shown
   * @param {Style} style
   */
  update(flow, views, style) {
    Object.assign(this, { flow, shown: new Set(views) });
    this.#style = style;
    this.#colours = colourTable(style.density);
    this.#tracks = decoded(flow.tracks);
    this.#alone = decoded(flow.alone ?? []);
    this.cells.width = this.cells.height = flow.cells;
    this.#image = context2d(this.cells).createImageData(flow.cells, flow.cells);
    this.cells.hidden = !this.shown.has("density");
  }

  /** @param {number} width of the square, in pixels */
  resize(width) {
    this.#width = width;
    if (this.flow) this.#paintLines(this.flow);
  }

  /**
   * The picture at time t.
   *
   * @param {number} t
   */
  show(t) {
    const { flow } = this;
    if (!flow || !this.#width) return;
    if (this.shown.has("density")) this.#paintDensity(flow, t);
    const context = clearedCanvas(this.moving, this.#width, this.#width);
    if (this.shown.has("arrows")) this.#paintArrows(context, flow, t);
    if (this.shown.has("particles")) this.#paintParticles(context, flow, t);
  }

  /**
   * The highest density at t: infinite at t = 0, null between that and the first frame, 0 where all
   * of it is between two cells.
   *
   * @param {number} t
   */
  maximum(t) {
    const { t: times, tops } = this.flow ?? {};
    if (t === 0) return Infinity;
    if (!times || !tops || t < 0.999 * times[0]) return null;
    const [j, fraction] = bracket(times, times.length, t);
    const [a, b] = [tops[j], tops[j + 1]];
    return a && b ? mix(a, b, fraction) : a && b;
  }

  /**
   * Two neighbouring frames, mixed. A cell that has no value in either is clear.
   *
   * @param {PlaneFlow} flow
   * @param {number} t
   */
  #paintDensity({ t: times, density, cells }, t) {
    if (!density || !this.#image) return;
    const [j, fraction] = bracket(times, times.length, t);
    const size = cells * cells;
    const a = density.subarray(j * size, (j + 1) * size);
    const b = density.subarray((j + 1) * size, (j + 2) * size);
    const pixels = new Uint32Array(this.#image.data.buffer);
    // Over basins the density shows as transparency, so that both can be read.
    const overBasins = this.shown.has("basins");
    for (let k = 0; k < size; k++) {
      const code = a[k] === 0 ? b[k] : b[k] === 0 ? a[k] : a[k] + fraction * (b[k] - a[k]);
      const colour = code === 0 ? 0 : this.#colours[code | 0];
      pixels[k] = overBasins ? (colour & 0xffffff) | (Math.min(225, code * 1.1) << 24) : colour;
    }
    context2d(this.cells).putImageData(this.#image, 0, 0);
  }

  /** @param {BasinMap | null} map null for none */
  paintBasins(map) {
    this.basins.hidden = !map;
    const { dark, basins } = this.#style;
    if (!map || (map === this.basinMap && dark === this.#paintedDark)) return;
    [this.basinMap, this.#paintedDark] = [map, dark];
    const { codes, side } = map;
    resizeCanvas(this.basins, side, side);
    const context = context2d(this.basins);
    const image = context.createImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    const alpha = (dark ? 120 : 105) << 24;
    const colours = basins.map((hex) => colourCode(hex) | alpha);
    for (let k = 0; k < codes.length; k++) if (codes[k]) pixels[k] = colours[codes[k] - 1];
    context.putImageData(image, 0, 0);
  }

  /** @param {PlaneFlow} flow */
  #paintLines(flow) {
    const context = clearedCanvas(this.lines, this.#width, this.#width);
    context.lineJoin = "round";
    context.lineWidth = this.#style.line * 0.8;
    if (this.shown.has("lines")) {
      context.globalAlpha = flow.lines.length > MANY ? 0.5 : 0.75;
      this.#strokeTracks(context, flow, this.#tracks, (q) => q);
    }
    if (this.shown.has("straight") && this.#alone.length) {
      context.globalAlpha = 0.8;
      context.setLineDash([2, 4]);
      this.#strokeTracks(context, flow, this.#alone, (_, row) => row);
      context.setLineDash([]);
    }
    context.globalAlpha = 1;
  }

  /**
   * One path for each colour; trajectories come sorted by colour.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {PlaneFlow} flow
   * @param {Float32Array} tracks
   * @param {(q: number, row: number) => number} rowOf where a trajectory stands in the tracks
   */
  #strokeTracks(context, { lines, colour, nodes }, tracks, rowOf) {
    let last = -1;
    for (let row = 0; row < lines.length; row++) {
      const q = lines[row];
      if (colour[q] !== last) {
        if (last >= 0) context.stroke();
        last = colour[q];
        context.strokeStyle = this.#style.basins[last];
        context.beginPath();
      }
      this.#tracePath(context, tracks, 2 * rowOf(q, row) * nodes.length, nodes.length);
    }
    if (last >= 0) context.stroke();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Float32Array} tracks
   * @param {number} first
   * @param {number} count
   */
  #tracePath(context, tracks, first, count) {
    const width = this.#width;
    context.moveTo(tracks[first] * width, (1 - tracks[first + 1]) * width);
    for (let k = first + 2; k < first + 2 * count; k += 2) {
      context.lineTo(tracks[k] * width, (1 - tracks[k + 1]) * width);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {PlaneFlow} flow
   * @param {number} t
   */
  #paintParticles(context, { nodes, colour }, t) {
    const [j, fraction] = bracket(nodes, nodes.length, t);
    const size = particleSize(colour.length) * (this.#style.line > 2 ? 1.5 : 1);
    const [tracks, width] = [this.#tracks, this.#width];
    let last = -1;
    for (let q = 0; q < colour.length; q++) {
      if (colour[q] !== last) {
        if (last >= 0) fillOutlined(context, this.#style.ground);
        last = colour[q];
        context.fillStyle = this.#style.basins[last];
        context.beginPath();
      }
      const k = 2 * (q * nodes.length + j);
      const x = mix(tracks[k], tracks[k + 2], fraction) * width;
      const y = (1 - mix(tracks[k + 1], tracks[k + 3], fraction)) * width;
      context.moveTo(x + size, y);
      context.arc(x, y, size, 0, 7);
    }
    if (last >= 0) fillOutlined(context, this.#style.ground);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {PlaneFlow} flow
   * @param {number} t
   */
  #paintArrows(context, { t: times, arrows, arrow_side: side }, t) {
    if (!arrows || !side) return;
    const [j, fraction] = bracket(times, times.length, t);
    const first = 2 * side * side * (fraction > 0.5 ? j + 1 : j);
    const cell = this.#width / side;
    const reach = 0.42 * cell;
    context.strokeStyle = this.#style.ink;
    context.lineWidth = this.#style.line * 0.75;
    context.globalAlpha = 0.75;
    context.beginPath();
    for (let n = 0; n < side * side; n++) {
      const [u, v] = [arrows[first + 2 * n], arrows[first + 2 * n + 1]];
      if (u === 0 && v === 0) continue;
      const [column, row] = [Math.floor(n / side), n % side];
      const [x, y] = [(column + 0.5) * cell, this.#width - (row + 0.5) * cell];
      traceArrow(context, x, y, (reach * (u - 128)) / 127, (reach * (128 - v)) / 127);
    }
    context.stroke();
    context.globalAlpha = 1;
  }
}

/** @param {number} count */
function particleSize(count) {
  if (count > 800) return 1.9;
  return count > 200 ? 2.8 : 3.8;
}

/**
 * A shaft through (x, y), half a length on either side, and two barbs at its tip.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} dx
 * @param {number} dy
 */
function traceArrow(context, x, y, dx, dy) {
  context.moveTo(x - dx, y - dy);
  context.lineTo(x + dx, y + dy);
  for (const side of [1, -1]) {
    context.moveTo(x + dx, y + dy);
    context.lineTo(x + 0.55 * dx + side * 0.3 * dy, y + 0.55 * dy - side * 0.3 * dx);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} edge
 */
function fillOutlined(context, edge) {
  context.fill();
  context.lineWidth = 0.8;
  context.strokeStyle = edge;
  context.stroke();
}

/**
 * Codes of tracks in units of the view. A plain loop: `Float32Array.from` takes 20 times as long.
 *
 * @param {ArrayLike<number>} codes
 */
function decoded(codes) {
  const out = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = (2 * codes[i]) / CODES - 0.5;
  return out;
}
