// The scene as it stands, as a link: the parameters of `Scene.to_query`, with what was changed here.
/** @import { PlayBase, PlayPoints } from "./play" */
/** @import { Motion } from "./engine_motion.js" */
import { moved } from "./engine_motion.js";

const GRID = 1e6; // numbers of a link are on a grid of 1e-6

/**
 * @typedef {object} PlayState
 * @property {PlayPoints} points
 * @property {Motion} motion of the prior
 * @property {string} schedule
 * @property {number} trajectories
 * @property {number} time
 * @property {string} lang
 */

/**
 * @param {PlayBase} block
 * @param {PlayState} state
 */
export function queryOf(block, state) {
  const query = new URLSearchParams(block.query);
  if (block.engine) {
    const { x, y, w, labels } = state.points;
    const position = (/** @type {number} */ i) =>
      y ? `(${decimal(x[i])},${decimal(y[i])})` : decimal(x[i]);
    const weight = (/** @type {number} */ i) => (w[i] === 1 ? "" : `*${decimal(w[i])}`);
    const label = (/** @type {number} */ i) => (labels?.[i] ? `@${labels[i]}` : "");
    const items = x.map((_, i) => position(i) + weight(i) + label(i));
    query.set(block.fields.points, items.join(","));
    query.set(block.fields.trajectories, String(state.trajectories));
    for (const [key, text] of priorOf(block, state.motion)) query.set(key, text);
    if (state.schedule !== block.schedule) {
      for (const key of [...query.keys()]) if (key.startsWith("s.")) query.delete(key);
      query.set("schedule", state.schedule);
    }
  }
  query.set("time", decimal(state.time));
  query.set("lang", state.lang);
  return query.toString().replace(/%2[89AC]/g, decodeURIComponent);
}

/**
 * The prior's parameters, moved and stretched with it.
 *
 * @param {PlayBase} block
 * @param {Motion} motion
 * @returns {[key: string, text: string][]}
 */
function priorOf({ prior }, motion) {
  if (motion.shift === 0 && motion.stretch === 1) return [];
  return prior.params.map(({ key, values, role }) => {
    if (typeof values === "string") return [key, values];
    const change = {
      position: (/** @type {number} */ v) => moved(v, motion),
      length: (/** @type {number} */ v) => v * motion.stretch,
      other: (/** @type {number} */ v) => v,
    }[role];
    return [key, values.map((value) => decimal(change(value))).join(",")];
  });
}

/** @param {number} value */
export function decimal(value) {
  return String(Math.round(value * GRID) / GRID);
}
