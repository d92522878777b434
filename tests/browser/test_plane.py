"""The Plane page in a browser: a dragged point changes its trajectories."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from flowviz.scene.points import PlanePoints
from tests.browser.conftest import OpenPage

INK = """() => { const c = document.querySelectorAll('.fv-box canvas')[2];
    return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.reduce(
        (sum, v, k) => (sum * 31 + v * (k % 97)) % 1000003, 7); }"""


def scene(page: Page) -> Scene:
    return Scene.from_query(parse_qs(urlsplit(page.url).query))


def ready(page: Page) -> Page:
    page.wait_for_selector(".fv-plane[data-serial] .fv-handle")
    return page


def centre(page: Page, index: int) -> tuple[float, float]:
    box = page.locator(".fv-handle").nth(index).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def contrast(page: Page) -> float:
    """The mean density on the points at the time shown, against that beside them."""
    t = float(page.locator(".fv-plane .fv-t").first.inner_text().rpartition("=")[2])
    points = np.column_stack([scene(page).plane_points.x, scene(page).plane_points.y])
    sides = [np.linspace(a, b, 40) for a, b in zip(points.min(0), points.max(0), strict=True)]
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    distance = np.linalg.norm(grid[:, None] - points, axis=2).min(1)
    field = scene(page).field("plane")
    on, beside = (field.log_prob(at, t).exp().mean() for at in (points, grid[distance > 0.1]))
    return float(on / beside)


def test_a_dragged_point_takes_its_trajectories_along(open_page: OpenPage) -> None:
    page = ready(open_page("/plane"))
    before = page.evaluate(INK)
    x, y = centre(page, 1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 20, steps=3)
    page.mouse.move(x + 60, y - 40, steps=3)
    # The button is still down, and the trajectories follow it already.
    page.wait_for_function(f"({INK})() !== {before}")
    page.mouse.up()
    page.wait_for_function("!location.search.includes('(-1.3,0.7)')")
    moved = scene(page).plane_points
    assert len(moved) == 4
    assert moved.x[1] > -1.3
    assert moved.y[1] > 0.7
    assert (moved.x[0], moved.y[0]) == (1.2, 0.9)
    text = page.locator("textarea")
    page.wait_for_function(f"document.querySelector('textarea').value.includes('({moved.x[1]:g},')")
    assert PlanePoints.parse(text.input_value()) == moved


def test_points_are_added_removed_brushed_and_written(open_page: OpenPage) -> None:
    page = ready(open_page("/plane?plane_particles=40"))
    box = page.locator(".fv-box").bounding_box()
    assert box

    def count_becomes(condition: str) -> None:
        page.wait_for_function(f"document.querySelectorAll('.fv-handle').length {condition}")

    page.mouse.click(box["x"] + 40, box["y"] + 40)
    count_becomes("=== 5")
    page.locator(".fv-handle").nth(4).dblclick()
    count_becomes("=== 4")
    page.locator("[data-tool=brush]").click()
    page.mouse.move(box["x"] + 60, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 340, steps=15)
    page.mouse.up()
    count_becomes("> 10")
    page.locator(".fv-tools input").fill("Su")
    page.locator(".fv-tools input").press("Enter")
    count_becomes("> 60")
    page.wait_for_function("location.search.includes('plane_points=%7E')")
    assert contrast(page) > 3.0, "the density shows the word"
    page.locator(".fv-undo").first.click()  # the word is taken back
    count_becomes("< 60")
    page.keyboard.press("Control+Shift+Z")  # and written again
    count_becomes("> 60")
    page.keyboard.press("Control+Z")
    count_becomes("< 60")
    page.wait_for_function("location.search.includes('plane_points=')")


def test_a_query_point_that_is_set_is_in_the_link_and_read_at_the_time(
    open_page: OpenPage,
) -> None:
    page = ready(open_page("/plane?plane_particles=40&time=0.4"))
    page.locator("[data-tool=probe]").click()
    box = page.locator(".fv-box").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function("location.search.includes('plane_probe=0.4')")
    probe = scene(page).plane_probe
    assert probe
    assert probe[1:] == pytest.approx((0, 0), abs=0.05)
    page.wait_for_function("document.querySelectorAll('.fv-conditional').length === 4")
    the_readout_follows_the_time_and_is_faded_until_it_does(page)


def the_readout_follows_the_time_and_is_faded_until_it_does(page: Page) -> None:
    """Of a query point at t = 0.4."""
    at = (scene(page).plane_probe or ())[1:]
    reading = "document.querySelector('.st-key-plane-reading').innerText"
    opacity = "getComputedStyle(document.querySelector('.st-key-plane-reading')).opacity"
    page.wait_for_function(f"{reading}.includes('t=0.400') && {opacity} === '1'")
    scrub = """() => { const range = document.querySelector('.fv-time');
        range.value = '0.7'; range.dispatchEvent(new Event('input')); return %s; }"""
    assert float(page.evaluate(scrub % opacity)) < 0.6
    # The time is still held: its numbers come all the same, and the facts stay as they are.
    page.wait_for_function(f"{reading}.includes('t=0.700') && {opacity} === '1'")
    page.evaluate("document.querySelector('.fv-time').dispatchEvent(new Event('change'))")
    page.wait_for_function("location.search.includes('plane_probe=0.7,')")
    assert scene(page).plane_probe == (0.7, *at)


def test_time_is_scrubbed_without_the_server(open_page: OpenPage) -> None:
    page = ready(open_page("/plane"))
    page.wait_for_selector(".st-key-plane-facts")  # the last of what the server sends
    serial = page.locator(".fv-plane").get_attribute("data-serial")
    pictures = page.evaluate("""() => new Promise((done) => {
        const range = document.querySelector('.fv-time');
        const shown = () => [...document.querySelectorAll('.fv-box canvas')].map((c) =>
            c.hidden || !c.width ? 0 : c.getContext('2d').getImageData(0, 0, c.width, c.height)
                .data.reduce((sum, v, k) => (sum * 31 + v * (k % 97)) % 1000003, 7)).join();
        const found = new Set(); let n = 0;
        const step = () => { found.add(shown());
            if (n === 20) { done(found.size); return; }
            n += 1; range.value = String(1 - n / 20); range.dispatchEvent(new Event('input'));
            requestAnimationFrame(() => requestAnimationFrame(step)); };
        step(); })""")
    assert pictures > 15
    assert page.locator(".fv-plane").get_attribute("data-serial") == serial


def test_a_question_does_not_send_the_flow_again(open_page: OpenPage) -> None:
    page = open_page("/_stcore/health", wait=False)
    sent: list[int] = []
    page.on("websocket", lambda s: s.on("framereceived", lambda frame: sent.append(len(frame))))
    page.goto(page.url.replace("_stcore/health", "plane?plane_particles=300&time=0.4"))
    ready(page)
    page.wait_for_selector(".st-key-plane-facts")
    assert max(sent) > 500_000  # the flow itself
    sent.clear()
    page.locator("[data-tool=probe]").click()
    box = page.locator(".fv-box").bounding_box()
    assert box
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    for k in range(10):
        page.mouse.move(box["x"] + 100 + 8 * k, box["y"] + 100)
        page.wait_for_timeout(60)
    page.wait_for_function("document.querySelectorAll('.fv-conditional').length > 0")
    assert 0 < sum(sent) < 220_000  # neither style sheets nor a template of Plotly's


def test_the_basins_are_sharpened_after_the_picture(open_page: OpenPage) -> None:
    page = ready(open_page("/plane?plane_views=basins&plane_particles=20"))
    width = "document.querySelector('.fv-box canvas').width"
    page.wait_for_function(f"{width} === 512")
    x, y = centre(page, 1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y - 20, steps=3)
    page.wait_for_function(f"{width} < 64")  # while the pointer moves
    page.mouse.up()
    page.wait_for_function(f"{width} === 512")
    page.get_by_role("button", name="Basins").first.click()
    page.wait_for_function("document.querySelector('.fv-box canvas').hidden")


def test_the_checks_follow_the_picture(open_page: OpenPage) -> None:
    """Pale until they are measured, and a drag that the server draws never waits for them."""
    query = "plane_prior=laplace&plane_particles=30&plane_views=density,arrows"
    page = ready(open_page(f"/plane?{query}"))
    page.wait_for_selector(".st-key-plane-facts")
    x, y = centre(page, 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y, steps=4)
    page.wait_for_selector(".st-key-plane-pale")
    page.mouse.up()
    page.wait_for_selector(".st-key-plane-facts")
    assert page.locator(".st-key-plane-pale").count() == 0


@pytest.mark.parametrize("family", ["swirl", "detour"])
def test_a_family_bends_the_lines_of_single_points(open_page: OpenPage, family: str) -> None:
    page = open_page(f"/plane?plane_family={family}&plane_views=straight&plane_particles=20")
    ready(page)
    assert page.evaluate(f"({INK})()") != 0
    assert page.locator(".stAlert").count() == 0


def the_answer_stands_beside_the_query_point_until_it_is_forgotten(page: Page, rows: int) -> None:
    card, stage = page.locator(".fv-card:visible"), page.locator(".fv-stage:visible").first
    expect(card).to_have_count(1)
    expect(card.locator(".fv-row-of-card")).to_have_count(rows)
    inner, outer = card.bounding_box(), stage.bounding_box()
    assert inner
    assert outer
    assert outer["x"] <= inner["x"]
    assert inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    said = card.inner_text()
    assert "pₜ =" in said
    # The captions make room.
    expect(page.locator(".fv-mark:visible")).to_have_count(0)
    page.locator(".fv-handle").first.focus()
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


@pytest.mark.parametrize(
    ("path", "points", "number"),
    [
        ("/plane?plane_probe=0.5,0.3,0.4&plane_particles=60", 4, 60),
        ("/fan?probe=0.4,1.1&trajectories=30", 3, 30),
    ],
)
def test_a_query_point_has_its_answer_and_a_clicked_point_what_reaches_it(
    open_page: OpenPage, path: str, points: int, number: int
) -> None:
    page = open_page(path)
    the_answer_stands_beside_the_query_point_until_it_is_forgotten(page, points)
    page.wait_for_selector("[data-serial] .fv-rest .fv-handle")
    lines = "(document.querySelector('.fv-selected').getAttribute('d') ?? '').split('M').length - 1"
    fades = page.locator(".fv-selecting")
    counts = []
    for i in range(page.locator(".fv-handle").count()):
        x, y = centre(page, i)
        page.mouse.click(x, y)
        expect(fades).to_have_count(1)
        counts.append(page.evaluate(lines))
        page.mouse.click(x, y)
        expect(fades).to_have_count(0)
        page.wait_for_timeout(600)  # the two were no double click
    assert all(counts)
    assert sum(counts) == number
    # Its end is the point that was clicked.
    x, y = centre(page, 0)
    page.mouse.click(x, y)
    first = page.evaluate(
        """() => { const path = document.querySelector(".fv-selected");
        const { x, y } = path.getPointAtLength(0).matrixTransform(path.getScreenCTM());
        return [x, y]; }"""
    )
    assert first == pytest.approx([x, y], abs=1.5)
    page.keyboard.press("Escape")
    expect(fades).to_have_count(0)
