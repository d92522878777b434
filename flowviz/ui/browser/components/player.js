// Time, in the browser alone: a range input under the plane, play and pause, speed.
// Generation runs from t = 1 (prior) to t = 0 (data), and so does the player.
/** @import { Playback, Texts } from "./types" */
import { isSeen, markSeen, prefersLessMotion } from "./first_sight.js";
import { clamp } from "./interpolation.js";
import { listenToKeys } from "./keys.js";
import { fixed } from "./number.js";
import { element, label } from "./runtime.js";
import { shownTime } from "./time_view.js";

const CROSSING_S = 5; // seconds from t = 1 to t = 0 at speed 1
const LONGEST_STEP_S = 0.1; // a tab that was hidden goes on where it stood
const SPEEDS = [0.25, 0.5, 1, 2];
const LOOP = " loop"; // ends the value of a speed at which play begins again
const ROOM_PX = 9; // between readings, and before the time
const LAST_S = 1; // the data are shown before it does

export class Player {
  /** @type {number | null} when the last step was, in ms */
  #last = null;
  /** @type {Texts | undefined} */
  #texts;
  /** Whether the visitor has moved the time: play goes on from there, and from t = 1 before. */
  #chosen = false;
  /** Where play ends: at the data, or at the scene's time where it begins by itself. */
  #end = 0;
  /** Seconds since a loop reached its end. */
  #waited = 0;

  /** @param {(t: number) => void} show called at every change */
  constructor(show) {
    this.show = show;
    this.t = 1;
    this.playing = false;
    /** Whether the time is held by a pointer. */
    this.held = false;
    this.button = element("button", { type: "button", className: "fv-play" });
    const range = { type: "range", min: 0, max: 1, step: 0.001, className: "fv-time" };
    this.range = element("input", range);
    this.output = element("output", { className: "fv-t" });
    this.speed = element("select", { className: "fv-speed" });
    const once = SPEEDS.map((value) =>
      element("option", { value, textContent: `${value}×`, selected: value === 1 }),
    );
    const again = SPEEDS.map((value) =>
      element("option", { value: `${value}${LOOP}`, textContent: `${value}× ↻` }),
    );
    this.loops = element("optgroup", {}, ...again);
    this.speed.append(...once, this.loops);
    /** Right of the range input; what has no room there stands below. */
    this.readings = element("div", { className: "fv-readings" }, this.output, this.speed);
    const controls = [this.button, this.range, this.readings];
    this.node = element("div", { className: "fv-bar" }, ...controls);
    this.#listen();
    listenToKeys(this);
  }

  /** Whether the time changes by itself or is held. */
  get moving() {
    return this.playing || this.held;
  }

