"""Couplings: cells of the right mass, least cost, and the exact facts of MATH §6."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import ot
import pytest
import scipy.stats
import torch
from scipy.integrate import quad
from scipy.spatial import ConvexHull, HalfspaceIntersection

from flowviz.core.checks.mass import mass
from flowviz.core.couplings import COUPLINGS, energy, minibatch_pairs
from flowviz.core.couplings.optimal_transport import LaguerreCells
from flowviz.core.couplings.reflow import BasinCells
from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import (
    PLANE_PRIORS,
    PRIORS,
    Disk,
    Gaussian,
    Laplace,
    Prior,
    StudentT,
    Uniform,
)
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import trajectories

STRAIGHT = PATHS["affine"](schedule=SCHEDULES["linear"]())
ARTICLE = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
SHARES = torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)
EDGED_SMOOTH_HEAVY = [Uniform(0.0, 2.0), Gaussian(), StudentT()]
COUPLED = [name for name in COUPLINGS if name != "independent"]


def points(n: int, d: int = 2, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    draw = torch.Generator().manual_seed(seed)
    x0 = torch.randn(n, d, generator=draw, dtype=torch.float64)
    return x0, torch.rand(n, generator=draw, dtype=torch.float64) + 0.2


def flow(prior: Prior, coupling: str, n: int = 5, d: int = 2, seed: int = 0) -> MarginalField:
    return MarginalField(*points(n, d, seed), prior, STRAIGHT, COUPLINGS[coupling]())


def article(prior: Prior, coupling: str, path: str = "affine") -> MarginalField:
    return MarginalField(ARTICLE, SHARES, prior, PATHS[path](), COUPLINGS[coupling]())


def draws(prior: Prior, n: int, d: int) -> torch.Tensor:
    return prior.sample(n, d, torch.Generator().manual_seed(3))


def cells_of(field: MarginalField) -> LaguerreCells:
    found = field.conditional_priors
    assert isinstance(found, LaguerreCells)
    return found


# ---------------------------------------------------------------------- masses of cells


def half_planes(cells: LaguerreCells, i: int) -> Any:
    """Rows (a, b, c) with a x + b y + c ≤ 0 in the cell of the i-th point."""
    x0, psi = cells.points.numpy(), cells.psi.numpy()
    others = [j for j in range(len(x0)) if j != i]
    normal = 2.0 * (x0[others] - x0[i])
    offset = (x0[others] ** 2).sum(1) - psi[others] - (x0[i] ** 2).sum() + psi[i]
    return np.column_stack([normal, -offset])


def area(cells: LaguerreCells, i: int, half: float) -> float:
    """Of a cell in the square [-half, half]², by qhull."""
    box = [[1.0, 0.0, -half], [-1.0, 0.0, -half], [0.0, 1.0, -half], [0.0, -1.0, -half]]
    corners = cells.polygons.corner[i, : int(cells.polygons.count[i])]
    planes = np.concatenate([half_planes(cells, i), box])
    return ConvexHull(HalfspaceIntersection(planes, corners.mean(0).numpy()).intersections).volume


@pytest.mark.parametrize("n", [1, 2, 9, 40])
def test_cells_of_a_box_have_the_weights_as_masses(n: int) -> None:
    cells = cells_of(flow(Uniform(-1.5, 1.5), "optimal_transport", n))
    found = [area(cells, i, 1.5) / 9.0 for i in range(n)]
    assert found == pytest.approx(cells.weights.tolist(), abs=1e-9)


def chords(planes: Any, x: float) -> tuple[float, float]:
    """The interval of y of a cell at x."""
    low, high = -math.inf, math.inf
    for a, b, c in planes:
        if abs(b) > 1e-300:
            bound = -(a * x + c) / b
            low, high = (low, min(high, bound)) if b > 0 else (max(low, bound), high)
        elif a * x + c > 0:
            return 0.0, 0.0
    return low, high


def disk_mass(planes: Any, radius: float) -> float:
    def length(x: float) -> float:
        half = math.sqrt(max(0.0, radius**2 - x * x))
        low, high = chords(planes, x)
        return max(0.0, min(high, half) - max(low, -half))

    return integral(length, radius) / (math.pi * radius**2)


def product_mass(planes: Any, law: Any) -> float:
    def slice_mass(x: float) -> float:
        low, high = chords(planes, x)
        return law.pdf(x) * max(0.0, law.cdf(high) - law.cdf(low))

    return integral(slice_mass, 40.0)


def integral(function: Any, end: float) -> float:
    ends = np.unique(np.concatenate([np.linspace(-end, end, 33), np.linspace(-4, 4, 65)]))
    ends = ends[abs(ends) <= end]
    each = (quad(function, a, b, limit=200)[0] for a, b in pairwise(ends))
    return math.fsum(each)


def test_cells_of_a_disk_have_the_weights_as_masses() -> None:
    cells = cells_of(flow(Disk(2.0), "optimal_transport", 5))
    found = [disk_mass(half_planes(cells, i), 2.0) for i in range(5)]
    assert found == pytest.approx(cells.weights.tolist(), abs=1e-9)


@pytest.mark.parametrize(
    ("prior", "law"),
    [(Gaussian(), scipy.stats.norm()), (Laplace(), scipy.stats.laplace())],
    ids=["gaussian", "laplace"],
)
def test_cells_of_a_smooth_prior_have_the_weights_as_masses(prior: Prior, law: Any) -> None:
    cells = cells_of(flow(prior, "optimal_transport", 4))
    found = [product_mass(half_planes(cells, i), law) for i in range(4)]
    assert found == pytest.approx(cells.weights.tolist(), abs=1e-6)


@pytest.mark.parametrize("name", PRIORS | PLANE_PRIORS)
def test_draws_of_every_prior_fall_into_cells_as_often_as_they_should(name: str) -> None:
    prior = (PRIORS | PLANE_PRIORS)[name]()
    field = flow(prior, "optimal_transport", 12, seed=4)
    cells, weights = cells_of(field), field.weights
    assert cells.masses.tolist() == pytest.approx(cells.weights.tolist(), abs=1e-9)
    count, n = torch.bincount(cells.index(draws(prior, 20_000, 2)), minlength=12), 20_000
    # χ² with 11 degrees of freedom: exceeded once in ten thousand.
    assert float(((count - n * weights) ** 2 / (n * weights)).sum()) < 37.4


def test_points_far_outside_of_the_prior_have_cells_too() -> None:
    x0 = torch.tensor([[50.0, 0.0], [51.0, 1.0], [50.5, -1.0]], dtype=torch.float64)
    for prior in (Uniform(-1.0, 1.0), Gaussian(), Disk(0.5)):
        field = MarginalField(x0, SHARES, prior, STRAIGHT, COUPLINGS["optimal_transport"]())
        cells = cells_of(field)
        assert cells.masses.tolist() == pytest.approx(cells.weights.tolist(), abs=1e-9)


# ---------------------------------------------------------------------- least cost


@pytest.mark.parametrize("prior", [Uniform(-2.0, 1.0), Gaussian()], ids=["box", "gaussian"])
def test_no_plan_between_samples_costs_less_than_the_dual_says(prior: Prior) -> None:
    """POT's exact plan; ψ bounds it from below for any samples, and is nearly the best."""
    field = flow(prior, "optimal_transport", 6)
    cells = cells_of(field)
    x1 = draws(prior, 3000, 2)
    costs = torch.cdist(cells.points, x1).square()
    plan = ot.emd(cells.weights.numpy(), np.full(3000, 1 / 3000), costs.numpy(), numItermax=10**7)
    best = float((torch.from_numpy(plan) * costs).sum())
    dual = float((costs - cells.psi[:, None]).amin(0).mean() + cells.weights @ cells.psi)
    assert best - 2e-2 <= dual <= best + 1e-9
    # Nearly all samples go to the same point as in the plan.
    same = (cells.points[plan.argmax(0)] == field.x0[cells.index(x1)]).all(1)
    assert float(same.double().mean()) > 0.94


