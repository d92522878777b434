// The cells of a prior: intervals in which p₁ and the smaller tail are polynomials of z, to 1e-12. They are made
// from its tables, for sums over many z without logarithms.
/** @import { LogarithmTable } from "./types" */
/** @import { Side } from "./engine_side.js" */
import { clamp } from "./interpolation.js";

export const CELL_TERMS = 8;
const CELL_TOLERANCE = 1e-12; // relative, and a twentieth of it more for each unit of the logarithm
const NARROWEST = 1e-9; // cell, in w

/** @typedef {{ low: number, high: number, right: boolean, tail: number[], density: number[] }} Cell */

const NODES = Array.from(
  { length: CELL_TERMS },
  (_, k) => -Math.cos((Math.PI * (k + 0.5)) / CELL_TERMS),
);
const CHECKED = [-1, -0.9, -0.55, 0.1, 0.7, 0.95, 1];
/** Values at NODES to coefficients, from the highest power. */
const TO_POWERS = interpolation(NODES);

/**
 * @param {Side} side
 * @returns {Cell[]}
 */
export function cellsOf(side) {
  const ends = side.cellEnds();
  /** @type {Cell[]} */
  const cells = [];
  for (let k = 1; k < ends.length; k++) addCells(side, ends[k - 1], ends[k], cells);
  return cells;
}

/**
 * The cells between two w: halved until the polynomials agree with the tables.
 *
 * @param {Side} side
 * @param {number} from
 * @param {number} to
 * @param {Cell[]} cells
 */
function addCells(side, from, to, cells) {
  const [one, other] = [side.offset(from), side.offset(to)];
  const [low, high] = one < other ? [one, other] : [other, one];
  const [middleOffset, half] = [0.5 * (low + high), 0.5 * (high - low)];
  const logAt = (/** @type {LogarithmTable} */ table, /** @type {number} */ s) =>
    side.logarithm(table, clamp(side.coordinateOf(middleOffset + half * s), from, to));
  const [tail, density] = [side.table.tail, side.table.density].map((table) => {
    const powers = combine(NODES.map((s) => Math.exp(logAt(table, s))));
    const good = CHECKED.every((s) => {
      const log = logAt(table, s);
      const found = powers.reduce((sum, power) => sum * s + power, 0);
      return Math.abs(found * Math.exp(-log) - 1) <= CELL_TOLERANCE * (1 - 0.05 * log);
    });
    return { powers, good };
  });
  if (to - from < NARROWEST || (tail.good && density.good)) {
    cells.push({ low, high, right: side.right, tail: tail.powers, density: density.powers });
    return;
  }
  const middle = 0.5 * (from + to);
  addCells(side, from, middle, cells);
  addCells(side, middle, to, cells);
}

/** @param {number[]} values at NODES */
function combine(values) {
  return TO_POWERS.map((row) => row.reduce((sum, factor, k) => sum + factor * values[k], 0));
}

/**
 * The polynomial with given values at nodes: a row for each of its coefficients, from the highest power, of the
 * factors of the values.
 *
 * @param {number[]} nodes
 */
export function interpolation(nodes) {
  const columns = nodes.map((node, k) => {
    let powers = [1]; // of the product of (s - other)/(node - other), from the lowest
    for (const [j, other] of nodes.entries()) {
      if (j === k) continue;
      const next = [0, ...powers];
      powers.forEach((power, n) => {
        next[n] -= other * power;
      });
      powers = next.map((power) => power / (node - other));
    }
    return powers;
  });
  return nodes.map((_, row) => columns.map((powers) => powers[nodes.length - 1 - row]));
}
