"""The gallery in a browser: cards are seen, reached by the keyboard, and open what they show."""

from __future__ import annotations

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
