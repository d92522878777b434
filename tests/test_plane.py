"""The plane: every prior, exact facts, and trajectories against an independent integration."""

from __future__ import annotations

import dataclasses
import functools
import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from flowviz.core import checks
from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.numerics import devices
from flowviz.core.paths import PATHS, Affine
from flowviz.core.priors import (
    PLANE_PRIORS,
    PRIORS,
    Arcsine,
    Disk,
    Gaussian,
    GaussianMixture2D,
    Prior,
    Ring,
    Triangular,
    Uniform,
)
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import StraightFan, basin_map, on_schedule, straight_fan, trajectories
from flowviz.core.transport.polygons import polygons

EVERY: dict[str, Prior] = {name: law() for name, law in {**PRIORS, **PLANE_PRIORS}.items()}
# Around the data, so that compact laws overlap some of it and not the rest.
EVERY |= {
    "uniform": Uniform(-2.0, 2.0),
    "triangular": Triangular(-2.0, 2.0, 0.3),
    "arcsine": Arcsine(-2.0, 2.0),
}
SMOOTH = [name for name, prior in EVERY.items() if prior.smooth]
FLAT = [name for name, prior in EVERY.items() if prior.uniform_density]
COMPACT = [name for name, prior in EVERY.items() if prior.compact]
every_prior = pytest.mark.parametrize("law", EVERY)


def points(n: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x0 = torch.randn(n, 2, generator=generator, dtype=torch.float64)
    return x0, torch.rand(n, generator=generator, dtype=torch.float64) + 0.2


def flow(law: str | Prior, n: int = 6, timing: str = "linear", seed: int = 0) -> MarginalField:
    prior = EVERY[law] if isinstance(law, str) else law
    return MarginalField(*points(n, seed), prior, Affine(SCHEDULES[timing]()))


def draws(prior: Prior, n: int, seed: int = 3) -> torch.Tensor:
    return prior.sample(n, 2, torch.Generator().manual_seed(seed))


# Priors of the plane


@pytest.mark.parametrize("name", PLANE_PRIORS)
def test_density_integrates_to_one_and_samples_follow_it(name):
    # With few degrees of freedom the squares of second moments are infinite.
    prior = PLANE_PRIORS[name](**({"df": 50.0} if name == "student_t_2d" else {}))
    low, high = prior.interval(1e-9)
    axis = low + (high - low) * (torch.arange(1200, dtype=torch.float64) + 0.5) / 1200
    grid = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), dim=-1)
    p = prior.prob(grid)
    cell = ((high - low) / 1200) ** 2
    assert (p.sum() * cell).item() == pytest.approx(1.0, abs=1e-3 if name == "disk" else 1e-8)
    assert torch.allclose(prior.log_prob(grid).exp(), p, rtol=1e-12, atol=0)
    z = draws(prior, 4000)
    for i, j in ((0, 0), (0, 1), (1, 1)):
        there = grid[..., i] * grid[..., j]
        mean = (there * p).sum() * cell
        spread = ((there - mean) ** 2 * p).sum() * cell
        assert abs((z[:, i] * z[:, j]).mean() - mean) < 4.5 * (spread / 4000).sqrt()


def test_a_mixture_of_one_round_component_is_a_gaussian():
    one = GaussianMixture2D((0.5,), (0.5,), (2.0,), (2.0,), (0.0,), (3.0,))
    z = draws(Gaussian(0.5, 2.0), 50)
    assert torch.allclose(one.log_prob(z), Gaussian(0.5, 2.0).log_prob(z), rtol=1e-13)


def test_covariances_are_those_asked_for():
    prior = GaussianMixture2D((1.0,), (-1.0,), (0.5,), (2.0,), (0.8,), (1.0,))
    cov = torch.cov(draws(prior, 20000).T)
    assert torch.allclose(cov, torch.tensor([[0.25, 0.8], [0.8, 4.0]]).double(), rtol=0.05)


def test_a_ring_is_smooth_at_its_centre_and_far_out():
    prior = Ring(2.0, 0.05)
    z = torch.tensor([[0.0, 0.0], [1e-9, 0.0], [300.0, 400.0]], dtype=torch.float64)
    assert torch.isfinite(prior.log_prob(z)).all()
    slope = torch.func.jvp(prior.log_prob, (z,), (torch.ones_like(z),))[1]
    assert torch.isfinite(slope).all()
    assert abs(slope[0]) < 1e-6


