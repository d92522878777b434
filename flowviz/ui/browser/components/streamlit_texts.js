// What Streamlit itself writes is English, and some of what the keyboard reaches has no name: the page's
// words are put in their places, whenever Streamlit has drawn them.
/** @import { StreamlitTexts } from "./types" */

const DRAWN = [
  '[role="dialog"]',
  ".stMainMenuPopover",
  ".stConnectionStatus",
  '[data-testid="stFileUploaderDropzone"]',
  '[data-testid="InputInstructions"]',
].join(", ");
const HELP = ".stTooltipIcon [aria-label]";
const NAMED = { stMain: "main", "data-grid-canvas": "table" };

/** @type {StreamlitTexts | undefined} */
let texts;
let waiting = false;

/** @param {StreamlitTexts} newest */
export function translateStreamlit(newest) {
  const changes = { childList: true, subtree: true, attributeFilter: ["aria-label"] };
  if (!texts) new MutationObserver(soon).observe(document.body, changes);
  texts = newest;
  apply();
}

/** Once before the next picture, however much was drawn. */
function soon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    apply();
  });
}

function apply() {
  if (!texts) return;
  for (const [id, name] of Object.entries(NAMED)) {
    for (const node of document.querySelectorAll(`[data-testid="${id}"]`)) {
      const label = texts.names[name] ?? "";
      if (node.getAttribute("aria-label") !== label) node.setAttribute("aria-label", label);
    }
  }
  for (const dialog of document.querySelectorAll(DRAWN)) translate(dialog, texts.words);
  for (const node of document.querySelectorAll(HELP)) {
    const label = node.getAttribute("aria-label") ?? "";
    const start = Object.keys(texts.starts).find((begins) => label.startsWith(begins));
    const said = start && texts.starts[start]?.replace("{name}", label.slice(start.length));
    if (said && said !== label) node.setAttribute("aria-label", said);
  }
}

/**
 * @param {Element} root
 * @param {Record<string, string>} words the page's, by the beginnings of Streamlit's
 */
function translate(root, words) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const written = node.nodeValue ?? "";
    const key = Object.keys(words).find((start) => written.startsWith(start));
    const said = key === undefined ? written : words[key];
    if (said !== written) node.nodeValue = said ?? written;
  }
}
