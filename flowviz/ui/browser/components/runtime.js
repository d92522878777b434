// Shared by every component: mount a view, read a packed block, load Plotly once, make nodes.
/** @import { Plotly } from "./plotly" */
/** @import { Component, Content, DragView, Json, NumberedContent, PackedArray } from "./types" */
/** @import { View } from "./types" */
import { setTimeConvention } from "./time_view.js";

/**
 * A component with one view for each node of a page, updated with whatever the server sends.
 *
 * @template {Content} C
 * @param {new (parent: HTMLElement) => View<C>} Kind
 * @returns {Component}
 */
export function mount(Kind) {
  /** @type {WeakMap<HTMLElement, View<C>>} */
  const views = new WeakMap();
  return async ({ data, parentElement, setStateValue }) => {
    if (!data) return;
    await viewOf(views, Kind, parentElement).update(contentOf(data), setStateValue);
  };
}

/**
 * The same for a view that sends messages.
 *
 * @template {NumberedContent} C
 * @param {new (parent: HTMLElement) => DragView<C>} Kind
 * @returns {Component}
 */
export function mountDraggable(Kind) {
  /** @type {WeakMap<HTMLElement, DragView<C>>} */
  const views = new WeakMap();
  return async ({ data, parentElement, setStateValue }) => {
    if (!data) return;
    const view = viewOf(views, Kind, parentElement);
    view.channel.connect((message) =>
      setStateValue("edit", { ...message, session: view.content?.session }),
    );
    await view.update(contentOf(data));
  };
}

/**
 * @template {Content} C
 * @param {Uint8Array} data
 * @returns {C}
 */
function contentOf(data) {
  /** @type {C} */
  const content = unpack(data);
  setTimeConvention(content.convention);
  return content;
}

/**
 * @template V
 * @param {WeakMap<HTMLElement, V>} views
 * @param {new (parent: HTMLElement) => V} Kind
 * @param {HTMLElement} parent
 */
function viewOf(views, Kind, parent) {
  const view = views.get(parent) ?? new Kind(parent);
  views.set(parent, view);
  return view;
}

// ------------------------------------------------------------------------------------- blocks

/**
 * Read what `flowviz/ui/browser/codec.py` packed: the header with its arrays put back in place.
 *
 * @template C what `types.d.ts` says of this block; nothing in a block can be asked for its type
 * @param {Uint8Array} bytes
 * @returns {C}
 */
export function unpack(bytes) {
  const block = bytes.byteOffset % 8 ? bytes.slice() : bytes; // typed views need alignment
  const start = block.byteOffset;
  const length = new DataView(block.buffer, start, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(block.subarray(4, 4 + length)));
  return /** @type {C} */ (restore(header, block.buffer, start + 4 + length));
}

/**
 * The same from a header and arrays that came apart.
 *
 * @template C
 * @param {string} header
 * @param {Uint8Array} arrays from the first byte of their buffer
 * @returns {C}
 */
export function unpackApart(header, arrays) {
  return /** @type {C} */ (restore(JSON.parse(header), arrays.buffer, 0));
}

/**
 * @param {Json | PackedArray} value
 * @param {ArrayBufferLike} buffer
 * @param {number} base
 * @returns {unknown}
 */
function restore(value, buffer, base) {
  if (Array.isArray(value)) return value.map((item) => restore(item, buffer, base));
  if (value === null || typeof value !== "object") return value;
  if (isPacked(value)) return arrayOf(value, buffer, base);
  const entries = Object.entries(value).map(([key, item]) => [key, restore(item, buffer, base)]);
  return Object.fromEntries(entries);
}

/**
 * @param {object} value
 * @returns {value is PackedArray}
 */
function isPacked(value) {
  return "$" in value;
}

/**
 * @param {PackedArray} packed
 * @param {ArrayBufferLike} buffer
 * @param {number} base
 */
function arrayOf({ $: [offset, shape, kind], scale, since }, buffer, base) {
  const at = base + offset;
  const size = shape.reduce((a, b) => a * b, 1);
  switch (kind) {
    case "f4":
      return new Float32Array(buffer, at, size);
    case "f8":
      return new Float64Array(buffer, at, size);
    case "i4":
      return new Int32Array(buffer, at, size);
    case "u1":
      return summed(new Uint8Array(buffer, at, size), since);
    case "u2":
      return summed(new Uint16Array(buffer, at, size), since);
    case "block":
      return unpack(new Uint8Array(buffer, at, size));
    case "q16":
      return dequantise(new Uint16Array(buffer, at, size), shape, stepsOf(scale, buffer, base));
  }
}

