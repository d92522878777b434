// The menu of what can be taken away from the page. What there is, the server says when the menu is
// opened; files are made by the server, pictures by the page itself.
/** @import { Component, TakeAwayContent, TakeAwayGroup, TakeAwayItem, TakeAwayMenu } from "./types" */
import { element } from "./runtime.js";
import { savableFigures } from "./saving.js";

/** @type {WeakMap<HTMLElement, Menu>} */
const menus = new WeakMap();
const FORGET_MS = 60_000; // an address of a file that was saved

/** @type {Component<TakeAwayContent>} */
export default function takeAway({ data, parentElement }) {
  if (!data) return;
  const menu = menus.get(parentElement) ?? new Menu(parentElement);
  menus.set(parentElement, menu);
  menu.update(data);
}

class Menu {
  /** @type {TakeAwayContent | undefined} */
  #content;
  #opened = 0;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.summary = element("summary");
    this.body = element("div", { className: "fv-take-items" });
    this.status = element("p", { className: "fv-take-status", role: "status" });
    const sheet = element("div", { className: "fv-take-sheet" }, this.body, this.status);
    this.node = element("details", { className: "fv-take" }, this.summary, sheet);
    this.node.addEventListener("toggle", () => this.#onToggle());
    this.node.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#close();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (target instanceof Node && !this.node.contains(target)) this.node.open = false;
    });
    parent.append(this.node);
  }

  /** @param {TakeAwayContent} content */
  update(content) {
    this.#content = content;
    this.summary.textContent = content.texts.title;
  }

  get #texts() {
    return this.#content?.texts ?? {};
  }

  #close() {
    this.node.open = false;
    this.summary.focus();
  }

  async #onToggle() {
    this.body.replaceChildren();
    this.#say("");
    if (!this.node.open) return;
    const opened = ++this.#opened;
    try {
      const answer = await fetch(this.#address("menu"));
      if (!answer.ok) throw new Error(answer.statusText);
      /** @type {TakeAwayMenu} */
      const menu = await answer.json();
      if (opened !== this.#opened) return;
      const pictures = this.#pictures(menu.stem);
      this.body.replaceChildren(pictures, ...menu.groups.map((group) => this.#group(group)));
      this.body.append(embedding(menu.embed));
    } catch {
      this.#say(this.#texts.failed);
    }
  }

  /**
   * The address of something of the scene in the address bar, which the player keeps.
   *
   * @param {string} name
   */
  #address(name) {
    const query = new URLSearchParams(location.search);
    query.set("theme", this.#content?.dark ? "dark" : "light");
    return `${this.#content?.address}${name}?${query}`;
  }

  /** @param {string} text */
  #say(text) {
    this.status.textContent = text;
  }

  // ------------------------------------------------------------------------------------- the items

  /**
   * PNG and SVG, of the figure that is chosen.
   *
   * @param {string} stem
   */
  #pictures(stem) {
    const texts = this.#texts;
    const figures = savableFigures();
    const choice = element("select", { ariaLabel: texts.figure });
    choice.append(...figures.map((figure) => element("option", { textContent: figure.title() })));
    choice.hidden = figures.length < 2;
    const buttons = ["png", "svg"].map((format) => {
      const file = `${stem}.${format}`;
      const item = { name: format, label: texts[format], help: texts[`${format}.help`], file };
      return this.#button(item, async () => figures[choice.selectedIndex]?.save(format, stem));
    });
    return group(texts["group.picture"], [choice, ...buttons], []);
  }

  /** @param {TakeAwayGroup} found */
  #group({ title, items, notes }) {
    const buttons = items.map((item) =>
      item.file ? this.#button(item, () => this.#fetch(item)) : link(item),
    );
    return group(title, buttons, notes);
  }

  /**
   * @param {Omit<TakeAwayItem, "href">} item
   * @param {() => Promise<void>} act
   */
  #button({ name, label, help, file }, act) {
    const button = element("button", { type: "button", title: help, textContent: label });
    button.dataset.name = name;
    button.addEventListener("click", async () => {
      const texts = this.#texts;
      button.disabled = true;
      button.classList.add("fv-take-working");
      this.#say(texts.working.replace("{name}", label));
      try {
        await act();
        this.#say(texts.done.replace("{file}", file));
      } catch (error) {
        this.#say((error instanceof Refused && error.message) || texts.failed);
      }
      button.classList.remove("fv-take-working");
      button.disabled = false;
      if (this.node.contains(document.activeElement) || document.activeElement === document.body) {
        button.focus();
      }
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
function group(title, children, notes) {
  const row = element("div", { className: "fv-take-row" }, ...children);
  const said = notes.map((note) => element("p", { textContent: note }));
  return element(
    "section",
    { ariaLabel: title },
    element("h3", { textContent: title }),
    row,
    ...said,
  );
}

/** @param {TakeAwayItem} item */
function link({ label, help, href }) {
  return element("a", { href, title: help, textContent: label, target: "_blank", rel: "noopener" });
}

/** @param {TakeAwayMenu["embed"]} embed */
function embedding({ label, markup, note }) {
  if (!markup) return group(label, [], [note]);
  const box = element("textarea", { readOnly: true, rows: 3, value: markup, ariaLabel: label });
  box.addEventListener("focus", () => box.select());
  return group(label, [box], []);
}
