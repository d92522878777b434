// The data points of the light page, and what they were: the edits of `handles.js`, without a server.
/** @import { Edit } from "./messages" */
/** @import { PlayPoints } from "./play" */
import { clamp } from "./interpolation.js";

export const MOST = 100; // points that the engine draws at every move
const [LEAST_WEIGHT, LARGEST_WEIGHT] = [1e-6, 1e6];
// As `marker_sizes` of `flowviz/figures/fan.py`.
const [DIAMETER_PX, SMALLEST] = [{ few: 17, many: 6 }, 1 / 3];

export class PointHistory {
  /** @type {PlayPoints[]} */
  #undo = [];
  /** @type {PlayPoints[]} */
  #redo = [];
  /** @type {PlayPoints} as it was before the edit that goes on */
  #before;

  /** @param {PlayPoints} points */
  constructor(points) {
    this.now = copy(points);
    this.#before = copy(points);
  }

  get possible() {
    return { undo: this.#undo.length > 0, redo: this.#redo.length > 0 };
  }

  /**
   * @param {Edit} edit
   * @returns {boolean} whether the edit is complete
   */
  apply(edit) {
    if (edit.op === "undo") return this.#step(this.#undo, this.#redo);
    if (edit.op === "redo") return this.#step(this.#redo, this.#undo);
    this.#change(edit);
    if (edit.preview) return false;
    this.#keep();
    return true;
  }

  /**
   * Other points altogether.
   *
   * @param {PlayPoints} points
   */
  set(points) {
    this.now = copy(points);
    this.#keep();
  }

  #keep() {
    if (same(this.now, this.#before)) return;
    this.#undo.push(this.#before);
    this.#redo = [];
    this.#before = copy(this.now);
  }

  /**
   * @param {PlayPoints[]} from
   * @param {PlayPoints[]} to
   */
  #step(from, to) {
    const points = from.pop();
    if (points) {
      to.push(this.#before);
      this.now = copy(points);
      this.#before = copy(points);
    }
    return true;
  }

  /** @param {Edit} edit */
  #change(edit) {
    const { x, y, w, labels } = this.now;
    const i = Number(edit.i);
    if (edit.op === "move" && "x" in edit) {
      x[i] = edit.x;
      if (y && edit.y !== undefined) y[i] = edit.y;
    }
    if (edit.op === "weigh") w[i] = clamp(edit.w, LEAST_WEIGHT, LARGEST_WEIGHT);
    if (edit.op === "add" && x.length < MOST) {
      x.push(edit.x);
      y?.push(edit.y ?? 0);
      w.push(w.reduce((sum, weight) => sum + weight, 0) / w.length);
      labels?.push("");
    }
    if (edit.op === "remove" && x.length > 1) {
      x.splice(i, 1);
      y?.splice(i, 1);
      w.splice(i, 1);
      labels?.splice(i, 1);
    }
  }
}

/**
 * Diameters in pixels: area in proportion to weight, but large enough to touch.
 *
 * @param {number[]} w
 */
export function sizesOf(w) {
  const most = Math.max(...w);
  const diameter = DIAMETER_PX[w.length > MOST ? "many" : "few"];
  return w.map((weight) => diameter * Math.max(Math.sqrt(weight / most), SMALLEST));
}

/** @param {PlayPoints} points */
function copy(points) {
  return structuredClone(points);
}

/**
 * @param {PlayPoints} one
 * @param {PlayPoints} other
 */
function same(one, other) {
  const [all, others] = [one, other].map(({ x, y, w, labels }) => String([x, y, w, labels]));
  return all === others;
}
