// From card to card of the presented gallery by the arrows, as they lie in the window; Enter opens one, as any
// link with the focus. Where no card has the focus, the first that is in view takes it.

const CARDS = ".fv-scene";

/** The keys, each with what it does. */
export const CARD_COMMANDS = new Map([
  ["ArrowRight", () => along(1)],
  ["ArrowLeft", () => along(-1)],
  ["PageDown", () => along(1)], // a remote's
  ["PageUp", () => along(-1)],
  ["ArrowDown", () => across(1)],
  ["ArrowUp", () => across(-1)],
]);

/** @returns {HTMLElement[]} */
function cards() {
  return [...document.querySelectorAll(CARDS)].filter((node) => node instanceof HTMLElement);
}

/**
 * In the order of reading.
 *
 * @param {number} by
 */
function along(by) {
  const all = cards();
  const at = all.findIndex((card) => card.matches(":focus"));
  choose(at < 0 ? firstInView(all) : all[at + by]);
}

/**
 * To the card above or below, in the nearest row the nearest.
 *
 * @param {number} by
 */
function across(by) {
  const all = cards();
  const here = all.find((card) => card.matches(":focus"));
  if (!here) return choose(firstInView(all));
  const from = here.getBoundingClientRect();
  const places = all.map((card) => ({ card, box: card.getBoundingClientRect() }));
  const beyond = places.filter(({ box }) => by * (box.top - from.top) > from.height / 2);
  const row = Math.min(...beyond.map(({ box }) => by * (box.top - from.top)));
  const there = beyond.filter(({ box }) => by * (box.top - from.top) < row + from.height / 2);
  there.sort((a, b) => Math.abs(a.box.left - from.left) - Math.abs(b.box.left - from.left));
  choose(there[0]?.card);
}

/** @param {HTMLElement[]} all */
function firstInView(all) {
  return all.find((card) => card.getBoundingClientRect().top >= 0) ?? all[0];
}

/** @param {HTMLElement | undefined} card */
function choose(card) {
  card?.focus({ preventScroll: true });
  card?.scrollIntoView({ block: "center" });
}
