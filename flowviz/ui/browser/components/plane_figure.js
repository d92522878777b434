// The plane as Plotly draws it at rest: the figure that Python made, with the flow's arrays at one time.
/** @import { Figure, PlaneTrace, Trace } from "./plotly" */
/** @import { FlowContent, PaintedFlow } from "./types" */
/** @import { Painter } from "./plane_paint.js" */
import { drawnSize, edgeWidth } from "./handle_marks.js";
import { lazyList, textRows } from "./hover_text.js";
import { bracket, mix } from "./interpolation.js";
import { number, position } from "./number.js";
import {
  arrowStrokes,
  highestDensity,
  lineOpacity,
  mixedCodes,
  particleRadius,
  particlesAt,
} from "./plane_flow.js";

const CODES = 255;
const EDGE_PX = 2; // of a data point

/** @typedef {{ content: FlowContent, flow: PaintedFlow, painter: Painter, t: number }} Shown */
/** @typedef {Shown & { codes: Float32Array, densities: string[] }} Scene */
/** @typedef {(trace: PlaneTrace, scene: Scene) => object} Filling */

/** What each trace of that name is filled with. @type {Record<string, Filling>} */
const FILLINGS = { heat, fan: lines, straight: lines, arrows, particles, points };

/**
 * @param {Shown} shown
 * @returns {Figure}
 */
export function planeFigure(shown) {
  const { flow, t } = shown;
  const scene = { ...shown, codes: mixedCodes(flow, t), densities: densityTexts(flow, t) };
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
function heat(_, { flow: { cells }, codes, densities }) {
  // A canvas counts rows downwards.
  const z = Array.from({ length: cells }, (_, i) =>
    codes.subarray((cells - 1 - i) * cells, (cells - i) * cells),
  );
  return { z, text: textRows(cells, (i, j) => densities[Math.round(z[i][j]) || 0]) };
}

/**
 * What each code says of the density.
 *
 * @param {PaintedFlow} flow
 * @param {number} t
 */
function densityTexts(flow, t) {
  const top = highestDensity(flow, t);
  return Array.from({ length: CODES + 1 }, (_, code) => {
    if (code === 0) return "0";
    if (top === null || !Number.isFinite(top)) return "—";
    const relative = (code - 1) / (CODES - 1);
    return number(top * (flow.decades ? 10 ** (flow.decades * (relative - 1)) : relative));
  });
}

/**
 * The density at a place of the view.
 *
 * @param {Scene} scene
 * @param {number} u
 * @param {number} v
 */
function densityAt({ flow: { cells }, codes, densities }, u, v) {
  const [column, row] = [Math.floor(u * cells), Math.floor((1 - v) * cells)];
  const inside = column >= 0 && row >= 0 && column < cells && row < cells;
  return inside ? densities[Math.round(codes[row * cells + column]) || 0] : "—";
}

/**
 * The trajectories of one colour as one line, NaN after each.
 *
 * @param {PlaneTrace} trace
 * @param {Scene} scene
 */
function lines({ name, meta: colour }, scene) {
  const { flow, painter } = scene;
  const isStraight = name === "straight";
  const tracks = isStraight ? painter.straight : painter.tracks;
  const rows = Array.from(flow.lines, (q, row) => ({ q, first: isStraight ? row : q }));
  const chosen = rows.filter(({ q }) => flow.colour[q] === colour);
  const length = 2 * flow.nodes.length;
  const at = new Float32Array(chosen.length * (length + 2)).fill(Number.NaN);
  chosen.forEach(({ first }, i) => {
    at.set(tracks.subarray(first * length, (first + 1) * length), i * (length + 2));
  });
  const perLine = flow.nodes.length + 1;
  const customdata = lazyList((k) =>
    label(scene, chosen[Math.floor(k / perLine)].q, flow.nodes[k % perLine], at, k),
  );
  const opacity = isStraight ? 0.8 : lineOpacity(flow.lines.length);
  return { ...positions(at, flow), customdata, visible: chosen.length > 0, opacity };
}

/**
 * What a label says beside the position: the density, and the data point that is reached.
 *
 * @param {Scene} scene
 * @param {number} q the trajectory
 * @param {number} t when it is there
 * @param {Float32Array} at u and v in turn
 * @param {number} k which of them
 */
function label(scene, q, t, at, k) {
  const known = densityOn(scene.flow, q, t);
  const density = known === null ? densityAt(scene, at[2 * k], at[2 * k + 1]) : written(known);
  return ["", density, pointText(scene, q)];
}

/**
 * The density on a trajectory; null where it is not known apart from the cells.
 *
 * @param {PaintedFlow} flow
 * @param {number} q
 * @param {number} t
 */
function densityOn({ p, nodes }, q, t) {
  if (!p) return null;
  const [j, fraction] = bracket(nodes, nodes.length, t);
  const k = q * nodes.length + j;
  if (t === nodes[j]) return p[k];
  return mix(p[k], p[k + 1], fraction);
}

/** @param {number} p */
function written(p) {
  return p < Infinity ? number(p) : "∞";
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
  const at = particlesAt(flow, painter.tracks, t);
  const customdata = lazyList((q) => label(scene, q, t, at, q));
  const size = 2 * particleRadius(color.length, content.style.line);
  return { ...positions(at, flow), customdata, marker: { ...marker, color, size } };
}

/**
 * The data points, which are there without a flow.
 *
 * @param {FlowContent} content
 * @returns {Trace[]}
 */
export function pointsTraces(content) {
  const traces = content.figure.data.filter(({ name }) => name === "points");
  return traces.map((trace) => ({ ...trace, ...points(trace, { content }) }));
}

/**
 * @param {PlaneTrace} trace
 * @param {Pick<Scene, "content">} scene
 */
function points({ marker }, { content: { points, style } }) {
  const { x, y, size } = points;
  const color = x.map((_, i) => style.basins[i % style.basins.length]);
  const width = size.map((diameter) => edgeWidth(diameter, EDGE_PX));
  const line = { .../** @type {{ line: object }} */ (marker).line, width };
  return { x, y, marker: { ...marker, size: size.map(drawnSize), color, line } };
}

/**
 * The data point that a trajectory reaches.
 *
 * @param {Scene} scene
 * @param {number} q
 */
function pointText({ content: { points }, flow }, q) {
  const i = flow.reached?.[q];
  return position(i === undefined ? i : [points.x[i], points.y[i]]);
}

/**
 * From units of the view, u and v in turn, to data.
 *
 * @param {ArrayLike<number>} at
 * @param {PaintedFlow} flow
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
  const corner = { xref: "x", yref: "y", x: lowX, y: highY, sizex: highX - lowX };
  return [{ ...corner, sizey: highY - lowY, source, sizing: "stretch", layer: "below" }];
}
