// What the browser's engine says of the flows of `tests/engine_fixtures.py`.
/** @import { DistributionTables, SeriesTable, Starts } from "../../flowviz/ui/browser/components/types" */

/**
 * @typedef {object} Asked
 * @property {DistributionTables} prior
 * @property {SeriesTable} family
 * @property {{ x: number[], w: number[] }} points
 * @property {Starts} starts
 * @property {Float64Array} t
 * @property {Float64Array} x a row for each time
 */

/**
 * @param {Uint8Array[]} blocks
 * @param {string} base address of the components
 */
export async function answers(blocks, base) {
  const { unpack } = await import(`${base}/runtime.js`);
  const { Distribution } = await import(`${base}/engine_distribution.js`);
  const { Family } = await import(`${base}/engine_family.js`);
  const { LineFlow } = await import(`${base}/engine_line.js`);
  return blocks.map((block) => {
    const { prior, family, points, starts, t, x } = /** @type {Asked} */ (unpack(block));
    const flow = new LineFlow(new Distribution(prior), new Family(family), points);
    const lens = Array.from(t, (time) => flow.family.at(time));
    const { y, basin } = flow.trajectories(starts, lens.map(({ u }) => u));
    const columns = x.length / t.length;
    const at = Array.from(x, (position, k) => flow.at(position, t[Math.floor(k / columns)]));
    const { scale, shift } = { scale: lens.map((l) => l.scale), shift: lens.map((l) => l.shift) };
    return {
      x: numbers(y.map((value, k) => scale[k % t.length] * value + shift[k % t.length])),
      basin: Array.from(basin),
      log_p: numbers(at.map(({ logDensity }) => logDensity)),
      velocity: numbers(at.map(({ velocity }) => velocity)),
      posterior: at.map(({ posterior }) => numbers(posterior)),
    };
  });
}

/**
 * The density's cells and its jumps, as the engine draws them.
 *
 * @param {Uint8Array[]} blocks of tables and points
 * @param {string} base address of the components
 */
export async function pictures(blocks, base) {
  const { unpack } = await import(`${base}/runtime.js`);
  const { EnginePreview } = await import(`${base}/engine_preview.js`);
  const trace = { line: { color: "", width: 1, dash: "solid" } };
  return blocks.map((block) => {
    const { tables, points } = unpack(block);
    const shown = { heat: {}, points: {}, fans: [{ trace }] };
    const { heat, jumps } = new EnginePreview(tables).traces(points, shown);
    const rows = /** @type {Float32Array[]} */ (heat.z);
    return {
      p: rows.flatMap((row) => numbers(row)),
      x: jumps && numbers(jumps.x),
      height: jumps && numbers(jumps.height),
    };
  });
}

/**
 * JSON has no NaN and no infinity.
 *
 * @param {ArrayLike<number>} values
 */
function numbers(values) {
  return Array.from(values, (value) => (Number.isFinite(value) ? value : String(value)));
}
