"""The direction of time in a browser: what scripts write of it follows the reader's choice."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.pointer import Hand
from tests.numerals import value_of


def tip(page: Page, hand: Hand) -> dict[str, float]:
    """What stands beside the pointer, at t = 0.7 of the core."""
    page.mouse.move(*hand.pixel(0.7, 0.9))
    expect(page.locator(".fv-tip")).to_be_visible()
    text = page.locator(".fv-tip").inner_text()
    found = re.findall(r"(\w) = (\S+)", text)
    return {name: value_of(value) for name, value in found}


def test_what_the_fan_writes_is_turned_when_the_reader_turns_it(open_page: OpenPage) -> None:
    page = open_page("/fan?time=0.3&prior=gaussian")
    hand = Hand(page)
    hand.until_shown()
    clock, ticks = page.locator(".fv-t"), page.locator(".fv-plot .xaxislayer-above .xtick text")
    expect(clock).to_have_text("t = 0.300")
    assert ticks.first.text_content() == "0"
    usual = tip(page, hand)
    page.get_by_text("t: 0 → 1").click()
    expect(clock).to_have_text("t = 0.700")
    expect(ticks.first).to_have_text("1")
    turned = tip(page, hand)
    assert turned["t"] == pytest.approx(1.0 - usual["t"], abs=1.1e-3)
    assert turned["f"] == pytest.approx(-usual["f"], rel=0.05)
    assert turned["p"] == pytest.approx(usual["p"], rel=0.02)
    page.locator(".fv-time").fill("0.9")
    expect(clock).to_have_text("t = 0.100")
    expect(page).to_have_url(re.compile("convention=flow_matching"))
    page.locator(".fv-time").press("ArrowRight")
    expect(page).to_have_url(re.compile("time=0.9"))


@pytest.mark.parametrize("path", ["/plane", "/green"])
def test_every_player_is_turned(open_page: OpenPage, path: str) -> None:
    page = open_page(f"{path}?time=0.25&convention=flow_matching")
    output = page.locator(".fv-t", has_text="t =").last
    expect(output).to_have_text("t = 0.750")
    assert page.locator(".fv-time").last.get_attribute("aria-valuetext") == "t = 0.750"


def test_a_handle_says_the_readers_time(open_page: OpenPage) -> None:
    page = open_page("/green?green_t=0.4&green_x=0.9&convention=flow_matching")
    handle = page.locator('.fv-handle[data-name="place"]')
    expect(handle).to_have_attribute("aria-valuetext", "0.600, 0.900")
