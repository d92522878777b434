// What moves over the Fan without the server: time line, particles, slice of the density, query point.
/** @import { HeatTrace } from "./plotly" */
/** @import { Fan, FanTraces, Point } from "./types" */
/** @import { PlotAxes } from "./plot_axes.js" */
import { densitySlice } from "./density_slice.js";
import { bracket, mix } from "./interpolation.js";
import { across, down } from "./plot_axes.js";
import { setAttributes, svg } from "./runtime.js";

const HALO_PX = 14; // what can be pressed around the query point

export class FanOverlay {
  /** @param {PlotAxes} axes */
  constructor(axes) {
    this.axes = axes;
    this.clipBox = svg("rect");
    const clip = svg("clipPath", { id: `fv-clip-${Math.random().toString(36).slice(2)}` });
    clip.append(this.clipBox);
    this.slice = svg("path", { class: "fv-slice", "clip-path": `url(#${clip.id})` });
    this.particles = svg("g", { class: "fv-dots" });
    this.timeLine = svg("line", { class: "fv-line" });
    this.timeGrip = svg("line", { class: "fv-grip" });
    this.query = svg("g", { class: "fv-probe", display: "none" });
    this.query.append(
      svg("circle", { class: "fv-probe-halo", r: HALO_PX }),
      svg("circle", { r: 5 }),
    );
    this.handleLayer = svg("g", { class: "fv-handles" });
    this.node = svg("svg", { class: "fv-overlay" });
    this.node.append(clip, this.slice, this.timeLine, this.timeGrip, this.particles);
    this.node.append(this.query, this.handleLayer);
  }

  /** Follow the axes. */
  layout() {
    const { xaxis2, yaxis } = this.axes.axes;
    if (!xaxis2) return;
    const [width, height] = [xaxis2._length, yaxis._length];
    setAttributes(this.clipBox, { x: xaxis2._offset, y: yaxis._offset, width, height });
  }

  /**
   * @param {number} t
   * @param {FanTraces} traces
   */
  showTime(t, { fans, heat }) {
    const { yaxis } = this.axes.axes;
    const [x] = this.axes.toPixel([t, 0]);
    const [low, high] = this.axes.view[0];
    const display = t >= low && t <= high ? "inline" : "none";
    const ends = { y1: yaxis._offset, y2: yaxis._offset + yaxis._length };
    const line = { x1: x, x2: x, ...ends, display };
    setAttributes(this.timeLine, line);
    setAttributes(this.timeGrip, line);
    this.#showParticles(fans, t);
    this.#showSlice(heat, t);
  }

  /**
   * Where each trajectory is at t: one round-capped path per colour.
   *
   * @param {Fan[]} fans
   * @param {number} t
   */
  #showParticles(fans, t) {
    const paths = this.particles.children;
    while (paths.length > fans.length) this.particles.lastElementChild?.remove();
    while (paths.length < fans.length) this.particles.append(svg("path", { class: "fv-dot" }));
    fans.forEach((fan, k) => {
      const stroke = fan.trace.line.color;
      setAttributes(paths[k], { d: this.#particlePath(fan, t), stroke });
    });
  }

  /**
   * @param {Fan} fan
   * @param {number} t
   */
  #particlePath({ trace, nodes, count }, t) {
    const [[first, last], [low, high]] = this.axes.view;
    if (t < first || t > last) return "";
    const [j, fraction] = bracket(trace.x, nodes, t);
    const path = [];
    for (let q = 0; q < count; q++) {
      const k = q * (nodes + 1) + j;
      const x = mix(trace.y[k], trace.y[k + 1], fraction);
      if (!(x >= low && x <= high)) continue;
      const [px, py] = this.axes.toPixel([t, x]);
      path.push(`M${px.toFixed(1)},${py.toFixed(1)}h0`);
    }
    return path.join("");
  }

  /**
   * The slice at the time line, drawn on the prior's axes at the right edge.
   *
   * @param {HeatTrace} heat
   * @param {number} t
   */
  #showSlice(heat, t) {
    const { yaxis, xaxis2 } = this.axes.axes;
    if (!xaxis2) return;
    const far = xaxis2._offset + 2 * xaxis2._length;
    const [p, x] = densitySlice(heat, t);
    const path = p.map((value, i) => {
      const px = Math.min(far, xaxis2._offset + across(xaxis2, value));
      return `${px.toFixed(1)},${(yaxis._offset + down(yaxis, x[i])).toFixed(1)}`;
    });
    this.slice.setAttribute("d", `M${path.join("L")}`);
  }

  /** @param {Point | null} query (t, x) */
  showQuery(query) {
    const visible = query && this.axes.contains(query);
    this.query.setAttribute("display", visible ? "inline" : "none");
    if (query) this.query.setAttribute("transform", `translate(${this.axes.toPixel(query)})`);
  }
}
