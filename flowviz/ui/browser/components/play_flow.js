// What the light page draws: by the engine for what is chosen, or the core's own picture, frozen.
/** @import { LineTrace } from "./plotly" */
/** @import { FanTraces, Fan, Interval, NodeTable, PreviewTables } from "./types" */
/** @import { FrozenPicture, PlayBlock, PlayPoints, PlayStyle } from "./play" */
/** @import { PlayState } from "./play_link.js" */
import { Family } from "./engine_family.js";
import { EnginePreview, movedTables } from "./engine_preview.js";
import { filled, timeAt } from "./play_family.js";
import { sizesOf } from "./play_points.js";
import { profileOf } from "./prior_profile.js";

const FEW = 60; // trajectories; more are drawn lighter
const LINE_PX = 1.6;
const PADDING = 0.04;
const LEAST_FILLED = 0.5; // of a view that stays
const NO_GROUP = -1;

/** @typedef {Omit<PlayState, "time" | "lang">} Chosen */

/** The engine for what is chosen of prior, schedule, number of trajectories and view. */
export class PlayEngine {
  /**
   * @param {PlayBlock} block
   * @param {Chosen} chosen
   * @param {Interval} view
   * @param {PlayStyle} style
   */
  constructor(block, chosen, view, style) {
    this.block = block;
    this.style = style;
    this.preview = new EnginePreview(tablesOf(block, chosen, view, style));
  }

  /** @param {PlayPoints} points */
  traces(points) {
    return this.preview.traces(points, emptyTraces(this.block, points, this.style));
  }

  /**
   * The prior's density over a view.
   *
   * @param {Interval} view
   */
  profile(view) {
    return profileOf(this.preview.prior, view, this.preview.tables.jumps?.at ?? []);
  }
}

/**
 * @param {PlayBlock} block
 * @param {Chosen} chosen
 * @param {Interval} view
 * @param {PlayStyle} style
 * @returns {PreviewTables}
 */
function tablesOf(block, { motion, schedule, trajectories }, view, style) {
  if (!block.engine) throw new Error("a frozen picture has no engine");
  const { times, jumps, prior, family: own, cells, means } = block.engine;
  const launch = block.launches.find(({ count }) => count === trajectories) ?? block.launches[0];
  const other = block.schedules.find(({ name }) => name === schedule);
  const table = filled(other?.table ?? own);
  const [family, first] = [new Family(table), other?.table ? new Family(filled(own)) : null];
  const nodes = (/** @type {Float64Array} */ at) =>
    nodesAt(family, first ? at.map((t) => sameTime(first, family, t)) : at);
  const tables = {
    ...{ prior, family: table, starts: launch.starts, nodes: nodes(times) },
    jumps: jumps && { at: jumps.at, height: jumps.height, nodes: nodes(jumps.times) },
    ...{ view, cells, means, by: block.by, colours: style.colours, faint: style.faint },
  };
  return movedTables(tables, motion);
}

/**
 * Straight-line times, scales and shifts at times t; at 0 all is at data points.
 *
 * @param {Family} family
 * @param {Float64Array} times
 * @returns {NodeTable}
 */
function nodesAt(family, times) {
  const rows = Array.from(times, (t) => {
    return t === 0 ? { t, u: 0, scale: 1, shift: 0 } : { t, ...family.at(t) };
  });
  const column = (/** @type {"t" | "u" | "scale" | "shift"} */ name) =>
    Float64Array.from(rows, (row) => row[name]);
  return { t: column("t"), u: column("u"), scale: column("scale"), shift: column("shift") };
}

/**
 * The time at which another family is as far as the first one at t.
 *
 * @param {Family} first
 * @param {Family} other
 * @param {number} t
 */
function sameTime(first, other, t) {
  return t === 0 || t === 1 ? t : timeAt(other, first.at(t).u);
}

/**
 * Traces without arrays, to be filled.
 *
 * @param {PlayBlock} block
 * @param {PlayPoints} points
 * @param {PlayStyle} style
 * @returns {FanTraces}
 */
function emptyTraces({ show, infinite }, points, style) {
  const none = new Float32Array();
  const color = points.x.map((_, i) => style.points[i % style.points.length]);
  return {
    heat: { type: "heatmap", x: none, y: none, z: [], opacity: Number(show.heatmap) },
    points: { type: "scatter", y: none, marker: { size: sizesOf(points.w), color } },
    arrows: undefined,
    fans: [{ trace: lineTrace(show.fan), nodes: 0, count: 0 }],
    jumps: null,
    infinite,
  };
}

