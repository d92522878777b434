"""A still of the scene is there before the application runs, and goes when that has drawn."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenPage
from tests.waiting import until

FIRST = "#first-picture"


@pytest.mark.parametrize(("name", "locale"), [("fan", "en-US"), ("plane", "zh-CN")])
def test_the_first_picture_comes_before_the_application_and_goes(
    open_page: OpenPage, name: str, locale: str
) -> None:
    page = open_page("/_stcore/health", wait=False, locale=locale)
    held: list[Route] = []
    page.route("**/static/js/index.*.js", lambda route: held.append(route))  # the application waits
    page.goto(page.url.replace("_stcore/health", name), wait_until="commit")
    first = page.locator(FIRST)
    expect(first.get_by_role("heading", level=1)).to_be_visible()
    still = first.get_by_role("img").first
    expect(still).to_be_visible()
    box = still.bounding_box()
    assert box
    until(lambda: held)
    assert page.locator("#root > *").count() == 0
    assert page.evaluate(f"getComputedStyle(document.querySelector('{FIRST}')).pointerEvents") == (
        "none"
    )
    for route in held:
        route.continue_()
    expect(first).to_have_count(0)
    plot = page.locator(".fv-stage .nsewdrag").first.bounding_box()
    assert plot
    # No jump: the page's own picture is where the first one was, up to a line of text.
    assert [abs(plot[k] - box[k]) < 30 for k in ("x", "width")] == [True, True]
    assert abs(plot["y"] - box["y"]) < 30
    expect(page.locator(".fv-rest").first).to_be_attached()
