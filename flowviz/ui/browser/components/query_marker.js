// The query point as pages draw it: a disc, and around it what can be pressed.
import { svg } from "./runtime.js";

const HALO_PX = 14;

export function queryMarker() {
  const node = svg("g", { class: "fv-probe", display: "none" });
  node.append(svg("circle", { class: "fv-probe-halo", r: HALO_PX }), svg("circle", { r: 5 }));
  return node;
}
