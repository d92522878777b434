// Time, in the browser alone: a range input under the plane, play and pause, speed.
// Generation runs from t = 1 (prior) to t = 0 (data), and so does the player.
/** @import { Playback, Texts } from "./types" */
import { clamp } from "./interpolation.js";
import { fixed } from "./number.js";
import { element, label } from "./runtime.js";
import { shownTime } from "./time_view.js";

const CROSSING_S = 5; // seconds from t = 1 to t = 0 at speed 1
const LONGEST_STEP_S = 0.1; // a tab that was hidden goes on where it stood

export class Player {
  /** @type {number | null} when the last step was, in ms */
  #last = null;
  /** @type {Texts | undefined} */
  #texts;

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
    for (const value of [0.25, 0.5, 1, 2]) {
      const option = { value, textContent: `${value}×`, selected: value === 1 };
      this.speed.append(element("option", option));
    }
    this.#listen();
  }

  /** Whether the time changes by itself or is held. */
  get moving() {
    return this.playing || this.held;
  }

  /** All controls, in order. */
  get nodes() {
    return [this.button, this.range, this.output, this.speed];
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
    this.range.addEventListener("input", () => {
      this.pause();
      this.set(Number(this.range.value));
    });
    this.speed.addEventListener("change", () => this.announce());
    this.range.addEventListener("change", () => this.announce());
  }

  /** @param {Texts} texts */
  label(texts) {
    this.#texts = texts;
    this.range.setAttribute("aria-label", texts.time);
    label(this.speed, texts.speed);
    this.#labelButton();
    this.#writeTime();
  }

  /** @param {Partial<Playback>} playback */
  start({ time = 1, speed = 1 }) {
    const offered = [...this.speed.options].some((option) => Number(option.value) === speed);
    if (offered) this.speed.value = String(speed);
    this.set(time);
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
    if (this.t <= 0) this.set(1);
    this.playing = true;
    this.#last = null;
    this.#labelButton();
    requestAnimationFrame((now) => this.#step(now));
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.#labelButton();
    this.announce();
  }

  /** Let the space bar, on a data point's handle, do what the button does. */
  listenToSpace(/** @type {HTMLElement} */ root) {
    root.addEventListener("keydown", (event) => {
      const onHandle = event.target instanceof Element && event.target.matches(".fv-handle");
      if (event.key !== " " || !onHandle) return;
      event.preventDefault();
      this.toggle();
    });
  }

  /** @param {number} now in ms */
  #step(now) {
    if (!this.playing) return;
    if (!this.button.isConnected) return this.pause(); // the page was left
    const elapsed = this.#last === null ? 0 : (now - this.#last) / 1000;
    this.#last = now;
    const step = Math.min(elapsed, LONGEST_STEP_S) * Number(this.speed.value);
    this.set(this.t - step / CROSSING_S);
    if (this.t <= 0) return this.pause();
    requestAnimationFrame((next) => this.#step(next));
  }

  #labelButton() {
    if (!this.#texts) return;
    this.button.textContent = this.playing ? "❚❚" : "▶";
    label(this.button, this.playing ? this.#texts.pause : this.#texts.play);
  }

  /** The link holds the time and the speed, with no message to the server: `copy_link.js` listens. */
  announce() {
    const detail = { time: String(Number(this.t.toFixed(3))), speed: this.speed.value };
    window.dispatchEvent(new CustomEvent("flowviz:playback", { detail }));
  }
}
