// What the pictures of the light pages have in common, of the line and of the plane: the data points and what is
// chosen, the player, the words and the query point's card. Each draws its own flow.
/** @import { Edit } from "./messages" */
/** @import { PlayBase, PlayStyle } from "./play" */
/** @import { PlayState } from "./play_link.js" */
/** @import { Card, Point, Texts } from "./types" */
import { CaptionMarks } from "./caption_marks.js";
import { HistoryButtons } from "./figure_buttons.js";
import { drawnSize, edgeWidth } from "./handle_marks.js";
import { number } from "./number.js";
import { spoken } from "./play_card.js";
import { PointHistory, sizesOf } from "./play_points.js";
import { Player } from "./player.js";
import { QueryCard } from "./query_card.js";
import { element, setColours, svg } from "./runtime.js";
import { isTouch } from "./touch.js";

/** At t = 0 all has arrived, and there is nothing to ask. */
export const FIRST_T = 0.001;

/** @typedef {Omit<PlayState, "time" | "lang">} Chosen */

/** @template {PlayBase} Block */
export class PlayPicture {
  /** @type {Point | null} the query point */
  query = null;
  /** @type {Texts} */
  texts = {};
  #frame = 0;

  /**
   * @param {Block} block
   * @param {() => void} changed called when an edit is complete
   * @param {{ captions: string, edge: number }} marks the name of the captions; the edge of data points in pixels
   */
  constructor(block, changed, { captions, edge }) {
    this.block = block;
    this.changed = changed;
    this.edge = edge;
    this.history = new PointHistory(block.points);
    this.chosen = this.#atFirst();
    /** @type {PlayStyle} */
    this.style = block.styles.light;
    this.node = element("div", { className: "fv-stage fv-moving" });
    this.root = element("div", { className: "fv-fan fp-picture" });
    this.player = new Player((t) => this.showTime(t));
    this.buttons = new HistoryButtons((step) => this.edit({ op: step }));
    this.captions = new CaptionMarks(captions, this.root);
    this.card = new QueryCard();
    this.frozenPoints = svg("g");
    this.hint = element("div", { className: "fv-hint" });
    this.spoken = element("div", { className: "fp-spoken", "aria-live": "polite" });
    new ResizeObserver(() => this.align()).observe(this.node);
  }

  // ------------------------------------------------------------------------------ of each picture

  /** The arrays that are drawn. @returns {unknown} */
  get traces() {
    return undefined;
  }

  /** Ask what the link asks. */
  start() {}

  /** The engine is made anew at the next picture. */
  forget() {}

  /** @param {boolean} [_fit] whether the view may change */
  draw(_fit) {}

  /** To the stage's size. */
  align() {}

  /** @param {number} _t */
  showTime(_t) {}

  /**
   * The place of a data point, in words.
   *
   * @param {number} _i
   */
  placeOf(_i) {
    return "";
  }

  // ------------------------------------------------------------------------------ what is chosen

  /** @returns {Omit<Chosen, "points">} */
  #atFirst() {
    const { schedule, trajectories } = this.block;
    return { motion: { shift: 0, stretch: 1 }, schedule, trajectories };
  }

  /** @returns {Chosen} */
  get state() {
    return { points: this.history.now, ...this.chosen };
  }

  /**
   * Another schedule, another number of trajectories, or another place of the prior.
   *
   * @param {Partial<Omit<Chosen, "points">>} change
   */
  choose(change) {
    this.chosen = { ...this.chosen, ...change };
    this.forget();
    this.#drawSoon(true);
  }

  /** Back to the scene. */
  reset() {
    this.history.set(this.block.points);
    this.chosen = this.#atFirst();
    this.forget();
    this.draw();
    this.changed();
  }

  /** @param {Edit} edit */
  edit(edit) {
    const complete = this.history.apply(edit);
    this.#drawSoon(complete);
    if (edit.op === "undo" || edit.op === "redo") this.clearSelection();
  }

  clearSelection() {}

  /** @param {boolean} complete */
  #drawSoon(complete) {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.draw(complete);
      if (complete) this.changed();
    });
  }

  // ------------------------------------------------------------------------------ what is shown

  /**
   * In the reader's language.
   *
   * @param {Texts} texts
   */
  write(texts) {
    this.texts = texts;
    this.player.label(texts);
    this.captions.update(texts);
    const touch = isTouch() ? texts["hint.touch"] : texts.hint;
    this.hint.textContent = this.block.engine ? touch : "";
  }

  /** @param {PlayStyle} style */
  paint(style) {
    this.style = style;
    const { accent, ground, ink, faint, grid } = style;
    setColours(this.root, { accent, ground, ink, faint, grid });
    this.forget();
    this.draw();
  }

  /** Another picture is drawn: who waits for one sees its number change. */
  count() {
    this.root.dataset.serial = String(Number(this.root.dataset.serial ?? 0) + 1);
  }

  /** @param {number} i */
  colourOf(i) {
    return this.style.points[i % this.style.points.length];
  }

  /**
   * The data points as handles show them.
   *
   * @param {number[][]} at
   */
  marked(at) {
    const { w } = this.history.now;
    const colour = at.map((_, i) => this.colourOf(i));
    return { at, size: sizesOf(w), colour, weight: w.slice() };
  }

  /**
   * Data points that no hand moves.
   *
   * @param {Point[]} pixels
   */
  drawFrozenPoints(pixels) {
    const size = sizesOf(this.history.now.w);
    const nodes = pixels.map(([cx, cy], i) => {
      const edge = { "stroke-width": edgeWidth(size[i], this.edge) };
      const shape = { cx, cy, r: drawnSize(size[i]) / 2, fill: this.colourOf(i), ...edge };
      return svg("circle", { ...shape, class: "fp-frozen" });
    });
    this.frozenPoints.replaceChildren(...nodes);
  }

  describe() {
    const { w } = this.history.now;
    const total = w.reduce((sum, weight) => sum + weight, 0);
    const points = w.map((one, i) => `${this.placeOf(i)} (${number((100 * one) / total)}%)`);
    return (this.texts.picture ?? "").replace("{points}", points.join(", "));
  }

  /**
   * The card of the query point, written and said.
   *
   * @param {Card | null} card
   * @param {boolean} asked whether there is a query point in a flow
   */
  showCard(card, asked) {
    const shown = card ?? (asked ? { values: [this.texts.nowhere], bars: [] } : null);
    this.card.update(shown);
    const words = spoken(shown);
    if (this.spoken.textContent !== words) this.spoken.textContent = words;
  }
}
