"""The Solvers page in a browser: steps, clicks, keys, and every width."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.test_private_names import MENU, SOLVERS, missing

PATH = "/solvers?prior=gaussian&points=-1,0.5*2,1.2&solver_steps=4&solver_lines=6"
TRACES = """(name) => document.querySelector('.fv-solver').data.filter((t) => t.name === name)
    .map((t) => [Array.from(t.x), Array.from(t.y)])"""


LEGEND = "document.querySelectorAll('.js-plotly-plot .legend .traces').length === 9"


def ready(page: Page) -> Page:
    page.wait_for_selector(".fv-solver[data-serial]")
    return page


def scene(page: Page) -> Scene:
    return Scene.from_query(parse_qs(urlsplit(page.url).query))


def traces(page: Page, name: str) -> list[Any]:
    return page.evaluate(TRACES, name)


def test_a_button_shows_one_step_and_its_slopes(open_page: OpenPage) -> None:
    page = ready(open_page(PATH + "&solver_method=heun"))
    assert len(traces(page, "rug")[0][0]) == 5
    assert not traces(page, "stage")
    for step in (1, 2):
        page.get_by_role("button", name="One step").click()
        page.wait_for_function(f"location.search.includes('solver_step={step}&')")
        page.wait_for_function(
            "document.querySelector('.fv-solver').data.some((t) => t.name === 'stage')"
        )
        assert len(traces(page, "stage")) == 2
    assert traces(page, "now")[0][0] == pytest.approx([0.75, 0.5])
    page.get_by_role("button", name="All steps").click()
    page.wait_for_function("location.search.includes('solver_step=0')")
    page.wait_for_function(
        "!document.querySelector('.fv-solver').data.some((t) => t.name === 'stage')"
    )


def test_a_click_and_the_arrow_keys_ask_for_the_likelihood(open_page: OpenPage) -> None:
    page = ready(open_page(PATH))
    plot = page.locator(".fv-solver")
    box = plot.bounding_box()
    axes = page.evaluate("""() => { const { xaxis, yaxis } =
        document.querySelector('.fv-solver')._fullLayout;
        return [xaxis._offset + xaxis.l2p(0.5), yaxis._offset + yaxis.l2p(0.25)]; }""")
    assert box
    page.mouse.click(box["x"] + axes[0], box["y"] + axes[1])
    page.wait_for_function("location.search.includes('&probe=')")
    at = scene(page).probe
    assert at
    assert at == pytest.approx((0.5, 0.25), abs=0.02)
    page.wait_for_function("document.body.innerText.includes('log p = ')")
    plot.press("ArrowUp")
    page.wait_for_function(f"!location.search.includes('{at[1]:g}')")
    moved = scene(page).probe
    assert moved
    assert moved[0] == pytest.approx(at[0], abs=1e-3)
    assert moved[1] > at[1]


def test_the_card_stands_beside_the_query_point_that_is_dragged(open_page: OpenPage) -> None:
    page = ready(open_page(PATH + "&probe=0.4,0.3"))
    card, marker = page.locator(".fv-card"), page.locator(".fv-probe circle").last
    expect(card).to_contain_text("pₜ = ")
    expect(card).to_contain_text("−fₜ = ")
    before = card.inner_text()
    box = marker.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=4)
    expect(card).to_be_hidden()  # what it said is of another point
    page.mouse.up()
    page.wait_for_function("!location.search.includes('probe=0.4,0.3')")
    expect(card).to_be_visible()
    assert card.inner_text() != before
    at = scene(page).probe
    assert at
    assert at[0] > 0.42
    assert at[1] > 0.3


def test_a_chart_that_takes_long_grows_while_the_page_answers(open_page: OpenPage) -> None:
    """A family that solves equations: seconds of work for nine solvers, and a step at once."""
    page = ready(open_page(PATH + "&family=squeeze&f.k=1.3"))
    page.get_by_role("button", name="One step").click()
    page.wait_for_function(
        "document.querySelector('.fv-solver').data.some((t) => t.name === 'stage')"
    )
    page.wait_for_function(LEGEND)
    # The bar is drawn anew in every run: only a chart that is whole says that it will not return.
    page.wait_for_function("""Math.max(...[...document.querySelectorAll('.js-plotly-plot')].at(-1)
        .data.map((t) => t.x.length)) === 8""")
    page.wait_for_function("!document.querySelector('[data-testid=stProgress]')")


def test_the_keyboard_stays_on_the_button_it_pressed(open_page: OpenPage) -> None:
    page = ready(open_page(PATH + "&solver_step=1"))
    for name in ("All steps", "One step", "Back"):
        pressed = page.get_by_role("button", name=name)
        step = {"All steps": 0, "One step": 1, "Back": 0}[name]
        pressed.press("Enter")
        page.wait_for_function(f"location.search.includes('solver_step={step}')")
        page.wait_for_selector(READY)
        assert name in page.evaluate("document.activeElement.innerText")
    page.locator(".stAppHeader button").last.click()
    page.get_by_role("menuitem").first.wait_for()
    assert missing(page, MENU | SOLVERS) == []


# Titles that stick out of their figure, tables that must be pushed sideways to be read, and names
# that the sidebar's fields have no room for.
CUT = """[...document.querySelectorAll('.js-plotly-plot .main-svg')].flatMap((svg) => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('.xtitle, .x2title, .ytitle, .legendtext')]
        .filter((text) => { const box = text.getBoundingClientRect();
            return box.left < frame.left - 1 || box.right > frame.right + 1; })
        .map((text) => text.textContent); }).concat(
    [...document.querySelectorAll('.stMarkdown table')]
        .filter((table) => table.scrollWidth > table.clientWidth + 1)
        .map((table) => table.innerText.slice(0, 40)),
    [...document.querySelectorAll('.stSidebar:not([data-collapsed="true"]) input')]
        .filter((field) => field.clientWidth > 20 && field.scrollWidth > field.clientWidth + 1)
        .map((field) => field.value))"""
FITS = """document.documentElement.scrollWidth <= innerWidth
    && [document.querySelector('.fv-solver').getBoundingClientRect()].every(
        (box) => box.width > 0 && box.left >= 0 && box.right <= innerWidth)"""
DRAWN = """[...document.querySelectorAll('.js-plotly-plot')].every((plot) => Math.abs(
    plot.querySelector('.main-svg').getBoundingClientRect().width - plot.clientWidth) < 2)"""
"""Every figure is as wide as its room."""
LARGE = [("en-US", "&large=1"), ("zh-CN", "&space=plane"), ("en-US", "&large=1&space=plane")]


@pytest.mark.parametrize(("locale", "more"), LARGE)
def test_nothing_runs_off_the_window(open_page: OpenPage, locale: str, more: str) -> None:
    probe = "&probe=0.4,0.3&plane_probe=0.4,0.3,0.2"
    page = ready(open_page(PATH + probe + more, locale=locale, color_scheme="dark"))
    page.wait_for_function(LEGEND)
    page.wait_for_function("document.querySelectorAll('.stMarkdown table').length === 2")
    for width in (1400, 390):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_function(f"innerWidth === {width} && {DRAWN}")
        assert page.evaluate(CUT) == []
        assert page.evaluate(FITS)
