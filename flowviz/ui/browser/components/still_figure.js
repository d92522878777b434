// A figure of trajectories or densities that nothing moves but the server: Plotly alone draws it, on the
// stage, with labels, zoom and mode bar.
/** @import { Figure } from "./plotly" */
/** @import { StillContent, View } from "./types" */
import { withArrowHeads } from "./arrow_heads.js";
import { CaptionMarks } from "./caption_marks.js";
import { description } from "./description.js";
import { withLabels } from "./line_labels.js";
import { element, mount, setColours } from "./runtime.js";
import { titled } from "./saving.js";
import { Stage } from "./stage.js";

/** @implements {View<StillContent>} */
class StillView {
  /** @type {StillContent | undefined} */
  content;
  /** @type {Figure} */
  #figure = /** @type {Figure} */ ({});

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.stage = new Stage(this);
    this.stage.plot.setAttribute("role", "figure");
    this.root = element("div", { className: "fv-fan fv-still" }, this.stage.node);
    this.captions = new CaptionMarks("still", this.root);
    this.stage.append(this.captions.node);
    parent.append(this.root);
  }

  /** @param {StillContent} content */
  async update(content) {
    const same = content.frame === this.content?.frame;
    this.content = content;
    const text = description(content.texts.picture, content.texts.range, content.figure);
    this.stage.plot.setAttribute("aria-label", text);
    setColours(this.root, content.style);
    this.captions.update(content.texts);
    if (!same) {
      const { data, layout } = content.figure;
      this.#figure = { data: data.map(withLabels), layout };
    }
    await this.stage.update(content);
    this.stage.move();
  }

  // ------------------------------------------------------------------------------ the stage's picture

  measure() {
    this.stage.node.style.height = `${this.#figure.layout.height}px`;
  }

  /** All of it: no canvas draws any. @returns {Figure} */
  frame() {
    return this.#figure;
  }

  /** @returns {Figure} */
  figure() {
    const { data, layout } = this.#figure;
    return { data: withArrowHeads(data, this.stage.axes.drawn), layout };
  }

  /** The figure as it is saved. */
  saved() {
    const { texts, style } = /** @type {StillContent} */ (this.content);
    return titled(this.figure(), texts.title, style.ground);
  }

  moving() {
    return false;
  }

  alignLayers() {
    if (this.stage.axes.drawn) this.captions.place(this.stage.axes.box);
  }
}

export default mount(StillView);
