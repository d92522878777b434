"""What Plotly draws at rest is what the canvases draw while something moves; names and labels."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.stage import (
    FAR_APART,
    NAMES,
    SHADES,
    STAGE,
    TO_CANVAS,
    Pixels,
    at_rest,
    far_apart,
    picture,
    place,
)
from tests.waiting import until

TO_REST = """(stage) =>
  document.querySelector(stage).classList.replace("fv-moving", "fv-rest")"""

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
        # The stages of a page are drawn one after the other.
        until(
            lambda: set(at_rest(page, other).evaluate(NAMES, other)) == names,  # noqa: B023
            lambda: f"{at_rest(page, other).evaluate(NAMES, other)} on {other}",  # noqa: B023
        )
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
