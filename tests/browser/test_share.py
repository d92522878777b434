"""Share: a code that a camera reads, a short link that opens what is seen, and none at all."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from flowviz.text import translator
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import findings
from tests.waiting import until

EN, ZH = translator("en"), translator("zh")
OPEN, CODE, SHORT = ".fv-share-open", ".fv-share-code:not([hidden])", "#fv-share-short"
ZOOM = """(({ xaxis, yaxis } = document.querySelector(".fv-fan .fv-plot")?._fullLayout ?? {}) =>
  xaxis && yaxis ? [...xaxis.range, ...yaxis.range].join(",") : null)()"""
FROM_AFAR = 200  # pixels of a phone's camera that the code takes


def from_afar(page: Page) -> list[str]:
    """What an independent reader finds in a small picture of the code as it is on the screen."""
    picture = Image.open(io.BytesIO(page.locator(CODE).screenshot()))
    small = picture.convert("L").resize((FROM_AFAR, FROM_AFAR), Image.Resampling.BILINEAR)
    return [found.text for found in zxingcpp.read_barcodes(small)]


def near(one: str, other: str) -> bool:
    """Whether two zooms are the same, as far as a link holds them."""
    ends = ([float(end) for end in text.split(",")] for text in (one, other))
    return all(abs(a - b) < 1e-4 for a, b in zip(*ends, strict=True))


def scene_of(address: str) -> tuple[str, Scene]:
    parts = urlsplit(address)
    scene, notices = Scene.read_query(parse_qs(parts.query, keep_blank_values=True))
    assert notices == []
    return parts.path, scene


def test_a_room_opens_what_is_seen(open_page: OpenPage) -> None:
    """An exercise that was answered here is shared with the answer, or as it is first asked."""
    exercise = "ask=share&answer=50"
    page = open_page(
        f"/fan?points=0.3,1.5*2&prior=laplace&time=0.3&probe=0.4,0.9&large=1&{exercise}"
    )
    page.wait_for_selector(".fv-fan[data-serial]")
    page.wait_for_function(f"() => {ZOOM} !== null")
    whole = page.evaluate(ZOOM)
    page.locator(".fv-fan .fv-stage").hover()
    page.mouse.wheel(0, -200)
    page.wait_for_function(f"(whole) => {ZOOM} !== whole", arg=whole)
    page.wait_for_function("() => location.search.includes('zoom=')")
    zoomed = page.evaluate(ZOOM)
    page.locator(OPEN).click()
    page.wait_for_selector(CODE)
    short = page.locator(SHORT).inner_text()
    assert from_afar(page) == [short]
    assert page.locator(CODE).bounding_box()["width"] > 500  # type: ignore[index]
    assert findings(page, ".fv-share") == []
    expect(page.get_by_text(EN("share.local"))).to_be_visible()

    full = page.locator("#fv-share-long")
    path, seen = scene_of(full.input_value())
    assert seen.zoom
    assert list(seen.zoom) == pytest.approx([float(end) for end in zoomed.split(",")], abs=1e-4)
    unseen = Scene(points="0.3,1.5*2", prior="laplace", ask="share")  # pyright: ignore[reportArgumentType]
    now = {"time": 0.3, "probe": (0.4, 0.9), "zoom": seen.zoom, "answer": (50.0,)}
    assert (path, seen) == ("/fan", unseen.with_(**now))
    for name, copied in (("short", short), ("long", full.input_value())):
        page.locator(f".fv-share-{name} button").click()
        expect(page.locator(f".fv-share-{name} button")).to_have_text(EN("share.copied"))
        assert page.evaluate("navigator.clipboard.readText()") == copied

    page.get_by_label(EN("share.now"), exact=True).uncheck()
    expect(page.locator(SHORT)).not_to_have_text(short)
    page.wait_for_selector(CODE)
    first = page.locator(SHORT).inner_text()
    assert from_afar(page) == [first]
    assert scene_of(full.input_value()) == ("/fan", unseen)

    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    assert from_afar(page) == [first]  # black on white still
    assert page.evaluate("document.querySelector('.fv-share').scrollWidth") <= 390
    page.keyboard.press("Escape")
    expect(page.locator(".fv-share")).not_to_be_visible()
    expect(page.locator(OPEN)).to_be_focused()

    for address, scene in ((short, seen), (first, unseen)):
        reply = page.request.get(address, max_redirects=0)
        assert reply.status == 302
        assert scene_of(reply.headers["location"]) == ("/fan", scene)
    page.goto(short)
    page.wait_for_selector(READY)
    page.wait_for_function(f"() => {ZOOM} !== null")
    until(lambda: near(page.evaluate(ZOOM), zoomed), "the zoom is another")
    assert scene_of(page.url) == ("/fan", seen)
    page.locator(".modebar-btn[data-title]").last.click()  # the way home
    page.wait_for_function("() => !location.search.includes('zoom=')")
    assert near(page.evaluate(ZOOM), whole)


def test_without_a_server_there_is_the_full_link(open_page: OpenPage) -> None:
    page = open_page("/plane?lang=zh&plane_particles=20")
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('offline')) }")
    page.get_by_role("button", name=ZH("share.open"), exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(ZH("share.none"))).to_be_visible()
    assert page.locator(CODE).count() == 0
    assert not page.locator(SHORT).is_visible()
    path, scene = scene_of(page.locator("#fv-share-long").input_value())
    assert (path, scene.plane_particles, scene.lang) == ("/plane", 20, "zh")
