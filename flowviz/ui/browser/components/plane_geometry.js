// The square of the plane on the page: its box beside the ticks, data to pixels and back.
/** @import { Coordinates, Interval, PlaneFlow, Point } from "./types" */

/** @typedef {{ left: number, top: number, side: number }} Box in pixels of the stage */

export class PlaneGeometry {
  /** @type {Box} */
  box = { left: 0, top: 0, side: 0 };
  /** @type {Interval[]} of x and of y */
  view = [
    [0, 1],
    [0, 1],
  ];

  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.stage = stage;
  }

  /**
   * The box is square: what is left beside the ticks.
   *
   * @param {PlaneFlow["view"]} view
   * @param {number} font size of the ticks' numbers
   */
  measure([lowX, highX, lowY, highY], font) {
    this.view = [
      [lowX, highX],
      [lowY, highY],
    ];
    const [left, bottom, top] = [2.9 * font, 2 * font, 0.5 * font];
    const width = this.stage.clientWidth;
    this.box = { left, top, side: Math.max(40, width - Math.max(left + 2, bottom + top)) };
  }

  /**
   * @param {Coordinates} at
   * @returns {Point}
   */
  toPixel([x, y]) {
    const [[lowX, highX], [lowY, highY]] = this.view;
    const { left, top, side } = this.box;
    return [
      left + ((x - lowX) / (highX - lowX)) * side,
      top + ((highY - y) / (highY - lowY)) * side,
    ];
  }

  /**
   * @param {MouseEvent} event
   * @returns {Point}
   */
  toData(event) {
    const stage = this.stage.getBoundingClientRect();
    const [[lowX, highX], [lowY, highY]] = this.view;
    const { left, top, side } = this.box;
    return [
      lowX + ((event.clientX - stage.left - left) / side) * (highX - lowX),
      highY - ((event.clientY - stage.top - top) / side) * (highY - lowY),
    ];
  }

  /** @param {Coordinates} at */
  contains(at) {
    return this.view.every(([low, high], k) => at[k] >= low && at[k] <= high);
  }
}
