// What the colours of the light page mean: those of the density, and of the trajectories where they are
// those of x₁.
/** @import { PlayStyle } from "./play" */
/** @import { Fan, Texts } from "./types" */
import { cssGradient } from "./canvas.js";
import { number } from "./number.js";
import { element } from "./runtime.js";

/**
 * @param {HTMLElement} node where it goes
 * @param {{ ceiling: number | null, starts: Fan[] | null }} shown the end of the density's colours, and
 *   trajectories whose colours are those of x₁; null for none
 * @param {PlayStyle} style
 * @param {Texts} texts
 */
export function writeLegend(node, { ceiling, starts }, style, texts) {
  const parts = [];
  if (ceiling !== null) {
    const scale = bar(cssGradient(style.density));
    parts.push(part(texts["axis.density"], "0", scale, `≥ ${number(ceiling, 2)}`));
  }
  if (starts) {
    const [low, high] = rangeOf(starts);
    const scale = bar(`linear-gradient(90deg, ${style.colours.join(", ")})`);
    parts.push(part(texts.legend.replace("{x}", number(low)), scale, number(high)));
  }
  node.replaceChildren(...parts);
}

/** @param {(string | HTMLElement)[]} nodes */
function part(...nodes) {
  const items = nodes.map((node) =>
    typeof node === "string" ? element("span", { textContent: node }) : node,
  );
  return element("div", { className: "fv-legend" }, ...items);
}

/** @param {string} background */
function bar(background) {
  const node = element("span", { className: "fv-spectrum" });
  node.style.background = background;
  return node;
}

/**
 * The lowest and the highest start.
 *
 * @param {Fan[]} fans
 */
function rangeOf(fans) {
  const starts = fans.flatMap(({ trace, nodes, count }) =>
    Array.from({ length: count }, (_, q) => trace.y[q * (nodes + 1) + nodes - 1]),
  );
  return [Math.min(...starts), Math.max(...starts)];
}
