"""The direction of time in a browser: what scripts write of it follows the visitor's choice."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from flowviz.scene import Scene
from tests.browser.conftest import OpenPage
from tests.browser.pointer import FanUser
from tests.numerals import value_of

FLOW = "convention=flow_matching"
TICKS = ".fv-plot .xaxislayer-above .xtick text"


def tooltip(page: Page, user: FanUser) -> dict[str, float]:
    """What stands beside the pointer at t = 0.7 of the core."""
    page.mouse.move(0, 0)
    expect(page.locator(".fv-tip")).to_be_hidden()
    page.mouse.move(*user.pixel(0.7, 0.9))
    expect(page.locator(".fv-tip")).to_be_visible()
    found = re.findall(r"(\w) = (\S+)", page.locator(".fv-tip").inner_text())
    return {name: value_of(value) for name, value in found}


def linked(page: Page) -> Scene:
    scene, notices = Scene.read_query(parse_qs(urlsplit(page.url).query))
    assert not notices
    return scene


def test_the_fan_is_turned_with_its_player_axis_tooltip_and_link(open_page: OpenPage) -> None:
    page = open_page("/fan?time=0.3&prior=gaussian")
    user = FanUser(page)
    user.until_shown()
    clock, ticks = page.locator(".fv-t"), page.locator(TICKS)
    expect(clock).to_have_text("t = 0.300")
    expect(ticks.first).to_have_text("0")
    usual = tooltip(page, user)
    page.get_by_text("t: 0 → 1").click()
    expect(clock).to_have_text("t = 0.700")
    expect(ticks.first).to_have_text("1")
    turned = tooltip(page, user)
    assert turned["t"] == pytest.approx(1.0 - usual["t"], abs=1.1e-3)
    assert turned["f"] == pytest.approx(-usual["f"], rel=0.05)
    assert turned["p"] == pytest.approx(usual["p"], rel=0.02)
    page.locator(".fv-time").press("ArrowRight")
    page.wait_for_url(re.compile(FLOW))
    assert linked(page) == Scene(
        time=linked(page).time, prior="gaussian", convention="flow_matching"
    )
    assert value_of(clock.inner_text().removeprefix("t = ")) == pytest.approx(
        1.0 - linked(page).time, abs=6e-4
    )
