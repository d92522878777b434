"""Solvers outside the support of the flow: how often they are there, and no NaN."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats

from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Gaussian
from flowviz.core.solvers import SOLVERS, Solution, solve
from flowviz.core.solvers.adaptive import solve_adaptively
from flowviz.core.solvers.convergence import evaluation_set, score
from flowviz.core.solvers.likelihood import solver_log_prob
from flowviz.core.solvers.time_grids import GRIDS, time_grid
from flowviz.core.solvers.vector_field import VectorField
from flowviz.core.solvers.vector_fields import vector_field_of

Array = NDArray[np.float64]

LINE = torch.tensor([[-1.2], [0.3], [0.9]], dtype=torch.float64)
PLANE = torch.tensor([[-1.0, 0.4], [0.8, 0.9], [0.3, -1.1]], dtype=torch.float64)
EVERY = {**PRIORS, **PLANE_PRIORS}

# Where each prior of the registry lives, by scipy; None for all of the line or the plane.
SUPPORTS: dict[str, Callable[..., tuple[float, float]] | float | None] = {
    "uniform": lambda p: stats.uniform(p.low, p.high - p.low).support(),
    "triangular": lambda p: stats.triang(0.5, p.low, p.high - p.low).support(),
    "exponential": lambda p: stats.expon(p.loc, p.scale).support(),
    "arcsine": lambda p: stats.arcsine(p.low, p.high - p.low).support(),
    **dict.fromkeys(("gaussian", "laplace", "student_t", "logistic", "gaussian_mixture")),
    **dict.fromkeys(("ring", "gaussian_mixture_2d", "student_t_2d")),
    **dict.fromkeys(("kernel_density", "kernel_density_2d")),
}
EDGED = ["uniform", "triangular", "exponential", "arcsine", "disk"]


def inside(name: str, z: Array) -> NDArray[np.bool_]:
    """Whether positions (..., d) are in the support of a prior with its default parameters."""
    prior = EVERY[name]()
    if name == "disk":
        return np.square(z).sum(-1) <= prior.radius**2  # pyright: ignore
    support = SUPPORTS[name]
    if support is None:
        return np.ones(z.shape[:-1], bool)
    low, high = support(prior)  # pyright: ignore
    return np.all((z >= low) & (z <= high), axis=-1)  # pyright: ignore


def field_of(prior: str, d: int, path: str = "affine", **given) -> MarginalField:
    weights = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    return MarginalField(LINE if d == 1 else PLANE, weights, EVERY[prior](), PATHS[path](**given))


Asked = list[tuple[torch.Tensor, float]]


def followed(flow: VectorField, solver: str, x1: torch.Tensor, grid: str) -> tuple[Solution, Asked]:
    """Eight steps, or a tolerance of 0.01; and the positions and time of every evaluation."""
    asked: Asked = []

    def listening(ask):
        return lambda x, t: (asked.append((x, t)), ask(x, t))[1]

    flow.velocity = listening(flow.velocity)  # type: ignore[method-assign]
    flow.data_prediction = listening(flow.data_prediction)  # type: ignore[method-assign]
    if SOLVERS[solver].adaptive:
        return solve_adaptively(SOLVERS[solver], flow, x1, 1e-2), asked
    return solve(SOLVERS[solver], flow, x1, time_grid(grid, 8)), asked


CASES = [(name, d) for name in EVERY for d in (1, 2) if EVERY[name]().exists_in(d)]


@pytest.mark.parametrize(("prior", "d"), CASES)
def test_evaluations_outside_are_counted_for_every_prior_solver_and_grid(prior, d):
    """By scipy's supports of x₁ = (x - (1 - t) x₀)/t; and every position is a number."""
    field = field_of(prior, d)
    x1 = field.prior.sample(60, d, torch.Generator().manual_seed(1))
    found = 0
    for grid in GRIDS if prior in EDGED else ["uniform"]:
        for solver in SOLVERS:
            made, asked = followed(vector_field_of(field), solver, x1, grid)
            assert torch.isfinite(made.x).all()
            assert len(asked) == made.nfe
            count = np.zeros(len(x1), int)
            for x, t in asked:
                z = (x.numpy()[:, None] - (1.0 - t) * field.x0.numpy()) / t
                count += ~inside(prior, z).any(1)
            assert np.array_equal(made.outside.numpy(), count), (grid, solver)
            found += count.sum()
    assert (found > 0) == (prior in EDGED)


TYPED = {"forward": "(1-t)*x0 + t*x1 + 0.3*t*(1-t)*tanh(x1-x0)"}
FAMILIES = [(prior, 1, name) for prior in EDGED for name in PATHS if prior != "disk"]
FAMILIES += [(prior, 2, name) for prior in ("uniform", "disk") for name in PATHS]


