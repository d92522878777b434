// The circles of data points with their labels for screen readers. There may be thousands, and a drag
// moves one, so that unchanged circles are not written again.
/** @import { Coordinates, Interval, Point } from "./types" */
import { fixed } from "./number.js";
import { setAttributes, svg } from "./runtime.js";

const SMALL_PX = 8; // below it a point has no edge, which would hide the points beside it
const LEAST_PX = 4;

/**
 * @typedef {object} Mark
 * @property {Point} pixel where it is drawn
 * @property {boolean} visible
 * @property {Coordinates} at the point's coordinates
 * @property {Interval} range of the last of them
 * @property {number} size diameter in pixels
 * @property {string} colour
 * @property {boolean} chosen whether the tab key stops here
 * @property {number} number from 1
 * @property {number} count of all points
 * @property {number} share of the whole weight
 * @property {string} label with {i}, {n} and {w} for number, count and percent of the weight
 */

export class HandleMarks {
  /** @type {SVGCircleElement[]} */
  #nodes = [];
  /** @type {WeakMap<SVGCircleElement, unknown[]>} what each node shows */
  #shown = new WeakMap();

  /** @param {SVGElement} layer the group to draw in */
  constructor(layer) {
    this.layer = layer;
  }

  /** @param {number} count */
  resize(count) {
    for (const node of this.#nodes.splice(count)) node.remove();
    while (this.#nodes.length < count) {
      const node = svg("circle", { class: "fv-handle", role: "slider" });
      this.#nodes.push(node);
      this.layer.append(node);
    }
  }

  /**
   * @param {number} i
   * @param {Mark} mark
   */
  draw(i, mark) {
    const node = this.#nodes[i];
    if (!node) return;
    const state = Object.values(mark).flat();
    if (this.#shown.get(node)?.every((value, k) => value === state[k])) return;
    this.#shown.set(node, state);
    setAttributes(node, attributesOf(mark));
  }

  /** @param {EventTarget | null} target */
  indexOf(target) {
    return target instanceof SVGCircleElement ? this.#nodes.indexOf(target) : -1;
  }

  /** @param {number} i */
  focus(i) {
    this.#nodes[i]?.focus({ preventScroll: true });
  }
}

/**
 * The diameter of a data point as it is drawn, in pixels.
 *
 * @param {number} size
 */
export function drawnSize(size) {
  return Math.max(size, LEAST_PX);
}

/**
 * The width of its edge.
 *
 * @param {number} size
 * @param {number} usual
 */
export function edgeWidth(size, usual) {
  return size < SMALL_PX ? 0 : usual;
}

/** @param {Mark} mark */
function attributesOf({ pixel, visible, at, range, size, colour, chosen, ...mark }) {
  return {
    cx: pixel[0],
    cy: pixel[1],
    r: drawnSize(size) / 2,
    fill: colour,
    class: size < SMALL_PX ? "fv-handle fv-small" : "fv-handle",
    display: visible ? "inline" : "none",
    tabindex: chosen ? 0 : -1,
    "aria-label": labelOf(mark),
    "aria-valuenow": at[at.length - 1].toFixed(3),
    "aria-valuetext": at.map((value) => fixed(value, 3)).join(", "),
    "aria-valuemin": range[0],
    "aria-valuemax": range[1],
    "aria-orientation": "vertical",
  };
}

/** @param {Pick<Mark, "label" | "number" | "count" | "share">} mark */
function labelOf({ label, number, count, share }) {
  return label
    .replace("{i}", String(number))
    .replace("{n}", String(count))
    .replace("{w}", fixed(100 * share, 1));
}
