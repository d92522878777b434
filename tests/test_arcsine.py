"""An arcsine prior in the plane, whose density is infinite at its edges: exactness.

Where all data share their second coordinate the first one flows as on the line, where no equation
is solved; elsewhere every prior position must reach its data point with the right probability.
"""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.field.posterior_mean import PosteriorMean
from flowviz.core.paths import PATHS, Affine, Path
from flowviz.core.priors import Arcsine
from flowviz.core.transport import basin_map, trajectories
from flowviz.core.transport.arcsine import AngleFormula, angle_events
from flowviz.core.transport.edge_images import (
    ElementwiseSupports,
    Translations,
    before_exchange,
    resolved,
)
from flowviz.core.transport.posterior_mean_ode import PosteriorMeanODE

PRIOR = Arcsine(-1.0, 1.5)
TIMES = torch.tensor([1.0, 0.9, 0.6, 0.3, 0.1, 0.01, 1e-3, 0.0], dtype=torch.float64)


def some(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x0 = torch.randn(n, 2, generator=generator, dtype=torch.float64)
    return x0, torch.rand(n, generator=generator, dtype=torch.float64) + 0.2


def drawn(n: int, prior: Arcsine = PRIOR) -> Tensor:
    return prior.sample(n, 2, torch.Generator().manual_seed(3))


def circle(n: int) -> Tensor:
    angle = torch.arange(n, dtype=torch.float64) * (2.0 * math.pi / n)
    return 2.0 * torch.stack([angle.cos(), angle.sin()], dim=1)


@pytest.mark.parametrize("n", [2, 9])
def test_data_in_a_row_flow_as_on_the_line(n: int) -> None:
    x0, weights = some(n)
    x0[:, 1] = 0.7
    x1 = drawn(150)
    plane = trajectories(MarginalField(x0, weights, PRIOR, Affine()), x1, TIMES)
    line = trajectories(MarginalField(x0[:, :1], weights, PRIOR, Affine()), x1[:, :1], TIMES)
    away = (plane.x[..., 0] - line.x[..., 0]).abs()
    assert float(away.max()) < 1e-6
    assert bool((away <= 2.0 * plane.error + line.error + 1e-12).all())
    across = (1.0 - TIMES) * 0.7 + TIMES * x1[:, 1:]
    torch.testing.assert_close(plane.x[..., 1], across, rtol=0, atol=1e-12)
    assert torch.equal(plane.basin, line.basin)


@pytest.mark.parametrize("x0", [some(16)[0], circle(8)], ids=["random", "circle"])
def test_the_error_estimate_bounds_the_error(x0: Tensor) -> None:
    field = MarginalField(x0, torch.ones(len(x0)), PRIOR, Affine())
    usual = trajectories(field, drawn(40), TIMES)
    fine = trajectories(field, drawn(40), TIMES, tolerance=1e-9)
    away = torch.linalg.vector_norm(usual.x - fine.x, dim=-1)
    assert torch.equal(usual.basin, fine.basin)
    beside_a_border = (away > 1e-6).any(1)  # where the flow stretches errors 10⁴ times and more
    assert float(beside_a_border.double().mean()) < 0.05
    within = (away <= 2.0 * usual.error + fine.error).all(1)
    assert bool((within | beside_a_border).all())
    assert float(usual.error.max()) < 1e-4


def test_every_point_is_reached_as_often_as_it_weighs() -> None:
    x0, weights = some(6)
    field = MarginalField(x0, weights, PRIOR, Affine())
    axis = torch.linspace(-0.9, 1.4, 5, dtype=torch.float64)
    found = basin_map(field, (axis, axis), draws=2500)
    assert float(((found.mass - found.exact) / found.noise).abs().max()) < 3.5


def typed(formula: str) -> Path:
    return PATHS["formula"](forward=formula, parameters={})


FAMILIES = {
    "straight": None,
    "squeeze": PATHS["squeeze"](k=3.0),
    "squeeze, negative": PATHS["squeeze"](k=-0.8),
    "typed": typed("(1-t)*x0 + t*x1 + t*(1-t)*erf(x1-x0)"),
}


def motion(family: str, n: int, inside: int) -> tuple[AngleFormula, Tensor, Tensor]:
    """The motion with as many data points inside, times and angles."""
    x0, weights = some(n)
    chosen = torch.rand(40, n, generator=torch.Generator().manual_seed(1)).argsort(1) < inside
    path = FAMILIES[family]
    time = 0.3 * torch.rand(40, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    if path is None:
        events, tau = PosteriorMeanODE(PosteriorMean(x0, weights, PRIOR)).angle_events(), 1.0 + time
    else:
        supports, tau = ElementwiseSupports(path, x0, PRIOR.support), 0.2 * time
        events = angle_events(weights, supports, non_monotone=True)
    formula = events.formula(chosen.to(torch.int8).repeat(1, 2))
    assert isinstance(formula, AngleFormula)
    y = torch.linspace(0.02, 1.0, 80, dtype=torch.float64).reshape(40, 2) * 0.9 * math.pi * 1.25
    return formula, tau, y


@pytest.mark.parametrize("inside", [1, 3])
@pytest.mark.parametrize("family", FAMILIES)
def test_angles_turn_as_positions_move(family: str, inside: int) -> None:
    formula, tau, y = motion(family, 5, inside)
    slope = formula(tau, y)
    h = 1e-6
    ahead, behind = (formula.to_positions(tau + s * h, y + s * h * slope) for s in (1.0, -1.0))
    moved = (ahead - behind) / (2.0 * h)
    torch.testing.assert_close(moved, formula.velocity(tau, y, slope), rtol=1e-6, atol=2e-7)
    torch.testing.assert_close(
        formula.to_coordinates(tau, formula.to_positions(tau, y)), y, rtol=0, atol=1e-12
    )


def test_the_posterior_mean_is_that_of_all_data_where_all_are_inside() -> None:
    formula, v, y = motion("straight", 5, 5)
    x0, weights = some(5)
    z = formula.to_positions(v, y)
    u = 1.0 / v[:, None]
    mean = PosteriorMean(x0, weights, PRIOR).mean_or_nearest(z * u, 1.0 - u, u)
    torch.testing.assert_close(formula.velocity(v, y, y), mean, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("family", [name for name, path in FAMILIES.items() if path])
def test_the_velocity_is_the_field_where_all_are_inside(family: str) -> None:
    formula, s, y = motion(family, 5, 5)
    x0, weights = some(5)
    path = FAMILIES[family]
    assert path is not None
    field, t = MarginalField(x0, weights, PRIOR, path), torch.exp(-s)
    expected = -t[:, None] * field.velocity_or_nearest(formula.to_positions(s, y), t)
    torch.testing.assert_close(formula.velocity(s, y, y), expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("end", [0.0, math.pi])
@pytest.mark.parametrize("family", FAMILIES)
def test_faces_are_nothing_special_to_an_angle(family: str, end: float) -> None:
    formula, tau, y = motion(family, 5, 3)
    face = y.clone()
    face[:, 0] = end * 1.25
    at, near = formula(tau, face), formula(tau, face + 1e-7)
    assert bool(at.isfinite().all())
    torch.testing.assert_close(near, at, rtol=1e-4, atol=1e-4)
    on = formula.velocity(tau, face, at)[:, 0]  # there the data point whose face it is has all
    rates = formula.supports.images(tau)
    rate = (rates.high_rate if end else rates.low_rate)[:, 0]
    assert bool(((on[:, None] - rate).abs().amin(1) < 1e-7).all())


def test_starts_on_lines_of_symmetry_end_on_data_points_too() -> None:
    prior = Arcsine(-1.0, 1.0)
    axis = torch.tensor([-0.6, 0.0, 0.6], dtype=torch.float64)
    x1 = torch.cartesian_prod(axis, axis)
    for x0 in (circle(8), circle(2), torch.cartesian_prod(axis, axis)):
        field = MarginalField(x0, torch.ones(len(x0)), prior, Affine())
        found = trajectories(field, x1, TIMES)
        torch.testing.assert_close(found.x[:, -1], x0[found.basin])
        assert bool(found.x.isfinite().all())
        assert found.nfe < 9 * 20_000


def lines(*at: tuple[float, float]) -> Translations:
    """Data points whose b_i are lines with these slopes and values at v = 1, in one dimension."""
    slope, value = torch.tensor(at, dtype=torch.float64).T

    def curves(v: Tensor) -> tuple[Tensor, Tensor]:
        return (slope * (v[:, None] - 1.0) + value)[:, None], slope.expand(len(v), 1, -1)

    return Translations(curves, (0.0, 1.0))


@pytest.mark.parametrize(
    ("others", "at"),
    [([(2.0, -0.6)], 1.4), ([(2.0, -0.6), (3.0, -0.6)], 1.24), ([(0.5, 0.0)], None)],
    ids=["two", "a third is first", "equal for ever"],
)
def test_a_step_ends_beside_an_exchange_and_the_next_one_crosses_it(others, at) -> None:
    supports = lines((0.5, 0.0), *others)
    outside = torch.zeros(1, 1 + len(others), dtype=torch.bool)

    def end(v: float) -> float:
        start = torch.tensor([v], dtype=torch.float64)
        return v + float(before_exchange(supports, outside, start, torch.ones_like(start)))

    if at is None:
        assert end(1.1) == 2.1
        return
    beside = end(1.1)
    assert 0.0 < at - beside < 1e-11
    assert 0.0 < end(beside) - at < 1e-11
    # Both faces change hands where two lines meet; of three the other face does so later, at 1.4.
    after = at + 1e-9
    assert end(after) == pytest.approx(1.4 if len(others) == 2 else after + 1.0, abs=1e-10)


def test_steps_are_so_short_that_samples_tell_the_course_of_the_images() -> None:
    def curves(v: Tensor) -> tuple[Tensor, Tensor]:
        return torch.cos(20.0 * v)[:, None, None], -20.0 * torch.sin(20.0 * v)[:, None, None]

    start = torch.ones(1, dtype=torch.float64)
    length = resolved(Translations(curves, (0.0, 1.0)), start, 3.0 * start)
    parts = torch.cos(20.0 * (1.0 + length * torch.arange(5) / 4))
    assert float(parts.diff(n=2).abs().max()) < 0.5  # a parabola misses the cosine by a tenth
    assert float(length) > 0.02
    slow = lines((0.5, 0.0), (2.0, 1.0))
    assert float(resolved(slow, start, 3.0 * start)) == 3.0
