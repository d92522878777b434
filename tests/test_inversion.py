"""Roots that hide: families that wind are inverted where Newton alone loses its way."""

from __future__ import annotations

import pytest
import torch

from flowviz.core.families.legality import caustic, legality
from flowviz.core.numerics.inversion import SCATTERED_ROWS, scattered
from flowviz.core.paths import PATHS
from flowviz.core.priors import Gaussian

formula = PATHS["formula"]
TWIST = "x0 + t*rot(b*(1-t)*norm(x1 - x0))*(x1 - x0)"
X0 = torch.tensor([[0.5, 0.2]], dtype=torch.float64)


@pytest.mark.parametrize("b", [1.0, 3.0, 6.0])
@pytest.mark.parametrize("t", [0.1, 0.5])
def test_a_twist_is_undone_exactly(b, t):
    """|x - x₀| = t|x₁ - x₀| gives the radius, and with it the angle: the inverse has a formula."""
    path = formula(forward=TWIST, parameters={"b": b})
    x1 = torch.randn(150, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    time = torch.tensor(t, dtype=torch.float64)
    x = path.forward(x1, X0, time)[:, 0]
    again = path.inverse(x, X0, time)[:, 0]
    assert torch.allclose(again, x1, rtol=0, atol=1e-8)


def test_a_twist_is_legal_and_a_fold_of_one_point_is_drawn_for_that_point():
    assert legality(formula(forward=TWIST, parameters={"b": 3.0}), X0, Gaussian()).ok
    fold = formula(forward="(1-t)*x0 + t*x1 + 2*t*(1-t)*sin(2*x1)")
    report = legality(fold, X0, Gaussian())
    assert not report["invertible"].ok
    assert report["invertible"].x0 == tuple(X0[0].tolist())
    at = caustic(fold, X0, Gaussian(), 0.6)
    assert len(at) > 100
    assert torch.allclose(at[:, 0], torch.tensor(0.6, dtype=torch.float64))
    # In each coordinate apart: 1 + 1.6 cos 2x₁ = 0, so x is one of a few lines.
    turn = 0.5 * torch.acos(torch.tensor(-1 / 1.6, dtype=torch.float64))
    ends = torch.stack([sign * turn + k * torch.pi for sign in (1, -1) for k in (-1, 0, 1)])
    lines = 0.4 * X0[0] + 0.6 * ends[:, None] + 0.48 * torch.sin(2 * ends)[:, None]
    gap = (at[:, 1:, None] - lines.T[None]).abs().amin(-1).amin(-1)
    assert gap.max() < 0.01


def test_of_too_many_the_nearest_are_looked_for():
    """The map z ↦ z needs no looking: whoever is asked for is found."""
    m = SCATTERED_ROWS + 40
    reach = torch.linspace(5.0, 1.0, m, dtype=torch.float64)
    target = reach[:, None] * torch.tensor([1.0, 0.0], dtype=torch.float64)
    z, done = scattered(lambda at, _: at, target, torch.zeros_like(target), reach)
    assert int(done.sum()) == SCATTERED_ROWS
    assert bool(done[40:].all())
    assert torch.allclose(z[40:], target[40:])
    assert bool(z[:40].isnan().all())
