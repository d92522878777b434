// The plane's picture as one image: the canvases, and above them what the overlay's SVG shows.
/** @import { PlaneStyle } from "./types" */
/** @import { Box } from "./plane_geometry.js" */

const DENSITY = 2; // pixels of the image for each of the screen's
const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "display"];

/**
 * A PNG of the layers, in order, and of the overlay.
 *
 * @param {HTMLCanvasElement[]} layers
 * @param {SVGSVGElement} overlay
 * @param {Box} box where the layers lie in the overlay
 * @param {PlaneStyle} style
 */
export async function composeImage(layers, overlay, { left, top, side }, { ground, font }) {
  const { width, height } = overlay.getBoundingClientRect();
  const canvas = new OffscreenCanvas(Math.round(DENSITY * width), Math.round(DENSITY * height));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no canvas context");
  context.scale(DENSITY, DENSITY);
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  for (const layer of layers) {
    if (!layer.hidden && layer.width) context.drawImage(layer, left, top, side, side);
  }
  context.drawImage(await imageOf(overlay, width, height, font), 0, 0, width, height);
  return canvas.convertToBlob({ type: "image/png" });
}

/**
 * @param {SVGSVGElement} overlay
 * @param {number} width
 * @param {number} height
 * @param {number} font
 */
async function imageOf(overlay, width, height, font) {
  const copy = styledCopy(overlay, font);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(DENSITY * width));
  copy.setAttribute("height", String(DENSITY * height));
  copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const image = new Image();
  const text = encodeURIComponent(new XMLSerializer().serializeToString(copy));
  image.src = `data:image/svg+xml;charset=utf-8,${text}`;
  await image.decode();
  return image;
}

/**
 * A copy with its styles written out: a style sheet does not travel with it.
 *
 * @param {SVGSVGElement} overlay
 * @param {number} font
 */
function styledCopy(overlay, font) {
  const copy = /** @type {SVGSVGElement} */ (overlay.cloneNode(true));
  const nodes = overlay.querySelectorAll("*");
  /** @type {NodeListOf<SVGElement>} */
  const copies = copy.querySelectorAll("*");
  copies.forEach(({ style }, k) => {
    const computed = getComputedStyle(nodes[k]);
    for (const name of STYLES) style.setProperty(name, computed.getPropertyValue(name));
    style.fontFamily = "sans-serif";
    style.fontSize = `${font}px`;
  });
  return copy;
}
