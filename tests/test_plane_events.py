"""Priors with breakpoints in the plane: event location.

The reference integrates the same flow by scipy, one formula at a time: each piece of each law is
written out here, and scipy's own events find where a free end passes a kink.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from scipy.integrate import OdeSolution, solve_ivp

from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.numerics.ode.events import Direct, Events
from flowviz.core.numerics.ode.solve import Problem, solve
from flowviz.core.paths import PATHS, Affine
from flowviz.core.priors import PRIORS, Arcsine, Disk, Exponential, Laplace, Prior, Triangular
from flowviz.core.transport import trajectories
from flowviz.core.transport.arcsine import MOST_LOCATED
from flowviz.core.transport.posterior_mean_ode import MAX_CORNERS, MAX_JUMPS, jumps

Formula = Callable[[np.ndarray], np.ndarray]
LAWS: dict[str, tuple[Prior, list[Formula]]] = {
    "laplace": (Laplace(), [lambda y: np.exp(y) / 2, lambda y: np.exp(-y) / 2]),
    "exponential": (Exponential(), [np.zeros_like, lambda y: np.exp(-y)]),
    "triangular": (
        Triangular(-2.0, 2.0, 0.3),
        [np.zeros_like, lambda y: (y + 2) / 4.6, lambda y: (2 - y) / 3.4, np.zeros_like],
    ),
}
Piece = tuple[float, float, OdeSolution]


def flow(prior: Prior, n: int, seed: int = 0) -> MarginalField:
    generator = torch.Generator().manual_seed(seed)
    x0 = torch.randn(n, 2, generator=generator, dtype=torch.float64)
    weights = torch.rand(n, generator=generator, dtype=torch.float64) + 0.2
    return MarginalField(x0, weights, prior, Affine())


def draws(prior: Prior, n: int) -> torch.Tensor:
    return prior.sample(n, 2, torch.Generator().manual_seed(3))


class Reference:
    """One trajectory in z = x/u and v = 1/u, from event to event."""

    def __init__(self, field: MarginalField, formulas: list[Formula]) -> None:
        self.x0, self.weights = field.x0.numpy(), field.weights.numpy()
        self.breakpoints, self.formulas = field.prior.breakpoints, formulas

    def free(self, v: float, z: np.ndarray) -> np.ndarray:
        return z - (v - 1.0) * self.x0

    def slope(self, sides: np.ndarray, v: float, z: np.ndarray) -> np.ndarray:
        free = self.free(v, z)
        density = np.choose(sides, [formula(free) for formula in self.formulas]).prod(1)
        share = self.weights * density
        return share @ self.x0 / share.sum()

    def passing(self, i: int, j: int, kink: float, v: float, z: np.ndarray) -> float:
        return self.free(v, z)[i, j] - kink

    def events(self, sides: np.ndarray) -> dict[tuple[int, int, int], Callable]:
        found = {}
        for (i, j), side in np.ndenumerate(sides):
            for up, border in ((1, side), (-1, side - 1)):
                if 0 <= border < len(self.breakpoints):
                    event = functools.partial(self.passing, i, j, self.breakpoints[border])
                    event.terminal, event.direction = True, up  # pyright: ignore[reportAttributeAccessIssue]
                    found[i, j, up] = event
        return found

    def pieces(self, z: np.ndarray, end: float) -> list[Piece]:
        v, found = 1.0, []
        sides = np.searchsorted(self.breakpoints, self.free(v, z))
        while True:
            events = self.events(sides)
            solved = solve_ivp(
                functools.partial(self.slope, sides), (v, end), z, "DOP853", rtol=1e-12,
                atol=1e-13, events=list(events.values()), dense_output=True, max_step=0.3 * v,
            )  # fmt: skip
            found.append((v, solved.t[-1], solved.sol))
            if solved.status != 1:
                return found
            v, z, sides = solved.t[-1], solved.y[:, -1], sides.copy()
            for (i, j, up), times in zip(events, solved.t_events, strict=True):
                sides[i, j] += up * len(times)


@pytest.mark.parametrize("law", LAWS)
def test_trajectories_across_kinks_are_as_exact_as_smooth_ones(law):
    prior, formulas = LAWS[law]
    field = flow(prior, 6)
    x1 = draws(prior, 5)
    u = np.geomspace(0.01, 0.99, 21)
    found = trajectories(field, x1, torch.from_numpy(u))
    for q in range(5):
        pieces = Reference(field, formulas).pieces(x1[q].numpy(), 1.01 / u[0])
        assert len(pieces) > 1
        for k, time in enumerate(u):
            (true, *_) = (sol(1 / time) * time for a, b, sol in pieces if a <= 1 / time <= b)
            gap = np.abs(found.x[q, k].numpy() - true).max()
            assert gap <= 1e-6
            assert gap <= 30.0 * found.error[q, k] + 1e-12


@pytest.mark.parametrize("law", ["exponential", "triangular", "laplace"])
def test_the_data_point_reached_is_the_one_that_was_followed(law):
    """A step that is cut on an edge leaves it to rounding who has a density there."""
    field = flow(LAWS[law][0], 16)
    times = torch.tensor([0.0, 1e-9], dtype=torch.float64)
    found, again = (trajectories(field, draws(field.prior, 300), times, t) for t in (1e-7, 1e-10))
    assert torch.allclose(found.x[:, 0], found.x[:, 1], rtol=0, atol=1e-6)
    assert torch.equal(found.basin, again.basin)


@pytest.mark.parametrize("law", [name for name in PRIORS if PRIORS[name]().pieces])
def test_formulas_equal_the_density_on_their_piece(law):
    prior = PRIORS[law]()
    assert prior.pieces is not None
    assert not prior.smooth
    z = draws(prior, 400).flatten()
    z = torch.cat([z, 3.0 * z])
    kinks = torch.tensor(prior.breakpoints, dtype=torch.float64)
    found = prior.pieces(z, torch.bucketize(z, kinks))
    assert torch.allclose(found, prior.pdf(z), rtol=1e-13, atol=1e-15)


def test_which_densities_jump():
    assert {name for name in PRIORS if jumps(PRIORS[name]())} == {
        "uniform", "exponential", "arcsine",
    }  # fmt: skip
    assert jumps(Disk())


@pytest.mark.parametrize(
    ("prior", "n", "unknown"),
    [
        (Laplace(), MAX_CORNERS + 1, False),
        (Exponential(), MAX_JUMPS + 1, True),
        (Arcsine(), MOST_LOCATED + 1, True),
    ],
)
def test_the_error_covers_a_kink_that_is_stepped_across(prior, n, unknown):
    field = flow(prior, n)
    x1, u = draws(prior, 3), torch.tensor([0.5]).double()
    loose, fine = (trajectories(field, x1, u, tolerance=tol) for tol in (1e-2, 1e-3))
    assert bool(loose.error.isinf().all()) == unknown
    assert ((loose.x - fine.x).norm(dim=-1) <= loose.error).all()


def test_error_bounds_hold_for_nonlinear_families_with_jumps():
    """Their steps are cut at kinks, but what jumps make of errors is not known."""
    for prior, unknown in ((Exponential(), True), (Laplace(), False)):
        affine = flow(prior, 5)
        field = MarginalField(affine.x0, affine.weights, prior, PATHS["squeeze"]())
        found = trajectories(field, draws(prior, 3), torch.tensor([0.5]).double(), 1e-3)
        assert bool(found.error.isinf().all()) == unknown
        assert found.unfinished == 0


def test_a_step_ends_where_the_next_formula_begins():
    """y' = 1 up to y = 1, then 3, then -y from y = 2: each corner is met to rounding."""

    @dataclass(frozen=True)
    class Slope(Direct):
        sides: torch.Tensor

        def __call__(self, tau, y):
            return torch.where(self.sides == 0, 1.0, torch.where(self.sides == 1, 3.0, -y))

        def settled(self, tau, y):
            return torch.zeros_like(tau, dtype=torch.bool)

        def select(self, rows):
            return Slope(self.sides[rows])

    kinks = Events(
        event_functions=lambda tau, y: y,
        event_function=lambda tau, y, which: y[:, 0],
        thresholds=torch.tensor([1.0, 1.9], dtype=torch.float64),
        formula=Slope,
    )
    problem = Problem(
        slope=lambda tau, y: y, start=0.0, end=1.25, tolerance=1e-9, step=5.0,
        settled=lambda tau, y: torch.zeros_like(tau, dtype=torch.bool), events=kinks,
    )  # fmt: skip
    places = torch.tensor([0.5, 1.0, 1.2], dtype=torch.float64)
    solution = solve(problem, torch.zeros(1, 1).double(), places)
    assert torch.allclose(solution.y[0, :, 0], torch.tensor([0.5, 1.0, 1.6]).double(), atol=1e-12)
    assert bool(solution.finished.all())


def test_every_position_of_a_polygon_is_reached():
    """Lattice data: D falls upon data points, and many edges are met at once."""
    x0, weights = DATASETS["checkerboard"].tensors()
    field = MarginalField(x0, weights, Disk(2.0), Affine())
    u = torch.linspace(0.0, 1.0, 64, dtype=torch.float64) ** 2
    found = trajectories(field, draws(field.prior, 300), u)
    assert torch.isfinite(found.x).all()
    assert torch.isfinite(found.error).all()
    # A polygon is slow: no place is left as the memory was.
    assert (found.x.diff(dim=1).norm(dim=-1) < 0.4).all()
