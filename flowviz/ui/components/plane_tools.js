// What the hand holds over the plane: points, a brush, a question; and a word written as points.
import { element, svg } from "./runtime.js";

const SPACING = 0.02; // of the view, between the points of a stroke
const LETTERS = 160; // points a written word is drawn with, about

export class Tools {
  /** @param write called with places when a word was written; `heard`, when a tool is chosen */
  constructor(write) {
    this.chosen = "points";
    this.buttons = {};
    this.node = element("div", { className: "fv-tools", role: "toolbar" });
    for (const name of ["points", "brush", "probe"]) {
      const button = element("button", { type: "button" });
      button.dataset.tool = name;
      button.addEventListener("click", () => this.#choose(name));
      this.buttons[name] = button;
      this.node.append(button);
    }
    this.text = element("input", { type: "text", maxLength: 12 });
    this.go = element("button", { type: "button" });
    const done = () => {
      const places = written(this.text.value.trim(), this.view);
      if (places.length) write(places);
    };
    this.go.addEventListener("click", done);
    this.text.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !event.isComposing) done();
    });
    this.node.append(element("span", { className: "fv-write" }, this.text, this.go));
    this.heard = () => {};
    this.#choose("points");
  }

  update(words, view) {
    this.view = view;
    for (const [name, button] of Object.entries(this.buttons)) {
      [button.textContent, button.title] = words[name];
    }
    [this.text.placeholder, this.go.textContent] = words.write;
    this.text.setAttribute("aria-label", words.write[0]);
  }

  #choose(name) {
    this.chosen = name;
    for (const [key, button] of Object.entries(this.buttons)) {
      button.setAttribute("aria-pressed", String(key === name));
    }
    this.heard();
  }
}

/** Short numbers: about a four-hundredth of the view. */
function rounded(at, view) {
  const grid = 10 ** Math.floor(Math.log10((view[1] - view[0]) / 400));
  return at.map((value) => Number((Math.round(value / grid) * grid).toFixed(6)));
}

/** A word as points in the middle of the view: letters painted out of sight, their ink sampled. */
export function written(word, view) {
  if (!word) return [];
  const canvas = element("canvas", { width: 600, height: 200 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.font = "bold 150px system-ui, sans-serif";
  const wide = Math.min(1, 580 / context.measureText(word).width);
  const width = Math.max(200, wide * context.measureText(word).width);
  context.font = `bold ${150 * wide}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(word, 300, 105);
  const { data } = context.getImageData(0, 0, 600, 200);
  const ink = (x, y) => data[4 * (Math.round(y) * 600 + Math.round(x)) + 3] > 128;
  let filled = 0;
  for (let k = 3; k < data.length; k += 4) filled += data[k] > 128;
  const step = Math.max(2, Math.sqrt(filled / LETTERS));
  const [lowX, highX, lowY, highY] = view;
  const scale = (0.8 * (highX - lowX)) / width;
  const out = [];
  for (let y = step / 2, row = 0; y < 199; y += step, row++) {
    for (let x = step / 2 + (row % 2) * (step / 2); x < 599; x += step) {
      if (!ink(x, y)) continue;
      out.push(rounded([(lowX + highX) / 2 + (x - 300) * scale, (lowY + highY) / 2 - (y - 100) * scale], view));
    }
  }
  return out;
}

/** Points along the pointer's way, shown while it moves, said when it lets go. */
export function brush(box, layer, plane) {
  let places = null;
  let last = null;
  const add = (event) => {
    const at = plane.toData(event);
    const pixel = plane.toPixel(at);
    const far = !last || Math.hypot(pixel[0] - last[0], pixel[1] - last[1]) > SPACING * plane.side();
    if (!far || !plane.inside(at) || places.length >= 500) return;
    last = pixel;
    places.push(at);
    layer.append(svg("circle", { cx: pixel[0], cy: pixel[1], r: 3, fill: "currentColor" }));
  };
  box.addEventListener("pointerdown", (event) => {
    if (!plane.on() || event.button > 0) return;
    event.preventDefault();
    box.setPointerCapture(event.pointerId);
    [places, last] = [[], null];
    add(event);
  });
  box.addEventListener("pointermove", (event) => places && add(event));
  for (const end of ["pointerup", "pointercancel"]) {
    box.addEventListener(end, () => {
      if (!places) return;
      layer.replaceChildren();
      const drawn = places.map((at) => at.map((value) => Number(value.toPrecision(4))));
      places = null;
      if (drawn.length) plane.done(drawn);
    });
  }
}
