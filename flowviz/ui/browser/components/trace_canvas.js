// A heatmap and lines on a canvas over Plotly's axes, while they change at every step of a drag: as
// Plotly's traces they take 60 ms and 40 ms at every change; here 3 and 2.
/** @import { ColorAxis, HeatTrace, LineTrace, PlotAxis } from "./plotly" */
import { withArrowHeads } from "./arrow_heads.js";
import { across, down } from "./axes.js";
import { paintRows } from "./canvas.js";
import { LineCanvas, linesOf } from "./line_canvas.js";
import { element, placeNode } from "./runtime.js";

/** @typedef {{ xaxis: PlotAxis, yaxis: PlotAxis }} Axes */

export class TraceCanvas {
  /** @type {HeatTrace | undefined} */
  #heat;
  /** @type {LineTrace[]} */
  #lines = [];

  constructor() {
    this.cells = element("canvas"); // one pixel a cell, not on the page
    this.picture = new LineCanvas();
    this.picture.node.className = "fv-lines";
    this.node = element("div", { className: "fv-canvases" }, this.picture.node);
  }

  /**
   * Take new traces: the density is painted at once, the lines when the axes are known.
   *
   * @param {HeatTrace | undefined} heat
   * @param {LineTrace[]} lines from the ground up
   * @param {ColorAxis} [scale]
   */
  update(heat, lines, scale) {
    this.#heat = heat && heat.opacity !== 0 ? heat : undefined;
    this.#lines = lines.filter(({ visible }) => visible !== false);
    if (this.#heat && scale) paintRows(this.cells, this.#heat.z, scale);
  }

  /**
   * Put the picture where the axes are now: they may be zoomed, panned or resized.
   *
   * @param {Axes} axes
   */
  layout({ xaxis, yaxis }) {
    // On whole pixels, or a browser blurs the canvas; what is left of the offset moves its picture.
    const [left, top] = [Math.floor(xaxis._offset), Math.floor(yaxis._offset)];
    const [restX, restY] = [xaxis._offset - left, yaxis._offset - top];
    const width = Math.ceil(restX + xaxis._length);
    const height = Math.ceil(restY + yaxis._length);
    placeNode(this.node, { left, top, width, height });
    placeNode(this.picture.node, { left: 0, top: 0, width, height });
    this.picture.clear(width, height, [restX, restY]);
    if (this.#heat) {
      const box = cellsBox(this.#heat, xaxis, yaxis);
      this.picture.context.drawImage(this.cells, box.left, box.top, box.width, box.height);
    }
    for (const { x, y, line, opacity } of withArrowHeads(this.#lines, { xaxis, yaxis })) {
      const lines = linesOf(
        x.length,
        (k) => across(xaxis, x[k]),
        (k) => down(yaxis, y[k]),
      );
      this.picture.stroke({ ...line, opacity, dash: dashes(line.dash) }, lines);
    }
  }
}

/**
 * Where a heatmap's cells lie, as Plotly rounds their image: its nodes are their centres.
 *
 * @param {Pick<HeatTrace, "x" | "y">} heat
 * @param {PlotAxis} xaxis
 * @param {PlotAxis} yaxis
 */
function cellsBox({ x, y }, xaxis, yaxis) {
  const [halfX, halfY] = [(x[1] - x[0]) / 2, (y[1] - y[0]) / 2];
  const left = across(xaxis, x[0] - halfX);
  const top = down(yaxis, y[y.length - 1] + halfY);
  const width = Math.round(across(xaxis, x[x.length - 1] + halfX) - left);
  const height = Math.round(down(yaxis, y[0] - halfY) - top);
  return { left, top, width, height };
}

/**
 * A trace's dashes in pixels, none for a solid line.
 *
 * @param {string} [dash] as Plotly has it: `6px,4px`
 */
function dashes(dash) {
  return dash?.endsWith("px") ? dash.split(",").map(Number.parseFloat) : [];
}
