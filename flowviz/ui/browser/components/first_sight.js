// What is shown to a visitor once: remembered by the browser, or, where it stores nothing, by the page.

const PREFIX = "flowviz:seen:";
/** @type {Set<string>} */
const seen = new Set();

/** @param {string} name */
export function isSeen(name) {
  try {
    if (localStorage.getItem(PREFIX + name)) return true;
  } catch {
    // A browser may refuse to store anything.
  }
  return seen.has(name);
}

/** @param {string} name */
export function markSeen(name) {
  seen.add(name);
  try {
    localStorage.setItem(PREFIX + name, "1");
  } catch {
    // Then it is seen again after a reload.
  }
  window.dispatchEvent(new CustomEvent("flowviz:seen", { detail: name }));
}

/** Whether the visitor has asked for less motion. */
export function prefersLessMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
