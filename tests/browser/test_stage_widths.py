"""A figure after any sequence of window widths is that of a fresh load at the last of them."""

from __future__ import annotations

import io
import random
from urllib.parse import urljoin

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage

SIZES = ((1440, 900), (1280, 720), (1024, 768), (840, 900), (700, 800), (560, 800))
# The stage has the window's width, nothing is computed, and Plotly has drawn.
SETTLED = """(width) => {
  const stage = document.querySelector(".fv-stage");
  const drawn = stage?.querySelector(".fv-plot .main-svg")?.clientWidth;
  return window.innerWidth === width && stage?.classList.contains("fv-rest")
    && drawn === stage.clientWidth;
}"""


def picture(page: Page, width: int) -> NDArray[np.int16]:
    """The first figure with all around it, (height, width, 3)."""
    page.wait_for_selector(READY)  # a coarser picture comes first
    page.wait_for_function(SETTLED, arg=width)
    page.mouse.move(0, 0)
    box = page.locator(".fv-fan").first
    previous = b""
    while (shot := box.screenshot()) != previous:  # the page may still be laid out
        previous = shot
        page.wait_for_timeout(250)
        page.wait_for_function(SETTLED, arg=width)
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(np.int16)


TRIES = 4
PAGES = [
    ("/fan", 1),
    ("/plane", 1),
    ("/fan?large=true", 1),
    ("/green?prior=gaussian", 1),
]


@pytest.mark.parametrize(("path", "seed"), PAGES)
def test_no_sequence_of_widths_leaves_a_trace(open_page: OpenPage, path: str, seed: int) -> None:
    draw = random.Random(f"{path} {seed}")
    first = draw.choice(SIZES)
    page = open_page(path, width=first[0], height=first[1])
    page.wait_for_function(SETTLED, arg=first[0])
    last = first
    for size in [*draw.sample(SIZES, 2), draw.choice(SIZES[::5])][:: draw.choice((1, -1))]:
        last = size
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.wait_for_function(SETTLED, arg=size[0])
    # Of the application nothing is drawn before the window has its size.
    fresh = open_page("/_stcore/health", width=first[0], height=first[1], wait=False)
    fresh.set_viewport_size({"width": last[0], "height": last[1]})
    fresh.goto(urljoin(page.url, path))
    # On a busy machine one of them may still change, though two of its pictures were the same.
    assert any(difference(page, fresh, last[0]) < 0.001 for _ in range(TRIES))


def difference(page: Page, fresh: Page, width: int) -> float:
    """The fraction of pixels in which the figures of two pages differ; 1 if their sizes do."""
    after, expected = picture(page, width), picture(fresh, width)
    if after.shape != expected.shape:
        return 1.0
    return float((np.abs(after - expected).max(axis=2) > 2).mean())
