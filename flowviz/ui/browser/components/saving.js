// Figures as files: every Plotly figure of a page can be saved, by its mode bar or from the menu.
/** @import { Figure, Plotly, TitledFigure } from "./plotly" */

/**
 * A figure that can be saved now: what it is called, and how it is saved.
 *
 * @typedef {object} Savable
 * @property {() => string} title empty while there is nothing to save
 * @property {(format: string, name?: string) => Promise<void>} save
 */

/** @type {Map<HTMLElement, Savable>} */
const figures = new Map();

/**
 * Let the page's menu save a figure.
 *
 * @param {HTMLElement} node
 * @param {Savable} figure
 */
export function savable(node, figure) {
  figures.set(node, figure);
}

/** The figures that are shown, those of the page before those of the sidebar. */
export function savableFigures() {
  for (const node of figures.keys()) if (!node.isConnected) figures.delete(node);
  const shown = [...figures].filter(([node, figure]) => node.clientWidth && figure.title());
  shown.sort(([a], [b]) => sidebar(a) - sidebar(b) || order(a, b));
  return shown.map(([, figure]) => figure);
}

/** @param {HTMLElement} node */
function sidebar(node) {
  return Number(node.closest(".stSidebar") !== null);
}

/**
 * @param {Node} a
 * @param {Node} b
 */
function order(a, b) {
  return a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_PRECEDING ? 1 : -1;
}

/**
 * Save a figure with its title, at twice the size on screen; by default under the page's name.
 *
 * @param {Plotly | undefined} Plotly
 * @param {TitledFigure} figure of `titled`
 * @param {{ format: string, filename?: string, width: number, height: number }} options
 */
export async function download(Plotly, { data, layout }, options) {
  const { format, width, height } = options;
  const page = location.pathname.split("/").pop();
  const filename = options.filename ?? ["flowviz", page].filter(Boolean).join("-");
  const lines = linesOf(layout.title.text, layout.font.size, width);
  const more = (lines.length - 1) * LINE * layout.font.size;
  const size = { width, height: height + more };
  const margin = { ...layout.margin, t: layout.margin.t + more };
  const place = { y: 1, yref: "container", yanchor: "top", pad: { t: TOP * layout.font.size } };
  const title = { ...layout.title, ...place, text: lines.join("<br>") };
  const figure = { data, layout: { ...layout, ...size, margin, title } };
  await Plotly?.downloadImage(figure, { format, filename, ...size, scale: 2 });
}

// Plotly neither breaks a title nor makes it smaller. Its letters have 1.4 of the figure's size.
const LINE = 1.9; // of a title's line, in the figure's text size
const TOP = 2.4; // of its first line
const MARGINS = 0.1; // what a title leaves free of the width
const WORDS = /[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+/gu;

/**
 * A title's lines in a figure of a width.
 *
 * @param {string} text
 * @param {number} size of the figure's text, px
 * @param {number} width px
 */
function linesOf(text, size, width) {
  const lines = [""];
  for (const word of text.match(WORDS) ?? []) {
    const last = lines[lines.length - 1] ?? "";
    const fits = lettersOf(last + word) * 1.4 * size <= (1 - MARGINS) * width;
    if (fits || !last || CLOSING.test(word)) lines[lines.length - 1] = last + word;
    else lines.push(word.trim());
  }
  return lines.map((line) => line.trim());
}

const CLOSING = /^[\s，。；：、！？）”]/u; // begins no line

/**
 * A text's width in its letters' size, rather too wide: a Chinese sign is as wide as high.
 *
 * @param {string} text
 */
function lettersOf(text) {
  return [...text].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 1 : 0.56), 0);
}

/**
 * A figure for a file: with a title, on the page's ground.
 *
 * @param {Figure} figure
 * @param {string} text
 * @param {string} ground
 * @returns {TitledFigure}
 */
export function titled(figure, text, ground) {
  const { margin, font } = figure.layout;
  const title = { text };
  const higher = { ...margin, t: margin.t + 3 * font.size };
  const layout = { ...figure.layout, title, margin: higher, paper_bgcolor: ground };
  return { ...figure, layout };
}
