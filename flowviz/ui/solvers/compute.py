"""Results for the page Solvers, from a scene, each cached for all visitors.

The key of all caches is a `Setup`: the flow, exact or learned, and the time grid.
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
from flowviz.core.numerics.work import at_work
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
from flowviz.core.transport import Trajectories, density_along, launch
from flowviz.core.transport.separatrices import NO_BASIN, with_separatrices
from flowviz.scene import Scene
from flowviz.ui.curve_nodes import curve_nodes
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.session.keys import flow_key
from flowviz.ui.solvers.learned import Network, network
from flowviz.ui.widgets.readouts import reference_data

MAX_PARTICLES = 500
"""Most particles that solvers are evaluated on."""
NODES = 81
_LABELLED = 2e6  # pairs of a point on a trajectory and a data point: a tenth of a second
_PAIRS = 25_000  # most pairs of a particle and a data point
_MAX_IMPLICIT = 60  # most particles for an implicit family
_MAX_BY_INVERSE = 250  # most particles for d = 1 and a family given by φ
_EXACT = 0.2  # fraction of a chart's progress that is for the exact ends


@dataclass(frozen=True)
class Setup:
    """What a solution depends on: the flow, the time grid, and the network if it is learned.

    ``flow`` is a scene with all settings that do not affect the flow at default.
    """

    flow: Scene
    grid: TimeGrid
    net: Network | None = None

    @property
    def field(self) -> MarginalField:
        """The exact flow, which is the reference for a learned one as well."""
        return field_of(self.flow)

    def vector_field(self, divergence: bool = False) -> VectorField:
        """The vector field to integrate."""
        if self.net is None:
            return vector_field_of(self.field, divergence)
        schedule = self.field.path.affine_schedule
        return VelocityField(self.net.velocity, self.field.d, schedule, divergence)


@shared_cache(maxsize=64)
def field_of(flow: Scene) -> MarginalField:
    """The field of a scene's flow."""
    return flow.field(flow.space)


def setup_of(scene: Scene) -> Setup:
    """The setup of a scene, with steps down to t = 0."""
    flow = flow_key(scene, scene.space)
    # Parameters that the chosen grid does not use are at default, for the cache key.
    default = TimeGrid()
    grid = TimeGrid(
        name=scene.solver_grid,
        last=scene.solver_last if scene.solver_grid in ("log", "karras") else default.last,
        rho=scene.solver_rho if scene.solver_grid == "karras" else default.rho,
    )
    return Setup(flow, grid, network(scene) if scene.solver_flow == "learned" else None)


