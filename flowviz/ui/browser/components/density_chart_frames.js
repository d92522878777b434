// The layers of a figure that change with time, drawn on canvases, which are faster than Plotly.
/** @import { HeatTrace } from "./plotly" */
/** @import { CellFrames, DensityChartContent, PlaneStyle } from "./types" */
/** @import { PlotAxes } from "./plot_axes.js" */
import { paintRows } from "./canvas.js";
import { densitySlice } from "./density_slice.js";
import { bracket, mix, nearest } from "./interpolation.js";
import { across, down } from "./plot_axes.js";
import { element, placeNode, setAttributes, svg } from "./runtime.js";
import { cellsBox } from "./time_plane.js";

const PARTICLE_PX = { usual: 5, large: 8 };

export class ChartFrames {
  /**
   * @param {PlotAxes} axes
   * @param {SVGElement} overlay
   */
  constructor(axes, overlay) {
    this.axes = axes;
    this.cells = element("canvas", { className: "fv-cells" });
    this.timeLine = svg("line", { class: "fv-line" });
    this.slice = svg("path", { class: "fv-slice" });
    this.particles = svg("path", { class: "fv-dot" });
    overlay.append(this.timeLine, this.slice, this.particles);
  }

  /**
   * @param {DensityChartContent} content
   * @param {number} t
   */
  show(content, t) {
    const { frames, figure } = content;
    const heat = /** @type {HeatTrace} */ (figure.data.find(({ name }) => name === "heat"));
    const cells = frames?.kind === "plane";
    this.timeLine.setAttribute("display", cells ? "none" : "inline");
    this.slice.setAttribute("display", cells ? "none" : "inline");
    this.particles.setAttribute("display", cells ? "inline" : "none");
    this.cells.style.display = cells ? "" : "none";
    if (!cells) return this.#showSlice(heat, t);
    this.#paintCells(heat, frames, figure.layout.coloraxis.colorscale, t);
    this.#showParticles(content, frames, t);
  }

  /**
   * A line at the time, and p_t there on the axes at the right.
   *
   * @param {HeatTrace} heat
   * @param {number} t
   */
  #showSlice(heat, t) {
    const { yaxis, xaxis2 } = this.axes.axes;
    if (!xaxis2) return;
    const [x] = this.axes.toPixel([t, 0]);
    const top = yaxis._offset;
    setAttributes(this.timeLine, { x1: x, x2: x, y1: top, y2: top + yaxis._length });
    const far = xaxis2._offset + xaxis2._length;
    const [p, positions] = densitySlice(heat, t);
    const path = p.map((value, i) => {
      const px = Math.min(far, xaxis2._offset + across(xaxis2, value));
      return `${px.toFixed(1)},${(top + down(yaxis, positions[i])).toFixed(1)}`;
    });
    this.slice.setAttribute("d", `M${path.join("L")}`);
  }

  /**
   * The nearest frame's cells, each as its share of the frame's highest.
   *
   * @param {HeatTrace} heat
   * @param {CellFrames} frames
   * @param {PlaneStyle["density"]} colorscale
   * @param {number} t
   */
  #paintCells(heat, { t: times, z, rows }, colorscale, t) {
    const first = nearest(times, t) * rows;
    paintRows(this.cells, z.slice(first, first + rows), { colorscale, cmin: 0, cmax: 1 });
    const { xaxis, yaxis } = this.axes.axes;
    const { left, top, width, height } = cellsBox(heat, xaxis, yaxis);
    const box = { left: xaxis._offset + left, top: yaxis._offset + top, width, height };
    placeNode(this.cells, box);
  }

  /**
   * Between two nodes of their tracks, those within the axes.
   *
   * @param {DensityChartContent} content
   * @param {CellFrames} frames
   * @param {number} t
   */
  #showParticles({ style, large }, { nodes, count, tracks }, t) {
    const [j, fraction] = bracket(nodes, nodes.length, t);
    const path = [];
    for (let q = 0; q < count; q++) {
      const k = 2 * (q * nodes.length + j);
      const x = mix(tracks[k], tracks[k + 2], fraction);
      const y = mix(tracks[k + 1], tracks[k + 3], fraction);
      if (!this.axes.contains([x, y])) continue;
      const [px, py] = this.axes.toPixel([x, y]);
      path.push(`M${px.toFixed(1)},${py.toFixed(1)}h0`);
    }
    setAttributes(this.particles, { d: path.join(""), stroke: style.accent });
    this.particles.style.strokeWidth = String(PARTICLE_PX[large ? "large" : "usual"]);
  }
}