@pytest.mark.parametrize("name", PLANE_PRIORS)
def test_there_is_no_line_and_no_space(name):
    prior = PLANE_PRIORS[name]()
    assert prior.exists_in(2)
    assert not prior.exists_in(1)
    for call in (prior.cdf, prior.sf, prior.icdf, prior.isf, prior.log_pdf):
        with pytest.raises(ValueError, match="has no one-dimensional distribution"):
            call(torch.ones(2))
    with pytest.raises(ValueError, match="exists only in dimension"):
        prior.sample(3, 3)
    with pytest.raises(ValueError, match="exists only in dimension"):
        MarginalField(torch.ones(1, 1), torch.ones(1), prior, Affine())


@pytest.mark.parametrize(
    ("law", "values", "message"),
    [
        (Disk, {"radius": 0.0}, "radius must be greater than 0, got 0.0"),
        (Ring, {"width": -1.0}, "width must be greater than 0, got -1.0"),
        (Ring, {"radius": math.nan}, "radius must be finite"),
        (GaussianMixture2D, {"means_x": (1.0,)}, r"equally long and not empty, got lengths \[1, 2"),
        (GaussianMixture2D, {"scales_y": (1.0, 0.0)}, "scales_y must be greater than 0"),
        (GaussianMixture2D, {"correlations": (0.0, 1.0)}, "correlations must lie between -1 and 1"),
    ],
)
def test_parameters_that_make_no_law_of_the_plane_are_refused(law, values, message):
    with pytest.raises(ValueError, match=message):
        law(**values)


@pytest.mark.parametrize("law", FLAT)
def test_exits_are_on_the_edge(law):
    prior = EVERY[law]
    generator = torch.Generator().manual_seed(5)
    z = prior.sample(400, 2, generator)
    velocity = torch.randn(400, 2, generator=generator, dtype=torch.float64)
    velocity[:50, 1] = 0.0
    time = prior.exit_times(z, velocity)
    assert (time > 0).all()
    assert (prior.prob(z + (time + 1e-9)[:, None] * velocity) == 0).all()
    assert (prior.prob(z + (time - 1e-9)[:, None] * velocity) > 0).all()


@pytest.mark.parametrize("law", FLAT)
@pytest.mark.parametrize("path", [Affine(SCHEDULES["linear"]()), PATHS["parabola"]()])
def test_a_start_on_a_separatrix_reaches_a_data_point(law, path):
    x0 = torch.tensor([[1.0, 0.0], [-1.0, 0.0]], dtype=torch.float64)
    field = MarginalField(x0, [1.0, 1.0], EVERY[law], path)
    start = torch.tensor([[0.0, 0.0], [0.0, 0.3]], dtype=torch.float64)
    found = trajectories(field, start, torch.linspace(0.0, 1.0, 41))
    assert found.unfinished == 0
    assert (found.x[:, 0] == x0[found.basin]).all()
    assert found.x.diff(dim=1).norm(dim=-1).max() < 0.2  # no jump at the end


# The field


@every_prior
@pytest.mark.parametrize("timing", ["linear", "vp"])
def test_the_grid_is_all_pairs(law, timing):
    field = flow(law, 40, timing)
    axes = torch.linspace(-3, 3, 23).double(), torch.linspace(-2, 4, 17).double()
    t = torch.tensor([0.02, 0.4, 1.0], dtype=torch.float64)
    grid = field.grid(axes, t)
    assert grid.log_p.shape == (3, 23, 17)
    assert grid.velocity.shape == grid.flux.shape == (3, 23, 17, 2)
    x = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, 2)
    for k in range(3):
        log_p, velocity = field.log_prob(x, t[k]).reshape(23, 17), field(x, t[k]).reshape(23, 17, 2)
        seen = log_p > math.log(1e-200)
        assert torch.allclose(grid.p[k][seen], log_p[seen].exp(), rtol=1e-12, atol=0)
        assert torch.equal(grid.log_p[k] == -math.inf, log_p == -math.inf)
        assert torch.allclose(grid.log_p[k], log_p, rtol=1e-12, atol=1e-12)
        assert torch.equal(grid.velocity[k].isnan(), velocity.isnan())
        scale = velocity[seen].abs().max()
        assert (grid.velocity[k] - velocity)[seen].abs().max() <= 1e-10 * scale


