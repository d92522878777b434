// From data to pixels and back on the axes of a figure, whoever draws them: Plotly (`plot_axes.js`) or the
// light page (`play_axes.js`).
/** @import { PlotAxis } from "./plotly" */
/** @import { Coordinates, Interval, Point } from "./types" */

/** @typedef {{ xaxis: PlotAxis, yaxis: PlotAxis, xaxis2?: PlotAxis }} AxisSet */
/** @typedef {{ left: number, top: number, width: number, height: number }} Box */

/** @abstract */
export class Axes {
  /** @param {HTMLElement} stage what pixels are counted in */
  constructor(stage) {
    this.stage = stage;
  }

  /** The axes as they are now; null before they are first drawn. @returns {AxisSet | null} */
  get drawn() {
    return null;
  }

  /** @returns {AxisSet} */
  get axes() {
    const { drawn } = this;
    if (!drawn) throw new Error("the figure is not drawn yet");
    return drawn;
  }

  /** What is visible of x and of y. @returns {Interval[]} */
  get view() {
    const { xaxis, yaxis } = this.axes;
    return [xaxis.range, yaxis.range];
  }

  /** Where the axes lie on the stage. @returns {Box} */
  get box() {
    const { xaxis, yaxis } = this.axes;
    const [left, width] = [xaxis._offset, xaxis._length];
    return { left, top: yaxis._offset, width, height: yaxis._length };
  }

  /**
   * @param {Coordinates} at
   * @returns {Point}
   */
  toPixel([x, y]) {
    const { xaxis, yaxis } = this.axes;
    return [xaxis._offset + across(xaxis, x), yaxis._offset + down(yaxis, y)];
  }

  /**
   * @param {MouseEvent} event
   * @returns {Point}
   */
  toData(event) {
    const stage = this.stage.getBoundingClientRect();
    const { left, top, width, height } = this.box;
    const [[lowX, highX], [lowY, highY]] = this.view;
    return [
      lowX + ((event.clientX - stage.left - left) / width) * (highX - lowX),
      highY - ((event.clientY - stage.top - top) / height) * (highY - lowY),
    ];
  }

  /** @param {Coordinates} at */
  contains(at) {
    return this.view.every(([low, high], k) => at[k] >= low && at[k] <= high);
  }
}

/**
 * Pixels right of the axis' left end. From its range, which follows each step of a pan; Plotly's own
 * conversion follows at the end.
 *
 * @param {PlotAxis} axis
 * @param {number} value
 */
export function across({ range: [low, high], _length }, value) {
  return ((value - low) / (high - low)) * _length;
}

/**
 * Pixels below the axis' top.
 *
 * @param {PlotAxis} axis
 * @param {number} value
 */
export function down({ range: [low, high], _length }, value) {
  return ((high - value) / (high - low)) * _length;
}