  #listen() {
    this.range.addEventListener("pointerdown", () => {
      this.held = true;
    });
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      window.addEventListener(end, () => {
        this.held = false;
      });
    }
    this.button.addEventListener("click", () => this.toggle());
    this.range.addEventListener("input", () => this.scrub(Number(this.range.value)));
    this.speed.addEventListener("change", () => this.announce());
    this.range.addEventListener("change", () => this.announce());
  }

  /**
   * Put the range input exactly under a plane: its thumb stands under the time line. Without room
   * right of it for all readings in a row, the controls take the whole width.
   *
   * @param {number} left of the plane, in pixels from the left end
   * @param {number} span
   */
  alignTo(left, span) {
    const { style, classList, clientWidth } = this.node;
    style.setProperty("--fv-left", `${left}px`);
    style.setProperty("--fv-span", `${span}px`);
    const parts = [...this.readings.children].filter((part) => part.checkVisibility());
    const widths = parts.map((part) => part.getBoundingClientRect().width + ROOM_PX);
    const needed = widths.reduce((a, b) => a + b, ROOM_PX);
    classList.toggle("fv-full", clientWidth - left - span < needed);
  }

  /** @param {Texts} texts */
  label(texts) {
    this.#texts = texts;
    this.range.setAttribute("aria-label", texts.time);
    label(this.speed, texts.speed);
    this.loops.label = texts.loop;
    this.#labelButton();
    this.#writeTime();
  }

  /** @param {Partial<Playback>} playback */
  start({ time = 1, speed = 1 }) {
    const offered = [...this.speed.options].some((option) => Number(option.value) === speed);
    if (offered) this.speed.value = String(speed);
    this.set(time);
  }

  /**
   * To a time that the visitor chooses; `announce` says which it was in the end.
   *
   * @param {number} t
   */
  scrub(t) {
    this.#chosen = true;
    this.pause();
    this.set(t);
  }

  /** @param {number} t */
  set(t) {
    this.t = clamp(t, 0, 1);
    this.range.value = String(this.t);
    this.#writeTime();
    this.show(this.t);
  }

  #writeTime() {
    this.output.value = `t = ${fixed(shownTime(this.t), 3)}`;
    this.range.setAttribute("aria-valuetext", this.output.value);
  }

  toggle() {
    if (this.playing) return this.pause();
    if (this.t <= 0 || !this.#chosen) this.set(1);
    this.#chosen = true;
    this.#play(0);
  }

  /**
   * Play to a time at which there is something to see, and stand there: for what was made just now.
   *
   * @param {number} end
   */
  present(end) {
    this.#chosen = false;
    this.set(prefersLessMotion() ? end : 1);
    if (this.t > end) this.#play(end);
  }

  /** @param {number} end */
  #play(end) {
    this.#end = end;
    this.playing = true;
    this.#last = null;
    this.#labelButton();
    requestAnimationFrame((now) => this.#step(now));
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.#labelButton();
    if (this.#chosen) this.announce();
  }

  /**
   * Play by itself to the scene's time: once for a visitor, when the picture comes into view, until
   * anything is pressed. Not where a link has a time, or where less motion is preferred.
   *
   * @param {string} picture
   */
  introduce(picture) {
    if (isSeen(picture) || this.#chosen || opensAtATime() || prefersLessMotion()) return;
    const sight = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      sight.disconnect();
      if (this.#chosen || this.moving) return;
      markSeen(picture);
      const end = this.t;
      this.set(1);
      this.#play(end);
      for (const press of ["pointerdown", "keydown"]) {
        const stop = () => this.#chosen || this.pause();
        window.addEventListener(press, stop, { once: true, capture: true });
      }
    });
    sight.observe(this.range);
  }

  /** @param {number} now in ms */
  #step(now) {
    if (!this.playing) return;
    if (!this.button.isConnected) return this.pause(); // the page was left
    const elapsed = this.#last === null ? 0 : (now - this.#last) / 1000;
    this.#last = now;
    this.#advance(Math.min(elapsed, LONGEST_STEP_S));
    if (this.t <= this.#end && !this.#again) return this.pause();
    requestAnimationFrame((next) => this.#step(next));
  }

  /** Whether play begins again at its end. */
  get #again() {
    return this.#chosen && this.speed.value.endsWith(LOOP);
  }

  get #rate() {
    return Number.parseFloat(this.speed.value);
  }

  /** @param {number} seconds */
  #advance(seconds) {
    if (this.t > this.#end) {
      this.#waited = 0;
      this.set(Math.max(this.#end, this.t - (seconds * this.#rate) / CROSSING_S));
      return;
    }
    this.#waited += seconds;
    if (this.#waited > LAST_S) this.set(1);
  }

  #labelButton() {
    if (!this.#texts) return;
    this.button.textContent = this.playing ? "❚❚" : "▶";
    label(this.button, this.playing ? this.#texts.pause : this.#texts.play);
  }

  /** The link holds the time and the speed, with no message to the server: `copy_link.js` listens. */
  announce() {
    const detail = { time: String(Number(this.t.toFixed(3))), speed: String(this.#rate) };
    window.dispatchEvent(new CustomEvent("flowviz:playback", { detail }));
  }
}

/** Whether the link that was opened has a time; later the address has that of the scene. */
function opensAtATime() {
  const [{ name }] = performance.getEntriesByType("navigation");
  return new URL(name).searchParams.has("time");
}
