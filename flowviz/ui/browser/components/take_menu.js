// The menu of what can be taken away from the page. What there is, the server says when the menu is
// opened; files are made by the server, pictures by the page itself.
/** @import { TakeAwayContent, TakeAwayGroup, TakeAwayItem, TakeAwayMenu } from "./types" */
import { element } from "./runtime.js";
import { savableFigures } from "./saving.js";

const FORGET_MS = 60_000; // an address of a file that was saved

export class Menu {
  /** @param {TakeAwayContent} content */
  constructor(content) {
    this.content = content;
    this.texts = content.texts;
    this.items = element("div", { className: "fv-take-items" });
    this.status = element("p", { className: "fv-take-status", role: "status" });
    this.node = element("div", {}, this.items, this.status);
  }

  /** The menu with what there is now; or the sentence that it cannot be had. */
  async open() {
    try {
      const answer = await fetch(this.#address("menu"));
      if (!answer.ok) throw new Error(answer.statusText);
      /** @type {TakeAwayMenu} */
      const menu = await answer.json();
      const groups = menu.groups.map((group) => this.#group(group));
      const pictures = savableFigures().length ? [this.#pictures(menu.stem)] : [];
      this.items.replaceChildren(...pictures, ...groups, embedding(menu.embed));
    } catch {
      this.#say(this.texts.failed);
    }
    return this.node;
  }

  /**
   * The address of something of the scene in the address bar, which the player keeps.
   *
   * @param {string} name
   */
  #address(name) {
    const query = new URLSearchParams(location.search);
    query.set("theme", this.content.dark ? "dark" : "light");
    return `${this.content.address}${name}?${query}`;
  }

  /** @param {string} text */
  #say(text) {
    this.status.textContent = text;
  }

  /**
   * PNG and SVG, of the figure that is chosen.
   *
   * @param {string} stem
   */
  #pictures(stem) {
    const { texts } = this;
    const figures = savableFigures();
    const choice = element("select", { ariaLabel: texts.figure });
    choice.append(...figures.map((figure) => element("option", { textContent: figure.title() })));
    choice.hidden = figures.length < 2;
    const buttons = ["png", "svg"].map((format) => {
      const file = `${stem}.${format}`;
      const item = { name: format, label: texts[format], help: texts[`${format}.help`], file };
      return this.#button(item, async () => figures[choice.selectedIndex].save(format, stem));
    });
    return section(texts["group.picture"], [choice, ...buttons], []);
  }

  /** @param {TakeAwayGroup} group */
  #group({ title, items, notes }) {
    const buttons = items.map((item) =>
      item.file ? this.#button(item, () => this.#fetch(item)) : link(item),
    );
    return section(title, buttons, notes);
  }

  /**
   * @param {Omit<TakeAwayItem, "href">} item
   * @param {() => Promise<void>} act
   */
  #button({ name, label, help, file }, act) {
    const button = element("button", { type: "button", title: help, textContent: label });
    button.dataset.name = name;
    button.addEventListener("click", async () => {
      if (button.ariaBusy) return;
      // Not disabled, as a disabled button loses the keyboard focus.
      button.ariaBusy = "true";
      this.#say(this.texts.working.replace("{name}", label));
      try {
        await act();
        this.#say(this.texts.done.replace("{file}", file));
      } catch (error) {
        this.#say((error instanceof Refused && error.message) || this.texts.failed);
      }
      button.ariaBusy = null;
    });
    return button;
  }

  /** @param {TakeAwayItem} item */
  async #fetch({ name, href, file }) {
    const answer = await fetch(href || this.#address(name));
    if (!answer.ok) throw new Refused(await answer.text());
    save(await answer.blob(), file);
  }
}

/** With the sentence that the server gave. */
class Refused extends Error {}

/**
 * @param {Blob} blob
 * @param {string} download
 */
function save(blob, download) {
  const href = URL.createObjectURL(blob);
  element("a", { href, download }).click();
  setTimeout(() => URL.revokeObjectURL(href), FORGET_MS);
}

/**
 * @param {string} title
 * @param {Element[]} children
 * @param {string[]} notes
 */
function section(title, children, notes) {
  const row = element("div", { className: "fv-take-row" }, ...children);
  const said = notes.map((note) => element("p", { textContent: note }));
  const heading = element("h3", { textContent: title });
  return element("section", { ariaLabel: title }, heading, row, ...said);
}

/** @param {TakeAwayItem} item */
function link({ label, help, href }) {
  return element("a", { href, title: help, textContent: label, target: "_blank", rel: "noopener" });
}

/** @param {TakeAwayMenu["embed"]} embed */
function embedding({ label, markup, note }) {
  if (!markup) return section(label, [], [note]);
  const box = element("textarea", { readOnly: true, rows: 3, value: markup, ariaLabel: label });
  box.addEventListener("focus", () => box.select());
  return section(label, [box], []);
}
