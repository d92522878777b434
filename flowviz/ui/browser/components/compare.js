// Two flows from the same starts, side by side, and how far apart their velocities are: three
// squares of the plane (x, y) under one clock. Time is scrubbed here, without the server.
/** @import { CompareContent, PaintedFlow, PanelFlow, PanelName, View } from "./types" */
import { cssGradient } from "./canvas.js";
import { markDrawn } from "./drag_channel.js";
import { Painter } from "./plane_paint.js";
import { Player } from "./player.js";
import { element, mount, placeNode, setColours, svg } from "./runtime.js";

const FLOW_LAYERS = ["lines", "arrows", "particles"];

/** @implements {View<CompareContent>} */
class CompareView {
  /** @type {CompareContent | undefined} */
  content;
  panels = {
    learned: new Panel("learned"),
    exact: new Panel("exact"),
    gap: new Panel("gap"),
  };

  /** @param {HTMLElement} parent */
  constructor(parent) {
    const stages = Object.values(this.panels).map((panel) => panel.node);
    this.row = element("div", { className: "fv-row" }, ...stages);
    this.player = new Player((t) => this.#showTime(t));
    this.bar = element("div", { className: "fv-bar" }, ...this.player.nodes);
    const className = "fv-fan fv-plane fv-compare";
    this.root = element("div", { className }, this.row, this.bar);
    parent.append(this.root);
    new ResizeObserver(() => this.#layout()).observe(this.row);
  }

  /** @param {CompareContent} content */
  update(content) {
    const first = this.content === undefined;
    this.content = content;
    const { accent, ground, ink, faint } = content.style;
    setColours(this.root, { accent, ground, ink, faint });
    this.root.classList.toggle("fv-large", content.large);
    this.player.label(content.texts);
    const { learned, exact, gap } = this.panels;
    learned.update(particleFlow(content, content.learned), FLOW_LAYERS, content);
    exact.update(particleFlow(content, content.exact), FLOW_LAYERS, content);
    gap.update(gapFlow(content), ["density"], withGapColours(content));
    gap.note(content.gap ? content.texts.top : "");
    if (first) this.player.start(content);
    this.#layout();
    markDrawn(this.root, content);
  }

  #layout() {
    if (!this.content || !this.row.clientWidth) return;
    for (const panel of Object.values(this.panels)) panel.layout();
    this.#showTime(this.player.t);
  }

  /** @param {number} t */
  #showTime(t) {
    for (const panel of Object.values(this.panels)) panel.show(t);
  }
}

/**
 * What is the same in every panel, with what a flow has of its own.
 *
 * @param {CompareContent} content
 * @param {PanelFlow | null} flow
 * @returns {PaintedFlow | null}
 */
function particleFlow({ view, nodes, colour }, flow) {
  if (!flow) return null;
  // Fewer than there are colours where the server's budget did not allow all.
  const count = flow.tracks.length / (2 * nodes.length);
  const lines = Int32Array.from({ length: count }, (_, q) => q);
  return { view, nodes, colour: colour.slice(0, count), lines, cells: 1, ...flow };
}

/**
 * @param {CompareContent} content
 * @returns {PaintedFlow | null}
 */
function gapFlow({ view, nodes, gap }) {
  return gap && { view, nodes, tracks: new Uint16Array(0), colour: [], lines: [], ...gap };
}

/**
 * @param {CompareContent} content
 * @returns {CompareContent}
 */
function withGapColours(content) {
  return { ...content, style: { ...content.style, density: content.style.gap } };
}

class Panel {
  /** @type {PaintedFlow | null} */
  flow = null;
  /** @type {CompareContent | undefined} */
  content;

  /** @param {PanelName} name */
  constructor(name) {
    this.name = name;
    this.painter = new Painter();
    this.title = element("div", { className: "fv-title" });
    this.points = svg("svg", { class: "fv-overlay" });
    this.empty = element("div", { className: "fv-empty" });
    this.scale = element("div", { className: "fv-scale" });
    this.gradient = element("i");
    const layers = [this.painter.node, this.points, this.empty, this.scale];
    this.box = element("div", { className: "fv-stage", role: "img" }, ...layers);
    this.node = element("div", { className: "fv-panel" }, this.title, this.box);
  }

  /**
   * @param {PaintedFlow | null} flow
   * @param {string[]} shown
   * @param {CompareContent} content
   */
  update(flow, shown, content) {
    Object.assign(this, { flow, content });
    const { texts, style } = content;
    this.title.replaceChildren(...withIndices(texts[this.name]));
    this.box.setAttribute("aria-label", texts[`${this.name}_alt`]);
    this.empty.textContent = flow ? "" : texts[`${this.name}_nothing`];
    this.painter.node.style.visibility = flow ? "visible" : "hidden";
    if (flow) this.painter.update(flow, shown, style);
  }

  layout() {
    const side = this.box.clientWidth;
    placeNode(this.painter.node, { left: 0, top: 0, width: side, height: side });
    if (this.flow) this.painter.resize({ width: side, height: side });
    if (this.content) this.points.replaceChildren(...pointMarks(this.content, side));
  }

  /** @param {number} t */
  show(t) {
    if (this.flow) this.painter.show(t);
  }

  /**
   * What the colours mean; without a text nothing is shown.
   *
   * @param {string} text
   */
  note(text) {
    this.scale.hidden = !text;
    if (!text || !this.content) return;
    this.gradient.style.background = cssGradient(this.content.style.density);
    this.scale.replaceChildren(this.gradient, text);
  }
}

/**
 * θ is an index wherever it stands.
 *
 * @param {string} title
 */
function withIndices(title) {
  const [head, ...rest] = title.split("θ");
  return [head, ...rest.flatMap((text) => [element("sub", { textContent: "θ" }), text])];
}

/**
 * @param {CompareContent} content
 * @param {number} side of the square, in pixels
 */
function pointMarks({ view: [lowX, highX, lowY, highY], points, style }, side) {
  return Array.from(points.x, (x, i) =>
    svg("circle", {
      cx: ((x - lowX) / (highX - lowX)) * side,
      cy: ((highY - points.y[i]) / (highY - lowY)) * side,
      r: points.size[i] / 2,
      fill: style.basins[i % style.basins.length],
      stroke: style.ground,
      "stroke-width": 1.5,
    }),
  );
}

export default mount(CompareView);