/**
 * Codes from their differences, each to the one `since` before it. The block stays as it is: it may be
 * unpacked again.
 *
 * @template {Uint8Array | Uint16Array} Codes
 * @param {Codes} differences
 * @param {number} [since]
 * @returns {Codes}
 */
function summed(differences, since) {
  if (!since) return differences;
  const codes = /** @type {Codes} */ (differences.slice());
  for (let i = since; i < codes.length; i++) codes[i] += codes[i - since];
  return codes;
}

/**
 * The steps of a quantised density, of all of it or of each column.
 *
 * @param {PackedArray["scale"]} scale
 * @param {ArrayBufferLike} buffer
 * @param {number} base
 * @returns {number | Float32Array}
 */
function stepsOf(scale, buffer, base) {
  if (typeof scale !== "object") return scale ?? 1;
  return /** @type {Float32Array} */ (arrayOf(scale, buffer, base));
}

/**
 * A quantised density as rows of floats; code 65535 is "no value".
 *
 * @param {Uint16Array} codes
 * @param {number[]} shape
 * @param {number | Float32Array} steps
 */
function dequantise(codes, [height, width], steps) {
  const columns = typeof steps === "number" ? new Float32Array(width).fill(steps) : steps;
  const rows = [];
  for (let i = 0; i < height; i++) {
    const row = new Float32Array(width);
    for (let j = 0, k = i * width; j < width; j++, k++) {
      row[j] = codes[k] === 65535 ? NaN : codes[k] * columns[j];
    }
    rows.push(row);
  }
  return rows;
}

// ------------------------------------------------------------------------------------- Plotly

/** @type {Promise<Plotly> | undefined} */
let plotly;

/**
 * Plotly, loaded once for all components, from the address Python gives (same origin).
 *
 * @param {string} url
 * @returns {Promise<Plotly>}
 */
export function loadPlotly(url) {
  plotly ??= requestPlotly(url).catch((error) => {
    plotly = undefined; // a later draw tries again
    throw error;
  });
  return plotly;
}

/**
 * @param {string} url
 * @returns {Promise<Plotly>}
 */
function requestPlotly(url) {
  return new Promise((resolve, reject) => {
    const refuse = () => reject(new Error(`could not load ${url}`));
    const done = () => (window.Plotly ? resolve(window.Plotly) : refuse());
    if (window.Plotly) return done();
    const script = document.createElement("script");
    script.src = new URL(url, document.baseURI).href;
    script.onload = done;
    script.onerror = refuse;
    document.head.append(script);
  });
}

/** Narrower than any page, wider than a longest tick label. */
const NARROWEST_PLOT_PX = 100;

/**
 * Whether Plotly can draw in a node. While a page is laid out or a sidebar opens, a node is a few
 * pixels wide for a frame: Plotly hides all tick labels there, and puts an axis' title at infinity.
 *
 * @param {HTMLElement} node
 */
export function isWideEnough(node) {
  return node.clientWidth >= NARROWEST_PLOT_PX;
}

/**
 * The height that a style sheet gives a plot, in pixels: a page that is presented fills the window.
 *
 * @param {HTMLElement} node
 * @returns {number | null} null where none does
 */
export function heightOf(node) {
  return Number.parseFloat(getComputedStyle(node).minHeight) || null;
}

// -------------------------------------------------------------------------------------- nodes

/** @typedef {Record<string, string | number | boolean>} Attributes */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes] properties of the node; what it has no property for, attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in node && key !== "list") Reflect.set(node, key, value);
    else node.setAttribute(key, String(value));
  }
  node.append(...children);
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes} [attributes]
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  setAttributes(node, attributes);
  return node;
}

/**
 * Set what is not so already: a write costs layout, also where it changes nothing.
 *
 * @param {Element} node
 * @param {Attributes} attributes
 */
export function setAttributes(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (node.getAttribute(key) !== String(value)) node.setAttribute(key, String(value));
  }
}

/**
 * Where a node lies in its parent, in pixels.
 *
 * @param {HTMLElement} node
 * @param {{ left: number, top: number, width: number, height: number }} box
 */
export function placeNode(node, { left, top, width, height }) {
  Object.assign(node.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
}

/**
 * The colours of a picture, for its style sheet.
 *
 * @param {HTMLElement} root
 * @param {Record<string, string>} colours by name
 */
export function setColours(root, colours) {
  for (const [name, value] of Object.entries(colours)) {
    root.style.setProperty(`--fv-${name}`, value);
  }
}

/**
 * What a button does, for those who see it and for those who hear it.
 *
 * @param {HTMLElement} button
 * @param {string} text
 */
export function label(button, text) {
  button.title = text;
  button.setAttribute("aria-label", text);
}
