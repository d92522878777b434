// A flow over the plane (x, y) on a stage: by canvases (`plane_paint.js`) while it moves, by Plotly
// (`plane_figure.js`) at rest. What lies over it is its owner's.
/** @import { ColorBar, Figure, Layout, Trace } from "./plotly" */
/** @import { BasinMap, FlowContent, PaintedFlow, Point } from "./types" */
/** @import { Player } from "./player.js" */
import { colourBar } from "./colour_bar.js";
import { number } from "./number.js";
import { planeFigure, pointsTraces } from "./plane_figure.js";
import { highestDensity } from "./plane_flow.js";
import { Painter } from "./plane_paint.js";
import { element, placeNode, svg } from "./runtime.js";
import { titled } from "./saving.js";
import { MODE_BAR_PX, Stage } from "./stage.js";

const NARROW_PX = 400; // no room for a colour bar beside the square
const LETTER = 0.55; // of the font's size: the width of a letter

/**
 * Who shows a flow.
 *
 * @typedef {object} Owner
 * @property {() => boolean} moving as of a `Picture`
 * @property {() => void} align put what lies over the flow where the axes are now
 * @property {() => Trace[]} marks what lies over the flow, for a file
 * @property {() => void} [onDragMode]
 */

export class FlowPicture {
  /** @type {FlowContent | undefined} */
  content;
  /** @type {PaintedFlow | null} */
  flow = null;

  /**
   * @param {Player} player
   * @param {Owner} owner
   */
  constructor(player, owner) {
    this.player = player;
    this.owner = owner;
    this.painter = new Painter();
    this.overlay = svg("svg", { class: "fv-overlay", role: "group" });
    this.scale = element("div", { className: "fv-scale" });
    this.stage = new Stage(this);
    this.stage.append(this.painter.node, this.overlay, this.scale);
    this.axes = this.stage.axes;
  }

  /**
   * @param {FlowContent} content
   * @param {PaintedFlow | null} flow null where there is none yet
   * @param {BasinMap | null} [basins]
   * @returns {Promise<boolean>} whether no newer content came meanwhile
   */
  async update(content, flow, basins = null) {
    Object.assign(this, { content, flow });
    this.painter.node.hidden = !flow;
    if (flow) this.painter.update(flow, content.views, content.style);
    this.painter.paintBasins(basins);
    await this.stage.update(content);
    return content === this.content;
  }

  /**
   * Another flow over the same axes, until the next update.
   *
   * @param {PaintedFlow} flow
   */
  preview(flow) {
    const { views, style } = /** @type {FlowContent} */ (this.content);
    this.flow = flow;
    this.painter.update(flow, views, style);
    this.show();
  }

  /** Show what was last taken. */
  show() {
    this.stage.move();
    this.alignLayers();
  }

  /** @param {number} t */
  showTime(t) {
    this.stage.move();
    this.#paint(t);
  }

  // ------------------------------------------------------------------------------ the stage's picture

  /** The square is as wide as the stage lets it be. */
  measure() {
    const { l, r, t, b } = this.#layout().margin;
    const { clientWidth } = this.stage.node;
    this.stage.node.style.height = `${clientWidth - l - r + t + b}px`;
  }

  /** @returns {Figure} */
  frame() {
    const layout = this.#layout();
    return { data: [colourBar(layout.coloraxis)], layout };
  }

