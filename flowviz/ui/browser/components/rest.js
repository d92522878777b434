// Asks for what takes long to say of a scene, when the scene has rested: a slider that is still held, or a point
// that is dragged on, would make it of no use.
/** @import { Component, RestContent } from "./types" */

/** @type {ReturnType<typeof setTimeout> | undefined} */
let waits;
let asked = 0;

/** @type {Component<RestContent>} */
export default function rest({ data, parentElement, setStateValue }) {
  if (!data) return;
  const { name, answered, wait } = data;
  // Nothing to see: it takes no room on the page.
  const box = parentElement.closest("[data-testid=stElementContainer]");
  if (box instanceof HTMLElement) {
    box.style.display = "none";
    box.dataset.scene = name;
    box.dataset.answered = answered ? name : "";
  }
  clearTimeout(waits);
  if (answered) return;
  waits = setTimeout(() => {
    // Of a page that has been left nothing is asked.
    if (parentElement.isConnected) setStateValue("rested", { name, asked: ++asked });
  }, wait);
}
