// The Fan by the browser's engine while the hand moves something, and how far it was from the server's picture.
/** @import { FanTraces, HandlePoints, PreviewTables, Texts } from "./types" */
import { EnginePreview, largestDifference, movedTables } from "./engine_preview.js";
import { Previews } from "./previews.js";

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
      moved: movedTables,
      draw,
      follow,
    });
    this.points = points;
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
