"""The treecode against the sum over all pairs: every prior, near and far, dense and clustered."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from flowviz.core.field import treecode
from flowviz.core.field.posterior_mean import PosteriorMean
from flowviz.core.field.treecode import PROXIES, Treecode
from flowviz.core.priors import PRIORS, GaussianMixture, Laplace, Prior, StudentT

LINE = [name for name in PRIORS if PRIORS[name].product]
every_prior = pytest.mark.parametrize("law", LINE)
ODD: list[Prior] = [
    StudentT(df=1.0),
    StudentT(df=50.0, scale=0.3),
    Laplace(loc=1.0, scale=0.05),
    GaussianMixture((-1.0, 0.0, 2.0), (0.02, 1.0, 0.3), (0.1, 0.8, 0.1)),
]


def points(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Half of them spread out, half in two tight clusters; weights over six decades."""
    generator = torch.Generator().manual_seed(seed)
    u, v = torch.rand(2, n, generator=generator, dtype=torch.float64)
    x0 = torch.where(v < 0.5, 2.0 * u, torch.where(v < 0.75, 0.3 + 1e-6 * u, 1.4 + 1e-3 * u))
    weights = 10.0 ** (6.0 * torch.rand(n, generator=generator, dtype=torch.float64))
    return x0, weights / weights.sum()


def plain(x0: Tensor, weights: Tensor, prior: Prior, x: Tensor, t: Tensor) -> tuple[Tensor, ...]:
    """log Σ w p₁ and D by all pairs, straight lines, from the logarithms."""
    free = (x[..., None] - (1 - t)[:, None, None] * x0) / t[:, None, None]
    terms = prior.log_pdf(free) + weights.log()
    log_p = terms.logsumexp(-1)
    return log_p, ((terms - log_p[..., None]).exp() * x0).sum(-1)


def agree(prior: Prior, n: int, x: Tensor, t: Tensor) -> None:
    x0, weights = points(n)
    log_p, mean = Treecode(x0, weights, prior)(x, 1 - t, t)
    true_log_p, true_mean = plain(x0, weights, prior, x, t)
    assert torch.equal(log_p == -torch.inf, true_log_p == -torch.inf)
    assert torch.equal(mean.isnan(), true_log_p == -torch.inf)
    some = torch.isfinite(true_log_p)
    # What a step of the last digit of x does to a sum of exponentials, or at an infinite end.
    digits = 4e-16 * (1 + x.abs() + x0.abs().max()) / t[:, None]
    slack = 1e-12 * (1 + true_log_p.abs()) + 40 * digits * (1 + true_log_p.abs().sqrt())
    if type(prior).__name__ == "Arcsine":
        slack = slack + _singular(prior, x0, x, t)
    assert ((log_p - true_log_p).abs()[some] <= slack[some]).all()
    spread = 2.0 + 0 * slack
    assert ((mean - true_mean).abs()[some] <= 1e-14 + (slack * spread)[some]).all()


def _singular(prior: Any, x0: Tensor, x: Tensor, t: Tensor) -> Tensor:
    """At an end where the density is infinite, ε in z is ε over the distance in log p."""
    free = (x[..., None] - (1 - t)[:, None, None] * x0) / t[:, None, None]
    gap = torch.minimum((free - prior.low).abs(), (free - prior.high).abs()).amin(-1)
    return 1e-15 * (1 + x.abs()) / t[:, None] / gap


@every_prior
def test_the_treecode_equals_the_sum_over_all_pairs(law: str) -> None:
    t = torch.tensor([1e-4, 2e-3, 0.03, 0.2, 0.6, 1.0], dtype=torch.float64)
    agree(PRIORS[law](), 900, torch.linspace(-1.03, 3.01, 117).double().expand(6, -1), t)


@pytest.mark.parametrize("prior", ODD, ids=repr)
def test_the_parameters_of_a_prior_change_nothing(prior: Prior) -> None:
    t = torch.tensor([5e-3, 0.07, 0.4, 0.9], dtype=torch.float64)
    agree(prior, 400, torch.linspace(-4.0, 5.0, 131).double().expand(4, -1), t)


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("prior", [*(PRIORS[law]() for law in LINE), *ODD], ids=repr)
def test_tails_sum_as_all_pairs_do(prior: Prior, upper: bool) -> None:
    x0, weights = points(900)
    t = torch.tensor([2e-3, 0.03, 0.2, 0.6, 1.0], dtype=torch.float64).repeat_interleave(60)
    x = torch.linspace(-1.5, 3.5, 60, dtype=torch.float64).repeat(5)
    mass, density = Treecode(x0, weights, prior).tails(x, 1 - t, t, upper)
    free = (x[:, None] - (1 - t)[:, None] * x0) / t[:, None]
    true = (prior.sf if upper else prior.cdf)(free) @ weights
    slope = prior.pdf(free) @ weights
    away = 4e-16 * 4.0 / t * (1.0 + slope / true.clamp(min=1e-300))
    assert torch.equal(mass == 0, true == 0)
    held = true > 0
    assert ((mass / true - 1).abs()[held] <= (1e-12 + 40 * away)[held]).all()
    steep = held & (slope > 1e-9 * true)  # where a root can be, the slope is the density
    loose = 1e-3 if type(prior).__name__ == "Arcsine" else 1e-9
    assert torch.allclose(density[steep], slope[steep], rtol=loose)


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 300),
    law=st.sampled_from(LINE),
    t=st.floats(1e-3, 1.0),
    start=st.floats(-30, 30),
    width=st.floats(0, 50),
)
def test_the_treecode_is_right_for_any_number_of_points_and_position(n, law, t, start, width):
    x = torch.linspace(start, start + width, 19, dtype=torch.float64)[None]
    agree(PRIORS[law](), n, x, torch.tensor([t], dtype=torch.float64))


