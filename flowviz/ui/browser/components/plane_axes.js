// The frame of the plane and its numbers. Large ones have a power of ten in common, said once in the
// corner where the axes meet, so that they stay within the margin.
/** @import { Interval, Point } from "./types" */
/** @import { Box } from "./plane_geometry.js" */
import { written } from "./number.js";
import { svg } from "./runtime.js";

const LARGE = 1e5;
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * The nodes of a frame.
 *
 * @param {Interval[]} view of x and of y
 * @param {Box} box
 * @param {number} font size of the numbers, in pixels
 * @param {(at: Point) => Point} toPixel
 */
export function axisNodes([viewX, viewY], { left, top, side }, font, toPixel) {
  const below = top + side + 1.3 * font;
  const power = commonPower([...viewX, ...viewY]);
  const frame = svg("rect", { class: "fv-frame", x: left, y: top, width: side, height: side });
  const across = ticks(...viewX).map((value) => {
    const [px] = toPixel([value, viewY[0]]);
    return tick(numeral(value, power), font, { x: px, y: below, "text-anchor": "middle" });
  });
  const up = ticks(...viewY).map((value) => {
    const [, py] = toPixel([viewX[0], value]);
    const position = { x: left - 6, y: py + font / 3, "text-anchor": "end" };
    return tick(numeral(value, power), font, position);
  });
  const corner = { x: left - font, y: below, "text-anchor": "end" };
  const unit = power ? [tick(`×10${superscript(power)}`, font, corner)] : [];
  return [frame, ...across, ...up, ...unit];
}

/**
 * @param {string} text
 * @param {number} font
 * @param {Record<string, string | number>} position
 */
function tick(text, font, position) {
  const node = svg("text", { class: "fv-tick", "font-size": font, ...position });
  node.textContent = text;
  return node;
}

/** @param {number[]} values */
function commonPower(values) {
  const largest = Math.max(...values.map(Math.abs));
  return largest < LARGE ? 0 : Math.floor(Math.log10(largest));
}

/**
 * @param {number} value
 * @param {number} power of ten that it is written without
 */
function numeral(value, power) {
  return written(Number((value / 10 ** power).toPrecision(8)));
}

/** @param {number} power */
function superscript(power) {
  return [...String(power)].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
}

/**
 * Four to eight round numbers between two ends.
 *
 * @param {number} low
 * @param {number} high
 */
function ticks(low, high) {
  const rough = (high - low) / 6;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * ([1, 2, 5].find((m) => m * decade >= rough) ?? 10);
  const out = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high * (1 + 1e-12) + 1e-12; k++) {
    out.push(Number((k * step).toPrecision(8)));
  }
  return out;
}
