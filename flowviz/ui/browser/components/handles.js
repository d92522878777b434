// The data points' handles, on the figure's left edge or in the plane: drag to move, click to add,
// double click or Delete to remove, arrow keys to nudge. All handles are one tab stop; the left and
// right arrows select one on the line, PageUp and PageDown in the plane.
/** @import { Edit } from "./messages" */
/** @import { Coordinates, HandleFrame, HandlePoints, Interval, Texts } from "./types" */
/** @import { Selection } from "./selection.js" */
import { HandleMarks } from "./handle_marks.js";
import { clamp, roundToPixel } from "./interpolation.js";

const LIMIT = 1_000_000; // of positions
const SETTLE_MS = 180; // after the last key of a series, request the fine figure
const DRAG_PX = 2; // a shorter movement is a click
const WEIGHT_STEP = 1.25;

/** @typedef {{ index: number, offset: Coordinates, from: Coordinates, moved: boolean }} Drag */

export class Handles {
  #layer;
  #marks;
  #settle = 0;
  /** @type {Drag | null} */
  #drag = null;
  /** @type {HandlePoints} */
  points = { at: [], size: [], colour: [], weight: [] };
  /** @type {Texts | undefined} */
  texts;
  /** Index of the point that the keys move. */
  chosen = 0;

  /**
   * @param {SVGElement} layer the group to draw in
   * @param {HandleFrame} frame
   * @param {(edit: Edit) => void} send
   * @param {Selection} selection of the point that is clicked, until an edit
   */
  constructor(layer, frame, send, selection) {
    this.#layer = layer;
    this.#marks = new HandleMarks(layer);
    this.frame = frame;
    this.selection = selection;
    /** @param {Edit} edit */
    this.edit = (edit) => {
      if (edit.op !== "move") selection.clear();
      send({ ...edit, n: this.points.at.length });
    };
    layer.addEventListener("pointerdown", (event) => this.#onPointerDown(event));
    layer.addEventListener("pointermove", (event) => this.#onPointerMove(event));
    layer.addEventListener("pointerup", () => this.#onPointerUp());
    layer.addEventListener("pointercancel", () => this.#onPointerUp());
    layer.addEventListener("dblclick", (event) => {
      event.stopPropagation();
      this.#remove(this.chosen); // the presses chose it; their capture makes the layer the target
    });
    layer.addEventListener("keydown", (event) => this.#onKeyDown(event));
    // Chromium makes an SVG element with this listener a stop of the tab key, if it is not told otherwise.
    layer.setAttribute("tabindex", "-1");
    layer.addEventListener("focusin", (event) => {
      const index = this.#marks.indexOf(event.target);
      if (index >= 0) this.#choose(index, false);
    });
  }

  get dragging() {
    return this.#drag !== null;
  }

  /**
   * @param {HandlePoints} points
   * @param {Texts} texts
   */
  update(points, texts) {
    const focused = this.#layer.contains(document.activeElement);
    this.points = points;
    this.texts = texts;
    this.chosen = Math.min(this.chosen, points.at.length - 1);
    this.draw();
    if (focused) this.#choose(this.chosen); // the node that had the focus may be gone
  }

  // ------------------------------------------------------------------------------ drawing

  draw() {
    const count = this.points.at.length;
    this.#marks.resize(count);
    const [view, total] = [this.frame.view(), this.#total];
    for (let i = 0; i < count; i++) this.#draw(i, view, total);
  }

  get #total() {
    return this.points.weight.reduce((sum, w) => sum + w, 0);
  }

  /**
   * @param {number} i
   * @param {Interval[]} view
   * @param {number} total
   */
  #draw(i, view, total) {
    const { at, size, colour, weight } = this.points;
    const position = this.#visiblePosition(i, view);
    this.#marks.draw(i, {
      pixel: this.frame.toPixel(position),
      visible: view.every(([low, high], k) => position[k] >= low && position[k] <= high),
      at: at[i],
      range: view[view.length - 1],
      size: size[i],
      colour: colour[i],
      chosen: i === this.chosen,
      number: i + 1,
      count: at.length,
      share: weight[i] / total,
      label: this.texts?.handle ?? "",
    });
  }

  /**
   * A point that is dragged out of the picture waits at its edge.
   *
   * @param {number} i
   * @param {Interval[]} view
   */
  #visiblePosition(i, view) {
    const at = this.points.at[i];
    return this.#drag?.index === i ? at.map((value, k) => clamp(value, ...view[k])) : at;
  }

  /**
   * @param {number} index
   * @param {boolean} [focus]
   */
  #choose(index, focus = true) {
    const [view, total, before] = [this.frame.view(), this.#total, this.chosen];
    this.chosen = index;
    for (const i of [before, index]) if (i < this.points.at.length) this.#draw(i, view, total);
    if (focus) this.#marks.focus(index);
  }

  // ------------------------------------------------------------------------------ pointer

  /** @param {PointerEvent} event */
  #onPointerDown(event) {
    const index = this.#marks.indexOf(event.target);
    if (index < 0 || event.button > 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.#choose(index);
    this.#layer.setPointerCapture(event.pointerId);
    const pressed = this.frame.toData(event);
    const offset = this.points.at[index].map((value, k) => value - pressed[k]);
    this.#drag = { index, offset, from: [event.clientX, event.clientY], moved: false };
  }

  /** @param {PointerEvent} event */
  #onPointerMove(event) {
    const drag = this.#drag;
    if (!drag) return;
    const { index, offset, from } = drag;
    const across = offset.length === 1 ? 0 : event.clientX - from[0]; // on a line, only up and down
    drag.moved ||= Math.hypot(across, event.clientY - from[1]) > DRAG_PX;
    if (!drag.moved) return;
    this.selection.clear();
    const at = this.frame.toData(event).map((value, k) => value + offset[k]);
    this.#move(index, at, true);
  }

