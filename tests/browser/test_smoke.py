"""The page is shown at both of its addresses, for each kind of visitor."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page

from flowviz.core.datasets import DATASETS
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, PLANE_PRIOR, PRIOR, SCHEDULE
from flowviz.text import LANGUAGES, translator
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.header import speak

REGISTRIES = (PRIOR, PLANE_PRIOR, FAMILY, PLANE_FAMILY, SCHEDULE)

GROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 28)"}


@pytest.mark.parametrize(
    ("path", "locale", "color_scheme"), [("/", "en-US", "light"), ("/fan", "zh-CN", "dark")]
)
@pytest.mark.parametrize("width", [1400, 390])
def test_page_comes_up_in_the_system_theme_fits_the_window_and_can_be_pressed(
    open_page: OpenPage, path: str, width: int, color_scheme: str, locale: str
) -> None:
    page = open_page(path, width=width, color_scheme=color_scheme, locale=locale)
    assert "FlowViz" in page.title()
    assert page.locator('[data-testid="stException"]').count() == 0
    assert page.locator('[data-testid="stMain"]').inner_text().strip()
    app = page.locator('[data-testid="stApp"]')
    ground = app.evaluate("node => getComputedStyle(node).backgroundColor")
    assert ground == GROUND[color_scheme]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    the_article_and_the_menu_can_be_pressed(page)
    if (path, width) == ("/fan", 390):
        page.keyboard.press("Escape")
        a_chart_of_the_collapsed_sidebar_is_drawn_once_there_is_room(page)


def the_article_and_the_menu_can_be_pressed(page: Page) -> None:
    pressed = """(selector) => {
      const { left, top } = document.querySelector(selector).getBoundingClientRect();
      return document.elementFromPoint(left + 5, top + 5).closest(selector) !== null;
    }"""
    assert page.evaluate(pressed, ".st-key-name a[href='https://kexue.fm/archives/9379']")
    page.locator(".stAppHeader button").last.click()
    page.get_by_role("menuitem").first.wait_for()


def a_chart_of_the_collapsed_sidebar_is_drawn_once_there_is_room(page: Page) -> None:
    charts = page.locator(".stSidebar .plot")
    charts.wait_for(state="attached")
    assert charts.locator(".main-svg").count() == 0
    page.locator('[data-testid="stExpandSidebarButton"]').click()
    width = "(n) => n.querySelector('.main-svg')?.clientWidth === n.clientWidth"
    page.wait_for_function(f"({width})(document.querySelector('.stSidebar .plot'))")
    assert page.evaluate("document.querySelector('.stSidebar .plot').clientWidth") > 150


# Elements that the browser styles anew when a label comes and goes in a figure, and in the corner
# where Plotly measures its texts. One selector too general, and it is the whole page, each time.
CHANGES = """() => {
  for (const selector of [".stMain .js-plotly-plot .main-svg", "#js-plotly-tester"]) {
    const at = document.querySelector(selector);
    const label = document.createElementNS("http://www.w3.org/2000/svg", "text");
    label.textContent = "x";
    at.append(label);
    label.getBoundingClientRect();
    label.remove();
    at.getBoundingClientRect();
  }
}"""
CHANGED, MOST_RESTYLED, TRIES = 4, 200, 8  # of thousands of elements
RESTYLING = "UpdateLayoutTree"


def restyled(page: Page) -> list[int]:
    """How many elements each of the changes restyles."""
    browser = page.context.browser
    assert browser
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    page.evaluate(CHANGES)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    ends = [event["args"] for event in events if event["name"] == RESTYLING]
    return [found["elementCount"] for found in ends if "elementCount" in found]


def test_a_change_in_a_figure_restyles_no_page_and_a_chart_is_as_wide_as_its_column(
    open_page: OpenPage,
) -> None:
    page = open_page("/green", width=1400)
    page.wait_for_selector(".stMain .plot .main-svg", state="attached")
    fits = """[...document.querySelectorAll('.stMain .plot')].every((n) =>
        !n.checkVisibility() || n.querySelector('.main-svg')?.clientWidth === n.clientWidth)"""
    page.wait_for_selector(READY)
    for width in (390, 1400, 900, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(f"innerWidth === {width} && {fits}")
        if width in (390, 1200):
            # A page that is still being drawn has changes of its own.
            found = [restyled(page)]
            while max(found[-1]) >= MOST_RESTYLED and len(found) < TRIES:
                found.append(restyled(page))
            assert len(found[-1]) >= CHANGED, (width, found)
            assert max(found[-1]) < MOST_RESTYLED, (width, found)


def test_a_table_of_long_numbers_and_the_names_to_choose_from_have_room(
    open_page: OpenPage,
) -> None:
    points = ",".join(f"({3 + n / 97:.4f},{-7 - n / 89:.4f})" for n in range(200))
    page = open_page(f"/plane?plane_points={points}&plane_particles=9&lang=en", width=1280)
    page.wait_for_selector(".st-key-plane-facts table")
    wide = """[...document.querySelectorAll('.stMain *')]
        .filter((n) => n.querySelector('table') && n.scrollWidth > n.clientWidth + 1)
        .map((n) => [n.className, n.scrollWidth, n.clientWidth])"""
    assert page.evaluate(wide) == []
    the_names_to_choose_from_fit_their_boxes(page)


def test_pills_are_not_cut_in_a_narrow_window(open_page: OpenPage) -> None:
    page = open_page("/solvers?solver_grid=karras&lang=en", width=1024)
    wide = """[...document.querySelectorAll(".stMain .stButtonGroup > div")]
        .filter((n) => n.scrollWidth > n.clientWidth + 1).map((n) => n.innerText)"""
    found = {}
    for lang in LANGUAGES:
        speak(page, lang)
        page.wait_for_selector(".st-key-w-solver_grid [role=radio]")
        found[lang] = page.evaluate(wide)
    assert not any(found.values()), found


def the_names_to_choose_from_fit_their_boxes(page: Page) -> None:
    keys = [f"{r.kind}.{name}" for r in REGISTRIES for name in r.classes()]
    keys += [f"dataset.{name}" for name in DATASETS]
    keys += [f"formula.example.{name}" for examples in EXAMPLES.values() for name in examples]
    for lang in LANGUAGES:
        speak(page, lang)
        box = page.locator(".stSidebar .stSelectbox input").first
        widths = box.evaluate(
            """(box, names) => {
              const context = document.createElement("canvas").getContext("2d");
              context.font = getComputedStyle(box).font;
              return names.map((name) => [name, context.measureText(name).width, box.clientWidth]);
            }""",
            [translator(lang)(key) for key in keys],
        )
        assert len(widths) > 40
        assert [row for row in widths if row[1] > row[2]] == [], lang
