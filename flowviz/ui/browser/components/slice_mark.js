// p_t(x) at the current time in the panel beside a plane (t, x), on the prior's axes. What is higher than
// the axis ends in a zigzag at its end, with the highest value; at t = 0 the density is Σ w δ(x - x₀):
// an arrow at each data point, as long as its weight.
/** @import { HeatTrace, PlotAxis } from "./plotly" */
/** @import { DensityEdges, Interval } from "./types" */
/** @import { Axes } from "./axes.js" */

import { across, down } from "./axes.js";
import { densitySlice } from "./density_slice.js";
import { number, written } from "./number.js";
import { setAttributes, svg } from "./runtime.js";

const LONGEST = 0.6; // of the panel: the arrow of the largest weight
const LABELLED = 8; // arrows; more are too close for a label each
const HEAD_PX = 6;
const TOOTH_PX = 3;
const ROW_PX = 15; // a label's height

/** @typedef {{ x: ArrayLike<number>, weights: ArrayLike<number> }} Points */
/** @typedef {{ heat: HeatTrace, points: Points } & Partial<DensityEdges>} Density */
/** @typedef {{ x: number, weight: number, length: number }} Arrow length in units of the axis */

export class SliceMark {
  constructor() {
    this.clipBox = svg("rect");
    const clip = svg("clipPath", { id: `fv-clip-${Math.random().toString(36).slice(2)}` });
    clip.append(this.clipBox);
    this.curve = svg("path", { class: "fv-slice", "clip-path": `url(#${clip.id})` });
    this.breaks = svg("path", { class: "fv-break" });
    this.labels = svg("g", { class: "fv-slice-labels" });
    this.node = svg("g");
    this.node.append(clip, this.curve, this.breaks, this.labels);
  }

  /**
   * @param {Axes} axes
   * @param {Density} density
   * @param {number} t
   */
  show(axes, density, t) {
    const { xaxis2, yaxis } = axes.axes;
    if (!xaxis2) return;
    const box = { x: xaxis2._offset, y: yaxis._offset, width: xaxis2._length };
    setAttributes(this.clipBox, { ...box, height: yaxis._length });
    this.labels.replaceChildren();
    this.breaks.setAttribute("d", "");
    if (t > 0) this.#showCurve(xaxis2, yaxis, density, t);
    else this.#showArrows(xaxis2, yaxis, arrowsOf(density.points, xaxis2.range[1]));
  }

  /**
   * @param {PlotAxis} xaxis2
   * @param {PlotAxis} yaxis
   * @param {Density} density
   * @param {number} t
   */
  #showCurve(xaxis2, yaxis, { heat, jumps, infinite }, t) {
    const [p, x] = densitySlice(heat, t, jumps);
    const far = xaxis2._offset + 2 * xaxis2._length;
    const heights = x.map((value) => yaxis._offset + down(yaxis, value));
    const path = p.map((value, i) => {
      const px = Math.min(far, xaxis2._offset + across(xaxis2, value));
      return `${px.toFixed(1)},${heights[i].toFixed(1)}`;
    });
    this.curve.setAttribute("d", `M${path.join("L")}`);
    const high = this.#showBreaks(xaxis2, yaxis, p, heights);
    const written = infinite ? "∞" : high && number(high);
    if (!written) return;
    const y = emptiestRow(p, heights, [yaxis._offset, yaxis._offset + yaxis._length]);
    this.#write(`max pₜ = ${written}`, xaxis2._offset + xaxis2._length - 2 * TOOTH_PX, y, "end");
  }

  /**
   * @param {PlotAxis} xaxis2
   * @param {PlotAxis} yaxis
   * @param {number[]} p
   * @param {number[]} at pixels from the stage's top
   * @returns {number | null} the highest value beyond the axis
   */
  #showBreaks(xaxis2, yaxis, p, at) {
    const end = xaxis2.range[1];
    const right = xaxis2._offset + xaxis2._length;
    const [top, bottom] = [yaxis._offset, yaxis._offset + yaxis._length];
    const inside = (/** @type {number} */ y) => y >= top && y <= bottom;
    const high = p.map((value, i) => (value > end && inside(at[i]) ? i : -1)).filter((i) => i >= 0);
    if (!high.length) return null;
    this.breaks.setAttribute(
      "d",
      zigzag(
        high.map((i) => at[i]),
        right,
      ),
    );
    return Math.max(...high.map((i) => p[i]));
  }

  /**
   * @param {PlotAxis} xaxis2
   * @param {PlotAxis} yaxis
   * @param {Arrow[]} arrows
   */
  #showArrows(xaxis2, yaxis, arrows) {
    const left = xaxis2._offset;
    const shafts = arrows.map(({ x, weight, length }) => {
      const tip = left + across(xaxis2, length);
      const y = yaxis._offset + down(yaxis, x);
      if (arrows.length <= LABELLED)
        this.#write(`${written(Number(weight.toPrecision(3)))} δ`, tip + 4, y + 4, "start");
      const head = `M${tip - HEAD_PX},${y - HEAD_PX / 2}L${tip},${y}L${tip - HEAD_PX},${y + HEAD_PX / 2}`;
      return `M${left},${y}H${tip}${head}`;
    });
    this.curve.setAttribute("d", shafts.join(""));
  }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {"start" | "end"} anchor
   */
  #write(text, x, y, anchor) {
    const label = svg("text", { x, y, "text-anchor": anchor });
    label.textContent = text;
    this.labels.append(label);
  }
}

