// The Plane by the browser's engine while the hand moves something, and how far it was from the server's picture.
/** @import { HandlePoints, PlaneContent, PlaneFlow, PlanePreviewTables } from "./types" */
/** @import { FlowPicture } from "./flow_picture.js" */
/** @import { Player } from "./player.js" */
import { movedPlaneTables } from "./engine_plane_motion.js";
import { largestDifference, PlanePreview } from "./engine_plane_picture.js";
import { Previews } from "./previews.js";

const FRAME_MS = 12; // to compute and to paint one; the rest of the page takes about 16
const LEAST = 24; // trajectories of a picture
const FIRST = 60; // the number in the server's quick answer

/** @extends {Previews<PlanePreviewTables, PlanePreview>} */
export class PlanePreviews extends Previews {
  /** @type {ReturnType<PlanePreview["picture"]>["frames"] | null} */
  #frames = null;
  #most = FIRST;

  /**
   * @param {FlowPicture} flow
   * @param {Player} player
   * @param {() => HandlePoints} points as they are now
   * @param {() => void} follow what to do when a slider has been moved
   */
  constructor(flow, player, points, follow) {
    super("plane.engine", {
      make: (tables) => new PlanePreview(tables),
      moved: movedPlaneTables,
      draw: () => this.draw(),
      follow,
    });
    this.flow = flow;
    this.player = player;
    this.points = points;
  }

  /** As many trajectories as a frame has time for. */
  draw() {
    const { engine } = this;
    if (!engine) return;
    const start = performance.now();
    const { packed, frames } = engine.picture(pointsOf(this.points()), this.#most);
    this.#frames = frames;
    frames.prepare(this.player.t);
    this.flow.preview(packed);
    const spent = Math.max(performance.now() - start, 1);
    this.#most = Math.max(LEAST, Math.round(Math.min(2, FRAME_MS / spent) * this.#most));
    const { dataset } = this.flow.stage.node;
    dataset.previews = String(Number(dataset.previews ?? 0) + 1);
  }

  /** @param {number} t */
  prepare(t) {
    if (this.shown) this.#frames?.prepare(t);
  }

  /**
   * The server's picture has replaced the engine's: compare all trajectories.
   *
   * @param {PlaneContent} content
   * @param {PlaneFlow} flow
   */
  compare({ texts }, flow) {
    if (!this.shown) return;
    this.#frames = null;
    const picture = this.replaced()?.picture(pointsOf(this.points()));
    this.say(picture ? largestDifference(picture.packed, flow) : Number.NaN, texts.difference);
  }
}

/** @param {HandlePoints} points */
function pointsOf({ at, weight }) {
  return { x: at.map(([x]) => x), y: at.map(([, y]) => y), w: weight };
}
