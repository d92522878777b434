// p_t(x) at one time, from a heatmap whose columns are times and whose rows are cells of x. Where the
// density jumps is known apart (`core/field/cells.py`): its cells are means over that edge. So the steps
// are taken out of the cells, what is left is continuous and is mixed between two times, and the steps
// are put back at the time asked for.
/** @import { HeatTrace } from "./plotly" */
/** @import { Jumps } from "./types" */
import { bracket, clamp, mix } from "./interpolation.js";

/** @typedef {{ x: number, height: number }} Step */
/** @typedef {Pick<HeatTrace, "x" | "y" | "z">} Cells */

/**
 * As a polyline (p, x), vertical in p where it jumps.
 *
 * @param {Cells} heat
 * @param {number} t
 * @param {Jumps | null | undefined} jumps
 * @returns {[p: number[], x: number[]]}
 */
export function densitySlice(heat, t, jumps) {
  const time = clamp(t, heat.x[0], heat.x[heat.x.length - 1]);
  const columns = bracket(heat.x, heat.x.length, time);
  const known = jumps && heat.x[columns[0]] >= jumps.t[0] ? jumps : null;
  const smooth = withoutSteps(heat, columns, known);
  const steps = stepsAt(known, time).sort((a, b) => a.x - b.x);
  /** @type {[number[], number[]]} */
  const [p, x] = [[], []];
  const add = (/** @type {number} */ value, /** @type {number} */ position) => {
    p.push(Math.max(0, value));
    x.push(position);
  };
  let [level, next] = [0, 0];
  for (let i = 0; i < smooth.length; i++) {
    for (; next < steps.length && steps[next].x <= heat.y[i]; next++) {
      const { x: at, height } = steps[next];
      if (i > 0) {
        const fraction = (at - heat.y[i - 1]) / (heat.y[i] - heat.y[i - 1]);
        const value = mix(smooth[i - 1], smooth[i], fraction) + level;
        add(value, at);
        add(value + height, at);
      }
      level += height;
    }
    add(smooth[i] + level, heat.y[i]);
  }
  return [p, x];
}

/**
 * The cells less the mean of the steps over each, between two columns.
 *
 * @param {Cells} heat
 * @param {[j: number, fraction: number]} columns
 * @param {Jumps | null} jumps
 */
function withoutSteps({ x: times, y, z }, [j, fraction], jumps) {
  const [before, after] = [j, j + 1].map((column) => cellSteps(y, stepsAt(jumps, times[column])));
  return z.map((row, i) => mix((row[j] || 0) - before[i], (row[j + 1] || 0) - after[i], fraction));
}

/**
 * @param {Jumps | null} jumps
 * @param {number} time
 * @returns {Step[]}
 */
function stepsAt(jumps, time) {
  if (!jumps) return [];
  const { t, x, height } = jumps;
  const [j, fraction] = bracket(t, t.length, time);
  const steps = [];
  for (let k = j; k < x.length; k += t.length) {
    // Heights grow like 1/σ_t towards the data, so their inverses are interpolated.
    const inverse = mix(1 / height[k], 1 / height[k + 1], fraction);
    steps.push({ x: mix(x[k], x[k + 1], fraction), height: 1 / inverse });
  }
  return steps;
}

/**
 * The mean of the steps over each cell.
 *
 * @param {ArrayLike<number>} y the cells' centres
 * @param {Step[]} steps
 */
function cellSteps(y, steps) {
  const width = y[1] - y[0];
  const rises = new Float64Array(y.length + 1);
  for (const { x, height } of steps) {
    const place = (x - y[0]) / width + 0.5; // in cells, from the lowest edge
    const cell = Math.floor(place);
    if (cell >= y.length) continue;
    const right = cell < 0 ? 1 : cell + 1 - place; // how much of that cell lies right of the step
    rises[Math.max(0, cell)] += right * height;
    rises[Math.max(0, cell) + 1] += (1 - right) * height;
  }
  let level = 0;
  return rises.map((rise) => {
    level += rise;
    return level;
  });
}
