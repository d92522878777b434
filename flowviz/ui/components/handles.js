// The data points' handles, on the picture's left edge or anywhere in a plane: drag, click to add,
// double click or Delete to remove, arrow keys to nudge. One tab stop for all of them; on a line left
// and right arrows choose, in a plane PageUp and PageDown. `points.at` holds one or two coordinates
// a point.
import { svg } from "./runtime.js";

const LIMIT = 1_000_000; // no position is further out
const SETTLE_MS = 180; // after the last key of a run, ask for the full picture

export class Handles {
  #layer;
  #nodes = [];
  #timer = null;
  #drag = null;

  /**
   * @param layer the SVG group to draw in
   * @param plane {toPixel(at), toData(event), view()}: the picture's coordinates; a view is a
   *   [low, high] for each coordinate
   * @param edit called with {op, …} words
   */
  constructor(layer, plane, edit) {
    this.#layer = layer;
    this.plane = plane;
    this.edit = (word) => edit({ ...word, n: this.points.at.length });
    this.points = { at: [], size: [], colour: [], weight: [] };
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
    this.chosen = Math.min(this.chosen, points.at.length - 1);
    this.draw();
    if (held) this.#choose(this.chosen); // the node that had the focus may be gone
  }

  draw() {
    const { at } = this.points;
    while (this.#nodes.length > at.length) this.#nodes.pop().remove();
    while (this.#nodes.length < at.length) {
      const node = svg("circle", { class: "fv-handle", role: "slider" });
      this.#nodes.push(node);
      this.#layer.append(node);
    }
    const [view, total] = [this.plane.view(), this.#total];
    for (let i = 0; i < at.length; i++) this.#draw(i, view, total);
  }

  get #total() {
    return this.points.weight.reduce((sum, w) => sum + w, 0);
  }

  /** One handle, unless it stands as it should: a picture may hold thousands, and a hand moves one. */
  #draw(i, view, total) {
    const { at, size, colour, weight } = this.points;
    const node = this.#nodes[i];
    const held = this.#drag?.index === i; // one that is dragged out of the picture waits at its edge
    const place = held ? at[i].map((value, k) => Math.min(view[k][1], Math.max(view[k][0], value))) : at[i];
    const [px, py] = this.plane.toPixel(place);
    const seen = view.every(([low, high], k) => place[k] >= low && place[k] <= high);
    const last = at[i].length - 1;
    const [low, high] = view[last];
    const chosen = i === this.chosen;
    const looks = [px, py, size[i], colour[i], weight[i] / total, seen, chosen, low, high];
    looks.push(at.length, this.words.handle, ...at[i]);
    if (node.looks?.every((value, k) => value === looks[k])) return;
    node.looks = looks;
    set(node, {
      cx: px,
      cy: py,
      r: Math.max(size[i] / 2, 3),
      fill: colour[i],
      class: size[i] < 8 ? "fv-handle fv-small" : "fv-handle",
      display: seen ? "inline" : "none",
      tabindex: chosen ? 0 : -1,
      "aria-label": this.words.handle
        .replace("{i}", i + 1)
        .replace("{n}", at.length)
        .replace("{w}", ((100 * weight[i]) / total).toFixed(1)),
      "aria-valuenow": at[i][last].toFixed(3),
      "aria-valuetext": at[i].map((value) => value.toFixed(3)).join(", "),
      "aria-valuemin": low,
      "aria-valuemax": high,
      "aria-orientation": "vertical",
    });
  }

