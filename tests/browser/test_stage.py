"""The stage of every page: canvases while something moves, at rest the same by Plotly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from flowviz.text import ENTRIES
from tests.browser.conftest import OpenPage
from tests.browser.header import speak
from tests.browser.stage import FAR_APART, STAGE, TO_CANVAS, at_rest, far_apart, picture, place

RANGES = """(() => ["xaxis", "yaxis"].map((name) =>
  document.querySelector(".fv-plot")._fullLayout[name].range))()"""
TICKS = """(({ tickvals, ticktext }) => tickvals.map((t, k) => [t, ticktext[k]]))(
  document.querySelector(".fv-plot")._fullLayout.xaxis)"""
# How many of the two pictures are shown, frame by frame.
WATCH = """(name) => new Promise((done) => {
  const stage = document.querySelector(name);
  const start = performance.now();
  const seen = [];
  const step = () => {
    const canvases = getComputedStyle(stage.querySelector(".fv-canvases")).visibility;
    const traces = getComputedStyle(stage.querySelector(".subplot.xy > .overplot")).visibility;
    seen.push([canvases, traces].filter((value) => value === "visible").length);
    if (performance.now() - start < 600) requestAnimationFrame(step);
    else done(seen);
  };
  step();
})"""


def test_a_label_says_what_is_there_also_under_a_handle_and_the_time_line(
    open_page: OpenPage,
) -> None:
    page = at_rest(open_page("/fan?points=0.5&prior=uniform&time=0.4"))
    label = page.locator(".hoverlayer .hovertext")
    page.mouse.move(*place(page, 0.5, 0.6))
    for part in ("t = ", "x = ", "p = ", "trajectory → 0.5"):
        expect(label).to_contain_text(part)
    page.mouse.move(0, 0)
    expect(label).to_have_count(0)
    box = page.locator(".fv-grip").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.6 * box["height"])
    expect(label).to_contain_text("p = ")
    page = at_rest(open_page("/plane?plane_points=(1,0.5)&plane_views=density"))
    label = page.locator(".hoverlayer .hovertext")
    page.mouse.move(*place(page, 0.5, 0.5))
    for part in ("x = ", "y = ", "pₜ = 0."):
        expect(label).to_contain_text(part)
    page.mouse.move(0, 0)
    expect(label).to_have_count(0)
    page.locator(".fv-handle").hover()
    expect(label).to_contain_text("x = ")
    page = at_rest(
        open_page("/plane?plane_views=particles&plane_points=(1,0.5)&plane_particles=900")
    )
    page.mouse.move(*place(page, 0.5, 0.5))
    expect(page.locator(".hoverlayer .hovertext")).to_contain_text("→ (1, 0.5)")


SETTINGS = {
    "fan": ".st-key-w-trajectories",
    "plane": ".st-key-w-plane_particles",
    "green": ".st-key-w-green_lines",
    "green?space=plane": ".st-key-w-green_lines",
}


def there_is_always_one_picture(page: Page) -> None:
    """No frame without a picture and none with both, from a change until Plotly has drawn it."""
    handle = page.locator(".fv-handle").first.bounding_box()
    assert handle
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 20, steps=4)
    page.wait_for_selector(".fv-moving")
    held = page.evaluate(WATCH, STAGE)
    assert set(held) == {1}
    page.mouse.up()
    assert set(page.evaluate(WATCH, STAGE)) == {1}
    at_rest(page)


@pytest.mark.parametrize("name", SETTINGS)
def test_one_picture_at_a_time_and_a_zoom_is_kept_until_a_double_click(
    open_page: OpenPage, name: str
) -> None:
    page = at_rest(open_page(f"/{name}"))
    if name == "fan":
        two_quick_presses_are_a_double_click_only_in_one_place(page)
    there_is_always_one_picture(page)
    whole = page.evaluate(RANGES)
    page.mouse.move(*place(page, 0.3, 0.3))
    page.mouse.down()
    for at in (0.4, 0.5, 0.72):
        page.mouse.move(*place(page, at, at))
    page.mouse.up()
    page.wait_for_function(f"JSON.stringify({RANGES}) !== '{_json(whole)}'")
    zoomed = page.evaluate(RANGES)
    assert all(a < c < d < b for (a, b), (c, d) in zip(whole, zoomed, strict=True))
    # Another setting keeps it; so do the canvases, whose picture is Plotly's under zoom as well.
    serial = page.locator(".fv-fan").first.get_attribute("data-serial")
    slider = page.locator(f"{SETTINGS[name]} input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_function(f"document.querySelector('.fv-fan').dataset.serial !== '{serial}'")
    at_rest(page)
    assert page.evaluate(RANGES) == pytest.approx(np.array(zoomed), rel=1e-6)
    plotly = picture(page)
    page.evaluate(TO_CANVAS, STAGE)
    assert far_apart(plotly, picture(page)) < FAR_APART
    page.mouse.dblclick(*place(page, 0.2, 0.9))
    page.wait_for_function(f"JSON.stringify({RANGES}) === '{_json(whole)}'")
    at_rest(page)
    if name == "plane":
        the_wheel_zooms_and_home_leads_back(page, whole)


def test_the_ticks_of_time_follow_a_zoom_in_both_directions(open_page: OpenPage) -> None:
    page = at_rest(open_page("/fan", width=1600))
    page.mouse.move(*place(page, 0.5, 0.5))
    for _ in range(60):
        page.mouse.wheel(0, -600)
        page.wait_for_timeout(60)
        (low, high), _ = page.evaluate(RANGES)
        if high - low < 0.2:
            break
    seen = f"{TICKS}.filter(([t]) => t >= {RANGES}[0][0] && t <= {RANGES}[0][1])"
    page.wait_for_function(f"{seen}.length >= 3")
    at_rest(page)
    usual = page.evaluate(TICKS)
    assert [float(text) for _, text in usual] == pytest.approx([t for t, _ in usual], abs=1e-9)
    serial = page.locator(".fv-fan").first.get_attribute("data-serial")
    page.get_by_text("t: 0 → 1").click()
    page.wait_for_function(f"document.querySelector('.fv-fan').dataset.serial !== '{serial}'")
    page.wait_for_function(f"{seen}.length >= 3 && {TICKS}[0][1] !== '{usual[0][1]}'")
    at_rest(page)
    turned = page.evaluate(TICKS)
    assert [float(text) for _, text in turned] == pytest.approx(
        [1 - t for t, _ in turned], abs=1e-9
    )


def _json(ranges: list[list[float]]) -> str:
    return str(ranges).replace(" ", "").replace(".0,", ",").replace(".0]", "]")


def the_wheel_zooms_and_home_leads_back(page: Page, whole: list[list[float]]) -> None:
    page.mouse.move(*place(page, 0.5, 0.5))
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"JSON.stringify({RANGES}) !== '{_json(whole)}'")
    page.wait_for_timeout(300)
    page.locator(".modebar-btn").last.click()
    page.wait_for_function(f"JSON.stringify({RANGES}) === '{_json(whole)}'")


SAVED_AS = {"fan": "flowviz-fan", "plane": "flowviz-plane"}


@pytest.mark.parametrize("name", SAVED_AS)
def test_the_mode_bar_speaks_the_language_and_saves(
    open_page: OpenPage, name: str, tmp_path: Path
) -> None:
    page = at_rest(open_page(f"/{name}?lang=en&time=0.25"))
    saves(page, name, "en", tmp_path)
    speak(page, "zh")
    expect(page.locator("h1")).to_have_text(ENTRIES[f"{name}.title"].zh)
    saves(at_rest(page), name, "zh", tmp_path)


def saves(page: Page, name: str, lang: str, folder: Path) -> None:
    """The buttons have their names, and the first two save the picture with its title."""
    page.mouse.move(*place(page, 0.5, 0.9))
    buttons = page.locator(".modebar-btn")
    words = [ENTRIES[f"figure.{key}"] for key in ("png", "svg", "zoom", "pan", "home")]
    for k, word in enumerate(words):
        expect(buttons.nth(k)).to_have_attribute("data-title", getattr(word, lang))
    expect(buttons).to_have_count(len(words))
    for k, kind in enumerate(("png", "svg")):
        with page.expect_download() as caught:
            buttons.nth(k).click()
        assert caught.value.suggested_filename == f"{SAVED_AS[name]}.{kind}"
        saved = folder / f"saved.{kind}"
        caught.value.save_as(saved)
        if kind == "png":
            assert saved.read_bytes()[:4] == b"\x89PNG"
            assert saved.stat().st_size > 20_000
            continue
        text = saved.read_text("utf-8")
        assert getattr(ENTRIES[f"{name}.title"], lang)[:6] in text
        assert "t = 0.250" in text
        assert "cbfills" in text  # the colour scale


def two_quick_presses_are_a_double_click_only_in_one_place(page: Page) -> None:
    homes = """(away) => {
        const stage = document.querySelector(".fv-fan .fv-stage");
        for (const clientX of [500, 500 + away]) {
            const init = { clientX, clientY: 400, bubbles: true };
            stage.dispatchEvent(new PointerEvent("pointerdown", init));
            window.dispatchEvent(new PointerEvent("pointerup", init));
        }
        return new Promise((done) => setTimeout(() =>
            done(document.querySelector(".fv-fan .fv-plot").layout.uirevision), 1000));
    }"""
    assert page.evaluate(homes, 100) == 0
    page.wait_for_selector(".fv-fan[data-serial] .fv-rest")
    assert page.evaluate(homes, 3) == 1
