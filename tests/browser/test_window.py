"""The picture and its player fit the window; a shared link has no size of a screen."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.test_fan_view import press_large

HEIGHT = """() => document.querySelector(":is(.fv-stage, .fv-solver) .nsewdrag")
  .getBoundingClientRect().height"""
FOLDED = """() => {
  const columns = document.querySelectorAll('[class*="st-key-side-by-side"] .stColumn');
  const [first, second] = [...columns].map((node) => node.getBoundingClientRect());
  return second.top >= first.bottom || first.top >= second.bottom;
}"""
SIZES = [(1280, 720), (1366, 768), (1920, 1080), (1024, 768), (768, 1024)]
SMALL = [(720, 450), (390, 844)]  # 1440 × 900 at 200 %, a phone
# Of the first figure and all of its player.
BOTTOM = """() => {
  const root = document.querySelector(".fv-fan, .fv-solver-stage");
  const shown = [...root.querySelectorAll(".main-svg, .fv-bar *")]
      .filter((node) => node.checkVisibility());
  return Math.max(...shown.map((node) => node.getBoundingClientRect().bottom));
}"""


@pytest.mark.parametrize("page_name", ["fan", "plane", "green", "solvers", "couplings", "guidance"])
def test_picture_and_player_are_in_the_window_and_columns_fold(
    open_page: OpenPage, page_name: str
) -> None:
    """With notices, without them, and large."""
    page = open_page(f"/{page_name}?unknown=1&points=x&plane_points=(1", width=1280)
    page.wait_for_selector(":is(.fv-fan, .fv-solver)[data-serial], .fv-still .main-svg")
    notices = page.locator(".st-key-notices")
    expect(notices).to_be_visible()
    fits(page, SIZES[:2])
    notices.get_by_role("button").click()
    expect(notices).to_have_count(0)
    fits(page, SIZES + SMALL)
    folds(page)
    press_large(page)
    page.wait_for_function("getComputedStyle(document.documentElement).fontSize === '21px'")
    page.wait_for_selector(READY)
    fits(page, SIZES)


def fits(page: Page, sizes: Sequence[tuple[int, int]]) -> None:
    """Picture and player are in the window, and large in it."""
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"innerHeight === {height} && ({BOTTOM})() <= {height}")
        page.wait_for_function(f"({HEIGHT})() >= {0.27 * height}")


def folds(page: Page) -> None:
    """Two columns are one below 1,100 pixels."""
    page.wait_for_selector(READY)
    for width, folded in ((1400, "false"), (1090, "true")):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(f"({FOLDED})() === {folded}")


def test_the_menu_of_the_settings_closes_by_escape_and_by_a_press_outside(
    open_page: OpenPage,
) -> None:
    page = open_page("/gallery", width=1440)
    summary = page.locator(".st-key-head .stHtml summary")
    settings = page.locator(".st-key-head-settings")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        expect(settings).to_be_hidden()
        for close in (lambda: page.keyboard.press("Escape"), page.locator("h1").click):
            summary.click()
            expect(settings).to_be_visible()
            settings.click(position={"x": 4, "y": 4})  # inside: it stays
            expect(settings).to_be_visible()
            close()
            expect(settings).to_be_hidden()
    summary.click()
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()


def test_a_projectors_size_is_not_in_the_link_that_is_shared(open_page: OpenPage) -> None:
    page = open_page("/fan?large=1&prior=gaussian", width=1400)
    page.wait_for_selector(".fv-fan[data-serial]")
    page.locator(".fv-copy").click()
    page.wait_for_function("document.querySelector('.fv-copy').textContent === 'Copied'")
    copied = page.evaluate("navigator.clipboard.readText()")
    query = {key: value for key, (value,) in parse_qs(urlsplit(copied).query).items()}
    assert Scene.read_query(query) == (Scene(prior="gaussian"), [])
    assert "large=1" in page.url  # a reload keeps it
