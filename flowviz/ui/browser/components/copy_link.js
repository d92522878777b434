// Writes the scene to the address bar, without adding to the history, and copies it as a link: Python
// sends the query string, and the player adds the time and the speed.
/** @import { Component, ComponentArgs, LinkContent } from "./types" */
import { addressOf, checksum, copyText, escapedQuery, sharedQuery } from "./link_text.js";
import "./header_menu.js";
import { element } from "./runtime.js";
import { ShareButton } from "./share.js";
import { translateStreamlit } from "./streamlit_texts.js";

const SHOWN_MS = 1800; // how long the button says that the link is copied

/** @type {WeakMap<HTMLElement, [CopyButton, ShareButton]>} */
const buttons = new WeakMap();
/** @type {Record<string, string>} what changes without the server (time, speed), newest */
const playback = {};

/** The zoom of the picture of a page, by that page's path; empty for none. */
const zoom = { path: "", text: "" };

let query = "";
/** When the query became what it is, in ms. */
let since = 0;
/** @type {boolean | null} the theme that was last asked for, so that it is asked for once */
let requestedDark = null;

window.addEventListener("flowviz:playback", (event) => {
  Object.assign(playback, event.detail);
  writeAddress();
});

window.addEventListener("flowviz:zoom", (event) => {
  Object.assign(zoom, { path: location.pathname, text: event.detail });
  writeAddress();
});

// Streamlit's links to the other pages have no query: opened beside this page, by a middle click or
// from the menu, they are to show the same scene. A page's link names all that is not at default.
for (const kind of ["pointerdown", "contextmenu", "focusin"]) {
  document.addEventListener(kind, addSceneToLink, true);
}

/** @param {Event} event */
function addSceneToLink(event) {
  const target = event.target instanceof Element ? event.target : null;
  const link = target?.closest('a[data-testid="stSidebarNavLink"]');
  if (link instanceof HTMLAnchorElement) link.search = location.search;
}

/** @type {Component<LinkContent>} */
export default function copyLink({ data, parentElement, setStateValue }) {
  if (!data) return;
  followTheme(data.dark, parentElement, setStateValue);
  // Where the header changes, Streamlit mounts this component anew, and calls the one that makes way
  // once more, with its old query.
  if (data.since >= since) {
    ({ query, since } = data);
    writeAddress();
  }
  const both = buttons.get(parentElement) ?? buttonsIn(parentElement);
  buttons.set(parentElement, both);
  both[0].update(data.texts);
  both[1].update(data.share);
  document.documentElement.lang = data.lang;
  translateStreamlit(data.streamlit);
}

/**
 * @param {HTMLElement} parent
 * @returns {[CopyButton, ShareButton]}
 */
function buttonsIn(parent) {
  const row = element("div", { className: "fv-links" });
  parent.append(row);
  return [new CopyButton(row), new ShareButton(row)];
}

function writeAddress() {
  const parameters = new URLSearchParams(query);
  for (const [key, value] of Object.entries(playback)) {
    if (parameters.has(key)) parameters.set(key, value);
  }
  if (zoom.path === location.pathname) {
    if (zoom.text) parameters.set("zoom", zoom.text);
    else parameters.delete("zoom");
  }
  parameters.set("sum", checksum(parameters));
  const embed = new URLSearchParams(location.search).getAll("embed");
  const kept = new URLSearchParams(embed.map((value) => ["embed", value])).toString();
  const search = [escapedQuery(parameters, query), kept].filter(Boolean).join("&");
  const address = `${location.pathname}?${search}${location.hash}`;
  if (address === location.pathname + location.search + location.hash) return;
  // A step of the lesson is a place to come back to: `present.js`.
  if (stepOf(search) === stepOf(location.search)) history.replaceState(history.state, "", address);
  else history.pushState(history.state, "", address);
}

/**
 * The step of the lesson in a query; none on other pages.
 *
 * @param {string} search
 */
function stepOf(search) {
  return location.pathname.endsWith("/lesson")
    ? (new URLSearchParams(search).get("lesson_step") ?? "1")
    : "";
}

/**
 * A theme chosen in the menu or by the evening restyles the page but runs no script: ask for a run,
 * so that the figures follow. Streamlit calls a component again when the theme changes.
 *
 * @param {boolean} drawn whether the figures are drawn for a dark ground
 * @param {HTMLElement} parent
 * @param {ComponentArgs<LinkContent>["setStateValue"]} setStateValue
 */
function followTheme(drawn, parent, setStateValue) {
  const dark = isDark(getComputedStyle(parent).getPropertyValue("--st-background-color"));
  if (dark !== drawn && requestedDark !== dark) setStateValue("dark", dark);
  requestedDark = dark === drawn ? null : dark;
}

/** @param {string} colour in any notation of CSS */
function isDark(colour) {
  const sample = element("div", { style: `color: ${colour}` });
  document.body.append(sample);
  const [red, green, blue] = (getComputedStyle(sample).color.match(/[\d.]+/g) ?? []).map(Number);
  sample.remove();
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

class CopyButton {
  #reset = 0;
  /** @type {LinkContent["texts"] | undefined} */
  #texts;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.node = element("button", { type: "button", className: "fv-link-button fv-copy" });
    this.node.addEventListener("click", () => this.#copy());
    parent.append(this.node);
  }

  /** @param {LinkContent["texts"]} texts */
  update(texts) {
    this.#texts = texts;
    this.node.dataset.texts = [texts.copy, texts.copied].join("\n");
    if (!this.#reset) this.node.textContent = texts.copy;
  }

  async #copy() {
    const done = await copyText(addressOf(sharedQuery()));
    this.#show(done ? "copied" : "refused");
    clearTimeout(this.#reset);
    this.#reset = setTimeout(() => {
      this.#reset = 0;
      this.#show("copy");
    }, SHOWN_MS);
  }

  /** @param {keyof LinkContent["texts"]} name */
  #show(name) {
    this.node.textContent = this.#texts?.[name] ?? "";
  }
}
