// Answers that are places on an axis: lines across the figure, put by a tap, dragged, or moved by the arrow keys.
// One that is not put yet is pale and waits inside the axis. The server is told when a hand or the keys rest.
/** @import { Places, PlaceMark } from "./types" */
/** @import { Axes } from "./axes.js" */
import { listenToClicks } from "./clicks.js";
import { clamp, roundToPixel } from "./interpolation.js";
import { written } from "./number.js";
import { setAttributes, svg } from "./runtime.js";

const SETTLE_MS = 250;
const STEPS = 200; // of the keys, across the axis
const GRIP_PX = 9;

export class PlaceMarks {
  /** @type {Places | undefined} */
  #places;
  /** @type {SVGElement[]} */
  #marks = [];
  /** @type {number | null} the mark that is dragged */
  #drag = null;
  #settle = 0;

  /**
   * @param {HTMLElement} stage what the figure is drawn in
   * @param {Axes} axes
   * @param {(k: number, value: number) => void} send of the k-th answer of the form
   */
  constructor(stage, axes, send) {
    this.axes = axes;
    this.send = send;
    this.layer = svg("svg", { class: "fv-places" });
    stage.append(this.layer);
    listenToClicks(stage, (event) => this.#onClick(event));
    this.layer.addEventListener("pointerdown", (event) => this.#onPress(event));
    this.layer.addEventListener("pointermove", (event) => this.#onMove(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      this.layer.addEventListener(name, () => this.#onRelease());
    }
    this.layer.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** @param {Places | undefined} places */
  update(places) {
    const held = this.#drag !== null || this.#settle !== 0;
    // What a hand or the keys are at is newer than what the server has drawn.
    if (!held || places?.form !== this.#places?.form) this.#places = places;
    const count = this.#places?.marks.length ?? 0;
    while (this.#marks.length > count) this.#marks.pop()?.remove();
    while (this.#marks.length < count) this.#marks.push(this.#added());
    this.draw();
  }

  #added() {
    const group = svg("g", { class: "fv-place", role: "slider", tabindex: "0" });
    group.append(svg("line", { class: "fv-place-reach" }), svg("line"), svg("circle"));
    this.layer.append(group);
    return group;
  }

  /** Where the figure's axes are now. */
  draw() {
    if (!this.axes.drawn) return;
    this.#places?.marks.forEach((mark, k) => {
      this.#drawOne(mark, k);
    });
  }

  /**
   * @param {PlaceMark} mark
   * @param {number} k
   */
  #drawOne(mark, k) {
    const { left, top, width, height } = this.axes.box;
    const [low, high] = this.#range(mark);
    const at = this.#at(mark);
    const [x, y] = this.axes.toPixel([at, at]);
    const ends =
      mark.axis === "x"
        ? { x1: x, x2: x, y1: top, y2: top + height }
        : { x1: left, x2: left + width, y1: y, y2: y };
    const group = this.#marks[k];
    const [reach, line, grip] = group.children;
    for (const node of [reach, line]) setAttributes(node, ends);
    setAttributes(grip, { cx: ends.x2, cy: ends.y1, r: GRIP_PX });
    const put = mark.value !== null;
    group.classList.toggle("fv-unput", !put);
    setAttributes(group, {
      "aria-label": mark.label,
      "aria-orientation": mark.axis === "x" ? "horizontal" : "vertical",
      "aria-valuemin": low,
      "aria-valuemax": high,
      "aria-valuenow": at,
      "aria-valuetext": put ? written(at) : mark.unput,
    });
  }

  /** @param {PlaceMark} mark */
  #range({ axis }) {
    return this.axes.view[axis === "x" ? 0 : 1];
  }

  /**
   * Where a mark is, or waits.
   *
   * @param {PlaceMark} mark
   */
  #at(mark) {
    const [low, high] = this.#range(mark);
    if (mark.value !== null) return clamp(mark.value, low, high);
    const alike = this.#places?.marks.filter(({ axis }) => axis === mark.axis) ?? [];
    // Not in the middle, where a covered figure says that it is.
    return low + ((alike.indexOf(mark) + 0.7) / (alike.length + 0.8)) * (high - low);
  }

  /**
   * @param {number} k
   * @param {number} value
   */
  #put(k, value) {
    const mark = this.#places?.marks[k];
    if (!mark) return;
    const [low, high] = this.#range(mark);
    mark.value = roundToPixel(clamp(value, low, high), low, high);
    this.#drawOne(mark, k);
  }

  /** @param {number} k */
  #tell(k) {
    const mark = this.#places?.marks[k];
    if (mark && mark.value !== null) this.send(mark.k, mark.value);
  }

  // ------------------------------------------------------------------------------ hand and keys

  /**
   * A tap puts the place on each axis: the first that is not put, or else the nearest.
   *
   * @param {PointerEvent} event
   */
  #onClick(event) {
    const marks = this.#places?.marks ?? [];
    if (!marks.length || !this.axes.drawn) return;
    const at = this.axes.toData(event);
    if (!this.axes.contains(at)) return;
    for (const axis of /** @type {const} */ (["x", "y"])) {
      const value = at[axis === "x" ? 0 : 1];
      const near = marks
        .map((mark, k) => ({ k, put: mark.value !== null, axis: mark.axis, at: this.#at(mark) }))
        .filter((one) => one.axis === axis)
        .sort(
          (a, b) =>
            Number(a.put) - Number(b.put) || Math.abs(a.at - value) - Math.abs(b.at - value),
        );
      if (!near.length) continue;
      this.#put(near[0].k, value);
      this.#tell(near[0].k);
    }
  }

  /** @param {PointerEvent} event */
  #onPress(event) {
    const k = this.#indexOf(event.target);
    if (k < 0 || event.button > 0) return;
    event.preventDefault();
    this.#marks[k].focus();
    this.layer.setPointerCapture(event.pointerId);
    this.#drag = k;
  }

  /** @param {PointerEvent} event */
  #onMove(event) {
    if (this.#drag === null) return;
    const [x, y] = this.axes.toData(event);
    this.#put(this.#drag, this.#places?.marks[this.#drag].axis === "x" ? x : y);
  }

  #onRelease() {
    const k = this.#drag;
    this.#drag = null;
    if (k === null) return;
    const mark = this.#places?.marks[k];
    if (mark?.value === null) this.#put(k, this.#at(mark)); // pressed where it waits
    this.#tell(k);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const k = this.#indexOf(event.target);
    const mark = this.#places?.marks[k];
    const by = {
      ArrowUp: 1,
      ArrowRight: 1,
      ArrowDown: -1,
      ArrowLeft: -1,
      PageUp: 10,
      PageDown: -10,
    };
    const steps = by[/** @type {keyof typeof by} */ (event.key)];
    if (!mark || !steps) return;
    event.preventDefault();
    event.stopPropagation();
    const [low, high] = this.#range(mark);
    const moved = (steps * (event.shiftKey ? 10 : 1) * (high - low)) / STEPS;
    this.#put(k, this.#at(mark) + moved);
    clearTimeout(this.#settle);
    this.#settle = window.setTimeout(() => {
      this.#settle = 0;
      this.#tell(k);
    }, SETTLE_MS);
  }

  /** @param {EventTarget | null} target */
  #indexOf(target) {
    return this.#marks.findIndex((group) => target instanceof Node && group.contains(target));
  }
}
