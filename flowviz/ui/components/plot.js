// A Plotly figure that is redrawn in place: no remount, no blank frame between two states.
import { element, loadPlotly, unpack } from "./runtime.js";

const drawn = new WeakMap();

export default async function plot({ data, parentElement }) {
  if (!data) return undefined;
  const { figure, assets, label } = unpack(data);
  let node = drawn.get(parentElement);
  if (!node) {
    node = element("div", { className: "plot", role: "img" });
    parentElement.append(node);
    drawn.set(parentElement, node);
  }
  node.setAttribute("aria-label", label ?? "");
  const Plotly = await loadPlotly(assets.plotly);
  await Plotly.react(node, figure.data, figure.layout, { displayModeBar: false, responsive: true });
  return undefined;
}
