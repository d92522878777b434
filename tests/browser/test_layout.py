"""No text or control overlaps another, is cut or sticks out of its column, in any window."""

from __future__ import annotations

import itertools

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.geometry import flaws

WIDE = (
    ((1500, 900), (1366, 768)),  # 1500 is the narrowest whose header shows its settings
    ((1440, 900), (1280, 720)),
)
"""In turn, so that each page has all of them: wide windows are much alike."""
NARROW = ((1024, 768), (768, 1024), (720, 450), (390, 844))
READY = {
    "fan": ".fv-fan[data-serial]",
    "plane": ".fv-plane[data-serial]",
    "green": ".fv-chart[data-serial]",
    "learn": ".fv-stage .main-svg",
    "solvers": ".fv-solver[data-serial]",
    "guidance": ".fv-solver[data-serial]",
    "couplings": ".st-key-couplings-picture .main-svg",
    "images": ".st-key-images-picture .main-svg",
}
PAGES = [
    ("fan", "probe=0.4,1.1", "en-US"),
    ("fan", "heatmap=0", "zh-CN"),
    ("fan", "heatmap=0&large=1", "en-US"),
    ("fan", "points=-4000,5000&prior=gaussian", "zh-CN"),
    ("plane", "plane_probe=0.4,0.3,0.2", "en-US"),
    ("plane", "plane_points=(-4000,3000),(5000,-4500)", "en-US"),
    ("plane", "plane_views=lines,particles&large=1", "zh-CN"),
    ("green", "", "en-US"),
    ("green", "space=plane&large=1", "zh-CN"),
    ("learn", "", "zh-CN"),
    ("learn", "space=plane&large=1", "en-US"),
    ("solvers", "solver_grid=karras&probe=0.4,0.3", "en-US"),
    ("solvers", "space=plane&large=1&solver_step=2", "zh-CN"),
    ("guidance", "points=-1@b,0@b,1@a,2@a&prior=laplace&probe=0.4,0.3", "en-US"),
    ("guidance", "space=plane&large=1&plane_probe=0.4,0.3,0.2", "zh-CN"),
    ("couplings", "coupling=independent&coupling_steps=2", "zh-CN"),
    ("couplings", "space=plane&large=1", "en-US"),
    ("images", "image_count=60", "en-US"),
    ("images", "image_count=60&image_topic=windows&large=1", "zh-CN"),
]

# While a page is laid out, a figure is a few pixels wide for a frame.
PASS_THROUGH_NARROW_WIDTHS = """async () => {
  for (const width of [60, 40, 20, 10]) {
    for (const node of document.querySelectorAll(".fv-stage, .fv-solver, .plot")) {
      node.style.cssText += `width: ${width}px !important; min-width: 0 !important`;
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}"""


@pytest.mark.parametrize(
    ("name", "query", "locale", "wide"),
    [(*visit, wide) for visit, wide in zip(PAGES, itertools.cycle(WIDE), strict=False)],
)
def test_nothing_overlaps_or_is_cut(
    open_page: OpenPage, name: str, query: str, locale: str, wide: tuple[tuple[int, int], ...]
) -> None:
    page = open_page(f"/{name}?{query}", width=wide[0][0], locale=locale)
    page.wait_for_selector(READY[name])
    found = {}
    for width, height in (*wide, *NARROW):
        page.set_viewport_size({"width": width, "height": height})
        found[width, height] = flaws(page, width)
    page.evaluate(PASS_THROUGH_NARROW_WIDTHS)  # Plotly would write errors to the console
    assert not any(found.values()), "\n".join(
        f"{width} × {height}: {flaw}" for (width, height), rows in found.items() for flaw in rows
    )


def test_each_page_has_each_window() -> None:
    of = [(name, wide) for (name, *_), wide in zip(PAGES, itertools.cycle(WIDE), strict=False)]
    assert set(of) == set(itertools.product(READY, WIDE))
