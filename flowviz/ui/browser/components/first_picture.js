// Removes what the document shows before the application runs (`flowviz/ui/first_picture`): when the
// page has its own picture, or its title where it begins with none, when it says something else, or
// when the visitor does something.

const GRACE_MS = 1500; // for the picture of a page that has run to its end
const DRAWN = ".fv-rest, .stMain .js-plotly-plot .main-svg";
const TITLE = ".stMain h1";
const ENDED = '[data-testid="stApp"][data-test-script-state="notRunning"]';
const OTHER = '[role="dialog"], [data-testid="stException"]';

const first = document.getElementById("first-picture");
const root = document.getElementById("root");
const still = first?.querySelector("svg");
let ending = 0;

/** @param {string} selector */
function has(selector) {
  return document.querySelector(selector) !== null;
}

function remove() {
  observer.disconnect();
  window.removeEventListener("pointerdown", onAction, true);
  window.removeEventListener("keydown", onAction, true);
  first?.remove();
}

function onAction() {
  if (has(TITLE)) remove();
}

function look() {
  if (!first) return;
  if (has(OTHER) || (has(TITLE) && (!still || has(DRAWN)))) return remove();
  // Two are one too many for those who hear them.
  if (has(TITLE)) first.setAttribute("aria-hidden", "true");
  if (has(TITLE) && has(ENDED) && !ending) ending = setTimeout(remove, GRACE_MS);
}

const observer = new MutationObserver(look);
if (first && root) {
  observer.observe(root, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["class", "data-test-script-state"],
  });
  window.addEventListener("pointerdown", onAction, true);
  window.addEventListener("keydown", onAction, true);
}
