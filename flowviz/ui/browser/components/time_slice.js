// Over a density p_t(x) in (t, x): a line at the time, and p_t(x) there on the axes at the right.
/** @import { Axes } from "./axes.js" */
/** @import { Density } from "./slice_mark.js" */
import { setAttributes, svg } from "./runtime.js";
import { SliceMark } from "./slice_mark.js";

export class TimeSlice {
  /** @param {Axes} axes */
  constructor(axes) {
    this.axes = axes;
    this.mark = new SliceMark();
    this.line = svg("line", { class: "fv-line" });
  }

  /** What it draws, from the ground up. */
  get nodes() {
    return [this.mark.node, this.line];
  }

  /**
   * @param {Density} density
   * @param {number} t
   */
  show(density, t) {
    setAttributes(this.line, this.ends(t));
    this.mark.show(this.axes, density, t);
  }

  /**
   * The ends of the line at a time, and whether it is in view.
   *
   * @param {number} t
   */
  ends(t) {
    const { yaxis } = this.axes.axes;
    const [x] = this.axes.toPixel([t, 0]);
    const [low, high] = this.axes.view[0];
    const display = t >= low && t <= high ? "inline" : "none";
    return { x1: x, x2: x, y1: yaxis._offset, y2: yaxis._offset + yaxis._length, display };
  }
}
