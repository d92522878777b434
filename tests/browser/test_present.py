"""Presenting: the size of what is read, the keys, what is not shared, the window of the notes."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from flowviz.text import translator
from flowviz.ui.document import PAGES
from flowviz.ui.lesson.steps import STEPS
from flowviz.ui.lesson.truth import truth
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import findings
from tests.waiting import until

EN, ZH = translator("en"), translator("zh")
LEAST_PX = 28
# What is read in the window and is smaller, with its size: not what is hidden from all eyes.
SMALLER = """(least) => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { data, parentElement: node } = texts.currentNode;
    const seen = { opacityProperty: true, visibilityProperty: true };
    if (!data.trim() || !node?.checkVisibility(seen) || node.closest(".katex-mathml")) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const { left, right, top, bottom, width, height } = range.getBoundingClientRect();
    const inside = right > 0 && left < innerWidth && bottom > 0 && top < innerHeight;
    if (!inside || width < 2 || height < 2) continue;
    const px = Number.parseFloat(getComputedStyle(node).fontSize);
    if (px < least - 0.01) found.push([data.trim().slice(0, 30), px]);
  }
  return found; }"""
# Of the window, by the pictures in it; and what the page has beyond the window.
FILLED = """() => {
  const pictures = [...document.querySelectorAll(".main-svg, .fv-scenes")]
      .filter((node) => node.checkVisibility({ visibilityProperty: true }))
      .map((node) => node.getBoundingClientRect());
  const most = (side) => Math.max(...pictures.map((box) => box[side]));
  const least = (side) => Math.min(...pictures.map((box) => box[side]));
  const shown = Math.min(most("bottom"), innerHeight) - least("top");
  const main = document.querySelector("[data-testid=stMain]");
  return { height: shown / innerHeight, width: (most("right") - least("left")) / innerWidth,
           below: main.scrollHeight - main.clientHeight,
           beside: main.scrollWidth - main.clientWidth }; }"""
# The widths of the icons that are seen.
ICONS = """() => [...new Set([...document.querySelectorAll(".stTooltipIcon svg")]
    .filter((icon) => icon.checkVisibility())
    .map((icon) => icon.getBoundingClientRect().width))]"""
HIDDEN = (
    ".stSidebar, .stAppHeader, .st-key-name, .st-key-head-settings, .fv-copy, .fv-take, .fv-mark"
)
LOCALES = {"en-US": "dark", "zh-CN": "light"}
VISITS = [(name, list(LOCALES)[k % 2]) for k, name in enumerate(PAGES)]


def drawn(page: Page, name: str) -> None:
    page.wait_for_selector(READY)
    if name != "gallery":
        page.wait_for_selector(".stMain .main-svg text", state="attached")


@pytest.mark.parametrize(("name", "locale"), VISITS)
def test_the_picture_fills_the_window_and_all_can_be_read_from_the_last_row(
    open_page: OpenPage, name: str, locale: str
) -> None:
    address = f"/{name}?present=1&lesson_step=6&lesson_answers=6()&probe=0.4,1"
    size = {"width": 1920, "height": 1080, "locale": locale, "color_scheme": LOCALES[locale]}
    page = open_page(address, **size)
    drawn(page, name)
    is_read(page, LEAST_PX)
    fills(page, name)
    for node in page.locator(HIDDEN).all():
        expect(node).to_be_hidden()
    assert findings(page) == []
    # In proportion in a smaller window; on a telephone it is read as any page is.
    resize(page, 1280, 720)
    is_read(page, LEAST_PX * 2 / 3 - 0.1)
    fills(page, name)
    resize(page, 390, 844)
    is_read(page, 13)
    until(lambda: page.evaluate(FILLED)["beside"] == 0, lambda: page.evaluate(FILLED))


def resize(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    until(lambda: page.evaluate("() => innerWidth") == width)


def is_read(page: Page, least: float) -> None:
    """Nothing in the window is smaller."""
    until(lambda: page.evaluate(SMALLER, least) == [], lambda: page.evaluate(SMALLER, least))


def fills(page: Page, name: str) -> None:
    """The picture has the window, and nothing is beyond it but more of the gallery."""

    def filled() -> bool:
        found = page.evaluate(FILLED)
        wide = found["width"] > (0.45 if name in ("plane", "lesson") else 0.9)
        whole = name == "gallery" or found["below"] == 0
        return wide and whole and found["height"] > 0.75 and found["beside"] == 0

    until(filled, lambda: page.evaluate(FILLED))


def test_a_demonstration_that_is_open_takes_the_place_of_the_picture(open_page: OpenPage) -> None:
    page = open_page("/plane", width=1920, height=1080)
    page.get_by_text(EN("demo.plane_box"), exact=True).click()
    places = page.locator(".fv-place")
    expect(places).to_have_count(4)
    begin(page)
    expect(page.locator(".st-key-plane")).to_be_hidden()
    expect(places.first).to_be_visible()
    is_read(page, LEAST_PX)
    fills(page, "plane")
    # Dragged there as on the page; closed, the page's picture is back.
    text = page.locator("[class*=st-key-demonstration-] p", has_text="pₜfₜ")
    said = text.inner_text()
    places.nth(1).press("ArrowRight")
    expect(text).not_to_have_text(said)
    page.get_by_text(EN("demo.plane_box"), exact=True).click()
    expect(page.locator(".st-key-plane")).to_be_visible()
    # Drawn while the text was large, the icons of help are of the page's size after it.
    page.keyboard.press("Escape")
    expect(page.locator(".stSidebar")).to_be_visible()
    page.wait_for_selector(READY)
    until(lambda: page.evaluate(ICONS) == [16.0], lambda: page.evaluate(ICONS))


def parameter(page: Page, name: str) -> str | None:
    query = page.evaluate("location.search.slice(1)")
    return parse_qs(query, keep_blank_values=True).get(name, [None])[0]


def at_step(page: Page, step: int, shown: bool = False) -> None:
    """Wait until a step is there, with its answer or without."""
    expect(page.get_by_text(EN(f"lesson.{step}.question"))).to_be_visible()
    idea = page.locator("h2", has_text=EN(f"lesson.{step}.idea"))
    expect(idea).to_have_count(int(shown))


def begin(page: Page) -> None:
    """Press the button, and wait until the keys work."""
    page.locator(".fv-present").click()
    expect(page.locator(".fv-present")).to_be_hidden()
    expect(page.locator(".stSidebar")).to_be_hidden()
    page.wait_for_selector(READY)


def close(notes: Page, page: Page) -> None:
    """Close the window of the notes; the keys are the page's again."""
    notes.close()
    page.bring_to_front()
    until(lambda: page.evaluate("document.hasFocus()"))


