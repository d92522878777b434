// The address bar always holds the whole configuration, without adding to the history: Python
// gives the query string, the player adds what the browser alone knows. And: copy it.
import { element } from "./host.js";

const views = new WeakMap();
const local = {}; // what changes without the server (time, speed), newest

window.addEventListener("flowviz:view", (event) => {
  Object.assign(local, event.detail);
  write();
});

let query = "";

function write() {
  const parameters = new URLSearchParams(query);
  for (const [key, value] of Object.entries(local)) if (parameters.has(key)) parameters.set(key, value);
  // Commas, stars and colons are legal in a query; left as they are, a link can be read.
  const readable = parameters.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%7E", "~");
  const embed = new URLSearchParams(location.search).getAll("embed");
  const kept = embed.length ? `&${new URLSearchParams(embed.map((v) => ["embed", v]))}` : "";
  const address = `${location.pathname}?${readable}${kept}${location.hash}`;
  if (address !== location.pathname + location.search + location.hash) {
    history.replaceState(history.state, "", address);
  }
}

export default function link({ data, parentElement }) {
  if (!data) return undefined;
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
