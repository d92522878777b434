// Lines on a canvas, pixel by pixel as Plotly's SVG has them: each line of a trace is a path of its own,
// with coordinates in hundredths of a pixel, and the trace's opacity is that of all its lines together.
import { clearedCanvas } from "./canvas.js";
import { element } from "./runtime.js";

const MITRE_LIMIT = 2; // Plotly's

/** @typedef {{ color: string, width: number, opacity: number, dash?: number[] }} LineStyle */

export class LineCanvas {
  constructor() {
    this.node = element("canvas");
    this.layer = element("canvas"); // one trace, not on the page
    this.context = clearedCanvas(this.node, 1, 1);
    this.paper = this.context;
  }

  /**
   * Begin a new picture.
   *
   * @param {number} width
   * @param {number} height
   * @param {[x: number, y: number]} [origin] of the lines' coordinates
   */
  clear(width, height, [x, y] = [0, 0]) {
    this.context = clearedCanvas(this.node, width, height);
    this.paper = clearedCanvas(this.layer, width, height);
    for (const context of [this.context, this.paper]) {
      context.translate(x, y);
      context.miterLimit = MITRE_LIMIT;
    }
  }

  /**
   * Lines of one trace.
   *
   * @param {LineStyle} style
   * @param {Iterable<Path2D>} lines
   */
  stroke({ color, width, opacity, dash = [] }, lines) {
    const { node, layer, paper, context } = this;
    paper.strokeStyle = color;
    paper.lineWidth = width;
    paper.setLineDash(dash);
    for (const line of lines) paper.stroke(line);
    context.save();
    context.resetTransform();
    context.globalAlpha = opacity;
    context.drawImage(layer, 0, 0);
    context.restore();
    paper.save();
    paper.resetTransform();
    paper.clearRect(0, 0, node.width, node.height);
    paper.restore();
  }
}

/**
 * The lines of a polyline with gaps of NaN.
 *
 * @param {number} count
 * @param {(k: number) => number} xAt in pixels
 * @param {(k: number) => number} yAt
 */
export function linesOf(count, xAt, yAt) {
  const lines = [];
  /** @type {Path2D | null} */
  let line = null;
  for (let k = 0; k < count; k++) {
    const [x, y] = [hundredths(xAt(k)), hundredths(yAt(k))];
    if (Number.isNaN(x) || Number.isNaN(y)) {
      line = null;
    } else if (line) {
      line.lineTo(x, y);
    } else {
      line = new Path2D();
      line.moveTo(x, y);
      lines.push(line);
    }
  }
  return lines;
}

/** @param {number} value */
function hundredths(value) {
  return Math.round(100 * value) / 100;
}
