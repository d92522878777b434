"""Trajectories that start on, or a rounding error beside, the border of two basins."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import trajectories

X0 = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
WEIGHTS = torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)
TIMES = torch.linspace(0.0, 1.0, 101, dtype=torch.float64) ** 2


def field(prior: str, **parameters: float) -> MarginalField:
    straight = PATHS["affine"](schedule=SCHEDULES["linear"]())
    return MarginalField(X0, WEIGHTS, PRIORS[prior](**parameters), straight)


def test_on_the_border_of_a_compact_prior_a_trajectory_keeps_to_the_edge_of_its_basin():
    """x₁ = 1 halves the uniform law on [0, 2] as 0.5 halves the data: below it nothing is lost."""
    x = trajectories(field("uniform"), torch.ones(1, 1, dtype=torch.float64), TIMES).x[0, :, 0]
    edge = (1.0 - TIMES) * 0.5 + TIMES * 2.0  # the highest position that 0.5 alone reaches
    in_the_gap = edge < (1.0 - TIMES) * 1.2  # the lowest that 1.2 reaches
    assert in_the_gap.sum() > 40
    torch.testing.assert_close(x[in_the_gap], edge[in_the_gap], rtol=0, atol=1e-12)


@pytest.mark.parametrize("prior", ["gaussian", "logistic", "laplace", "student_t"])
@pytest.mark.parametrize("offset", [0.0, 1e-15, -1e-15, 1e-9, -1e-9])
def test_beside_a_border_a_trajectory_does_not_wander(prior: str, offset: float):
    """It turns from its data point to the border once: rounding would step back and forth."""
    flow = field(prior, loc=1.0, scale=0.5)
    start = torch.full((1, 1), 1.0 + offset, dtype=torch.float64)
    x = trajectories(flow, start, TIMES).x[0, :, 0]
    steps = x[TIMES < 0.15].diff().sign()
    assert (steps.diff() != 0).sum() <= 1


@pytest.mark.parametrize("offset", [1e-9, -1e-9, 1e-7])
def test_beside_a_border_agrees_with_forty_digits(offset: float):
    start = torch.full((1, 1), 1.0 + offset, dtype=torch.float64)
    times = torch.tensor([0.3, 0.1, 0.03, 0.01, 0.001], dtype=torch.float64)
    x = trajectories(field("gaussian", loc=1.0, scale=0.5), start, times).x[0, :, 0]
    with mp.workdps(60):
        level = mp.ncdf((mp.mpf(start.item()) - 1) / mp.mpf("0.5"))

        def excess(y: Any, t: Any) -> Any:
            """F_t(y) - F₁(x₁) without cancellation: tails only."""
            terms = ((y - (1 - t) * mp.mpf(a.item())) / t for a in X0[:, 0])
            return (
                sum(
                    w / 4 * mp.ncdf((z - 1) / mp.mpf("0.5"))
                    for w, z in zip((2, 1, 1), terms, strict=True)
                )
                - level
            )

        for t, got in zip(times.tolist(), x.tolist(), strict=True):
            low, high = mp.mpf("0.4"), mp.mpf("1.4")
            for _ in range(200):
                middle = (low + high) / 2
                low, high = (middle, high) if excess(middle, mp.mpf(t)) < 0 else (low, middle)
            assert abs(got - low) < 1e-8, (t, got, low)
