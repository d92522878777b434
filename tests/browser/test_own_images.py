"""An image is drawn in the grid by mouse, keyboard and finger, and added to the data."""

from __future__ import annotations

from urllib.parse import parse_qsl

from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from flowviz.scene.own_images import images_in
from flowviz.text import translator
from tests.browser.conftest import OpenPage
from tests.browser.header import speak
from tests.browser.test_accessibility import findings
from tests.browser.test_touch import SCROLLED, swipe
from tests.waiting import until

GRID = ".fv-pixels"
LEVELS = "all => all.map((n) => Number(n.dataset.level).toString(16)).join('')"


def drawing(page: Page) -> str:
    """The digits of the grid."""
    return page.locator(f"{GRID} [role=gridcell]").evaluate_all(LEVELS)


def rows(*of: str) -> str:
    """A drawing from its first rows."""
    return "".join(row.ljust(8, "0") for row in of).ljust(64, "0")


def centre(page: Page, row: int, column: int) -> tuple[float, float]:
    """Of a pixel, in the window."""
    box = page.locator(GRID).bounding_box()
    assert box is not None
    side = box["width"] / 8
    return box["x"] + (column + 0.5) * side, box["y"] + (row + 0.5) * side


def stroke(page: Page, *through: tuple[int, int]) -> None:
    """The mouse goes through pixels, a jump from one to the next."""
    page.mouse.move(*centre(page, *through[0]))
    page.mouse.down()
    for at in through[1:]:
        page.mouse.move(*centre(page, *at))
    page.mouse.up()


def images(page: Page) -> tuple[str, ...]:
    """Those of the link."""
    fields = dict(parse_qsl(page.evaluate("location.search.slice(1)")))
    return images_in(Scene.from_query(fields).image_own)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def test_an_image_is_drawn_by_mouse_keyboard_and_finger(open_page: OpenPage) -> None:
    page = open_page("/images?image_topic=own&lang=en", width=590, height=1400)
    tr = translator("en")
    page.wait_for_selector(f"{GRID} [data-level]")
    page.locator(GRID).evaluate("grid => grid.scrollIntoView({ block: 'center' })")

    # The mouse: a fast stroke has no gaps; on the same ink it erases, off the grid it stays inside.
    stroke(page, (0, 1), (0, 6), (3, 6))
    corner = rows("0ffffff0", "000000f0", "000000f0", "000000f0")
    assert drawing(page) == corner
    stroke(page, (0, 2), (0, 3), (0, 4))
    assert drawing(page) == rows("0f000ff0", "000000f0", "000000f0", "000000f0")
    press(page, tr("images.own.grid.undo"))
    assert drawing(page) == corner
    stroke(page, (2, 1), (5, 4), (12, 4))
    below = ["0f0000f0", "00f000f0", "000f0000", *["0000f000"] * 3]
    diagonal = rows("0ffffff0", "000000f0", *below)
    assert drawing(page) == diagonal

    # The keyboard, from one stop of the tab key; what is there is said.
    page.locator(f"{GRID} [tabindex='0']").focus()
    assert page.locator(f"{GRID} [tabindex='0']").count() == 1
    for key in ("Home", "ArrowUp", "a", "ArrowRight", "Space", "3"):
        page.keyboard.press(key)
    for key in ("ArrowRight", "Enter", "Delete"):
        page.keyboard.press(key)
    by_keys = diagonal[:48] + "a300f000" + diagonal[56:]
    assert drawing(page) == by_keys
    said = page.locator(".fv-pixel-grid [role=status]")
    expect(said).to_have_text("Row 7, column 3: ink 0 of 15")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert drawing(page) == by_keys  # the last two strokes were of the third pixel
    page.keyboard.press("Control+z")
    assert drawing(page) == by_keys[:48] + "af00f000" + by_keys[56:]
    assert findings(page, ".fv-pixel-grid") == []

    # A finger: the page stays where it is.
    press(page, tr("images.own.grid.clear"))
    assert drawing(page) == "0" * 64
    start, end = centre(page, 1, 0), centre(page, 6, 0)
    before = page.evaluate(SCROLLED)
    swipe(page, start, (end[0] - start[0], end[1] - start[1]))
    column = rows("0", *["f"] * 6)
    assert drawing(page) == column
    assert page.evaluate(SCROLLED) == before

    # Added, it is the data; taken back, the example is there again.
    example = images(page)
    press(page, tr("images.own.add.first"))
    until(lambda: images(page) == (column,), "not added")
    assert drawing(page) == "0" * 64
    press(page, tr("images.own.add"))
    expect(said).to_have_text(tr("error.images.empty"))
    press(page, tr("images.own.undo"))
    until(lambda: images(page) == example, "not taken back")

    # A change of language leaves what was drawn.
    stroke(page, (4, 4))
    speak(page, "zh")
    zh = translator("zh")
    expect(page.locator(GRID)).to_have_attribute("aria-label", zh("images.own.grid.grid"))
    assert drawing(page) == "0" * 36 + "f" + "0" * 27
