// From data to pixels and back on a Plotly figure. Plotly has no public way to ask, so this one file
// reads what it keeps for itself: `_fullLayout`, an axis' `_offset` and `_length`. The test
// `tests/browser/test_private_names.py` breaks first when they go.
/** @import { PlotAxis, PlotNode } from "./plotly" */
/** @import { Coordinates, Interval, Point } from "./types" */

/** @typedef {{ xaxis: PlotAxis, yaxis: PlotAxis, xaxis2?: PlotAxis }} Axes */
/** @typedef {{ left: number, top: number, width: number, height: number }} Box */

export class PlotAxes {
  /**
   * @param {PlotNode} plot what Plotly draws in
   * @param {HTMLElement} stage what pixels are counted in
   */
  constructor(plot, stage) {
    this.plot = plot;
    this.stage = stage;
  }

  /** The axes as they are now, zoomed and panned; null before the figure is first drawn. */
  get drawn() {
    const { xaxis, yaxis, xaxis2 } = this.plot._fullLayout ?? {};
    return xaxis && yaxis ? { xaxis, yaxis, xaxis2 } : null;
  }

  /** @returns {Axes} */
  get axes() {
    if (!this.drawn) throw new Error("the figure is not drawn yet");
    return this.drawn;
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
