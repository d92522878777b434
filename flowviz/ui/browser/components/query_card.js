// The answer at the query point, beside it on the picture: p_t, the velocity, and the largest posterior
// weights as bars. The page has the same numbers, and more of them, in a table.
/** @import { Box } from "./axes.js" */
/** @import { Card, Point } from "./types" */
import { clamp } from "./interpolation.js";
import { element } from "./runtime.js";

const AWAY_PX = 22; // from the query point

export class QueryCard {
  #shown = "";

  constructor() {
    this.node = element("div", { className: "fv-card", hidden: true });
    this.node.setAttribute("aria-hidden", "true");
  }

  /** @param {Card | null} card */
  update(card) {
    this.node.hidden = !card;
    const key = JSON.stringify(card);
    if (!card || key === this.#shown) return;
    this.#shown = key;
    const values = card.values.map((textContent) => element("div", { textContent }));
    const rows = card.bars.map(({ name, share, text, colour }) => {
      const bar = element("span", { className: "fv-bar-of-card" });
      Object.assign(bar.style, { width: `${100 * share}%`, background: colour });
      const track = element("span", { className: "fv-track" }, bar);
      return element("div", { className: "fv-row-of-card" }, `→ ${name}`, track, text);
    });
    this.node.replaceChildren(...values, ...rows);
  }

  /**
   * Beside the point: behind its arrow, without one where there is more room; not beyond the axes.
   *
   * @param {Point} pixel of the query point on the stage
   * @param {Box} box of the axes
   * @param {Point} [arrow] to the right and up
   */
  place([x, y], { left, top, width, height }, arrow) {
    if (this.node.hidden) return;
    const { offsetWidth: wide, offsetHeight: high } = this.node;
    const [right, up] = arrow ?? [x - left - width / 2, top + height / 2 - y];
    const across = right < 0 ? x + AWAY_PX : x - AWAY_PX - wide;
    const down = up > 0 ? y + AWAY_PX : y - AWAY_PX - high;
    const { style } = this.node;
    style.left = `${clamp(across, left, Math.max(left, left + width - wide))}px`;
    style.top = `${clamp(down, top, Math.max(top, top + height - high))}px`;
  }
}
