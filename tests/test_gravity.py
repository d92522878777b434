"""Gravity: the isotropic Student t of the plane, and the flow of masses in space and time."""

from __future__ import annotations

import math

import pytest
import scipy.stats
import torch
from scipy.optimize import root_scalar

from flowviz.core.field import MarginalField
from flowviz.core.paths import Affine
from flowviz.core.priors import StudentT, StudentT2D, Uniform
from flowviz.core.transport import launch, trajectories
from flowviz.core.transport.finite_start import finite_start
from flowviz.ui.session.axis_range import prior_ranges


def test_the_radius_of_an_isotropic_student_t_has_its_distribution() -> None:
    prior, n = StudentT2D(df=1.5, loc=0.7, scale=0.4), 4000
    radius = (prior.sample(n, 2, torch.Generator().manual_seed(3)) - 0.7).norm(dim=-1).sort().values
    level, steps = prior.radial_cdf(radius), torch.arange(n, dtype=torch.float64) / n
    # Kolmogorov: exceeded once in a thousand.
    assert torch.maximum((level - steps).abs(), (level - steps - 1 / n).abs()).max() < 1.95 / n**0.5
    for q in (1e-9, 0.2, 0.9, 1.0 - 1e-9):
        # |y|²/2 over df degrees of freedom has Fisher's distribution F(2, df).
        end = float(prior.radial_icdf(torch.tensor(q, dtype=torch.float64)))
        assert scipy.stats.f(2, 1.5).cdf((end / 0.4) ** 2 / 2) == pytest.approx(q, rel=1e-12)


def test_with_one_degree_of_freedom_the_flow_is_the_field_of_masses_in_space_and_time() -> None:
    """dx/dT along E = Σ w (x - x₀, T)/(|x - x₀|² + T²)^(3/2), through u = T/(1 + T)."""
    x0, weights = torch.randn(5, 2, dtype=torch.float64), torch.rand(5).double() + 0.2
    weights = weights / weights.sum()
    field = MarginalField(x0, weights, StudentT2D(df=1.0), Affine())
    far, time = 3.0 * torch.randn(40, 2, dtype=torch.float64), torch.linspace(0.05, 30.0, 40)
    time = time.double()
    gap = far[:, None] - x0
    pull = weights / (gap.square().sum(-1) + time[:, None].square()) ** 1.5
    slope = (pull[..., None] * gap).sum(1) / (pull.sum(1) * time)[:, None]
    # x = far/(1 + T) and u = T/(1 + T), so that dx/du = (1 + T) d(far)/dT - far.
    u = time / (1.0 + time)
    found = field(far / (1.0 + time)[:, None], u)
    torch.testing.assert_close(found, (1.0 + time)[:, None] * slope - far, rtol=1e-10, atol=1e-10)


def test_a_poisson_flow_begun_at_a_finite_time_has_other_shares() -> None:
    """From the field of one mass at the origin, at T = 40, on the article's points (MATH §7)."""
    x0 = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
    prior, u = StudentT(df=1.0), 40.0 / 41.0
    field = MarginalField(x0, torch.tensor([2.0, 1.0, 1.0]).double(), prior, Affine())
    ends = [
        root_scalar(lambda x, v=v: float(field.cdf([[x]], u)) - v, bracket=(-9.0, 9.0)).root
        for v in (0.5, 0.75)
    ]
    level = prior.cdf(torch.tensor([-math.inf, *(x / u for x in ends), math.inf]).double())
    assert level.diff().tolist() == pytest.approx([0.5078, 0.2461, 0.2462], abs=5e-5)


@pytest.mark.parametrize("distance", [1.0, 40.0])
def test_shares_of_a_finite_start_are_those_of_its_own_quantiles(distance: float) -> None:
    """On the line by roots: the levels of the exact flow at T under one mass at the origin."""
    x0 = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
    prior, u = StudentT(df=1.0), distance / (1.0 + distance)
    field = MarginalField(x0, torch.tensor([2.0, 1.0, 1.0]).double(), prior, Affine())
    ends = [
        root_scalar(lambda x, v=v: float(field.cdf([[x]], u)) - v, bracket=(-9.0, 9.0)).root
        for v in (0.5, 0.75)
    ]
    level = prior.cdf(torch.tensor([-math.inf, *(x / u for x in ends), math.inf]).double())
    x1 = launch(prior, 4000, "probability")
    found = finite_start(field, trajectories(field, x1, [u]))
    assert found.share[0].tolist() == pytest.approx(level.diff().tolist(), abs=2e-4)
    assert float(found.share[0].sum()) == pytest.approx(1.0, abs=1e-4)


def test_from_far_away_the_shares_are_the_weights_also_in_the_plane() -> None:
    x0 = torch.tensor([[3.0, 2.5], [1.0, 2.2], [2.3, 1.1]], dtype=torch.float64)
    weights = torch.tensor([2.0, 1.0, 1.0]).double()
    for df in (1.0, 5.0):
        field = MarginalField(x0, weights, StudentT2D(df=df), Affine())
        x1 = field.prior.sample(400, 2, torch.Generator().manual_seed(1))
        near, far = 20.0, 1e4
        times = torch.tensor([near / (1.0 + near), far / (1.0 + far)], dtype=torch.float64)
        found = finite_start(field, trajectories(field, x1, times, 1e-5))
        gap = (found.share - field.weights).abs()
        assert float(gap[1].max()) < 1e-3
        assert bool((gap[0] > 4.0 * found.error[0]).any())
        assert found.share.sum(1).tolist() == pytest.approx([1.0, 1.0], abs=0.2)


def test_a_finite_start_is_refused_where_it_is_none() -> None:
    field = MarginalField(torch.zeros(1, 1).double(), torch.ones(1).double(), Uniform(), Affine())
    with pytest.raises(ValueError, match="needs straight lines, no edges"):
        finite_start(field, trajectories(field, [[0.5]], [0.5]))
    field = MarginalField(torch.zeros(1, 1).double(), torch.ones(1).double(), StudentT(), Affine())
    with pytest.raises(ValueError, match=r"times must lie in \(0, 1\)"):
        finite_start(field, trajectories(field, [[0.5]], [1.0]))


def test_the_view_of_heavy_tails_is_as_near_as_on_the_line() -> None:
    """It was ±115 with one degree of freedom."""
    low, high = prior_ranges(StudentT2D(df=1.0), 2)[0]
    assert (low, high) == pytest.approx(prior_ranges(StudentT(df=1.0), 1)[0], rel=1e-9)
    assert high < 7.0
