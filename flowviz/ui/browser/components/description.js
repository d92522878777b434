// What a screen reader says of a Plotly figure: what it shows, from where to where each axis runs, and
// the words that stand in it.
/** @import { Figure, LayoutAxis, Trace } from "./plotly" */
import { written } from "./number.js";

const DIGITS = 3;

/**
 * @param {string} label what the figure shows
 * @param {string} range of an axis, with {axis}, {low} and {high}
 * @param {Figure} figure
 */
export function description(label, range, { data, layout }) {
  const shown = data.filter((trace) => trace.visible !== false);
  const axes = Object.entries(layout).flatMap(([key, option]) => {
    const axis = /** @type {LayoutAxis | undefined} */ (option);
    const [, letter = "", count = ""] = key.match(/^([xy])axis(\d*)$/) ?? [];
    return letter ? [{ title: plain(axis?.title?.text), values: along(shown, letter, count) }] : [];
  });
  const bar = layout.coloraxis?.colorbar;
  if (!bar?.ticktext) axes.push({ title: plain(bar?.title?.text), values: along(shown, "z") }); // else codes
  const words = /** @type {{ text?: string }[]} */ (layout.annotations ?? []);
  return [
    label,
    ...axes.filter(({ title, values }) => title && values.length).map((axis) => said(range, axis)),
    ...words.map(({ text }) => plain(text)).filter(Boolean),
  ].join("; ");
}

/**
 * @param {string} range
 * @param {{ title: string, values: number[] }} axis
 */
function said(range, { title, values }) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return range
    .replace("{axis}", title)
    .replace("{low}", rounded(low))
    .replace("{high}", rounded(high));
}

/** @param {number} value */
function rounded(value) {
  return written(Number(value.toPrecision(DIGITS)));
}

/**
 * The numbers of all traces of an axis.
 *
 * @param {Trace[]} traces
 * @param {string} letter
 * @param {string} [count] what follows the letter in the axis' name
 */
function along(traces, letter, count = "") {
  const drawn = traces.filter((trace) => (trace[`${letter}axis`] ?? letter) === letter + count);
  return drawn.flatMap((trace) => numbers(trace[letter]));
}

/**
 * The finite numbers of a list, or of a list of rows.
 *
 * @param {unknown} values
 * @returns {number[]}
 */
function numbers(values) {
  if (typeof values === "number") return Number.isFinite(values) ? [values] : [];
  if (!Array.isArray(values) && !ArrayBuffer.isView(values)) return [];
  return Array.from(/** @type {ArrayLike<unknown>} */ (values)).flatMap(numbers);
}

/** @param {unknown} text with Plotly's marks, which are those of HTML */
function plain(text) {
  return String(text ?? "")
    .replace(/<br\s*\/?>/g, " ")
    .replace(/<[^>]*>/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
