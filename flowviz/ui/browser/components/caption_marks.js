// The captions of a picture on the picture itself, until a visitor touches it, once: what the data, the
// prior and the colours are. The page has the same sentences in "What am I looking at?".
/** @import { Box } from "./axes.js" */
/** @import { Texts } from "./types" */
import { isSeen, markSeen } from "./first_sight.js";
import { element, placeNode } from "./runtime.js";

const MOST_COVERED = 0.45;
const KEYS = ["caption.1", "caption.2", "caption.3"];

export class CaptionMarks {
  /**
   * @param {string} picture
   * @param {HTMLElement} root of the figure and of its player
   */
  constructor(picture, root) {
    this.node = element("div", { className: "fv-marks", hidden: true });
    this.node.setAttribute("aria-hidden", "true");
    this.picture = `marks:${picture}`;
    for (const touch of ["pointerdown", "keydown"]) {
      root.addEventListener(touch, () => this.#dismiss(), { capture: true });
    }
    // Of figures side by side, each with a caption of its own, all go when one is touched.
    window.addEventListener("flowviz:seen", ({ detail }) => {
      if (detail === this.picture) this.node.hidden = true;
    });
  }

  /** @param {Texts} texts */
  update(texts) {
    // "t = 0" stays on one line.
    const written = KEYS.map((key) => texts[key] ?? "").filter(Boolean);
    const captions = written.map((text) => text.replaceAll(" = ", "\u00a0=\u00a0"));
    this.node.hidden = captions.length === 0 || isSeen(this.picture);
    const marks = captions.map((textContent) =>
      element("p", { className: "fv-mark", textContent }),
    );
    this.node.replaceChildren(...marks);
  }

  /** @param {Box} box of the axes */
  place(box) {
    placeNode(this.node, box);
    if (this.node.hidden) return;
    this.node.classList.remove("fv-stacked");
    const marks = this.#boxes();
    const overlap = marks.some((a, i) => marks.slice(i + 1).some((b) => intersects(a, b)));
    this.node.classList.toggle("fv-stacked", overlap || this.#covered(marks) > MOST_COVERED);
    // In a picture that has no room for them, the page has them still.
    const hidden = this.#covered(this.#boxes()) > MOST_COVERED;
    this.node.style.visibility = hidden ? "hidden" : "";
  }

  #boxes() {
    return [...this.node.children].map((mark) => mark.getBoundingClientRect());
  }

  /**
   * The fraction of the picture that they lie over.
   *
   * @param {DOMRect[]} marks
   */
  #covered(marks) {
    const { width, height } = this.node.getBoundingClientRect();
    return marks.reduce((sum, mark) => sum + mark.width * mark.height, 0) / (width * height);
  }

  #dismiss() {
    if (!this.node.hidden) markSeen(this.picture);
  }
}

/**
 * @param {DOMRect} a
 * @param {DOMRect} b
 */
function intersects(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
