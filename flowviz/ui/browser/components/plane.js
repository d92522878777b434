// The Plane (x, y): the flow (`flow_picture.js`), and above it an SVG with all that can be dragged: the
// data points, the query point. Time is scrubbed here, without the server.
/** @import { Trace } from "./plotly" */
/** @import { Edit } from "./messages" */
/** @import { BasinMap, DragView, PlaneContent, PlaneFlow } from "./types" */
import { CaptionMarks } from "./caption_marks.js";
import { handlesItself, listenToClicks } from "./clicks.js";
import { stored } from "./density_store.js";
import { DragChannel, isStale, markDrawn } from "./drag_channel.js";
import { HistoryButtons } from "./figure_buttons.js";
import { FlowPicture } from "./flow_picture.js";
import { Handles } from "./handles.js";
import { trajectoriesTo } from "./plane_flow.js";
import { PlanePreviews } from "./plane_previews.js";
import { QueryPoint } from "./plane_query.js";
import { Brush, Tools } from "./plane_tools.js";
import { Player } from "./player.js";
import { element, mountDraggable, setColours, svg } from "./runtime.js";
import { Selection } from "./selection.js";
import { hintOf, keepDrags } from "./touch.js";

const LEGIBLE_T = 0.06; // the density of a written word is one blur before it

/** @implements {DragView<PlaneContent>} */
class PlaneView {
  channel = new DragChannel();
  /** @type {PlaneContent | undefined} */
  content;
  /** @type {PlaneContent | null} what waits for its flow */
  #pending = null;
  /** Whether a word was written that is not yet drawn. */
  #written = false;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.player = new Player((t) => this.#showTime(t));
    this.picture = new FlowPicture(this.player, this);
    this.axes = this.picture.axes;
    this.stroke = svg("g");
    this.query = new QueryPoint(this.axes, this.player, this.channel);
    this.selection = new Selection(this.picture.stage.node, (i) => this.#trajectoriesOf(i));
    this.handles = this.#newHandles();
    this.previews = new PlanePreviews(
      this.picture,
      this.player,
      () => this.handles.points,
      () => this.previews.drawSoon(this.content?.engine ?? null),
    );
    this.history = new HistoryButtons((step) => this.handles.takeStep(step));
    this.tools = new Tools(
      (at) => {
        this.handles.edit({ op: "write", at, preview: false });
        this.#written = true;
      },
      () => this.#onTool(),
    );
    this.player.readings.append(this.history.node);
    this.hint = element("div", { className: "fv-hint" });
    const parts = [
      this.tools.node,
      this.picture.stage.node,
      this.player.node,
      this.hint,
      this.previews.node,
    ];
    this.root = element("div", { className: "fv-fan fv-plane" }, ...parts);
    this.captions = new CaptionMarks("plane", this.root);
    this.picture.stage.append(this.captions.node, this.query.card.node);
    parent.append(this.root);
    this.#listen();
  }

  #newHandles() {
    const layer = svg("g", { class: "fv-handles" });
    const { node } = this.selection;
    this.picture.overlay.append(this.stroke, node, this.query.arrows, layer, this.query.marker);
    const { axes } = this;
    const frame = {
      toPixel: (/** @type {number[]} */ at) => axes.toPixel(at),
      toData: (/** @type {MouseEvent} */ event) => axes.toData(event),
      view: () => axes.view,
    };
    return new Handles(layer, frame, (edit) => this.#onEdit(edit), this.selection);
  }

