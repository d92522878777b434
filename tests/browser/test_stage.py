"""The stage of Fan and Plane: canvases while something moves, at rest the same by Plotly."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from flowviz.text import ENTRIES
from tests.browser.conftest import OpenPage

SHADES = 2  # of 255
FAR_APART = (
    0.005  # of the pixels: where lines are closer than their width, edges are smoothed apart
)
RANGES = """["xaxis", "yaxis"].map((name) =>
  document.querySelector(".fv-plot")._fullLayout[name].range)"""
NAMES = "document.querySelector('.fv-plot').data.map(({ name }) => name)"
# The canvases again, as they are while something moves.
TO_CANVAS = """document.querySelector(".fv-stage").classList.replace("fv-rest", "fv-moving")"""
# How many of the two pictures are shown, frame by frame.
WATCH = """new Promise((done) => {
  const stage = document.querySelector(".fv-stage");
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

Pixels = NDArray[np.int16]


def at_rest(page: Page) -> Page:
    page.wait_for_selector(".fv-rest")
    return page


def plot(page: Page) -> dict[str, float]:
    """Where the axes lie on the screen."""
    box = page.locator(".fv-plot .nsewdrag").first.bounding_box()
    assert box
    return {side: box[side] for side in ("x", "y", "width", "height")}


def place(page: Page, across: float, down: float) -> tuple[float, float]:
    box = plot(page)
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def picture(page: Page) -> Pixels:
    """What is on the screen within the axes, without a label, (height, width, 3)."""
    page.mouse.move(0, 0)
    page.locator(".hoverlayer .hovertext").wait_for(state="detached")
    whole = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    box = plot(page)
    left, top = round(box["x"]), round(box["y"])
    crop = whole.crop((left, top, left + round(box["width"]), top + round(box["height"])))
    return np.asarray(crop).astype(np.int16)


def far_apart(one: Pixels, other: Pixels) -> float:
    """The fraction of pixels whose colour is nowhere between those of the other's neighbours.

    A shape that is moved by less than a pixel, or smoothed otherwise at its edges, stays between.
    """
    padded = np.pad(other, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width, _ = other.shape
    near = [padded[i : i + height, j : j + width] for i in range(3) for j in range(3)]
    low, high = np.min(near, axis=0) - SHADES, np.max(near, axis=0) + SHADES
    return float(((one < low) | (one > high)).any(axis=2).mean())


PICTURES = [
    "/fan?time=0.4",
    "/fan?arrows=true&prior=gaussian&color=x1",
    "/fan?heatmap=false&trajectories=24&prior=laplace",
    "/plane?time=0.4",
    "/plane?plane_views=density,basins,lines&plane_prior=box",
    "/plane?plane_views=straight,arrows,particles&time=0.7&plane_scale=log",
]


@pytest.mark.parametrize("path", PICTURES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_plotly_and_the_canvases_draw_one_picture(
    open_page: OpenPage, path: str, theme: str
) -> None:
    page = at_rest(open_page(path, color_scheme=theme))
    page.wait_for_timeout(800)  # a finer basin map may come
    at_rest(page)
    plotly = picture(page)
    page.evaluate(TO_CANVAS)
    canvases = picture(page)
    assert len(np.unique(plotly.reshape(-1, 3), axis=0)) > 50  # there is something to compare
    assert far_apart(plotly, canvases) < FAR_APART
    assert far_apart(canvases, plotly) < FAR_APART


@pytest.mark.parametrize("path", ["/fan?fan=false&time=0.4", "/plane?plane_views=density&time=0.3"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_plotly_and_the_canvases_have_the_same_colours(
    open_page: OpenPage, path: str, theme: str
) -> None:
    page = at_rest(open_page(path, color_scheme=theme))
    plotly = picture(page)
    page.evaluate(TO_CANVAS)
    apart = np.abs(plotly - picture(page)).max(axis=2)
    # But for the edges of the data points and of the particles, pixel by pixel.
    assert (apart > SHADES).mean() < 0.002


def test_a_moved_picture_is_told_from_the_same() -> None:
    """The measure sees a shift of two pixels and of four shades."""
    x = np.linspace(0, 12, 120)
    wave = (127 + 100 * np.sin(x[:, None] * 3 + x[None] * 2))[..., None].repeat(3, 2)
    pixels = wave.astype(np.int16)
    assert far_apart(pixels, pixels) == 0
    assert far_apart(np.roll(pixels, 3, axis=1), pixels) > 0.2
    flat = np.full((20, 20, 3), 90, np.int16)
    assert far_apart(flat + 4, flat) == 1


@pytest.mark.parametrize("page_name", ["fan", "plane"])
def test_there_is_always_one_picture(open_page: OpenPage, page_name: str) -> None:
    """No frame without a picture and none with both, from a change until Plotly has drawn it."""
    page = at_rest(open_page(f"/{page_name}"))
    handle = page.locator(".fv-handle").first.bounding_box()
    assert handle
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 20, steps=4)
    page.wait_for_selector(".fv-moving")
    held = page.evaluate(WATCH)
    assert set(held) == {1}
    page.mouse.up()
    assert set(page.evaluate(WATCH)) == {1}
    at_rest(page)


def test_the_names_of_the_traces(open_page: OpenPage) -> None:
    fan = at_rest(open_page("/fan?arrows=true"))
    assert set(fan.evaluate(NAMES)) == {"heat", "fan", "arrows", "prior", "points"}
    views = "density,lines,straight,particles,arrows"
    plane = at_rest(open_page(f"/plane?plane_views={views}"))
    names = {"heat", "fan", "straight", "arrows", "particles", "points"}
    assert set(plane.evaluate(NAMES)) == names


def test_a_label_says_what_is_there(open_page: OpenPage) -> None:
    page = at_rest(open_page("/fan?points=0.5&prior=uniform"))
    page.mouse.move(*place(page, 0.5, 0.6))
    label = page.locator(".hoverlayer .hovertext")
    for part in ("t = ", "x = ", "p = ", "trajectory → 0.5"):
        expect(label).to_contain_text(part)
    page = at_rest(open_page("/plane?plane_views=density"))
    page.mouse.move(*place(page, 0.5, 0.5))
    for part in ("x = ", "y = ", "pₜ = 0."):
        expect(page.locator(".hoverlayer .hovertext")).to_contain_text(part)
    page = at_rest(
        open_page("/plane?plane_views=particles&plane_points=(1,0.5)&plane_particles=900")
    )
    page.mouse.move(*place(page, 0.5, 0.5))
    expect(page.locator(".hoverlayer .hovertext")).to_contain_text("→ (1, 0.5)")


def test_a_handle_and_the_time_line_hide_no_label(open_page: OpenPage) -> None:
    page = at_rest(open_page("/fan?time=0.4"))
    label = page.locator(".hoverlayer .hovertext")
    box = page.locator(".fv-grip").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.6 * box["height"])
    expect(label).to_contain_text("p = ")
    page.mouse.move(0, 0)
    expect(label).to_have_count(0)
    page = at_rest(open_page("/plane?plane_points=(1,0.5)&plane_views=density"))
    page.locator(".fv-handle").hover()
    expect(page.locator(".hoverlayer .hovertext")).to_contain_text("x = ")


SETTINGS = {"fan": ".st-key-w-trajectories", "plane": ".st-key-w-plane_particles"}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_zoom_is_kept_and_shared_until_a_double_click(open_page: OpenPage, name: str) -> None:
    page = at_rest(open_page(f"/{name}"))
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
    serial = page.locator(".fv-fan").get_attribute("data-serial")
    slider = page.locator(f"{SETTINGS[name]} input[type=range]")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_function(f"document.querySelector('.fv-fan').dataset.serial !== '{serial}'")
    at_rest(page)
    assert page.evaluate(RANGES) == pytest.approx(np.array(zoomed), rel=1e-6)
    plotly = picture(page)
    page.evaluate(TO_CANVAS)
    assert far_apart(plotly, picture(page)) < FAR_APART
    page.mouse.dblclick(*place(page, 0.2, 0.9))
    page.wait_for_function(f"JSON.stringify({RANGES}) === '{_json(whole)}'")
    at_rest(page)


def _json(ranges: list[list[float]]) -> str:
    return str(ranges).replace(" ", "").replace(".0,", ",").replace(".0]", "]")


def test_the_wheel_zooms_and_home_leads_back(open_page: OpenPage) -> None:
    page = at_rest(open_page("/plane"))
    whole = page.evaluate(RANGES)
    page.mouse.move(*place(page, 0.5, 0.5))
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"JSON.stringify({RANGES}) !== '{_json(whole)}'")
    page.wait_for_timeout(300)
    page.locator(".modebar-btn").last.click()
    page.wait_for_function(f"JSON.stringify({RANGES}) === '{_json(whole)}'")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["fan", "plane"])
def test_the_mode_bar_speaks_the_language_and_saves(
    open_page: OpenPage, name: str, lang: str, tmp_path: Path
) -> None:
    page = at_rest(open_page(f"/{name}?lang={lang}&time=0.25"))
    page.mouse.move(*place(page, 0.5, 0.9))
    buttons = page.locator(".modebar-btn")
    titles = [buttons.nth(k).get_attribute("data-title") for k in range(buttons.count())]
    words = [ENTRIES[f"figure.{key}"] for key in ("png", "svg", "zoom", "pan", "home")]
    assert titles == [getattr(word, lang) for word in words]
    for k, kind in enumerate(("png", "svg")):
        with page.expect_download() as caught:
            buttons.nth(k).click()
        saved = tmp_path / f"saved.{kind}"
        caught.value.save_as(saved)
        if kind == "png":
            assert saved.read_bytes()[:4] == b"\x89PNG"
            continue
        text = saved.read_text("utf-8")
        assert getattr(ENTRIES[f"{name}.title"], lang)[:6] in text
        assert "t = 0.250" in text
        assert "cbfills" in text  # the colour scale
