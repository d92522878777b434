// Undo, beside a figure and by its usual key.
/** @import { Texts } from "./types" */
import { element, label } from "./runtime.js";

const TYPED_IN = "input:not([type=range]), textarea, [contenteditable], canvas";

export class UndoButton {
  /** @param {() => void} undo */
  constructor(undo) {
    this.node = element("button", { type: "button", className: "fv-undo", textContent: "↶" });
    this.node.addEventListener("click", undo);
    window.addEventListener("keydown", (event) => {
      if (!isUndo(event) || this.node.disabled || !this.node.isConnected) return;
      event.preventDefault();
      undo();
    });
  }

  /**
   * @param {Texts} texts
   * @param {boolean} undoable whether there is anything to undo
   */
  update(texts, undoable) {
    label(this.node, texts.undo);
    this.node.disabled = !undoable;
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
