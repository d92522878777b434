// Presenting: the button that begins it; then the keys, the panel that lists them, the blank screen, full
// screen, and the window of the notes. The server draws the page for it: `flowviz/ui/present`.
/** @import { Component, ComponentArgs, PresentContent, PresentWish } from "./types" */
import { setCommands } from "./keys.js";
import { tellNotes } from "./notes_channel.js";
import { CARD_COMMANDS } from "./present_cards.js";
import { Blank, KeysPanel } from "./present_panels.js";
import { element, label } from "./runtime.js";
import { toggleShare } from "./share.js";

const SMALLEST = 0.875; // of Streamlit's text, in rem: the size of a figure's
const STIRRED_MS = 3000; // how long the controls are seen after the pointer moved

/** @type {WeakMap<HTMLElement, Controls>} */
const controls = new WeakMap();
const blank = new Blank();
const panel = new KeysPanel();

/** @type {PresentContent | undefined} */
let content;
/** @type {PresentWish} what was asked for and is not confirmed */
let wish = {};
let rev = 0;
/** @type {ComponentArgs<PresentContent>["setStateValue"]} */
let send = () => {};
/** The size of a figure's text that was last asked for. */
let px = 0;

/** @type {Component<PresentContent>} */
export default function present({ data, parentElement, setStateValue }) {
  if (!data) return;
  content = data;
  send = setStateValue;
  if (data.rev >= rev) wish = {};
  rev = Math.max(rev, data.rev);
  const shown = controls.get(parentElement) ?? new Controls(parentElement);
  controls.set(parentElement, shown);
  shown.update(data);
  blank.update(data.texts);
  panel.update(data, parentElement);
  setCommands(data.on ? commandsOf(data) : new Map());
  tellNotes(data.on ? data.notes : null);
  if (data.on) fit();
  else leaveScreen();
}

/** @param {PresentWish} change */
function ask(change) {
  wish = { ...wish, ...change };
  rev += 1;
  send("asked", { ...wish, rev });
}

window.addEventListener("resize", () => content?.on && fit());

/** A figure's text has a size in pixels, which only the window knows. */
function fit() {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const wanted = 2 * Math.ceil((SMALLEST * rem - 0.1) / 2);
  if (wanted === px) return;
  px = wanted;
  ask({ px });
}

// ------------------------------------------------------------------------------------- commands

/** @param {PresentContent} shown */
function commandsOf({ step, shown, cards }) {
  /** @type {Map<string, () => void>} */
  const commands = new Map([
    ["b", () => blank.toggle()],
    [".", () => blank.toggle()], // a remote's
    ["f", toggleFullScreen],
    ["q", toggleShare],
    ["n", openNotes],
    ["?", () => panel.toggle()],
    ["？", () => panel.toggle()],
    ["Escape", leave],
    ...(cards ? CARD_COMMANDS : []),
  ]);
  if (step || shown !== null) commands.set("r", reveal);
  if (!step) return commands;
  for (const key of ["ArrowRight", "PageDown", " "]) commands.set(key, () => go(1));
  for (const key of ["ArrowLeft", "PageUp"]) commands.set(key, () => go(-1));
  return commands;
}

/** @param {number} by */
function go(by) {
  const place = content?.step;
  if (!place) return;
  const to = (wish.step ?? place.at) + by;
  if (to < 1 || to > place.count) return;
  delete wish.revealed; // it was of another step
  ask({ step: to });
}

function reveal() {
  if (!content) return;
  const { step: place, shown } = content;
  const step = wish.step ?? place?.at; // it may not be here yet
  const before = place && step ? place.revealed.includes(step) : shown;
  ask({ revealed: !(wish.revealed ?? before) });
}

function leave() {
  ask({ on: false });
}

function toggleFullScreen() {
  const turned = document.fullscreenElement
    ? document.exitFullscreen()
    : document.documentElement.requestFullscreen();
  turned.catch(() => {}); // a browser may not allow it
}

function leaveScreen() {
  blank.close();
  panel.close();
  if (px && document.fullscreenElement) document.exitFullscreen().catch(() => {});
  px = 0;
}

function openNotes() {
  if (!content) return;
  const { address, notes } = content;
  window.open(
    `${address}?lang=${notes?.lang ?? "en"}`,
    "flowviz-notes",
    "popup,width=760,height=820",
  );
}

// ------------------------------------------------------------------------------------- controls

/** The button that begins; and while it lasts, what can be pressed where there are no keys. */
class Controls {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.word = element("span");
    this.begin = element("button", { type: "button", className: "fv-link-button fv-present" });
    this.begin.append(this.word);
    this.begin.addEventListener("click", () => {
      if (content) setCommands(commandsOf(content)); // a key may be pressed before the server is there
      ask({ on: true });
    });
    this.buttons = {
      back: button("‹", () => go(-1)),
      reveal: button("R", reveal),
      next: button("›", () => go(1)),
      qr: button("Q", toggleShare),
      keys: button("?", () => panel.toggle()),
      leave: button("✕", () => ask({ on: false })),
    };
    this.bar = element("div", { className: "fv-present-bar" }, ...Object.values(this.buttons));
    this.bar.setAttribute("role", "toolbar");
    parent.append(this.begin, this.bar);
    let timer = 0;
    window.addEventListener("pointermove", () => {
      this.bar.classList.add("fv-stirred");
      clearTimeout(timer);
      timer = setTimeout(() => this.bar.classList.remove("fv-stirred"), STIRRED_MS);
    });
  }

  /** @param {PresentContent} data */
  update({ on, step, shown, texts }) {
    this.word.textContent = texts.button;
    this.begin.title = texts["button.help"];
    this.begin.hidden = on;
    this.bar.hidden = !on;
    this.bar.setAttribute("aria-label", texts.controls);
    for (const [name, node] of Object.entries(this.buttons)) label(node, texts[name]);
    const { back, reveal, next } = this.buttons;
    for (const node of [back, next]) node.hidden = !step;
    reveal.hidden = !step && shown === null;
    back.disabled = step?.at === 1;
    next.disabled = step?.at === step?.count;
  }
}

/**
 * @param {string} text
 * @param {() => void} act
 */
function button(text, act) {
  const node = element("button", { type: "button", textContent: text });
  node.addEventListener("click", act);
  return node;
}

// A step back in the browser is a step back in the lesson: `copy_link.js` adds one to the history.
window.addEventListener("popstate", () => {
  const place = content?.step;
  const step = Number(new URLSearchParams(location.search).get("lesson_step") ?? 1);
  // The address may say a step before the server has confirmed it here.
  const at = wish.step ?? place?.at;
  if (place && location.pathname.endsWith("/lesson") && step !== at) {
    delete wish.revealed; // it was of another step
    ask({ step });
  }
});
