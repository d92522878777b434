// The engine's tables for what is chosen on the light page of the Plane.
/** @import { PlanePlayBlock } from "./play" */
/** @import { PlayState } from "./play_link.js" */
/** @import { Motion } from "./engine_motion.js" */
/** @import { Interval, PaintedFlow, PlanePreviewTables } from "./types" */
import { Family } from "./engine_family.js";
import { moved } from "./engine_motion.js";
import { movedPlaneTables } from "./engine_plane_motion.js";
import { filled, timeAt } from "./play_family.js";

const LEAST_FILLED = 0.5; // of a view that stays
const PADDING = 0.06;

/**
 * @param {PlanePlayBlock} block
 * @param {Omit<PlayState, "time" | "lang">} chosen
 * @param {PaintedFlow["view"]} view
 * @returns {PlanePreviewTables}
 */
export function planeTablesOf(block, { motion, schedule, trajectories }, view) {
  if (!block.engine) throw new Error("a frozen picture has no engine");
  const { u, family: own, prior, x1, ...tables } = block.engine;
  const table = filled(block.schedules.find(({ name }) => name === schedule)?.table ?? own);
  const family = new Family(table);
  const t = u.map((value) => timeAt(family, value));
  const nodes = { t, u, scale: t.map((time) => (time === 0 ? 1 : family.at(time).scale)) };
  const starts = { x1: x1.subarray(0, 2 * trajectories) };
  return movedPlaneTables({ ...tables, view, prior, family: table, nodes, ...starts }, motion);
}

/**
 * The view that there is, unless a data point or the prior lies outside it or most of it is empty.
 *
 * @param {PaintedFlow["view"]} view
 * @param {Interval} range of the prior's coordinates
 * @param {Motion} motion
 * @param {{ x: number[], y: number[] }} points
 * @returns {PaintedFlow["view"]}
 */
export function squareView(view, range, motion, { x, y }) {
  const prior = range.map((end) => moved(end, motion));
  const [lows, highs] = [
    [x, y].map((at) => Math.min(prior[0], ...at)),
    [x, y].map((at) => Math.max(prior[1], ...at)),
  ];
  const side = Math.max(highs[0] - lows[0], highs[1] - lows[1]);
  const holds =
    lows[0] >= view[0] && highs[0] <= view[1] && lows[1] >= view[2] && highs[1] <= view[3];
  if (holds && side >= LEAST_FILLED * (view[1] - view[0])) return view;
  const half = (0.5 + PADDING) * side;
  const [cx, cy] = [0.5 * (lows[0] + highs[0]), 0.5 * (lows[1] + highs[1])];
  return [cx - half, cx + half, cy - half, cy + half];
}
