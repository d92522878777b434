// Ticks of an axis of times that is zoomed: Python gives those of the whole axis, with the reader's times
// as their texts.
/** @import { LayoutAxis } from "./plotly" */
import { shownTime } from "./time_view.js";

const MOST = 6;

/**
 * The axis with round times between the ends of its range; the same axis if it has no texts.
 *
 * @param {LayoutAxis} axis
 * @returns {LayoutAxis}
 */
export function withTimeTicks(axis) {
  if (!axis.ticktext) return axis;
  const [low, high] = [Math.max(0, axis.range[0]), Math.min(1, axis.range[1])];
  const least = (high - low) / MOST;
  const places = Math.ceil(-Math.log10(least));
  const step = [1, 2, 5, 10].map((k) => k * 10 ** -places).find((size) => size >= least) ?? 1;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  const tickvals = Array.from({ length: Math.max(0, count) }, (_, k) => (first + k) * step);
  const digits = Math.max(1, places);
  const ticktext = tickvals.map((t) => String(Number(shownTime(t).toFixed(digits))));
  return { ...axis, tickvals, ticktext };
}
