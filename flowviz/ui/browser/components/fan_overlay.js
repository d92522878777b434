// What moves over the Fan without the server: time line, particles, slice of the density, query point.
/** @import { Fan, FanTraces, Point } from "./types" */
/** @import { Axes } from "./axes.js" */
import { positionsAt } from "./fan_trajectories.js";
import { queryMarker } from "./query_marker.js";
import { setAttributes, svg } from "./runtime.js";
import { TimeSlice } from "./time_slice.js";

export class FanOverlay {
  /** @param {Axes} axes */
  constructor(axes) {
    this.axes = axes;
    this.slice = new TimeSlice(axes);
    this.particles = svg("g", { class: "fv-dots" });
    this.timeGrip = svg("line", { class: "fv-grip" });
    this.query = queryMarker();
    this.handleLayer = svg("g", { class: "fv-handles" });
    this.node = svg("svg", { class: "fv-overlay", role: "group" });
    this.node.append(...this.slice.nodes, this.timeGrip, this.particles);
    this.node.append(this.query, this.handleLayer);
  }

  /**
   * @param {number} t
   * @param {FanTraces} traces
   * @param {ArrayLike<number>} weights of the data points
   */
  showTime(t, { fans, points, ...density }, weights) {
    this.slice.show({ ...density, points: { x: points.y, weights } }, t);
    setAttributes(this.timeGrip, this.slice.ends(t));
    this.#showParticles(fans, t);
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
  #particlePath(fan, t) {
    const [[first, last], [low, high]] = this.axes.view;
    if (t < first || t > last) return "";
    const shown = positionsAt(fan, t).filter((x) => x >= low && x <= high);
    const path = shown.map((x) => {
      const [px, py] = this.axes.toPixel([t, x]);
      return `M${px.toFixed(1)},${py.toFixed(1)}h0`;
    });
    return path.join("");
  }

  /** @param {Point | null} query (t, x) */
  showQuery(query) {
    const visible = query && this.axes.contains(query);
    this.query.setAttribute("display", visible ? "inline" : "none");
    if (query) this.query.setAttribute("transform", `translate(${this.axes.toPixel(query)})`);
  }
}
