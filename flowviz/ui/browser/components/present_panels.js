// What lies over a page that is presented: the list of its keys, and a blank screen.
/** @import { PresentContent, Texts } from "./types" */
import { element } from "./runtime.js";
import { takeTheme } from "./share.js";

export class KeysPanel {
  constructor() {
    this.title = element("h2", { id: "fv-keys-title" });
    this.close_ = element("button", { type: "button" }, "✕");
    this.list = element("dl");
    this.node = element("dialog", { className: "fv-dialog fv-keys" });
    this.node.append(element("header", {}, this.title, this.close_), this.list);
    this.node.setAttribute("aria-labelledby", this.title.id);
    this.close_.addEventListener("click", () => this.close());
    this.node.addEventListener("keydown", (event) => {
      if (!this.node.open) return; // closed by the last key, it has the focus for a moment yet
      event.stopPropagation(); // the page's own keys are not meant
      if (event.key === "?" || event.key === "？") this.close();
    });
    document.body.append(this.node);
  }

  /**
   * @param {PresentContent} content
   * @param {Element} component whose colours it has
   */
  update({ keys, texts }, component) {
    takeTheme(this.node, component);
    this.title.textContent = texts.keys;
    this.close_.setAttribute("aria-label", texts.close);
    const rows = keys.map(([key, does]) =>
      element("div", {}, element("dt", {}, key), element("dd", {}, does)),
    );
    this.list.replaceChildren(...rows);
  }

  toggle() {
    if (this.node.open) this.close();
    else this.node.showModal();
  }

  close() {
    this.node.close();
  }
}

export class Blank {
  constructor() {
    this.node = element("dialog", { className: "fv-blank", tabIndex: -1 });
    this.node.addEventListener("click", () => this.close());
    this.node.addEventListener("keydown", (event) => {
      if (!this.node.open) return;
      event.stopPropagation();
      if (/^[b.]$/i.test(event.key)) this.close();
    });
    document.body.append(this.node);
  }

  /** @param {Texts} texts */
  update(texts) {
    this.node.setAttribute("aria-label", texts.blank);
  }

  toggle() {
    if (this.node.open) this.close();
    else this.node.showModal();
  }

  close() {
    this.node.close();
  }
}
