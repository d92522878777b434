// Time, in the browser alone: a range input under the plane, play and pause, speed.
// Generation runs from t = 1 (prior) to t = 0 (data), and so does the player.
import { element } from "./runtime.js";

const CROSSING_S = 5; // seconds from t = 1 to t = 0 at speed 1

export class Player {
  #last = null;

  /** @param show called with t, at every change */
  constructor(show) {
    this.show = show;
    this.t = 1;
    this.playing = false;
    this.button = element("button", { type: "button", className: "fv-play" });
    this.range = element("input", { type: "range", min: 0, max: 1, step: 0.001, className: "fv-time" });
    this.output = element("output", { className: "fv-t" });
    this.speed = element("select", { className: "fv-speed" });
    for (const value of [0.25, 0.5, 1, 2]) {
      this.speed.append(element("option", { value, textContent: `${value}×`, selected: value === 1 }));
    }
    this.button.addEventListener("click", () => this.toggle());
    this.range.addEventListener("input", () => {
      this.pause();
      this.set(Number(this.range.value));
    });
    this.speed.addEventListener("change", () => this.#remember());
    this.range.addEventListener("change", () => this.#remember());
  }

  label(words) {
    this.words = words;
    this.range.setAttribute("aria-label", words.time);
    this.speed.setAttribute("aria-label", words.speed);
    this.speed.title = words.speed;
    this.#face();
  }

  start(t, speed) {
    if ([...this.speed.options].some((o) => Number(o.value) === speed)) this.speed.value = String(speed);
    this.set(t);
  }

  set(t) {
    this.t = Math.min(1, Math.max(0, t));
    this.range.value = String(this.t);
    this.output.value = `t = ${this.t.toFixed(3)}`;
    this.range.setAttribute("aria-valuetext", this.output.value);
    this.show(this.t);
  }

  toggle() {
    if (this.playing) return this.pause();
    if (this.t <= 0) this.set(1);
    this.playing = true;
    this.#last = null;
    this.#face();
    requestAnimationFrame((now) => this.#step(now));
    return undefined;
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.#face();
    this.#remember();
  }

  #step(now) {
    if (!this.playing) return;
    if (!this.button.isConnected) return this.pause(); // the page was left
    const elapsed = this.#last === null ? 0 : (now - this.#last) / 1000;
    this.#last = now;
    this.set(this.t - (Math.min(elapsed, 0.1) * Number(this.speed.value)) / CROSSING_S);
    if (this.t <= 0) return this.pause();
    requestAnimationFrame((next) => this.#step(next));
    return undefined;
  }

  #face() {
    if (!this.words) return;
    const word = this.playing ? this.words.pause : this.words.play;
    this.button.textContent = this.playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", word);
    this.button.title = word;
  }

  /** The link holds the time and the speed, with no word to the server: `copy_link.js` listens. */
  #remember() {
    window.dispatchEvent(
      new CustomEvent("flowviz:view", {
        detail: { time: String(Number(this.t.toFixed(3))), speed: this.speed.value },
      }),
    );
  }
}
