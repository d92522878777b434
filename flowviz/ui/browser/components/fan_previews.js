// The Fan by the browser's engine while the hand moves something, and how far it was from the server's picture.
/** @import { DistributionTables, FanTraces, HandlePoints, Interval, PreviewTables, Starts, Texts } from "./types" */
/** @import { Axes } from "./axes.js" */
/** @import { Motion } from "./engine_motion.js" */

import { EnginePreview, largestDifference, movedTables } from "./engine_preview.js";
import { Side } from "./engine_side.js";
import { Previews } from "./previews.js";
import { profileOf, profilePath } from "./prior_profile.js";
import { setAttributes, svg } from "./runtime.js";

/** @extends {Previews<PreviewTables, EnginePreview>} */
export class FanPreviews extends Previews {
  /**
   * @param {() => HandlePoints} points as they are now
   * @param {() => void} draw
   * @param {() => void} follow what to do when a slider has been moved
   */
  constructor(points, draw, follow) {
    super("fan.engine", {
      make: (tables) => new EnginePreview(tables),
      moved: followedTables,
      draw,
      follow,
    });
    this.points = points;
    /** The prior's density, in place of Plotly's. */
    this.profile = svg("path", { class: "fv-profile" });
  }

  /**
   * While the engine draws, the prior is where the hand has moved it.
   *
   * @param {Axes} axes
   */
  showProfile(axes) {
    const { xaxis2, yaxis } = axes.axes;
    const { engine } = this;
    if (!this.shown || !engine || !xaxis2) return this.profile.setAttribute("d", "");
    const [low, high] = yaxis.range;
    const { jumps, faint: stroke } = engine.tables;
    const profile = profileOf(engine.prior, [low, high], jumps?.at ?? []);
    setAttributes(this.profile, { d: profilePath(profile, xaxis2, yaxis), stroke });
  }

  /**
   * The traces for what the hand has moved; what else is shown stays.
   *
   * @param {FanTraces} shown
   * @param {EnginePreview | null} [engine]
   */
  traces(shown, engine = this.engine) {
    const { at, weight } = this.points();
    return engine?.traces({ x: at.map(([x]) => x), w: weight }, shown);
  }

  /**
   * The server's picture has replaced the engine's: compare them.
   *
   * @param {FanTraces} shown
   * @param {Texts} texts
   */
  compare(shown, texts) {
    if (!this.shown) return;
    const traces = this.traces(shown, this.replaced());
    const away = traces ? largestDifference(traces.fans, shown.fans) : Number.NaN;
    this.say(away, texts.difference);
  }
}

/**
 * The tables with the prior moved, and starts where the server would have them: at the same levels, or in the
 * middles of equal steps.
 *
 * @param {PreviewTables} tables
 * @param {Motion} motion
 * @returns {PreviewTables}
 */
function followedTables(tables, motion) {
  const followed = movedTables(tables, motion);
  if (tables.launch !== "steps") return followed;
  const { starts, prior, view } = followed;
  return { ...followed, starts: startsInView(prior, starts.x1.length, view) ?? starts };
}

/**
 * Starts at the middles of equal steps of what of the support is in view, as `launch` of the core has them; null
 * where nothing is.
 *
 * @param {DistributionTables} prior
 * @param {number} count
 * @param {Interval} view
 * @returns {Starts | null}
 */
function startsInView(prior, count, view) {
  const low = Math.max(prior.left.edge ?? -Infinity, view[0]);
  const high = Math.min(prior.right.edge ?? Infinity, view[1]);
  if (!(low < high)) return null;
  const x1 = Float64Array.from({ length: count }, (_, k) => {
    return low + ((high - low) * (k + 0.5)) / count;
  });
  const left = new Side(prior.left, prior.median, false);
  const right = new Side(prior.right, prior.median, true);
  return { x1, tail: x1.map((x) => (x < prior.median ? left.tail(x) : -right.tail(x))) };
}
