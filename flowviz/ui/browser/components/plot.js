// A Plotly figure that is redrawn in place: no remount, no blank frame between two states.
/** @import { PlotNode, Plotly } from "./plotly" */
/** @import { ComponentArgs, PlotContent, View } from "./types" */
import { description } from "./description.js";
import { PlaceMarks } from "./place_marks.js";
import { PlotAxes } from "./plot_axes.js";
import { element, heightOf, isWideEnough, loadPlotly, mount } from "./runtime.js";
import { download, savable, titled } from "./saving.js";

/** @implements {View<PlotContent>} */
class PlotView {
  /** @type {PlotContent | undefined} */
  #content;
  /** @type {Plotly | undefined} */
  #plotly;
  #drawnWidth = 0;
  #rev = Date.now() % 1e9; // past any number that an earlier one used in the same session
  /** @type {ComponentArgs<PlotContent>["setStateValue"]} */
  #send = () => {};

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.node = element("div", { className: "plot", role: "img" });
    this.node.style.contain = "inline-size"; // the page's width is the figure's, not the reverse
    // Beside the figure, and not in it: an image has no controls.
    this.stage = element("div", { className: "fv-placed" }, this.node);
    parent.append(this.stage);
    this.stage.style.position = "relative";
    /** @type {HTMLElement} */
    const plot = this.node;
    const axes = new PlotAxes(/** @type {PlotNode} */ (plot), this.stage); // Plotly makes it one
    /** @type {(k: number, value: number) => void} */
    const tell = (k, value) => {
      this.#rev += 1;
      const form = this.#content?.places?.form;
      this.#send("edit", { rev: this.#rev, form, k, value });
    };
    this.places = new PlaceMarks(this.stage, axes, tell);
    new ResizeObserver(() => this.#onResize()).observe(this.node);
    savable(this.node, {
      title: () => (this.#plotly && this.#content ? this.#content.label : ""),
      save: (format, name) => this.#save(format, name),
    });
  }

  /**
   * @param {string} format
   * @param {string} [filename]
   */
  async #save(format, filename) {
    if (!this.#content) return;
    const { figure, label } = this.#content;
    const { clientWidth: width, clientHeight } = this.node;
    const saved = titled(figure, label, String(figure.layout.plot_bgcolor));
    const height = clientHeight + saved.layout.margin.t;
    await download(this.#plotly, saved, { format, filename, width, height });
  }

  /**
   * @param {PlotContent} content
   * @param {ComponentArgs<PlotContent>["setStateValue"]} [send]
   */
  async update(content, send) {
    this.#content = content;
    if (send) this.#send = send;
    const text = description(content.label, content.range, content.figure);
    this.node.setAttribute("aria-label", text);
    this.#plotly = await loadPlotly(content.assets.plotly);
    await this.#draw();
  }

  #onResize() {
    if (this.node.clientWidth !== this.#drawnWidth) this.#draw();
  }

  async #draw() {
    if (!this.#content || !isWideEnough(this.node)) return;
    const width = this.node.clientWidth;
    this.#drawnWidth = width;
    const { data, layout } = this.#content.figure;
    const height = heightOf(this.node) ?? layout.height;
    const drawn = { ...layout, width, height };
    await this.#plotly?.react(this.node, data, drawn, { displayModeBar: false });
    this.places.update(this.#content.places);
  }
}

export default mount(PlotView);
