"""Trajectories of a learned field: with the exact field they are the exact flow."""

from __future__ import annotations

import math

import pytest
import torch

from flowviz.core.distances import exact_draws, nearest
from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import Gaussian, Uniform
from flowviz.core.training.evaluation import Evaluation
from flowviz.core.training.learned_flow import (
    difference,
    generate,
    learned_trajectories,
    likelihood,
)
from flowviz.core.training.network import VelocityNet
from flowviz.core.training.progress import drain
from flowviz.core.transport import trajectories


def flow(d: int = 2, path: str = "affine") -> MarginalField:
    x0 = torch.tensor([[1.0, 0.5], [-1.2, 0.3], [0.2, -1.4]], dtype=torch.float64)[:, :d]
    return MarginalField(x0, torch.tensor([2.0, 1.0, 1.0]), Gaussian(), PATHS[path]())


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("path", ["affine", "parabola"])
def test_following_the_exact_field_gives_the_exact_trajectories(path, d):
    field = flow(d, path)
    x1 = field.prior.sample(12, d, torch.Generator().manual_seed(2))
    times = torch.tensor([1.0, 0.03, 0.5, 0.21, 1e-2], dtype=torch.float64)
    exact = trajectories(field, x1, times)
    found = learned_trajectories(field, x1, times, t_min=1e-2)
    assert found.shape == (12, 5, d)
    # A trajectory that starts next to a separatrix magnifies every error.
    assert float((found - exact.x).abs().amax((1, 2)).median()) < 1e-5
    assert torch.equal(found[:, 0], x1)


def test_samples_of_the_exact_field_are_its_data_points():
    field = flow()
    x1 = field.prior.sample(200, 2, torch.Generator().manual_seed(2))
    ends = generate(field, x1)
    reached = trajectories(field, x1, torch.zeros(1, dtype=torch.float64)).basin
    far = (ends - field.x0[reached]).norm(dim=1)
    assert float((far < 1e-6).double().mean()) > 0.98
    assert float(nearest(ends, field.x0).median()) < 1e-6


def test_it_goes_on_straight_before_the_earliest_time():
    velocity = lambda x, t: torch.ones_like(x) * 2.0  # noqa: E731
    x1 = torch.tensor([[1.0], [5.0]], dtype=torch.float64)
    found = learned_trajectories(velocity, x1, torch.tensor([0.0, 0.05, 0.5]), t_min=0.1, steps=3)
    expected = x1[:, None] - 2.0 * (1.0 - torch.tensor([0.0, 0.05, 0.5]).double()[:, None])
    assert torch.allclose(found, expected, atol=1e-7)


@pytest.mark.parametrize("d", [1, 2])
def test_the_difference_of_a_field_from_itself_is_nothing(d):
    field = flow(d)
    axes = (torch.linspace(-2, 2, 9, dtype=torch.float64),) * d
    t = torch.tensor([0.2, 0.9], dtype=torch.float64)
    same = drain(difference(field, field, axes, t))
    assert same.gap.shape == (2, *(9,) * d)
    assert float(same.gap.max()) < 1e-10
    off = drain(difference(lambda x, s: field(x, s) + 0.5, field, axes, t))
    assert torch.allclose(off.gap, torch.full_like(off.gap, 0.5 * d**0.5))


def test_where_there_is_no_flow_there_is_no_difference():
    x0 = torch.tensor([[0.5], [1.5]], dtype=torch.float64)
    field = MarginalField(x0, torch.ones(2), Uniform(0.0, 2.0), PATHS["affine"]())
    axis = torch.linspace(-1.0, 3.0, 41, dtype=torch.float64)
    found = drain(difference(VelocityNet(field), field, (axis,), torch.tensor([0.3]).double()))
    assert torch.equal(found.gap.isnan(), found.log_p == -math.inf)
    assert bool(found.gap.isnan().any())
    assert bool(torch.isfinite(found.learned).all())


def test_the_likelihood_of_the_exact_field_is_exact():
    field = flow()
    x = exact_draws(field, 0.3)(20, 1)
    found = likelihood(field, field, x, 0.3, steps=40)
    assert (found.log_p - field.log_prob(x, 0.3)).abs().max() < 1e-4


def test_a_networks_likelihood_is_that_of_what_it_generates():
    """On the line, from the positions of neighbours: p(x) dx is carried along."""
    field = flow(d=1)
    net = VelocityNet(field).double()  # untrained: linear, but not the exact flow
    x1 = field.prior.icdf(torch.linspace(0.05, 0.95, 101, dtype=torch.float64))[:, None]
    x = learned_trajectories(net, x1, torch.tensor([0.3]), t_min=0.1)[:, 0]
    found = likelihood(net, field, x, 0.3, steps=40).log_p
    step = torch.log((x1[2:] - x1[:-2]) / (x[2:] - x[:-2]))[:, 0]
    expected = field.prior.log_prob(x1)[1:-1] + step
    assert (found[1:-1] - expected).abs().max() < 3e-3


def test_the_judge_measures_what_is_added():
    field = flow()
    evaluation = Evaluation(field, 0.05, n=512)
    assert evaluation(field) == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)
    excess, relative, _ = evaluation(lambda x, t: field(x, t) + 0.3)
    assert excess == pytest.approx(2 * 0.09)
    assert relative == pytest.approx((0.18 / evaluation.size) ** 0.5)
    assert evaluation(lambda x, t: 0.0 * x)[1] == pytest.approx(1.0)


@pytest.mark.parametrize("t_min", [0.0, 1.0, -1.0, math.nan])
def test_an_impossible_earliest_time_is_refused(t_min):
    with pytest.raises(ValueError, match="t_min must lie between 0 and 1"):
        learned_trajectories(flow(), torch.zeros(1, 2).double(), torch.zeros(1), t_min)
