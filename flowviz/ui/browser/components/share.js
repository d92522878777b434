// "Share": the QR code and the short link of what is seen, and its full link.
/** @import { ShareContent, ShortLink } from "./types" */
import { addressOf, copyText, sharedQuery } from "./link_text.js";
import { element } from "./runtime.js";

const SHOWN_MS = 1800; // how long a button says that its address is copied
/** Of Streamlit, which gives them to the components alone. */
const THEME = ["--st-background-color", "--st-text-color", "--st-primary-color", "--st-font"];
const LOCAL = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0)$/;

/**
 * A dialog in the body has the colours of the components.
 *
 * @param {HTMLElement} dialog
 * @param {Element} component
 */
export function takeTheme(dialog, component) {
  const theme = getComputedStyle(component);
  for (const name of THEME) dialog.style.setProperty(name, theme.getPropertyValue(name));
}

/** @type {ShareButton | undefined} the newest */
let newest;

/** Open the dialog of the page's button, which may be hidden; a second time closes it. */
export function toggleShare() {
  newest?.toggle();
}

export class ShareButton {
  /** @type {ShareContent | undefined} */
  #content;
  /** @type {ShareDialog | undefined} */
  #dialog;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.node = element("button", { type: "button", className: "fv-link-button fv-share-open" });
    this.node.setAttribute("aria-haspopup", "dialog");
    this.node.addEventListener("click", () => this.#open());
    parent.append(this.node);
    newest = this;
  }

  /** @param {ShareContent} content */
  update(content) {
    this.#content = content;
    this.node.textContent = content.texts.open;
    newest = this;
  }

