"""Constants that bound the plane's steps, each held by what goes wrong where it is another."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from flowviz.core.field import MarginalField
from flowviz.core.numerics.ode import events
from flowviz.core.paths import Affine
from flowviz.core.priors import GaussianMixture
from flowviz.core.transport import posterior_mean_ode, straight_fan

HILL = 0.1
PROMISED = 1e-7


def among_narrow_hills() -> tuple[MarginalField, torch.Tensor]:
    """Twelve points under a prior of four hills thirty widths apart, and draws from it."""
    generator = torch.Generator().manual_seed(12)
    x0 = 1.5 * torch.randn(12, 2, generator=generator, dtype=torch.float64)
    prior = GaussianMixture((-3.0, 3.0), (HILL, HILL))
    field = MarginalField(x0, torch.ones(12, dtype=torch.float64), prior, Affine())
    return field, prior.sample(80, 2, torch.Generator().manual_seed(7))


def by_scipy(field: MarginalField, x1: np.ndarray, v: list[float]) -> np.ndarray:
    """z/v of dz/dv = D by steps that are too short to pass a hill, D in NumPy from logarithms."""
    x0 = field.x0.numpy()

    def aim(v: float, z: np.ndarray) -> np.ndarray:
        free = z - (v - 1.0) * x0
        each = np.stack([-0.5 * ((free - m) / HILL) ** 2 for m in (-3.0, 3.0)])
        log = np.logaddexp(*each).sum(1)
        share = np.exp(log - log.max())
        return share @ x0 / share.sum()

    solved = solve_ivp(
        aim, (1.0, v[-1]), x1, "DOP853", v, rtol=1e-12, atol=1e-12, max_step=0.5 * HILL
    )
    return (solved.y / v).T


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    field, x1 = among_narrow_hills()
    return np.stack([by_scipy(field, row, [1 / 0.3, 20.0]) for row in x1[FOLLOWED].numpy()])


FOLLOWED = [6, 51, 71]
"""Draws that meet a hill on their way which a long step passes unseen."""


def worst(truth: np.ndarray) -> float:
    field, x1 = among_narrow_hills()
    u = torch.tensor([0.3, 0.05], dtype=torch.float64)
    return float(np.abs(straight_fan(field, x1[FOLLOWED], u).x.numpy() - truth).max())


def test_no_step_passes_a_hill_unseen(truth):
    assert worst(truth) < PROMISED


@pytest.mark.parametrize("stride", [150.0, 1e9])
def test_and_longer_steps_would(truth, stride, monkeypatch):
    monkeypatch.setattr(posterior_mean_ode, "STRIDE", stride)
    assert worst(truth) > 10 * PROMISED


def crossings() -> float:
    """The largest error of a crossing's place, over curves as a step may have them."""
    place, errors = torch.linspace(0.05, 0.95, 400, dtype=torch.float64), []
    low, high = torch.zeros_like(place), torch.ones_like(place)
    for curve in (
        lambda x: x,
        lambda x: x * x,
        lambda x: torch.exp(-x),
        lambda x: torch.exp(-3.0 * x),
        lambda x: x + 0.2 * torch.sin(4.0 * x),
    ):
        root = events._crossing(lambda x, f=curve: f(x) - f(place), low, high)
        errors.append(float((root - place).abs().max()))
    return max(errors)


def test_a_step_is_cut_where_it_meets_a_border_to_rounding():
    assert crossings() < 1e-13


@pytest.mark.parametrize(("name", "value"), [("_EXACT", 1e-6), ("_ROUNDS", 8)])
def test_and_a_coarser_search_would_miss_it(name, value, monkeypatch):
    monkeypatch.setattr(events, name, value)
    assert crossings() > 1e-13
