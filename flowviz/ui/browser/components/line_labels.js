// Labels of trajectories and densities over (t, x): times as the reader counts them, made for the point
// that is pointed at. What a label says is in the trace's `hovertemplate`, which Python made.
/** @import { HeatTrace, LineTrace, Trace } from "./plotly" */
import { lazyList, textRows } from "./hover_text.js";
import { fixed, number, position } from "./number.js";
import { shownTime } from "./time_view.js";

/**
 * The trace with what its labels say: of a heatmap's cell `text`, the time; of a line's point
 * `customdata`, the time, the density and the data point that the trajectory reaches.
 *
 * @param {Trace} trace
 * @returns {Trace}
 */
export function withLabels(trace) {
  if (!trace.hovertemplate) return trace;
  if (trace.type !== "heatmap") return withLineLabels(/** @type {LineTrace} */ (trace));
  const { x, y } = /** @type {HeatTrace} */ (trace);
  return { ...trace, text: textRows(y.length, (_, j) => fixed(shownTime(x[j]), 3)) };
}

/** @param {LineTrace} trace `customdata`, if there is any, is p_t at its points */
function withLineLabels(trace) {
  const { x, y, customdata: p, meta } = trace;
  const gap = y.findIndex(Number.isNaN);
  const perLine = gap < 0 ? y.length : gap + 1;
  const customdata = lazyList((k) => [
    fixed(shownTime(x[k]), 3),
    densityText(p?.[k]),
    reachedText(meta?.[Math.floor(k / perLine)]),
  ]);
  return { ...trace, customdata };
}

/** @param {number | number[] | null | undefined} reached null on a separatrix */
function reachedText(reached) {
  if (reached === undefined) return "";
  return reached === null ? "—" : position(reached);
}

/** @param {number | undefined} p */
function densityText(p) {
  if (p === undefined || Number.isNaN(p)) return "—";
  return Number.isFinite(p) ? number(p) : "∞";
}