  toggle() {
    if (this.#dialog?.node.open) this.#dialog.node.close();
    else this.#open();
  }

  #open() {
    if (!this.#content) return;
    // In the body: a page that is drawn again, by a class that drags along, closes nothing.
    this.#dialog ??= new ShareDialog();
    takeTheme(this.#dialog.node, this.node);
    this.#dialog.open(this.#content);
  }
}

class ShareDialog {
  #asked = 0;
  #page = "";
  /** @type {Record<string, string>} */
  #texts = {};

  constructor() {
    this.title = element("h2", { id: "fv-share-title" });
    this.close = element("button", { type: "button", className: "fv-share-close" }, "✕");
    this.code = element("img", { className: "fv-share-code", hidden: true });
    this.state = element("p", { className: "fv-share-state" });
    this.state.setAttribute("role", "status");
    this.local = element("p", { className: "fv-share-local", hidden: true });
    this.short = new AddressField("short");
    this.long = new AddressField("long");
    this.now = element("input", { type: "checkbox", checked: true, id: "fv-share-now" });
    this.nowLabel = element("label", { htmlFor: "fv-share-now" });
    this.nowHelp = element("p", { className: "fv-share-help", id: "fv-share-help" });
    this.now.setAttribute("aria-describedby", "fv-share-help");
    const now = element("div", { className: "fv-share-now" }, this.now, this.nowLabel);
    this.node = element(
      "dialog",
      { className: "fv-dialog fv-share" },
      element("header", {}, this.title, this.close),
      element("div", { className: "fv-share-board" }, this.code, this.state),
      element(
        "div",
        { className: "fv-share-words" },
        this.short.node,
        this.local,
        this.long.node,
        element("div", {}, now, this.nowHelp),
      ),
    );
    this.node.setAttribute("aria-labelledby", "fv-share-title");
    this.close.addEventListener("click", () => this.node.close());
    this.now.addEventListener("change", () => this.#show());
    this.node.addEventListener("click", ({ target, clientX, clientY }) => {
      const { left, right, top, bottom } = this.node.getBoundingClientRect();
      const within = clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
      if (target === this.node && !within) this.node.close(); // on what is behind it
    });
    // The page's own keys (play, undo) are not meant while it is open.
    this.node.addEventListener("keydown", (event) => {
      if (this.node.open) event.stopPropagation();
    });
    document.body.append(this.node);
  }

  /** @param {ShareContent} content */
  open({ page, texts }) {
    this.#page = page;
    this.#texts = texts;
    this.title.textContent = texts.title;
    this.close.setAttribute("aria-label", texts.close);
    this.close.title = texts.close;
    this.code.alt = texts.qr;
    this.local.textContent = texts.local;
    this.nowLabel.textContent = texts.now;
    this.nowHelp.textContent = texts["now.help"];
    for (const field of [this.short, this.long]) field.say(texts);
    this.now.checked = true;
    this.#show();
    this.node.showModal();
  }

  async #show() {
    const query = sharedQuery(this.now.checked);
    this.long.set(addressOf(query));
    this.#showShort(null, this.#texts.making);
    this.#asked += 1;
    const asked = this.#asked;
    const address = new URL("s/", location.href.split("?")[0]).href;
    const { code, qr } = await shortLink(this.#page, query, address);
    if (asked !== this.#asked) return; // of the other choice
    if (code) this.#showShort({ address: address + code, qr }, "");
    else this.#showShort(null, this.#texts.none);
  }

  /**
   * @param {{ address: string, qr: string | null } | null} link
   * @param {string} state what is said in its place
   */
  #showShort(link, state) {
    this.state.textContent = state;
    this.code.hidden = !link?.qr;
    // An image and no markup: what came runs nothing, wherever it came from.
    if (link?.qr) this.code.src = `data:image/svg+xml,${encodeURIComponent(link.qr)}`;
    this.short.node.hidden = !link;
    if (link) this.short.set(link.address);
    this.local.hidden = !link || !LOCAL.test(location.hostname);
  }
}

/** An address with its name and a button that copies it. */
class AddressField {
  #reset = 0;
  /** @type {Record<string, string>} */
  #texts = {};

  /** @param {"short" | "long"} kind */
  constructor(kind) {
    this.kind = kind;
    const id = `fv-share-${kind}`;
    this.label = element("label", { htmlFor: id });
    // To be read from afar, or to be copied from here.
    this.field =
      kind === "short"
        ? element("output", { id })
        : element("input", { id, readOnly: true, spellcheck: false });
    this.copy = element("button", { type: "button", className: "fv-link-button" });
    this.node = element("div", { className: `fv-share-address fv-share-${kind}` });
    this.node.append(this.label, this.field, this.copy);
    this.field.addEventListener("focus", () => {
      if (this.field instanceof HTMLInputElement) this.field.select();
    });
    this.copy.addEventListener("click", () => this.#copy());
  }

  /** @param {Record<string, string>} texts */
  say(texts) {
    this.#texts = texts;
    this.label.textContent = texts[this.kind];
    this.copy.textContent = texts.copy;
    this.copy.dataset.texts = [texts.copy, texts.copied].join("\n");
    this.copy.setAttribute("aria-describedby", this.field.id);
  }

  /** @param {string} address */
  set(address) {
    const { field } = this;
    if (field instanceof HTMLInputElement) {
      field.value = address;
      return;
    }
    const end = address.lastIndexOf("/") + 1; // a line that is too long breaks before the code
    field.replaceChildren(address.slice(0, end), element("wbr"), address.slice(end));
  }

  async #copy() {
    const done = await copyText(this.field.value);
    this.copy.textContent = this.#texts[done ? "copied" : "refused"];
    clearTimeout(this.#reset);
    this.#reset = setTimeout(() => {
      this.copy.textContent = this.#texts.copy;
    }, SHOWN_MS);
  }
}

/**
 * Ask the server for a short link; without one where it makes none, or cannot be reached.
 *
 * @param {string} page
 * @param {string} query
 * @param {string} address of short links
 * @returns {Promise<ShortLink>}
 */
async function shortLink(page, query, address) {
  try {
    const response = await fetch(address.slice(0, -1), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ page, query, address }),
    });
    if (response.ok) return await response.json();
  } catch {
    // The server is not there: the full link is.
  }
  return { code: null, qr: null };
}
