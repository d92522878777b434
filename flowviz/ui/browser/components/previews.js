// The browser's engine under the hand: it draws while a data point or a slider of the prior is moved, and the
// server's exact picture replaces what it drew. How far it was from that is written below the picture.
/** @import { Followed, PriorSlider } from "./types" */
/** @import { Motion } from "./engine_motion.js" */
import { stored } from "./density_store.js";
import { number } from "./number.js";
import { motionTo, PriorSliders, REST } from "./prior_sliders.js";
import { element } from "./runtime.js";

/**
 * @template {Followed & { prior: object }} Tables
 * @template Engine
 */
export class Previews {
  #shown = false;
  #frame = 0;
  #name = "";
  /** @type {string | null} the name of the server's newest tables, which may not have arrived */
  #newest = null;
  /** @type {Tables | null} */
  #tables = null;
  /** @type {{ motion: Motion, engine: Engine } | null} the last, of the tables */
  #made = null;
  /** @type {Tables | null} those whose prior was last drawn elsewhere */
  #left = null;

  /**
   * @param {string} key of the tables in the store
   * @param {{
   *   make: (tables: Tables) => Engine,
   *   moved: (tables: Tables, motion: Motion) => Tables,
   *   draw: () => void,
   *   follow: () => void,
   * }} picture `follow`: what to do when a slider has been moved
   */
  constructor(key, picture) {
    this.key = key;
    this.picture = picture;
    this.node = element("div", { className: "fv-hint fv-difference", hidden: true });
    this.sliders = new PriorSliders(() => this.#known(), picture.follow);
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
   */
  drawSoon(name) {
    this.stop();
    this.take(name);
    if (!this.engine) return false;
    this.#show(true);
    this.#frame = requestAnimationFrame(this.picture.draw);
    return true;
  }

  stop() {
    cancelAnimationFrame(this.#frame);
  }

  /**
   * The server's newest tables, if they have arrived; null where it alone draws.
   *
   * @param {string | null} name
   */
  take(name) {
    this.#newest = name;
    const wanted = name ?? "";
    if (wanted === this.#name) return;
    /** @type {Tables | undefined} */
    const tables = wanted ? stored(this.key, wanted) : undefined;
    if (tables || !wanted) this.#name = wanted;
    this.#tables = tables ?? null;
    this.#made = null;
    if (tables) this.sliders.settle(this.#slidersOf(tables));
  }

  /** The sliders of the page's picture; none once it is gone. */
  #known() {
    if (!this.node.isConnected) return [];
    this.take(this.#newest);
    return this.#slidersOf(this.#tables);
  }

  /**
   * @param {Tables | null} tables
   * @returns {PriorSlider[]}
   */
  #slidersOf(tables) {
    return tables?.motion?.sliders ?? [];
  }

  #motion() {
    return this.sliders.motion(this.#slidersOf(this.#tables));
  }

  /** Whether a slider stands where the server's picture is not yet. */
  get ahead() {
    const motion = this.#motion();
    return this.#shown && motion !== null && motion !== REST && this.engine !== null;
  }

  /** The engine for where the sliders are; null where there is none. */
  get engine() {
    const [tables, motion] = [this.#tables, this.#motion()];
    if (!tables || !motion) return null;
    const { shift, stretch } = this.#made?.motion ?? {};
    if (!this.#made || shift !== motion.shift || stretch !== motion.stretch) {
      const { make, moved } = this.picture;
      const isMoved = motion !== REST;
      this.#made = { motion, engine: make(isMoved ? moved(tables, motion) : tables) };
      if (isMoved) this.#left = tables;
    }
    return this.#made.engine;
  }

  /**
   * The server's picture is shown. The engine's for the same, from the prior's tables as they were moved to it;
   * null where there is nothing to compare.
   */
  replaced() {
    if (!this.#shown) return null;
    this.#show(false);
    this.stop();
    const [tables, left] = [this.#tables, this.#left];
    this.#left = null;
    const motion = tables && left && motionBetween(left, tables);
    if (!tables || !motion) return this.engine;
    const { make, moved } = this.picture;
    return make({ ...tables, prior: moved(left, motion).prior });
  }

  /**
   * @param {number} away the largest difference; NaN where the two pictures do not show the same
   * @param {string} text with {error}
   */
  say(away, text) {
    this.node.hidden = Number.isNaN(away);
    this.node.dataset.error = String(away);
    this.node.textContent = text.replace("{error}", number(away, 2));
  }
}

/**
 * How far one prior was moved to be another; null where it is more than moved.
 *
 * @param {Followed} one
 * @param {Followed} other
 */
function motionBetween({ motion: one }, { motion: other }) {
  if (!one || one.of !== other?.of) return null;
  return motionTo(
    one.sliders,
    other.sliders.map(({ value }) => value),
  );
}