  /**
   * While a point is dragged the engine draws, and the server is asked when the hand rests.
   *
   * @param {Edit} edit
   */
  #onEdit(edit) {
    const byEngine = edit.op === "move" && edit.preview && this.channel.settled;
    if (byEngine && this.previews.drawSoon(this.content?.engine ?? null)) return;
    this.previews.stop();
    this.channel.send(edit);
  }

  /** @param {number} i */
  #trajectoriesOf(i) {
    const { points } = /** @type {PlaneContent} */ (this.content);
    const { flow, painter } = this.picture;
    const shown = /** @type {PlaneFlow} */ (flow);
    const lines = trajectoriesTo(shown, painter.tracks, points, i, this.axes);
    return { lines, colour: this.handles.points.colour[i] };
  }

  // ------------------------------------------------------------------------------ updates

  /** @param {PlaneContent} content */
  async update(content) {
    if (isStale(content, this.content)) return;
    /** @type {PlaneFlow | undefined} */
    const flow = stored("plane", content.flow);
    this.#pending = flow ? null : content;
    if (!flow) return;
    const first = this.content === undefined;
    this.content = content;
    this.#updateControls(content, flow);
    this.query.update(content);
    if (first) this.player.start(content);
    if (!(await this.picture.update(content, flow, this.#basins(content)))) return;
    this.channel.acknowledge(content);
    this.#updateHandles(content);
    const { previews } = this;
    previews.take(content.engine);
    if (previews.ahead || (this.handles.dragging && previews.shown)) previews.draw();
    else if (this.channel.settled) previews.compare(content, flow);
    this.picture.show();
    if (!this.root.dataset.serial) this.query.follow(false); // the first that is drawn
    markDrawn(this.root, content);
    if (first) this.player.introduce("plane");
    if (this.#written && this.channel.settled) {
      this.#written = false;
      this.player.present(LEGIBLE_T);
    }
  }

  /**
   * @param {PlaneContent} content
   * @param {PlaneFlow} flow
   */
  #updateControls({ style, texts, large, history, tools }, { view }) {
    const { accent, ground, ink, faint } = style;
    setColours(this.root, { accent, ground, ink, faint });
    this.root.classList.toggle("fv-large", large);
    this.picture.overlay.setAttribute("aria-label", texts.picture);
    this.player.label(texts);
    this.captions.update(texts);
    this.history.update(texts, history);
    this.tools.update(tools, view);
    this.#updateHint();
  }

  #updateHint() {
    if (!this.content) return;
    const { tools, texts } = this.content;
    this.hint.textContent = hintOf({ ...texts, hint: `${tools[this.tools.chosen][1]}\n` });
  }

  /**
   * While a point is dragged, or a message is unanswered, the points on the screen are the newest.
   *
   * @param {PlaneContent} content
   */
  #updateHandles({ points, style, texts }) {
    if (this.handles.dragging || !this.channel.settled) return;
    const at = points.x.map((x, i) => [x, points.y[i]]);
    const colour = points.x.map((_, i) => style.basins[i % style.basins.length]);
    this.handles.update({ at, size: points.size, colour, weight: points.w.slice() }, texts);
  }

  /**
   * The basin map of this flow; the last one until it arrives, for they travel apart.
   *
   * @param {PlaneContent} content
   * @returns {BasinMap | null}
   */
  #basins({ basins }) {
    return basins === null
      ? null
      : (stored("plane-basins", basins) ?? this.picture.painter.basinMap);
  }

  // ------------------------------------------------------------------------------ the flow's owner

  /** Whether something is dragged, time plays, or an answer is due. */
  moving() {
    const { handles, player, query, channel } = this;
    const held = handles.dragging || query.dragging || this.previews.shown;
    return held || player.moving || !channel.quiet;
  }

  align() {
    if (this.handles.texts) this.handles.draw();
    this.selection.draw();
    this.captions.place(this.axes.box);
    this.query.show();
  }

  /** @returns {Trace[]} */
  marks() {
    return this.query.traces();
  }

  /** For a drag that Plotly is to have. */
  onDragMode() {
    this.tools.choose("points");
  }

  /** @param {number} t */
  #showTime(t) {
    this.previews.prepare(t);
    this.picture.showTime(t);
    if (this.axes.drawn) this.query.show();
  }

  // ------------------------------------------------------------------------------ gestures

  #listen() {
    const { node } = this.picture.stage;
    listenToClicks(node, (event) => this.#onClick(event));
    keepDrags(node, () => this.tools.chosen !== "points");
    const isOn = (/** @type {PointerEvent} */ event) =>
      !handlesItself(event.target) && this.axes.contains(this.axes.toData(event));
    this.query.listenTo(node, (event) => this.tools.chosen === "probe" && isOn(event));
    this.query.listenTo(this.query.marker, () => true);
    new Brush(node, this.stroke, this.axes, {
      enabled: (event) => this.tools.chosen === "brush" && isOn(event),
      done: (at) => this.handles.edit({ op: "brush", at, preview: false }),
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.query.forget();
    });
    window.addEventListener("flowviz:stored", ({ detail }) => this.#onStored(detail));
  }

  #onTool() {
    const { chosen } = this.tools;
    this.root.dataset.tool = chosen;
    const { stage } = this.picture;
    stage.modeBar.drags = chosen === "points";
    stage.drag(stage.modeBar.dragmode);
    this.#updateHint();
  }

  /** @param {PointerEvent} event */
  #onClick(event) {
    const at = this.axes.toData(event);
    // The second click of a double click adds nothing.
    const adds = this.tools.chosen === "points" && !this.picture.stage.doubled;
    if (adds && this.axes.contains(at)) this.handles.add(at);
  }

  /** @param {string} key */
  #onStored(key) {
    if (this.#pending) this.update(this.#pending);
    else if (key === "plane-basins" && this.content) {
      this.picture.painter.paintBasins(this.#basins(this.content));
      this.picture.stage.move();
    }
  }
}

export default mountDraggable(PlaneView);
