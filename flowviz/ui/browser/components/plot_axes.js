// From data to pixels and back on a Plotly figure. Plotly has no public way to ask, so this one file
// reads what it keeps for itself: `_fullLayout`, an axis' `_offset`, `_length`, `l2p` and `p2l`. The
// test `tests/browser/test_private_names.py` breaks first when they go.
/** @import { PlotAxis, PlotNode, Point } from "./types" */

/** @typedef {{ xaxis: PlotAxis, yaxis: PlotAxis, xaxis2?: PlotAxis }} Axes */

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

  /**
   * @param {number[]} at
   * @returns {Point}
   */
  toPixel([x, y]) {
    const { xaxis, yaxis } = this.axes;
    return [xaxis._offset + xaxis.l2p(x), yaxis._offset + yaxis.l2p(y)];
  }

  /**
   * @param {MouseEvent} event
   * @returns {Point}
   */
  toData(event) {
    const box = this.stage.getBoundingClientRect();
    const { xaxis, yaxis } = this.axes;
    return [
      xaxis.p2l(event.clientX - box.left - xaxis._offset),
      yaxis.p2l(event.clientY - box.top - yaxis._offset),
    ];
  }

  /** @param {Point} at */
  contains([x, y]) {
    const { xaxis, yaxis } = this.axes;
    return isWithin(x, xaxis.range) && isWithin(y, yaxis.range);
  }
}

/**
 * @param {number} value
 * @param {[number, number]} interval
 */
function isWithin(value, [low, high]) {
  return value >= low && value <= high;
}
