// The Fan's plane (t, x), painted on canvases behind Plotly's axes: the density and the trajectories,
// which change at every step of a drag. As Plotly traces they take 60 ms and 40 ms at every change;
// here 3 and 2. The traces are kept for the figure that is downloaded.
/** @import { ColorAxis, Fan, FanTraces, HeatTrace, PlotAxis, Trace } from "./types" */
import { clearedCanvas, paintRows } from "./canvas.js";
import { element, placeNode } from "./runtime.js";

/** @typedef {{ xaxis: PlotAxis, yaxis: PlotAxis }} Axes */

export class TimePlane {
  /** @type {FanTraces | undefined} */
  #traces;

  constructor() {
    this.cells = element("canvas", { className: "fv-cells" });
    this.lines = element("canvas", { className: "fv-lines" });
    this.node = element("div", { className: "fv-time-plane" }, this.cells, this.lines);
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
    this.cells.hidden = heat.visible === false;
    if (!this.cells.hidden) paintRows(this.cells, heat.z, scale);
  }

  /**
   * Put the picture where the axes are now: they may be zoomed, panned or resized.
   *
   * @param {Axes} axes
   */
  layout({ xaxis, yaxis }) {
    if (!this.#traces) return;
    const [width, height] = [xaxis._length, yaxis._length];
    placeNode(this.node, { left: xaxis._offset, top: yaxis._offset, width, height });
    placeNode(this.cells, cellsBox(this.#traces.heat, xaxis, yaxis));
    const context = clearedCanvas(this.lines, width, height);
    context.lineJoin = "round";
    for (const fan of this.#traces.fans) strokeFan(context, fan, xaxis, yaxis);
  }
}

/**
 * Where a heatmap's cells lie: its nodes are their centres.
 *
 * @param {Pick<HeatTrace, "x" | "y">} heat
 * @param {PlotAxis} xaxis
 * @param {PlotAxis} yaxis
 */
export function cellsBox({ x, y }, xaxis, yaxis) {
  const [halfX, halfY] = [(x[1] - x[0]) / 2, (y[1] - y[0]) / 2];
  const left = xaxis.l2p(x[0] - halfX);
  const top = yaxis.l2p(y[y.length - 1] + halfY);
  const width = xaxis.l2p(x[x.length - 1] + halfX) - left;
  const height = yaxis.l2p(y[0] - halfY) - top;
  return { left, top, width, height };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Fan} fan
 * @param {PlotAxis} xaxis
 * @param {PlotAxis} yaxis
 */
function strokeFan(context, { trace, nodes, count }, xaxis, yaxis) {
  if (trace.visible === false) return;
  context.strokeStyle = trace.line.color;
  context.lineWidth = trace.line.width;
  context.globalAlpha = trace.opacity;
  context.beginPath();
  const across = Array.from({ length: nodes }, (_, j) => xaxis.l2p(trace.x[j]));
  for (let q = 0; q < count; q++) {
    const first = q * (nodes + 1);
    context.moveTo(across[0], yaxis.l2p(trace.y[first]));
    for (let j = 1; j < nodes; j++) context.lineTo(across[j], yaxis.l2p(trace.y[first + j]));
  }
  context.stroke();
}

/**
 * A trace that draws nothing and carries the colour bar.
 *
 * @param {ColorAxis} scale
 * @param {boolean | undefined} visible
 * @returns {Trace}
 */
export function colourBar({ cmin, cmax }, visible) {
  return {
    type: "scatter",
    mode: "markers",
    x: [null, null],
    y: [null, null],
    marker: { color: [cmin, cmax], coloraxis: "coloraxis" },
    hoverinfo: "skip",
    visible,
  };
}
