// What a plane's flow is at one time, for canvases and for Plotly alike. Positions are in units of the
// flow's view: (0, 0) bottom left, (1, 1) top right.
/** @import { Axes } from "./axes.js" */
/** @import { PaintedFlow, Point } from "./types" */
import { bracket, mix } from "./interpolation.js";

const CODES = 65535; // codes of a track reach half a view beyond the view on every side
const ARROW_REACH = 0.42; // of an arrow's cell: half a length at most

/**
 * Codes of tracks in units of the view. A plain loop: `Float32Array.from` takes 20 times as long.
 *
 * @param {ArrayLike<number>} codes
 */
export function decodedTracks(codes) {
  const out = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = (2 * codes[i]) / CODES - 0.5;
  return out;
}

/**
 * The density's codes, rows from the top: two neighbouring frames, mixed. NaN for a cell that has no
 * value in either. At t = 0 all mass is in the data points and no cell has any.
 *
 * @param {PaintedFlow} flow
 * @param {number} t
 */
export function mixedCodes({ t: times, density, cells }, t) {
  const size = cells * cells;
  const codes = new Float32Array(size);
  if (!density) return codes.fill(Number.NaN);
  const [j, fraction] = bracket(times, times.length, t);
  const a = density.subarray(j * size, (j + 1) * size);
  const b = density.subarray((j + 1) * size, (j + 2) * size);
  for (let k = 0; k < size; k++) {
    const code = a[k] === 0 ? b[k] : b[k] === 0 ? a[k] : a[k] + fraction * (b[k] - a[k]);
    codes[k] = (t === 0 ? Math.min(code, 1) : code) || Number.NaN;
  }
  return codes;
}

/**
 * The density of the largest code at t: infinite at t = 0, null between that and the first frame, 0
 * where all of it is between two cells.
 *
 * @param {PaintedFlow | null} flow
 * @param {number} t
 */
export function highestDensity(flow, t) {
  const { t: times, scale_max: maxima } = flow ?? {};
  if (t === 0) return Infinity;
  if (!times || !maxima || t < 0.999 * times[0]) return null;
  const [j, fraction] = bracket(times, times.length, t);
  const [a, b] = [maxima[j], maxima[j + 1]];
  return a && b ? mix(a, b, fraction) : a && b;
}

/**
 * Where every particle is, as u and v in turn.
 *
 * @param {PaintedFlow} flow
 * @param {Float32Array} tracks
 * @param {number} t
 */
export function particlesAt({ nodes, colour }, tracks, t) {
  const [j, fraction] = bracket(nodes, nodes.length, t);
  const out = new Float32Array(2 * colour.length);
  for (let i = 0; i < out.length; i++) {
    const k = 2 * ((i >> 1) * nodes.length + j) + (i & 1);
    out[i] = mix(tracks[k], tracks[k + 2], fraction);
  }
  return out;
}

/**
 * The arrows of the nearest frame as polylines of u and v in turn, NaN after each: a shaft through its
 * cell's centre, half a length on either side, and two barbs at its tip.
 *
 * @param {PaintedFlow} flow
 * @param {number} t
 */
export function arrowStrokes({ t: times, arrows, arrow_side: side }, t) {
  /** @type {number[]} */
  const out = [];
  if (!arrows || !side) return out;
  const [j, fraction] = bracket(times, times.length, t);
  const first = 2 * side * side * (fraction > 0.5 ? j + 1 : j);
  const reach = ARROW_REACH / side;
  for (let n = 0; n < side * side; n++) {
    const [a, b] = [arrows[first + 2 * n], arrows[first + 2 * n + 1]];
    if (a === 0 && b === 0) continue;
    const [u, v] = [(Math.floor(n / side) + 0.5) / side, ((n % side) + 0.5) / side];
    const [du, dv] = [(reach * (a - 128)) / 127, (reach * (b - 128)) / 127];
    const tip = [u + du, v + dv];
    const [barb, other] = [1, -1].map((turn) => [
      u + 0.55 * du - turn * 0.3 * dv,
      v + 0.55 * dv + turn * 0.3 * du,
    ]);
    out.push(u - du, v - dv, ...tip, ...barb, ...tip, ...other, Number.NaN, Number.NaN);
  }
  return out;
}

/**
 * The opacity of trajectories: many are drawn paler.
 *
 * @param {number} count
 */
export function lineOpacity(count) {
  return count > 80 ? 0.5 : 0.75;
}

/**
 * Half a particle's width, in pixels.
 *
 * @param {number} count
 * @param {number} line the figure's line width
 */
export function particleRadius(count, line) {
  const radius = count > 800 ? 1.9 : count > 200 ? 2.8 : 3.8;
  return radius * (line > 2 ? 1.5 : 1);
}

/**
 * The trajectories that reach a data point, in pixels.
 *
 * @param {PaintedFlow} flow
 * @param {Float32Array} tracks
 * @param {{ x: ArrayLike<number>, y: ArrayLike<number> }} points
 * @param {number} i
 * @param {Axes} axes
 * @returns {Point[][]}
 */
export function trajectoriesTo({ lines, nodes, reached, view }, tracks, { x, y }, i, axes) {
  if (!reached) return [];
  const [lowX, highX, lowY, highY] = view;
  const chosen = Array.from(lines).filter((q) => {
    return x[reached[q]] === x[i] && y[reached[q]] === y[i];
  });
  return chosen.map((q) =>
    Array.from({ length: nodes.length }, (_, k) => {
      const at = 2 * (q * nodes.length + k);
      const [u, v] = [tracks[at], tracks[at + 1]];
      return axes.toPixel([lowX + u * (highX - lowX), lowY + v * (highY - lowY)]);
    }),
  );
}
