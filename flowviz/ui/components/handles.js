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
    this.edit = (word) => edit({ ...word, n: this.points.x.length });
    this.points = { x: [], size: [], colour: [], weight: [] };
    this.chosen = 0;
    layer.addEventListener("pointerdown", (event) => this.#grab(event));
    layer.addEventListener("pointermove", (event) => this.#move(event));
    layer.addEventListener("pointerup", (event) => this.#drop(event));
    layer.addEventListener("pointercancel", (event) => this.#drop(event));
    layer.addEventListener("dblclick", (event) => {
      event.stopPropagation();
      this.#remove(this.chosen); // the presses chose it; their capture makes the layer the target
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
    const held = this.#layer.contains(document.activeElement);
    this.points = points;
    this.words = words;
    this.chosen = Math.min(this.chosen, points.x.length - 1);
    this.draw();
    if (held) this.#choose(this.chosen); // the node that had the focus may be gone
  }

  draw() {
    const { x, size, colour, weight } = this.points;
    const total = weight.reduce((sum, w) => sum + w, 0);
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
        class: size[i] < 8 ? "fv-handle fv-small" : "fv-handle",
        display: seen ? "inline" : "none",
        tabindex: i === this.chosen ? 0 : -1,
        "aria-label": this.words.handle
          .replace("{i}", i + 1)
          .replace("{n}", x.length)
          .replace("{w}", ((100 * weight[i]) / total).toFixed(1)),
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
    if (!moved) return;
    // At once a quick picture of where it was dropped, then the full one.
    const word = { op: "move", i: index, x: this.points.x[index] };
    this.edit({ ...word, preview: true, urgent: true });
    this.edit({ ...word, preview: false });
  }

  /** Within the picture, and about a pixel's step: a short number. */
  #onGrid(x) {
    const [low, high] = this.plane.view();
    const grid = 10 ** Math.floor(Math.log10((high - low) / 400));
    return Number((Math.round(Math.min(high, Math.max(low, x)) / grid) * grid).toFixed(6));
  }

  #place(index, x, preview) {
    this.points.x[index] = this.#onGrid(x);
    this.draw();
    this.edit({ op: "move", i: index, x: this.points.x[index], preview });
  }

  #weigh(index, factor) {
    const { weight } = this.points;
    weight[index] = Number((weight[index] * factor).toPrecision(6));
    this.edit({ op: "weigh", i: index, w: weight[index], preview: false });
  }

  /** A new point, where the gutter was clicked; the server gives it the mean weight. */
  add(x) {
    this.edit({ op: "add", x: this.#onGrid(x), preview: false });
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
      PageUp: () => this.#weigh(i, 1.25),
      PageDown: () => this.#weigh(i, 0.8),
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