@every_prior
def test_stand_ins_are_used_and_are_not_all_that_is_used(law: str, monkeypatch) -> None:
    """The tree must save most of the pairs, or this module would be for nothing."""
    x0, weights = points(2000)
    looked = 0
    free = treecode._endpoints

    def counting(*args: Tensor) -> Tensor:
        nonlocal looked
        ends = free(*args)
        looked += ends.numel()
        return ends

    monkeypatch.setattr(treecode, "_endpoints", counting)
    t = torch.linspace(0.05, 1.0, 20, dtype=torch.float64)
    x = torch.linspace(-1.0, 3.0, 200, dtype=torch.float64).expand(20, -1)
    Treecode(x0, weights, PRIORS[law]())(x, 1 - t, t)
    assert 0 < looked < 0.25 * 2000 * x.numel()


@pytest.mark.parametrize("law", LINE)
def test_the_density_is_a_polynomial_on_its_smooth_width(law: str) -> None:
    """``Prior.smooth_width`` against interpolation itself, all over the law."""
    prior = PRIORS[law]()
    node = treecode._chebyshev(torch.zeros((), dtype=torch.float64))
    inner = torch.linspace(-1.0, 1.0, 77, dtype=torch.float64)[None]
    basis = treecode._lagrange(inner, node[None], node)[0]
    low, high = prior.interval(1e-5)
    for start in torch.linspace(low, high, 41, dtype=torch.float64)[1:-1]:
        width = float(prior.smooth_width(start, start))
        for _ in range(60):  # the grain of the stretch itself, not of its first place alone
            width = min(width, 3.0)
            if width <= float(prior.smooth_width(start, start + width)):
                break
            width *= 0.9
        else:
            continue
        place = start + 0.5 * width * (1.0 + inner[0])
        true = prior.pdf(place)
        found = basis @ prior.pdf(start + 0.5 * width * (1.0 + node))
        assert torch.allclose(found, true, rtol=3e-13, atol=0), (start, width)
        assert float(true.max() / true.min()) <= math.exp(5.2)


@every_prior
def test_the_bounds_hold_what_they_bound(law: str) -> None:
    prior = PRIORS[law]()
    generator = torch.Generator().manual_seed(3)
    low = 8.0 * torch.rand(300, generator=generator, dtype=torch.float64) - 4.0
    high = low + 3.0 * torch.rand(300, generator=generator, dtype=torch.float64)
    least, most = prior.log_pdf_bounds(low, high)
    part = torch.linspace(0.0, 1.0, 50, dtype=torch.float64)
    inside = prior.log_pdf(low[:, None] + (high - low)[:, None] * part)
    assert (inside >= least[:, None] - 1e-12).all()
    assert (inside <= most[:, None] + 1e-12).all()
    nothing = (inside == -torch.inf).all(1) & ((high < prior.support[0]) | (low > prior.support[1]))
    assert (most[nothing] == -torch.inf).all()


def test_few_points_need_no_tree() -> None:
    x0, weights = points(PROXIES)
    assert PosteriorMean(x0[:, None], weights, PRIORS["gaussian"]()).treecode is None
    x0, weights = points(PROXIES + 1)
    assert PosteriorMean(x0[:, None], weights, PRIORS["gaussian"]()).treecode is not None
    plane = torch.rand(500, 2, dtype=torch.float64)
    assert PosteriorMean(plane, torch.ones(500).double(), PRIORS["gaussian"]()).treecode is None


def test_points_that_all_coincide() -> None:
    x0 = torch.full((100,), 0.7, dtype=torch.float64)
    weights = torch.full((100,), 0.01, dtype=torch.float64)
    x, t = torch.linspace(-2, 3, 40).double()[None], torch.tensor([0.25]).double()
    log_p, mean = Treecode(x0, weights, PRIORS["gaussian"]())(x, 1 - t, t)
    assert torch.allclose(log_p, PRIORS["gaussian"]().log_pdf((x - 0.75 * 0.7) / 0.25), rtol=1e-12)
    assert torch.allclose(mean, torch.full_like(mean, 0.7), rtol=1e-14)
