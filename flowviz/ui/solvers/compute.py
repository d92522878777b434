"""From a scene to what the page Solvers shows, each computed once for everybody who asks.

`setup_of` names what solutions depend on: the flow, exact or learned, and the steps' grid. It is
the key of every cache here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core import checks
from flowviz.core.checks import Check
from flowviz.core.field import MarginalField
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.solvers import SOLVERS, Solution, Solver, solve
from flowviz.core.solvers.adaptive import solve_adaptively
from flowviz.core.solvers.convergence import (
    COUNTS,
    REFERENCE_TOLERANCE,
    CalibrationSet,
    EvaluationSet,
    Score,
    calibration_set,
    evaluation_and_calibration,
    reached,
    reference_trajectories,
    score,
    sweep,
)
from flowviz.core.solvers.time_grids import TimeGrid
from flowviz.core.solvers.vector_field import VectorField
from flowviz.core.solvers.vector_fields import VelocityField, vector_field_of
from flowviz.core.transport import Trajectories, launch
from flowviz.scene import Scene
from flowviz.ui.session.cache import shared
from flowviz.ui.session.keys import flow_key
from flowviz.ui.solvers.learned import Network, network
from flowviz.ui.widgets.readouts import reference_data

MOST = 500
"""Particles that solvers are evaluated on."""
NODES = 81
_PAIRS = 25_000  # particles × data points a step may cost
_SOLVED = 60  # particles of a family whose every evaluation solves equations
_GIVEN_BACK = (
    250  # particles of the line, of a family that is given by φ: evaluations differentiate
)


@dataclass(frozen=True)
class Setup:
    """What a solution depends on: the flow, the steps' grid, and the network if it is learned.

    ``flow`` is a scene with all that does not move probability at default.
    """

    flow: Scene
    grid: TimeGrid
    net: Network | None = None

    @property
    def field(self) -> MarginalField:
        """The exact flow, which a learned one is compared to, too."""
        return field_of(self.flow)

    def vector_field(self, divergence: bool = False) -> VectorField:
        """What solvers step along."""
        if self.net is None:
            return vector_field_of(self.field, divergence)
        schedule = self.field.path.affine_schedule
        return VelocityField(self.net.velocity, self.field.d, schedule, divergence)


@shared(maxsize=64)
def field_of(flow: Scene) -> MarginalField:
    """The field of a scene's flow."""
    return flow.field(flow.space)


def setup_of(scene: Scene) -> Setup:
    """The setup of a scene, its steps down to t = 0."""
    flow = flow_key(scene, scene.space)
    # Parameters that no grid of the scene's kind reads are no part of the key.
    usual = TimeGrid()
    grid = TimeGrid(
        name=scene.solver_grid,
        last=scene.solver_last if scene.solver_grid in ("log", "karras") else usual.last,
        rho=scene.solver_rho if scene.solver_grid == "karras" else usual.rho,
    )
    return Setup(flow, grid, network(scene) if scene.solver_flow == "learned" else None)


