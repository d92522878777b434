// The answer at the query point by the engine: what `flowviz/ui/widgets/query_card.py` has from the core.
/** @import { Card, Point } from "./types" */
/** @import { LineFlow } from "./engine_line.js" */
import { number, percent } from "./number.js";

const LISTED = 4;
const DIGITS = 3;
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
  const { logDensity } = found;
  if (logDensity === Number.NEGATIVE_INFINITY || Number.isNaN(logDensity)) return null;
  const density =
    logDensity > LOWEST ? number(found.density) : `10^${Math.round(logDensity / Math.LN10)}`;
  const order = [...found.posterior.keys()];
  order.sort((a, b) => found.posterior[b] - found.posterior[a]);
  const bars = order.slice(0, LISTED).map((i) => ({
    name: number(flow.x[i], DIGITS),
    share: found.posterior[i],
    text: percent(found.posterior[i]),
    colour: colours[flow.index[i] % colours.length],
  }));
  const values = [`pₜ = ${density}`, `${velocity} = ${number(-found.velocity, DIGITS)}`];
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
