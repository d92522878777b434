"""Constants of the plane's step control, each held by a test that fails with another value."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from flowviz.core.field import MarginalField
from flowviz.core.numerics.ode import events
from flowviz.core.numerics.ode.interpolant import cubic
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


def test_no_step_misses_a_mode(truth):
    assert worst(truth) < PROMISED


@pytest.mark.parametrize("stride", [150.0, 1e9])
def test_and_longer_steps_would(truth, stride, monkeypatch):
    monkeypatch.setattr(posterior_mean_ode, "STRIDE", stride)
    assert worst(truth) > 10 * PROMISED


# ---------------------------------------------------------------------- where a step is cut

C = torch.linspace(0.05, 0.95, 400, dtype=torch.float64)[:, None]
CURVES = {
    "line": lambda x, c: x - c,
    "square": lambda x, c: x * x - c * c,
    "decay": lambda x, c: torch.exp(-3.0 * x) - torch.exp(-3.0 * c),
    "wave": lambda x, c: x + 0.2 * torch.sin(4.0 * x) - c - 0.2 * torch.sin(4.0 * c),
    "cubic": lambda x, c: x**3 - c**3,
    "quintic": lambda x, c: x**5 - c**5,
    "cubic touch": lambda x, c: (x - c) ** 3,
    "quintic touch": lambda x, c: (x - c) ** 5,
    "root": lambda x, c: (x - c).sign() * (x - c).abs().sqrt(),
    "jump": lambda x, c: torch.where(x > c, 1.0, -1e-9),
    "wall": lambda x, c: torch.tanh(300.0 * (x - c)),
}


def cuts(
    gap: Callable[[torch.Tensor], torch.Tensor], rows: int, side: int | None = None
) -> tuple[torch.Tensor, int]:
    """Where steps from 0 to 1 in which x is the share that is done are cut, (M,), and the looks."""
    one, looks = torch.ones(rows, dtype=torch.float64), 0
    x = torch.zeros(rows, 1, dtype=torch.float64)
    way = cubic(0.0 * one, one, x, x + 1.0, x + 1.0, x + 1.0)

    def every(tau: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        # Rows are told apart by τ's place: all of them, or all of them at several places.
        return gap(x.reshape(-1, rows, 1)).reshape(-1, 1)

    def single(tau: torch.Tensor, x: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
        nonlocal looks
        looks += 1
        return gap(x)[:, 0]

    found = events.Events(every, single, one.new_zeros(1), lambda sides: pytest.fail("asked"))
    sides = found.sides(0.0 * one, x)
    share, _ = found.locate(sides if side is None else torch.full_like(sides, side), way)
    return share, looks


@pytest.mark.parametrize("curve", CURVES)
def test_a_step_is_cut_where_it_meets_a_border_to_rounding(curve):
    share, looks = cuts(lambda x: CURVES[curve](x, C), len(C))
    assert (share - C[:, 0]).abs().max() < 1e-13
    assert looks <= 60


def test_a_step_that_starts_on_a_border_is_cut_where_it_meets_it_again():
    """After a cut rounding decides the gap's sign at the start, here against the step's side."""
    share, _ = cuts(lambda x: x * (C - x) - 1e-17, len(C), side=1)
    assert (share - C[:, 0]).abs().max() < 1e-13


def test_a_step_that_leaves_its_side_at_once_is_cut_at_its_start():
    share, _ = cuts(lambda x: -x - 1e-17 * C, len(C), side=1)
    assert share.abs().max() < 1e-12


def test_and_so_it_is_for_any_monotone_curve():
    """Sums of powers, roots, walls and exponentials: SciPy's ``brentq`` is the judge."""
    rng = np.random.default_rng(5)
    rows = 200
    mix = rng.exponential(size=(rows, 5)) ** 4
    at, sharp = rng.uniform(0.05, 0.95, (rows, 3)), 10.0 ** rng.uniform(0.0, 4.0, (rows, 2))
    power = rng.choice([3.0, 5.0, 9.0, 1.0 / 3.0], rows)

    def curve(x, r):
        walls = sum(mix[r, k] * np.tanh(sharp[r, k] * (x - at[r, k])) for k in (0, 1))
        away = x - at[r, 2]
        touch = mix[r, 2] * np.sign(away) * np.abs(away) ** power[r]
        return walls + touch + mix[r, 3] * np.expm1(3.0 * x) + 1e-3 * mix[r, 4] * x

    level = np.array([curve(x, r) for r, x in enumerate(rng.uniform(0.02, 0.98, rows))])
    every = np.arange(rows)
    share, _ = cuts(
        lambda x: torch.from_numpy(curve(x.numpy()[..., 0], every) - level)[..., None], rows
    )
    true = np.array(
        [brentq(lambda x, r=r: curve(x, r) - level[r], 0, 1, xtol=1e-15) for r in every]
    )
    # Where a curve is flat its root is no better known than its values.
    room = [1e-13 + flat(lambda x, r=r: curve(x, r) - level[r], float(true[r])) for r in every]
    assert (np.abs(share.numpy() - true) <= room).all()
    assert np.median(room) < 1e-12


def flat(gap: Callable[[float], float], root: float) -> float:
    """How far beside its root a function stays within its own rounding."""
    noise = 5e-16 * max(abs(gap(0.0)), abs(gap(1.0)))
    widths = 10.0 ** np.arange(-15.0, 0.0, 0.1)
    return max((w for w in widths if min(gap(root + w), -gap(root - w)) <= noise), default=0.0)


def test_and_a_coarser_search_would_miss_it(monkeypatch):
    monkeypatch.setattr(events, "_LOCATED", 1e-6)
    share, _ = cuts(lambda x: CURVES["square"](x, C), len(C))
    assert (share - C[:, 0]).abs().max() > 1e-13


# ---------------------------------------------------------------------- progress


def test_progress_is_reported_before_any_trajectory_has_ended():
    field, x1 = among_narrow_hills()
    times = torch.tensor([0.5], dtype=torch.float64)
    seen: list[float] = []
    straight_fan(field, x1, times, progress=seen.append)
    assert all(before <= after for before, after in itertools.pairwise(seen))
    assert any(0.0 < share < 1.0 / len(x1) for share in seen)
    assert seen[-1] == 1.0