def evaluation_size(setup: Setup) -> int:
    """How many particles solvers are evaluated on: fewer where each costs more."""
    field, most = setup.field, MOST
    if isinstance(field.path, ByForward | ByInverse):
        easy = field.d == 1 and isinstance(field.path, ByInverse)
        most = _GIVEN_BACK if easy else _SOLVED
    return max(60, min(most, _PAIRS // field.n))


@dataclass(frozen=True)
class Method:
    """A solver and how many steps it takes, or what it is asked for where it chooses them."""

    name: str
    steps: int
    tolerance: float

    @property
    def solver(self) -> Solver:
        """The solver itself."""
        return SOLVERS[self.name]


def method_of(scene: Scene) -> Method:
    """The solver a scene has chosen; what it does not use of the settings is at 1."""
    adaptive = SOLVERS[scene.solver_method].adaptive
    tolerance = 10.0**-scene.solver_digits if adaptive else 1.0
    return Method(scene.solver_method, 1 if adaptive else scene.solver_steps, tolerance)


def _solve(setup: Setup, method: Method, x1: Tensor, record: bool) -> Solution:
    vector_field, grid = setup.vector_field(), setup.grid
    if method.solver.adaptive:
        ends = (1.0, grid.end)
        return solve_adaptively(
            method.solver, vector_field, x1, method.tolerance, ends, grid.last, record=record
        )
    times = grid.times(method.steps)
    fractions = fitted_fractions(setup, times) if method.solver.fitted else None
    return solve(method.solver, vector_field, x1, times, fractions, record)


@shared(maxsize=64)
def fitted_fractions(setup: Setup, times: tuple[float, ...]) -> tuple[float, ...]:
    """The fitted intermediate times of these steps."""
    return calibration_set(setup.field, [times]).fit(setup.vector_field(), times)


# ---------------------------------------------------------------------- the picture


@dataclass(frozen=True)
class Picture:
    """The solution that is drawn, over the exact trajectories.

    ``exact``, the trajectories; ``solution``, with its evaluations; ``wrong`` (Q,).
    """

    exact: Trajectories
    solution: Solution
    wrong: NDArray[np.bool_]


@shared(maxsize=64)
def picture(setup: Setup, method: Method, lines: int) -> Picture:
    """The chosen solver's solution from a few starts."""
    field = setup.field
    exact = _exact(setup.flow, lines)
    x1 = starts(field, lines)
    solution = _solve(setup, method, x1, record=True)
    wrong = (reached(field, solution.x[:, -1]) != field.x0[exact.basin]).any(-1)
    return Picture(exact, solution, wrong.numpy())


def starts(field: MarginalField, lines: int) -> Tensor:
    """Where the lines that are drawn start, (lines, d)."""
    if field.d == 1:
        return launch(field.prior, lines, "probability")
    return field.prior.sample(lines, 2, torch.Generator().manual_seed(7))


@shared(maxsize=64)
def _exact(flow: Scene, lines: int) -> Trajectories:
    field = field_of(flow)
    t = torch.linspace(0.0, 1.0, NODES, dtype=torch.float64) ** 2
    return reference_trajectories(field, starts(field, lines), t)


@shared(maxsize=64)
def check(setup: Setup, lines: int) -> dict[str, Check]:
    """What holds of the trajectories and particles that solvers are compared to, by name."""
    field, data, exact = (
        setup.field,
        reference_data(setup.flow, setup.flow.space),
        _exact(setup.flow, lines),
    )
    found = {
        "superposition": checks.superposition(field, data),
        "integration": checks.integration(field, exact, REFERENCE_TOLERANCE),
        "endpoints": checks.endpoints(field, data, starts(field, lines), exact),
        "samples": checks.samples(field.prior, field.d),
    }
    if field.d == 1:  # in the plane particles are samples
        evaluation, _ = _particles(setup)
        found["shares"] = checks.shares(data, evaluation.weight, evaluation.basin)
    return found


def _particles(setup: Setup) -> tuple[EvaluationSet, CalibrationSet]:
    return _particles_of(setup.flow, evaluation_size(setup), setup.grid)


@shared(maxsize=48)
def _particles_of(flow: Scene, q: int, grid: TimeGrid) -> tuple[EvaluationSet, CalibrationSet]:
    return evaluation_and_calibration(field_of(flow), q, grid)


@shared(maxsize=256)
def result(setup: Setup, method: Method) -> Score:
    """How well the chosen solver does."""
    evaluation, _ = _particles(setup)
    solution = _solve(setup, method, evaluation.x1, record=False)
    return score(method.name, setup.field, evaluation, solution)


# ---------------------------------------------------------------------- the chart


class Chart:
    """Every solver at every step count: ``found`` so far, which grows as somebody asks for more.

    Whoever goes on to something else leaves what was found to the next who asks.
    """

    def __init__(self, setup: Setup) -> None:
        self.found: tuple[Score, ...] = ()
        self._setup = setup
        self._coming: Iterator[Score] | None = None
        self._door = Lock()
        given = [solver for solver in SOLVERS.values() if not solver.adaptive]
        self._cost = sum(solver.cost(n, setup.grid.end) for solver in given for n in COUNTS)
        self.done = 0.0
        """The share of all evaluations that have been made, 1 at the end."""

    def more(self) -> bool:
        """Find one more; whether there may be others."""
        with self._door:
            if self.done == 1.0:
                return False
            try:
                self._coming = self._coming or self._begin()
                made = next(self._coming, None)
            except ValueError:  # what cannot be solved is begun anew by whoever asks next
                self.found, self.done, self._coming = (), 0.0, None
                raise
            if made is None:
                self.done, self._coming = 1.0, None
                return False
            self.found += (made,)
            if not SOLVERS[made.solver].adaptive:
                self.done += 0.99 * made.nfe / self._cost
            return True

    def _begin(self) -> Iterator[Score]:
        setup = self._setup
        evaluation, calibration = _particles(setup)
        return sweep(
            setup.field,
            setup.vector_field(),
            setup.grid,
            evaluation,
            COUNTS,
            calibration=calibration,
        )


def chart(setup: Setup, end: float) -> Chart:
    """Every solver at every step count, evaluated at time ``end``; the caller asks for ``more``."""
    return _chart(replace(setup, grid=replace(setup.grid, end=end)))


@shared(maxsize=48)
def _chart(setup: Setup) -> Chart:
    return Chart(setup)
