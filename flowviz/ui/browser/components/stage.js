// One picture in two renderings on the same axes, which are Plotly's. While something moves, canvases
// over the plot show it and Plotly's traces of that plot are hidden; at rest the whole figure is
// Plotly's, with its hover, zoom and mode bar, and the canvases are hidden. The change is made when
// Plotly has finished, never while it moves again.
/** @import { Figure, Layout, PlotNode, Plotly } from "./plotly" */
/** @import { Interval, Picture, StageContent } from "./types" */
import { ModeBar } from "./mode_bar.js";
import { PlotAxes } from "./plot_axes.js";
import { element, loadPlotly } from "./runtime.js";

const REST_MS = 40; // without a change; then Plotly draws
/** What the mode bar takes above a narrow picture, where it is always there. */
export const MODE_BAR_PX = 24;
const DOUBLE_MS = 500; // between the presses of a double click

export class Stage {
  /** @type {StageContent | undefined} */
  #content;
  /** @type {Plotly | undefined} */
  #plotly;
  #drawnFrame = "";
  #listening = false;
  #changes = 0;
  #timer = 0;
  #homes = 0;
  /** @type {Interval[] | null} the axes as a visitor zoomed them, until the way home */
  #zoom = null;
  #pressedHandle = false;
  #pressedAt = -DOUBLE_MS;
  /** Whether the last press was the second of two. */
  doubled = false;