  /** @returns {Figure} */
  figure() {
    const { content, flow, painter, player } = this;
    if (!content) return this.frame();
    if (!flow) return { ...this.frame(), data: pointsTraces(content) };
    const { data, layout } = planeFigure({ content, flow, painter, t: player.t });
    return { data, layout: { ...this.#layout(), images: layout.images } };
  }

  /** The figure as it is saved. */
  saved() {
    const { data, layout } = this.figure();
    const { texts, style } = /** @type {FlowContent} */ (this.content);
    const top = { text: this.scale.textContent, x: 0, y: 1, xanchor: "left", yanchor: "bottom" };
    const note = { ...top, xref: "paper", yref: "paper", showarrow: false };
    const annotations = this.scale.hidden ? [] : [note];
    const title = `${texts.title}   ${this.player.output.value}`;
    const figure = {
      data: [...data, ...this.owner.marks()],
      layout: { ...layout, annotations },
    };
    return titled(figure, title, style.ground);
  }

  moving() {
    return this.owner.moving();
  }

  onDragMode() {
    this.owner.onDragMode?.();
  }

  /** @returns {Layout} */
  #layout() {
    const { layout } = /** @type {FlowContent} */ (this.content).figure;
    const room = this.stage.node.parentElement?.clientWidth ?? 0;
    if (room >= NARROW_PX) return this.#fitTitle(layout);
    const { margin, coloraxis } = layout;
    const narrow = { ...margin, r: margin.t, t: margin.t + MODE_BAR_PX };
    const { colorbar } = coloraxis;
    const beside = coloraxis.showscale && colorbar && colorbar.orientation !== "h";
    if (!beside) return { ...layout, margin: narrow };
    const below = { orientation: "h", y: -0.14, yanchor: "top", x: 0.5, xpad: 0 };
    const title = { ...colorbar.title, side: "bottom" };
    const bar = fitTitle({ ...colorbar, ...below, title }, room - margin.l, layout);
    narrow.b = Math.round(margin.b + (bar.title.text ? 1.3 : 1) * margin.r);
    return { ...layout, margin: narrow, coloraxis: { ...coloraxis, colorbar: bar } };
  }

  /**
   * In a low picture the bar's title would be cut.
   *
   * @param {Layout} layout
   */
  #fitTitle(layout) {
    const { margin, coloraxis } = layout;
    const side = this.stage.node.clientWidth - margin.l - margin.r;
    if (!coloraxis?.colorbar) return layout;
    const colorbar = fitTitle(coloraxis.colorbar, side, layout);
    return { ...layout, coloraxis: { ...coloraxis, colorbar } };
  }

  /** Put canvases, handles and marks where the axes are now. */
  alignLayers() {
    if (!this.axes.drawn) return;
    const { box, view } = this.axes;
    placeNode(this.painter.node, box);
    const { style } = this.scale;
    [style.left, style.top] = [`${box.left + 8}px`, `${box.top + 8}px`];
    if (this.flow) {
      const [lowX, highX, lowY, highY] = this.flow.view;
      const shown = /** @type {Point[]} */ ([
        view[0].map((x) => (x - lowX) / (highX - lowX)),
        view[1].map((y) => (y - lowY) / (highY - lowY)),
      ]);
      this.painter.resize(box, shown);
    }
    this.owner.align();
    this.#paint(this.player.t);
  }

  /** @param {number} t */
  #paint(t) {
    if (!this.content || !this.axes.drawn) return;
    this.painter.show(t);
    this.#showScale(this.content, t);
  }

  /**
   * The density of the last colour: the colour bar says which share of it a colour is. Before the
   * first frame the density is higher than there.
   *
   * @param {FlowContent} content
   * @param {number} t
   */
  #showScale({ texts }, t) {
    const maximum = highestDensity(this.flow, t);
    const least = this.flow?.scale_max?.[0];
    const value = maximum === null ? least : maximum;
    this.scale.hidden = !texts.top || !value || !this.painter.shown.has("density");
    if (this.scale.hidden || !value) return;
    const written = value < Infinity ? number(value) : "∞";
    this.scale.textContent = `${texts.top} ${maximum === null ? ">" : "="} ${written}`;
  }
}

/**
 * The colour bar, without its title where that would be cut.
 *
 * @param {ColorBar} colorbar
 * @param {number} room in pixels
 * @param {Layout} layout
 * @returns {ColorBar}
 */
function fitTitle(colorbar, room, { font }) {
  const text = colorbar.title?.text ?? "";
  const fits = LETTER * text.length * font.size <= room;
  return fits ? colorbar : { ...colorbar, title: { ...colorbar.title, text: "" } };
}
