"""Navigation: each page shows the scene of the last one, and typed text stays."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from flowviz.scene.points import Points
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.waiting import until

SCENE = Scene(
    points=Points.parse("0.3, 1.1*2"), prior="gaussian", prior_params=(("loc", 0.4), ("scale", 0.7))
)
PAGES = ["Train", "Solvers", "Green's function", "Solvers", "Flow in 2-D", "Flow in 1-D", "Train"]
TITLES = {"/fan": "Flow in 1-D", "/solvers": "Solvers", "/learn": "Train"}
SHOWN = ["Train", "Solvers", "Flow in 1-D"]  # these edit the points of the line


def turn(page: Page, name: str) -> None:
    """Follow the navigation."""
    page.get_by_role("link", name=name, exact=True).click()
    is_current(page, name)


def is_current(page: Page, name: str) -> None:
    """Wait until the server has answered with this page.

    Streamlit takes a visitor who is elsewhere by then back to it, so that no step back or forward
    may be taken before.
    """
    link = page.get_by_role("link", name=name, exact=True)
    expect(link.locator("span").first).to_have_css("font-weight", "600")


def is_shown(page: Page, path: str, points: str) -> None:
    """Wait until a page is drawn, and its box and its link have these points."""
    box = page.locator(".st-key-w-points textarea")
    wanted = (path, points, points)

    def found() -> tuple[str, str, str]:
        path = page.evaluate("location.pathname")
        return path, left(page).points.text(), box.input_value()

    page.wait_for_function(
        "([path]) => location.pathname === path && location.search !== ''", arg=[path]
    )
    is_current(page, TITLES[path])
    page.wait_for_selector(READY)
    expect(box).to_be_visible()
    until(lambda: found() == wanted, lambda: f"{found()} instead of {wanted}")


def left(page: Page) -> Scene:
    """The scene of the link."""
    query = page.evaluate("location.search.slice(1)")
    scene, notices = Scene.read_query(dict(parse_qsl(query)))
    assert not notices
    return scene


def test_a_page_shows_what_the_last_one_left(open_page: OpenPage) -> None:
    page = open_page(f"/fan?{SCENE.query_string()}", width=1600)
    for name in PAGES:
        turn(page, name)
        chosen = page.locator(".st-key-w-lang").get_by_role("radio", checked=True)
        expect(chosen).to_have_text("English")
        if name in SHOWN:
            expect(page.locator(".st-key-w-points textarea")).to_have_value("0.3, 1.1*2")
        if name != "Flow in 2-D":
            expect(page.locator(".st-key-w-prior-gaussian-scale")).to_contain_text("0.70")
        expect(page.locator('[data-testid="stAlertContentError"]')).to_have_count(0)
    # A page writes its link once it is drawn.
    until(
        lambda: left(page).with_(trajectories=37) == SCENE,
        lambda: f"{left(page)} instead of {SCENE}",
    )


def test_what_was_refused_stays_as_it_was_typed_on_the_next_page(open_page: OpenPage) -> None:
    page = open_page("/fan")
    box = page.locator(".st-key-w-points textarea")
    box.fill("0.3, many")
    box.press("Control+Enter")
    expect(page.locator('[data-testid="stAlert"]')).to_contain_text("many")
    turn(page, "Solvers")
    expect(box).to_have_value("0.3, many")
    expect(page.locator('[data-testid="stAlert"]')).to_contain_text("many")
    until(lambda: left(page) == Scene(), lambda: f"{left(page)}")


def test_back_and_forward_lead_through_the_pages_with_the_scene_as_it_is(
    open_page: OpenPage,
) -> None:
    page = open_page(f"/fan?{SCENE.query_string()}", width=1600)
    turn(page, "Solvers")
    is_shown(page, "/solvers", "0.3, 1.1*2")
    entries = page.evaluate("history.length")
    box = page.locator(".st-key-w-points textarea")
    box.fill("0.3, 1.1*2, 1.4")
    box.press("Control+Enter")
    is_shown(page, "/solvers", "0.3, 1.1*2, 1.4")
    assert page.evaluate("history.length") == entries  # a change of the scene is no step back
    turn(page, "Train")
    is_shown(page, "/learn", "0.3, 1.1*2, 1.4")
    for step, path in (("back", "solvers"), ("back", "fan"), ("forward", "solvers")):
        page.go_back() if step == "back" else page.go_forward()
        is_shown(page, f"/{path}", "0.3, 1.1*2, 1.4")
    page.go_forward()
    is_shown(page, "/learn", "0.3, 1.1*2, 1.4")


def test_forward_brings_back_the_scene_that_was_left(open_page: OpenPage) -> None:
    page = open_page("/plane")
    box = page.locator(".st-key-w-plane_points textarea")
    box.fill("(0.5, 1)*2, (-1, 0.25)")
    box.press("Control+Enter")
    expect(page).to_have_url(re.compile(r"plane_points=\(0\.5,1\)"))
    scene = left(page)
    page.go_back()
    assert page.url == "about:blank"
    page.go_forward()
    page.wait_for_selector(READY)
    expect(box).to_have_value("(0.5,1)*2, (-1,0.25)")
    assert left(page) == scene
