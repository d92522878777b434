// What is chosen on the light page, beside or below the picture: data points, prior, schedule, number of
// trajectories. Controls are the browser's own, so that keys, fingers and screen readers know them.
/** @import { Edit } from "./messages" */
/** @import { PlayBase, PlayPoints } from "./play" */
/** @import { PlayState } from "./play_link.js" */
/** @import { Motion } from "./engine_motion.js" */
/** @import { Texts } from "./types" */

import { moved } from "./engine_motion.js";
import { fixed, percent, written } from "./number.js";
import { decimal } from "./play_link.js";
import { MOST } from "./play_points.js";
import { element, label } from "./runtime.js";

const WEIGHT_STEP = 1.25; // of the buttons, as of the keys on a point
const STRETCH_DECADES = 0.7; // log10 of the largest stretch
const SLIDER_STEPS = 400;
const LIMIT = 1e6; // of positions

/**
 * What the controls act on.
 *
 * @typedef {object} Target
 * @property {(edit: Edit) => void} edit
 * @property {(change: Partial<Pick<PlayState, "schedule" | "trajectories">>) => void} choose
 * @property {(motion: Motion) => void} move the prior
 * @property {(prior: string) => void} askFor another kind of prior
 * @property {() => void} reset
 * @property {HTMLElement} history its buttons
 */

export class PlayControls {
  /** @type {Texts} */
  #texts = {};
  /** @type {HTMLElement[]} rows of data points */
  #rows = [];