@pytest.mark.parametrize(("prior", "d", "path"), FAMILIES)
def test_evaluations_outside_are_counted_for_every_family(prior, d, path):
    """By log p_t of the field itself, which solvers do not ask where a family has formulas."""
    given = TYPED if path == "formula" else {}
    if not PATHS[path](**given).exists_in(d):
        return
    field = field_of(prior, d, path, **given)
    x1 = field.prior.sample(40, d, torch.Generator().manual_seed(2))
    found = 0
    for solver in ("euler", "rk4", "ddim", "dpm2") if d == 1 else ("euler", "dpm2"):
        made, asked = followed(vector_field_of(field), solver, x1, "uniform")
        assert torch.isfinite(made.x).all()
        x = torch.cat([x for x, _ in asked])
        t = torch.tensor([t for _, t in asked], dtype=x.dtype).repeat_interleave(len(x1))
        log_p = field.log_prob(x, t).reshape(len(asked), -1)
        assert torch.equal(made.outside, (log_p == -torch.inf).sum(0)), solver
        found += int(made.outside.sum())
    assert found > 0 or prior == "exponential"  # its one edge is on nobody's way here


def euler_by_numpy(x: Array, x0: Array, w: Array, low: float, high: float, n: int) -> Array:
    """Euler's method for a box prior and straight lines; how often each particle was outside."""
    count = np.zeros(len(x), int)
    for k in range(n, 0, -1):
        t = k / n
        z = (x[:, None] - (1.0 - t) * x0) / t
        near = (z >= low) & (z <= high)
        lost = ~near.any(1)
        beyond = np.maximum(np.maximum(low - z, z - high), 0.0)
        near[lost] = beyond[lost] == beyond[lost].min(1, keepdims=True)
        share = near * w
        x = x - (x - share @ x0 / share.sum(1)) / k
        count += lost
    return count


def test_particles_outside_the_support_are_counted():
    """2,000 samples of the box, Euler's method in eight steps: as many as NumPy says."""
    x0, weights = DATASETS["article"].tensors()
    field = MarginalField(x0, weights, PRIORS["uniform"](), PATHS["affine"]())
    x1 = field.prior.sample(2000, 1, torch.Generator().manual_seed(7))
    made = solve(SOLVERS["euler"], vector_field_of(field), x1, time_grid("uniform", 8))
    low, high = field.prior.support
    points, shares = field.x0[:, 0].numpy(), field.weights.numpy()
    count = euler_by_numpy(x1[:, 0].numpy(), points, shares, low, high, 8)
    assert np.array_equal(made.outside.numpy(), count)
    assert 100 < (count > 0).sum() < 500
    judged = evaluation_set(field, 200)
    found = score("euler", field, judged, solution_of(field, judged.x1))
    assert 0.0 < found.outside_evaluations < found.outside < 0.5


def solution_of(field: MarginalField, x1: torch.Tensor) -> Solution:
    return solve(SOLVERS["euler"], vector_field_of(field), x1, time_grid("uniform", 8))


def test_a_score_weighs_its_particles():
    """Two particles, one of them outside at one of four evaluations."""
    field = MarginalField(LINE, torch.ones(3), Gaussian(), PATHS["affine"]())
    judged = evaluation_set(field, 60)
    outside = torch.zeros(len(judged.x1), dtype=torch.long)
    outside[5] = 1
    ends = torch.stack([judged.x1, judged.end], dim=1)
    found = score("euler", field, judged, Solution((1.0, 0.0), ends, 4, outside))
    assert found.outside == pytest.approx(float(judged.weight[5]))
    assert found.outside_evaluations == pytest.approx(float(judged.weight[5]) / 4)


@pytest.mark.parametrize(
    ("prior", "path"),
    [("uniform", "affine"), ("disk", "affine"), ("uniform", "swirl"), ("disk", "squeeze")],
)
def test_a_likelihood_is_never_nan(prior, path):
    """From inside, where edges are crossed on the way, and from where nothing flows at all."""
    field = field_of(prior, 2, path)
    x = torch.tensor([[0.2, 0.3], [0.9, 0.1], [30.0, 0.0]], dtype=torch.float64)
    for name in ("euler", "dpm2") if path == "squeeze" else SOLVERS:  # squeeze solves equations
        solver, flow = SOLVERS[name], vector_field_of(field, divergence=True)
        times = tuple(reversed(time_grid("uniform", 4, 0.2)))
        found = solver_log_prob(solver, flow, field.prior, x, times)
        assert not found.log_p.isnan().any(), name
        assert int(flow.outside[0].sum()) == int((field.log_prob(x, 0.2) == -torch.inf).sum())


def test_the_supports_here_are_the_registrys():
    assert set(SUPPORTS) | {"disk"} == set(EVERY)
    for name in EVERY:
        prior = EVERY[name]()
        if prior.product:
            low, high = (float(v) for v in prior.support)
            shown = np.array([[low - 1e-9], [high + 1e-9], [low + 1e-9], [high - 1e-9]])
            bounded = np.isfinite(shown[:, 0])
            assert inside(name, shown)[bounded].tolist() == [
                v for v, b in zip((False, False, True, True), bounded, strict=True) if b
            ]
