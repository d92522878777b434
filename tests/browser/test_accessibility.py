"""Every page can be used without a mouse and without seeing it: axe-core, names, focus, headings.

Each page is opened twice, so that it is seen in both languages and both themes, and examined in
several states of one visit: whole at first, then what a state brought.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from flowviz.text import translator
from flowviz.ui.document import PAGES
from tests.browser import test_policy as policy
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.serving import ROOT
from tests.waiting import until

# Pages with a plane of their own are seen on the line in one visit and in the plane in the other.
BOTH = {"green", "learn", "solvers", "couplings", "guidance"}
# Each language with each theme is on some page, and each page has both languages and both themes.
SEEN = ((("en-US", "light"), ("zh-CN", "dark")), (("zh-CN", "light"), ("en-US", "dark")))
VISITS = [
    (name, locale, theme, name in BOTH and theme == "dark")
    for k, name in enumerate(PAGES)
    for locale, theme in SEEN[k % len(SEEN)]
]

BAD_LINK = "points=nonsense"

AXE = """async (within) => {
  const options = { iframes: false, resultTypes: ["violations"] };
  const { violations } = await axe.run(within, options);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((n) => [id, n.target.join(" "), n.failureSummary]));
}"""

UNFADED = """[data-stale], .fv-outdated .st-key-plane-reading, .st-key-plane-pale,
.fv-previewed :is(.st-key-fan-facts, .st-key-plane-facts) {
  opacity: 1 !important; transition: none !important }"""
"""What is about to be drawn anew is faded, by Streamlit and by the Plane: a page is examined as it
looks when nothing is."""

FORGIVEN: dict[tuple[str, str], str] = {}
"""Findings in what Streamlit alone makes, by rule and a regular expression of the selector, with
the reason."""


@cache
def axe() -> str:
    """The source of axe-core, which `make` installs."""
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def findings(page: Page, within: str = "html") -> list[list[str]]:
    """Serious and critical violations in elements of the page as it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe())
        page.add_style_tag(content=UNFADED)
    found: list[list[str]] = page.evaluate(AXE, within)
    return [
        row
        for row in found
        if not any(row[0] == rule and re.fullmatch(at, row[1]) for rule, at in FORGIVEN)
    ]


def open_expanders(page: Page, name: str) -> str:
    """The captions and the glossary."""
    folds = ["[class*=st-key-w-fold-captions]", ".st-key-w-fold-glossary"][name == "gallery" :]
    for fold in folds:
        page.locator(f"{fold} summary:visible").first.click()
        page.wait_for_selector(f"{fold} [data-testid=stCaptionContainer]")
    return ", ".join(folds)


def open_table(page: Page, name: str) -> str:
    """The table of points and the upload of a file; Green has neither."""
    lang = page.evaluate("document.documentElement.lang")
    summary = page.locator(".stSidebar summary", has_text=translator(lang)("fan.table"))
    if not summary.count():
        return ""
    summary.click()
    page.wait_for_selector(".stSidebar .stFileUploader")
    return ".stSidebar .stExpander"


def open_menu(page: Page, name: str) -> str:
    """The menu of the page."""
    page.locator(".stAppHeader button").last.click()
    page.get_by_role("menuitem").first.wait_for()
    return ".stMainMenuPopover"


def open_tooltip(page: Page, name: str) -> str:
    """The explanation of a heading."""
    page.keyboard.press("Escape")
    page.locator(".stMain .stTooltipIcon").first.hover()
    page.wait_for_function(
        """() => {
        let node = document.querySelector(".stTooltipContent");
        if (!node) return false;
        // It fades in.
        for (; node; node = node.parentElement)
            if (getComputedStyle(node).opacity !== "1") return false;
        return true; }"""
    )
    return ".stTooltipContent"


def inspect(page: Page, name: str) -> str:
    """A query point chosen in the figure, where a link can name one."""
    page.mouse.move(1, 1)
    if name not in ("fan", "plane"):
        return ""
    if name == "plane":
        page.locator("[data-tool=probe]").click()
    stage = page.locator(".fv-stage").first
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
    page.wait_for_selector(".fv-card:visible")
    page.wait_for_selector(READY)
    page.wait_for_selector(".st-key-balance .main-svg, .stMain table, .stMain .katex")
    return ".stMain"


STATES: tuple[Callable[[Page, str], str], ...] = (
    open_expanders,
    open_table,
    open_menu,
    open_tooltip,
    inspect,
)
"""Each brings the page into a state and returns a selector of what is new there, or nothing."""


