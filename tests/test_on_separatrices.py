"""A start exactly on a separatrix belongs to no basin: it ends between two, on every page."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS
from flowviz.core.transport import trajectories
from flowviz.core.transport.separatrices import NO_BASIN, on_separatrix, with_separatrices
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.ui.fan import compute
from tests.block_reader import inner, read
from tests.reference import law
from tests.visitor import ROOT, Visitor

X0, WEIGHTS = [0.5, 1.2, 1.7], [2.0, 1.0, 1.0]
EVERYWHERE = [name for name, kind in PRIORS.items() if all(map(np.isinf, kind().support))]
TIMES = [0.0, 1e-3, 0.01, 0.1, 0.4, 1.0]


def flow(prior: str, family: str = "affine") -> MarginalField:
    x0 = torch.tensor(X0, dtype=torch.float64)[:, None]
    weights = torch.tensor(WEIGHTS, dtype=torch.float64)
    return MarginalField(x0, weights, PRIORS[prior](), PATHS[family]())


def balanced(prior: Any, t: float, right: int) -> float:
    """In 60 digits: where as much mass of the right points lies below as of the left ones above."""
    _, cdf, sf = law(prior)
    with mp.workdps(60):
        low, high = mp.mpf(-5), mp.mpf(5)
        for _ in range(120):
            x = (low + high) / 2
            z = [(x - (1 - mp.mpf(t)) * mp.mpf(a)) / mp.mpf(t) for a in X0]
            below = sum(w * cdf(v) for w, v in zip(WEIGHTS[right:], z[right:], strict=True))
            above = sum(w * sf(v) for w, v in zip(WEIGHTS[:right], z[:right], strict=True))
            low, high = (x, high) if below < above else (low, x)
        return float(low)


@pytest.mark.parametrize("prior", EVERYWHERE)
@pytest.mark.parametrize("level", [0.5, 0.75])
def test_it_is_between_the_points_on_both_sides_at_all_times(prior: str, level: float) -> None:
    field = flow(prior)
    x1 = field.prior.icdf(torch.tensor([level, 0.3], dtype=torch.float64))[:, None]
    assert on_separatrix(field, x1).tolist() == [True, False]
    times = torch.tensor(TIMES, dtype=torch.float64)
    found = trajectories(field, x1, times)
    shown = with_separatrices(field, found)
    assert shown.basin.tolist() == [NO_BASIN, 0]
    assert torch.equal(shown.x[1], found.x[1])
    right = {0.5: 1, 0.75: 2}[level]
    for t, x in list(zip(TIMES, shown.x[0, :, 0].tolist(), strict=True))[1:-1]:
        # Where tails underflow the middle is exact up to the widths of both, 38 scales of a normal.
        assert x == pytest.approx(balanced(field.prior, t, right), abs=1e-9 if t > 0.02 else 3 * t)
    end, before = shown.x[0, 0, 0], shown.x[0, 1, 0]
    assert end == before
    assert X0[right - 1] + 0.2 < end < X0[right] - 0.2


@pytest.mark.parametrize("family", ["wave", "parabola"])
def test_it_keeps_the_balance_under_other_families(family: str) -> None:
    field = flow("student_t", family)
    x1 = field.prior.icdf(torch.tensor([0.5], dtype=torch.float64))[:, None]
    times = torch.tensor([0.01, 0.1, 0.5, 1.0], dtype=torch.float64)
    x = with_separatrices(field, trajectories(field, x1, times)).x[0, :3]
    level = field.cdf(x, times[:3])
    assert torch.allclose(level, torch.full_like(level, 0.5), rtol=0, atol=1e-9)


def test_a_bounded_prior_has_none() -> None:
    for name in set(PRIORS) - set(EVERYWHERE):
        field = flow(name)
        x1 = field.prior.icdf(torch.tensor([0.5], dtype=torch.float64))[:, None]
        assert not on_separatrix(field, x1).any()


@pytest.mark.parametrize("prior", [p for p in EVERYWHERE if p != "kernel_density"])
@pytest.mark.parametrize("color", ["basin", "x1"])
def test_the_fan_draws_it_grey_and_dashed(prior: str, color: str) -> None:
    visitor = Visitor(ROOT / "pages" / "fan.py", {"prior": prior, "color": color})
    grey = [trace for trace in visitor.traces("fan") if trace["line"]["dash"] != "solid"]
    assert [trace["line"]["color"] for trace in grey] == [Style(dark=False, large=False).faint]
    assert grey[0]["meta"] == [None]
    assert 0.5 < grey[0]["y"][0] < 1.2
    assert any("separatrix" in caption.value for caption in visitor.app.caption)


def test_solvers_draw_it_grey_and_dashed() -> None:
    scene = Scene(prior="gaussian")
    shown = compute.fan(scene, 8)
    assert (shown.group == NO_BASIN).sum() == 1
    visitor = Visitor(ROOT / "pages" / "solvers.py", {"prior": "gaussian", "solver_lines": "37"})
    figure = read(inner(visitor.component("solvers").bytes, "figure"))
    exact = [trace for trace in figure["data"] if trace["name"] == "exact"]
    assert [trace["line"]["dash"] != "solid" for trace in exact].count(True) == 1
    assert any("separatrix" in caption.value for caption in visitor.app.caption)