def answer(step: int) -> str:
    return EN(f"lesson.{step}.answer", **truth(step).words)


def test_the_lesson_is_given_by_keys_alone_and_read_in_its_notes(open_page: OpenPage) -> None:
    # One window is there before anything is presented.
    early = open_page("/notes", wait=False, width=1280, height=720)
    expect(early.locator("#waiting")).to_have_text(EN("notes.waiting"))
    page = open_page("/lesson?lesson_step=5", width=1280, height=720)
    page.wait_for_selector(READY)
    begin(page)
    at_step(page, 5)
    expect(page.get_by_role("radio")).to_have_count(0)  # it is answered by the class
    press = page.keyboard.press
    press("r")
    at_step(page, 5, shown=True)
    expect(page.get_by_text(answer(5))).to_be_visible()
    expect(early.locator("main")).to_contain_text(answer(5))
    for key, step in (("ArrowRight", 6), ("PageDown", 7), (" ", 8), ("PageUp", 7)):
        press(key)
        at_step(page, step)
        until(lambda step=step: parameter(page, "lesson_step") == str(step))  # written last
    # The browser's way back is through the steps, and its way on.
    ways = (page.go_back, 8), (page.go_back, 7), (page.go_forward, 8), (page.go_forward, 7)
    for turn, step in ways:
        turn()
        at_step(page, step)
        until(lambda step=step: parameter(page, "lesson_step") == str(step))
        page.wait_for_selector(READY)  # the address of the entry is there before the run ends
    press("ArrowLeft")
    press("ArrowLeft")  # two that arrive together are two
    at_step(page, 5, shown=True)
    press("r")
    at_step(page, 5)
    press("PageDown")
    at_step(page, 6)

    # One asks when it opens, another was there before: both say the same, with numbers of the core.
    with page.context.expect_page() as opened:
        press("n")
    notes = opened.value
    for window in (early, notes):
        for part in ("question", "common", "say", "recited", "understood"):
            expect(window.locator("main")).to_contain_text(EN(f"lesson.6.{part}"))
        expect(window.locator("main")).to_contain_text(answer(6))
        expect(window.locator("#waiting")).to_be_hidden()
    assert findings(notes) == []
    notes.reload()
    expect(notes.locator("main")).to_contain_text(EN("lesson.6.say"))
    notes.keyboard.press("PageDown")  # the focus is there after it was opened
    at_step(page, 7)
    expect(early.locator("main")).to_contain_text(EN("lesson.7.say"))
    close(notes, page)

    panels(page)
    press("Escape")
    expect(page.locator(".stSidebar")).to_be_visible()
    expect(page.locator(".fv-present")).to_be_visible()
    until(lambda: parameter(page, "present") is None)
    expect(early.locator("#waiting")).to_be_visible()
    press("ArrowRight")  # no longer a key of the lesson
    press("b")
    expect(page.locator(".fv-blank")).to_be_hidden()
    assert parameter(page, "lesson_step") == "7"


