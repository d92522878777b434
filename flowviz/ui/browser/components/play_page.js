// The light page: the picture of one scene with its controls, answered by the engine in the browser alone. The
// same page is a route of the server, a file of its own and a page of a static site (docs/ENGINE.md).
/** @import { PlayBase } from "./play" */
/** @import { PlayPicture } from "./play_picture.js" */
/** @import { Texts } from "./types" */

import { PlayControls } from "./play_controls.js";
import { queryOf } from "./play_link.js";
import { marked } from "./play_text.js";
import { element, setColours, unpackApart } from "./runtime.js";
import { setTimeConvention } from "./time_view.js";

class PlayPage {
  /**
   * @param {HTMLElement} root
   * @param {PlayBase} block
   * @param {(changed: () => void) => PlayPicture<PlayBase>} pictureOf with what it calls when an edit is complete
   */
  constructor(root, block, pictureOf) {
    this.root = root;
    this.block = block;
    this.lang = block.lang;
    this.picture = pictureOf(() => this.#changed());
    this.controls = new PlayControls(block, {
      edit: (edit) => this.picture.edit(edit),
      choose: (change) => this.picture.choose(change),
      move: (motion) => this.picture.choose({ motion }),
      askFor: (prior) => this.#askFor(prior),
      reset: () => this.picture.reset(),
      history: this.picture.buttons.node,
    });
    this.title = element("h1");
    this.lead = element("p", { className: "fp-lead" });
    this.notice = element("p", { className: "fp-notice", role: "status" });
    this.app = element("a", { className: "fp-app", rel: "noopener" });
    this.credit = element("footer");
    this.languages = Object.entries(block.languages).map(([code, textContent]) =>
      this.#languageButton(code, textContent),
    );
    this.#build();
    this.#listen();
  }

  #build() {
    const { picture, controls, block } = this;
    const languages = element("span", { className: "fp-languages", role: "group" });
    languages.append(...this.languages);
    const tools = element("div", { className: "fp-tools" }, languages, this.app);
    const head = element("header", {}, this.title, tools);
    const main = element("main", {}, picture.root);
    if (block.engine) main.append(controls.node);
    main.classList.toggle("fp-alone", !block.engine);
    this.root.replaceChildren(head, this.lead, this.notice, main, this.credit);
    controls.setRanges();
    if (block.file) this.app.target = "_blank";
  }

  #listen() {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => this.#paint(dark.matches));
    window.addEventListener("flowviz:playback", () => this.#writeLink());
    // On the way back the browser restores what was chosen last: the prior of another page.
    window.addEventListener("pageshow", () => this.#changed());
    this.picture.start();
    this.#write();
    this.picture.player.start(this.block);
    this.#paint(dark.matches);
    this.picture.player.introduce(`${this.block.page === "fan" ? "play" : "play:plane"}`);
  }

  /** @param {boolean} dark whether the browser's theme is */
  #paint(dark) {
    const { theme, styles } = this.block;
    const name = theme || (dark ? "dark" : "light");
    const style = styles[name];
    document.documentElement.dataset.theme = name;
    setColours(document.documentElement, { accent: style.accent, ink: style.ink });
    this.picture.paint(style);
    this.#changed();
  }

  /**
   * @param {string} code
   * @param {string} textContent
   */
  #languageButton(code, textContent) {
    const button = element("button", { type: "button", className: "fp-button", textContent });
    button.lang = code;
    button.addEventListener("click", () => {
      this.lang = code;
      this.#write();
      this.picture.draw();
      this.#changed();
    });
    return button;
  }

  /** All texts, in the reader's language. */
  #write() {
    const { block, lang } = this;
    /** @type {Texts} */
    const texts = block.texts[lang];
    document.documentElement.lang = lang;
    document.title = texts.app;
    this.title.textContent = texts.title;
    this.lead.replaceChildren(...marked(texts.lead));
    this.credit.replaceChildren(...marked(texts.credit));
    const frozen = block.engine ? [] : [texts.frozen, texts.incomplete];
    const said = [block.damaged ? texts.damaged : "", ...frozen];
    this.notice.textContent = said.filter(Boolean).join(" ");
    this.notice.hidden = !this.notice.textContent;
    this.app.textContent = block.app ? `${texts.open} ↗` : "";
    for (const button of this.languages) {
      button.setAttribute("aria-pressed", String(button.lang === lang));
    }
    this.controls.write(texts);
    this.picture.write(texts);
  }

  #changed() {
    const { picture, controls } = this;
    controls.follow(picture.history.now);
    controls.update(picture.state, picture.style.points);
    this.#writeLink();
  }

  /** The link of what is shown. */
  query() {
    const time = Number(this.picture.player.t.toFixed(3));
    return queryOf(this.block, { ...this.picture.state, time, lang: this.lang });
  }

  /** The link to the application holds what is shown; so does the address, where there is one. */
  #writeLink() {
    const query = this.query();
    if (this.block.app) this.app.href = `${this.block.app}?${query}`;
    if (this.block.file || !this.started) return;
    const theme = this.block.theme && `&theme=${this.block.theme}`;
    history.replaceState(null, "", `?${query}${theme}${joined()}`);
  }

  /** Whether anything was touched: until then the address stays as it was opened. */
  started = false;

  /** @param {string} prior */
  #askFor(prior) {
    const page = this.block.priors.find(({ name }) => name === prior)?.page;
    if (page) {
      location.href = page;
      return;
    }
    const query = new URLSearchParams(this.query());
    const { fields } = this.block;
    for (const key of [...query.keys()]) if (key.startsWith(fields.params)) query.delete(key);
    query.set(fields.prior, prior);
    if (this.block.theme) query.set("theme", this.block.theme);
    location.search = `?${query}${joined()}`;
  }
}

/** What the address says of a class room: its name, and which of its scenes this was (`room.js`). */
function joined() {
  const here = new URLSearchParams(location.search);
  const kept = ["room", "scene"].filter((key) => here.has(key));
  return kept.map((key) => `&${key}=${encodeURIComponent(here.get(key) ?? "")}`).join("");
}

/** @param {string} base64 */
function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/**
 * Show the page of the block that is in the document.
 *
 * @template {PlayBase} Block
 * @param {(block: Block, changed: () => void) => PlayPicture<PlayBase>} pictureOf
 */
export function openPage(pictureOf) {
  const root = document.getElementById("flowviz");
  const [header, arrays] = ["flowviz-scene", "flowviz-arrays"].map(
    (id) => document.getElementById(id)?.textContent ?? "",
  );
  if (root && header) {
    /** @type {Block} */
    const block = unpackApart(header, bytesOf(arrays));
    setTimeConvention(block.convention);
    const page = new PlayPage(root, block, (changed) => pictureOf(block, changed));
    for (const touch of ["pointerdown", "keydown"]) {
      window.addEventListener(
        touch,
        () => {
          page.started = true;
        },
        { once: true, capture: true },
      );
    }
    // For whoever looks from the console, the arrays that are drawn, in double precision; for `room.js`, the link.
    const shown = { traces: () => page.picture.traces, query: () => page.query() };
    Object.assign(window, { flowviz: shown });
  }
}
