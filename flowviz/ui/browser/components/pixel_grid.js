// A grid of 8 × 8 pixels in which an image is drawn: by mouse, by finger, or by the keyboard.
/** @import { Component, PixelGridContent } from "./types" */
import { element } from "./runtime.js";

const SIDE = 8;
const LEVELS = 15;
const MOST_UNDONE = 100;
/** @type {Record<string, [number, number] | undefined>} rows and columns to go */
const STEPS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  Home: [0, -SIDE],
  End: [0, SIDE],
};

/** @type {WeakMap<HTMLElement, PixelGrid>} */
const grids = new WeakMap();

/** @type {Component<PixelGridContent>} */
export default function pixelGrid({ data, parentElement, setStateValue }) {
  if (!data) return;
  const grid = grids.get(parentElement) ?? new PixelGrid(parentElement);
  grids.set(parentElement, grid);
  grid.update(data, (image) => setStateValue("drawn", { rev: Date.now(), image }));
}

class PixelGrid {
  /** From 0, paper, to 15, ink; row by row. */
  levels = blank();
  /** @type {number[][]} the drawing before each stroke, the last one at the end */
  #before = [];
  /** @type {{ id: number, level: number, at: number } | null} the stroke of a mouse or a finger */
  #stroke = null;
  /** The pixel that the keyboard is on. */
  #at = 0;
  /** @type {Record<string, string>} */
  #texts = {};
  /** @type {(image: string) => void} */
  #send = () => {};

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.pixels = Array.from({ length: SIDE * SIDE }, () => element("div", { role: "gridcell" }));
    const rows = Array.from({ length: SIDE }, (_, row) =>
      element("div", { role: "row" }, ...this.pixels.slice(row * SIDE, (row + 1) * SIDE)),
    );
    this.cells = element("div", { className: "fv-pixels", role: "grid" }, ...rows);
    this.inkName = element("span");
    this.ink = element("input", { type: "range", min: "1", max: String(LEVELS) });
    this.ink.value = String(LEVELS);
    const ink = element("label", {}, this.inkName, this.ink);
    this.undo = this.#button(() => this.#back());
    this.clear = this.#button(() => this.#paint(blank()));
    this.add = this.#button(() => this.#onAdd());
    const buttons = element("div", { className: "fv-pixel-row" }, this.add, this.undo, this.clear);
    this.help = element("p");
    this.status = element("p", { role: "status" });
    const side = element("div", {}, ink, buttons, this.status, this.help);
    parent.append(element("div", { className: "fv-pixel-grid" }, this.cells, side));
    this.#listen();
    this.#draw();
  }

  /**
   * @param {PixelGridContent} content
   * @param {(image: string) => void} send
   */
  update({ texts }, send) {
    this.#texts = texts;
    this.#send = send;
    this.cells.ariaLabel = texts.grid;
    this.inkName.textContent = texts.ink;
    this.undo.textContent = texts.undo;
    this.clear.textContent = texts.clear;
    this.add.textContent = texts.add;
    this.help.textContent = texts.help;
    this.#draw();
  }

  /** @param {() => void} act */
  #button(act) {
    const button = element("button", { type: "button" });
    button.addEventListener("click", act);
    return button;
  }

  #listen() {
    const { cells } = this;
    cells.addEventListener("pointerdown", (event) => this.#onDown(event));
    cells.addEventListener("pointermove", (event) => this.#onMove(event));
    cells.addEventListener("pointerup", (event) => {
      this.#onMove(event); // the last moves may be told with the release alone
      this.#stroke = null;
    });
    cells.addEventListener("pointercancel", () => {
      this.#stroke = null;
    });
    cells.addEventListener("keydown", (event) => {
      if (!this.#onKey(event)) return;
      event.preventDefault();
      event.stopPropagation(); // a letter is a command of Streamlit's elsewhere
    });
  }

  // ------------------------------------------------------------------------- mouse and finger

  /** @param {PointerEvent} event */
  #onDown(event) {
    if (this.#stroke || event.button) return;
    const at = this.#pixelAt(event);
    this.cells.setPointerCapture(event.pointerId);
    event.preventDefault();
    // A stroke that begins where there is this much ink takes it away.
    const ink = Number(this.ink.value);
    const level = this.levels[at] === ink ? 0 : ink;
    this.#remember();
    this.#stroke = { id: event.pointerId, level, at };
    this.levels[at] = level;
    this.#go(at, false);
  }

  /** @param {PointerEvent} event */
  #onMove(event) {
    const stroke = this.#stroke;
    if (!stroke || event.pointerId !== stroke.id) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length ? moves : [event]) {
      const at = this.#pixelAt(move);
      for (const pixel of between(stroke.at, at)) this.levels[pixel] = stroke.level;
      stroke.at = at;
    }
    this.#go(stroke.at, false);
  }

  /** @param {PointerEvent} event */
  #pixelAt({ clientX, clientY }) {
    const { left, top, width, height } = this.cells.getBoundingClientRect();
    return (
      within(((clientY - top) / height) * SIDE) * SIDE + within(((clientX - left) / width) * SIDE)
    );
  }

  // --------------------------------------------------------------------------------- keyboard

  /** @param {KeyboardEvent} event @returns {boolean} whether the key means something here */
  #onKey({ key, ctrlKey, metaKey, altKey }) {
    if (altKey) return false;
    if (ctrlKey || metaKey) return key.toLowerCase() === "z" && this.#back();
    const step = STEPS[key];
    if (step) return this.#go(moved(this.#at, step), true);
    if (key === " " || key === "Enter") {
      const ink = Number(this.ink.value);
      return this.#set(this.levels[this.#at] === ink ? 0 : ink);
    }
    if (key === "Delete" || key === "Backspace") return this.#set(0);
    return /^[0-9a-f]$/i.test(key) && this.#set(Number.parseInt(key, 16));
  }

  /** @param {number} level */
  #set(level) {
    this.#remember();
    this.levels[this.#at] = level;
    return this.#go(this.#at, true);
  }

  /**
   * Go to a pixel, and say what is there.
   *
   * @param {number} at
   * @param {boolean} aloud
   */
  #go(at, aloud) {
    this.#at = at;
    this.#draw();
    if (!aloud) return true;
    this.pixels[at].focus();
    this.status.textContent = this.pixels[at].ariaLabel;
    return true;
  }

  // ------------------------------------------------------------------------------ the drawing

  #remember() {
    this.#before.push(this.levels.slice());
    this.#before.splice(0, this.#before.length - MOST_UNDONE);
  }

  /** @param {number[]} levels */
  #paint(levels) {
    this.#remember();
    this.levels = levels;
    this.#draw();
  }

  #back() {
    this.levels = this.#before.pop() ?? this.levels;
    this.#draw();
    return true;
  }

  #onAdd() {
    const image = Array.from(this.levels, (level) => level.toString(16)).join("");
    const empty = this.levels.every((level) => level === 0);
    this.status.textContent = empty ? this.#texts.empty : "";
    if (empty) return;
    this.#paint(blank());
    this.#send(image);
  }

  #draw() {
    const { pixel = "" } = this.#texts;
    this.pixels.forEach((node, k) => {
      const level = this.levels[k];
      const [row, column] = [Math.floor(k / SIDE) + 1, (k % SIDE) + 1];
      node.style.setProperty("--ink", `${(100 * level) / LEVELS}%`);
      node.dataset.level = String(level);
      node.tabIndex = k === this.#at ? 0 : -1;
      const at = pixel.replace("{row}", String(row)).replace("{column}", String(column));
      node.ariaLabel = at.replace("{level}", String(level));
    });
    this.undo.ariaDisabled = String(this.#before.length === 0);
  }
}

/** @returns {number[]} */
function blank() {
  return Array(SIDE * SIDE).fill(0);
}

/** @param {number} cells */
function within(cells) {
  return Math.min(Math.max(Math.floor(cells), 0), SIDE - 1);
}

/**
 * @param {number} at
 * @param {[number, number]} step
 */
function moved(at, [down, right]) {
  return within(Math.floor(at / SIDE) + down) * SIDE + within((at % SIDE) + right);
}

/**
 * The pixels of a straight line, without the first: a fast hand skips some.
 *
 * @param {number} from
 * @param {number} to
 */
function between(from, to) {
  const [top, left] = [Math.floor(from / SIDE), from % SIDE];
  const [down, right] = [Math.floor(to / SIDE) - top, (to % SIDE) - left];
  const count = Math.max(Math.abs(down), Math.abs(right));
  return Array.from({ length: count }, (_, k) => {
    const part = (k + 1) / count;
    return Math.round(top + part * down) * SIDE + Math.round(left + part * right);
  });
}
