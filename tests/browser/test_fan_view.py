"""The Fan page's time line, query point, links and styles."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, WebSocket, expect

from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import translator
from flowviz.ui.document import PAGES
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.header import speak
from tests.browser.pointer import RECORD, FanUser, alike
from tests.browser.test_fan import RICH
from tests.numerals import value_of

DOTS = "nodes => nodes.map(n => n.getAttribute('d')).join('')"


def dots(page: Page) -> np.ndarray:
    """Where the particles are: pixels (K, 2) in the stage."""
    drawn = page.locator(".fv-dot").evaluate_all(DOTS)
    return np.array([[float(v) for v in at] for at in re.findall(r"M([-\d.]+),([-\d.]+)h0", drawn)])


def test_time_runs_in_the_browser_without_messages_to_the_server(open_page: OpenPage) -> None:
    page = open_page("/_stcore/health", wait=False, script=RECORD)
    sent: list[object] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(frame))

    page.on("websocket", listen)
    page.goto(page.url.replace("_stcore/health", "fan"))
    page.wait_for_selector(READY)
    user = FanUser(page)
    user.until_shown()
    assert sent, "the websocket is listened to"
    page.wait_for_timeout(500)
    sent.clear()
    at_half = dots(page)
    slice_at_half = page.locator(".fv-slice").get_attribute("d")
    assert len(at_half) == 37

    # By the range input, to the data: every particle is where a point is.
    page.locator(".fv-time").fill("0")
    assert page.locator(".fv-t").inner_text() == "t = 0.000"
    handles = page.locator(".fv-handle").evaluate_all(
        "n => n.map(c => Number(c.getAttribute('cy')))"
    )
    assert all(min(abs(y - at) for at in handles) < 0.2 for y in dots(page)[:, 1])
    assert page.locator(".fv-slice").get_attribute("d") != slice_at_half

    # By the line's grip.
    page.mouse.move(*user.pixel(0, 0.3))
    page.mouse.move(*user.pixel(0.0, 0.3))
    page.mouse.down()
    page.mouse.move(*user.pixel(0.3, 0.3))
    page.mouse.move(*user.pixel(0.7, 0.3))
    page.mouse.up()
    expect(page.locator(".fv-t")).to_have_text("t = 0.700")
    user.until(lambda: user.query["time"] == "0.7")

    # By playing, from the prior to the data, where it stops.
    page.locator(".fv-speed").select_option("2")
    page.locator(".fv-play").click()
    moving = dots(page)
    user.until(lambda: not np.array_equal(dots(page), moving))
    user.until(lambda: page.locator(".fv-t").inner_text() == "t = 0.000")
    user.until(lambda: page.locator(".fv-play").inner_text() == "▶")
    user.until(lambda: (user.query["time"], user.query["speed"]) == ("0", "2"))
    assert sent == []
    assert user.shows(Scene())


def test_a_click_in_the_plane_reads_weights_that_add_up(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan", script=RECORD))
    user.until_shown()
    page = user.page
    user.click(0.3, 1.1)
    user.until(lambda: "probe" in user.query)
    at = user.scene.probe
    assert at is not None
    assert at == pytest.approx((0.3, 1.1), abs=0.01)
    cells = page.locator('[data-testid="stMarkdown"] td')
    cells.first.wait_for()
    table = np.array([value_of(text) for text in cells.all_inner_texts()])
    points, shares, velocities = table.reshape(-1, 3).T
    assert sorted(points) == [0.5, 1.2, 1.7]
    assert shares.sum() == pytest.approx(1, abs=0.002)
    reading = page.locator(".katex-mathml annotation").filter(has_text="p_t(x) =").text_content()
    marginal = float(re.findall(r"f_t\(x\) = ([-\d.]+)", reading or "")[0])
    assert shares @ velocities == pytest.approx(marginal, abs=0.01)
    assert page.locator(".fv-probe").get_attribute("display") == "inline"
    # Where nothing flows there is a word for it, and Escape takes the question back.
    user.click(0.05, 1.0)
    expect(page.locator('[data-testid="stAlert"]')).to_contain_text("no trajectory passes")
    page.locator(".fv-handle").first.focus()
    page.keyboard.press("Escape")
    user.until(lambda: "probe" not in user.query)
    user.until(lambda: page.locator(".fv-probe").get_attribute("display") == "none")


def test_a_link_gives_the_same_picture_after_a_reload_and_elsewhere(open_page: OpenPage) -> None:
    user = FanUser(open_page(f"/fan?{RICH.query_string()}", script=RECORD))
    user.until_shown()
    user.drag(1.2, 1.4)
    user.until(lambda: user.scene.points.x[1] == pytest.approx(1.4, abs=0.01))
    user.until_shown()
    link = urlsplit(user.address)
    pictures = [(user.painted, user.handles, dots(user.page), user.query)]
    user.page.reload()
    user.page.wait_for_selector(READY)
    elsewhere = open_page(f"{link.path}?{link.query}", script=RECORD)
    for page in (user.page, elsewhere):
        there = FanUser(page)
        there.until_shown()
        pictures.append((there.painted, there.handles, dots(page), there.query))
    for lines, handles, particles, query in pictures[1:]:
        assert alike(lines, pictures[0][0])
        assert (handles, query) == (pictures[0][1], pictures[0][3])
        assert np.allclose(particles, pictures[0][2], atol=1.0)


def test_back_leaves_the_page_and_forward_restores_it(open_page: OpenPage) -> None:
    page = open_page("/fan?trajectories=5", script=RECORD)
    page.goto(page.url.split("?")[0] + "?trajectories=9")
    page.wait_for_selector(READY)
    user = FanUser(page)
    user.until_shown(trajectories="9")
    user.drag(1.7, 1.9)
    user.until(lambda: user.scene.points.x[2] > 1.85)
    dragged = user.scene
    page.go_back()
    page.wait_for_selector(READY)
    FanUser(page).until_shown(trajectories="5")
    assert FanUser(page).scene == Scene(trajectories=5)
    page.go_forward()
    page.wait_for_selector(READY)
    FanUser(page).until_shown(trajectories="9")
    assert FanUser(page).scene == dragged


def test_the_link_is_copied_unchanged(open_page: OpenPage) -> None:
    user = FanUser(open_page("/", script=RECORD))
    user.until_shown()
    user.page.locator(".fv-time").fill("0.125")
    button = user.page.locator(".fv-copy")
    expect(button).to_have_text("Copy link")
    button.click()
    expect(button).to_have_text("Copied")
    copied = user.page.evaluate("navigator.clipboard.readText()")
    assert copied == user.address
    assert Scene.from_query(user.query) == Scene(time=0.125)
    expect(button).to_have_text("Copy link")


def test_the_language_is_the_browsers_until_it_is_switched(open_page: OpenPage) -> None:
    page = open_page("/fan?trajectories=12", locale="zh-CN", script=RECORD)
    user = FanUser(page)
    user.until_shown(lang="zh", trajectories="12")
    expect(page.get_by_role("heading", name="一维的流")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "zh"
    names = page.locator("[data-testid=stSidebarNavLink]")
    expect(names).to_have_text([translator("zh")(f"nav.{name}") for name in PAGES])
    speak(page, "en")
    expect(names.nth(PAGES.index("fan"))).to_have_text("Flow in 1-D")
    user.until_shown(lang="en", trajectories="12")
    expect(page.get_by_role("heading", name="straight lines superpose into curves")).to_be_visible()
    expect(page.locator(".fv-hint").first).to_contain_text("Drag the points")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert user.page.locator(".fv-play").get_attribute("aria-label") == (
        "Play from the prior to the data (space)"
    )


def test_the_picture_has_the_theme_the_size_and_the_room_of_the_reader(
    open_page: OpenPage,
) -> None:
    """Theme and window change in the open page, as they do in the evening."""
    page = open_page("/fan", width=390, script=RECORD)
    user = FanUser(page)

    def looks(style: Style, *widths: int) -> None:
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            user.until(lambda width=width: page.evaluate("innerWidth") == width)
            user.until(lambda: user.shows(user.scene, style), f"{style} at {width}")
            ground = page.locator(".fv-fan").evaluate(
                "n => n.style.getPropertyValue('--fv-ground')"
            )
            assert ground == style.ground
            user.until(lambda: page.evaluate(FONT_SIZE) == style.font_size, f"letters of {style}")
            assert sorted(user.widths) == pytest.approx([style.line])  # in single precision
            user.until(lambda: page.evaluate(OVERFLOW) == 0, f"{style} at {width} overflows")

    looks(Style(), 390, 1400)
    assert page.evaluate(FONT_SIZE) == 13
    press_large(page)
    looks(Style(large=True), 1400, 390)
    assert user.query["large"] == "1"
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "21px"
    page.emulate_media(color_scheme="dark")
    looks(Style(dark=True, large=True), 390, 1400)
    page.set_viewport_size({"width": 390, "height": 900})
    press_large(page)
    looks(Style(dark=True), 390, 1400)


def press_large(page: Page) -> None:
    """The switch, in the menu where there is no room for it."""
    menu = page.locator(".st-key-head .stHtml details:not([open]) summary:visible")
    if menu.count():
        menu.click()
    page.get_by_text("Large", exact=True).click()


FONT_SIZE = "document.querySelector('.fv-plot')._fullLayout.font.size"
OVERFLOW = """Math.max(...["html", "[data-testid=stMain]", ".fv-fan"].map((s) => {
    const n = document.querySelector(s); return n.scrollWidth - n.clientWidth; }))"""
