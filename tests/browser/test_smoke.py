"""The page is shown at both of its addresses, for each kind of visitor."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage

GROUND = {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 28)"}


@pytest.mark.parametrize(
    ("path", "locale", "color_scheme"), [("/", "en-US", "light"), ("/fan", "zh-CN", "dark")]
)
@pytest.mark.parametrize("width", [1400, 390])
def test_page_comes_up_in_the_system_theme_and_fits_the_window(
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


def test_a_chart_of_the_collapsed_sidebar_is_drawn_once_there_is_room(open_page: OpenPage) -> None:
    page = open_page("/fan", width=390)
    charts = page.locator(".stSidebar .plot")
    charts.wait_for(state="attached")
    assert charts.locator(".main-svg").count() == 0
    page.locator('[data-testid="stExpandSidebarButton"]').click()
    width = "(n) => n.querySelector('.main-svg')?.clientWidth === n.clientWidth"
    page.wait_for_function(f"({width})(document.querySelector('.stSidebar .plot'))")
    assert page.evaluate("document.querySelector('.stSidebar .plot').clientWidth") > 150


def test_a_chart_is_as_wide_as_its_column(open_page: OpenPage) -> None:
    page = open_page("/green", width=1400)
    page.wait_for_selector(".stMain .plot .main-svg", state="attached")
    fits = """[...document.querySelectorAll('.stMain .plot')].every((n) =>
        !n.checkVisibility() || n.querySelector('.main-svg')?.clientWidth === n.clientWidth)"""
    for width in (1400, 900, 1200):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(f"innerWidth === {width} && {fits}")
