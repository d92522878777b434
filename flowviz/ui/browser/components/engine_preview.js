// The Fan's picture by the engine: the traces of the server's quick answer, for other data points.
/** @import { LineTrace } from "./plotly" */
/** @import { Fan, FanTraces, Jumps, NodeTable, PreviewTables } from "./types" */
/** @import { Motion } from "./engine_motion.js" */
import { densityCells } from "./engine_cells.js";
import { Distribution } from "./engine_distribution.js";
import { Family } from "./engine_family.js";
import { LineFlow } from "./engine_line.js";
import { moved, movedPrior, movedStarts } from "./engine_motion.js";

const NO_GROUP = -1; // of trajectories on a separatrix: `flowviz/figures/fan.py`

export class EnginePreview {
  /** @param {PreviewTables} tables */
  constructor(tables) {
    this.tables = tables;
    this.prior = new Distribution(tables.prior);
    this.family = new Family(tables.family);
  }

  /**
   * The flow to data points.
   *
   * @param {{ x: ArrayLike<number>, w: ArrayLike<number> }} points
   */
  flow(points) {
    return new LineFlow(this.prior, this.family, points);
  }

  /**
   * The picture for data points; what else is shown stays as it is.
   *
   * @param {{ x: number[], w: number[] }} points
   * @param {FanTraces} shown
   * @returns {FanTraces}
   */
  traces(points, shown) {
    const { cells, view, means } = this.tables;
    const flow = this.flow(points);
    const [times, rows] = cells;
    const [x, y] = [centres(times, 0, 1), centres(rows, ...view)];
    return {
      ...shown,
      heat: { ...shown.heat, x, y, z: densityCells(flow, times, rows, view, means) },
      points: { ...shown.points, y: Float64Array.from(points.x) },
      fans: this.#fans(flow, points.x, shown.fans),
      jumps: this.#jumps(flow),
    };
  }

  /**
   * @param {LineFlow} flow
   * @param {number[]} x0
   * @param {Fan[]} shown
   */
  #fans(flow, x0, shown) {
    const { starts, nodes } = this.tables;
    const { y, basin } = flow.trajectories(starts, nodes.u);
    const group = this.#groups(starts.x1, basin);
    const like = (shown.find(({ trace }) => trace.line.dash === "solid") ?? shown[0]).trace;
    return [...new Set(group)]
      .sort((a, b) => a - b)
      .map((colour) => {
        const chosen = [...group.keys()].filter((q) => group[q] === colour);
        return this.#fan(
          chosen,
          colour,
          y,
          chosen.map((q) => x0[basin[q]] ?? null),
          like,
        );
      });
  }

  /**
   * The colour of each trajectory, as `flowviz/ui/fan/compute.py` has it.
   *
   * @param {Float64Array} x1
   * @param {Int32Array} basin
   */
  #groups(x1, basin) {
    const { by, colours } = this.tables;
    const order = [...x1.keys()].sort((a, b) => x1[a] - x1[b]);
    /** @type {number[]} */
    const rank = [];
    order.forEach((q, n) => {
      rank[q] = n;
    });
    return Array.from(basin, (i, q) => {
      if (i < 0) return NO_GROUP;
      return by === "basin"
        ? i % colours.length
        : Math.floor((rank[q] * colours.length) / x1.length);
    });
  }

  /**
   * @param {number[]} chosen trajectories
   * @param {number} colour
   * @param {Float64Array} straight positions of the straight-line flow
   * @param {(number | null)[]} meta the data points that they reach
   * @param {LineTrace} like
   * @returns {Fan}
   */
  #fan(chosen, colour, straight, meta, like) {
    const { nodes, colours, faint } = this.tables;
    const { t } = nodes;
    const [count, length] = [t.length, chosen.length * (t.length + 1)];
    const [x, y] = [new Float64Array(length).fill(NaN), new Float64Array(length).fill(NaN)];
    chosen.forEach((q, n) => {
      for (let k = 0; k < count; k++) {
        x[n * (count + 1) + k] = t[k];
        y[n * (count + 1) + k] = this.#position(nodes, k, straight[q * count + k]);
      }
    });
    const none = colour === NO_GROUP;
    const style = none
      ? { color: faint, dash: "6px,4px" }
      : { color: colours[colour], dash: "solid" };
    const trace = { ...like, x, y, meta, line: { ...like.line, ...style } };
    return { trace, nodes: count, count: chosen.length };
  }

  /**
   * As `jumps` of `flowviz/core/field/cells.py`.
   *
   * @param {LineFlow} flow
   * @returns {Jumps | null}
   */
  #jumps(flow) {
    const { jumps } = this.tables;
    if (!jumps) return null;
    /** @type {{ x: number[], height: number[] }} */
    const { x, height } = { x: [], height: [] };
    for (const [i, x0] of flow.x.entries()) {
      for (const [b, at] of jumps.at.entries()) {
        for (const [k, u] of jumps.nodes.u.entries()) {
          x.push(this.#position(jumps.nodes, k, (1 - u) * x0 + u * at));
          height.push((flow.w[i] * jumps.height[b]) / (jumps.nodes.scale[k] * u));
        }
      }
    }
    const t = Float32Array.from(jumps.nodes.t);
    return { t, x: Float32Array.from(x), height: Float32Array.from(height) };
  }

  /**
   * @param {NodeTable} nodes
   * @param {number} k
   * @param {number} y of the straight-line flow
   */
  #position({ scale, shift }, k, y) {
    return scale[k] * y + shift[k];
  }
}

/**
 * The tables with the prior moved. Starts keep their levels.
 *
 * @param {PreviewTables} tables
 * @param {Motion} motion
 * @returns {PreviewTables}
 */
export function movedTables({ prior, starts, jumps, ...tables }, motion) {
  return {
    ...tables,
    prior: movedPrior(prior, motion),
    starts: movedStarts(starts, motion),
    jumps: jumps && {
      at: jumps.at.map((x) => moved(x, motion)),
      height: jumps.height.map((height) => height / motion.stretch),
      nodes: jumps.nodes,
    },
  };
}

/**
 * The largest distance between the trajectories of the engine and those of a packed picture, which are in
 * single precision; NaN where they are not the same ones.
 *
 * @param {Fan[]} ones
 * @param {Fan[]} others
 */
export function largestDifference(ones, others) {
  if (ones.length !== others.length) return Number.NaN;
  let largest = 0;
  for (const [k, { trace }] of ones.entries()) {
    const other = others[k].trace;
    if (trace.y.length !== other.y.length) return Number.NaN;
    trace.y.forEach((y, n) => {
      const away = Math.abs(Math.fround(y) - other.y[n]);
      if (away > largest) largest = away;
    });
  }
  return largest;
}

/**
 * @param {number} count
 * @param {number} low
 * @param {number} high
 */
function centres(count, low, high) {
  return Float64Array.from({ length: count }, (_, k) => low + ((high - low) * (k + 0.5)) / count);
}
