// Cells and lines on canvases.
/** @import { ColorScale } from "./plotly" */
/** @import { Rows } from "./types" */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [settings]
 */
export function context2d(canvas, settings) {
  const context = canvas.getContext("2d", settings);
  if (!context) throw new Error("this browser gives no canvas context");
  return context;
}

/**
 * Give a canvas that many pixels; its picture is lost if it had others.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function resizeCanvas(canvas, width, height) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}

/**
 * An empty canvas of that size in CSS pixels, at the screen's own resolution.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function clearedCanvas(canvas, width, height) {
  const density = window.devicePixelRatio || 1;
  resizeCanvas(canvas, Math.round(width * density), Math.round(height * density));
  const context = context2d(canvas);
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/**
 * Paint rows of values, one pixel each, by a colour scale from `cmin` to `cmax`; NaN stays clear.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Rows} rows from the bottom
 * @param {{ colorscale: ColorScale, cmin: number, cmax: number }} scale
 */
export function paintRows(canvas, rows, { colorscale, cmin, cmax }) {
  const [width, height] = [rows[0].length, rows.length];
  resizeCanvas(canvas, width, height);
  const context = context2d(canvas);
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const colours = colourTable(colorscale);
  const scale = 255 / (cmax - cmin);
  for (let i = 0, k = 0; i < height; i++) {
    const row = rows[height - 1 - i]; // a canvas counts rows downwards
    for (let j = 0; j < width; j++, k++) {
      const code = (row[j] - cmin) * scale;
      if (!Number.isNaN(code)) pixels[k] = colours[(Math.min(255, Math.max(0, code)) + 0.5) | 0];
    }
  }
  context.putImageData(image, 0, 0);
}

/**
 * The 256 colours of a scale, as a canvas stores them.
 *
 * @param {ColorScale} scale
 */
export function colourTable(scale) {
  const stops = scale.map(([at, colour]) => ({ at, rgba: channels(colour) }));
  const out = new Uint32Array(256);
  for (let i = 0, k = 0; i < 256; i++) {
    while (k < stops.length - 2 && i / 255 > stops[k + 1].at) k++;
    const [from, to] = [stops[k], stops[k + 1]];
    const fraction = (i / 255 - from.at) / (to.at - from.at);
    out[i] = pixel(from.rgba.map((value, c) => value + fraction * (to.rgba[c] - value)));
  }
  return out;
}

/**
 * Red, green, blue and alpha, each up to 255.
 *
 * @param {string} colour "#rrggbb" or "rgba(r,g,b,a)"
 */
function channels(colour) {
  if (colour.startsWith("#")) {
    return [...[1, 3, 5].map((k) => Number.parseInt(colour.slice(k, k + 2), 16)), 255];
  }
  const [red, green, blue, alpha] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue, 255 * alpha];
}

/** @param {number[]} rgba */
function pixel(rgba) {
  const [red, green, blue, alpha] = rgba.map(Math.round);
  return (alpha << 24) | (blue << 16) | (green << 8) | red;
}

/**
 * One colour as a canvas stores it, clear.
 *
 * @param {string} hex
 */
export function colourCode(hex) {
  return pixel(channels(hex)) & 0xffffff;
}

/**
 * A scale as a CSS gradient, from left to right.
 *
 * @param {ColorScale} scale
 */
export function cssGradient(scale) {
  const stops = scale.map(([at, colour]) => `${colour} ${100 * at}%`);
  return `linear-gradient(90deg, ${stops.join(", ")})`;
}
