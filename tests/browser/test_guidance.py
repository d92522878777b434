"""Guidance in the plane in a browser: the player, and the figure of the time at which it rests."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage

PATH = (
    "/guidance?space=plane&plane_prior=gaussian&plane_points=(-1,0)@b,(0.5,0)@b,(1,1)@a"
    "&plane_probe=0.4,0.3,0.2&time=0.4&speed=0.25"
)
NAMES = "document.querySelector('.fv-solver').data.map((t) => t.name)"
ARROWS = "document.querySelector('.fv-solver').layout.annotations.length"
CENTRE = """() => { const canvas = [...document.querySelectorAll('.fv-canvases canvas')].at(-1);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let [n, x] = [0, 0];
    for (let i = 3; i < data.length; i += 4) if (data[i] > 200) {
        n++; x += ((i - 3) / 4) % canvas.width; }
    return n && x / n / canvas.width; }"""
"""How far right the painted samples are on average, 0 to 1; 0 for none."""


def test_samples_move_and_rest_on_the_density_of_that_time(open_page: OpenPage) -> None:
    page = open_page(PATH)
    page.wait_for_selector(".fv-solver[data-serial]")
    clock, play = page.locator(".fv-time:visible"), page.locator(".fv-play:visible")
    canvases = page.locator(".fv-canvases")
    expect(clock).to_have_value("0.4")
    expect(canvases).to_be_hidden()
    assert {"heat", "samples"} <= set(page.evaluate(NAMES))
    assert page.evaluate(ARROWS) > 0
    still = page.evaluate("document.querySelector('.fv-solver').data.find("
                          "(t) => t.name === 'samples').x.join()")  # fmt: skip
    play.click()  # from the prior
    expect(canvases).to_be_visible()
    page.wait_for_function(f"!{NAMES}.includes('heat') && !{NAMES}.includes('samples')")
    assert page.evaluate(ARROWS) == 0
    first = page.evaluate(CENTRE)
    page.wait_for_function("document.querySelector('.fv-time').value < 0.85")
    assert 0.0 < first < page.evaluate(CENTRE)  # the class is on the right
    play.click()
    rested = clock.input_value()
    page.wait_for_function(f"{NAMES}.includes('heat')")
    expect(canvases).to_be_hidden()
    page.wait_for_function(f"location.search.includes('time={float(rested):g}&')")
    assert page.evaluate(ARROWS) > 0
    now = page.evaluate("document.querySelector('.fv-solver').data.find("
                        "(t) => t.name === 'samples').x.join()")  # fmt: skip
    assert now != still
    expect(page.get_by_text(f"t = {float(rested):g}", exact=False).first).to_be_visible()
    # By a key: a step of time, and its figure.
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("PageDown")
    lower = float(rested) - 0.1
    page.wait_for_function(f"Math.abs(document.querySelector('.fv-time').value - {lower}) < 1e-6")
    page.wait_for_function(f"location.search.includes('time={lower:g}&')")
    expect(canvases).to_be_hidden()
    assert float(clock.input_value()) == pytest.approx(lower)


def test_on_the_line_there_is_no_player(open_page: OpenPage) -> None:
    page = open_page("/guidance?points=-1@b,1@a&prior=gaussian")
    page.wait_for_selector(".fv-solver[data-serial]")
    expect(page.locator(".fv-time:visible")).to_have_count(0)