def test_a_floor_changes_only_values_below_it():
    field = flow("gaussian", 40)
    axes = (torch.linspace(-3, 3, 40).double(),) * 2
    t = torch.tensor([0.01], dtype=torch.float64)
    whole, floored = field.grid(axes, t), field.grid(axes, t, floor=1e-200)
    seen = whole.p > 1e-200
    assert 0 < seen.sum() < seen.numel()
    assert torch.equal(whole.log_p[seen], floored.log_p[seen])
    assert torch.isfinite(whole.log_p).all()
    assert (floored.p[whole.p < 1e-260] == 0).all()
    assert (floored.flux[whole.p < 1e-260] == 0).all()


@every_prior
@pytest.mark.parametrize("timing", ["linear", "cosine"])
def test_continuity_and_mass_in_the_plane(law, timing):
    field = flow(law, 6, timing)
    assert checks.continuity(field, n=100, seed=2).ok
    early = {"linear": 0.3, "cosine": 0.9}[timing]
    check = checks.mass(field, torch.tensor([early], dtype=torch.float64))
    assert check.ok, check
    assert check.value < (1e-6 if law in SMOOTH else 5e-2)


@every_prior
def test_flux_carries_the_mean(law):
    """E over p_t of f_t is d/dt E[x_t], by Monte Carlo over the same draws (MATH §3.7)."""
    if law == "student_t":
        return  # the variance that the comparison needs exists, but barely: use the line's test
    field, t = flow(law, 6, "cosine"), torch.full((20000,), 0.6).double()
    generator = torch.Generator().manual_seed(8)
    x1 = field.prior.sample(20000, 2, generator)
    which = torch.multinomial(field.weights, 20000, replacement=True, generator=generator)
    own = field.x0[which][:, None]
    x = field.path.forward(x1, own, t)[:, 0]
    # The conditional velocity of each draw has the marginal velocity as its mean.
    gap = field(x, t) - field.path.velocity(x, own, t)[:, 0]
    assert (gap.mean(0).abs() < 5 * gap.std(0) / math.sqrt(20000)).all()


# Trajectories


def reference(field: MarginalField, start: torch.Tensor, u: np.ndarray) -> np.ndarray:
    """dx/dlog u = x - D by scipy's DOP853 at 1e-12, with D in numpy from logarithms."""
    x0, log_w = field.x0.numpy(), field.weights.log()

    def slope(s: float, x: np.ndarray) -> np.ndarray:
        time = math.exp(s)
        free = torch.from_numpy((x - (1.0 - time) * x0) / time)
        share = torch.softmax(field.prior.log_prob(free) + log_w, 0).numpy()
        return x - share @ x0

    order = np.argsort(-u)
    s = np.log(u[order])
    solved = solve_ivp(
        slope, (0.0, s[-1]), start.numpy(), "DOP853", t_eval=s, rtol=1e-12, atol=1e-13
    )
    return solved.y.T[np.argsort(order)]


@pytest.mark.parametrize("law", SMOOTH)
def test_trajectories_agree_with_an_independent_integration(law):
    field = flow(law, 8)
    x1 = draws(field.prior, 3)
    u = torch.tensor([1e-3, 0.01, 0.1, 0.5, 0.9], dtype=torch.float64)
    found = trajectories(field, x1, u)
    for i in range(3):
        assert np.abs(found.x[i].numpy() - reference(field, x1[i], u.numpy())).max() <= 1e-6


@pytest.mark.parametrize("law", FLAT)
def test_polygons_satisfy_the_equation_between_and_across_edges(law):
    """x(u') = x(u)·u'/u + ... : the integral of D over v, by fine midpoint sums."""
    field = flow(law, 5)
    x1 = draws(field.prior, 8)
    v = torch.linspace(1.0, 6.0, 40001, dtype=torch.float64)
    found = trajectories(field, x1, 1.0 / v[::40])
    for i in range(8):
        middle = 0.5 * (v[1:] + v[:-1])
        dense = trajectories(field, x1[i : i + 1], 1.0 / middle).x[0]
        pull = field.posterior_mean.mean_or_nearest(
            dense, (1 - 1 / middle)[:, None], (1 / middle)[:, None]
        )
        z = x1[i] + torch.cumsum(pull * v.diff()[:, None], 0)[39::40]
        assert (z / v[40::40, None] - found.x[i, 1:]).abs().max() < 2e-3


