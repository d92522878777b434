// The Fan's figure: its traces by what they are for, at rest, and saved; its layout on a narrow page.
/** @import { HeatTrace, Layout, LineTrace, PointsTrace } from "./plotly" */
/** @import { DensityEdges, Fan, FanContent, FanFigure, FanTraces, Point } from "./types" */
/** @import { Axes } from "./arrow_heads.js" */
import { withArrowHeads } from "./arrow_heads.js";
import { positionsAt } from "./fan_trajectories.js";
import { number } from "./number.js";
import { sliceTrace } from "./slice_mark.js";
import { MODE_BAR_PX } from "./stage.js";
import { cellTexts } from "./tooltip.js";

const NARROW_PX = { usual: 560, large: 860 };

/**
 * @param {FanFigure["data"]} traces
 * @param {{ p: HeatTrace["z"] } & DensityEdges} density travels apart from its trace
 * @returns {FanTraces}
 */
export function splitTraces(traces, density) {
  const heat = /** @type {HeatTrace} */ (traces.find((trace) => trace.name === "heat"));
  const points = /** @type {PointsTrace} */ (traces.find((trace) => trace.name === "points"));
  heat.z = density.p;
  const fans = traces.filter((trace) => trace.name === "fan");
  const arrows = /** @type {LineTrace | undefined} */ (
    traces.find(({ name }) => name === "arrows")
  );
  return {
    heat,
    points,
    arrows,
    jumps: density.jumps,
    infinite: density.infinite,
    fans: fans.map((trace) => fanOf(/** @type {LineTrace} */ (trace))),
  };
}

/**
 * @param {LineTrace} trace
 * @returns {Fan}
 */
function fanOf(trace) {
  const nodes = trace.y.findIndex(Number.isNaN);
  return { trace, nodes, count: trace.y.length / (nodes + 1) };
}

/**
 * Whether there is no room beside the plane.
 *
 * @param {number} width
 * @param {boolean} large
 */
function isNarrow(width, large) {
  return width < NARROW_PX[large ? "large" : "usual"];
}

/**
 * The layout for a page of that width: a phone has no room beside the plane.
 *
 * @param {Layout} drawn
 * @param {number} width
 * @param {boolean} large
 * @returns {Layout}
 */
export function fitLayout(drawn, width, large) {
  const layout = structuredClone(drawn);
  if (!isNarrow(width, large)) return layout;
  placeColourBarBelow(layout, large);
  const { xaxis, xaxis2 } = layout;
  const times = xaxis.ticktext;
  if (times) {
    xaxis.tickvals = [0, 0.5, 1];
    xaxis.ticktext = [times[0], "0.5", times[times.length - 1]];
  }
  if (xaxis.title) xaxis.title.text = xaxis.title.text.replace(/\s{2,}/g, "\u2003");
  if (xaxis2) {
    // No 0 at the side: it would touch the plane's 1.
    const tick = roundBelow(xaxis2.range[1]);
    const ticks = { tickvals: [tick], ticktext: [number(tick).replace(/\.0+$/, "")] };
    Object.assign(xaxis2, ticks, { title: { text: "" } });
  }
  layout.margin.l *= 0.8;
  layout.margin.t += MODE_BAR_PX;
  return layout;
}

/**
 * @param {Layout} layout
 * @param {boolean} large
 */
function placeColourBarBelow({ coloraxis }, large) {
  const colorbar = coloraxis?.colorbar;
  if (!colorbar) return;
  colorbar.title.side = "bottom";
  const position = { orientation: "h", x: 0.4, len: 0.8, y: large ? -0.3 : -0.2, yanchor: "top" };
  Object.assign(colorbar, position, { thickness: 9, nticks: 4 });
}

/**
 * A round number well inside [0, top].
 *
 * @param {number} top
 */
function roundBelow(top) {
  const decade = 10 ** Math.floor(Math.log10(top));
  const step = [5, 2, 1].find((m) => m * decade <= 0.85 * top) ?? 0.5;
  return Number((step * decade).toPrecision(1));
}

/**
 * The figure as Plotly draws it at rest.
 *
 * @param {FanContent} content
 * @param {FanTraces} traces
 * @param {Axes | null} axes
 */
export function restingTraces(content, traces, axes) {
  const { heat } = traces;
  const text = cellTexts(traces, content);
  const { data } = content.figure;
  const labelled = data.map((trace) => (trace === heat ? { ...heat, text } : trace));
  return withArrowHeads(labelled, axes);
}

/**
 * What is drawn over the figure, for a file: the slice at the time line, the particles on it, the
 * query point, the time line.
 *
 * @param {FanContent} content
 * @param {FanTraces} traces
 * @param {number} t
 * @param {Point | null} query (t, x)
 */
export function marksAt(
  { style, weights, figure, large },
  { heat, jumps, points, fans },
  t,
  query,
) {
  const end = figure.layout.xaxis2?.range[1] ?? 1;
  const density = { heat, jumps, points: { x: points.y, weights } };
  const size = large ? 13 : 8;
  const particles = fans.map((fan) => {
    const x = positionsAt(fan, t);
    return discs(
      x.map(() => t),
      x,
      { color: fan.trace.line.color, size },
    );
  });
  const inspected = query ? [discs([query[0]], [query[1]], { color: style.accent, size: 10 })] : [];
  return {
    traces: [sliceTrace(density, t, end, style.accent), ...particles, ...inspected],
    shapes: [timeLine(t, style.accent)],
  };
}

/**
 * @param {number[]} x
 * @param {number[]} y
 * @param {{ color: string, size: number }} marker
 */
function discs(x, y, marker) {
  return { type: "scatter", mode: "markers", x, y, marker };
}

/**
 * @param {number} t
 * @param {string} color
 */
function timeLine(t, color) {
  const line = { color, width: 1.5, dash: "dash" };
  return { type: "line", yref: "y domain", x0: t, x1: t, y0: 0, y1: 1, line };
}
