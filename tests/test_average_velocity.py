"""The average velocity: one step, its limits, and its identity."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Gaussian
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import trajectories
from flowviz.core.transport.average_velocity import (
    average_velocity,
    identity_residual,
    variance_shares,
)

EVERY = PRIORS | PLANE_PRIORS
SMOOTH = [name for name, prior in PRIORS.items() if prior.smooth]
LINE = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
PLANE = torch.tensor([[0.5, -0.8], [1.2, 0.9], [-1.7, 0.2]], dtype=torch.float64)


def flow(name: str = "gaussian", d: int = 1, schedule: str = "linear") -> MarginalField:
    path = PATHS["affine"](schedule=SCHEDULES[schedule]())
    weights = torch.tensor([2.0, 1.0, 1.0])
    return MarginalField(LINE if d == 1 else PLANE, weights, EVERY[name](), path)


def draws(field: MarginalField, n: int) -> torch.Tensor:
    return field.prior.sample(n, field.d, torch.Generator().manual_seed(4))


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
@pytest.mark.parametrize("name", SMOOTH)
def test_the_identity_holds_on_the_line(name: str, schedule: str) -> None:
    field = flow(name, 1, schedule)
    x1 = draws(field, 20)
    for t, s in ((1.0, 0.0), (0.8, 0.1), (0.4, 0.2)):
        f = field(trajectories(field, x1, [t]).x[:, 0], t)
        residual = identity_residual(field, x1, t, s) / (1.0 + f.abs())
        assert float(residual.abs().max()) < 1e-8


@pytest.mark.parametrize("name", ["gaussian", "student_t_2d"])
def test_the_identity_holds_in_the_plane(name: str) -> None:
    field = flow(name, 2)
    residual = identity_residual(field, draws(field, 12), 0.7, 0.2)
    assert float(residual.abs().max()) < 1e-8


def test_one_step_with_the_average_velocity_is_exact() -> None:
    for d in (1, 2):
        field = flow("gaussian", d)
        x1 = draws(field, 30)
        found = average_velocity(field, x1, 1.0)
        torch.testing.assert_close(x1 - found.u, field.x0[found.basin], rtol=0, atol=1e-12)


def test_over_a_short_time_it_is_the_velocity() -> None:
    field = flow()
    x1 = draws(field, 30)
    found = average_velocity(field, x1, 0.6, 0.6 - 1e-6)
    torch.testing.assert_close(found.u, field(found.x, 0.6), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("t", "s"), [(0.5, 0.5), (0.2, 0.4), (1.1, 0.0)])
def test_times_out_of_order_are_refused(t: float, s: float) -> None:
    with pytest.raises(ValueError, match="times must be 0 <= s < t <= 1"):
        average_velocity(flow(), torch.zeros(1, 1), t, s)


def test_shares_of_variance_are_those_of_numpy() -> None:
    x = torch.randn(5, 40, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    each = []
    for path in x.numpy():
        values = np.linalg.eigvalsh(np.cov(path.T))[::-1]
        each.append(values / values.sum())
    assert variance_shares(x).tolist() == pytest.approx(np.mean(each, axis=0).tolist())


def test_trajectories_nearly_lie_in_a_plane_also_in_many_dimensions() -> None:
    draw = torch.Generator().manual_seed(2)
    x0 = torch.randn(40, 16, generator=draw, dtype=torch.float64)
    field = MarginalField(x0, torch.ones(40), Gaussian(), PATHS["affine"]())
    x1 = field.prior.sample(10, 16, draw)
    found = trajectories(field, x1, torch.linspace(0.0, 1.0, 33).double(), 1e-5)
    shares = variance_shares(found.x)
    assert float(shares.sum()) == pytest.approx(1.0)
    assert float(shares[:2].sum()) > 0.99
