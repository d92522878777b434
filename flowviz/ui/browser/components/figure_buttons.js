// Undo and redo, beside a figure and by their usual keys.
/** @import { Texts } from "./types" */
import { element, label } from "./runtime.js";

const TYPED_IN = "input:not([type=range]), textarea, [contenteditable], canvas";

/** @typedef {"undo" | "redo"} HistoryStep */

export class HistoryButtons {
  /** @param {(step: HistoryStep) => void} act */
  constructor(act) {
    const button = { type: "button", className: "fv-undo" };
    this.undo = element("button", { ...button, textContent: "↶" });
    this.redo = element("button", { ...button, textContent: "↷" });
    this.node = element("span", { className: "fv-history" }, this.undo, this.redo);
    this.undo.addEventListener("click", () => act("undo"));
    this.redo.addEventListener("click", () => act("redo"));
    window.addEventListener("keydown", (event) => {
      const step = stepOf(event);
      if (!step || this[step].disabled || !this.node.isConnected) return;
      event.preventDefault();
      act(step);
    });
  }

  /**
   * @param {Texts} texts
   * @param {Record<HistoryStep, boolean>} possible
   */
  update(texts, possible) {
    for (const step of /** @type {const} */ (["undo", "redo"])) {
      label(this[step], texts[step]);
      this[step].disabled = !possible[step];
    }
  }
}

/**
 * Ctrl or Cmd with Z, with Shift for redo, or Ctrl with Y; but not where text is typed: its own undo is
 * then meant.
 *
 * @param {KeyboardEvent} event
 * @returns {HistoryStep | null}
 */
function stepOf(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null;
  if (event.target instanceof Element && event.target.closest(TYPED_IN)) return null;
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? "redo" : "undo";
  return key === "y" && event.ctrlKey && !event.shiftKey ? "redo" : null;
}
