// Two flows from the same starts, side by side, and how far apart their velocities are: three
// squares of the plane (x, y) under one clock. Time is scrubbed here, without the server.
import { Painter } from "./plane_paint.js";
import { element, svg, unpack } from "./runtime.js";
import { Player } from "./player.js";

const views = new WeakMap();
const FLOW = ["lines", "arrows", "particles"];

export default function compare({ data, parentElement }) {
  if (!data) return undefined;
  let view = views.get(parentElement);
  if (!view) {
    view = new CompareView(parentElement);
    views.set(parentElement, view);
  }
  view.update(unpack(data));
  return undefined;
}

class CompareView {
  constructor(parent) {
    this.panels = { learned: new Panel(), exact: new Panel(), gap: new Panel() };
    const stages = Object.values(this.panels).map((panel) => panel.node);
    this.row = element("div", { className: "fv-row" }, ...stages);
    this.player = new Player((t) => this.#show(t));
    const { button, range, output, speed } = this.player;
    this.bar = element("div", { className: "fv-bar" }, button, range, output, speed);
    this.root = element("div", { className: "fv-fan fv-plane fv-compare" }, this.row, this.bar);
    parent.append(this.root);
    new ResizeObserver(() => this.#place()).observe(this.row);
  }

  update(content) {
    const first = this.content === undefined;
    this.content = content;
    const { style, words, nodes, colour, view } = content;
    for (const name of ["accent", "ground", "ink", "faint"]) {
      this.root.style.setProperty(`--fv-${name}`, style[name]);
    }
    this.root.classList.toggle("fv-large", content.large);
    this.player.label(words);
    const lines = Int32Array.from(colour, (_, q) => q);
    const still = { view, nodes, colour, lines, cells: 1 };
    for (const name of ["learned", "exact"]) {
      const flow = content[name] && { ...still, ...content[name] };
      this.panels[name].update(flow, FLOW, content, name);
    }
    const gap = content.gap && { ...still, ...content.gap, tracks: [], colour: [], lines: [] };
    const scale = { ...content, style: { ...style, density: style.gap } };
    this.panels.gap.update(gap, ["density"], scale, "gap");
    if (first) this.player.start(content.time, content.speed);
    this.#place();
    this.root.dataset.serial = content.serial;
  }

  #place() {
    if (!this.content || !this.row.clientWidth) return;
    for (const panel of Object.values(this.panels)) panel.place();
    this.#show(this.player.t);
  }

  #show(t) {
    if (!this.content) return;
    for (const panel of Object.values(this.panels)) panel.show(t);
    this.panels.gap.note(this.content.gap ? this.content.words.top : "");
  }
}

class Panel {
  constructor() {
    this.painter = new Painter();
    this.title = element("div", { className: "fv-title" });
    this.points = svg("svg", { class: "fv-overlay" });
    this.empty = element("div", { className: "fv-empty" });
    this.scale = element("div", { className: "fv-scale" });
    this.gradient = element("i");
    this.box = element("div", { className: "fv-stage", role: "img" }, this.painter.node, this.points, this.empty, this.scale);
    this.node = element("div", { className: "fv-panel" }, this.title, this.box);
  }

  update(flow, shown, content, name) {
    Object.assign(this, { flow, content });
    const { words } = content;
    // θ is an index wherever it stands.
    const [head, ...rest] = words[name].split("θ");
    const tail = rest.flatMap((part) => [element("sub", { textContent: "θ" }), part]);
    this.title.replaceChildren(head, ...tail);
    this.box.setAttribute("aria-label", words[`${name}_alt`]);
    this.empty.textContent = flow ? "" : words[`${name}_nothing`];
    this.painter.node.style.visibility = flow ? "visible" : "hidden";
    if (flow) this.painter.update(flow, shown, content.style);
  }

  place() {
    const side = this.box.clientWidth;
    Object.assign(this.painter.node.style, { left: 0, top: 0, width: `${side}px`, height: `${side}px` });
    if (this.flow) this.painter.size(side);
    const [lowX, highX, lowY, highY] = this.content.view;
    const { points, style } = this.content;
    const marks = Array.from(points.x, (x, i) =>
      svg("circle", {
        cx: ((x - lowX) / (highX - lowX)) * side,
        cy: ((highY - points.y[i]) / (highY - lowY)) * side,
        r: points.size[i] / 2,
        fill: style.basins[i % style.basins.length],
        stroke: style.ground,
        "stroke-width": 1.5,
      }),
    );
    this.points.replaceChildren(...marks);
  }

  show(t) {
    if (this.flow) this.painter.show(t);
  }

  /** What the colours mean; nothing to say hides it. */
  note(text) {
    this.scale.hidden = !text;
    if (!text) return;
    const stops = this.content.style.density.map(([at, colour]) => `${colour} ${100 * at}%`);
    this.gradient.style.background = `linear-gradient(90deg, ${stops.join(", ")})`;
    this.scale.replaceChildren(this.gradient, text);
  }
}