/**
 * The foot of a label where the curve is lowest; of rows where it is equally low, the highest.
 *
 * @param {number[]} p
 * @param {number[]} at pixels from the stage's top
 * @param {Interval} panel its top and bottom
 */
function emptiestRow(p, at, [top, bottom]) {
  let [best, least] = [top + ROW_PX, Number.POSITIVE_INFINITY];
  for (let foot = top + ROW_PX; foot <= bottom - 2; foot += ROW_PX / 2) {
    const beside = p.filter((_, i) => at[i] >= foot - ROW_PX && at[i] <= foot + 4);
    const height = Math.max(0, ...beside.filter(Number.isFinite));
    if (height < least) [best, least] = [foot, height];
  }
  return best;
}

/**
 * Along the right end, beside pixels that are in order; runs closer than a tooth are one.
 *
 * @param {number[]} at
 * @param {number} right
 */
function zigzag(at, right) {
  const gap = 4 * TOOTH_PX;
  /** @type {[number, number][]} */
  const runs = [];
  for (const y of [...at].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && y - last[1] <= gap) last[1] = y;
    else runs.push([y, y]);
  }
  return runs.map(([from, to]) => teeth(from - TOOTH_PX, to + TOOTH_PX, right)).join("");
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} right
 */
function teeth(from, to, right) {
  const count = Math.max(2, Math.round((to - from) / TOOTH_PX));
  const points = Array.from({ length: count + 1 }, (_, k) => {
    const px = right + (k % 2 ? TOOTH_PX : -TOOTH_PX);
    const py = from + (k / count) * (to - from);
    return `${px.toFixed(1)},${py.toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}

/**
 * An arrow at each position, those of equal points put together.
 *
 * @param {Points} points
 * @param {number} end of the axis
 * @returns {Arrow[]}
 */
function arrowsOf({ x, weights }, end) {
  /** @type {Map<number, number>} */
  const merged = new Map();
  for (let i = 0; i < x.length; i++) merged.set(x[i], (merged.get(x[i]) ?? 0) + weights[i]);
  const all = [...merged.values()];
  const [total, most] = [all.reduce((a, b) => a + b, 0), Math.max(...all)];
  return [...merged].map(([at, weight]) => {
    return { x: at, weight: weight / total, length: (LONGEST * end * weight) / most };
  });
}

/**
 * The same as a trace for a file.
 *
 * @param {Density} density
 * @param {number} t
 * @param {number} end of the panel's axis
 * @param {string} color
 */
export function sliceTrace({ heat, jumps, points }, t, end, color) {
  const line = { color, width: 2 };
  const trace = { type: "scatter", xaxis: "x2", line };
  if (t > 0) {
    const [x, y] = densitySlice(heat, t, jumps);
    return { ...trace, mode: "lines", x, y };
  }
  const arrows = arrowsOf(points, end);
  const x = arrows.flatMap(({ length }) => [0, length, Number.NaN]);
  const y = arrows.flatMap(({ x: at }) => [at, at, Number.NaN]);
  const marker = { color, symbol: "triangle-right", size: arrows.flatMap(() => [0, 10, 0]) };
  return { ...trace, mode: "lines+markers", x, y, marker };
}
