// What a student's browser keeps of a room: a random token and the locked answers, for a day.
/** @import { RoomKept } from "./room" */

const PREFIX = "flowviz:room:";
const LIFE_MS = 86_400_000;
const TOKEN_BYTES = 16;

/**
 * What was kept of a room; a new token where nothing was.
 *
 * @param {string} name
 * @returns {RoomKept}
 */
export function keptOf(name) {
  forgetOld();
  const bytes = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES));
  const student = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return read(PREFIX + name) ?? { student, own: false, answers: {}, at: 0 };
}

/**
 * @param {string} name
 * @param {RoomKept} kept
 */
export function keep(name, kept) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify({ ...kept, at: Date.now() }));
  } catch {
    // A private window: the answer is with the teacher, and a reload asks again.
  }
}

/**
 * @param {string} key
 * @returns {RoomKept | null}
 */
function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function forgetOld() {
  try {
    for (const key of Object.keys(localStorage)) {
      const old = Date.now() - (read(key)?.at ?? 0) > LIFE_MS;
      if (key.startsWith(PREFIX) && old) localStorage.removeItem(key);
    }
  } catch {
    // Nothing is kept where nothing can be.
  }
}
