// The keys of a player, wherever the focus is but in a field: space plays and pauses, the others move the
// time as they move a slider. A presenter's remote sends PgUp and PgDn: PgDn goes on with the generation.
// They act on the first player in view; where none is, they scroll as ever.
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
// Where keys have a meaning of their own: fields, and what Streamlit's menus are made of.
const FIELDS =
  "input, textarea, select, [contenteditable], [role=slider], [role=spinbutton], [role=radio], " +
  "[role=radiogroup], [role=combobox], [role=listbox], [role=option], [role=menu], [role=menuitem], " +
  "[role=tab], [role=dialog], [role=grid], canvas[tabindex]";
const PRESSED = "button, a, summary, [role=button], [role=switch], [role=checkbox]"; // by the space bar

/** @type {Set<Player>} */
const players = new Set();

/** @param {Player} player */
export function listenToKeys(player) {
  if (players.size === 0) window.addEventListener("keydown", onKeyDown);
  players.add(player);
}

/** @param {KeyboardEvent} event */
function onKeyDown(event) {
  const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey);
  const move = MOVES[event.key];
  if (!plain || event.defaultPrevented || !(move || event.key === " ")) return;
  // The element itself, also in a component's shadow.
  const target = event.composedPath()[0];
  if (target instanceof Element && isTaken(target, !move)) return;
  const player = inView();
  if (!player) return;
  event.preventDefault();
  if (!move) return player.toggle();
  player.scrub(move(player.t));
  player.announce();
}

/**
 * Whether a key has a meaning of its own there.
 *
 * @param {Element} target
 * @param {boolean} space
 */
function isTaken(target, space) {
  if (space && target.matches(".fv-handle")) return false;
  return target.closest(space ? `${FIELDS}, ${PRESSED}` : FIELDS) !== null;
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