@every_prior
def test_ends_are_exact_and_no_trajectory_enters_nothing(law):
    field = flow(law, 7)
    x1 = draws(field.prior, 40)
    times = torch.cat([torch.zeros(1), torch.logspace(-3, 0, 25)]).double()
    found = trajectories(field, x1, times)
    assert torch.equal(found.x[:, 0], field.x0[found.basin])
    assert torch.equal(found.x[:, -1], x1)
    inside = field.log_prob(found.x[:, 1:].reshape(-1, 2), times[1:].repeat(40))
    # The last digits of x may fall beyond an edge: a hair inwards there is density.
    lost = (inside == -math.inf).reshape(40, -1)
    if bool(lost.any()):
        assert law in COMPACT
        u = times[1:].expand(40, -1)[lost][:, None]
        x = found.x[:, 1:][lost]
        moved = field.posterior_mean.into_support(x, 1 - u, u)
        assert (moved - x).abs().max() < 1e-12


@functools.cache
def straight_lines(law: str) -> StraightFan:
    """Five of the straight flow."""
    straight = flow(law, 6)
    return straight_fan(straight, draws(straight.prior, 5), torch.linspace(0, 1, 9).double())


@every_prior
@pytest.mark.parametrize("timing", ["cosine", "vp", "cubic"])
def test_every_schedule_is_the_straight_flow_reparametrised(law, timing):
    """The map from x₁ to the data, and the whole path, seen through another schedule."""
    fan, other = straight_lines(law), flow(law, 6, timing)
    x1 = fan.x[:, -1]
    seen = on_schedule(fan, SCHEDULES[timing]())
    again = trajectories(other, x1, seen.t)
    assert torch.allclose(seen.x, again.x, rtol=0, atol=1e-9)
    assert torch.equal(seen.basin, again.basin)
    # And what is seen moves with the other schedule's own velocity.
    if law in SMOOTH:
        t = torch.tensor([0.3, 0.3 + 1e-5, 0.3 - 1e-5], dtype=torch.float64)
        near = trajectories(other, x1[:3], t, tolerance=1e-10).x
        speed = (near[:, 1] - near[:, 2]) / 2e-5
        assert torch.allclose(speed, other(near[:, 0], 0.3), rtol=1e-4, atol=1e-4)


@every_prior
def test_one_point_and_equal_points_move_straight(law):
    prior = EVERY[law]
    x1, t = draws(prior, 9), torch.linspace(0, 1, 7).double()
    point = torch.tensor([[0.4, -0.7]], dtype=torch.float64)
    straight = (1 - t)[:, None] * point + t[:, None] * x1[:, None]
    for copies in (1, 5):
        field = MarginalField(point.repeat(copies, 1), torch.ones(copies), prior, Affine())
        found = trajectories(field, x1, t)
        assert torch.allclose(found.x, straight, rtol=0, atol=1e-12)
        assert (found.basin == 0).all()


@every_prior
def test_basins_have_the_mass_of_their_point(law):
    field = flow(law, 4)
    found = basin_map(field, (torch.linspace(-2, 2, 6).double(),) * 2, draws=1500, seed=4)
    assert checks.basin_masses(found).ok
    assert found.mass.sum() == pytest.approx(1.0)
    assert torch.allclose(found.exact, field.weights)
    nodes = torch.stack(torch.meshgrid(*found.axes, indexing="ij"), dim=-1)
    assert torch.equal(found.index == -1, field.prior.prob(nodes) == 0)


def test_basins_of_equal_points_are_one():
    x0 = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
    field = MarginalField(x0, torch.tensor([1.0, 2.0, 1.0]), Gaussian(), Affine())
    found = basin_map(field, (torch.linspace(-2, 2, 6).double(),) * 2)
    assert found.exact.tolist() == [0.5, 0.5, 0.0]
    assert found.mass[2] == 0
    mirror = found.index.flip(0)  # the two halves of the plane
    assert torch.equal(found.index == 0, mirror == 1)


@pytest.mark.parametrize("law", ["uniform", "gaussian", "disk"])
def test_a_separatrix_is_where_symmetry_puts_it(law):
    """Two equal points: everything right of the axis goes right, to within 1e-6 of it."""
    x0 = torch.tensor([[1.0, 0.0], [-1.0, 0.0]], dtype=torch.float64)
    field = MarginalField(x0, torch.ones(2), EVERY[law], Affine())
    y = torch.linspace(-1.5, 1.5, 21).double()
    for side, basin in ((1e-6, 0), (-1e-6, 1)):
        x1 = torch.stack([torch.full_like(y, side), y], dim=1)
        assert (trajectories(field, x1, torch.zeros(1).double()).basin == basin).all()


