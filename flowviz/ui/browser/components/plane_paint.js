// Canvases of the plane (x, y), from the ground up: basins and density as cells, trajectories as lines,
// and what moves with time, particles and arrows. At rest Plotly draws the same (`plane_figure.js`).
/** @import { BasinMap, Interval, PaintedFlow, PlaneStyle } from "./types" */
import { clearedCanvas, colourCode, colourTable, context2d, resizeCanvas } from "./canvas.js";
import {
  arrowStrokes,
  decodedTracks,
  lineOpacity,
  mixedCodes,
  particleRadius,
  particlesAt,
} from "./plane_flow.js";
import { element, placeNode } from "./runtime.js";

const MITRE_LIMIT = 2; // Plotly's
const PARTICLE_EDGE_PX = 0.8;

/** @typedef {Pick<PlaneStyle, "ink" | "ground" | "dark" | "basins" | "density" | "line">} Style */

export class Painter {
  /** @type {PaintedFlow | undefined} */
  flow;
  /** @type {Set<string>} names of what is shown */
  shown = new Set();
  /** @type {BasinMap | null} */
  basinMap = null;
  tracks = new Float32Array(0);
  straight = new Float32Array(0);
  #size = { width: 0, height: 0 };
  /** What is visible, in units of the view. @type {Interval[]} */
  #window = [
    [0, 1],
    [0, 1],
  ];
  #paintedDark = false;
  #colours = new Uint32Array(256);
  /** @type {ImageData | undefined} */
  #image;
  /** @type {Style} */
  #style = { ink: "", ground: "", dark: false, basins: [], density: [], line: 1 };

  constructor() {
    this.basins = element("canvas");
    this.cells = element("canvas");
    this.lines = element("canvas");
    this.moving = element("canvas");
    const layers = [this.basins, this.cells, this.lines, this.moving];
    this.node = element("div", { className: "fv-box fv-canvases" }, ...layers);
    this.basins.hidden = true;
  }

  /**
   * Take a new flow.
   *
   * @param {PaintedFlow} flow
   * @param {string[]} views names of what is shown
   * @param {Style} style
   */
  update(flow, views, style) {
    Object.assign(this, { flow, shown: new Set(views) });
    this.#style = style;
    this.#colours = colourTable(style.density);
    this.tracks = decodedTracks(flow.tracks);
    this.straight = decodedTracks(flow.straight ?? []);
    this.cells.width = this.cells.height = flow.cells;
    this.#image = context2d(this.cells).createImageData(flow.cells, flow.cells);
    this.cells.hidden = !this.shown.has("density");
  }

  /**
   * What of the view is shown on so many pixels; what does not move with time is painted at once.
   *
   * @param {{ width: number, height: number }} size
   * @param {Interval[]} [window] of x and of y, in units of the view
   */
  resize(size, window = this.#window) {
    this.#size = size;
    this.#window = window;
    const [left, top] = [this.#x(0), this.#y(1)];
    // As Plotly rounds the images of its heatmaps.
    const [width, height] = [Math.round(this.#x(1) - left), Math.round(this.#y(0) - top)];
    for (const cells of [this.basins, this.cells]) placeNode(cells, { left, top, width, height });
    if (this.flow) this.#paintLines(this.flow);
  }

  /** @param {number} u */
  #x(u) {
    const [left, right] = this.#window[0];
    return ((u - left) / (right - left)) * this.#size.width;
  }

  /** @param {number} v */
  #y(v) {
    const [bottom, top] = this.#window[1];
    return ((top - v) / (top - bottom)) * this.#size.height;
  }

  /** @param {HTMLCanvasElement} canvas */
  #cleared(canvas) {
    const context = clearedCanvas(canvas, this.#size.width, this.#size.height);
    context.miterLimit = MITRE_LIMIT;
    return context;
  }

  /**
   * The picture at time t.
   *
   * @param {number} t
   */
  show(t) {
    const { flow } = this;
    if (!flow || !this.#size.width) return;
    if (this.shown.has("density")) this.#paintDensity(flow, t);
    const context = this.#cleared(this.moving);
    if (this.shown.has("arrows")) this.#paintArrows(context, flow, t);
    if (this.shown.has("particles")) this.#paintParticles(context, flow, t);
  }

  /**
   * @param {PaintedFlow} flow
   * @param {number} t
   */
  #paintDensity(flow, t) {
    if (!this.#image) return;
    const codes = mixedCodes(flow, t);
    const pixels = new Uint32Array(this.#image.data.buffer);
    for (let k = 0; k < codes.length; k++) {
      pixels[k] = Number.isNaN(codes[k]) ? 0 : this.#colours[(codes[k] + 0.5) | 0];
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

  /** @param {PaintedFlow} flow */
  #paintLines(flow) {
    const context = this.#cleared(this.lines);
    context.lineWidth = this.#style.line * 0.8;
    if (this.shown.has("lines")) {
      context.globalAlpha = lineOpacity(flow.lines.length);
      this.#strokeTracks(context, flow, this.tracks, (q) => q);
    }
    if (this.shown.has("straight") && this.straight.length) {
      context.globalAlpha = 0.8;
      context.setLineDash([2, 4]);
      this.#strokeTracks(context, flow, this.straight, (_, row) => row);
      context.setLineDash([]);
    }
    context.globalAlpha = 1;
  }

  /**
   * One path for each colour; trajectories come sorted by colour.
   *
   * @param {CanvasRenderingContext2D} context
   * @param {PaintedFlow} flow
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
    context.moveTo(this.#x(tracks[first]), this.#y(tracks[first + 1]));
    for (let k = first + 2; k < first + 2 * count; k += 2) {
      context.lineTo(this.#x(tracks[k]), this.#y(tracks[k + 1]));
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {PaintedFlow} flow
   * @param {number} t
   */
  #paintParticles(context, flow, t) {
    const { colour } = flow;
    const at = particlesAt(flow, this.tracks, t);
    const radius = particleRadius(colour.length, this.#style.line);
    context.lineWidth = PARTICLE_EDGE_PX;
    context.strokeStyle = this.#style.ground;
    for (let q = 0; q < colour.length; q++) {
      context.fillStyle = this.#style.basins[colour[q]];
      context.beginPath();
      context.arc(this.#x(at[2 * q]), this.#y(at[2 * q + 1]), radius, 0, 7);
      context.fill();
      context.stroke();
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {PaintedFlow} flow
   * @param {number} t
   */
  #paintArrows(context, flow, t) {
    const strokes = arrowStrokes(flow, t);
    context.strokeStyle = this.#style.ink;
    context.lineWidth = this.#style.line * 0.75;
    context.globalAlpha = 0.75;
    context.beginPath();
    for (let k = 0; k < strokes.length; k += 6) {
      context.moveTo(this.#x(strokes[k]), this.#y(strokes[k + 1]));
      context.lineTo(this.#x(strokes[k + 2]), this.#y(strokes[k + 3]));
    }
    context.stroke();
    context.globalAlpha = 1;
  }
}
