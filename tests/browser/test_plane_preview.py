"""While a point of the Plane is dragged the browser's engine draws; then the server answers."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_plane import INK, centre, ready, scene
from tests.waiting import until

POSITION = 1e-3  # of the view: a track's code is 3e-5 of it, the engine's own error less
DRAG = (60, -40)


def drag(page: Page, hold: bool) -> None:
    """Press the second data point and move it; with ``hold`` the button stays down."""
    x, y = centre(page, 1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + DRAG[0] / 2, y + DRAG[1] / 2, steps=3)
    page.mouse.move(x + DRAG[0], y + DRAG[1], steps=3)
    if not hold:
        page.mouse.up()


def test_the_engine_draws_while_the_hand_moves_and_the_server_agrees(open_page: OpenPage) -> None:
    page = ready(open_page("/plane?plane_prior=disk&schedule=cosine&time=0.6"))
    figure, stage = page.locator(".fv-plane").first, page.locator(".fv-plane .fv-stage").first
    before = page.evaluate(INK)
    until(lambda: page.evaluate("window.flowvizStore.has('plane.engine')"))
    drag(page, hold=True)
    until(lambda: stage.get_attribute("data-previews") is not None)
    until(lambda: page.evaluate(INK) != before)
    assert figure.get_attribute("data-ack") == "0"  # the server was not asked
    checks = page.locator(".st-key-plane-facts")  # of the picture before
    assert float(checks.evaluate("node => getComputedStyle(node).opacity")) < 0.5
    page.mouse.up()
    until(lambda: checks.evaluate("node => getComputedStyle(node).opacity") == "1")
    difference = page.locator(".fv-difference")
    expect(difference).to_be_visible()
    assert float(difference.get_attribute("data-error") or "nan") <= POSITION
    page.wait_for_function("!location.search.includes('(-1.3,0.7)')")
    assert scene(page).plane_points.x[1] > -1.3


@pytest.mark.parametrize("query", ["plane_views=density,basins", "plane_family=swirl"])
def test_the_server_draws_what_the_engine_does_not(open_page: OpenPage, query: str) -> None:
    page = ready(open_page(f"/plane?plane_particles=20&{query}"))
    drag(page, hold=False)
    page.wait_for_function("!location.search.includes('(-1.3,0.7)')")
    assert page.locator(".fv-plane .fv-stage").first.get_attribute("data-previews") is None
    assert page.locator(".fv-difference").is_hidden()
