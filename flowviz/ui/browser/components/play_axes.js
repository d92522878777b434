// The axes of the light page: time and position, and beside them p_t at one time over the prior's density.
// Plotly's cost 1.5 MB; these are a hundred lines of SVG.
/** @import { PlotAxis } from "./plotly" */
/** @import { AxisSet } from "./axes.js" */
/** @import { Profile } from "./prior_profile.js" */
/** @import { Interval, Texts } from "./types" */
import { Axes, across, down } from "./axes.js";
import { written } from "./number.js";
import { ticksOf } from "./play_ticks.js";
import { profilePath } from "./prior_profile.js";
import { setAttributes, svg } from "./runtime.js";
import { shownTime } from "./time_view.js";

const MARGIN = { left: 46, right: 10, top: 12, bottom: 46 };
const PANEL = { gap: 0.04, share: 0.17 }; // of the width
const TICK_PX = 4;
const TIMES = { wide: [0, 0.2, 0.4, 0.6, 0.8, 1], narrow: [0, 0.5, 1] };
const NARROW_PX = 560;
const PER_TICK_PX = 55;

export class PlayAxes extends Axes {
  /** @type {AxisSet | null} */
  #drawn = null;

  /** @param {HTMLElement} stage */
  constructor(stage) {
    super(stage);
    this.ground = svg("path", { class: "fv-ground" });
    this.profile = svg("path", { class: "fv-profile" });
    this.lines = svg("path", { class: "fv-axis" });
    this.labels = svg("g", { class: "fv-ticks" });
    this.node = svg("svg", { class: "fv-axes", "aria-hidden": "true" });
    this.node.append(this.ground, this.profile, this.lines, this.labels);
  }

  /** @override */
  get drawn() {
    return this.#drawn;
  }

  /**
   * Lay the axes out over the whole stage.
   *
   * @param {{ t: Interval, x: Interval, p: Interval }} ranges
   * @param {Profile} prior
   * @param {Texts} texts
   */
  update(ranges, prior, texts) {
    const { clientWidth, clientHeight } = this.stage;
    const width = Math.max(1, clientWidth - MARGIN.left - MARGIN.right);
    const height = Math.max(1, clientHeight - MARGIN.top - MARGIN.bottom);
    const plane = width * (1 - PANEL.gap - PANEL.share);
    const [xaxis, yaxis, xaxis2] = [
      axis(ranges.t, MARGIN.left, plane),
      axis(ranges.x, MARGIN.top, height),
      axis(ranges.p, MARGIN.left + plane + PANEL.gap * width, PANEL.share * width),
    ];
    this.#drawn = { xaxis, yaxis, xaxis2 };
    const narrow = clientWidth < NARROW_PX;
    this.ground.setAttribute("d", boxPath(xaxis, yaxis) + boxPath(xaxis2, yaxis));
    this.profile.setAttribute("d", profilePath(prior, xaxis2, yaxis));
    this.labels.replaceChildren();
    const ticks = [
      ...this.#timeTicks(xaxis, yaxis, narrow),
      ...this.#positionTicks(xaxis, yaxis),
      ...this.#densityTicks(xaxis2, yaxis, narrow),
    ];
    this.lines.setAttribute("d", ticks.join("") + frame(xaxis, yaxis) + frame(xaxis2, yaxis));
    this.#writeTitles({ xaxis, yaxis, xaxis2 }, texts, narrow);
  }

  /**
   * @param {PlotAxis} xaxis
   * @param {PlotAxis} yaxis
   * @param {boolean} narrow
   */
  #timeTicks(xaxis, yaxis, narrow) {
    const bottom = yaxis._offset + yaxis._length;
    return TIMES[narrow ? "narrow" : "wide"].map((t) => {
      const x = xaxis._offset + across(xaxis, t);
      this.#write(written(Number(shownTime(t).toFixed(1))), x, bottom + 17, "middle");
      return `M${x},${bottom}v${TICK_PX}`;
    });
  }

  /**
   * @param {PlotAxis} xaxis
   * @param {PlotAxis} yaxis
   */
  #positionTicks(xaxis, yaxis) {
    const left = xaxis._offset;
    return ticksOf(yaxis.range, yaxis._length / PER_TICK_PX).map((x) => {
      const y = yaxis._offset + down(yaxis, x);
      this.#write(written(x), left - TICK_PX - 4, y + 4, "end");
      return `M${left},${y}h${-TICK_PX}`;
    });
  }

  /**
   * @param {PlotAxis} xaxis2
   * @param {PlotAxis} yaxis
   * @param {boolean} narrow
   */
  #densityTicks(xaxis2, yaxis, narrow) {
    const bottom = yaxis._offset + yaxis._length;
    // On a phone no 0 at the side: it would touch the plane's 1.
    const ticks = ticksOf(xaxis2.range, 2).filter((p) => p > 0 || !narrow);
    return (narrow ? ticks.slice(-1) : ticks).map((p) => {
      const x = xaxis2._offset + across(xaxis2, p);
      this.#write(written(p), x, bottom + 17, "middle");
      return `M${x},${bottom}v${TICK_PX}`;
    });
  }

  /**
   * @param {Required<AxisSet>} axes
   * @param {Texts} texts
   * @param {boolean} narrow
   */
  #writeTitles({ xaxis, yaxis, xaxis2 }, texts, narrow) {
    const base = yaxis._offset + yaxis._length + 38;
    const middle = (/** @type {PlotAxis} */ { _offset, _length }) => _offset + _length / 2;
    const time = texts["axis.t"];
    const spaced = time.replace(/\s{2,}/g, narrow ? "\u2003" : "\u2003\u2003\u2003");
    this.#write(spaced, middle(xaxis), base, "middle");
    if (!narrow) this.#write(texts["axis.slice"], middle(xaxis2), base, "middle");
    const title = this.#write(texts["axis.x"], 0, 0, "middle");
    title.setAttribute("transform", `translate(13,${middle(yaxis)}) rotate(-90)`);
  }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {"start" | "middle" | "end"} anchor
   */
  #write(text, x, y, anchor) {
    const label = svg("text");
    setAttributes(label, { x, y, "text-anchor": anchor });
    label.textContent = text;
    this.labels.append(label);
    return label;
  }
}

/**
 * @param {Interval} range
 * @param {number} _offset
 * @param {number} _length
 * @returns {PlotAxis}
 */
function axis(range, _offset, _length) {
  return { range, _offset, _length };
}

/**
 * @param {PlotAxis} horizontal
 * @param {PlotAxis} vertical
 */
function boxPath({ _offset: x, _length: width }, { _offset: y, _length: height }) {
  return `M${x},${y}h${width}v${height}h${-width}z`;
}

/**
 * The left and the lower side.
 *
 * @param {PlotAxis} horizontal
 * @param {PlotAxis} vertical
 */
function frame({ _offset: x, _length: width }, { _offset: y, _length: height }) {
  return `M${x},${y}v${height}h${width}`;
}
