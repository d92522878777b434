"""A still of the scene is there before the application runs, and goes when that has drawn."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect, Route, expect

from tests.browser.conftest import OpenPage
from tests.waiting import until

FIRST = "#first-picture"


@pytest.mark.parametrize(
    ("path", "locale", "width"),
    [("fan", "en-US", 390), ("fan", "en-US", 1200), ("plane?large=1", "zh-CN", 1280)],
)
def test_the_first_picture_comes_before_the_application_and_goes(
    open_page: OpenPage, path: str, locale: str, width: int
) -> None:
    page = open_page("/_stcore/health", wait=False, locale=locale, width=width)
    held: list[Route] = []
    page.route("**/static/js/index.*.js", lambda route: held.append(route))  # the application waits
    page.goto(page.url.replace("_stcore/health", path), wait_until="commit")
    first = page.locator(FIRST)
    expect(first.get_by_role("heading", level=1)).to_be_visible()
    still = first.get_by_role("img").first
    expect(still).to_be_visible()
    box, title = still.bounding_box(), first.get_by_role("heading").bounding_box()
    assert box
    assert title
    until(lambda: held)
    assert page.locator("#root > *").count() == 0
    assert page.evaluate(f"getComputedStyle(document.querySelector('{FIRST}')).pointerEvents") == (
        "none"
    )
    for route in held:
        route.continue_()
    expect(first).to_have_count(0)
    expect(page.locator(".fv-rest").first).to_be_attached()
    plot = page.locator(".fv-stage .nsewdrag").first.bounding_box()
    heading = page.locator(".stMain h1").bounding_box()
    assert plot
    assert heading
    # No jump: the page has its picture and its title where the first ones were.
    assert plot == pytest.approx(box, abs=6)
    assert heading["x"] == pytest.approx(title["x"], abs=2)
    assert _middle(heading) == pytest.approx(_middle(title), abs=3)


def _middle(box: FloatRect) -> float:
    return box["y"] + box["height"] / 2
