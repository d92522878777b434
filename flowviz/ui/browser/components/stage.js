// One picture in two renderings on the same axes, which are Plotly's. While something moves, canvases
// over the plot show it and Plotly's traces of that plot are hidden; at rest the whole figure is
// Plotly's, with its hover, zoom and mode bar, and the canvases are hidden. The change is made when
// Plotly has finished, never while it moves again.
/** @import { Figure, Layout, PlotNode, Plotly } from "./plotly" */
/** @import { Interval, Picture, StageContent } from "./types" */
import { ModeBar } from "./mode_bar.js";
import { PlotAxes } from "./plot_axes.js";
import { element, isWideEnough, loadPlotly } from "./runtime.js";
import { download, savable } from "./saving.js";
import { withTimeTicks } from "./time_ticks.js";

const REST_MS = 40; // without a change; then Plotly draws
/** What the mode bar takes above a narrow picture, where it is always there. */
export const MODE_BAR_PX = 24;
const DOUBLE_MS = 500; // between the presses of a double click
const DOUBLE_PX = 24; // and from one to the other: a finger is not exact

export class Stage {
  /** @type {StageContent | undefined} */
  #content;
  /** @type {Plotly | undefined} */
  #plotly;
  #drawnFrame = "";
  /** Of the colour bar that is drawn. @type {unknown} */
  #orientation = null;
  #changes = 0;
  #timer = 0;
  #homes = 0;
  /** Right and down, to whole pixels; below 0. */
  #shift = [0, 0];
  /** @type {Interval[] | null} the axes as a visitor zoomed them, until the way home */
  #zoom = null;
  /** @type {ResizeObserver | undefined} of the page: what stands above the stage may grow */
  #page;
  #pressedHandle = false;
  #pressedAt = -DOUBLE_MS;
  #pressedX = 0;
  #pressedY = 0;
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
    this.node.addEventListener("pointermove", (event) => this.#passOn("mousemove", event));
    this.node.addEventListener("pointerleave", (event) => this.#passOn("mouseout", event));
    new ResizeObserver(() => this.#onResize()).observe(this.node);
    savable(this.node, {
      title: () => (this.axes.drawn ? this.picture.saved().layout.title.text : ""),
      save: (format, name) => this.save(format, name),
    });
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
    if (!this.#content && content.zoom) this.#zoom = zoomOf(content.zoom);
    const first = !this.#content;
    this.#content = content;
    if (first) this.#announceZoom();
    this.#watchPage();
    this.#plotly = await loadPlotly(content.assets.plotly);
    await this.#drawFrame();
  }

  #listen() {
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
    this.#announceZoom();
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
    if (!isWideEnough(this.node) || this.picture.moving()) return this.#restIn(REST_MS);
    const changes = this.#changes;
    await this.#react(this.picture.figure());
    await imagesOf(this.plot);
    if (changes === this.#changes) this.#show(true);
  }

  // ------------------------------------------------------------------------------ Plotly

  /** Axes, titles and the colour bar: without them the canvases do not know where to paint. */
  async #drawFrame() {
    if (!this.#plotly || !this.#content || !isWideEnough(this.node)) return;
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

  #watchPage() {
    const page = this.node.closest(".stMainBlockContainer");
    if (!page || this.#page) return;
    this.#page = new ResizeObserver(() => this.node.clientWidth && this.#toWholePixels());
    this.#page.observe(page);
  }

  /**
   * A browser puts a canvas on whole pixels and smooths Plotly's lines where they lie: the two look
   * the same where the stage begins on a whole pixel. It moves left: to the right it would stick out.
   */
  #toWholePixels() {
    const { left, top } = this.node.getBoundingClientRect();
    const scale = window.devicePixelRatio || 1;
    this.#shift = [left, top].map((at, k) => {
      const unmoved = scale * (at - this.#shift[k]);
      return (Math.floor(unmoved + 1e-3) - unmoved) / scale;
    });
    const [x, y] = this.#shift;
    Object.assign(this.node.style, { left: `${x}px`, top: `${y}px` });
  }

  /** @param {Figure} figure */
  async #react({ data, layout }) {
    if (!this.#content) return;
    this.#toWholePixels();
    const { clientWidth: width, clientHeight: height } = this.node;
    const { dragmode } = this.modeBar;
    const options = { width, height, dragmode, uirevision: this.#homes };
    const drawn = { ...this.#zoomed(layout), ...options };
    const config = this.modeBar.config(this.#content.texts);
    const orientation = drawn.coloraxis?.colorbar?.orientation ?? "v";
    if (orientation === this.#orientation) {
      await this.#plotly?.react(this.plot, data, drawn, config);
      return;
    }
    // Plotly leaves parts of a colour bar that is turned, and the room that it took.
    this.#orientation = orientation;
    await this.#plotly?.newPlot(this.plot, data, drawn, config);
    this.#listen();
    this.picture.alignLayers();
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
    layout.xaxis = withTimeTicks(layout.xaxis);
    // Of panels side by side, which have one zoom.
    const { xaxis: across, xaxis2: beside } = layout;
    if (beside?.matches) layout.xaxis2 = withTimeTicks({ ...beside, range: [...across.range] });
    if (layout.yaxis2?.matches) layout.yaxis2.range = [...zoom[1]];
    return layout;
  }

  #onRelayout() {
    const { xaxis, yaxis } = this.picture.frame().layout;
    const whole = [xaxis.range, yaxis.range];
    const [x, y] = this.axes.view;
    this.#zoom = `${[x, y]}` === `${whole}` ? null : [[...x], [...y]];
    this.#announceZoom();
    this.picture.alignLayers();
    this.#restIn(REST_MS); // with the ticks of what is seen
  }

  /** The link holds the zoom, with no message to the server: `copy_link.js` listens. */
  #announceZoom() {
    if (this.#content?.zoom === undefined) return;
    const ends = (this.#zoom ?? []).flat();
    const detail = ends.map((end) => Number(end.toPrecision(6))).join(",");
    window.dispatchEvent(new CustomEvent("flowviz:zoom", { detail }));
  }

  async #onResize() {
    if (!isWideEnough(this.node)) return;
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
   * @param {string} [filename]
   */
  async save(format, filename) {
    const { data, layout } = this.picture.saved();
    const { clientWidth: width, clientHeight } = this.node;
    const height = clientHeight + layout.margin.t;
    const figure = { data, layout: { ...layout, ...this.#zoomed(layout) } };
    await download(this.#plotly, figure, { format, filename, width, height });
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
  #onPress({ target, timeStamp, clientX, clientY }) {
    const away = Math.hypot(clientX - this.#pressedX, clientY - this.#pressedY);
    // The first press of two counts: a click may have set a point under the second.
    this.doubled = timeStamp - this.#pressedAt < DOUBLE_MS && away < DOUBLE_PX;
    if (!this.doubled) {
      this.#pressedHandle = target instanceof Element && target.closest(".fv-handle") !== null;
    }
    this.#pressedAt = timeStamp;
    [this.#pressedX, this.#pressedY] = [clientX, clientY];
    // Plotly covers the page while a button is down, and a browser may then see no double click.
    const release = () => this.#onDoubleClick();
    if (this.doubled) window.addEventListener("pointerup", release, { once: true, capture: true });
  }

  #onDoubleClick() {
    if (!this.#pressedHandle) this.home();
  }
}

/**
 * @param {number[]} ends
 * @returns {Interval[]}
 */
function zoomOf([left, right, low, high]) {
  return [
    [left, right],
    [low, high],
  ];
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
