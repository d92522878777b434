// The data points' handles on the picture's left edge: drag, click to add, double click or Delete
// to remove, arrow keys to nudge. One tab stop for all of them; left and right arrows choose.
import { svg } from "./host.js";

const SETTLE_MS = 180; // after the last key of a run, ask for the full picture

export class Handles {
  #layer;
  #nodes = [];
  #timer = null;
  #drag = null;

  /**
   * @param layer the SVG group to draw in
   * @param plane {toPixel(t, x), toData(px, py), view()}: the picture's coordinates
   * @param edit called with {op, …} words
   */
  constructor(layer, plane, edit) {
    this.#layer = layer;
    this.plane = plane;
    this.edit = edit;
    this.points = { x: [], size: [], colour: [], share: [] };
    this.chosen = 0;
    layer.addEventListener("pointerdown", (event) => this.#grab(event));
    layer.addEventListener("pointermove", (event) => this.#move(event));
    layer.addEventListener("pointerup", (event) => this.#drop(event));
    layer.addEventListener("pointercancel", (event) => this.#drop(event));
    layer.addEventListener("dblclick", (event) => {
      const index = this.#indexOf(event.target);
      event.stopPropagation();
      if (index >= 0) this.#remove(index);
    });
    layer.addEventListener("keydown", (event) => this.#key(event));
    layer.addEventListener("focusin", (event) => {
      const index = this.#indexOf(event.target);
      if (index >= 0) this.#choose(index, false);
    });
  }

  get dragging() {
    return this.#drag !== null;
  }

  update(points, words) {
    this.points = points;
    this.words = words;
    this.chosen = Math.min(this.chosen, points.x.length - 1);
    this.draw();
  }

  draw() {
    const { x, size, colour, share } = this.points;
    while (this.#nodes.length > x.length) this.#nodes.pop().remove();
    while (this.#nodes.length < x.length) {
      const node = svg("circle", { class: "fv-handle", role: "slider" });
      this.#nodes.push(node);
      this.#layer.append(node);
    }
    const [low, high] = this.plane.view();
    this.#nodes.forEach((node, i) => {
      const [px, py] = this.plane.toPixel(0, x[i]);
      const seen = x[i] >= low && x[i] <= high;
      set(node, {
        cx: px,
        cy: py,
        r: Math.max(size[i] / 2, 3),
        fill: colour[i],
        display: seen ? "inline" : "none",
        tabindex: i === this.chosen ? 0 : -1,
        "aria-label": this.words.handle
          .replace("{i}", i + 1)
          .replace("{n}", x.length)
          .replace("{w}", (100 * share[i]).toFixed(1)),
        "aria-valuenow": x[i].toFixed(3),
        "aria-valuemin": low,
        "aria-valuemax": high,
        "aria-orientation": "vertical",
      });
    });
  }

  #indexOf(node) {
    return this.#nodes.indexOf(node);
  }

  #choose(index, focus = true) {
    this.#nodes[this.chosen]?.setAttribute("tabindex", -1);
    this.chosen = index;
    this.#nodes[index]?.setAttribute("tabindex", 0);
    if (focus) this.#nodes[index]?.focus({ preventScroll: true });
  }

  #grab(event) {
    const index = this.#indexOf(event.target);
    if (index < 0 || event.button > 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.#choose(index);
    this.#layer.setPointerCapture(event.pointerId);
    const [, grabbed] = this.plane.toData(event);
    this.#drag = { index, offset: this.points.x[index] - grabbed, moved: false, from: event.clientY };
  }

  #move(event) {
    if (!this.#drag) return;
    if (Math.abs(event.clientY - this.#drag.from) > 2) this.#drag.moved = true;
    if (!this.#drag.moved) return;
    const [, x] = this.plane.toData(event);
    this.#place(this.#drag.index, x + this.#drag.offset, true);
  }

  #drop() {
    if (!this.#drag) return;
    const { index, moved } = this.#drag;
    this.#drag = null;
    if (moved) this.edit({ op: "move", i: index, x: this.points.x[index], preview: false });
  }

  #place(index, x, preview) {
    const [low, high] = this.plane.view();
    const grid = 10 ** Math.floor(Math.log10((high - low) / 400)); // about a pixel, and a short number
    const value = Math.round(Math.min(high, Math.max(low, x)) / grid) * grid;
    this.points.x[index] = Number(value.toFixed(6));
    this.draw();
    this.edit({ op: "move", i: index, x: this.points.x[index], preview });
  }

  #remove(index) {
    this.edit({ op: "remove", i: index, preview: false });
  }

  #key(event) {
    const [low, high] = this.plane.view();
    const n = this.points.x.length;
    const step = ((high - low) / 200) * (event.shiftKey ? 10 : 1);
    const i = this.chosen;
    const act = {
      ArrowUp: () => this.#nudge(i, step),
      ArrowDown: () => this.#nudge(i, -step),
      ArrowRight: () => this.#choose((i + 1) % n),
      ArrowLeft: () => this.#choose((i + n - 1) % n),
      PageUp: () => this.edit({ op: "weigh", i, factor: 1.25, preview: false }),
      PageDown: () => this.edit({ op: "weigh", i, factor: 0.8, preview: false }),
      Delete: () => this.#remove(i),
      Backspace: () => this.#remove(i),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #nudge(index, by) {
    this.#place(index, this.points.x[index] + by, true);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.edit({ op: "move", i: index, x: this.points.x[index], preview: false }),
      SETTLE_MS,
    );
  }
}

function set(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (node.getAttribute(key) !== String(value)) node.setAttribute(key, value);
  }
}