def visited(open_page: OpenPage, name: str, locale: str, theme: str, *, plane: bool) -> Page:
    """The page with a notice of an unreadable link, drawn."""
    query = f"{BAD_LINK}&space=plane" if plane else BAD_LINK
    script = policy.REPORTS if theme == "dark" else ""
    page = open_page(f"/{name}?{query}", locale=locale, color_scheme=theme, script=script)
    page.wait_for_selector(".st-key-notices")
    drawn = ".stMain .main-svg, .stMain canvas, .fv-scenes"
    page.wait_for_selector(drawn, state="attached")
    return page


HEADINGS = """[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter((node) => node.checkVisibility())
    .map((node) => [Number(node.tagName[1]), node.innerText.trim()])"""

FIGURES = """[...document.querySelectorAll(
        ".js-plotly-plot, .fv-overlay:not([aria-hidden=true]), [role=img], [role=figure], " +
        ".stMain canvas")]
    .filter((node) => node.checkVisibility() && !node.closest(".stMarkdown, .stExpander summary"))
    .map((node) => node.closest("[role=img], [role=figure]") ??
        node.closest(".fv-stage, .fv-picture, .fv-plane")?.querySelector("[role=group]") ?? node)
    .map((node) => node.getAttribute("aria-label") ?? "")"""

# What a sighted user of the keyboard goes by: outline, shadow, border, ground or stroke of the
# element, of what it stands in, or of what is drawn beside a native control. The grid of a table
# marks its cell on its canvas.
FOCUS = """() => {
  const near = (node) => {
    const nodes = [node, ...(node.parentElement?.children ?? [])];
    for (let n = node.parentElement, k = 0; n && k < 5; n = n.parentElement, k++) nodes.push(n);
    return nodes;
  };
  window.shown = (node) => near(node).map((n) => {
    const s = getComputedStyle(n);
    const outline = s.outlineStyle === "none" || s.outlineWidth === "0px" ? "" :
        s.outlineStyle + s.outlineColor;
    const drawn = Number(s.opacity) > 0 && n.getBoundingClientRect().width > 4;
    return drawn ? [outline, s.boxShadow, s.borderColor, s.backgroundColor, s.stroke,
        s.strokeWidth].join() : "";
  }).join(";");
  const still = document.createElement("style");
  still.textContent = "*, *::before, *::after { transition: none !important }";
  document.head.append(still);
  window.stops = new Map();
  document.querySelector("a[href]").focus(); // from the top of the page
  document.activeElement.blur();
}"""
STOP = """() => {
  const node = document.activeElement;
  if (node === document.body || stops.has(node)) return false;
  stops.set(node, shown(node));
  return true;
}"""
UNSEEN = """() => {
  document.activeElement.blur();
  return [...stops].filter(([n, focused]) => n.tagName !== "CANVAS" && shown(n) === focused)
      .map(([n]) => n.outerHTML.slice(0, 160));
}"""


def unseen_stops(page: Page) -> tuple[int, list[object]]:
    """How many stops the tab key makes, and those at which nothing shows it."""
    page.evaluate(FOCUS)
    count = 0
    page.keyboard.press("Tab")
    while page.evaluate(STOP):
        count += 1
        page.keyboard.press("Tab")
    return count, page.evaluate(UNSEEN)


def headings(page: Page) -> list[str]:
    """What is wrong with the titles of a page."""
    rows = page.evaluate(HEADINGS)
    levels = [level for level, _ in rows]
    return (
        ["not one title"] * (levels.count(1) != 1)
        + [f"a level without a text: {level}" for level, text in rows if not text]
        + [f"from level {a} to {b}" for a, b in pairwise(levels) if b > a + 1]
    )


def nameless(page: Page) -> list[list[str]]:
    """Tags and attributes of what the keyboard reaches and the browser knows no name for."""
    session = page.context.new_cdp_session(page)
    found = []
    for node in session.send("Accessibility.getFullAXTree")["nodes"]:
        states = {item["name"]: item["value"].get("value") for item in node.get("properties", ())}
        named = str(node.get("name", {}).get("value", "")).strip()
        if node.get("ignored") or not states.get("focusable") or named:
            continue
        described = session.send("DOM.describeNode", {"backendNodeId": node["backendDOMNodeId"]})
        name, texts = described["node"]["nodeName"], described["node"].get("attributes", ())
        attributes = dict(zip(texts[::2], texts[1::2], strict=True))
        if attributes.get("tabindex") != "-1":
            found.append([name, *texts])
    return found


def figures_without_numbers(page: Page) -> list[str]:
    """Text alternatives that say no number, where there is something to say."""
    labels = until(lambda: all(found := page.evaluate(FIGURES)) and found, "a figure has no name")
    empty = translator(page.evaluate("document.documentElement.lang"))("learn.nothing")
    return [text for text in labels if not re.search(r"\d", text) and empty not in text]


