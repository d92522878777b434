// The keys of a page, in one place, wherever the focus is but in a field. Space plays and pauses, the
// others move the time of the player in view as they move a slider; where none is, they scroll as ever. A
// presenter's remote sends PgUp and PgDn: PgDn goes on with the generation. While a page is presented it
// has commands of its own, which come first: `present.js`.
/** @import { Player } from "./player.js" */

const PAGE = 0.1;
const ARROW = 0.01;
/** @type {Record<string, ((t: number) => number) | undefined>} the next time of a time */
const MOVES = {
  ArrowLeft: (t) => t - ARROW,
  ArrowRight: (t) => t + ARROW,
  PageDown: (t) => t - PAGE,
  PageUp: (t) => t + PAGE,
  Home: () => 0,
  End: () => 1,
};
// Where keys have a meaning of their own: where text is typed or an option is found by its letters, what
// Streamlit's menus are made of, and what arrows move.
const TYPED =
  "input:not([type=range], [type=radio], [type=checkbox]), textarea, select, [contenteditable], " +
  "[role=combobox], [role=listbox], [role=option], [role=menu], [role=menuitem], [role=dialog], " +
  "[role=grid], canvas[tabindex]";
const FIELDS = `${TYPED}, input, [role=slider], [role=spinbutton], [role=radio], [role=radiogroup], [role=tab]`;
const PRESSED = "button, a, summary, [role=button], [role=switch], [role=checkbox]"; // by the space bar

/** @type {Set<Player>} */
const players = new Set();
/** @type {Map<string, () => void>} by the key's name, letters in lower case */
let commands = new Map();
let listening = false;

/** @param {Player} player */
export function listenToKeys(player) {
  listen();
  players.add(player);
}

/**
 * The page's commands in the place of those before.
 *
 * @param {Map<string, () => void>} next
 */
export function setCommands(next) {
  listen();
  commands = next;
}

/**
 * Do what a key does that was pressed elsewhere: in the window of the notes.
 *
 * @param {string} key
 */
export function press(key) {
  const name = nameOf(key);
  const act = commands.get(name) ?? playerAct(name);
  act?.();
}

function listen() {
  if (!listening) window.addEventListener("keydown", onKeyDown);
  listening = true;
}

/** @param {KeyboardEvent} event */
function onKeyDown(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const name = nameOf(event.key);
  const command = commands.get(name);
  if (!command && event.shiftKey) return;
  // The element itself, also in a component's shadow.
  const target = event.composedPath()[0];
  if (target instanceof Element && isTaken(target, name)) return;
  const act = command ?? playerAct(name);
  if (!act) return;
  // What else Escape ends, as a question about a place, says so after this.
  if (name === "Escape") return void setTimeout(() => event.defaultPrevented || act());
  event.preventDefault();
  act();
}

/** @param {string} key */
function nameOf(key) {
  return key.length === 1 ? key.toLowerCase() : key;
}

/**
 * Whether a key has a meaning of its own there.
 *
 * @param {Element} target
 * @param {string} name
 */
function isTaken(target, name) {
  if (name === " ") {
    return !target.matches(".fv-handle") && target.closest(`${FIELDS}, ${PRESSED}`) !== null;
  }
  return target.closest(name in MOVES ? FIELDS : TYPED) !== null;
}

/**
 * What a key does to the first player in view.
 *
 * @param {string} name
 */
function playerAct(name) {
  const move = MOVES[name];
  const player = move || name === " " ? inView() : undefined;
  if (!player) return undefined;
  if (!move) return () => player.toggle();
  return () => {
    player.scrub(move(player.t));
    player.announce();
  };
}

function inView() {
  for (const player of players) {
    if (!player.range.isConnected) players.delete(player);
  }
  return [...players].find(({ range }) => {
    const { top, bottom, width } = range.getBoundingClientRect();
    return width > 0 && bottom > 0 && top < window.innerHeight;
  });
}