  #onPointerUp() {
    const drag = this.#drag;
    this.#drag = null;
    if (drag?.moved) this.#sendMove(drag.index, { preview: false, urgent: true });
    else if (drag) this.selection.toggle(drag.index);
  }

  // ------------------------------------------------------------------------------ edits

  /**
   * In a plane within the picture; on a line up to a picture beyond it, for the next picture holds
   * all points.
   *
   * @param {Coordinates} at
   */
  #allowed(at) {
    const view = this.frame.view();
    return view.map(([low, high], k) => {
      const room = view.length === 1 ? high - low : 0;
      const value = clamp(at[k], Math.max(low - room, -LIMIT), Math.min(high + room, LIMIT));
      return roundToPixel(value, low, high);
    });
  }

  /**
   * Take back the last change of the points, or make it again; the server remembers what they were.
   *
   * @param {"undo" | "redo"} op
   */
  takeStep(op) {
    this.edit({ op, preview: false });
  }

  /**
   * @param {number} i
   * @param {{ preview: boolean, urgent?: boolean }} how
   */
  #sendMove(i, how) {
    this.edit({ op: "move", i, ...named(this.points.at[i]), ...how });
  }

  /**
   * @param {number} index
   * @param {Coordinates} at
   * @param {boolean} preview
   */
  #move(index, at, preview) {
    this.points.at[index] = this.#allowed(at);
    this.#draw(index, this.frame.view(), this.#total);
    this.#sendMove(index, { preview });
  }

  /**
   * @param {number} i
   * @param {number} factor
   */
  #weigh(i, factor) {
    const { weight } = this.points;
    weight[i] = Number((weight[i] * factor).toPrecision(6));
    this.edit({ op: "weigh", i, w: weight[i], preview: false });
  }

  /**
   * A new point, where the picture was clicked; the server gives it the mean weight.
   *
   * @param {Coordinates} at
   */
  add(at) {
    const position = this.#allowed(at);
    this.edit({ op: "add", ...named(position), preview: false });
    // Here at once, so that the next message counts it; the server's picture follows.
    const { size, colour, weight } = this.points;
    this.points.at.push(position);
    size.push(size[size.length - 1]);
    colour.push(colour[colour.length - 1]);
    weight.push(weight[weight.length - 1]);
    this.draw();
  }

  /** @param {number} index */
  #remove(index) {
    this.edit({ op: "remove", i: index, preview: false });
    if (this.points.at.length === 1) return; // the server will say why not
    for (const list of Object.values(this.points)) list.splice(index, 1);
    this.chosen = Math.min(index, this.points.at.length - 1);
    this.draw();
    this.#choose(this.chosen);
  }

  // ------------------------------------------------------------------------------ keys

  /** @param {KeyboardEvent} event */
  #onKeyDown(event) {
    const act = this.#actionOf(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {(() => void) | undefined}
   */
  #actionOf({ key, shiftKey }) {
    const [i, n] = [this.chosen, this.points.at.length];
    const onLine = this.frame.view().length === 1;
    const last = onLine ? 0 : 1;
    const steps = shiftKey ? 10 : 1;
    const nudge = (/** @type {number} */ axis, /** @type {number} */ sign) => () =>
      this.#nudge(i, axis, sign * steps);
    const choose = (/** @type {number} */ step) => () => this.#choose((i + n + step) % n);
    const weigh = (/** @type {number} */ factor) => () => this.#weigh(i, factor);
    const remove = () => this.#remove(i);
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowUp: nudge(last, 1),
      ArrowDown: nudge(last, -1),
      ArrowRight: onLine ? choose(1) : nudge(0, 1),
      ArrowLeft: onLine ? choose(-1) : nudge(0, -1),
      PageUp: onLine ? weigh(WEIGHT_STEP) : choose(-1),
      PageDown: onLine ? weigh(1 / WEIGHT_STEP) : choose(1),
      "+": weigh(WEIGHT_STEP),
      "-": weigh(1 / WEIGHT_STEP),
      Delete: remove,
      Backspace: remove,
    };
    return actions[key];
  }

  /**
   * A two-hundredth of the view for each step; the full picture once the keys rest.
   *
   * @param {number} i
   * @param {number} axis
   * @param {number} steps
   */
  #nudge(i, axis, steps) {
    const [low, high] = this.frame.view()[axis];
    const at = this.points.at[i].slice();
    at[axis] += (steps * (high - low)) / 200;
    this.#move(i, at, true);
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.#sendMove(i, { preview: false }), SETTLE_MS);
  }
}

/**
 * A point's coordinates as a message holds them.
 *
 * @param {Coordinates} at
 */
function named([x, y]) {
  return y === undefined ? { x } : { x, y };
}
