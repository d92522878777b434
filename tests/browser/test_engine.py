"""The engine in a browser agrees with the core for every prior, schedule and family of the line."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Browser, Route
from torch import Tensor

from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS
from flowviz.core.priors.base import Prior
from flowviz.core.transport import launch, trajectories
from flowviz.scene import Scene
from flowviz.ui.browser import codec
from flowviz.ui.browser.assets import COMPONENTS
from flowviz.ui.browser.codec import Double
from flowviz.ui.engine import distribution, tables
from flowviz.ui.fan import compute, preview
from flowviz.ui.line_density import heat, packed_jumps
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import no_progress
from flowviz.ui.session.keys import flow_key
from tests import engine_fixtures
from tests.engine_fixtures import Case, Truth
from tests.serving import ROOT
from tests.test_minimal_priors import MinimalBimodal, MinimalCauchy, MinimalScaled

Array = NDArray[np.floating[Any]]
Answer = dict[str, Any]

ORIGIN = "http://engine.test"
HERE = Path(__file__).parent
TOLERANCE = 1e-9
SINGULAR_TOLERANCE = 1e-6  # where the prior's density is infinite
LOG_ROUNDING = 1e-14  # of a log-density, relative

SERVER_ONLY = {"detour": "not affine in x0", "squeeze": "not affine in x1"}
"""The families that the engine has not, and why."""


@pytest.fixture(scope="module")
def found(browser: Browser) -> list[tuple[Case, Truth, Answer]]:
    """Every case, with what the core and the engine say of it."""
    cases = list(engine_fixtures.cases())
    truths = [engine_fixtures.truth(case) for case in cases]
    asked = [
        engine_fixtures.packed(case, true.starts, true.positions)
        for case, true in zip(cases, truths, strict=True)
    ]
    return list(zip(cases, truths, answers(browser, asked), strict=True))


def answers(browser: Browser, blocks: list[bytes], what: str = "answers") -> list[Answer]:
    """What a function of `engine_answers.js` makes of blocks, all in one page."""
    page = browser.new_page()
    page.route(f"{ORIGIN}/**", _serve)
    page.goto(f"{ORIGIN}/")
    script = f"""async (texts) => {{
        const module = await import("{ORIGIN}/engine_answers.js");
        const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
        return module.{what}(texts.map(bytes), "{ORIGIN}");
    }}"""
    try:
        return page.evaluate(script, [base64.b64encode(block).decode() for block in blocks])
    finally:
        page.close()


def _serve(route: Route) -> None:
    name = route.request.url.rsplit("/", 1)[-1]
    if not name:
        return route.fulfill(body="<!doctype html>", content_type="text/html")
    folder = COMPONENTS if (COMPONENTS / name).exists() else HERE
    return route.fulfill(path=folder / name, content_type="text/javascript")


def numbers(values: list[Any]) -> Array:
    """Numbers as `engine_answers.js` writes them."""
    return np.array([float(value) for value in values])


def tolerance(case: Case) -> float:
    return SINGULAR_TOLERANCE if case.prior.has_singular_edges else TOLERANCE


def trajectory_error(case: Case, true: Truth, answer: Answer) -> float:
    """The largest distance beyond the core's own error."""
    x = numbers(answer["x"]).reshape(true.x.shape)
    allowed = np.minimum(true.error.numpy(), 1.0)
    return float(np.max(np.abs(x - true.x.numpy()) - allowed))


def value_error(case: Case, true: Truth, answer: Answer) -> float:
    """The largest error of log p_t, velocity and posterior, beyond the rounding of a position.

    A value may be any between the core's at the position and a few roundings beside it.
    """
    columns = [numbers(answer[name])[:, None] for name in ("log_p", "velocity")]
    posterior = np.stack([numbers(row) for row in answer["posterior"]])
    values = np.concatenate([*columns, posterior], axis=1)
    core = true.values.numpy().reshape(3, *values.shape)
    same = ((values == core) | (np.isnan(values) & np.isnan(core))).any(axis=0)
    with np.errstate(invalid="ignore"):
        beyond = np.maximum(np.min(core, axis=0) - values, values - np.max(core, axis=0))
        scale = np.maximum(1.0, np.abs(core[0]))
        scale[:, 0] = 1.0
        rounding = np.zeros_like(values)
        rounding[:, 0] = LOG_ROUNDING * np.abs(values[:, 0])
        error = (beyond - rounding) / scale
    return float(np.max(np.where(same, 0.0, error)))


