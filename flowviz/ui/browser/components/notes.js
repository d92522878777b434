// The window of the notes, `/notes`: shows what the page that is presented in this browser tells it.
/** @import { NotesContent } from "./types" */

const channel = new BroadcastChannel("flowviz.notes");
const notes = document.querySelector("main");
const waiting = document.querySelector("#waiting");
const keys = document.querySelector("footer");

channel.addEventListener("message", ({ data }) => {
  if (data?.kind === "notes") show(data.content);
});
window.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!/^(Arrow(Left|Right)|Page(Up|Down)|Home|End|[ rbq.])$/.test(key)) return;
  event.preventDefault();
  channel.postMessage({ kind: "key", key });
});
channel.postMessage({ kind: "asked" });

/** @param {NotesContent | null} content */
function show(content) {
  if (!notes || !(waiting instanceof HTMLElement) || !keys) return;
  waiting.hidden = content !== null;
  keys.textContent = content?.texts.keys ?? "";
  notes.replaceChildren(...(content ? partsOf(content) : []));
  if (!content) return;
  document.documentElement.lang = content.lang;
  document.title = `${content.title} · ${content.texts.title}`;
  notes.scrollTop = 0;
}

/** @param {NotesContent} content */
function partsOf({ title, parts }) {
  const sections = parts.map(([heading, text]) =>
    node("section", node("h2", heading), ...text.split("\n").map((line) => node("p", line))),
  );
  return [node("h1", title), ...sections];
}

/**
 * @param {string} tag
 * @param {(Node | string)[]} children texts and no markup: what came runs nothing
 */
function node(tag, ...children) {
  const made = document.createElement(tag);
  made.append(...children);
  return made;
}
