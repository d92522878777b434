"""Uniform priors and families affine in x₁: trajectories by boundary crossings (MATH §3.11)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from flowviz.core.field import MarginalField
from flowviz.core.numerics.bernstein import cubic, first_below, later, product
from flowviz.core.paths import PATHS, Affine
from flowviz.core.priors import Uniform
from flowviz.core.priors.two_dimensional import Disk
from flowviz.core.transport import trajectories
from flowviz.core.transport.crossings import MAX_POINTS, solved_by_crossings
from flowviz.core.transport.polygons import polygons

PRIORS = [Uniform(-1.0, 1.5), Disk(1.5)]
CLOSED = [
    *("parabola", "wave", "swirl", "per_axis", "detour"),
    pytest.param("mu, sigma", id="typed"),
]
every_prior = pytest.mark.parametrize("prior", PRIORS, ids=["box", "disk"])
every_family = pytest.mark.parametrize("family", CLOSED)
numbers = st.floats(-10.0, 10.0).map(lambda v: round(v, 6))


def draws(q: int, d: int = 2, seed: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(q, d, generator=generator, dtype=torch.float64)


def flow(prior, family: str, n: int = 7) -> MarginalField:
    typed = family == "mu, sigma"
    path = PATHS["formula"](mu="(1-t)^2*x0", sigma="t^2") if typed else PATHS[family]()
    weights = torch.arange(1.0, n + 1.0, dtype=torch.float64)
    return MarginalField(draws(n), weights, prior, path)


def starts(prior, q: int) -> torch.Tensor:
    return prior.sample(q, 2, torch.Generator().manual_seed(1))


@every_prior
def test_straight_lines_are_the_polygons(prior) -> None:
    field = flow(prior, "parabola", 16)
    line = MarginalField(field.x0, field.weights, prior, Affine(mu=lambda x0, t: (1 - t) * x0))
    x1, times = starts(prior, 150), torch.tensor([0.9, 0.5, 0.2, 0.01]).double()
    assert solved_by_crossings(line)
    found = trajectories(line, x1, times)
    polygon = polygons(line.x0, line.weights, prior, x1, times)
    assert torch.equal(found.basin, polygon.basin)
    assert torch.allclose(found.x, polygon.x, rtol=0, atol=1e-9)


@every_prior
@every_family
def test_they_follow_the_field_and_stay_where_there_is_density(prior, family) -> None:
    field, step = flow(prior, family), 1e-6
    x1, middle = starts(prior, 100), torch.linspace(0.05, 0.95, 10).double()
    found = trajectories(field, x1, torch.cat([middle - step, middle, middle + step]), 1e-7)
    before, x, after = found.x.unflatten(1, (3, -1)).unbind(1)
    t = middle.repeat(100)
    assert (field.log_prob(x.flatten(0, 1), t) > -math.inf).all()
    velocity = field(x.flatten(0, 1), t).view_as(x)
    gap = ((after - before) / (2.0 * step) - velocity).norm(dim=-1)
    # Between two rims the velocity is smooth; few of a thousand moments are beside a rim.
    assert (gap > 1e-5 * (1.0 + velocity.norm(dim=-1))).sum() <= 2
    assert (found.error < 1e-6).all()
    assert found.unfinished == 0


@every_prior
@every_family
def test_a_coarser_table_moves_positions_by_less_than_the_bound(prior, family) -> None:
    field, x1, times = flow(prior, family), starts(prior, 60), torch.linspace(0, 1, 25).double()
    fine, coarse = (trajectories(field, x1, times, tol) for tol in (1e-7, 1e-4))
    assert torch.equal(fine.basin, coarse.basin)
    assert ((fine.x - coarse.x).norm(dim=-1) <= coarse.error + fine.error).all()
    assert torch.equal(fine.x[:, 0], field.x0[fine.basin])
    assert torch.equal(fine.x[:, -1], x1)


@every_prior
@every_family
def test_each_basin_has_the_mass_of_its_weight(prior, family) -> None:
    field = flow(prior, family, 4)
    ends = trajectories(field, starts(prior, 1200), torch.zeros(1).double(), 1e-5).basin
    share = torch.bincount(ends, minlength=4) / 1200.0
    noise = (field.weights * (1.0 - field.weights) / 1200.0).sqrt()
    assert ((share - field.weights).abs() <= 4.0 * noise).all()


GRID = torch.cartesian_prod(*[torch.linspace(-1.0, 1.0, 4).double()] * 2)
HARD = {
    "one point": draws(1),
    "equal points": draws(1).repeat(3, 1),
    "a symmetric grid": GRID,
    "collinear": torch.linspace(-1.0, 1.0, 9).double()[:, None] * torch.tensor([1.0, 0.5]).double(),
    "far away": 1e6 + draws(5),
    "far apart": 1e6 * draws(5),
    "close": 1e-6 * draws(5),
    "pairs": draws(4).repeat(2, 1) + torch.tensor([0.0] * 4 + [1e-9] * 4).double()[:, None],
}


@every_prior
@pytest.mark.parametrize("family", ["parabola", "per_axis"])
@pytest.mark.parametrize("data", HARD)
def test_hard_data_are_followed_to_the_end(prior, family, data) -> None:
    x0, x1 = HARD[data], starts(prior, 40)
    x1[0], x1[1] = 0.0, 0.5  # on lines of symmetry
    field = MarginalField(x0, torch.ones(len(x0)).double(), prior, PATHS[family]())
    found = trajectories(field, x1, torch.tensor([0.0, 1e-3, 0.3, 0.9]).double(), 1e-5)
    assert found.unfinished == 0
    assert found.x.isfinite().all()
    assert torch.equal(found.x[:, 0], x0[found.basin])


def test_more_data_than_that_are_stepped_across() -> None:
    assert solved_by_crossings(flow(PRIORS[0], "swirl", MAX_POINTS))
    assert not solved_by_crossings(flow(PRIORS[0], "swirl", MAX_POINTS + 1))


# ---------------------------------------------------------------------- polynomials


def values(control: list[float], at: float | np.ndarray) -> np.ndarray:
    m, at = len(control) - 1, np.asarray(at)
    terms = [b * math.comb(m, k) * at**k * (1 - at) ** (m - k) for k, b in enumerate(control)]
    return np.sum(terms, axis=0)


def exact(numbers: float | list[float]) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64)


@given(st.lists(numbers, min_size=4, max_size=4), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_subdivided_curve_is_the_same(control, part, at) -> None:
    rest = later(exact(control), exact(part)).tolist()
    assert values(rest, at) == pytest.approx(values(control, part + (1 - part) * at), abs=1e-12)


@given(*[st.lists(numbers, min_size=4, max_size=4)] * 2, st.floats(0.0, 1.0))
def test_a_product_is_the_product_of_values(a, b, at) -> None:
    both = product(exact(a), exact(b)).tolist()
    assert values(both, at) == pytest.approx(values(a, at) * values(b, at), abs=1e-10)


def test_a_cubic_is_met_by_its_values_and_slopes() -> None:
    x = torch.tensor([0.5, 2.0]).double()
    y, slope = x**3 - x, 3 * x**2 - 1
    control = cubic(y[:1], y[1:], (slope[:1], slope[1:]), x.diff())[:, 0].tolist()
    assert values(control, 0.3) == pytest.approx(0.95**3 - 0.95, abs=1e-14)


@given(st.lists(numbers, min_size=4, max_size=7))
def test_the_first_fall_is_the_first_root(control) -> None:
    found = float(first_below(exact(control)[:, None], torch.zeros(1).double()))
    grid = np.linspace(0.0, 1.0, 2001)
    low = np.nonzero(values(control, grid) < -1e-9)[0]
    if len(low) == 0:  # a grid may miss a shallow dip
        assert found == math.inf or abs(values(control, found)) < 1e-4
        return
    assert found <= grid[low[0]] + 1e-12
    assert values(control, found) < 1e-9
    if found > 1e-9:
        before = np.linspace(0.0, found * (1.0 - 1e-9), 500)
        assert (values(control, before) > -1e-9).all()