def panels(page: Page) -> None:
    """The keys, a blank screen and the code: by a key, and away by the same or by Escape."""
    press = page.keyboard.press
    keys, blank, share = (page.locator(f".{name}") for name in ("fv-keys", "fv-blank", "fv-share"))
    for away in ("?", "Escape"):
        press("?")
        expect(keys).to_be_visible()
        for key in ("step", "reveal", "blank", "full", "qr", "notes", "leave"):
            expect(keys.get_by_text(EN(f"present.does.{key}"), exact=True)).to_be_visible()
        if away == "?":
            assert findings(page, ".fv-keys") == []
        press("b")  # not while a panel is open
        expect(blank).to_be_hidden()
        press(away)
        expect(keys).to_be_hidden()
    for away in ("b", "Escape"):
        press("b")
        expect(blank).to_be_visible()
        assert blank.bounding_box() == {"x": 0, "y": 0, "width": 1280, "height": 720}
        press(away)
        expect(blank).to_be_hidden()
    press("q")
    page.wait_for_selector(".fv-share-code:not([hidden])")
    shared = parse_qs(urlsplit(page.locator("#fv-share-long").input_value()).query)
    # Of the screen, and not of the scene; and a class has not answered yet.
    assert not {"present", "lesson_answers"} & shared.keys()
    assert shared["lesson_step"] == ["7"]
    press("Escape")
    expect(share).to_be_hidden()
    assert parameter(page, "present") == "1"  # each Escape closes one thing
    press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    press("f")
    page.wait_for_function("document.fullscreenElement === null")
    # Where something is typed, a key is a letter.
    page.evaluate("document.querySelector('.stMain').append(document.createElement('input'))")
    field = page.locator(".stMain > input")
    field.focus()
    for key in ("b", "r", "ArrowRight", " ", "?"):
        press(key)
    assert field.input_value() == "br ?"
    for panel in (keys, blank):
        expect(panel).to_be_hidden()
    at_step(page, 7)
    field.evaluate("node => node.remove()")


def test_a_flow_is_presented_with_the_players_keys(open_page: OpenPage) -> None:
    page = open_page("/fan?lang=zh&probe=0.4,1", width=1400)
    page.wait_for_selector(".fv-fan[data-serial]")
    begin(page)
    clock = page.locator(".fv-time")
    for key, at in {"ArrowRight": 0.51, "PageDown": 0.41, "Home": 0.0, "End": 1.0}.items():
        page.keyboard.press(key)
        until(lambda at=at: abs(float(clock.input_value()) - at) < 1e-6)
    page.keyboard.press(" ")
    until(lambda: float(clock.input_value()) < 0.9)
    page.keyboard.press(" ")
    page.keyboard.press("r")  # there is nothing to reveal
    with page.context.expect_page() as opened:
        page.keyboard.press("n")
    notes = opened.value
    for text in (ZH("fan.title"), ZH("fan.caption.1"), ZH("notes.fan.point")):
        expect(notes.locator("main")).to_contain_text(text)
    assert notes.evaluate("document.documentElement.lang") == "zh"
    notes.keyboard.press("Home")
    until(lambda: float(clock.input_value()) == 0.0)
    close(notes, page)
    # Escape first ends the question about a place.
    expect(page.locator(".fv-card:not([hidden])")).to_be_visible()
    page.keyboard.press("Escape")
    until(lambda: parameter(page, "probe") in (None, ""), lambda: page.url)
    assert parameter(page, "present") == "1"
    page.reload()
    page.wait_for_selector(READY)
    page.wait_for_selector(".fv-present-bar:not([hidden])", state="attached")
    expect(page.locator(".stSidebar")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".stSidebar")).to_be_visible()
    until(lambda: parameter(page, "present") is None)


def test_every_step_has_notes_that_differ() -> None:
    for part in ("say", "recited", "understood"):
        for tr in (EN, ZH):
            texts = {tr(f"lesson.{step}.{part}") for step in range(1, len(STEPS) + 1)}
            assert len(texts) == len(STEPS)
