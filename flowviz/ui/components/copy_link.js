// The address bar always holds the whole configuration, without adding to the history: Python
// gives the query string, the player adds what the browser alone knows. And: copy it.
import { element } from "./runtime.js";

const views = new WeakMap();
const local = {}; // what changes without the server (time, speed), newest

window.addEventListener("flowviz:view", (event) => {
  Object.assign(local, event.detail);
  write();
});

let query = "";
let asked = null; // the theme that was last asked for, so that it is asked for once

function write() {
  const parameters = new URLSearchParams(query);
  for (const [key, value] of Object.entries(local)) if (parameters.has(key)) parameters.set(key, value);
  // Commas, stars and colons are legal in a query; left as they are, a link can be read.
  const readable = parameters.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%7E", "~")
    .replaceAll("%28", "(").replaceAll("%29", ")");
  const embed = new URLSearchParams(location.search).getAll("embed");
  const kept = embed.length ? `&${new URLSearchParams(embed.map((v) => ["embed", v]))}` : "";
  const address = `${location.pathname}?${readable}${kept}${location.hash}`;
  if (address !== location.pathname + location.search + location.hash) {
    history.replaceState(history.state, "", address);
  }
}

export default function link({ data, parentElement, setStateValue }) {
  if (!data) return undefined;
  followTheme(data.dark, parentElement, setStateValue);
  query = data.query;
  write();
  let view = views.get(parentElement);
  if (!view) {
    view = element("button", { type: "button", className: "fv-copy" });
    view.addEventListener("click", () => copy(view));
    parentElement.append(view);
    views.set(parentElement, view);
  }
  view.words = data.words;
  if (!view.timer) view.textContent = data.words.copy;
  document.documentElement.lang = data.lang;
  return undefined;
}

/** A theme chosen in the menu or by the evening restyles the page but runs no script: ask for a
 * run, so that the figures follow. Streamlit calls a component again when the theme changes. */
function followTheme(drawn, parent, setStateValue) {
  const ground = getComputedStyle(parent).getPropertyValue("--st-background-color");
  const probe = element("div", { style: `color: ${ground}` });
  document.body.append(probe);
  const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number);
  probe.remove();
  const dark = 0.299 * red + 0.587 * green + 0.114 * blue < 128;
  if (dark !== drawn && asked !== dark) setStateValue("dark", dark);
  asked = dark === drawn ? null : dark;
}

async function copy(button) {
  let done = true;
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    done = legacyCopy(location.href); // http on another machine has no clipboard API
  }
  button.textContent = done ? button.words.copied : button.words.refused;
  clearTimeout(button.timer);
  button.timer = setTimeout(() => {
    button.timer = null;
    button.textContent = button.words.copy;
  }, 1800);
}

function legacyCopy(text) {
  const area = element("textarea", { value: text });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
