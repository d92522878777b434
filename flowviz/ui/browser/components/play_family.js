// A family as the light page is sent it: without the functions that are 0; and the times of straight-line times.
/** @import { FamilyTable } from "./play" */
/** @import { SeriesTable } from "./types" */
/** @import { Family } from "./engine_family.js" */

import { FUNCTIONS } from "./engine_family.js";
import { TERMS } from "./engine_side.js";

const HALVINGS = 60;

/**
 * A family's table with the functions that are 0.
 *
 * @param {FamilyTable} table
 * @returns {SeriesTable}
 */
export function filled({ edges, functions, series }) {
  const all = new Float64Array((edges.length - 1) * FUNCTIONS * TERMS);
  for (let piece = 0, from = 0; piece < edges.length - 1; piece++) {
    for (const f of functions) {
      all.set(series.subarray(from, from + TERMS), (piece * FUNCTIONS + f) * TERMS);
      from += TERMS;
    }
  }
  return { edges, series: all };
}

/**
 * The time of a straight-line time.
 *
 * @param {Family} family
 * @param {number} u
 */
export function timeAt(family, u) {
  if (u === 0 || u === 1) return u;
  let [low, high] = [Math.log(family.firstT), 0];
  for (let n = 0; n < HALVINGS; n++) {
    const middle = 0.5 * (low + high);
    if (family.at(Math.exp(middle)).u < u) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}
