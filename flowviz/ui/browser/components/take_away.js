// The button of what can be taken away from the page. Its menu is loaded when it is opened.
/** @import { Component, TakeAwayContent } from "./types" */
import { element, label } from "./runtime.js";

/** @type {WeakMap<HTMLElement, TakeAway>} */
const buttons = new WeakMap();

/** @type {Component<TakeAwayContent>} */
export default function takeAway({ data, parentElement }) {
  if (!data) return;
  const button = buttons.get(parentElement) ?? new TakeAway(parentElement);
  buttons.set(parentElement, button);
  button.update(data);
}

class TakeAway {
  /** @type {TakeAwayContent | undefined} */
  #content;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.text = element("span");
    this.summary = element("summary", {}, this.text);
    this.sheet = element("div", { className: "fv-take-sheet" });
    this.node = element("details", { className: "fv-take" }, this.summary, this.sheet);
    this.node.addEventListener("toggle", () => this.#onToggle());
    this.node.addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#close();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (target instanceof Node && !this.node.contains(target)) this.node.open = false;
    });
    parent.append(this.node);
  }

  /** @param {TakeAwayContent} content */
  update(content) {
    this.#content = content;
    this.text.textContent = content.texts.title;
    label(this.summary, content.texts.title);
  }

  #close() {
    this.node.open = false;
    this.summary.focus();
  }

  async #onToggle() {
    this.sheet.replaceChildren();
    if (!this.node.open || !this.#content) return;
    const { Menu } = await import("./take_menu.js");
    this.sheet.replaceChildren(await new Menu(this.#content).open());
  }
}
