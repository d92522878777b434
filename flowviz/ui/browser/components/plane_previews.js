// The Plane by the browser's engine while a data point is dragged, and how far it was from the server's picture.
/** @import { HandlePoints, PlaneContent, PlaneFlow, PlanePreviewTables } from "./types" */
/** @import { FlowPicture } from "./flow_picture.js" */
/** @import { Player } from "./player.js" */
import { stored } from "./density_store.js";
import { largestDifference, PlanePreview } from "./engine_plane_picture.js";
import { number } from "./number.js";
import { element } from "./runtime.js";

const FRAME_MS = 24;
const LEAST = 24; // trajectories of a picture
const FIRST = 60; // the number in the server's quick answer

export class PlanePreviews {
  #shown = false;
  /** @type {PlanePreview | null} */
  #engine = null;
  /** @type {string | null} */
  #name = null;
  /** @type {ReturnType<PlanePreview["picture"]>["frames"] | null} */
  #frames = null;
  #most = FIRST;
  #frame = 0;
  /** @type {() => HandlePoints} */
  #points = () => ({ at: [], size: [], colour: [], weight: [] });

  /**
   * @param {FlowPicture} picture
   * @param {Player} player
   */
  constructor(picture, player) {
    this.picture = picture;
    this.player = player;
    this.node = element("div", { className: "fv-hint fv-difference", hidden: true });
  }

  /** Whether the engine has drawn a picture since the server's last: the checks are of that one. */
  get shown() {
    return this.#shown;
  }

  /** @param {boolean} shown */
  #show(shown) {
    this.#shown = shown;
    document.body.classList.toggle("fv-previewed", shown);
  }

  /**
   * Draw at the next frame, if the engine has the tables of what is shown.
   *
   * @param {string | null} name of the tables
   * @param {() => HandlePoints} points as they are then
   */
  drawSoon(name, points) {
    this.stop();
    if (!this.#current(name)) return false;
    this.#points = points;
    this.#show(true);
    this.#frame = requestAnimationFrame(() => this.draw());
    return true;
  }

  stop() {
    cancelAnimationFrame(this.#frame);
  }

  /** @param {string | null} name */
  #current(name) {
    if (name !== this.#name) {
      /** @type {PlanePreviewTables | undefined} */
      const tables = name ? stored("plane.engine", name) : undefined;
      if (name && !tables) return null;
      this.#engine = tables ? new PlanePreview(tables) : null;
      this.#name = name;
    }
    return this.#engine;
  }

  /** As many trajectories as a frame has time for. */
  draw() {
    if (!this.#engine) return;
    const start = performance.now();
    const { packed, frames } = this.#engine.picture(pointsOf(this.#points()), this.#most);
    this.#frames = frames;
    frames.prepare(this.player.t);
    const spent = Math.max(performance.now() - start, 1);
    this.#most = Math.max(LEAST, Math.round(Math.min(2, FRAME_MS / spent) * this.#most));
    this.picture.preview(packed);
    const { dataset } = this.picture.stage.node;
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
   * @param {HandlePoints} points
   */
  compare({ engine, texts }, flow, points) {
    if (!this.shown) return;
    this.#show(false);
    this.#frames = null;
    const picture = this.#current(engine)?.picture(pointsOf(points));
    const away = picture ? largestDifference(picture.packed, flow) : Number.NaN;
    this.node.hidden = Number.isNaN(away);
    this.node.dataset.error = String(away);
    this.node.textContent = texts.difference.replace("{error}", number(away, 2));
  }
}

/** @param {HandlePoints} points */
function pointsOf({ at, weight }) {
  return { x: at.map(([x]) => x), y: at.map(([, y]) => y), w: weight };
}
