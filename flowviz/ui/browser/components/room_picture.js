// The figure of a room's question on a telephone: what is given, the rest covered. A tap is the answer where one
// is a place on an axis (`flowviz/ui/rooms/sketch.py`).
/** @import { AxisSet } from "./axes.js" */
/** @import { PlaceMark, Texts } from "./types" */
/** @import { RoomSaid, RoomSketch } from "./room" */
import { Axes } from "./axes.js";
import { written } from "./number.js";
import { PlaceMarks } from "./place_marks.js";
import { ticksOf } from "./play_ticks.js";
import { element, setAttributes, svg } from "./runtime.js";

const MARGIN = { left: 46, right: 16, top: 16, bottom: 44 };
const PER_TICK_PX = 55;
const UNITS = 1000; // of the sketch's path, across the figure
const [LEAST_PX, MORE_PX] = [4, 8]; // the radius of a data point, and what its weight adds

class SketchAxes extends Axes {
  /** @type {AxisSet | null} */
  #drawn = null;

  /** @override */
  get drawn() {
    return this.#drawn;
  }

  /** @param {RoomSketch} sketch */
  lay({ x, y, square }) {
    const { clientWidth, clientHeight } = this.stage;
    let width = Math.max(1, clientWidth - MARGIN.left - MARGIN.right);
    let height = Math.max(1, clientHeight - MARGIN.top - MARGIN.bottom);
    if (square) {
      const unit = Math.min(width / (x[1] - x[0]), height / (y[1] - y[0]));
      [width, height] = [unit * (x[1] - x[0]), unit * (y[1] - y[0])];
    }
    this.#drawn = {
      xaxis: { range: x, _offset: MARGIN.left, _length: width },
      yaxis: { range: y, _offset: MARGIN.top, _length: height },
    };
  }
}

export class RoomPicture {
  /** @type {RoomSketch | null} */
  #sketch = null;
  /** @type {Texts} */
  #texts = {};
  /** @type {PlaceMark[]} */
  #marks = [];

  /** @param {(k: number, value: number) => void} put tells the k-th field, from 1, of its place */
  constructor(put) {
    this.stage = element("div", { className: "fp-room-stage" });
    this.hint = element("p", { className: "fp-room-place" });
    this.node = element("div", { hidden: true });
    this.node.append(this.stage, this.hint);
    this.drawing = svg("svg", { class: "fp-room-sketch", "aria-hidden": "true" });
    this.stage.append(this.drawing);
    this.axes = new SketchAxes(this.stage);
    this.places = new PlaceMarks(this.stage, this.axes, (k, value) => {
      this.set(k, value);
      put(k, value);
    });
    new ResizeObserver(() => this.#draw()).observe(this.stage);
  }

  /**
   * @param {RoomSaid | null} said null where nothing is asked
   * @param {Texts} texts
   */
  update(said, texts) {
    this.#sketch = said?.sketch ?? null;
    this.#texts = texts;
    this.node.hidden = !this.#sketch;
    this.hint.textContent = texts.places ?? "";
    this.#marks = (said?.fields ?? []).flatMap(({ axis }, k) => {
      const label = texts[`field.${k + 1}`];
      return axis ? [{ k: k + 1, axis, value: null, label, unput: texts.unput }] : [];
    });
    this.#draw();
  }

  /**
   * What a field has now; nothing is put where it has no number.
   *
   * @param {number} k from 1
   * @param {number} value
   */
  set(k, value) {
    for (const mark of this.#marks) {
      if (mark.k === k) mark.value = Number.isFinite(value) ? value : null;
    }
    this.#place();
  }

  #place() {
    if (this.#sketch) this.places.update({ form: "room", marks: this.#marks });
  }

  #draw() {
    const sketch = this.#sketch;
    if (!sketch || !this.stage.clientWidth) return;
    this.axes.lay(sketch);
    const { left, top, width, height } = this.axes.box;
    const frame = svg("path", { class: "fp-room-axis" });
    frame.setAttribute("d", `M${left},${top}v${height}h${width}`);
    const given = svg("path", { class: "fp-room-given", d: sketch.path });
    const scale = `scale(${width / UNITS},${height / UNITS})`;
    given.setAttribute("transform", `translate(${left},${top}) ${scale}`);
    this.drawing.replaceChildren(given, ...this.#numbers(sketch), frame);
    for (const [x, y, weight] of sketch.points) {
      const [cx, cy] = this.axes.toPixel([x, y]);
      this.drawing.append(svg("circle", { cx, cy, r: LEAST_PX + MORE_PX * weight }));
    }
    if (sketch.covered) this.#cover(sketch.covered);
    if (sketch.mark) {
      const [x, y] = this.axes.toPixel(sketch.mark);
      this.#write("×", x, y + 7, "middle").setAttribute("class", "fp-room-mark");
    }
    this.#place();
  }

  /** @param {RoomSketch} sketch */
  #numbers({ x, y, ticks }) {
    const { left, top, width, height } = this.axes.box;
    const group = svg("g");
    const at = /** @type {[number, string][]} */ (
      ticks.length
        ? ticks.filter((_, k) => k % 2 === 0 || width > PER_TICK_PX * ticks.length)
        : ticksOf(x, width / PER_TICK_PX).map((value) => [value, written(value)])
    );
    const below = top + height;
    for (const [value, text] of at) {
      const [px] = this.axes.toPixel([value, y[0]]);
      this.#write(text, px, below + 16, "middle", group);
    }
    for (const value of ticksOf(y, height / PER_TICK_PX)) {
      const [, py] = this.axes.toPixel([x[0], value]);
      this.#write(written(value), left - 7, py + 4, "end", group);
    }
    this.#write(this.#texts["axis.x"], left + width / 2, below + 36, "middle", group);
    const title = this.#write(this.#texts["axis.y"], 0, 0, "middle", group);
    title.setAttribute("transform", `translate(13,${top + height / 2}) rotate(-90)`);
    return [group];
  }

  /** @param {[number, number, number, number]} covered */
  #cover([x0, x1, y0, y1]) {
    const [left, bottom] = this.axes.toPixel([x0, y0]);
    const [right, top] = this.axes.toPixel([x1, y1]);
    const rect = svg("rect", { class: "fp-room-cover" });
    setAttributes(rect, { x: left, y: top, width: right - left, height: bottom - top });
    this.drawing.append(rect);
    this.#write(this.#texts.covered, (left + right) / 2, (top + bottom) / 2 + 5, "middle");
  }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {"start" | "middle" | "end"} anchor
   * @param {SVGElement} into
   */
  #write(text, x, y, anchor, into = this.drawing) {
    const label = svg("text");
    setAttributes(label, { x, y, "text-anchor": anchor });
    label.textContent = text;
    into.append(label);
    return label;
  }
}
