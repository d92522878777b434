// The axes of the light page of the Plane: x and y on one scale.
/** @import { Interval } from "./types" */
/** @import { AxisSet } from "./axes.js" */
import { Axes, across, down } from "./axes.js";
import { written } from "./number.js";
import { ticksOf } from "./play_ticks.js";
import { setAttributes, svg } from "./runtime.js";

const MARGIN = { left: 46, right: 10, top: 12, bottom: 34 };
const PER_TICK_PX = 70;
const TICK_PX = 4;

export class PlanePlayAxes extends Axes {
  /** @type {AxisSet | null} */
  #drawn = null;

  /** @param {HTMLElement} stage */
  constructor(stage) {
    super(stage);
    this.ground = svg("path", { class: "fv-ground" });
    this.lines = svg("path", { class: "fv-axis" });
    this.labels = svg("g", { class: "fv-ticks" });
    this.node = svg("svg", { class: "fv-axes", "aria-hidden": "true" });
    this.node.append(this.ground, this.lines, this.labels);
  }

  /** @override */
  get drawn() {
    return this.#drawn;
  }

  /**
   * The largest square in the stage, in its middle.
   *
   * @param {[lowX: number, highX: number, lowY: number, highY: number]} view
   */
  update([lowX, highX, lowY, highY]) {
    const { clientWidth, clientHeight } = this.stage;
    const room = clientWidth - MARGIN.left - MARGIN.right;
    const side = Math.max(1, Math.min(room, clientHeight - MARGIN.top - MARGIN.bottom));
    const left = MARGIN.left + Math.max(0, (room - side) / 2);
    const axis = (/** @type {Interval} */ range, /** @type {number} */ offset) => ({
      range,
      _offset: offset,
      _length: side,
    });
    const [xaxis, yaxis] = [axis([lowX, highX], left), axis([lowY, highY], MARGIN.top)];
    this.#drawn = { xaxis, yaxis };
    const square = `M${left},${MARGIN.top}h${side}v${side}h${-side}z`;
    this.ground.setAttribute("d", square);
    this.labels.replaceChildren();
    const bottom = MARGIN.top + side;
    const most = side / PER_TICK_PX;
    const ticks = [
      ...ticksOf(xaxis.range, most).map((x) => {
        const at = left + across(xaxis, x);
        this.#write(written(x), at, bottom + 18, "middle");
        return `M${at},${bottom}v${TICK_PX}`;
      }),
      ...ticksOf(yaxis.range, most).map((y) => {
        const at = MARGIN.top + down(yaxis, y);
        this.#write(written(y), left - TICK_PX - 4, at + 4, "end");
        return `M${left},${at}h${-TICK_PX}`;
      }),
    ];
    this.lines.setAttribute("d", square + ticks.join(""));
  }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {"middle" | "end"} anchor
   */
  #write(text, x, y, anchor) {
    const label = svg("text");
    setAttributes(label, { x, y, "text-anchor": anchor });
    label.textContent = text;
    this.labels.append(label);
  }
}