  /** @param {Picture} picture */
  constructor(picture) {
    this.picture = picture;
    const plot = element("div", { className: "fv-plot" });
    this.plot = /** @type {PlotNode} */ (plot); // Plotly makes it one
    this.node = element("div", { className: "fv-stage fv-moving" }, plot);
    this.axes = new PlotAxes(this.plot, this.node);
    this.modeBar = new ModeBar(this);
    this.node.addEventListener("pointerdown", (event) => this.#onPress(event), true);
    this.node.addEventListener("dblclick", () => this.#onDoubleClick(), true);
    this.node.addEventListener("pointermove", (event) => this.#passOn("mousemove", event));
    this.node.addEventListener("pointerleave", (event) => this.#passOn("mouseout", event));
    new ResizeObserver(() => this.#onResize()).observe(this.node);
  }

  /**
   * The canvases, and above them what can be dragged.
   *
   * @param {Element[]} layers
   */
  append(...layers) {
    this.node.append(...layers);
  }

  /** @param {boolean} resting whether Plotly shows the picture, and no canvas */
  #show(resting) {
    this.node.classList.toggle("fv-rest", resting);
    this.node.classList.toggle("fv-moving", !resting);
  }

  // ------------------------------------------------------------------------------ updates

  /**
   * New content: the axes at once, if they are others.
   *
   * @param {StageContent} content
   */
  async update(content) {
    this.#content = content;
    this.#plotly = await loadPlotly(content.assets.plotly);
    await this.#drawFrame();
    if (this.#listening || !this.axes.drawn) return;
    this.#listening = true;
    this.plot.on("plotly_afterplot", () => this.picture.alignLayers());
    this.plot.on("plotly_relayouting", () => this.picture.alignLayers());
    this.plot.on("plotly_relayout", () => this.#onRelayout());
  }

  /** Something has changed: canvases show it, and Plotly once it rests. */
  move() {
    this.#changes += 1;
    this.#show(false);
    this.#restIn(REST_MS);
  }

  /** Back to the whole picture. */
  async home() {
    this.#homes += 1;
    this.#zoom = null;
    await this.#drawFrame();
    this.move();
  }

  /** @param {number} ms */
  #restIn(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest(), ms);
  }

  async #rest() {
    if (!this.#plotly || !this.node.isConnected) return;
    if (!this.node.clientWidth || this.picture.moving()) return this.#restIn(REST_MS);
    const changes = this.#changes;
    await this.#react(this.picture.figure());
    await imagesOf(this.plot);
    if (changes === this.#changes) this.#show(true);
  }

  // ------------------------------------------------------------------------------ Plotly

  /** Axes, titles and the colour bar: without them the canvases do not know where to paint. */
  async #drawFrame() {
    if (!this.#plotly || !this.#content || !this.node.clientWidth) return;
    this.picture.measure();
    const figure = this.picture.frame();
    const { xaxis, yaxis } = this.#zoomed(figure.layout);
    const ranges = [xaxis.range, yaxis.range];
    const key = [this.#content.frame, this.#size, this.#homes, ranges].join(" ");
    if (key === this.#drawnFrame) return;
    this.#drawnFrame = key;
    this.#show(false);
    await this.#react(figure);
  }

  /** The stage's width and height: a window may grow in one alone. */
  get #size() {
    return `${this.node.clientWidth} ${this.node.clientHeight}`;
  }

  /** @param {Figure} figure */
  async #react({ data, layout }) {
    if (!this.#content) return;
    const { clientWidth: width, clientHeight: height } = this.node;
    const { dragmode } = this.modeBar;
    const options = { width, height, dragmode, uirevision: this.#homes };
    const drawn = { ...this.#zoomed(layout), ...options };
    await this.#plotly?.react(this.plot, data, drawn, this.modeBar.config(this.#content.texts));
  }

  /**
   * The layout with the visitor's zoom. Plotly's `uirevision` keeps a zoom only as long as the
   * figure's own ranges stay, and those follow the data.
   *
   * @param {Layout} drawn
   * @returns {Layout}
   */
  #zoomed(drawn) {
    const layout = structuredClone(drawn);
    const axes = [layout.xaxis, layout.yaxis];
    const zoom = this.#zoom;
    if (!zoom?.every((interval, k) => overlaps(interval, axes[k].range))) return layout;
    axes.forEach((axis, k) => {
      axis.range = [...zoom[k]];
    });
    return layout;
  }

  #onRelayout() {
    const { xaxis, yaxis } = this.picture.frame().layout;
    const whole = [xaxis.range, yaxis.range];
    const [x, y] = this.axes.view;
    this.#zoom = `${[x, y]}` === `${whole}` ? null : [[...x], [...y]];
    this.picture.alignLayers();
  }

  async #onResize() {
    if (!this.node.clientWidth) return;
    const before = this.#drawnFrame;
    await this.#drawFrame();
    if (before !== this.#drawnFrame) this.move();
  }

  /**
   * What a drag on the picture does: nothing, where something else wants the drags.
   *
   * @param {string | false} dragmode
   */
  async drag(dragmode) {
    if (this.axes.drawn) await this.#plotly?.relayout(this.plot, { dragmode });
  }

  /**
   * The picture as a file, with title, time and colour scale.
   *
   * @param {string} format "png" or "svg"
   */
  async save(format) {
    const { data, layout, name } = this.picture.saved();
    const width = this.node.clientWidth;
    const height = this.node.clientHeight + layout.margin.t;
    const figure = { data, layout: { ...this.#zoomed(layout), width, height } };
    await this.#plotly?.downloadImage(figure, { format, filename: name, width, height, scale: 2 });
  }

  /**
   * Labels also where a handle or a line lies over the plot.
   *
   * @param {string} type
   * @param {PointerEvent} event
   */
  #passOn(type, { target, buttons, clientX, clientY }) {
    if (buttons || (target instanceof Node && this.plot.contains(target))) return;
    const event = new MouseEvent(type, { clientX, clientY });
    this.plot.querySelector(".nsewdrag")?.dispatchEvent(event);
  }

  // ------------------------------------------------------------------------------ double clicks

  /** @param {PointerEvent} event */
  #onPress({ target, timeStamp }) {
    // The first press of two counts: a click may have set a point under the second.
    this.doubled = timeStamp - this.#pressedAt < DOUBLE_MS;
    if (!this.doubled) {
      this.#pressedHandle = target instanceof Element && target.closest(".fv-handle") !== null;
    }
    this.#pressedAt = timeStamp;
  }

  #onDoubleClick() {
    if (!this.#pressedHandle) this.home();
  }
}

/**
 * @param {Interval} one
 * @param {Interval} other
 */
function overlaps([low, high], other) {
  return low < other[1] && high > other[0];
}

/**
 * Plotly's heatmaps are images, which a browser reads in its own time.
 *
 * @param {HTMLElement} plot
 */
async function imagesOf(plot) {
  const images = [...plot.querySelectorAll("image")];
  await Promise.all(images.map((image) => decoded(image.getAttribute("href") ?? "")));
  await new Promise((done) => requestAnimationFrame(done));
}

/** @param {string} source */
async function decoded(source) {
  if (source) await element("img", { src: source }).decode();
}
