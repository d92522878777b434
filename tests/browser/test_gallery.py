"""The gallery in a browser: cards are seen, reached by the keyboard, and open what they show."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flowviz.scene import Scene
from flowviz.ui.gallery.scenes import rows
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.geometry import flaws

UNSEEN = """() => [...document.querySelectorAll(".fv-scene img")].filter((image) => {
  image.loading = "eager";
  return !(image.complete && image.naturalWidth && image.clientWidth > 100);
}).length"""
INK = """(image) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 80, height: 50 });
  const drawing = canvas.getContext("2d");
  drawing.drawImage(image, 0, 0, 80, 50);
  const { data } = drawing.getImageData(0, 0, 80, 50);
  return [...data].filter((value, k) => k % 4 === 3 && value > 60).length;
}"""
SIZES = ((1400, 900), (390, 844), (820, 600))


def test_a_card_opens_what_it_shows(open_page: OpenPage) -> None:
    page = open_page("/gallery?lang=zh&large=1&convention=flow_matching", color_scheme="dark")
    cards = page.locator(".fv-scene")
    assert cards.count() == len(rows())
    page.wait_for_function(f"() => ({UNSEEN})() === 0")
    assert min(cards.locator("img").evaluate_all(f"(all) => all.map({INK})")) > 60
    assert all(
        image.endswith("#dark")
        for image in cards.locator("img").evaluate_all("(all) => all.map((image) => image.src)")
    )
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert flaws(page, width) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    row = next(row for row in rows() if row.name == "two_moons")
    card = cards.nth([one.name for one in rows()].index(row.name))
    card.focus()
    assert card.evaluate("(node) => getComputedStyle(node).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/plane?**")
    page.wait_for_selector(READY)
    page.wait_for_function("() => location.search.includes('sum=')")
    scene, notices = Scene.read_query(parse_qs(urlsplit(page.url).query))
    reader = {"lang": "zh", "large": True, "convention": "flow_matching"}
    assert (scene, notices) == (row.scene.model_copy(update=reader), [])
    assert page.locator(".st-key-notices").count() == 0
    page.go_back()
    page.wait_for_url("**/gallery?**")
    page.wait_for_selector(READY)
    page.locator(".fv-surprise").click()
    page.wait_for_url(lambda url: urlsplit(url).path in {f"/{row.page}" for row in rows()})


PLACE = """() => {
  const all = [...document.querySelectorAll(".fv-scene")];
  const { left, top, bottom } = document.activeElement.getBoundingClientRect();
  return { at: all.indexOf(document.activeElement), left: Math.round(left), top: Math.round(top),
           seen: top >= 0 && bottom <= innerHeight }; }"""


def test_the_presented_gallery_is_gone_through_by_arrows(open_page: OpenPage) -> None:
    page = open_page("/gallery?present=1", width=1920, height=1080)
    page.wait_for_selector(".fv-present-bar:not([hidden])", state="attached")

    def after(key: str) -> dict[str, Any]:
        page.keyboard.press(key)
        place = page.evaluate(PLACE)
        assert place["seen"], (key, place)
        return place

    assert after("ArrowRight")["at"] == 0  # the first in view
    # Every card is reached, whatever group it is in; beyond the last one the focus stays.
    for k in range(1, len(rows())):
        assert after("PageDown" if k % 2 else "ArrowRight")["at"] == k
    last = after("ArrowRight")
    assert last["at"] == len(rows()) - 1
    above = after("ArrowUp")
    below = after("ArrowDown")
    assert above["at"] < last["at"]
    assert abs(below["left"] - above["left"]) <= abs(last["left"] - above["left"])
    seen: set[int] = set()
    while (place := after("ArrowUp"))["at"] not in seen:
        seen.add(place["at"])
    assert place["at"] < 6  # in the first row, as far up as it goes
    assert after("ArrowLeft")["at"] == max(0, place["at"] - 1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/({'|'.join({row.page for row in rows()})})\\?"))
    page.wait_for_selector(READY)
    assert "present=1" in page.url  # it stays on the projector