def evaluation_size(setup: Setup) -> int:
    """Number of particles that solvers are evaluated on, fewer where evaluations are slow."""
    field, most = setup.field, MAX_PARTICLES
    if isinstance(field.path, ByForward | ByInverse):
        by_inverse = field.d == 1 and isinstance(field.path, ByInverse)
        most = _MAX_BY_INVERSE if by_inverse else _MAX_IMPLICIT
    return max(60, min(most, _PAIRS // field.n))


@dataclass(frozen=True)
class Method:
    """A solver with its number of steps, or its tolerance if it is adaptive."""

    name: str
    steps: int
    tolerance: float

    @property
    def solver(self) -> Solver:
        """The solver itself."""
        return SOLVERS[self.name]


def method_of(scene: Scene) -> Method:
    """The method of a scene; the setting it does not use is 1."""
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


@shared_cache(maxsize=64)
def fitted_fractions(setup: Setup, times: tuple[float, ...]) -> tuple[float, ...]:
    """The fitted intermediate times of these steps."""
    return calibration_set(setup.field, [times]).fit(setup.vector_field(), times)


# ---------------------------------------------------------------------- the figure


@dataclass(frozen=True)
class Picture:
    """The solution of the figure, and the exact trajectories.

    ``exact``, the trajectories, and ``p``, the density on them (Q, T), None where that takes too
    long; ``solution``, with its evaluations; ``wrong`` (Q,).
    """

    exact: Trajectories
    p: NDArray[np.float64] | None
    solution: Solution
    wrong: NDArray[np.bool_]


@shared_cache(maxsize=64)
def picture(setup: Setup, method: Method, lines: int, progress: Progress = no_progress) -> Picture:
    """The solution by the chosen solver for the figure; fewer lines where their budget is spent."""
    field = setup.field
    exact, index = _exact(setup.flow, lines, progress=progress)
    solution = _solve(setup, method, starts(field, lines)[index], record=True)
    exact = with_separatrices(field, exact)
    wrong = (reached(field, solution.x[:, -1]) != field.x0[exact.basin]).any(-1)
    wrong &= exact.basin != NO_BASIN
    p = None
    if exact.x.shape[:2].numel() * field.n <= _LABELLED:
        p = density_along(field, exact.t, exact.x).numpy()
    return Picture(exact, p, solution, wrong.numpy())


def starts(field: MarginalField, lines: int) -> Tensor:
    """The starts of the trajectories of the figure, (lines, d)."""
    if field.d == 1:
        return launch(field.prior, lines, "probability")
    return field.prior.sample(lines, 2, torch.Generator().manual_seed(7))


@shared_cache(maxsize=64)
def _exact(
    flow: Scene, lines: int, progress: Progress = no_progress
) -> tuple[Trajectories, Tensor]:
    """The exact trajectories, and the indices of their starts."""
    field = field_of(flow)
    nodes = curve_nodes(flow, flow.space, NODES, 2.0)
    t = torch.linspace(0.0, 1.0, nodes, dtype=torch.float64) ** 2
    with at_work(progress) as work:
        return reference_trajectories(field, starts(field, lines), t, work.advance)


@shared_cache(maxsize=64)
def error_after(setup: Setup, method: Method, lines: int, step: int) -> float:
    """Mean distance of the figure's particles after a step from the exact ones at that time."""
    field, solution = setup.field, picture(setup, method, lines).solution
    x1 = solution.x[:, 0]
    exact, index = reference_trajectories(field, x1, torch.tensor([solution.t[step]]).to(x1))
    return float((solution.x[index, step] - exact.x[:, 0]).norm(dim=-1).mean())


@shared_cache(maxsize=64)
def check(setup: Setup, lines: int, progress: Progress = no_progress) -> dict[str, Check]:
    """The checks of the reference trajectories and particles, by name."""
    field, data = setup.field, reference_data(setup.flow, setup.flow.space)
    exact, index = _exact(setup.flow, lines)
    x1 = starts(field, lines)[index]
    with at_work(progress):  # whatever is measured gives way
        found = {
            "superposition": checks.superposition(field, data),
            "integration": checks.integration(field, exact, REFERENCE_TOLERANCE),
            "endpoints": checks.endpoints(field, data, x1, exact),
            "samples": checks.samples(field.prior, field.d),
        }
    evaluation = particles(setup)[0] if field.d == 1 else None
    if evaluation is not None and len(evaluation.x1):  # for d = 2 particles are samples
        weights = checks.particle_weights(data, evaluation.weight, evaluation.basin)
        found["particle_weights"] = weights
    return found


def particle_count(setup: Setup) -> int:
    """The number of particles that solvers are evaluated on."""
    return len(particles(setup)[0].x1)


def particles(
    setup: Setup, progress: Progress = no_progress
) -> tuple[EvaluationSet, CalibrationSet]:
    """The particles that solvers are evaluated on, and those that times are fitted to."""
    size = evaluation_size(setup)
    return _particles_of(setup.flow, size, setup.grid, progress=progress)


@shared_cache(maxsize=48)
def _particles_of(
    flow: Scene, q: int, grid: TimeGrid, progress: Progress = no_progress
) -> tuple[EvaluationSet, CalibrationSet]:
    with at_work(progress) as work:
        return evaluation_and_calibration(field_of(flow), q, grid, progress=work.advance)


@shared_cache(maxsize=256)
def result(setup: Setup, method: Method, progress: Progress = no_progress) -> Score:
    """The score of the chosen solver."""
    evaluation, _ = particles(setup, progress)
    solution = _solve(setup, method, evaluation.x1, record=False)
    return score(method.name, setup.field, evaluation, solution)


# ---------------------------------------------------------------------- the chart


class Chart:
    """Scores of all solvers at all numbers of steps, computed one by one by ``more``.

    ``found``, the scores so far. A chart is cached for all visitors, also while it is incomplete.
    """

    def __init__(self, setup: Setup) -> None:
        self.found: tuple[Score, ...] = ()
        self._setup = setup
        self._scores: Iterator[Score] | None = None
        self._lock = Lock()
        fixed = [solver for solver in SOLVERS.values() if not solver.adaptive]
        self._cost = sum(solver.cost(n, setup.grid.end) for solver in fixed for n in COUNTS)
        self.done = 0.0
        """The fraction of the evaluations done, 1 at the end."""

    def more(self, progress: Progress = no_progress) -> bool:
        """Compute one more score; returns whether there may be others.

        Before the first of them the exact ends are computed: ``progress`` is called with the
        fraction done of the chart.
        """
        with self._lock:
            if self.done == 1.0:
                return False
            try:
                self._scores = self._scores or self._begin(progress)
                new = next(self._scores, None)
            except ValueError:
                self.found, self.done, self._scores = (), 0.0, None
                raise
            if new is None:
                self.done, self._scores = 1.0, None
                return False
            self.found += (new,)
            if not SOLVERS[new.solver].adaptive:
                self.done += (0.99 - _EXACT) * new.nfe / self._cost
            return True

    def _begin(self, progress: Progress) -> Iterator[Score]:
        setup = self._setup
        evaluation, calibration = particles(setup, lambda done: progress(_EXACT * done))
        self.done = _EXACT
        return sweep(
            setup.field,
            setup.vector_field(),
            setup.grid,
            evaluation,
            COUNTS,
            calibration=calibration,
        )


def chart(setup: Setup, end: float) -> Chart:
    """The chart with errors at time ``end``, which the caller advances by ``more``."""
    return _chart(replace(setup, grid=replace(setup.grid, end=end)))


@shared_cache(maxsize=48)
def _chart(setup: Setup) -> Chart:
    return Chart(setup)
