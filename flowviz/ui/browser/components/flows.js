// Flows over the plane (x, y) side by side, under one clock: the learned one, the exact one and how far
// apart they are; or that of a single point. Time is scrubbed here, without the server.
/** @import { FlowContent, FlowsContent, PanelContent, View } from "./types" */
/** @import { Trace } from "./plotly" */
import { CaptionMarks } from "./caption_marks.js";
import { markDrawn } from "./drag_channel.js";
import { FlowPicture } from "./flow_picture.js";
import { drawnSize, edgeWidth } from "./handle_marks.js";
import { Player } from "./player.js";
import { element, mount, setColours, svg } from "./runtime.js";

/** @implements {View<FlowsContent>} */
class FlowsView {
  /** @type {FlowsContent | undefined} */
  content;
  /** @type {Panel[]} */
  panels = [];

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.row = element("div", { className: "fv-row" });
    this.player = new Player((t) => this.#showTime(t));
    this.root = element(
      "div",
      { className: "fv-fan fv-plane fv-flows" },
      this.row,
      this.player.node,
    );
    this.root.dataset.tool = "points";
    parent.append(this.root);
  }

  /** @param {FlowsContent} content */
  async update(content) {
    const first = this.content === undefined;
    this.content = content;
    const { accent, ground, ink, faint } = content.style;
    setColours(this.root, { accent, ground, ink, faint });
    this.root.classList.toggle("fv-large", content.large);
    this.root.classList.toggle("fv-single", content.panels.length === 1);
    this.player.label(content.texts);
    if (first) this.player.start(content);
    while (this.panels.length < content.panels.length) {
      const panel = new Panel(this.player, this.root);
      this.panels.push(panel);
      this.row.append(panel.node);
    }
    await Promise.all(this.panels.map((panel, k) => panel.update(content, content.panels[k])));
    if (content !== this.content) return; // a newer one came while this one was drawn
    markDrawn(this.root, content);
    if (first) this.player.introduce("flows");
  }

  /** @param {number} t */
  #showTime(t) {
    this.root.dataset.time = t.toFixed(3);
    for (const { picture } of this.panels) picture.showTime(t);
  }
}

class Panel {
  /** @type {FlowContent | undefined} */
  #content;
  #shown = "";

  /**
   * @param {Player} player
   * @param {HTMLElement} root of all panels and of their player
   */
  constructor(player, root) {
    this.player = player;
    this.captions = new CaptionMarks("flows", root);
    this.picture = new FlowPicture(player, this);
    this.points = svg("g", { class: "fv-points" });
    this.picture.overlay.append(this.points);
    this.title = element("div", { className: "fv-title" });
    this.empty = element("div", { className: "fv-empty" });
    const { node } = this.picture.stage;
    node.append(this.empty, this.captions.node);
    this.node = element("div", { className: "fv-panel" }, this.title, node);
  }

  /**
   * @param {FlowsContent} content
   * @param {PanelContent} panel
   */
  async update(content, panel) {
    this.title.replaceChildren(...withIndices(panel.title));
    this.title.hidden = !panel.title;
    this.picture.overlay.setAttribute("aria-label", panel.alt);
    this.empty.textContent = panel.flow ? "" : panel.empty;
    this.captions.update(panel.texts);
    // While others change, what is the same rests.
    const { assets, convention, texts, style } = content;
    const shown = [panel.frame, panel.name, panel.title, panel.top, texts.home].join("\n");
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#content = {
      ...{ assets, convention, figure: panel.figure, frame: panel.frame },
      ...{ views: panel.views, points: panel.points },
      texts: { ...texts, title: panel.title || panel.alt, top: panel.top },
      style: { ...style, density: panel.colours },
    };
    if (await this.picture.update(this.#content, panel.flow)) this.picture.show();
  }

  // ------------------------------------------------------------------------------ the flow's owner

  moving() {
    return this.player.moving;
  }

  /** The data points; at rest they are Plotly's. */
  align() {
    if (!this.#content) return;
    this.captions.place(this.picture.axes.box);
    const { points, style } = this.#content;
    const { axes } = this.picture;
    const inside = points.x
      .map((x, i) => ({ i, at: [x, points.y[i]] }))
      .filter(({ at }) => axes.contains(at));
    const marks = inside.map(({ i, at }) => {
      const [cx, cy] = axes.toPixel(at);
      const fill = style.basins[i % style.basins.length];
      const size = points.size[i];
      const edge = { "stroke-width": edgeWidth(size, 2) };
      return svg("circle", { cx, cy, r: drawnSize(size) / 2, fill, ...edge });
    });
    this.points.replaceChildren(...marks);
  }

  /** @returns {Trace[]} */
  marks() {
    return [];
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

export default mount(FlowsView);