@pytest.mark.parametrize("scale", [1e6, 1e-6])
@pytest.mark.parametrize("law", ["gaussian", "uniform", "disk"])
def test_data_of_any_size_is_reached(scale, law):
    x0, weights = points(5)
    field = MarginalField(scale * x0, weights, EVERY[law], Affine())
    found = trajectories(field, draws(EVERY[law], 300), torch.tensor([0.0, 0.5, 1.0]).double())
    assert torch.isfinite(found.x).all()
    share = torch.bincount(found.basin, minlength=5) / 300
    noise = (field.weights * (1 - field.weights) / 300).sqrt()
    assert ((share - field.weights).abs() < 5 * noise).all()


def test_collinear_data_is_the_line_when_the_prior_is_a_product():
    """Points on the x axis under a product prior: x moves as on the line, y straight to 0."""
    along = torch.tensor([0.5, 1.2, 1.7], dtype=torch.float64)
    weights = torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)
    flat = torch.stack([along, torch.zeros(3).double()], dim=1)
    times = torch.tensor([0.0, 0.01, 0.3, 0.8], dtype=torch.float64)
    for prior in (Gaussian(), Uniform(-2.0, 2.0)):
        x1 = draws(prior, 20)
        wide = MarginalField(flat, weights, prior, Affine())
        thin = MarginalField(along[:, None], weights, prior, Affine())
        plane, line = trajectories(wide, x1, times), trajectories(thin, x1[:, :1], times)
        assert torch.allclose(plane.x[..., 0], line.x[..., 0], rtol=0, atol=1e-6)
        assert torch.allclose(plane.x[..., 1], times * x1[:, 1:], rtol=0, atol=1e-6)
        assert torch.equal(plane.basin, line.basin)


def test_lattice_data_whose_edges_coincide():
    x0, weights = DATASETS["checkerboard"].tensors()
    field = MarginalField(x0, weights, Uniform(-2.0, 2.0), Affine())
    found = trajectories(field, draws(field.prior, 200), torch.tensor([0.0, 0.2]).double())
    inside = field.log_prob(found.x[:, 1], 0.2)
    assert (inside > -math.inf).all()
    assert len(found.basin.unique()) > 30


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 12), law=st.sampled_from(sorted(FLAT)))
def test_under_a_flat_prior_each_other_point_is_left_once(seed, n, law):
    field = flow(law, n, seed=seed)
    x1 = draws(field.prior, 30, seed)
    found = polygons(field.x0, field.weights, field.prior, x1, torch.tensor([0.01]).double())
    assert found.events == 30 * (n - 1)


def test_thousands_of_points():
    field = flow("gaussian", 5000)
    times = torch.tensor([0.0, 0.1], dtype=torch.float64)
    found = trajectories(field, draws(field.prior, 4), times, tolerance=1e-5)
    assert torch.equal(found.x[:, 0], field.x0[found.basin])
    flat = flow("uniform", 1000)
    found = trajectories(flat, draws(flat.prior, 4), torch.tensor([0.1]).double(), tolerance=1e-4)
    assert (flat.log_prob(found.x[:, 0], 0.1) > -math.inf).all()


@pytest.mark.parametrize("family", ["swirl", "parabola", "per_axis"])
def test_nonlinear_families_are_integrated_to_the_data(family):
    x0, weights = points(5)
    field = MarginalField(x0, weights, Gaussian(), PATHS[family]())
    x1 = draws(field.prior, 6)
    times = torch.tensor([0.0, 1e-3, 0.3, 0.3 + 1e-5, 1.0], dtype=torch.float64)
    found = trajectories(field, x1, times, tolerance=1e-10)
    assert torch.equal(found.x[:, 0], x0[found.basin])
    assert torch.equal(found.x[:, -1], x1)
    assert (found.x[:, 1] - x0[found.basin]).abs().max() < 0.02
    speed = (found.x[:, 3] - found.x[:, 2]) / 1e-5
    assert torch.allclose(speed, field(found.x[:, 2], 0.3), rtol=1e-3, atol=1e-3)


