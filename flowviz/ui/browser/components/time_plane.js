// The Fan's plane (t, x) on canvases: the density, the trajectories and the arrows, which change at
// every step of a drag. As Plotly traces they take 60 ms and 40 ms at every change; here 3 and 2.
/** @import { ColorAxis, HeatTrace, LineTrace, PlotAxis } from "./plotly" */
/** @import { FanTraces } from "./types" */
import { clearedCanvas, paintRows } from "./canvas.js";
import { across, down } from "./plot_axes.js";
import { element, placeNode } from "./runtime.js";

/** @typedef {{ xaxis: PlotAxis, yaxis: PlotAxis }} Axes */

const MITRE_LIMIT = 2; // Plotly's

export class TimePlane {
  /** @type {FanTraces | undefined} */
  #traces;

  constructor() {
    this.cells = element("canvas"); // one pixel a cell, not on the page
    this.picture = element("canvas", { className: "fv-lines" });
    this.node = element("div", { className: "fv-canvases" }, this.picture);
  }

  /**
   * Take new traces: the density is painted at once, the trajectories when the axes are known.
   *
   * @param {FanTraces} traces
   * @param {ColorAxis} scale
   */
  update(traces, scale) {
    this.#traces = traces;
    const { heat } = traces;
    if (heat.opacity) paintRows(this.cells, heat.z, scale);
  }

  /**
   * Put the picture where the axes are now: they may be zoomed, panned or resized.
   *
   * @param {Axes} axes
   */
  layout({ xaxis, yaxis }) {
    if (!this.#traces) return;
    // On whole pixels, or a browser blurs the canvas; what is left of the offset moves its picture.
    const [left, top] = [Math.floor(xaxis._offset), Math.floor(yaxis._offset)];
    const [restX, restY] = [xaxis._offset - left, yaxis._offset - top];
    const width = Math.ceil(restX + xaxis._length);
    const height = Math.ceil(restY + yaxis._length);
    placeNode(this.node, { left, top, width, height });
    placeNode(this.picture, { left: 0, top: 0, width, height });
    const context = clearedCanvas(this.picture, width, height);
    context.translate(restX, restY);
    context.miterLimit = MITRE_LIMIT;
    const { heat, fans, arrows } = this.#traces;
    if (heat.opacity) {
      const box = cellsBox(heat, xaxis, yaxis);
      context.drawImage(this.cells, box.left, box.top, box.width, box.height);
    }
    for (const { trace } of fans) strokeLine(context, trace, xaxis, yaxis);
    if (arrows) strokeLine(context, arrows, xaxis, yaxis);
    context.globalAlpha = 1;
  }
}

/**
 * Where a heatmap's cells lie, as Plotly rounds their image: its nodes are their centres.
 *
 * @param {Pick<HeatTrace, "x" | "y">} heat
 * @param {PlotAxis} xaxis
 * @param {PlotAxis} yaxis
 */
export function cellsBox({ x, y }, xaxis, yaxis) {
  const [halfX, halfY] = [(x[1] - x[0]) / 2, (y[1] - y[0]) / 2];
  const left = across(xaxis, x[0] - halfX);
  const top = down(yaxis, y[y.length - 1] + halfY);
  const width = Math.round(across(xaxis, x[x.length - 1] + halfX) - left);
  const height = Math.round(down(yaxis, y[0] - halfY) - top);
  return { left, top, width, height };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {LineTrace} trace a polyline with gaps of NaN
 * @param {PlotAxis} xaxis
 * @param {PlotAxis} yaxis
 */
function strokeLine(context, { x, y, line, opacity, visible }, xaxis, yaxis) {
  if (visible === false) return;
  context.strokeStyle = line.color;
  context.lineWidth = line.width;
  context.globalAlpha = opacity;
  context.beginPath();
  let drawing = false;
  for (let k = 0; k < y.length; k++) {
    const there = !Number.isNaN(y[k]);
    if (there && drawing) context.lineTo(across(xaxis, x[k]), down(yaxis, y[k]));
    else if (there) context.moveTo(across(xaxis, x[k]), down(yaxis, y[k]));
    drawing = there;
  }
  context.stroke();
}
