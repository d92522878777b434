// What the browser's engine says of the flows of `tests/engine_fixtures.py`.
/** @import { DistributionTables, PlanePriorTables, PriorSlider, SeriesTable, Starts } from "../../flowviz/ui/browser/components/types" */

/**
 * @typedef {object} Asked
 * @property {DistributionTables} prior
 * @property {SeriesTable} family
 * @property {{ x: number[], w: number[] }} points
 * @property {Starts} starts
 * @property {Float64Array} t
 * @property {Float64Array} x a row for each time
 * @property {Moved} [moved] the prior has been, since the tables were made
 */
/** @typedef {{ sliders: PriorSlider[], values: number[] }} Moved */

/**
 * @param {Uint8Array[]} blocks
 * @param {string} base address of the components
 */
export async function answers(blocks, base) {
  const { unpack } = await import(`${base}/runtime.js`);
  const { Distribution } = await import(`${base}/engine_distribution.js`);
  const { Family } = await import(`${base}/engine_family.js`);
  const { LineFlow } = await import(`${base}/engine_line.js`);
  const { movedPrior } = await import(`${base}/engine_motion.js`);
  const { motionTo } = await import(`${base}/prior_sliders.js`);
  return blocks.map((block) => {
    const question = /** @type {Asked} */ (unpack(block));
    const { family, points, starts, t, x, moved } = question;
    const motion = moved && motionTo(moved.sliders, moved.values);
    const prior = motion ? movedPrior(question.prior, motion) : question.prior;
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

/**
 * @typedef {object} PlaneAsked
 * @property {PlanePriorTables} prior
 * @property {SeriesTable[]} families
 * @property {{ x: number[], y: number[], w: number[] }} points
 * @property {Float64Array} x1
 * @property {Float64Array} t
 * @property {Float64Array} x a row for each family and each time
 * @property {number} from the first of the times at which values are asked for
 * @property {Moved} [moved] the prior has been, since the tables were made
 */

/**
 * What the engine says of the flows of `tests/engine_plane_fixtures.py`.
 *
 * @param {Uint8Array[]} blocks
 * @param {string} base address of the components
 */
export async function planes(blocks, base) {
  const { unpack } = await import(`${base}/runtime.js`);
  const { Family } = await import(`${base}/engine_family.js`);
  const { PlaneFlow } = await import(`${base}/engine_plane.js`);
  const { movedPlanePrior } = await import(`${base}/engine_plane_motion.js`);
  const { motionTo } = await import(`${base}/prior_sliders.js`);
  return blocks.map((block) => {
    const question = /** @type {PlaneAsked} */ (unpack(block));
    const { families, points, x1, t, x, from, moved } = question;
    const motion = moved && motionTo(moved.sliders, moved.values);
    const prior = motion ? movedPlanePrior(question.prior, motion) : question.prior;
    const flows = families.map((table) => new PlaneFlow(prior, new Family(table), points));
    const asked = t.subarray(from);
    const columns = x.length / (2 * flows.length * asked.length);
    const found = flows.map((flow) => {
      const lens = Array.from(t, (time) => flow.family.at(time));
      return { lens, ...flow.trajectories(x1, lens.map(({ u }) => u)) };
    });
    const values = flows.flatMap((flow, s) =>
      Array.from(asked).flatMap((time, n) =>
        Array.from({ length: columns }, (_, k) => {
          const at = 2 * ((s * asked.length + n) * columns + k);
          const { logDensity, velocity, posterior } = flow.at(x[at], x[at + 1], time);
          return numbers([logDensity, ...velocity, ...posterior]);
        }),
      ),
    );
    return {
      x: found.map(({ lens, y }) =>
        numbers(y.map((value, k) => lens[(k >> 1) % t.length].scale * value)),
      ),
      basin: found.map(({ basin }) => Array.from(basin)),
      error: found.map(({ error }) => numbers(error)),
      values,
    };
  });
}

/**
 * The Plane's picture, as the engine packs it.
 *
 * @param {Uint8Array[]} blocks of tables and points
 * @param {string} base address of the components
 */
export async function planePictures(blocks, base) {
  const { unpack } = await import(`${base}/runtime.js`);
  const { PlanePreview } = await import(`${base}/engine_plane_picture.js`);
  return blocks.map((block) => {
    const { tables, points } = unpack(block);
    const { packed, frames } = new PlanePreview(tables).picture(points);
    for (const t of tables.t) frames.prepare(t);
    const { density, scale_max: top, tracks, colour, reached, lines } = packed;
    const columns = { density, top, tracks, colour, reached, lines };
    return Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, numbers(values)]),
    );
  });
}
