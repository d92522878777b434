"""Likelihood by integration to the prior, against the exact density."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.likelihood import log_prob, log_times, rk4, with_divergence
from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS, Gaussian, Uniform
from flowviz.core.schedules import SCHEDULES

SMOOTH = [name for name in PRIORS if PRIORS[name]().smooth]


def flow(d: int, law: str = "gaussian", **path) -> MarginalField:
    generator = torch.Generator().manual_seed(d)
    x0 = 2.0 * torch.randn(5, d, generator=generator, dtype=torch.float64)
    weights = torch.rand(5, generator=generator, dtype=torch.float64) + 0.1
    return MarginalField(x0, weights, PRIORS[law](), PATHS[path.pop("name", "affine")](**path))


def drawn(field: MarginalField, t: float, n: int = 20) -> torch.Tensor:
    generator = torch.Generator().manual_seed(3)
    x1 = field.prior.sample(n, field.d, generator)
    which = torch.multinomial(field.weights, n, replacement=True, generator=generator)
    time = torch.full((n,), t, dtype=torch.float64)
    return field.path.forward(x1, field.x0[which][:, None], time)[:, 0]


@pytest.mark.parametrize(("law", "d"), [*((law, 1) for law in SMOOTH), ("gaussian", 3)])
def test_the_exact_field_gives_the_exact_log_density_back(law, d):
    field = flow(d, law)
    x = drawn(field, 0.2)
    found = log_prob(field, field.prior, x, log_times(0.2, 60))
    assert (found.log_p - field.log_prob(x, 0.2)).abs().max() < 1e-4


@pytest.mark.parametrize("path", ["parabola", "swirl", "per_axis", "detour"])
def test_any_family_in_the_plane(path):
    field = flow(2, name=path)
    x = drawn(field, 0.4)
    found = log_prob(field, field.prior, x, log_times(0.4, 50))
    assert (found.log_p - field.log_prob(x, 0.4)).abs().max() < 1e-4


@pytest.mark.parametrize("timing", SCHEDULES)
def test_any_schedule(timing):
    field = flow(1, schedule=SCHEDULES[timing]())
    x = drawn(field, 0.4)
    found = log_prob(field, field.prior, x, log_times(0.4, 40))
    assert (found.log_p - field.log_prob(x, 0.4)).abs().max() < 1e-4


def test_the_error_falls_with_the_fourth_order():
    field = flow(2)
    x = drawn(field, 0.2)
    errors = [
        (log_prob(field, field.prior, x, log_times(0.2, n)).log_p - field.log_prob(x, 0.2)).abs()
        for n in (40, 80)
    ]
    order = math.log2(float(errors[0].median() / errors[1].median()))
    assert 3.5 < order < 4.6


def test_a_given_integrator_and_divergence_are_used_and_evaluations_counted():
    """v = a x: the density of a Gaussian that is scaled, and Euler's own factor (1 + ha)ⁿ."""
    a, n = 0.7, 10

    def euler(slope, y, times):
        for t, later in pairwise(times):
            y = y + (later - t) * slope(y, t)
        return y

    x = torch.tensor([[0.3, -1.0]], dtype=torch.float64)
    times = torch.linspace(0.5, 1.0, n + 1, dtype=torch.float64)
    found = log_prob(
        lambda y, t: a * y, Gaussian(), x, times, euler, lambda y, t: y.new_full((len(y),), 2 * a)
    )
    factor = (1.0 + 0.5 / n * a) ** n
    assert torch.allclose(found.x1, factor * x)
    assert found.divergence_integral.item() == pytest.approx(2 * a * 0.5)
    assert found.log_p.item() == pytest.approx(Gaussian().log_prob(factor * x).item() + 2 * a * 0.5)
    assert found.nfe == n
    assert log_prob(lambda y, t: a * y, Gaussian(), x, times).nfe == 4 * n


def test_the_divergence_is_the_trace_of_the_jacobian():
    matrix = torch.tensor([[1.0, 2.0, 0.5], [0.3, -4.0, 1.0], [5.0, 6.0, 0.25]]).double()
    x = torch.randn(7, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    value, spread = with_divergence(lambda y, t: torch.sin(y @ matrix.T), x, torch.tensor(0.5))
    true = (torch.cos(x @ matrix.T) * matrix.diagonal()).sum(1)
    assert torch.allclose(value, torch.sin(x @ matrix.T))
    assert torch.allclose(spread, true, atol=1e-13)


def test_a_position_outside_the_flow_has_no_likelihood():
    x0 = torch.tensor([[0.5]], dtype=torch.float64)
    field = MarginalField(x0, torch.ones(1), Uniform(0.0, 1.0), PATHS["affine"]())
    x = torch.tensor([[0.5], [7.0]], dtype=torch.float64)
    found = log_prob(field, field.prior, x, log_times(0.5, 20))
    assert found.log_p[0].item() == pytest.approx(math.log(2.0), abs=1e-6)
    assert math.isnan(found.log_p[1].item())


@pytest.mark.parametrize("times", [[1.0, 0.5], [0.0, 1.0], [0.5, 0.9], [1.0], [0.2, 0.2, 1.0]])
def test_times_that_do_not_rise_to_one_are_refused(times):
    with pytest.raises(ValueError, match="times must increase"):
        log_prob(
            lambda x, t: x, Gaussian(), torch.zeros(1, 1).double(), torch.tensor(times).double()
        )


def test_rk4_integrates_cubics_exactly_and_log_times_end_at_one():
    y = rk4(lambda y, t: 4.0 * t**3 + 0.0 * y, torch.zeros(1, 1).double(), log_times(0.25, 7))
    assert y.item() == pytest.approx(1.0 - 0.25**4, rel=1e-14)
    assert log_times(1e-3, 9)[-1] == 1.0
    with pytest.raises(ValueError, match="got 0"):
        log_times(0.0, 3)
