// Shared by every FlowViz component: read a packed block, load Plotly once, draw on a kept node.

/** Read what `flowviz/ui/wire.py` packed: the header with its arrays put back in place. */
export function unpack(bytes) {
  const block = bytes.byteOffset % 8 ? bytes.slice() : bytes; // typed views need alignment
  const start = block.byteOffset;
  const length = new DataView(block.buffer, start, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(block.subarray(4, 4 + length)));
  return restore(header, block.buffer, start + 4 + length);
}

function restore(value, buffer, base) {
  if (Array.isArray(value)) return value.map((item) => restore(item, buffer, base));
  if (value === null || typeof value !== "object") return value;
  if (!value.$) {
    for (const key of Object.keys(value)) value[key] = restore(value[key], buffer, base);
    return value;
  }
  const [offset, shape, kind] = value.$;
  const size = shape.reduce((a, b) => a * b, 1);
  if (kind === "f4") return new Float32Array(buffer, base + offset, size);
  if (kind === "u1") return new Uint8Array(buffer, base + offset, size);
  if (kind === "u2") return new Uint16Array(buffer, base + offset, size);
  if (kind === "i4") return new Int32Array(buffer, base + offset, size);
  if (kind === "block") return unpack(new Uint8Array(buffer, base + offset, size));
  return rows(new Uint16Array(buffer, base + offset, size), shape, value.scale);
}

/** A quantised density as rows of floats; code 65535 is "no value". */
function rows(codes, [height, width], scale) {
  const out = new Array(height);
  for (let i = 0; i < height; i++) {
    const row = new Float32Array(width);
    for (let j = 0, k = i * width; j < width; j++, k++) {
      row[j] = codes[k] === 65535 ? NaN : codes[k] * scale;
    }
    out[i] = row;
  }
  return out;
}

let plotly;

/** Plotly, loaded once for all components, from the address Python gives (same origin). */
export function loadPlotly(url) {
  plotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = new URL(url, document.baseURI).href;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      plotly = undefined; // a later draw tries again
      reject(new Error(`could not load ${url}`));
    };
    document.head.append(script);
  });
  return plotly;
}

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in node && key !== "list") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}
