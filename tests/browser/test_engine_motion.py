"""A prior that its sliders move in the browser is the core's with the new parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Browser

from flowviz.core.paths import PATHS
from flowviz.core.schedules import SCHEDULES
from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.scene.settings import Space
from flowviz.ui.browser import codec
from flowviz.ui.engine import plane, tables
from flowviz.ui.widgets import prior_sliders
from tests import engine_fixtures, engine_plane_fixtures
from tests.browser import test_engine, test_engine_plane
from tests.browser.test_engine import answers

Slider = dict[str, Any]

OTHER_SHAPE = {
    "line": {"gaussian_mixture", "kernel_density", "triangular"},
    "plane": {
        "gaussian_mixture",
        "kernel_density",
        "triangular",
        "ring",
        "gaussian_mixture_2d",
        "kernel_density_2d",
    },
}
"""Priors of which each parameter changes more than place and width."""
SHIFT, STRETCH = 0.4, 1.7


def sliders_of(name: str, space: Space) -> list[Slider]:
    scene = Scene(prior=name) if space == "line" else Scene(plane_prior=name)
    return prior_sliders.motion(scene, space)["sliders"]


def moved_value(slider: Slider) -> float:
    """Another value: a position is shifted, what only stretches the prior is multiplied."""
    value = slider["value"]
    return value + SHIFT if slider["shift"] else value * STRETCH


def changes(name: str, space: Space) -> Iterator[dict[str, Any]]:
    """All sliders of a prior moved together, and each alone."""
    sliders = sliders_of(name, space)
    values = [slider["value"] for slider in sliders]
    new = [moved_value(slider) for slider in sliders]
    for chosen in [*({k} for k in range(len(sliders))), set(range(len(sliders)))]:
        at = [new[k] if k in chosen else values[k] for k in range(len(values))]
        yield {"sliders": sliders, "values": at}


def parameters(moved: dict[str, Any]) -> dict[str, float]:
    """The parameters by name: the last part of a widget's class."""
    names = (slider["key"].rpartition("-")[2] for slider in moved["sliders"])
    return dict(zip(names, moved["values"], strict=True))


def test_every_prior_follows_its_sliders_or_is_listed() -> None:
    line = {name for name in PRIOR.classes() if not sliders_of(name, "line")}
    both = {name for name in PLANE_PRIOR.classes() if not sliders_of(name, "plane")}
    assert {"line": line, "plane": both} == OTHER_SHAPE


def test_on_the_line_all_is_as_the_core_has_it(browser: Browser) -> None:
    path = PATHS["affine"](schedule=SCHEDULES["cosine"]())
    cases, blocks = [], []
    for name, kind in PRIOR.classes().items():
        for moved in changes(name, "line") if sliders_of(name, "line") else ():
            prior, points = kind(**parameters(moved)), engine_fixtures.POINTS[1]
            case = engine_fixtures.Case(f"{name} {moved['values']}", prior, path, points, path)
            true = engine_fixtures.truth(case)
            asked = engine_fixtures.asked(case, true.starts, true.positions)
            before = {"prior": tables.prior_table(kind()), "moved": moved}
            cases.append((case, true))
            blocks.append(codec.pack(asked | before))
    wrong = {
        case.name: errors
        for (case, true), answer in zip(cases, answers(browser, blocks), strict=True)
        if not max(
            errors := (
                test_engine.trajectory_error(case, true, answer),
                test_engine.value_error(case, true, answer),
            )
        )
        <= test_engine.tolerance(case)
    }
    assert not wrong
    assert len(cases) == 3 * (len(PRIOR.classes()) - len(OTHER_SHAPE["line"]))


def test_in_the_plane_all_is_as_the_core_has_it(browser: Browser) -> None:
    cases, blocks = [], []
    for name, kind in PLANE_PRIOR.classes().items():
        known = plane.unsupported(kind(), engine_plane_fixtures.PATH["linear"]) is None
        if not known or not sliders_of(name, "plane"):
            continue
        *_, moved = changes(name, "plane")
        points = engine_plane_fixtures.POINTS[0]
        case = engine_plane_fixtures.Case(name, kind(**parameters(moved)), points)
        true = engine_plane_fixtures.truth(case)
        before = {"prior": plane.prior_table(kind()), "moved": moved}
        cases.append((case, true))
        blocks.append(codec.pack(engine_plane_fixtures.asked(case, true) | before))
    for (case, true), answer in zip(cases, answers(browser, blocks, "planes"), strict=True):
        assert test_engine_plane.position_error(true, answer) <= test_engine_plane.TOLERANCE, case
        assert test_engine_plane.value_error(true, answer) <= test_engine_plane.VALUE_TOLERANCE, (
            case
        )
    assert cases
