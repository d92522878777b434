// The plane's picture as one image: the canvases, and above them what the overlay's SVG shows.

const SHARP = 2; // pixels of the image for each of the screen's

/** A PNG of the layers, in order, and of the overlay. */
export async function composed(layers, overlay, { left, top, side }, { ground, font }) {
  const { width, height } = overlay.getBoundingClientRect();
  const canvas = new OffscreenCanvas(Math.round(SHARP * width), Math.round(SHARP * height));
  const context = canvas.getContext("2d");
  context.scale(SHARP, SHARP);
  context.fillStyle = ground;
  context.fillRect(0, 0, width, height);
  for (const layer of layers) {
    if (!layer.hidden && layer.width) context.drawImage(layer, left, top, side, side);
  }
  context.drawImage(await drawn(overlay, width, height, font), 0, 0, width, height);
  return canvas.convertToBlob({ type: "image/png" });
}

/** The overlay with its styles written out, as an image: a style sheet does not travel with it. */
async function drawn(overlay, width, height, font) {
  const copy = overlay.cloneNode(true);
  const [from, to] = [overlay, copy].map((node) => [...node.querySelectorAll("*")]);
  from.forEach((node, k) => {
    const style = getComputedStyle(node);
    for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "display"]) {
      to[k].style.setProperty(name, style.getPropertyValue(name));
    }
    to[k].style.fontFamily = "sans-serif";
    to[k].style.fontSize = `${font}px`;
  });
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", SHARP * width);
  copy.setAttribute("height", SHARP * height);
  copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}
