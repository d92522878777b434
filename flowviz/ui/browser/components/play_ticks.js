// Where an axis of the light page has its numbers.
/** @import { Interval } from "./types" */

/**
 * Round numbers in a range, about so many.
 *
 * @param {Interval} range
 * @param {number} most
 */
export function ticksOf([low, high], most) {
  const least = (high - low) / Math.max(1, most);
  const decade = 10 ** Math.floor(Math.log10(least));
  const step = ([1, 2, 5, 10].find((k) => k * decade >= least * (1 - 1e-9)) ?? 10) * decade;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, k) =>
    Number(((first + k) * step).toPrecision(12)),
  );
}