def test_trajectories_are_those_of_the_core(found: list[tuple[Case, Truth, Answer]]) -> None:
    wrong = {
        case.name: error
        for case, true, answer in found
        if not (error := trajectory_error(case, true, answer)) <= tolerance(case)
    }
    assert not wrong


def test_trajectories_reach_the_data_points_of_the_core(
    found: list[tuple[Case, Truth, Answer]],
) -> None:
    wrong = [case.name for case, true, answer in found if answer["basin"] != true.basin.tolist()]
    assert not wrong


def test_density_velocity_and_posterior_are_those_of_the_core(
    found: list[tuple[Case, Truth, Answer]],
) -> None:
    wrong = {
        case.name: error
        for case, true, answer in found
        if not (error := value_error(case, true, answer)) <= tolerance(case)
    }
    assert not wrong


MANY, STEPS = 150, 50


def test_many_trajectories_at_close_times_are_those_of_the_core(browser: Browser) -> None:
    """Guesses are good here, and the first of Newton's steps is often the last."""
    x0 = torch.rand(MANY, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    points = tuple((x, 1.0) for x in (4.0 * x0[:, 0] - 2.0).tolist())
    t = torch.linspace(0.0, 1.0, STEPS + 1, dtype=torch.float64)[1:]
    linear = PATHS["affine"]()
    cases = [Case(name, prior(), linear, points, linear) for name, prior in PRIORS.items()]
    starts = [launch(case.prior, 37) for case in cases]
    blocks = []
    for case, x1 in zip(cases, starts, strict=True):
        asked = engine_fixtures.asked(case, x1, x1.new_zeros(0))
        blocks.append(codec.pack(asked | {"t": Double(t.numpy())}))
    for case, x1, answer in zip(cases, starts, answers(browser, blocks), strict=True):
        true = trajectories(case.field, x1, t)
        away = np.abs(numbers(answer["x"]).reshape(len(x1), -1) - true.x[..., 0].numpy())
        allowed = np.minimum(true.error.numpy(), 1.0).reshape(away.shape)
        assert np.max(away - allowed) <= tolerance(case), case.name


CELLS = (60, 80)
SINGLE = 1e-6  # of numbers in single precision


def test_cells_and_jumps_of_the_density_are_those_of_the_server(browser: Browser) -> None:
    scenes = [
        Scene(prior=prior, schedule=schedule)
        for prior in PRIORS
        for schedule in ("linear", "cosine", "cubic")
    ] + [Scene(prior=prior, family="wave") for prior in ("uniform", "exponential")]
    blocks = []
    for scene in scenes:
        found = preview.tables(scene, ["#000000"], "#000000")
        assert found is not None
        points = {"x": list(scene.points.x), "w": list(scene.points.w)}
        blocks.append(codec.pack({"tables": found | {"cells": list(CELLS)}, "points": points}))
    for scene, drawn in zip(scenes, answers(browser, blocks, "pictures"), strict=True):
        field, view = scene.field(), axis_range(flow_key(scene, "line"))
        true = heat(field, view, CELLS, no_progress).p.ravel()
        cells = numbers(drawn["p"])
        apart = np.abs(np.nan_to_num(cells) - np.nan_to_num(true))
        assert np.max(apart / (np.nan_to_num(true) + 1.0)) < SINGLE, scene
        jumps = packed_jumps(field, view, compute.QUICK)
        assert (drawn["x"] is None) == (jumps is None)
        if jumps is not None:
            assert numbers(drawn["x"]) == pytest.approx(jumps["x"], rel=SINGLE, abs=SINGLE)
            assert numbers(drawn["height"]) == pytest.approx(jumps["height"], rel=SINGLE)


def missing() -> dict[str, str]:
    """Entries of the registries that the engine has not, with the reason."""
    gaussian, linear = PRIORS["gaussian"](), PATHS["affine"]()
    flows = {name: (gaussian, path) for name, path, _ in engine_fixtures.paths()}
    flows |= {name: (prior(), linear) for name, prior in PRIORS.items()}
    reasons = {name: tables.unsupported(*flow) for name, flow in flows.items()}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def test_every_entry_is_computed_by_the_engine_or_listed_with_a_reason() -> None:
    assert missing() == SERVER_ONLY
    assert set(SERVER_ONLY.values()) <= set(tables.SERVER_ONLY)
    document = (ROOT / "docs" / "ENGINE.md").read_text("utf-8")
    assert all(f"`{name}`" in document for name in SERVER_ONLY)


def test_a_prior_with_the_required_methods_only_has_tables() -> None:
    for prior in (MinimalCauchy(), MinimalScaled(), MinimalBimodal()):
        found = distribution.tabulate(prior)
        assert found is not None
        z = torch.tensor([-300.0, -3.2, 0.1, 2.0, 40.0], dtype=torch.float64)
        for side, tail, here in (
            (found.left, prior.cdf, z < found.median),
            (found.right, prior.sf, z > found.median),
        ):
            w = np.log1p((z[here] - found.median).abs().numpy() / side.scale)
            logs = [table.series(w)[:, 0] for table in (side.tail, side.density)]
            true = [tail(z[here]).log().numpy(), prior.log_pdf(z[here]).numpy()]
            finite = np.isfinite(true[0])
            assert logs[0][finite] == pytest.approx(true[0][finite], rel=1e-11, abs=1e-11)
            assert logs[1] == pytest.approx(true[1], rel=1e-11, abs=1e-11)


# ---------------------------------------------------------------------- injected faults

Side = distribution.Side


def _off(side: Side, name: str) -> Side:
    """A side whose table of that name is wrong by 1e-8."""
    table = getattr(side, name)
    wrong = table.series.series.copy()
    wrong[:, :, 0] += 1e-8
    return replace(side, **{name: replace(table, series=replace(table.series, series=wrong))})


FAULTS: dict[str, tuple[str, Callable[[Side], Side], Callable[[Case, Truth, Answer], float]]] = {
    "a tail off by 1e-8": ("gaussian", lambda side: _off(side, "tail"), trajectory_error),
    "a density off by 1e-8": ("laplace", lambda side: _off(side, "density"), value_error),
    "the density for the tail": (
        "student_t",
        lambda side: replace(side, tail=side.density),
        trajectory_error,
    ),
    "an end of the support moved by 1e-8": (
        "uniform",
        lambda side: replace(side, edge=side.edge + 1e-8 if side.edge else side.edge),
        trajectory_error,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_table_is_found(
    fault: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    prior, change, error = FAULTS[fault]
    case = next(c for c in engine_fixtures.cases() if c.name.startswith(f"{prior}, affine, cosine"))
    true = engine_fixtures.truth(case)
    right = distribution.tabulate(case.prior)
    assert right is not None
    errors = []
    for table in (right, replace(right, right=change(right.right))):
        monkeypatch.setattr(tables, "_prior_table", lambda _, table=table: table)
        block = engine_fixtures.packed(case, true.starts, true.positions)
        errors.append(error(case, true, answers(browser, [block])[0]))
    assert errors[0] <= TOLERANCE < errors[1]


@dataclass(frozen=True)
class TwoIntervals(Prior):
    """Uniform on [-2, -1] and [1, 2]: no logarithm between them."""

    def log_pdf(self, z: Tensor) -> Tensor:
        inside = (z.abs() >= 1.0) & (z.abs() <= 2.0)
        return torch.where(inside, -math.log(2.0), -math.inf).to(z)

    def cdf(self, z: Tensor) -> Tensor:
        return 0.5 * ((z + 2.0).clamp(0.0, 1.0) + (z - 1.0).clamp(0.0, 1.0))

    def sf(self, z: Tensor) -> Tensor:
        return self.cdf(-z)


def test_a_prior_without_tables_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRIORS, "two_intervals", TwoIntervals)
    assert missing() == SERVER_ONLY | {"two_intervals": "no table of the prior"}