def test_integrating_a_family_agrees_with_its_straight_line_solution():
    x0, weights = points(6)
    plain = MarginalField(x0, weights, Gaussian(), Affine())
    typed = MarginalField(x0, weights, Gaussian(), Affine(mu=lambda p, t: (1 - t) * p))
    x1, times = draws(Gaussian(), 8), torch.tensor([0.0, 0.05, 0.5, 1.0]).double()
    a, b = (trajectories(f, x1, times, tolerance=1e-10) for f in (plain, typed))
    assert torch.allclose(a.x, b.x, rtol=0, atol=1e-8)
    assert torch.equal(a.basin, b.basin)


def test_refinement_measures_what_a_finer_step_changes():
    field = flow("gaussian", 8)
    x1 = draws(field.prior, 20)
    times = torch.linspace(0, 1, 12).double()
    fine, coarse = (trajectories(field, x1, times, tolerance=tol) for tol in (1e-7, 1e-2))
    assert checks.refinement(field, fine, 1e-7).ok
    assert checks.refinement(field, coarse, 1e-2).ok  # it says itself how far off it is
    bold = dataclasses.replace(coarse, error=fine.error)
    assert not checks.refinement(field, bold, 1e-2).ok


def test_starts_off_the_support_are_refused():
    field = flow(Disk(1.0), 3)
    at_data = torch.zeros(1, dtype=torch.float64)
    off = torch.tensor([[0.9, 0.9]], dtype=torch.float64)
    with pytest.raises(ValueError, match=r"support \[-1.0, 1.0\], got \[0.9, 0.9\]"):
        trajectories(field, off, at_data)
    with pytest.raises(ValueError, match=r"x1 must have shape \(Q, 2\)"):
        trajectories(field, torch.zeros(3, 1), at_data)
    line = MarginalField(torch.ones(1, 1), torch.ones(1), Gaussian(), Affine())
    with pytest.raises(ValueError, match="a basin map needs d = 2"):
        basin_map(line, (torch.ones(1),) * 2)


# Devices


def test_without_a_gpu_work_stays_at_home(monkeypatch):
    home = torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert devices.choose(1 << 30, home) == home
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert devices.choose(1 << 30, home).type == "cuda"
    assert devices.choose(10, home) == home
    assert devices.choose(1 << 30, home, "cpu") == home


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@every_prior
def test_a_gpu_gives_the_same_answers(law):
    field = flow(law, 6)
    x1, times = draws(field.prior, 20), torch.linspace(0, 1, 7).double()
    here, there = (trajectories(field, x1, times, device=d) for d in ("cpu", "cuda"))
    # Rounding may choose other steps: then they agree within the errors that both state.
    apart = torch.linalg.vector_norm(here.x - there.x, dim=-1)
    assert bool((apart <= 1e-9 + here.error + there.error).all())
    axes = (torch.linspace(-2, 2, 20).double(),) * 2
    far = field.to("cuda").grid(tuple(a.cuda() for a in axes), times[1:].cuda())
    near = field.grid(axes, times[1:])
    assert torch.allclose(near.log_p, far.log_p.cpu(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["uniform", "disk"])
def test_polygons_among_far_data_agree_with_small_steps(name):
    """Data outside of the support of the prior."""
    prior = (PRIORS | PLANE_PRIORS)[name]()
    rng = np.random.default_rng(5)
    x0, weights = 2.3 * rng.standard_normal((11, 2)), rng.uniform(0.05, 1.0, 11)
    x1 = prior.sample(30, 2, torch.Generator().manual_seed(6))
    u = np.array([0.05, 0.2, 0.5, 0.8])
    got = polygons(torch.tensor(x0), torch.tensor(weights), prior, x1, torch.tensor(u)).x.numpy()
    low, high = prior.support
    z, v = x1.numpy(), np.exp(np.linspace(0.0, -np.log(u.min()), 20_001))
    for here, there in pairwise(v):
        free = z[:, None] - (here - 1.0) * x0
        inside = (
            np.hypot(*np.moveaxis(free, -1, 0)) < high
            if name == "disk"
            else ((free > low) & (free < high)).all(-1)
        )
        share = inside * weights
        mean = share @ x0 / share.sum(1, keepdims=True)
        for j in np.flatnonzero((1.0 / u > here) & (1.0 / u <= there)):
            assert np.abs(u[j] * (z + (1.0 / u[j] - here) * mean) - got[:, j]).max() < 5e-3
        z = z + (there - here) * mean