ORDERED_OTHERWISE = {"svg *": "handles stand where what they move is, in its order"}

# What is read and what the keyboard reaches, in the document's order, where it stands in the page.
PLACES = """(otherwise) => {
  const read = "h1, h2, h3, h4, p, label, th, td, li";
  const reached = "a[href], button, input, select, textarea, summary, [tabindex]";
  const all = (root) => [...root.querySelectorAll("*")]
    .flatMap((node) => [node, ...(node.shadowRoot ? all(node.shadowRoot) : [])]);
  const main = document.querySelector(".stMain");
  const place = (node) => {
    const area = node.closest(".stSidebar, .stAppHeader");
    const { left, right, top, bottom, width, height } = node.getBoundingClientRect();
    const down = area ? 0 : main.scrollTop;
    const said = node.innerText || node.getAttribute("aria-label") || node.outerHTML;
    return { left, right, top: top + down, bottom: bottom + down, shown: width > 2 && height > 2,
      area: area?.className ?? "", said: said.slice(0, 60) };
  };
  const seen = all(document.body).filter((node) => node.checkVisibility({ visibilityProperty: true,
    opacityProperty: true }) && !node.closest("[aria-hidden=true]") && !node.matches(otherwise));
  return [
    seen.filter((node) => node.matches(read) && node.innerText.trim()),
    seen.filter((node) => node.matches(reached) && node.tabIndex >= 0 && !node.disabled),
  ].map((nodes) => nodes.map(place).filter(({ shown, right }) => shown && right > 0));
}"""


def out_of_order(page: Page) -> list[list[object]]:
    """Pairs of what follows each other in the document, and the other way in small windows."""
    found = []
    for width, height in ((1024, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"innerWidth === {width}")
        page.wait_for_timeout(700)  # figures take their new sizes
        for places in page.evaluate(PLACES, ", ".join(ORDERED_OTHERWISE)):
            assert len(places) > 10
            found += [[width, a["said"], b["said"]] for a, b in pairwise(places) if goes_back(a, b)]
    return found


def goes_back(a: dict[str, float], b: dict[str, float]) -> bool:
    """Whether b is above a in one column, or left of it in one row."""
    within = any(
        one["left"] >= other["left"] - 1
        and one["right"] <= other["right"] + 1
        and one["top"] >= other["top"] - 1
        and one["bottom"] <= other["bottom"] + 1
        for one, other in ((a, b), (b, a))
    )
    if a["area"] != b["area"] or within:
        return False
    common = min(a["bottom"], b["bottom"]) - max(a["top"], b["top"])
    if common > 0.5 * min(a["bottom"] - a["top"], b["bottom"] - b["top"]):
        return b["right"] <= a["left"] + 2
    return b["bottom"] <= a["top"] + 3 and b["left"] < a["right"] - 2


def test_what_goes_back_is_found() -> None:
    """One below the other, side by side, one within the other, and two columns."""
    a, below, beside, within = (
        {"left": x, "top": y, "right": x + w, "bottom": y + 20.0, "area": ""}
        for x, y, w in ((0.0, 0.0, 90.0), (0.0, 30.0, 90.0), (100.0, 0.0, 90.0), (10.0, 0.0, 40.0))
    )
    assert [goes_back(a, b) for b in (below, beside, within)] == [False] * 3
    assert [goes_back(b, a) for b in (below, beside, within)] == [True, True, False]
    assert not goes_back(below, beside)


@pytest.mark.parametrize(("name", "locale", "theme", "plane"), VISITS)
def test_a_page_is_accessible_and_works_under_the_policy(
    open_page: OpenPage, name: str, locale: str, theme: str, plane: bool
) -> None:
    page = visited(open_page, name, locale, theme, plane=plane)
    if theme == "light" and name in policy.PAGES:  # on the line
        policy.loads_what_its_document_names(page)
    found: dict[str, list[object]] = {"headings": [*headings(page)], "first": [*findings(page)]}
    for state in STATES:
        if within := state(page, name):
            found[state.__name__] = [*findings(page, within)]
        if state is open_expanders:
            stops, found["focus"] = unseen_stops(page)
            assert stops > 20
            if name != "gallery":
                found["figures"] = [*figures_without_numbers(page)]
        elif state is open_table:  # in whose grid the tab key goes from cell to cell
            found["names"] = [*nameless(page)]
    if theme == "light":
        page.keyboard.press("Escape")
        found["order"] = [*out_of_order(page)]
    if theme == "dark" and name in policy.PAGES:
        policy.works_without_a_report(page)
    assert {state: rows for state, rows in found.items() if rows} == {}
