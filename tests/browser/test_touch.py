"""Gestures by touch: what a finger drags follows it in every direction, and the page stays."""

from __future__ import annotations

import math

import pytest
from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from flowviz.text import translator
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.header import speak
from tests.browser.pointer import FanUser
from tests.browser.test_navigation import turn

PHONE = {"width": 390, "mobile": True}
MOVES = 8
LENGTH_PX = 60
DIRECTIONS = [(math.cos(a), math.sin(a)) for a in (k * math.pi / 4 for k in range(8))]
VERTICAL = DIRECTIONS[2::4]
STAGE = ".fv-plane .fv-stage"
COUNT = """{
  window.cancelled = 0;
  window.addEventListener("pointercancel", () => (window.cancelled += 1), true);
}"""
SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"


def swipe(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    """Draw one finger across the page, by trusted events."""
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, fraction: float | None) -> None:
        at = [] if fraction is None else [{axis: s + fraction * d for axis, s, d in path}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    path = list(zip("xy", start, by, strict=True))
    touch("touchStart", 0.0)
    for k in range(1, MOVES + 1):
        touch("touchMove", k / MOVES)
        page.wait_for_timeout(6)
    touch("touchEnd", None)
    finger.detach()


def centre(page: Page, selector: str) -> tuple[float, float]:
    """Where the first such node is, in the window."""
    found = page.locator(selector).first
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def follows(page: Page, target: str, direction: tuple[float, float]) -> bool:
    """Whether a drag in a direction is not cancelled, and the page stays."""
    page.wait_for_selector(READY)
    start = centre(page, target)
    before = page.evaluate("window.cancelled"), page.evaluate(SCROLLED)
    across, down = direction
    swipe(page, start, (LENGTH_PX * across, LENGTH_PX * down))
    return (page.evaluate("window.cancelled"), page.evaluate(SCROLLED)) == before


@pytest.mark.parametrize(
    ("path", "targets"),
    [
        ("/fan", [(None, ".fv-handle"), (None, ".fv-grip")]),
        ("/fan?probe=0.5,1", [(None, ".fv-probe circle")]),
        ("/plane", [(None, ".fv-handle"), ("Brush", STAGE), ("Inspect", STAGE)]),
        ("/green", [(None, ".fv-handle")]),
        ("/solvers?probe=0.5,1&lang=zh", [(None, ".fv-probe circle")]),
        ("/solvers?space=plane&plane_probe=0.5,0.1,0.1", [(None, ".fv-probe circle")]),
    ],
)
def test_no_drag_dies_the_page_stays_and_no_hint_is_about_keys(
    open_page: OpenPage, path: str, targets: list[tuple[str | None, str]]
) -> None:
    page = open_page(path, script=COUNT, **PHONE)
    page.wait_for_selector(".fv-fan[data-serial], .fv-solver[data-serial]")
    assert not speaks_of_keys(page)
    for tool, target in targets:
        if tool:
            page.get_by_role("button", name=tool).tap()
        # All eight once, up and down everywhere: there a page would scroll.
        for direction in DIRECTIONS if path == "/fan" and target == ".fv-handle" else VERTICAL:
            # A browser that waits long for a busy page scrolls; one that may scroll does so each
            # time.
            assert any(follows(page, target, direction) for _ in range(3)), (target, direction)


def test_a_finger_drags_a_point_adds_one_beside_the_data_and_scrolls_elsewhere(
    open_page: OpenPage,
) -> None:
    page = open_page("/fan", **PHONE)
    user = FanUser(page)
    start, end = user.pixel(0, 1.2), user.pixel(0, 0.8)
    swipe(page, start, (0.0, end[1] - start[1]))
    user.until(lambda: abs(user.scene.points.x[1] - 0.8) < 0.02, "the point is not at the finger")
    undo(user)
    for across in (-25, 0, 10):
        page.wait_for_selector(".fv-rest")
        x, y = user.pixel(0, 0.9)
        page.touchscreen.tap(x + across, y)
        user.until(lambda: len(user.scene.points) == 4, f"a tap {across} px beside adds no point")
        assert any(abs(value - 0.9) < 0.02 for value in user.scene.points.x), across
        undo(user)
    x, y = user.pixel(0, 0.9)
    page.touchscreen.tap(x + 30, y)
    user.until(lambda: user.scene.probe is not None, "a tap in the picture sets no query point")
    assert len(user.scene.points) == 3
    swipe(page, user.pixel(0.8, 1.0), (0.0, -LENGTH_PX))
    user.until(lambda: page.evaluate(SCROLLED) > 20, "the page does not scroll")


def undo(user: FanUser) -> None:
    """Back to the points of the article."""
    user.page.get_by_role("button", name="Undo").first.tap()
    user.until(lambda: user.scene.points == Scene().points, "not undone")
    user.until(lambda: user.handles == list(Scene().points.x))


def test_a_stroke_has_the_same_points_in_every_direction(open_page: OpenPage) -> None:
    page = open_page("/plane", **PHONE)
    page.wait_for_selector(".fv-fan[data-serial]")
    page.get_by_role("button", name="Brush").tap()
    count = len(Scene().plane_points)
    for by in ((0.0, 120.0), (120.0, 0.0)):
        page.wait_for_selector(READY)
        x, y = centre(page, ".fv-plane .nsewdrag")
        swipe(page, (x - by[0] / 2, y - by[1] / 2), by)
        count += MOVES + 1
        expect(page.locator(".fv-handle"), f"{by}").to_have_count(count)


def test_a_click_exactly_at_the_data_adds_a_point(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan"))
    user.click(0, 0.9)
    user.until(lambda: len(user.scene.points) == 4)


def speaks_of_keys(page: Page) -> bool:
    """Whether a hint below a picture is about keys."""
    expect(page.locator(".fv-hint").first).not_to_be_empty()
    hint = "".join(page.locator(".fv-hint").all_text_contents())
    return any(word in hint for word in ("keys", "Keys", "键"))


def test_who_has_keys_reads_of_them(open_page: OpenPage) -> None:
    page, told = open_page("/plane"), {}
    for name in ("plane", "green", "solvers"):
        turn(page, translator("en")(f"nav.{name}"))
        page.wait_for_function(f"location.pathname === '/{name}'")
        page.wait_for_selector(READY)
        told[name] = speaks_of_keys(page)
    speak(page, "zh")
    told["solvers, zh"] = speaks_of_keys(page)
    assert all(told.values()), told


def test_the_settings_are_a_sheet_below_the_picture(open_page: OpenPage) -> None:
    page = open_page("/fan", width=390, mobile=True)
    page.wait_for_selector(".fv-fan[data-serial]")
    page.locator("[data-testid=stExpandSidebarButton]").tap()
    sheet = page.locator(".stSidebar")
    page.wait_for_function(
        """(() => { const { x, y, width, bottom } =
        document.querySelector(".stSidebar").getBoundingClientRect();
        return x === 0 && y > 400 && width === 390 && bottom === 844; })()"""
    )
    # The pages in one row, and the picture can be scrolled into the half above.
    rows = page.evaluate(
        "[...document.querySelectorAll('.stSidebar [data-testid=stSidebarNavItems] li')]"
        ".filter((it) => it.offsetWidth).map((it) => it.getBoundingClientRect().y)"
    )
    assert len(rows) >= 5
    assert len(set(rows)) == 1
    page.evaluate("document.querySelector('.fv-stage').scrollIntoView()")
    picture = page.locator(".fv-stage").bounding_box()
    assert picture
    assert 0 <= picture["y"] < 60
    # A setting is changed, and the picture follows in sight.
    before = page.locator(".fv-fan").get_attribute("data-serial")
    page.evaluate("document.querySelector('[data-testid=stSidebarContent]').scrollTo({ top: 500 })")
    slider = sheet.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(before) => document.querySelector('.fv-fan').dataset.serial !== before", arg=before
    )
    assert sheet.get_attribute("data-collapsed") == "false"
