// The frame of the plane and its numbers. Large ones have a power of ten in common, said once in the
// corner where the axes meet, so that they stay within the margin.
import { svg } from "./host.js";
import { written } from "./number.js";

const LARGE = 1e5;
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** The nodes of a frame: `spans` [low, high] of x and of y, `box` {left, top, side} in pixels. */
export function axes(spans, { left, top, side }, font, toPixel) {
  const nodes = [svg("rect", { class: "fv-frame", x: left, y: top, width: side, height: side })];
  const say = (textContent, place) => {
    nodes.push(svg("text", { class: "fv-tick", "font-size": font, ...place }));
    nodes.at(-1).textContent = textContent;
  };
  const largest = Math.max(...spans.flat().map(Math.abs));
  const power = largest < LARGE ? 0 : Math.floor(Math.log10(largest));
  spans.forEach(([low, high], k) => {
    for (const value of ticks(low, high)) {
      const [px, py] = toPixel(k ? [spans[0][0], value] : [value, spans[1][0]]);
      const place = k
        ? { x: left - 6, y: py + font / 3, "text-anchor": "end" }
        : { x: px, y: top + side + 1.3 * font, "text-anchor": "middle" };
      say(written(Number((value / 10 ** power).toPrecision(8))), place);
    }
  });
  const below = { x: left - font, y: top + side + 1.3 * font, "text-anchor": "end" };
  if (power) say(`×10${[...String(power)].map((digit) => RAISED[digit]).join("")}`, below);
  return nodes;
}

/** Four to eight round numbers between two ends. */
function ticks(low, high) {
  const rough = (high - low) / 6;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * [1, 2, 5, 10].find((m) => m * decade >= rough);
  const out = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high * (1 + 1e-12) + 1e-12; k++) {
    out.push(Number((k * step).toPrecision(8)));
  }
  return out;
}
