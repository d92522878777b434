// Undo and download, beside a figure; undo has its usual key as well.
/** @import { Words } from "./types" */
import { element, label } from "./runtime.js";

const TYPED_IN = "input:not([type=range]), textarea, [contenteditable], canvas";

export class FigureButtons {
  /**
   * @param {() => void} undo
   * @param {() => void} download
   */
  constructor(undo, download) {
    this.undo = element("button", {
      type: "button",
      className: "fv-save fv-undo",
      textContent: "↶",
    });
    this.save = element("button", { type: "button", className: "fv-save", textContent: "⤓" });
    this.undo.addEventListener("click", undo);
    this.save.addEventListener("click", download);
    window.addEventListener("keydown", (event) => {
      if (!isUndo(event) || this.undo.disabled || !this.undo.isConnected) return;
      event.preventDefault();
      undo();
    });
  }

  get nodes() {
    return [this.undo, this.save];
  }

  /**
   * @param {Words} words
   * @param {boolean} undoable whether there is anything to undo
   */
  update(words, undoable) {
    label(this.save, words.download);
    label(this.undo, words.undo);
    this.undo.disabled = !undoable;
  }
}

/**
 * Ctrl or Cmd with Z, but not where text is typed: its own undo is then meant.
 *
 * @param {KeyboardEvent} event
 */
function isUndo(event) {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey) return false;
  if (event.key.toLowerCase() !== "z") return false;
  return !(event.target instanceof Element && event.target.closest(TYPED_IN));
}
