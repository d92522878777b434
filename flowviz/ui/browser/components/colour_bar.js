// The colour bar of a figure whose heatmap is on a canvas.
/** @import { ColorAxis, Trace } from "./plotly" */

/**
 * A trace that draws nothing and carries the colour bar.
 *
 * @param {ColorAxis} scale
 * @returns {Trace}
 */
export function colourBar({ cmin, cmax }) {
  return {
    type: "scatter",
    mode: "markers",
    x: [null, null],
    y: [null, null],
    marker: { color: [cmin, cmax], coloraxis: "coloraxis" },
    hoverinfo: "skip",
  };
}
