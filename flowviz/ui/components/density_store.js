// Carries a flow to the picture that paints it. A flow is a megabyte; what a hand asks or sets beside
// it is a few hundred bytes. A component of its own, whose data stay as they are, is not sent again.
import { unpack } from "./runtime.js";

const flows = (window.flowvizFlows ??= new Map()); // shared by all copies of this module

export default function carry({ data, parentElement }) {
  if (!data) return;
  // Nothing to see: it takes no room on the page.
  const box = parentElement.closest?.("[data-testid=stElementContainer]");
  if (box) box.style.display = "none";
  const { key, name, flow } = unpack(data);
  flows.set(key, { name, flow });
  window.dispatchEvent(new CustomEvent("flowviz:flow", { detail: key }));
}

/** The flow of this name, if it has arrived. */
export function flowOf(key, name) {
  const found = flows.get(key);
  return found?.name === name ? found.flow : undefined;
}
