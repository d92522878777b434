"""Gravity: the isotropic Student t of the plane, and the flow of masses in space and time."""

from __future__ import annotations

import math

import pytest
import scipy.stats
import torch
from scipy.optimize import root_scalar

from flowviz.core.field import MarginalField
from flowviz.core.paths import Affine
from flowviz.core.priors import StudentT, StudentT2D


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
