// A data point that was clicked: the trajectories that reach it stand out, from the prior mass that is
// its own to the point, and the rest of the picture fades. Until it is clicked again, anything else is
// clicked or dragged, or Escape is pressed.
import { listenToClicks } from "./clicks.js";
import { svg } from "./runtime.js";

/** @typedef {[x: number, y: number][]} Polyline in pixels of the stage */

export class Selection {
  /** @type {number | null} index of the data point */
  #selected = null;

  /**
   * @param {HTMLElement} stage
   * @param {(index: number) => { lines: Polyline[], colour: string }} trajectoriesOf
   */
  constructor(stage, trajectoriesOf) {
    this.stage = stage;
    this.trajectoriesOf = trajectoriesOf;
    this.node = svg("path", { class: "fv-selected" });
    listenToClicks(stage, () => this.clear());
    window.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#selected === null || !stage.isConnected) return;
      event.preventDefault();
      this.clear();
    });
  }

  /** @param {number} index */
  toggle(index) {
    this.#selected = this.#selected === index ? null : index;
    this.draw();
  }

  clear() {
    if (this.#selected === null) return;
    this.#selected = null;
    this.draw();
  }

  /** Where the axes are now. */
  draw() {
    this.stage.classList.toggle("fv-selecting", this.#selected !== null);
    const { lines, colour } =
      this.#selected === null ? NOTHING : this.trajectoriesOf(this.#selected);
    this.node.setAttribute("d", lines.map(pathOf).join(""));
    this.node.setAttribute("stroke", colour);
  }
}

/** @type {{ lines: Polyline[], colour: string }} */
const NOTHING = { lines: [], colour: "none" };

/** @param {Polyline} line */
function pathOf(line) {
  return `M${line.map(([px, py]) => `${px.toFixed(1)},${py.toFixed(1)}`).join("L")}`;
}