/**
 * @param {boolean} visible
 * @returns {LineTrace}
 */
function lineTrace(visible) {
  const none = new Float64Array();
  const line = { color: "", width: LINE_PX, dash: "solid" };
  return { type: "scatter", name: "fan", meta: [], x: none, y: none, line, opacity: 1, visible };
}

/**
 * With many trajectories each is drawn lighter.
 *
 * @param {FanTraces} traces
 */
export function lightened(traces) {
  const count = traces.fans.reduce((sum, fan) => sum + fan.count, 0);
  const opacity = count <= FEW ? 0.9 : 0.65;
  const fans = traces.fans.map((fan) => ({ ...fan, trace: { ...fan.trace, opacity } }));
  return { ...traces, fans };
}

/**
 * The core's own picture.
 *
 * @param {PlayBlock} block
 * @param {FrozenPicture} frozen
 * @param {PlayStyle} style
 * @returns {FanTraces}
 */
export function frozenTraces(block, { t, x, group, reached, p, jumps }, style) {
  const empty = emptyTraces(block, block.points, style);
  const [low, high] = block.view;
  const centres = (/** @type {number} */ n, /** @type {number} */ from, /** @type {number} */ to) =>
    Float32Array.from({ length: n }, (_, k) => from + ((to - from) * (k + 0.5)) / n);
  const groups = [...new Set(group)].sort((a, b) => a - b);
  const fans = groups.map((colour) => {
    const chosen = [...group.keys()].filter((q) => group[q] === colour);
    const meta = chosen.map((q) => reached[q]);
    return { ...frozenFan(chosen, { t, x }, empty.fans[0].trace, colour, style, meta) };
  });
  return {
    ...empty,
    heat: { ...empty.heat, x: centres(p[0].length, 0, 1), y: centres(p.length, low, high), z: p },
    points: { ...empty.points, y: Float64Array.from(block.points.x) },
    fans,
    jumps,
  };
}

/**
 * @param {number[]} chosen
 * @param {Pick<FrozenPicture, "t" | "x">} picture
 * @param {LineTrace} like
 * @param {number} colour
 * @param {PlayStyle} style
 * @param {(number | null)[]} meta
 * @returns {Fan}
 */
function frozenFan(chosen, { t, x }, like, colour, style, meta) {
  const count = t.length;
  const gap = [Number.NaN];
  const rows = chosen.flatMap((q) => [...x.subarray(q * count, (q + 1) * count), ...gap]);
  const times = chosen.flatMap(() => [...t, ...gap]);
  const drawn =
    colour === NO_GROUP
      ? { color: style.faint, dash: "6px,4px" }
      : { color: style.colours[colour % style.colours.length], dash: "solid" };
  const [xs, ys] = [Float64Array.from(times), Float64Array.from(rows)];
  const trace = { ...like, x: xs, y: ys, meta, line: { ...like.line, ...drawn } };
  return { trace, nodes: count, count: chosen.length };
}

/**
 * The view of what is shown: the one there is, unless something lies outside or most of it is empty.
 *
 * @param {Interval} view
 * @param {Interval} prior what is seen of it
 * @param {number[]} x data points
 * @param {Fan[]} fans
 * @returns {Interval}
 */
export function fittedView(view, prior, x, fans) {
  let [low, high] = [Math.min(prior[0], ...x), Math.max(prior[1], ...x)];
  for (const { trace, nodes, count } of fans) {
    for (let q = 0; q < count; q++) {
      const line = trace.y.subarray(q * (nodes + 1), (q + 1) * (nodes + 1) - 1);
      const start = line[nodes - 1];
      if (start < prior[0] || start > prior[1]) continue; // from a far tail
      [low, high] = [Math.min(low, ...line), Math.max(high, ...line)];
    }
  }
  const extent = high - low;
  const holds = low >= view[0] && high <= view[1];
  if (holds && extent >= LEAST_FILLED * (view[1] - view[0])) return view;
  const step = 10 ** Math.floor(Math.log10(Math.max(extent, 1e-9) / 4)) / 4;
  const pad = PADDING * extent;
  const rounded = (/** @type {number} */ value) => Number(value.toPrecision(9));
  return [
    rounded(Math.floor((low - pad) / step) * step),
    rounded(Math.ceil((high + pad) / step) * step),
  ];
}
