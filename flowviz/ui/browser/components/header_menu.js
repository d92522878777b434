// The settings in the header are a menu where there is no room for them (`_header` in
// `flowviz/ui/frame.py`): it is closed by Escape and by a press outside, as every menu is.

const MENU = ".st-key-head .stHtml details[open]";
const INSIDE = ".st-key-head .stHtml details, .st-key-head-settings";

/** @returns {HTMLDetailsElement | undefined} the open menu that is seen */
function opened() {
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const menus = document.querySelectorAll(MENU);
  return [...menus].find((menu) => menu.checkVisibility());
}

document.addEventListener("pointerdown", ({ target }) => {
  const menu = opened();
  if (menu && target instanceof Element && !target.closest(INSIDE)) menu.open = false;
});

// Before the page's own keys: an Escape that closes the menu does nothing else.
document.addEventListener(
  "keydown",
  (event) => {
    const menu = event.key === "Escape" && opened();
    if (!menu) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  },
  { capture: true },
);
