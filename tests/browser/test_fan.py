"""The Fan page's points: by pointer, keyboard, text, table and file."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from flowviz.scene.points import Points
from flowviz.text import ENTRIES
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.pointer import RECORD, FanUser, alike

RICH = Scene(
    points=Points((0.5, 1.2, 1.7), (2.0, 1.0, 1.0)),
    prior="gaussian_mixture",
    prior_params=(("means", (0.0, 2.0)), ("scales", (0.4, 0.6)), ("weights", (0.5, 0.5))),
    schedule="vp",
    schedule_params=(("bmin", 0.2), ("bmax", 15.0)),
    trajectories=25,
    launch="probability",
    color="x1",
    arrows=True,
    time=0.25,
    speed=2.0,
    probe=(0.4, 1.1),
)


def others(query: dict[str, str]) -> dict[str, str]:
    """The link but for the points."""
    return {name: value for name, value in query.items() if name != "points"}


def box(page: Page) -> str:
    return page.get_by_role("textbox", name="Positions").input_value()


def test_a_dragged_point_is_at_once_in_picture_text_and_link(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan", script=RECORD))
    user.until_shown(points="0.5*2,1.2,1.7")
    entries = user.page.evaluate("history.length")
    left, top = user.pixel(0, 1.2)
    user.page.mouse.move(left, top)
    user.page.mouse.down()
    user.page.mouse.move(*user.pixel(0, 1.0))
    user.page.mouse.move(*user.pixel(0, 0.9))
    # The button is still down, and trajectories follow already.
    user.until(lambda: user.shows(Scene(points=Points(tuple(user.handles), (2.0, 1.0, 1.0)))))
    assert user.handles[1] < 1.0
    user.page.mouse.up()
    user.until(lambda: abs(user.scene.points.x[1] - 0.9) < 0.01)
    user.until_shown()
    dropped = user.scene.points
    assert (dropped.x[0], dropped.x[2], dropped.w) == (0.5, 1.7, (2.0, 1.0, 1.0))
    assert user.handles == pytest.approx(dropped.x, abs=5e-4)
    user.until(lambda: box(user.page) == dropped.text())
    assert others(user.query) == others(Scene().to_query())
    assert user.page.evaluate("history.length") == entries


def test_points_are_added_by_click_and_removed_by_double_click_and_by_key(
    open_page: OpenPage,
) -> None:
    user = FanUser(open_page("/fan", script=RECORD))
    user.until_shown()
    gutter = -0.03
    user.click(gutter, 0.8)
    user.until(lambda: len(user.scene.points) == 4)
    user.until_shown()
    added = user.scene.points
    assert added.x[3] == pytest.approx(0.8, abs=0.01)
    assert added.w[3] == 1.0  # the others' usual weight
    user.until(lambda: len(user.handles) == 4)
    user.page.mouse.dblclick(*user.pixel(0, 1.2))
    user.until(lambda: len(user.scene.points) == 3)
    user.until_shown()
    assert user.scene.points.x == (0.5, 1.7, added.x[3])
    user.until(lambda: len(user.handles) == 3)
    user.page.locator(".fv-handle").nth(1).focus()
    user.page.keyboard.press("Delete")
    user.until(lambda: user.scene.points.x == (0.5, added.x[3]))
    user.until(lambda: len(user.handles) == 2)
    user.page.keyboard.press("Delete")
    user.until(lambda: len(user.scene.points) == 1)
    user.until(lambda: len(user.handles) == 1)
    # The last one cannot go: a picture needs data. A press is lost while the page is drawn anew.
    alert = user.page.locator('[data-testid="stAlert"]', has_text="last data point")

    def refused() -> bool:
        user.page.keyboard.press("Delete")
        user.page.wait_for_timeout(300)
        return alert.count() == 1

    user.until(refused)
    assert len(user.scene.points) == 1
    user.until_shown()


def test_the_page_can_be_used_by_keyboard_only(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan", script=RECORD))
    user.until_shown()
    page = user.page
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('fv-handle')"):
            break
    press = page.keyboard.press
    press("ArrowUp")
    user.until(lambda: user.scene.points.x[0] > 0.5)
    for _ in range(10):
        press("ArrowUp")
    user.until(lambda: user.scene.points.x[0] > 0.58)
    press("Shift+ArrowDown")
    user.until(lambda: user.scene.points.x[0] < 0.52)
    press("ArrowRight")
    press("PageUp")
    user.until(lambda: user.scene.points.w == (2.0, 1.25, 1.0))
    press("PageDown")
    user.until(lambda: user.scene.points.w == (2.0, 1.0, 1.0))
    press("ArrowLeft")
    press("ArrowLeft")
    press("Delete")
    user.until(lambda: user.scene.points.x[1:] == (1.2,))
    user.until_shown()
    press(" ")
    user.until(lambda: page.locator(".fv-t").inner_text() != "t = 0.500")
    press(" ")
    user.until(lambda: page.locator(".fv-play").inner_text() == "▶")
    press("Tab")  # on to play, then to the time
    for _ in range(4):
        if page.evaluate("document.activeElement.classList.contains('fv-time')"):
            break
        press("Tab")
    press("Home")
    assert page.locator(".fv-t").inner_text() == "t = 0.000"
    user.until(lambda: user.query["time"] == "0")


def test_text_that_cannot_be_read_keeps_picture_and_link(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan", script=RECORD))
    user.until_shown()
    before, link = user.painted, user.address
    text = user.page.get_by_role("textbox", name="Positions")
    text.fill("0.5, 1.2, oops")
    text.press("Control+Enter")
    alert = user.page.locator('[data-testid="stAlert"]')
    expect(alert).to_contain_text("“oops” (character 11) is not a number")
    user.page.wait_for_selector(READY)
    assert text.input_value() == "0.5, 1.2, oops"
    assert user.address == link
    assert alike(user.painted, before)
    text.fill("0.5, 1.2, 1.9*3")
    text.press("Control+Enter")
    user.until_shown(points="0.5,1.2,1.9*3")
    expect(alert).to_have_count(0)
    assert user.handles == [0.5, 1.2, 1.9]


def test_the_table_and_a_file_reach_the_picture(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan", script=RECORD))
    page = user.page
    page.get_by_text("Table and file").click()
    table = page.locator('[data-testid="stDataFrame"]')
    table.wait_for()
    canvas = table.locator("canvas").first
    canvas.wait_for()
    page.wait_for_timeout(600)  # it unfolds
    place = canvas.bounding_box()
    assert place
    # The canvas has a header and rows of 35 pixels: the second row's position.
    page.mouse.dblclick(place["x"] + 50, place["y"] + 35 * 2.5)
    page.locator("#portal textarea").fill("0.9")
    page.keyboard.press("Enter")
    user.until_shown(points="0.5*2,0.9,1.7")
    user.until(lambda: box(page) == "0.5*2, 0.9, 1.7")
    page.set_input_files(
        "input[type=file]",
        {"name": "data.csv", "mimeType": "text/csv", "buffer": b"x,w\n-1,1\n0.25,3\n"},
    )
    user.until_shown(points="-1,0.25*3")
    user.until(lambda: user.handles == [-1, 0.25])
    user.until(lambda: box(page) == "-1, 0.25*3")
    # The uploader is new again; a file that is none is refused beside the text.
    page.wait_for_selector(READY)
    page.set_input_files(
        "input[type=file]", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b\nc,d\n"}
    )
    expect(page.locator('[data-testid="stAlert"]')).to_contain_text("None of these columns holds")
    assert user.query["points"] == "-1,0.25*3"
    # One that is too large never leaves the browser; that is said below it, in our words.
    page.set_input_files(
        "input[type=file]",
        {"name": "large.csv", "mimeType": "text/csv", "buffer": b"1,2\n" * 300_000},
    )
    said = """getComputedStyle(document.querySelector("[data-testid=stFileUploader]"), "::after")
        .content"""
    user.until(lambda: ENTRIES["frame.file.large"].en in page.evaluate(said))
    assert user.query["points"] == "-1,0.25*3"
