// The plane as Plotly draws it at rest: the figure that Python made, with the flow's arrays at one time.
/** @import { Figure, PlaneContent, PlaneFlow, PlaneTrace } from "./types" */
/** @import { Painter } from "./plane_paint.js" */
import { textRows } from "./hover_text.js";
import { number, written } from "./number.js";
import {
  arrowStrokes,
  highestDensity,
  mixedCodes,
  particleRadius,
  particlesAt,
} from "./plane_flow.js";

const CODES = 255;

/** @typedef {{ content: PlaneContent, flow: PlaneFlow, painter: Painter, t: number }} Scene */
/** @typedef {(trace: PlaneTrace, scene: Scene) => object} Filling */

/** What each trace of that name is filled with. @type {Record<string, Filling>} */
const FILLINGS = { heat, fan: lines, straight: lines, arrows, particles, points };

/**
 * @param {Scene} scene
 * @returns {Figure}
 */
export function planeFigure(scene) {
  const { data, layout } = scene.content.figure;
  const traces = data.map((trace) => ({
    ...trace,
    ...FILLINGS[trace.name ?? ""](/** @type {PlaneTrace} */ (trace), scene),
  }));
  return { data: traces, layout: { ...layout, images: basinsImage(scene) } };
}

/**
 * @param {PlaneTrace} _
 * @param {Scene} scene
 */
function heat(_, { flow, t }) {
  const { cells, decades } = flow;
  const codes = mixedCodes(flow, t);
  // A canvas counts rows downwards.
  const z = Array.from({ length: cells }, (_, i) =>
    codes.subarray((cells - 1 - i) * cells, (cells - i) * cells),
  );
  const top = highestDensity(flow, t);
  return { z, text: textRows(cells, (i, j) => densityText(z[i]?.[j], top, decades)) };
}

/**
 * @param {number} code
 * @param {number | null} top density of the largest code
 * @param {number} decades of a logarithmic scale; 0 for a linear one
 */
function densityText(code, top, decades) {
  if (Number.isNaN(code)) return "0";
  if (top === null || !Number.isFinite(top)) return "—";
  const relative = (code - 1) / (CODES - 1);
  return number(top * (decades ? 10 ** (decades * (relative - 1)) : relative));
}

/**
 * The trajectories of one colour as one line, NaN after each.
 *
 * @param {PlaneTrace} trace
 * @param {Scene} scene
 */
function lines({ name, meta: colour }, scene) {
  const { flow, painter } = scene;
  const alone = name === "straight";
  const tracks = alone ? painter.alone : painter.tracks;
  /** @type {number[]} */
  const codes = [];
  /** @type {string[]} */
  const reached = [];
  for (let row = 0; row < flow.lines.length; row++) {
    const q = flow.lines[row];
    if (flow.colour[q] !== colour) continue;
    const first = 2 * (alone ? row : q) * flow.nodes.length;
    for (let k = first; k < first + 2 * flow.nodes.length; k++) codes.push(tracks[k]);
    codes.push(Number.NaN, Number.NaN);
    const text = pointText(scene, q);
    for (let k = 0; k <= flow.nodes.length; k++) reached.push(text);
  }
  const visible = codes.length > 0;
  const width = flow.lines.length > 80 ? 0.5 : 0.75;
  return { ...positions(codes, flow), customdata: reached, visible, opacity: alone ? 0.8 : width };
}

/**
 * @param {PlaneTrace} _
 * @param {Scene} scene
 */
function arrows(_, { flow, t }) {
  return positions(arrowStrokes(flow, t), flow);
}

/**
 * @param {PlaneTrace} trace
 * @param {Scene} scene
 */
function particles({ marker }, scene) {
  const { flow, painter, t, content } = scene;
  const color = Array.from(flow.colour, (k) => content.style.basins[k]);
  const reached = color.map((_, q) => pointText(scene, q));
  const at = positions(particlesAt(flow, painter.tracks, t), flow);
  const size = 2 * particleRadius(color.length, content.style.line);
  return { ...at, customdata: reached, marker: { ...marker, color, size } };
}

/**
 * @param {PlaneTrace} trace
 * @param {Scene} scene
 */
function points({ marker }, { content: { points, style } }) {
  const { x, y, size } = points;
  const color = x.map((_, i) => style.basins[i % style.basins.length]);
  return { x, y, marker: { ...marker, size, color } };
}

/**
 * The data point that a trajectory reaches.
 *
 * @param {Scene} scene
 * @param {number} q
 */
function pointText({ content: { points }, flow }, q) {
  const i = flow.reached[q];
  return `(${[points.x[i], points.y[i]].map((value) => written(Number(value?.toFixed(4)))).join(", ")})`;
}

/**
 * From units of the view, u and v in turn, to data.
 *
 * @param {ArrayLike<number>} at
 * @param {PlaneFlow} flow
 */
function positions(at, { view: [lowX, highX, lowY, highY] }) {
  const count = at.length / 2;
  const [x, y] = [new Float64Array(count), new Float64Array(count)];
  for (let k = 0; k < count; k++) {
    x[k] = lowX + at[2 * k] * (highX - lowX);
    y[k] = lowY + at[2 * k + 1] * (highY - lowY);
  }
  return { x, y };
}

/**
 * The basin map lies under the density, with its own colours: an image.
 *
 * @param {Scene} scene
 */
function basinsImage({ painter, flow: { view } }) {
  if (painter.basins.hidden) return [];
  const [lowX, highX, lowY, highY] = view;
  const source = painter.basins.toDataURL();
  const place = { xref: "x", yref: "y", x: lowX, y: highY, sizex: highX - lowX };
  return [{ ...place, sizey: highY - lowY, source, sizing: "stretch", layer: "below" }];
}
