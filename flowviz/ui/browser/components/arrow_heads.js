// Arrows whose heads are symmetric on the screen: Python, which makes their lines, does not know how wide
// and how high a figure will be.
/** @import { LineTrace, PlotAxis, Trace } from "./plotly" */

/** @typedef {{ xaxis: PlotAxis, yaxis: PlotAxis }} Axes */

const NODES = 6; // of an arrow: tail, tip, barb, tip, other barb, NaN
const TURN = (155 / 180) * Math.PI; // from the shaft to a barb
const BARB = 1 / 3; // of the shaft
const LONGEST_BARB_PX = 14;

/**
 * A figure's traces, the arrows among them with heads for these axes.
 *
 * @template {Trace} T
 * @param {T[]} traces
 * @param {Axes | null} axes null before they are first drawn
 * @returns {T[]}
 */
export function withArrowHeads(traces, axes) {
  if (!axes) return traces;
  return traces.map((trace) =>
    trace.name === "arrows"
      ? /** @type {T} */ (/** @type {unknown} */ (withHeads(asLine(trace), axes)))
      : trace,
  );
}

/**
 * @param {Trace} trace
 * @returns {LineTrace}
 */
function asLine(trace) {
  return /** @type {LineTrace} */ (trace);
}

/**
 * @param {LineTrace} trace
 * @param {Axes} axes
 */
function withHeads(trace, { xaxis, yaxis }) {
  const [x, y] = [trace.x.slice(), trace.y.slice()];
  const [across, up] = [pixelsPerUnit(xaxis), pixelsPerUnit(yaxis)];
  for (let k = 0; k + 4 < x.length; k += NODES) {
    const [dx, dy] = [(x[k + 1] - x[k]) * across, (y[k + 1] - y[k]) * up];
    const barb = Math.min(BARB, LONGEST_BARB_PX / Math.hypot(dx, dy));
    for (const [node, turn] of [
      [k + 2, TURN],
      [k + 4, -TURN],
    ]) {
      const [cos, sin] = [barb * Math.cos(turn), barb * Math.sin(turn)];
      x[node] = x[k + 1] + (cos * dx - sin * dy) / across;
      y[node] = y[k + 1] + (sin * dx + cos * dy) / up;
    }
  }
  return { ...trace, x, y };
}

/** @param {PlotAxis} axis */
function pixelsPerUnit({ range: [low, high], _length }) {
  return _length / (high - low);
}
