// Canvases of the plane (x, y), from the ground up: basins and density as cells, trajectories as lines,
// and what moves with time, particles and arrows. At rest Plotly draws the same (`plane_figure.js`).
/** @import { BasinMap, Interval, PaintedFlow, PlaneStyle } from "./types" */
import { clearedCanvas, colourCode, colourTable, context2d, resizeCanvas } from "./canvas.js";
import { LineCanvas, linesOf } from "./line_canvas.js";
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

/** @typedef {Pick<PlaneStyle, "ink" | "ground" | "dark" | "basins" | "map" | "density" | "line">} Style */

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
  #style = { ink: "", ground: "", dark: false, basins: [], map: [], density: [], line: 1 };

  constructor() {
    this.basins = element("canvas");
    this.cells = element("canvas");
    this.lines = new LineCanvas();
    this.moving = element("canvas");
    const layers = [this.basins, this.cells, this.lines.node, this.moving];
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
    const { dark, map: palette } = this.#style;
    if (!map || (map === this.basinMap && dark === this.#paintedDark)) return;
    [this.basinMap, this.#paintedDark] = [map, dark];
    const { codes, side } = map;
    resizeCanvas(this.basins, side, side);
    const context = context2d(this.basins);
    const image = context.createImageData(side, side);
    const pixels = new Uint32Array(image.data.buffer);
    const alpha = (dark ? 120 : 105) << 24;
    const colours = palette.map((hex) => colourCode(hex) | alpha);
    for (let k = 0; k < codes.length; k++) if (codes[k]) pixels[k] = colours[codes[k] - 1];
    context.putImageData(image, 0, 0);
  }

  /** @param {PaintedFlow} flow */
  #paintLines(flow) {
    const { width, height } = this.#size;
    this.lines.clear(width, height);
    if (this.shown.has("lines")) {
      const opacity = lineOpacity(flow.lines.length);
      this.#strokeTracks(flow, this.tracks, { opacity }, (q) => q);
    }
    if (this.shown.has("straight") && this.straight.length) {
      const style = { opacity: 0.8, dash: [2, 4] };
      this.#strokeTracks(flow, this.straight, style, (_, row) => row);
    }
  }

  /**
   * One trace for each colour.
   *
   * @param {PaintedFlow} flow
   * @param {Float32Array} tracks
   * @param {{ opacity: number, dash?: number[] }} style
   * @param {(q: number, row: number) => number} rowOf where a trajectory stands in the tracks
   */
  #strokeTracks({ lines, colour, nodes }, tracks, style, rowOf) {
    /** @type {Map<number, Path2D[]>} by colour */
    const paths = new Map();
    for (let row = 0; row < lines.length; row++) {
      const q = lines[row];
      const first = 2 * rowOf(q, row) * nodes.length;
      const path = linesOf(
        nodes.length,
        (k) => this.#x(tracks[first + 2 * k]),
        (k) => this.#y(tracks[first + 2 * k + 1]),
      );
      paths.set(colour[q], [...(paths.get(colour[q]) ?? []), ...path]);
    }
    const width = this.#style.line * 0.8;
    for (const [k, path] of [...paths].sort(([a], [b]) => a - b)) {
      this.lines.stroke({ ...style, color: this.#style.basins[k], width }, path);
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
    const arrows = linesOf(
      strokes.length / 2,
      (k) => this.#x(strokes[2 * k]),
      (k) => this.#y(strokes[2 * k + 1]),
    );
    for (const arrow of arrows) context.stroke(arrow); // none lies over another
    context.globalAlpha = 1;
  }
}
