"""What is wrong with the layout of a page: texts and controls that overlap, are cut or stick out.

Everything a reader sees is a box: each line of a text, each control, each formula, each label of a
figure. Two boxes may not overlap, unless one holds the other.
"""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.chromium import READY

PATIENCE = 25  # looks in a row at the same flaws, before they are believed
PAUSE_MS = 120

FLAWS = r"""() => {
  const CONTROL = "button, input, select, textarea, summary, [role=slider], [role=radio], "
      + "[role=tab], canvas[data-testid=data-grid-canvas], a";
  // What lies over a picture by intent, and what is for screen readers alone.
  const OVER = ".fv-overlay, .fv-card, .fv-scale, .fv-empty, .hoverlayer, .modebar, "
      + ".stTooltipContent";
  const scroller = document.querySelector("[data-testid=stMain]");
  const out = [];
  const name = (item) => item.text.slice(0, 40) || item.node.outerHTML.slice(0, 60);

  // The part of a box that its scrolling and clipping ancestors show.
  const shownPart = (box, node) => {
    let { left, top, right, bottom } = box;
    for (let n = node; n && n !== document.body; n = n.parentElement) {
      const style = getComputedStyle(n);
      if (Number(style.opacity) < 0.05 || style.visibility === "hidden") return null;
      if (n === scroller || n.tagName === "svg" || style.overflow === "visible") continue;
      if (n === node) continue;
      const clip = n.getBoundingClientRect();
      if (clip.width < 3 || clip.height < 3) return null;
      [left, right] = [Math.max(left, clip.left), Math.min(right, clip.right)];
      [top, bottom] = [Math.max(top, clip.top), Math.min(bottom, clip.bottom)];
    }
    return right - left > 2 && bottom - top > 2 ? { left, top, right, bottom } : null;
  };

  const items = [];
  const add = (node, boxes, text) => {
    const seen = boxes.map((box) => shownPart(box, node)).filter(Boolean);
    const mark = node.closest(".fv-mark");
    if (seen.length) items.push({ node, boxes: seen, text: text.trim(), mark });
  };
  const roots = [".stMain", ".stSidebar[data-collapsed=false]"]
      .flatMap((at) => [...document.querySelectorAll(at)]);
  for (const root of roots) {
    for (const node of root.querySelectorAll(`${CONTROL}, .katex, svg text`)) {
      if (node.closest(OVER) || node.parentElement.closest(`${CONTROL}, .katex`)) continue;
      if (!node.checkVisibility()) continue;
      const text = node.value ?? node.textContent;
      if (node.tagName === "text" && !text.trim()) continue;
      add(node, [node.getBoundingClientRect()], text);
    }
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const parent = text.parentElement;
      if (!text.nodeValue.trim() || !parent.checkVisibility()) continue;
      if (parent.closest(`${CONTROL}, .katex, svg, style, script, ${OVER}`)) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      add(parent, [...range.getClientRects()], text.nodeValue);
    }
  }

  // Overlaps. A line's box is higher than its letters: two pixels of it do not count.
  const deep = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
  for (let i = 0; i < items.length; i++) {
    for (let j = i + 1; j < items.length; j++) {
      const [a, b] = [items[i], items[j]];
      if (Boolean(a.mark) !== Boolean(b.mark) || (a.mark && a.mark === b.mark)) continue;
      if (a.node === b.node || a.node.contains(b.node) || b.node.contains(a.node)) continue;
      if (a.boxes.some((p) => b.boxes.some((q) => deep(p, q)))) {
        out.push(`overlap: ${name(a)} | ${name(b)}`);
      }
    }
  }

  // Cut, or out of the column.
  for (const item of items) {
    const { node } = item;
    const column = node.closest(".stColumn, .stSidebar, .stMainBlockContainer");
    const style = getComputedStyle(node);
    const hides = style.overflowX !== "visible" && style.textOverflow !== "ellipsis";
    if (node.scrollWidth > node.clientWidth + 1 && node.clientWidth && hides
        && style.display !== "inline" && !["auto", "scroll"].includes(style.overflowX)) {
      out.push(`cut: ${name(item)}`);
    }
    const box = node.getBoundingClientRect();
    const svg = node.tagName === "text" && node.closest(".main-svg");
    if (svg) {
      const frame = svg.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1
          || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
        out.push(`cut at the figure's edge: ${name(item)}`);
      }
    }
    if (!column) continue;
    const scrolls = node.closest(
        ".stMarkdown table, .katex-display, [data-testid=stSidebarNavItems]");
    const room = column.getBoundingClientRect();
    if (!scrolls && item.boxes.some((b) => b.right > room.right + 2 || b.left < room.left - 2)) {
      out.push(`out of its column: ${name(item)}`);
    }
  }
  for (const node of document.querySelectorAll(".stMain canvas, .stMain .main-svg")) {
    if (!node.checkVisibility() || node.closest(".stDataFrame")) continue;
    const box = node.getBoundingClientRect();
    if (box.width && (box.left < -1 || box.right > innerWidth + 1)) {
      out.push(`a figure out of the window: ${node.closest("[class*=st-key]")?.className}`);
    }
  }
  for (const icon of document.querySelectorAll("[data-testid=stIconMaterial]")) {
    const range = document.createRange();
    range.selectNodeContents(icon);
    const size = parseFloat(getComputedStyle(icon).fontSize);
    if (range.getBoundingClientRect().width > 1.5 * size) {
      out.push(`an icon's name in place of the icon: ${icon.textContent}`);
    }
  }
  const title = document.querySelector(".st-key-head h1");
  const line = title && parseFloat(getComputedStyle(title).lineHeight);
  if (title && title.getBoundingClientRect().height > 3 * line) {
    out.push(`a title of three lines: ${title.textContent}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) out.push("wider than the window");
  return [...new Set(out)];
}"""

# Every figure is drawn for its width, and nothing is being drawn anew.
STILL = """(width) => innerWidth === width && !document.querySelector("[data-stale=true]")
    && [...document.querySelectorAll(".js-plotly-plot")]
        .filter((it) => it.checkVisibility() && it.clientWidth)
        .filter((it) => !it.closest(".stSidebar[data-collapsed=true]"))
        .every((it) => Math.abs(it.querySelector(".main-svg").clientWidth - it.clientWidth) < 2)"""


def flaws(page: Page, width: int) -> list[str]:
    """The flaws of a page whose window has that width, once it has settled; best none."""
    found: list[str] = []
    same = 0
    while same < PATIENCE:
        page.wait_for_selector(READY)
        page.wait_for_function(STILL, arg=width)
        before, found = found, page.evaluate(FLAWS)
        if not found:
            return []
        same = same + 1 if found == before else 0
        page.wait_for_timeout(PAUSE_MS)
    return found
