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
 * @param {Figure} figure of `titled`
 * @param {{ format: string, filename?: string, width: number, height: number }} options
 */
export async function download(Plotly, { data, layout }, options) {
  const { format, width, height } = options;
  const page = location.pathname.split("/").pop();
  const filename = options.filename ?? ["flowviz", page].filter(Boolean).join("-");
  const figure = { data, layout: { ...layout, width, height } };
  await Plotly?.downloadImage(figure, { format, filename, width, height, scale: 2 });
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
