// Texts with Markdown's bold, italics and links, as nodes.
import { element } from "./runtime.js";

const MARKS = /\*\*(.+?)\*\*|\*(.+?)\*|\[(.+?)\]\((https:[^)\s]+)\)/;

/**
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function marked(text) {
  const found = text.match(MARKS);
  if (!found) return text ? [text] : [];
  const [all, bold, italic, name, href] = found;
  const start = found.index ?? 0;
  const node = bold
    ? element("strong", {}, ...marked(bold))
    : italic
      ? element("em", {}, ...marked(italic))
      : element("a", { href, target: "_blank", rel: "noopener" }, ...marked(name));
  return [text.slice(0, start), node, ...marked(text.slice(start + all.length))];
}
