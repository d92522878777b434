"""The player of every picture that has one: its keys, and where play begins."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage

# A picture with what lies over it.
DRAWN = ".fv-fan[data-serial], .fv-solver[data-serial], .fv-still .main-svg"
PLAYERS = ["/fan", "/plane", "/green", "/green?space=plane", "/learn?space=plane"]


def slider(page: Page) -> Locator:
    """The first that is shown: a figure without a player hides its own."""
    return page.locator(".fv-time:visible").first


def bring(page: Page) -> Page:
    """The page with its player in view, and the focus nowhere."""
    page.wait_for_selector("[data-serial] .fv-time:visible")
    slider(page).scroll_into_view_if_needed()
    page.evaluate("document.activeElement?.blur()")
    return page


def time(page: Page) -> float:
    return float(slider(page).input_value())


def keys_move_the_time_wherever_the_focus_is_but_in_a_field(page: Page) -> None:
    bring(page)
    above = page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    for key, at in {
        "ArrowRight": 0.51,
        "ArrowLeft": 0.5,
        "PageDown": 0.4,  # a presenter's remote goes on with the generation
        "PageUp": 0.5,
        "End": 1.0,
        "Home": 0.0,
    }.items():
        page.keyboard.press(key)
        assert time(page) == pytest.approx(at), key
    page.wait_for_function("location.search.includes('time=0&')")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == above
    # Where letters are typed, keys are letters.
    field = page.locator(".stSidebar input:not([type=range]), .stSidebar textarea").first
    field.focus()
    for key in ("End", " ", "ArrowLeft", "PageUp"):
        page.keyboard.press(key)
    assert time(page) == 0.0
    page.keyboard.press("Escape")


def test_play_begins_at_the_prior_until_a_time_is_chosen(open_page: OpenPage) -> None:
    page = bring(open_page("/fan?speed=0.25", script=RECORD))
    page.keyboard.press(" ")
    page.wait_for_function("Math.max(...window.played) > 0.6")
    page.keyboard.press(" ")  # paused, it goes on from there
    expect(page.locator(".fv-play")).to_have_text("▶")
    stopped = time(page)
    page.keyboard.press(" ")
    page.wait_for_function(f"document.querySelector('.fv-time').value < {stopped}")
    page.keyboard.press("ArrowRight")  # a chosen time ends it
    expect(page.locator(".fv-play")).to_have_text("▶")
    for _ in range(3):
        page.keyboard.press("PageDown")
    chosen = time(page)
    page.keyboard.press(" ")
    page.wait_for_function(f"document.querySelector('.fv-time').value < {chosen}")


def times_shown(page: Page, seconds: float = 3.5) -> list[float]:
    """The times that the player shows meanwhile."""
    return page.evaluate(
        """(seconds) => new Promise((done) => {
        const range = [...document.querySelectorAll(".fv-time")].find((it) => it.clientWidth);
        const found = []; const end = performance.now() + 1000 * seconds;
        const step = () => { found.push(Number(range.value));
            if (performance.now() > end) done(found); else requestAnimationFrame(step); };
        step(); })""",
        seconds,
    )


# On a busy machine the flow may have played before a test looks.
RECORD = """window.played = [];
    const look = () => {
        const clock = document.querySelector(".fv-time");
        if (clock) played.push(Number(clock.value));
        requestAnimationFrame(look); };
    requestAnimationFrame(look);"""


def test_a_flow_plays_once_by_itself_up_to_the_scenes_time(open_page: OpenPage) -> None:
    page = open_page("/plane", motion=True, script=RECORD)
    page.wait_for_selector(".fv-plane[data-serial] .fv-rest")
    page.wait_for_function("Number(document.querySelector('.fv-time').value) === 0.5")
    times = page.evaluate("played")
    first = times.index(max(times))
    assert times[first] > 0.9
    assert all(one >= next_ for one, next_ in pairwise(times[first:]))
    assert len(set(times)) > 2
    assert "time=0.5&" in page.url
    # The next time it stands still.
    page.reload()
    page.wait_for_selector(".fv-plane[data-serial] .fv-rest")
    assert set(times_shown(page)) == {0.5}


@pytest.mark.parametrize(("path", "motion"), [("/plane", False), ("/plane?time=0.3", True)])
def test_no_flow_plays_by_itself_where_it_is_not_wanted(
    open_page: OpenPage, path: str, motion: bool
) -> None:
    page = open_page(path, motion=motion)
    page.wait_for_selector(".fv-plane[data-serial] .fv-rest")
    assert set(times_shown(page)) == {0.3 if "time" in path else 0.5}


def test_what_plays_by_itself_stops_at_the_first_press(open_page: OpenPage) -> None:
    page = open_page("/plane?speed=0.25", motion=True)
    page.wait_for_function("document.querySelector('.fv-time')?.value > 0.8")
    page.mouse.click(700, 4)
    stopped = time(page)
    assert 0.5 < stopped <= 1.0
    assert set(times_shown(page, 1.0)) == {stopped}


def test_a_loop_begins_again_at_the_prior(open_page: OpenPage) -> None:
    page = bring(open_page("/fan"))
    slider(page).fill("0.1")
    page.locator(".fv-speed:visible").first.select_option("2 loop")
    page.locator(".fv-play:visible").first.click()
    page.wait_for_function("document.querySelector('.fv-time').value === '0'")
    page.wait_for_function("document.querySelector('.fv-time').value > 0.8")
    page.wait_for_function("document.querySelector('.fv-time').value < 0.6")
    page.locator(".fv-play:visible").first.click()
    page.wait_for_function("location.search.includes('speed=2')")


@pytest.mark.parametrize(
    ("path", "pictures", "marks_each"),
    [
        ("/fan", 1, 3),
        ("/plane", 1, 3),
        ("/green", 1, 3),
        ("/green?space=plane", 1, 3),
        ("/solvers", 1, 2),
        ("/learn", 3, 1),
        ("/learn?space=plane", 3, 1),
    ],
)
def test_captions_stay_until_the_picture_is_touched_and_keys_move_the_time(
    open_page: OpenPage, path: str, pictures: int, marks_each: int
) -> None:
    page = open_page(path)
    page.wait_for_selector(DRAWN)
    marks = page.locator(".fv-mark:visible")
    expect(marks).to_have_count(pictures * marks_each)
    for box in page.locator(".fv-marks:visible").all():
        outside = box.bounding_box()
        assert outside
        for mark in box.locator(".fv-mark").all():
            inside = mark.bounding_box()
            assert inside
            assert outside["x"] <= inside["x"]
            assert inside["x"] + inside["width"] <= outside["x"] + outside["width"] + 1
    page.locator(".fv-stage:visible, .fv-solver").first.dispatch_event("pointerdown")
    expect(marks).to_have_count(0)
    page.reload()
    page.wait_for_selector(DRAWN)
    expect(marks).to_have_count(0)
    if path in PLAYERS:
        keys_move_the_time_wherever_the_focus_is_but_in_a_field(page)
