"""The stage of every page: canvases while something moves, at rest the same by Plotly."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, expect

from flowviz.text import ENTRIES
from tests.browser.conftest import OpenPage

SHADES = 2  # of 255
FAR_APART = 0.002  # of the pixels
RANGES = """(() => ["xaxis", "yaxis"].map((name) =>
  document.querySelector(".fv-plot")._fullLayout[name].range))()"""
NAMES = """(stage) =>
  document.querySelector(stage + " .fv-plot")?.data?.map(({ name }) => name) ?? []"""
TICKS = """(({ tickvals, ticktext }) => tickvals.map((t, k) => [t, ticktext[k]]))(
  document.querySelector(".fv-plot")._fullLayout.xaxis)"""
BAR_IS_CLEAR = """(stage) => Number(getComputedStyle(
  document.querySelector(stage + " .modebar-group")).opacity) === 0"""
# The canvases again, as they are while something moves.
TO_CANVAS = """(stage) =>
  document.querySelector(stage).classList.replace("fv-rest", "fv-moving")"""
TO_REST = """(stage) =>
  document.querySelector(stage).classList.replace("fv-moving", "fv-rest")"""
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

Pixels = NDArray[np.int16]


STAGE = ".fv-stage"  # a page's first


def at_rest(page: Page, stage: str = STAGE) -> Page:
    page.wait_for_selector(f"{stage}.fv-rest")
    return page


def plot(page: Page, stage: str = STAGE) -> dict[str, float]:
    """Where the axes lie on the screen."""
    box = page.locator(f"{stage} .fv-plot .nsewdrag").first.bounding_box()
    assert box
    return {side: box[side] for side in ("x", "y", "width", "height")}


def place(page: Page, across: float, down: float, stage: str = STAGE) -> tuple[float, float]:
    box = plot(page, stage)
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def picture(page: Page, stage: str = STAGE) -> Pixels:
    """What is on the screen within the axes, without label and mode bar, (height, width, 3)."""
    page.mouse.move(0, 0)
    page.locator(".hoverlayer .hovertext").wait_for(state="detached")
    page.wait_for_function(BAR_IS_CLEAR, arg=stage)  # it fades
    whole = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    box = plot(page, stage)
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


DENSITY = ".st-key-density .fv-stage"
EXACT = ".fv-panel:nth-child(2) .fv-stage"
LEARN_EXACT = ".st-key-learn-exact .fv-stage"
SUPERPOSITION = ".st-key-superposition .fv-stage"
# So many that an edge around each would hide the next.
MANY = "plane_points=" + ",".join(f"({k / 80 - 1:.2f},{(k % 13) / 90:.2f})" for k in range(160))
VIEWS = "density,lines,straight,particles,arrows"
OF_VIEWS = {"heat", "fan", "straight", "arrows", "particles", "points"}


@dataclass(frozen=True)
class Scenery:
    """A page, and what is held of one of its stages."""

    path: str
    stage: str = STAGE
    names: dict[str, set[str]] = field(default_factory=dict)  # of the traces, by stage
    at: tuple[float, float] = (0.5, 0.5)  # across and down, where the label is
    label: tuple[str, ...] = ()  # what that says
    compared: bool = True  # whether its canvases are


SCENERIES = [
    Scenery("/fan?time=0.4"),
    Scenery("/fan?trajectories=120"),
    Scenery(
        "/fan?arrows=true&prior=gaussian&color=x1",
        names={STAGE: {"heat", "fan", "arrows", "prior", "points"}},
    ),
    Scenery("/fan?heatmap=false&trajectories=24&prior=laplace"),
    Scenery(f"/plane?time=0.4&plane_views={VIEWS}", names={STAGE: OF_VIEWS}),
    Scenery("/plane?plane_views=density,basins,lines&plane_prior=box"),
    Scenery(f"/plane?plane_views=straight,arrows,particles&time=0.7&plane_scale=log&{MANY}"),
    Scenery("/green?family=parabola"),
    Scenery("/green?prior=gaussian", DENSITY, label=("t = ", "x = ", "pₜ = ")),
    Scenery(
        "/green?green_x0=0.5",
        names={
            STAGE: {"fan", "query", "arrows", "points"},
            DENSITY: {"heat", "prior"},
            SUPERPOSITION: {"fan"},
        },
        at=(0.7, 0.35),
        label=("t = ", "x = ", "pₜ = ", "→ 0.5"),
        compared=False,
    ),
    Scenery("/green?space=plane&plane_family=swirl"),
    Scenery(
        "/green?space=plane&time=0.6",
        DENSITY,
        names={DENSITY: {"heat", "particles", "points"}},
        at=(0.4, 0.5),
        label=("x = ", "y = ", "pₜ = "),
    ),
    Scenery(
        "/learn",
        LEARN_EXACT,
        names={LEARN_EXACT: {"fan", "arrows", "points"}},
        at=(0.7, 0.3),
        label=("t = ", "x = ", "pₜ = ", "→ 1.7"),
        compared=False,
    ),
    Scenery("/learn?space=plane&time=0.5", EXACT, label=("x = ", "y = ", "pₜ = ", "→ (")),
]


# In turn light and dark: each takes seconds, and colours are compared in both below.
@pytest.mark.parametrize(
    ("scenery", "theme"),
    [
        pytest.param(scenery, theme, id=f"{scenery.path[:60]}-{theme}")
        for scenery, theme in zip(SCENERIES, itertools.cycle(("light", "dark")), strict=False)
    ],
)
def test_plotly_and_the_canvases_draw_one_picture_with_its_names_and_labels(
    open_page: OpenPage, scenery: Scenery, theme: str
) -> None:
    page, stage = open_page(scenery.path, color_scheme=theme), scenery.stage
    # It may still be being computed.
    page.wait_for_function(
        f"({NAMES})({stage!r}).some((name) => name === 'fan' || name === 'heat' "
        "|| name === 'particles')"
    )
    for other, names in scenery.names.items():
        assert set(at_rest(page, other).evaluate(NAMES, other)) == names, other
    at_rest(page, stage).locator(stage).first.scroll_into_view_if_needed()
    if scenery.label:
        has_a_label(page, scenery)
    if scenery.compared:
        are_one_picture(page, stage)


def has_a_label(page: Page, scenery: Scenery) -> None:
    """Lines have labels near their points: the pointer is moved until it meets one."""
    label = page.locator(f"{scenery.stage} .hoverlayer .hovertext")
    across, down = scenery.at
    for k in range(40):
        page.mouse.move(*place(page, across, down + 0.008 * k, scenery.stage))
        page.wait_for_timeout(60)
        if label.count():
            break
    for part in scenery.label:
        expect(label).to_contain_text(part)


def are_one_picture(page: Page, stage: str) -> None:
    page.wait_for_timeout(800)  # a finer basin map may come
    at_rest(page, stage)
    plotly = picture(page, stage)
    page.evaluate(TO_CANVAS, stage)
    canvases = picture(page, stage)
    assert len(np.unique(plotly.reshape(-1, 3), axis=0)) > 50  # there is something to compare
    assert far_apart(plotly, canvases) < FAR_APART
    assert far_apart(canvases, plotly) < FAR_APART


@pytest.mark.parametrize("path", ["/fan?fan=false&time=0.4", "/plane?plane_views=density&time=0.3"])
def test_plotly_and_the_canvases_have_the_same_colours_in_both_themes(
    open_page: OpenPage, path: str
) -> None:
    page = at_rest(open_page(path))
    light = colours_of_both(page)
    serial = page.locator(".fv-fan").first.get_attribute("data-serial")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"document.querySelector('.fv-fan').dataset.serial !== '{serial}'")
    dark = colours_of_both(at_rest(page))
    assert np.abs(light - dark).mean() > 20  # it is another picture


def colours_of_both(page: Page) -> Pixels:
    """What Plotly draws, which the canvases draw in the same colours."""
    plotly = picture(page)
    page.evaluate(TO_CANVAS, STAGE)
    apart = np.abs(plotly - picture(page)).max(axis=2)
    # But for the edges of the data points and of the particles, pixel by pixel.
    assert (apart > SHADES).mean() < 0.002
    page.evaluate(TO_REST, STAGE)
    return plotly


def test_a_moved_picture_is_told_from_the_same() -> None:
    """The measure sees a shift of two pixels and of four shades."""
    x = np.linspace(0, 12, 120)
    wave = (127 + 100 * np.sin(x[:, None] * 3 + x[None] * 2))[..., None].repeat(3, 2)
    pixels = wave.astype(np.int16)
    assert far_apart(pixels, pixels) == 0
    assert far_apart(np.roll(pixels, 3, axis=1), pixels) > 0.2
    flat = np.full((20, 20, 3), 90, np.int16)
    assert far_apart(flat + 4, flat) == 1


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
    page = at_rest(open_page("/fan"))
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
    page.get_by_role("radio", name="中文").click()
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
