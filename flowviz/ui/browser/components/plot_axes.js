// The axes that Plotly drew. Plotly has no public way to ask, so this one file reads what it keeps for
// itself: `_fullLayout`, an axis' `_offset` and `_length`. The test `tests/browser/test_private_names.py`
// breaks first when they go.
/** @import { PlotNode } from "./plotly" */
import { Axes } from "./axes.js";

export class PlotAxes extends Axes {
  /**
   * @param {PlotNode} plot what Plotly draws in
   * @param {HTMLElement} stage what pixels are counted in
   */
  constructor(plot, stage) {
    super(stage);
    this.plot = plot;
  }

  /**
   * Zoomed and panned; null before the figure is first drawn.
   *
   * @override
   */
  get drawn() {
    const { xaxis, yaxis, xaxis2 } = this.plot._fullLayout ?? {};
    return xaxis && yaxis ? { xaxis, yaxis, xaxis2 } : null;
  }
}
