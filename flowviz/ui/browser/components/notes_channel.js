// What is presented, told to the windows of the notes in this browser, and the keys pressed there. No
// server is asked: a window that opens, or is loaded again, asks for what is shown now.
/** @import { NotesContent } from "./types" */
import { press } from "./keys.js";

const NAME = "flowviz.notes";
/** Keys that are meant for the presentation wherever they are pressed. */
const PASSED = /^(ArrowLeft|ArrowRight|PageUp|PageDown|Home|End|[ rbq.])$/;

/** @type {BroadcastChannel | undefined} */
let channel;
/** @type {NotesContent | null} */
let shown = null;

/** @param {NotesContent | null} content null where nothing is presented */
export function tellNotes(content) {
  if (!content && !shown) return;
  shown = content;
  opened().postMessage({ kind: "notes", content });
}

function opened() {
  if (channel) return channel;
  channel = new BroadcastChannel(NAME);
  channel.addEventListener("message", ({ data }) => {
    if (!shown) return;
    if (data?.kind === "asked") channel?.postMessage({ kind: "notes", content: shown });
    if (data?.kind === "key" && PASSED.test(data.key)) press(data.key);
  });
  // What is not there any more is not presented.
  window.addEventListener("pagehide", () => {
    if (shown) channel?.postMessage({ kind: "notes", content: null });
  });
  return channel;
}
