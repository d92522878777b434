// The answer at the query point of the Plane by the engine.
/** @import { PlaneFlow } from "./engine_plane.js" */
/** @import { Card, Point } from "./types" */
import { number } from "./number.js";
import { cardWith, DIGITS } from "./play_card.js";

/**
 * The answer at a query point of the plane.
 *
 * @param {PlaneFlow} flow
 * @param {number} t
 * @param {Point} at
 * @param {string[]} colours
 * @param {string} velocity its name
 * @returns {Card | null}
 */
export function planeCardOf(flow, t, [x, y], colours, velocity) {
  const found = flow.at(x, y, t);
  const name = (/** @type {number} */ i) =>
    `(${number(flow.x[i], DIGITS)}, ${number(flow.y[i], DIGITS)})`;
  return cardWith(found, name, flow.index, colours, [velocity, ...found.velocity]);
}