  #indexOf(node) {
    return this.#nodes.indexOf(node);
  }

  #choose(index, focus = true) {
    const [view, total, before] = [this.plane.view(), this.#total, this.chosen];
    this.chosen = index;
    for (const i of [before, index]) if (this.#nodes[i]) this.#draw(i, view, total);
    if (focus) this.#nodes[index]?.focus({ preventScroll: true });
  }

  #grab(event) {
    const index = this.#indexOf(event.target);
    if (index < 0 || event.button > 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.#choose(index);
    this.#layer.setPointerCapture(event.pointerId);
    const grabbed = this.plane.toData(event);
    const offset = this.points.at[index].map((value, k) => value - grabbed[k]);
    this.#drag = { index, offset, moved: false, from: [event.clientX, event.clientY] };
  }

  #move(event) {
    if (!this.#drag) return;
    const { index, offset, from } = this.#drag;
    const way = [event.clientX - from[0], event.clientY - from[1]];
    if (Math.hypot(...(offset.length === 1 ? way.slice(1) : way)) > 2) this.#drag.moved = true;
    if (!this.#drag.moved) return;
    this.#place(index, this.plane.toData(event).map((value, k) => value + offset[k]), true);
  }

  #drop() {
    if (!this.#drag) return;
    const { index, moved } = this.#drag;
    this.#drag = null;
    if (!moved) return;
    this.edit({ op: "move", i: index, ...this.#named(index), preview: false, urgent: true });
  }

  /** About a pixel's step: short numbers. In a plane within the picture; on a line up to a picture
   * beyond it, for the next picture holds all points. */
  #onGrid(at) {
    const view = this.plane.view();
    return view.map(([low, high], k) => {
      const grid = 10 ** Math.floor(Math.log10((high - low) / 400));
      const room = view.length === 1 ? high - low : 0;
      const value = Math.min(high + room, LIMIT, Math.max(low - room, -LIMIT, at[k]));
      return Number((Math.round(value / grid) * grid).toFixed(6));
    });
  }

  /** Take back the last change of the points; the server remembers what they were. */
  undo() {
    this.edit({ op: "undo", preview: false });
  }

  /** A point's coordinates as a word holds them. */
  #named(index) {
    return named(this.points.at[index]);
  }

  #place(index, at, preview) {
    this.points.at[index] = this.#onGrid(at);
    this.#draw(index, this.plane.view(), this.#total);
    this.edit({ op: "move", i: index, ...this.#named(index), preview });
  }

  #weigh(index, factor) {
    const { weight } = this.points;
    weight[index] = Number((weight[index] * factor).toPrecision(6));
    this.edit({ op: "weigh", i: index, w: weight[index], preview: false });
  }

  /** A new point, where the picture was clicked; the server gives it the mean weight. */
  add(at) {
    const place = this.#onGrid(at);
    this.edit({ op: "add", ...named(place), preview: false });
    // Here at once, so that the next word counts it; the server's picture follows.
    const { at: places, size, colour, weight } = this.points;
    places.push(place);
    for (const list of [size, colour, weight]) list.push(list.at(-1));
    this.draw();
  }

  #remove(index) {
    this.edit({ op: "remove", i: index, preview: false });
    if (this.points.at.length === 1) return; // the server will say why not
    for (const list of Object.values(this.points)) list.splice(index, 1);
    this.chosen = Math.min(index, this.points.at.length - 1);
    this.draw();
    this.#choose(this.chosen);
  }

  #key(event) {
    const view = this.plane.view();
    const n = this.points.at.length;
    const i = this.chosen;
    const line = view.length === 1;
    const nudge = (axis, sign) => () => {
      const [low, high] = view[axis];
      const by = sign * ((high - low) / 200) * (event.shiftKey ? 10 : 1);
      this.#nudge(i, this.points.at[i].map((value, k) => (k === axis ? value + by : value)));
    };
    const choose = (step) => () => this.#choose((i + n + step) % n);
    const weigh = (factor) => () => this.#weigh(i, factor);
    const act = {
      ArrowUp: nudge(view.length - 1, 1),
      ArrowDown: nudge(view.length - 1, -1),
      ArrowRight: line ? choose(1) : nudge(0, 1),
      ArrowLeft: line ? choose(-1) : nudge(0, -1),
      PageUp: line ? weigh(1.25) : choose(-1),
      PageDown: line ? weigh(0.8) : choose(1),
      "+": weigh(1.25),
      "-": weigh(0.8),
      Delete: () => this.#remove(i),
      Backspace: () => this.#remove(i),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #nudge(index, at) {
    this.#place(index, at, true);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.edit({ op: "move", i: index, ...this.#named(index), preview: false }),
      SETTLE_MS,
    );
  }
}

function named([x, y]) {
  return y === undefined ? { x } : { x, y };
}

function set(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (node.getAttribute(key) !== String(value)) node.setAttribute(key, value);
  }
}
