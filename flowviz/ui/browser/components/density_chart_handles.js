// Draggable handles on a figure, each with a name, limits and perhaps a fixed coordinate.
/** @import { ChartHandle, Point } from "./types" */
/** @import { DragChannel } from "./drag_channel.js" */
/** @import { PlotAxes } from "./plot_axes.js" */
import { clamp, roundToPixel } from "./interpolation.js";
import { fixed } from "./number.js";
import { setAttributes, svg } from "./runtime.js";
import { shownTime } from "./time_view.js";

const SETTLE_MS = 180; // after the last key of a series, the whole page is rerun

/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @typedef {{ name: string, at: Point, offset: Point, moved: boolean }} Drag */

export class ChartHandles {
  /** @type {Map<string, SVGCircleElement>} by the handles' names */
  #nodes = new Map();
  /** @type {ChartHandle[]} */
  #handles = [];
  /** @type {Drag | null} */
  #drag = null;
  /** @type {{ name: string, at: Point } | null} what was last sent */
  #sent = null;
  #large = false;
  #settle = 0;

  /**
   * @param {PlotAxes} axes
   * @param {SVGElement} layer
   * @param {DragChannel} channel
   */
  constructor(axes, layer, channel) {
    this.axes = axes;
    this.layer = layer;
    this.channel = channel;
  }

  get dragging() {
    return this.#drag !== null;
  }

  /**
   * @param {ChartHandle[]} handles
   * @param {boolean} large
   */
  update(handles, large) {
    this.#handles = handles;
    this.#large = large;
    const names = new Set(handles.map(({ name }) => name));
    for (const [name, node] of this.#nodes) {
      if (names.has(name)) continue;
      node.remove();
      this.#nodes.delete(name);
    }
    for (const handle of handles) this.#draw(handle);
  }

  /** @param {ChartHandle} handle */
  #draw(handle) {
    const node = this.#nodes.get(handle.name) ?? this.#newNode(handle.name);
    const at = this.#positionOf(handle);
    const [cx, cy] = this.axes.toPixel(at);
    setAttributes(node, {
      cx,
      cy,
      r: this.#large ? 13 : 9,
      fill: handle.colour,
      "data-name": handle.name,
      "aria-label": handle.label,
      "aria-valuenow": at[1],
      "aria-valuetext": spoken(at, handle).join(", "),
      display: this.axes.contains(at) ? "inline" : "none",
    });
    node.style.cursor = handle.fixed ? "ns-resize" : "move";
  }

  /** @param {string} name */
  #newNode(name) {
    const node = svg("circle", { class: "fv-handle", role: "slider", tabindex: 0 });
    node.addEventListener("pointerdown", (event) => this.#onPointerDown(event, node, name));
    node.addEventListener("pointermove", (event) => this.#onPointerMove(event));
    node.addEventListener("pointerup", () => this.#onPointerUp());
    node.addEventListener("pointercancel", () => this.#onPointerUp());
    node.addEventListener("keydown", (event) => this.#onKeyDown(event, name));
    this.#nodes.set(name, node);
    this.layer.append(node);
    return node;
  }

  /**
   * Where a handle is: while it is dragged, or what was sent is unanswered, not where the server says.
   *
   * @param {ChartHandle} handle
   */
  #positionOf({ name, at }) {
    if (this.#drag?.name === name) return this.#drag.at;
    return this.#sent?.name === name && !this.channel.settled ? this.#sent.at : at;
  }

  /** @param {string} name */
  #handle(name) {
    return this.#handles.find((handle) => handle.name === name);
  }

  // ------------------------------------------------------------------------------ drag and keys

  /**
   * @param {PointerEvent} event
   * @param {SVGCircleElement} node
   * @param {string} name
   */
  #onPointerDown(event, node, name) {
    const handle = this.#handle(name);
    if (event.button > 0 || !handle) return;
    event.preventDefault();
    event.stopPropagation();
    node.setPointerCapture(event.pointerId);
    node.focus({ preventScroll: true });
    const [x, y] = this.axes.toData(event);
    const { at } = handle;
    this.#drag = { name, at, offset: [at[0] - x, at[1] - y], moved: false };
  }

  /** @param {PointerEvent} event */
  #onPointerMove(event) {
    const drag = this.#drag;
    const handle = drag && this.#handle(drag.name);
    if (!handle) return;
    const [x, y] = this.axes.toData(event);
    const at = this.#allowed([x + drag.offset[0], y + drag.offset[1]], handle);
    if (at[0] === drag.at[0] && at[1] === drag.at[1]) return;
    Object.assign(drag, { at, moved: true });
    this.#draw(handle);
    this.#send(drag.name, at, true);
  }

  #onPointerUp() {
    const drag = this.#drag;
    this.#drag = null;
    if (drag?.moved) this.#send(drag.name, drag.at, false);
  }

  /**
   * A two-hundredth of the view; ten times that with Shift. The full picture once the keys rest.
   *
   * @param {KeyboardEvent} event
   * @param {string} name
   */
  #onKeyDown(event, name) {
    const arrow = ARROWS[event.key];
    const handle = this.#handle(name);
    if (!arrow || !handle) return;
    event.preventDefault();
    const share = event.shiftKey ? 1 / 20 : 1 / 200;
    const [x, y] = this.#positionOf(handle);
    const { xaxis, yaxis } = this.axes.axes;
    const moved = [
      x + arrow[0] * share * (xaxis.range[1] - xaxis.range[0]),
      y + arrow[1] * share * (yaxis.range[1] - yaxis.range[0]),
    ];
    const at = this.#allowed(moved, handle);
    this.#send(name, at, true);
    this.#draw(handle);
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.#send(name, at, false), SETTLE_MS);
  }

  /**
   * @param {string} name
   * @param {Point} at
   * @param {boolean} preview
   */
  #send(name, at, preview) {
    this.#sent = { name, at };
    this.channel.send({ op: "move", i: name, at, preview });
  }

  /**
   * Within the axes and the handle's own limits.
   *
   * @param {number[]} at
   * @param {ChartHandle} handle
   * @returns {Point}
   */
  #allowed([x, y], handle) {
    const { xaxis, yaxis } = this.axes.axes;
    return [this.#allowedOn(xaxis.range, x, handle, 0), this.#allowedOn(yaxis.range, y, handle, 1)];
  }

  /**
   * @param {[number, number]} range of the axis, which may run downwards
   * @param {number} value
   * @param {ChartHandle} handle
   * @param {0 | 1} k
   */
  #allowedOn(range, value, { at, fixed, limits }, k) {
    if (fixed?.[k]) return at[k];
    const [low, high] = [Math.min(...range), Math.max(...range)];
    const [least, most] = limits?.[k] ?? [low, high];
    return roundToPixel(clamp(value, Math.max(low, least), Math.min(high, most)), low, high);
  }
}

/**
 * Where a handle is, for those who hear it.
 *
 * @param {Point} at
 * @param {ChartHandle} handle
 */
function spoken([across, up], { over_time: overTime }) {
  return [overTime ? shownTime(across) : across, up].map((value) => fixed(value, 3));
}
