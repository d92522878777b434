"""Distances between samples, against other methods."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from scipy.optimize import linear_sum_assignment
from scipy.stats import energy_distance as scipy_energy

from flowviz.core.distances import compare, energy_distance, exact_draws, nearest, wasserstein
from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import Gaussian, Uniform


def cloud(n: int, d: int, seed: int) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def shares(n: int, seed: int) -> torch.Tensor:
    return torch.rand(n, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + 0.1


def test_energy_distance_on_the_line_is_scipys():
    a, b = cloud(40, 1, 0), cloud(60, 1, 1) + 0.5
    p, q = shares(40, 2), shares(60, 3)
    expected = scipy_energy(a[:, 0], b[:, 0], p, q)
    assert energy_distance(a, b, p, q) == pytest.approx(expected, rel=1e-9)


def test_energy_distance_in_the_plane_is_its_definition():
    a, b = cloud(9, 2, 0), cloud(7, 2, 1)

    def mean(u, v):
        gaps = [math.dist(x, y) for x, y in itertools.product(u.tolist(), v.tolist())]
        return sum(gaps) / len(gaps)

    square = 2.0 * mean(a, b) - mean(a, a) - mean(b, b)
    assert energy_distance(a, b) == pytest.approx(square**0.5, rel=1e-12)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_w2_is_the_best_assignment(d):
    a, b = cloud(60, d, 0), 1.5 * cloud(60, d, 1) + 0.3
    cost = torch.cdist(a, b).square().numpy()
    best = cost[linear_sum_assignment(cost)].mean()
    assert wasserstein(a, b) == pytest.approx(best**0.5, rel=1e-9)


def test_weighted_w2_is_that_of_repeated_points():
    """Weights 2, 1, 3 are points that stand there twice, once and three times."""
    for d in (1, 2):
        a, b = cloud(3, d, 0), cloud(4, d, 1)
        counts = torch.tensor([2, 1, 3]), torch.tensor([1, 1, 2, 2])
        many = [x.repeat_interleave(c, 0) for x, c in zip((a, b), counts, strict=True)]
        expected = wasserstein(*many)
        found = wasserstein(a, b, *(c.double() for c in counts))
        assert found == pytest.approx(expected, rel=1e-7)


def test_the_line_and_the_plan_agree():
    """The same sets on a line through the plane."""
    a, b = cloud(50, 1, 0), cloud(70, 1, 1) - 1.0
    p, q = shares(50, 2), shares(70, 3)
    direction = torch.tensor([[0.6, 0.8]], dtype=torch.float64)
    assert wasserstein(a @ direction, b @ direction, p, q) == pytest.approx(
        wasserstein(a, b, p, q), rel=1e-9
    )


@pytest.mark.parametrize("measure", [wasserstein, energy_distance])
@pytest.mark.parametrize("d", [1, 2])
def test_a_distance_is_zero_to_oneself_symmetric_and_sees_a_shift(measure, d):
    a, b = cloud(30, d, 0), cloud(20, d, 1)
    assert measure(a, a.flip(0)) == pytest.approx(0.0, abs=1e-6)
    assert measure(a, b) == pytest.approx(measure(b, a), rel=1e-9)
    assert measure(a, a + 2.0) > 1.0
    if measure is wasserstein:
        assert measure(a, a + 2.0) == pytest.approx(2.0 * d**0.5, rel=1e-9)


def test_nearest_points():
    points = torch.tensor([[0.0, 0.0], [3.0, 4.0]], dtype=torch.float64)
    x = torch.tensor([[0.0, 1.0], [3.0, 2.0], [3.0, 4.0]], dtype=torch.float64)
    assert nearest(x, points).tolist() == pytest.approx([1.0, 2.0, 0.0])
    assert nearest(x[:0], points).numel() == 0


def field(d: int) -> MarginalField:
    x0 = 3.0 * cloud(4, d, 5)
    weights = torch.tensor([4.0, 1.0, 1.0, 2.0], dtype=torch.float64)
    return MarginalField(x0, weights, Gaussian(), PATHS["affine"]())


@pytest.mark.parametrize("d", [1, 2])
def test_true_samples_are_within_the_noise_and_false_ones_are_not(d):
    draw = exact_draws(field(d), 0.1)
    true = compare(draw(300, 99), draw)
    false = compare(draw(300, 99) + 0.5, draw)
    for name in ("energy", "w2"):
        good, bad = getattr(true, name), getattr(false, name)
        assert abs(good.value - good.noise) < 4.0 * good.deviation
        assert bad.value > good.value
    assert false.energy.value > false.energy.noise + 4.0 * false.energy.deviation


def test_exact_draws_have_the_flows_law():
    flow = field(1)
    at_data = exact_draws(flow, 0.0)(4000, 1)
    shares = [(at_data == x).all(1).double().mean().item() for x in flow.x0]
    assert shares == pytest.approx(flow.weights.tolist(), abs=0.03)
    later = exact_draws(flow, 0.4)(4000, 2)
    u = flow.cdf(later, 0.4).sort().values
    gap = (u - torch.linspace(0, 1, 4000, dtype=torch.float64)).abs().max()
    assert gap < 1.95 / 4000**0.5  # Kolmogorov's bound at a thousandth
    assert torch.equal(exact_draws(flow, 0.4)(10, 2), exact_draws(flow, 0.4)(10, 2))


def test_bad_sets_are_refused():
    a = cloud(5, 2, 0)
    bad = a.clone()
    bad[2, 1] = math.nan
    for measure in (wasserstein, energy_distance):
        with pytest.raises(ValueError, match="finite"):
            measure(bad, a)
        with pytest.raises(ValueError, match=r"got \(0, 2\)"):
            measure(a[:0], a)
        with pytest.raises(ValueError, match="got 2 and 1"):
            measure(a, cloud(5, 1, 0))
        with pytest.raises(ValueError, match="weights must"):
            measure(a, a, -shares(5, 0))
    with pytest.raises(ValueError, match="runs must be at least 2, got 1"):
        compare(a, exact_draws(field(2), 0.0), runs=1)


def test_an_edge_is_no_obstacle():
    flow = MarginalField(cloud(4, 2, 1), torch.ones(4), Uniform(-1.0, 1.0), PATHS["affine"]())
    drawn = exact_draws(flow, 0.3)(200, 0)
    assert int((flow.log_prob(drawn, 0.3) == -math.inf).sum()) <= 1
