"""A still of the scene is there before the application runs, and goes when that has drawn."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect, Route, expect

from tests.browser.conftest import OpenPage
from tests.waiting import until

FIRST = "#first-picture"


# What the page has when the first picture goes: its own, or all that its script draws.
ENDED = """window.ended = null;
new MutationObserver((_, observer) => {
  const first = document.querySelector("#first-picture");
  if (first) window.begun = true;
  if (first || !window.begun) return;
  observer.disconnect();
  window.ended = [".fv-rest, .stMain .js-plotly-plot .main-svg",
    '[data-testid="stApp"][data-test-script-state="notRunning"]']
    .map((selector) => document.querySelector(selector) !== null);
}).observe(document, { subtree: true, childList: true });"""


@pytest.mark.parametrize(
    ("path", "locale", "width", "drawn"),
    [
        ("fan", "en-US", 390, True),
        ("fan", "en-US", 1200, False),
        ("plane?large=1", "zh-CN", 1280, True),
    ],
)
def test_the_first_picture_comes_before_the_application_and_goes(
    open_page: OpenPage, path: str, locale: str, width: int, drawn: bool
) -> None:
    """``drawn``: there is Plotly; without it the page comes to its end without a picture."""
    page = open_page("/_stcore/health", wait=False, locale=locale, width=width, script=ENDED)
    held: list[Route] = []
    plotly: list[Route] = []
    if not drawn:
        page.route("**/plotly.min.js", lambda route: plotly.append(route))
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
    assert any(page.evaluate("ended"))
    if not drawn:
        until(lambda: plotly)
        expect(page.locator(".fv-rest")).to_have_count(0)
        for route in plotly:
            route.continue_()
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
