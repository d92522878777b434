// Stores the large data of a figure, which are sent apart from it: a density, a flow, a basin map. They
// take up to a megabyte, and what a drag or a control changes a few hundred bytes. As the data of a
// separate component, each is sent only once.
/** @import { Component, StoredContent } from "./types" */
import { unpack } from "./runtime.js";

window.flowvizStore ??= new Map(); // shared by all copies of this module
const store = window.flowvizStore;

/** @type {Component} */
export default function receive({ data, parentElement }) {
  if (!data) return;
  // Nothing to see: it takes no room on the page.
  const box = parentElement.closest("[data-testid=stElementContainer]");
  if (box instanceof HTMLElement) box.style.display = "none";
  const { key, name, flow } = /** @type {StoredContent} */ (unpack(data));
  store.set(key, { name, flow });
  window.dispatchEvent(new CustomEvent("flowviz:stored", { detail: key }));
}

/**
 * What is stored under that key, if it has that name: undefined until it has arrived.
 *
 * @template T what `types.d.ts` says of it
 * @param {string} key
 * @param {string} name
 * @returns {T | undefined}
 */
export function stored(key, name) {
  const found = store.get(key);
  return found?.name === name ? /** @type {T} */ (found.flow) : undefined;
}