@pytest.mark.parametrize("prior", [Uniform(0.0, 2.0), Gaussian(1.0, 0.5)], ids=["box", "gaussian"])
def test_on_the_line_the_cost_is_that_of_pot(prior: Prior) -> None:
    level = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000
    best = ot.emd2_1d(
        ARTICLE[:, 0].numpy(), prior.icdf(level).numpy(), (SHARES / 4).numpy(), metric="sqeuclidean"
    )
    assert energy(article(prior, "optimal_transport")).cost == pytest.approx(best, abs=1e-4)


@pytest.mark.parametrize("name", PRIORS)
def test_on_the_line_the_three_maps_are_one(name: str) -> None:
    prior = PRIORS[name]()
    x0, weights = points(7, 1, seed=2)
    order = x0[:, 0].argsort()
    level = torch.cat([torch.zeros(1), (weights[order] / weights.sum()).cumsum(0)[:-1]])
    edges = torch.cat([prior.icdf(level[1:].double()), prior.icdf(level[1:].double())])
    beside = 1e-8 * (1.0 + edges.abs()) * torch.tensor([-1.0, 1.0]).repeat_interleave(6)
    x1 = (edges + beside)[:, None]
    expected = torch.cat([order[:-1], order[1:]]).tolist()
    for coupling in COUPLINGS:
        field = MarginalField(x0, weights, prior, STRAIGHT, COUPLINGS[coupling]())
        assert trajectories(field, x1, [0.0]).basin.tolist() == expected, coupling


