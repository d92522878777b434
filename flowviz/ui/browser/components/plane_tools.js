// What the pointer does over the plane: set points, brush them, ask; and a word written as points.
/** @import { PlaneContent, PlaneFlow, Point, ToolName } from "./types" */
/** @import { PlotAxes } from "./plot_axes.js" */
import { context2d } from "./canvas.js";
import { roundToPixel } from "./interpolation.js";
import { element, svg } from "./runtime.js";

const SPACING = 0.02; // of the view, between the points of a stroke
const LONGEST = 500; // points of a stroke
const LETTERS = 400; // points a written word is drawn with, about
const [PAGE_WIDTH, PAGE_HEIGHT] = [600, 200]; // pixels that a word is written in

/** @type {ToolName[]} */
const TOOLS = ["points", "brush", "probe"];

export class Tools {
  /** @type {ToolName} */
  chosen = "points";
  /** @type {PlaneFlow["view"]} */
  #view = [0, 1, 0, 1];

  /**
   * @param {(points: Point[]) => void} write called with the points of a word
   * @param {() => void} onChoose called when another tool is chosen
   */
  constructor(write, onChoose) {
    this.buttons = TOOLS.map((name) => {
      const button = element("button", { type: "button" });
      button.dataset.tool = name;
      button.addEventListener("click", () => {
        this.choose(name);
      });
      return { name, button };
    });
    this.text = element("input", { type: "text", maxLength: 12 });
    this.go = element("button", { type: "button" });
    const nodes = this.buttons.map(({ button }) => button);
    const writing = element("span", { className: "fv-write" }, this.text, this.go);
    this.node = element("div", { className: "fv-tools", role: "toolbar" }, ...nodes, writing);
    this.#listen(write);
    this.onChoose = onChoose;
    this.#press("points");
  }

  /** @param {(points: Point[]) => void} write */
  #listen(write) {
    const done = () => {
      const points = pointsOfWord(this.text.value.trim(), this.#view);
      if (points.length) write(points);
    };
    this.go.addEventListener("click", done);
    this.text.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !event.isComposing) done();
    });
  }

  /**
   * @param {PlaneContent["tools"]} texts
   * @param {PlaneFlow["view"]} view
   */
  update(texts, view) {
    this.#view = view;
    for (const { name, button } of this.buttons) [button.textContent, button.title] = texts[name];
    [this.text.placeholder, this.go.textContent] = texts.write;
    this.text.setAttribute("aria-label", texts.write[0]);
  }

  /** @param {ToolName} chosen */
  choose(chosen) {
    this.#press(chosen);
    this.onChoose();
  }

  /** @param {ToolName} chosen */
  #press(chosen) {
    this.chosen = chosen;
    for (const { name, button } of this.buttons) {
      button.setAttribute("aria-pressed", String(name === chosen));
    }
  }
}

/**
 * A word as points in the middle of the view: letters painted out of sight, their ink sampled.
 *
 * @param {string} word
 * @param {PlaneFlow["view"]} view
 * @returns {Point[]}
 */
function pointsOfWord(word, view) {
  if (!word) return [];
  const { data, width } = paintedWord(word);
  const [lowX, highX, lowY, highY] = view;
  const scale = (0.8 * (highX - lowX)) / width;
  return inkedPixels(data).map(([px, py]) => [
    roundToPixel((lowX + highX) / 2 + (px - PAGE_WIDTH / 2) * scale, lowX, highX),
    roundToPixel((lowY + highY) / 2 - (py - PAGE_HEIGHT / 2) * scale, lowX, highX),
  ]);
}

/**
 * The pixels of a word, and how many of them it is wide (a short word as a longer one).
 *
 * @param {string} word
 */
function paintedWord(word) {
  const canvas = element("canvas", { width: PAGE_WIDTH, height: PAGE_HEIGHT });
  const context = context2d(canvas, { willReadFrequently: true });
  context.font = "bold 150px system-ui, sans-serif";
  const natural = context.measureText(word).width;
  const shrink = Math.min(1, (PAGE_WIDTH - 20) / natural);
  context.font = `bold ${150 * shrink}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(word, PAGE_WIDTH / 2, PAGE_HEIGHT / 2 + 5);
  const { data } = context.getImageData(0, 0, PAGE_WIDTH, PAGE_HEIGHT);
  return { data, width: Math.max(PAGE_HEIGHT, shrink * natural) };
}

/**
 * About as many places as a word is to have, in rows that are offset by half a step.
 *
 * @param {Uint8ClampedArray} data RGBA
 * @returns {Point[]}
 */
function inkedPixels(data) {
  const alpha = data.filter((_, k) => k % 4 === 3);
  const filled = alpha.reduce((count, value) => count + Number(value > 128), 0);
  const step = Math.max(2, Math.sqrt(filled / LETTERS));
  /** @type {Point[]} */
  const out = [];
  for (let y = step / 2, row = 0; y < PAGE_HEIGHT - 1; y += step, row++) {
    for (let x = step / 2 + (row % 2) * (step / 2); x < PAGE_WIDTH - 1; x += step) {
      if (alpha[Math.round(y) * PAGE_WIDTH + Math.round(x)] > 128) out.push([x, y]);
    }
  }
  return out;
}

/** Points along the pointer's path: shown while it moves, sent when it is released. */
export class Brush {
  /** @type {Point[] | null} while a stroke is drawn */
  #points = null;
  /** @type {Point | null} the last of them, in pixels */
  #last = null;

  /**
   * @param {HTMLElement} box what is brushed on
   * @param {SVGElement} layer what shows the stroke
   * @param {PlotAxes} axes
   * @param {{ enabled: (event: PointerEvent) => boolean, done: (points: Point[]) => void }} calls
   */
  constructor(box, layer, axes, { enabled, done }) {
    this.layer = layer;
    this.axes = axes;
    box.addEventListener("pointerdown", (event) => {
      if (event.button > 0 || !enabled(event)) return;
      event.preventDefault();
      box.setPointerCapture(event.pointerId);
      [this.#points, this.#last] = [[], null];
      this.#add(event);
    });
    box.addEventListener("pointermove", (event) => this.#add(event));
    box.addEventListener("pointerup", () => this.#end(done));
    box.addEventListener("pointercancel", () => this.#end(done));
  }

  /** @param {PointerEvent} event */
  #add(event) {
    if (!this.#points || this.#points.length >= LONGEST) return;
    const at = this.axes.toData(event);
    const [px, py] = this.axes.toPixel(at);
    if (!this.axes.contains(at) || !this.#isSpaced(px, py)) return;
    this.#last = [px, py];
    this.#points.push(at);
    this.layer.append(svg("circle", { cx: px, cy: py, r: 3, fill: "currentColor" }));
  }

  /**
   * @param {number} px
   * @param {number} py
   */
  #isSpaced(px, py) {
    if (!this.#last) return true;
    const distance = Math.hypot(px - this.#last[0], py - this.#last[1]);
    return distance > SPACING * this.axes.box.width;
  }

  /** @param {(points: Point[]) => void} done */
  #end(done) {
    if (!this.#points) return;
    const drawn = this.#points;
    this.#points = null;
    this.layer.replaceChildren();
    const short = (/** @type {number} */ value) => Number(value.toPrecision(4));
    if (drawn.length) done(drawn.map(([x, y]) => [short(x), short(y)]));
  }
}