  /**
   * @param {PlayBase} block
   * @param {Target} target
   */
  constructor(block, target) {
    this.block = block;
    this.target = target;
    this.rows = element("div", { className: "fp-points" });
    this.add = element("button", { type: "button", className: "fp-button fp-add" });
    this.reset = element("button", { type: "button", className: "fp-button" });
    this.add.addEventListener("click", () => this.#addPoint());
    this.reset.addEventListener("click", () => target.reset());
    this.location = slider();
    this.stretch = slider();
    this.prior = element("select");
    this.schedule = element("select");
    this.trajectories = element("select");
    this.node = element("form", { className: "fp-controls" });
    this.node.addEventListener("submit", (event) => event.preventDefault());
    this.#listen();
  }

  #listen() {
    const { location, stretch, prior, schedule, trajectories, target } = this;
    for (const { input } of [location, stretch]) {
      input.addEventListener("input", () => target.move(this.#motion()));
    }
    prior.addEventListener("change", () => target.askFor(prior.value));
    schedule.addEventListener("change", () => target.choose({ schedule: schedule.value }));
    trajectories.addEventListener("change", () =>
      target.choose({ trajectories: Number(trajectories.value) }),
    );
  }

  /**
   * Where the sliders put the prior: stretched about its location, then moved. Round, for the link.
   *
   * @returns {Motion}
   */
  #motion() {
    const { location } = this.block.prior;
    const stretch = Number((10 ** Number(this.stretch.input.value)).toPrecision(3));
    return {
      shift: Number(decimal(this.location.input.valueAsNumber - stretch * location)),
      stretch,
    };
  }

  /**
   * In the reader's language.
   *
   * @param {Texts} texts
   */
  write(texts) {
    this.#texts = texts;
    const { block } = this;
    this.add.textContent = `＋ ${texts.add}`;
    this.reset.textContent = texts.reset;
    const fill = (
      /** @type {HTMLSelectElement} */ select,
      /** @type {string[]} */ names,
      /** @type {string} */ kind,
    ) => {
      const chosen = select.value;
      const options = names.map((value) =>
        element("option", { value, textContent: texts[`${kind}.${value}`] ?? value }),
      );
      select.replaceChildren(...options);
      if (chosen) select.value = chosen;
    };
    fill(
      this.prior,
      block.priors.map(({ name }) => name),
      "prior",
    );
    fill(
      this.schedule,
      block.schedules.map(({ name }) => name),
      "schedule",
    );
    fill(
      this.trajectories,
      block.launches.map(({ count }) => String(count)),
      "count",
    );
    this.node.replaceChildren(...this.#sections(texts));
  }

  /** @param {Texts} texts */
  #sections(texts) {
    const { block } = this;
    const buttons = element("div", { className: "fp-buttons" }, this.add, this.reset);
    const points = [this.target.history, this.rows, buttons];
    const kind = element("output", { className: "fp-kind" });
    kind.value = texts[`prior.${block.prior.name}`];
    const prior = [
      field(texts.kind, block.priors.length ? this.prior : kind),
      ...(block.prior.movable
        ? [field(texts.location, this.location.input, this.location.output)]
        : []),
      field(texts.scale, this.stretch.input, this.stretch.output),
    ];
    const picture = [field(texts.trajectories, this.trajectories)];
    if (block.schedules.length > 1) picture.unshift(field(texts.schedule, this.schedule));
    return [
      section(texts.points, ...points),
      section(texts.prior, ...prior),
      section(texts["section.picture"], ...picture),
    ];
  }

  /**
   * What stands now.
   *
   * @param {Omit<PlayState, "time" | "lang">} state
   * @param {string[]} colours of the data points, in turn
   */
  update({ points, motion, schedule, trajectories }, colours) {
    this.#updatePoints(points, colours);
    const { location, scale } = this.block.prior;
    this.location.output.value = fixed(moved(location, motion), 2);
    const stretched = fixed((scale ?? 1) * motion.stretch, 2);
    this.stretch.output.value = scale === null ? `× ${stretched}` : stretched;
    const at = moved(location, motion);
    if (document.activeElement !== this.location.input) this.location.input.value = String(at);
    if (document.activeElement !== this.stretch.input) {
      this.stretch.input.value = String(Math.log10(motion.stretch));
    }
    this.location.input.setAttribute("aria-valuetext", this.location.output.value);
    this.stretch.input.setAttribute("aria-valuetext", this.stretch.output.value);
    this.prior.value = this.block.prior.name;
    this.schedule.value = schedule;
    this.trajectories.value = String(trajectories);
    this.add.disabled = points.x.length >= MOST;
  }

  /** The range of the sliders, from what is seen at first. */
  setRanges() {
    const { prior, points } = this.block;
    const [low, high] = [
      Math.min(prior.range[0], ...points.x),
      Math.max(prior.range[1], ...points.x),
    ];
    const room = 0.5 * (high - low) || 1;
    const { input } = this.location;
    const step = 10 ** Math.floor(Math.log10((2 * (high - low) || 1) / SLIDER_STEPS));
    Object.assign(input, {
      min: Math.floor((low - room) / step) * step,
      max: Math.ceil((high + room) / step) * step,
      step,
    });
    Object.assign(this.stretch.input, { min: -STRETCH_DECADES, max: STRETCH_DECADES, step: 0.01 });
  }

  // ------------------------------------------------------------------------------ data points

  /**
   * @param {PlayPoints} points
   * @param {string[]} colours
   */
  #updatePoints({ x, y, w }, colours) {
    while (this.#rows.length > x.length) this.#rows.pop()?.remove();
    while (this.#rows.length < x.length) {
      const row = this.#newRow(this.#rows.length);
      this.#rows.push(row);
      this.rows.append(row);
    }
    const total = w.reduce((sum, weight) => sum + weight, 0);
    for (const [i, row] of this.#rows.entries()) {
      row.style.setProperty("--fp-colour", colours[i % colours.length]);
      const inputs = row.querySelectorAll("input");
      const [less, more, remove] = row.querySelectorAll("button");
      const share = /** @type {HTMLOutputElement} */ (row.querySelector("output"));
      share.value = percent(w[i] / total);
      const at = (y ? [x[i], y[i]] : [x[i]]).map(decimal);
      const where = y ? `(${at.map(written).join(", ")})` : written(at[0]);
      const named = (/** @type {string} */ key) =>
        this.#texts[key].replace("{i}", String(i + 1)).replace("{x}", where);
      for (const [axis, input] of inputs.entries()) {
        if (document.activeElement !== input) input.value = at[axis];
        input.setAttribute("aria-label", named(axis ? "point.height" : "point.position"));
      }
      share.setAttribute("aria-label", named("point.weight"));
      label(less, named("point.less"));
      label(more, named("point.more"));
      label(remove, named("point.remove"));
      remove.disabled = x.length === 1;
    }
  }

  /** @param {number} i */
  #newRow(i) {
    const button = (/** @type {string} */ textContent, /** @type {() => void} */ act) => {
      const node = element("button", { type: "button", className: "fp-button", textContent });
      node.addEventListener("click", act);
      return node;
    };
    const { y } = this.block.points;
    const inputs = /** @type {("x" | "y")[]} */ (y ? ["x", "y"] : ["x"]).map((axis) =>
      this.#positionInput(i, axis),
    );
    const share = element("output");
    const weigh = (/** @type {number} */ factor) => () => {
      const weight = this.#points.w[i] * factor;
      this.#edit({ op: "weigh", i, w: Number(weight.toPrecision(6)) });
    };
    return element(
      "div",
      { className: "fp-point" },
      element("span", { className: "fp-dot" }),
      ...inputs,
      button("−", weigh(1 / WEIGHT_STEP)),
      share,
      button("＋", weigh(WEIGHT_STEP)),
      button("✕", () => this.#edit({ op: "remove", i })),
    );
  }

  /**
   * @param {number} i
   * @param {"x" | "y"} axis
   */
  #positionInput(i, axis) {
    const input = element("input", { type: "number", step: "any", inputMode: "decimal" });
    input.addEventListener("change", () => {
      const value = Number.parseFloat(input.value);
      const { x, y } = this.#points;
      if (Number.isFinite(value) && Math.abs(value) <= LIMIT) {
        this.#edit({ op: "move", i, x: x[i], y: y?.[i], [axis]: value });
      } else input.value = decimal(/** @type {number[]} */ (this.#points[axis])[i]);
    });
    return input;
  }

  /** @type {PlayPoints} */
  #points = { x: [], w: [] };

  /**
   * What edits refer to.
   *
   * @param {PlayPoints} points
   */
  follow(points) {
    this.#points = points;
  }

  /** @param {any} edit */
  #edit(edit) {
    this.target.edit({ ...edit, preview: false });
  }

  /** A new point in the middle of the widest gap; of the plane, at their mean height. */
  #addPoint() {
    const { y } = this.#points;
    const sorted = [...this.#points.x].sort((a, b) => a - b);
    let [from, gap] = [sorted[0] - 1, 0];
    for (let k = 1; k < sorted.length; k++) {
      if (sorted[k] - sorted[k - 1] > gap) [from, gap] = [sorted[k - 1], sorted[k] - sorted[k - 1]];
    }
    const x = gap > 0 ? from + gap / 2 : sorted[0] + 0.5;
    const height = y && { y: Number(decimal(y.reduce((sum, at) => sum + at, 0) / y.length)) };
    this.#edit({ op: "add", x: Number(decimal(x)), ...height });
  }
}

function slider() {
  return { input: element("input", { type: "range" }), output: element("output") };
}

/**
 * @param {string} name
 * @param {(HTMLInputElement | HTMLSelectElement | HTMLOutputElement)[]} nodes
 */
function field(name, ...nodes) {
  nodes[0].setAttribute("aria-label", name); // without what stands behind it
  return element(
    "label",
    { className: "fp-field" },
    element("span", { textContent: name }),
    ...nodes,
  );
}

/**
 * @param {string} title
 * @param {Node[]} nodes
 */
function section(title, ...nodes) {
  const legend = element("h2", { textContent: title });
  return element("section", {}, legend, ...nodes);
}