# ---------------------------------------------------------------------- conditional priors


@pytest.mark.parametrize("coupling", COUPLINGS)
@pytest.mark.parametrize("prior", PRIORS)
def test_conditional_priors_mix_to_the_prior(prior: str, coupling: str) -> None:
    law = PRIORS[prior]()
    field = flow(law, coupling, 5, 1)
    x1 = draws(law, 50, 1)
    paired = field.conditional_priors
    mixed = torch.logsumexp(paired.log_prob(x1) + field.weights.log(), dim=1)
    torch.testing.assert_close(mixed, law.log_prob(x1), rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(field.log_prob(x1, 1.0), law.log_prob(x1), rtol=1e-10, atol=1e-10)
    # F, S and the density of p_t agree with each other, and the flow conserves F.
    x = trajectories(field, x1, [0.4]).x[:, 0]
    lower, upper = field.cdf(x, 0.4), field.sf(x, 0.4)
    torch.testing.assert_close(lower + upper, torch.ones_like(lower), rtol=0, atol=1e-13)
    torch.testing.assert_close(lower, law.cdf(x1[:, 0]), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("coupling", COUPLINGS)
def test_equal_points_share_a_cell(coupling: str) -> None:
    for d, prior in ((1, Uniform(-1.0, 1.0)), (2, Disk(2.0))):
        x0 = torch.tensor([[0.5, 0.0], [-0.5, 0.3], [0.5, 0.0]], dtype=torch.float64)[:, :d]
        field = MarginalField(x0, SHARES, prior, STRAIGHT, COUPLINGS[coupling]())
        x1 = draws(prior, 20, d)
        mixed = torch.logsumexp(field.conditional_priors.log_prob(x1) + field.weights.log(), dim=1)
        torch.testing.assert_close(mixed, prior.log_prob(x1), rtol=1e-10, atol=1e-10)
        assert set(trajectories(field, x1, [0.0]).basin.tolist()) == {0, 1}


@pytest.mark.parametrize("path", ["parabola", "squeeze", "detour"])
def test_other_families_of_the_line_conserve_the_distribution(path: str) -> None:
    field = article(Gaussian(1.0, 0.7), "optimal_transport", path)
    x1 = torch.linspace(-1.0, 3.0, 12, dtype=torch.float64)[:, None]
    found = trajectories(field, x1, [0.0, 0.3])
    level = field.cdf(found.x[:, 1], 0.3)
    torch.testing.assert_close(level, field.prior.cdf(x1[:, 0]), rtol=1e-9, atol=1e-12)
    assert found.x[:, 0].tolist() == ARTICLE[found.basin].tolist()


@pytest.mark.parametrize("prior", [Uniform(-1.5, 1.5), Gaussian(), Disk(2.0)], ids=lambda p: "")
def test_densities_of_the_plane_keep_their_mass(prior: Prior) -> None:
    times = torch.tensor([0.2, 0.6, 1.0], dtype=torch.float64)
    found = mass(flow(prior, "optimal_transport", 4), times)
    assert abs(found.value) < 1e-9


# ---------------------------------------------------------------------- few steps


@pytest.mark.parametrize("coupling", COUPLED)
@pytest.mark.parametrize(
    "prior", [Uniform(0.0, 2.0), Gaussian(), StudentT()], ids=lambda p: str(p)[:8]
)
def test_on_the_line_one_euler_step_from_anywhere_is_exact(prior: Prior, coupling: str) -> None:
    field = article(prior, coupling)
    found = trajectories(field, draws(prior, 40, 1), [0.0, 0.3, 1.0])
    for k, t in ((1, 0.3), (2, 1.0)):
        step = found.x[:, k] - t * field(found.x[:, k], t)
        torch.testing.assert_close(step, found.x[:, 0], rtol=0, atol=1e-13)


def test_in_the_plane_one_euler_step_is_exact_after_optimal_transport_from_any_time() -> None:
    for prior in (Uniform(-1.5, 1.5), Gaussian(), PLANE_PRIORS["ring"]()):
        field = flow(prior, "optimal_transport", 6)
        found = trajectories(field, draws(prior, 60, 2), [0.0, 0.3, 1.0])
        for k, t in ((1, 0.3), (2, 1.0)):
            step = found.x[:, k] - t * field(found.x[:, k], t)
            torch.testing.assert_close(step, found.x[:, 0], rtol=0, atol=1e-12)


def test_in_the_plane_one_euler_step_from_the_prior_is_exact_after_reflow() -> None:
    field = flow(Disk(2.0), "reflow")
    x1 = draws(field.prior, 40, 2)
    flows_to = trajectories(field.coupled(COUPLINGS["independent"]()), x1, [0.0])
    step = x1 - field(x1, 1.0)
    torch.testing.assert_close(step, field.x0[flows_to.basin], rtol=0, atol=1e-12)
    again = trajectories(field, x1, [0.0])
    assert torch.equal(again.x[:, 0], field.x0[again.basin])


# ---------------------------------------------------------------------- energy


def parts_of_the_article(t: float) -> tuple[float, float]:
    """E f² and E Var at a time, by hand: between edges the posterior mean is a number."""
    x0, w = np.array([0.5, 1.2, 1.7]), np.array([0.5, 0.25, 0.25])
    low, high = (1 - t) * x0, (1 - t) * x0 + 2.0 * t
    edges, kinetic, floor = np.unique(np.concatenate([low, high])), 0.0, 0.0
    for a, b in pairwise(edges):
        inside = (low < (a + b) / 2) & ((a + b) / 2 < high)
        if inside.any():
            share = w[inside].sum()
            mean = (w[inside] @ x0[inside]) / share
            spread = (w[inside] @ (x0[inside] - mean) ** 2) / share
            p = share / (2.0 * t)
            kinetic += p * ((b - mean) ** 3 - (a - mean) ** 3) / 3 / t**2
            floor += p * (b - a) * spread / t**2
    return kinetic, floor


def test_the_energy_of_the_articles_scene() -> None:
    found = energy(article(Uniform(0.0, 2.0), "independent"))
    t = (np.arange(20_000) + 0.5) / 20_000
    kinetic, floor = np.mean([parts_of_the_article(at) for at in t], axis=0)
    assert found.cost == pytest.approx(0.25 + 1.0 / 3.0 + 0.0075, abs=1e-12)  # E(x₁ - x₀)²
    assert found.kinetic == pytest.approx(kinetic, abs=1e-8)
    assert found.floor == pytest.approx(floor, abs=1e-8)
    assert abs(found.residual) < 1e-9
    best = energy(article(Uniform(0.0, 2.0), "optimal_transport"))
    assert best.cost == pytest.approx(0.05333, abs=5e-6)


@pytest.mark.parametrize("coupling", COUPLINGS)
@pytest.mark.parametrize("prior", PRIORS)
def test_the_energy_identity_holds_on_the_line(prior: str, coupling: str) -> None:
    law = PRIORS[prior]()
    found = energy(article(law, coupling))
    assert abs(found.residual) < 1e-6
    assert found.error < 1e-6
    assert (found.floor > 0.01) == (coupling == "independent")
    if coupling != "independent":
        assert found.floor < 1e-9


def test_costs_form_a_chain() -> None:
    """OT ≤ the flow's own map ≤ energy ≤ independent cost."""
    independent = energy(article(Uniform(0.0, 2.0), "independent"))
    own, best = (
        energy(article(Uniform(0.0, 2.0), name)).cost for name in ("reflow", "optimal_transport")
    )
    assert best <= own + 1e-12
    assert own <= independent.kinetic <= independent.cost
    plane = flow(Disk(2.0), "independent")
    found, least = energy(plane), energy(plane.coupled(COUPLINGS["optimal_transport"]()))
    x1 = draws(plane.prior, 4000, 2)
    ends = plane.x0[trajectories(plane, x1, [0.0]).basin]
    own = float((x1 - ends).square().sum(1).mean())
    room = 3.0 * (found.error + least.error) + 0.03
    assert least.cost - room <= own <= found.kinetic + room
    assert found.kinetic < found.cost
    assert abs(found.residual) <= 5.0 * found.error


def test_what_has_no_energy_is_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match="second moment"):
        energy(article(StudentT(df=2.0), "independent"))
    with pytest.raises(ValueError, match="straight lines"):
        energy(article(Gaussian(), "independent", "parabola"))
    with pytest.raises(ValueError, match="needs d = 1 or 2, got d=3"):
        flow(Gaussian(), "optimal_transport", 4, 3)(torch.zeros(1, 3), 0.5)
    with pytest.raises(TypeError, match="coupling must be a coupling, as COUPLINGS makes them"):
        MarginalField(ARTICLE, SHARES, Gaussian(), STRAIGHT, "reflow")  # type: ignore[arg-type]


# ---------------------------------------------------------------------- minibatches


@pytest.mark.parametrize(("prior", "d"), [(Uniform(0.0, 2.0), 1), (Gaussian(), 2)], ids=["1", "2"])
def test_the_cost_of_minibatches_falls_from_independent_to_optimal(prior: Prior, d: int) -> None:
    field = article(prior, "independent") if d == 1 else flow(prior, "independent")
    low, high = (
        energy(field.coupled(COUPLINGS[c]())).cost for c in ("optimal_transport", "independent")
    )
    found = [
        minibatch_pairs(field, size, 2048 // size, torch.Generator().manual_seed(size))
        for size in (1, 4, 16, 64)
    ]
    for a, b in pairwise(found):
        assert a.cost - b.cost > -3.0 * math.hypot(a.error, b.error)
    assert found[0].cost == pytest.approx(high, abs=4.0 * found[0].error)
    assert low - 4.0 * found[-1].error < found[-1].cost < 0.5 * (low + high)


def test_a_minibatch_pairs_what_was_drawn() -> None:
    field = flow(Gaussian(), "independent")
    found = minibatch_pairs(field, 32, 200, torch.Generator().manual_seed(0))
    share = torch.bincount(found.index, minlength=field.n) / 6400.0
    noise = (field.weights * (1.0 - field.weights) / 6400.0).sqrt()
    assert bool(((share - field.weights).abs() < 4.0 * noise).all())
    # No exchange within a batch costs less: POT finds the same least cost.
    x1, x0 = found.x1[:32], field.x0[found.index[:32]]
    least = ot.emd2([], [], torch.cdist(x1, x0).square().numpy())
    assert float((x1 - x0).square().sum(1).mean()) == pytest.approx(least, rel=1e-12)
    with pytest.raises(ValueError, match="size must be from 1 to 256, got 300"):
        minibatch_pairs(field, 300, 2, torch.Generator())


# ---------------------------------------------------------------------- tables of basins


@pytest.mark.parametrize("name", ["gaussian", "uniform", "ring", "student_t_2d"])
def test_a_table_of_basins_has_those_of_trajectories(name: str) -> None:
    prior = (PRIORS | PLANE_PRIORS)[name]()
    field = flow(prior, "reflow")
    cells, x1 = field.conditional_priors, draws(prior, 4000, 2)
    assert isinstance(cells, BasinCells)
    found = field.x0[cells.index(x1)]
    ends = trajectories(field.coupled(COUPLINGS["independent"]()), x1, [0.0])
    same = (found == field.x0[ends.basin]).all(1)
    certain = cells.grid.certain(x1)
    assert float(certain.double().mean()) > 0.9
    assert bool(same[certain].all())
    assert float(same.double().mean()) > 0.99


def test_energies_are_sampled_where_integrals_take_too_much_work() -> None:
    scene = article(Uniform(0.0, 2.0), "independent")
    exact, sampled = energy(scene), energy(scene, budget=1e4)
    assert sampled.sampled
    assert not exact.sampled
    for name in ("cost", "kinetic", "floor"):
        assert abs(getattr(sampled, name) - getattr(exact, name)) < 4.0 * sampled.error
    many = MarginalField(*points(5000, 1), Gaussian(), STRAIGHT)
    assert energy(many).sampled


def test_points_too_many_for_a_table_of_basins_are_refused() -> None:
    with pytest.raises(ValueError, match=r"the basins of 3000 data points .* take too long"):
        _ = flow(PLANE_PRIORS["ring"](), "reflow", 3000).conditional_priors
