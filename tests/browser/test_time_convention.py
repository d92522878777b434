"""The direction of time in a browser: what scripts write of it follows the visitor's choice."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.pointer import FanUser
from tests.numerals import value_of

FLOW = "convention=flow_matching"
TICKS = ".fv-plot .xaxislayer-above .xtick text"


def tooltip(page: Page, user: FanUser, t: str) -> dict[str, float]:
    """What stands beside the pointer at t = 0.7 of the core; its time matches a pattern."""
    page.wait_for_selector(".fv-rest")
    page.mouse.move(*user.pixel(0.7, 0.9))
    label = page.locator(".hoverlayer .hovertext")
    expect(label).to_contain_text(re.compile(rf"t = {t}.*fₜ = "))
    found = re.findall(r"([tp]|fₜ) = (\S+)", label.locator("tspan.line").first.text_content() or "")
    return {name: value_of(value) for name, value in found}


def linked(page: Page) -> Scene:
    scene, notices = Scene.read_query(parse_qs(urlsplit(page.url).query))
    assert not notices
    return scene


def test_the_fan_is_turned_with_its_player_axis_tooltip_and_link(open_page: OpenPage) -> None:
    page = open_page("/fan?time=0.3&prior=gaussian", width=1600)
    user = FanUser(page)
    clock, ticks = page.locator(".fv-t"), page.locator(TICKS)
    expect(clock).to_have_text("t = 0.300")
    expect(ticks.first).to_have_text("0")
    usual = tooltip(page, user, r"0\.(69|70)")
    page.get_by_text("t: 0 → 1").click()
    expect(clock).to_have_text("t = 0.700")
    expect(ticks.first).to_have_text("1")
    page.mouse.move(1, 1)
    turned = tooltip(page, user, r"0\.(29|30)")
    assert turned["t"] == pytest.approx(1.0 - usual["t"], abs=1.1e-3)
    assert turned["fₜ"] == pytest.approx(usual["fₜ"], rel=0.05)  # written −fₜ in the usual time
    assert turned["p"] == pytest.approx(usual["p"], rel=0.02)
    page.wait_for_url(re.compile(FLOW))
    page.locator(".fv-time").press("ArrowRight")
    user.until(lambda: linked(page).time != 0.3, "the player's time never reaches the link")
    scene = linked(page)
    assert scene == Scene(time=scene.time, prior="gaussian", convention="flow_matching")
    expect(clock).to_have_text(f"t = {1.0 - scene.time:.3f}")


def test_the_other_pages_are_turned(open_page: OpenPage) -> None:
    """Players, handles and axes, as far as a page has them; one window for all."""
    page = open_page(f"/plane?time=0.25&green_t=0.4&green_x=0.9&space=line&{FLOW}")
    player = page.locator(".fv-time").last
    expect(page.locator(".fv-t").last).to_have_text("t = 0.750")
    expect(player).to_have_attribute("aria-valuetext", "t = 0.750")
    page.get_by_role("link", name="Green's function").click()
    handle = page.locator('.fv-handle[data-name="query"]')
    expect(handle).to_have_attribute("aria-valuetext", "0.600, 0.900")
    expect_turned(page)
    expect(page.locator(".fv-t").last).to_have_text("t = 0.750")
    page.get_by_role("link", name="Solvers").click()
    page.locator(".fv-solver .js-plotly-plot, .fv-solver.js-plotly-plot").wait_for()
    page.wait_for_selector(READY)
    expect_turned(page)
    page.get_by_role("link", name="Train").click()
    page.locator(".st-key-w-learn_steps").wait_for()
    page.get_by_text("2-D (plane)").click()  # where training has a player
    expect(page.locator(".fv-t").last).to_have_text("t = 0.750")
    assert linked(page).convention == "flow_matching"
    assert linked(page).time == 0.25


def expect_turned(page: Page) -> None:
    """The first figure's time axis runs from 1 at the data to 0 at the prior."""
    axis = page.locator(".js-plotly-plot").first.locator(".xtick text, .x2tick text")
    expect(axis.first).to_have_text("1")
    expect(axis.last).to_have_text("0")
