// The scene's link as text: how it is written, what of it is shared, and how it gets to the clipboard.
import { element } from "./runtime.js";

/** What a visitor sees or has locked at this moment, and a scene opens without. */
const NOW = ["time", "probe", "plane_probe", "zoom", "answer"];

/** What a presenter has and a class does not: the answers, shown on the screen, are not theirs. */
const PRESENTED = ["present", "lesson_answers"];

/**
 * Commas, brackets and colons are allowed in a query; left as they are, a link can be read. So are
 * stars and tildes, but Markdown takes them for its own: only a link that would be too long with
 * escapes comes with them as they are.
 *
 * @param {URLSearchParams} parameters
 * @param {string} like a query of the same scene, which shows how it comes
 */
export function escapedQuery(parameters, like) {
  const text = parameters.toString().replace(/%(2C|3A|28|29)/g, decodeURIComponent);
  return /[*~]/.test(like) ? text.replaceAll("%7E", "~") : text.replaceAll("*", "%2A");
}

/**
 * `flowviz.scene.link_repair.checksum`: CRC-32 of the parameters in the order of their names.
 *
 * @param {URLSearchParams} parameters
 */
export function checksum(parameters) {
  const entries = [...parameters].filter(([key]) => key !== "sum");
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  let crc = -1;
  for (const byte of new TextEncoder().encode(entries.map((entry) => entry.join("=")).join("\n"))) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ((~crc >>> 0) & 0xffffff).toString(16).padStart(6, "0");
}

/**
 * The query without what belongs to this screen: a projector's size is not a phone's.
 *
 * @param {boolean} now whether with what is seen at this moment
 */
export function sharedQuery(now = true) {
  const { search } = location;
  const parameters = new URLSearchParams(search);
  const presented = parameters.get("present") === "1";
  if (presented) for (const name of PRESENTED) parameters.delete(name);
  if (parameters.get("large") === "1") parameters.delete("large");
  else if (now && !presented) return search.slice(1);
  if (!now) for (const name of NOW) parameters.delete(name);
  if (parameters.has("sum")) parameters.set("sum", checksum(parameters));
  return escapedQuery(parameters, search);
}

/** @param {string} query */
export function addressOf(query) {
  return `${location.origin}${location.pathname}?${query}${location.hash}`;
}

/** @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return legacyCopy(text); // http on another machine has no clipboard API
  }
}

/** @param {string} text */
function legacyCopy(text) {
  const area = element("textarea", { value: text });
  // Beside an open dialog nothing can be selected.
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done;
}
