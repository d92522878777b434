// The answer at the query point by the engine: what `flowviz/ui/widgets/query_card.py` has from the core.
/** @import { Card, Point } from "./types" */
/** @import { LineFlow } from "./engine_line.js" */
import { number, percent } from "./number.js";

const LISTED = 4;
export const DIGITS = 3;
const LOWEST = -700; // below it exp underflows

/**
 * p_t, the velocity as generation goes, and the largest posterior weights; null where p_t is 0.
 *
 * @param {LineFlow} flow
 * @param {Point} at (t, x)
 * @param {string[]} colours of the data points, in turn
 * @param {string} velocity its name
 * @returns {Card | null}
 */
export function cardOf(flow, [t, x], colours, velocity) {
  const found = flow.at(x, t);
  return cardWith(found, (i) => number(flow.x[i], DIGITS), flow.index, colours, [
    velocity,
    found.velocity,
  ]);
}

/**
 * Of what is found at a point.
 *
 * @param {{ logDensity: number, posterior: Float64Array }} found
 * @param {(i: number) => string} nameOf a data point
 * @param {Int32Array} index
 * @param {string[]} colours
 * @param {[name: string, ...components: number[]]} velocity
 * @returns {Card | null}
 */
export function cardWith({ logDensity, posterior }, nameOf, index, colours, [name, ...components]) {
  if (logDensity === Number.NEGATIVE_INFINITY || Number.isNaN(logDensity)) return null;
  const density =
    logDensity > LOWEST ? number(Math.exp(logDensity)) : `10^${Math.round(logDensity / Math.LN10)}`;
  const order = [...posterior.keys()];
  order.sort((a, b) => posterior[b] - posterior[a]);
  const bars = order.slice(0, LISTED).map((i) => ({
    name: nameOf(i),
    share: posterior[i],
    text: percent(posterior[i]),
    colour: colours[index[i] % colours.length],
  }));
  const written = components.map((component) => number(-component, DIGITS));
  const vector = written.length > 1 ? `(${written.join(", ")})` : written[0];
  const values = [`pₜ = ${density}`, `${name} = ${vector}`];
  return { values, bars };
}

/**
 * The same in words, for those who hear it.
 *
 * @param {Card | null} card
 */
export function spoken(card) {
  if (!card) return "";
  return [...card.values, ...card.bars.map(({ name, text }) => `→ ${name}: ${text}`)].join("; ");
}
