"""The page comes up, from either of its addresses, for each kind of visitor."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage


@pytest.mark.parametrize("path", ["/", "/fan"])
def test_page_comes_up(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    assert "FlowViz" in page.title()
    assert page.locator('[data-testid="stException"]').count() == 0
    assert page.locator('[data-testid="stMain"]').inner_text().strip()


@pytest.mark.parametrize(("locale", "color_scheme"), [("en-US", "light"), ("zh-CN", "dark")])
@pytest.mark.parametrize("width", [1400, 390])
def test_nothing_runs_off_the_window(
    open_page: OpenPage, width: int, color_scheme: str, locale: str
) -> None:
    page = open_page("/", width=width, color_scheme=color_scheme, locale=locale)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_theme_follows_the_system(open_page: OpenPage) -> None:
    def background(color_scheme: str) -> str:
        page = open_page("/", color_scheme=color_scheme)
        app = page.locator('[data-testid="stApp"]')
        return app.evaluate("node => getComputedStyle(node).backgroundColor")

    assert background("light") == "rgb(255, 255, 255)"
    assert background("dark") == "rgb(18, 22, 28)"
