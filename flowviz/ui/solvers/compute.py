"""From a scene to what the page Solvers shows, each computed once for everybody who asks.

`setup_of` names what walks depend on: the flow, exact or learned, and the grid of the steps. It is
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
from flowviz.core.solvers import SOLVERS, Solver, Walk, walk
from flowviz.core.solvers.adaptive import walk_adaptively
from flowviz.core.solvers.convergence import (
    COUNTS,
    JUDGED,
    Lesson,
    Particles,
    Plan,
    Score,
    calibration_set,
    exact,
    reached,
    school,
    score,
    sweep,
)
from flowviz.core.solvers.vector_field import Flow
from flowviz.core.solvers.vector_fields import LearnedFlow, flow_of
from flowviz.core.transport import Trajectories, launch
from flowviz.scene import Scene
from flowviz.scene.settings import FLOW
from flowviz.ui.fan import compute
from flowviz.ui.plane import compute as plane_compute
from flowviz.ui.session.cache import shared
from flowviz.ui.solvers.learned import Network, network
from flowviz.ui.widgets.readouts import asked

MOST = 500
"""Particles that are judged."""
NODES = 81
_PAIRS = 25_000  # particles × data points a step may cost
_SOLVED = 60  # particles of a family whose every look solves equations
_GIVEN_BACK = 250  # particles of the line, of a family that is given by φ: its looks differentiate


@dataclass(frozen=True)
class Setup:
    """What a walk depends on: the flow, the steps' grid, and the network, if it is a learned one.

    ``flow`` is a scene with all that does not move probability at default.
    """

    flow: Scene
    plan: Plan
    net: Network | None = None

    @property
    def field(self) -> MarginalField:
        """The exact flow, which also judges a learned one."""
        return field_of(self.flow)

    def walkable(self, divergence: bool = False) -> Flow:
        """A fresh flow to walk along, its count at 0."""
        if self.net is None:
            return flow_of(self.field, divergence)
        schedule = self.field.path.lens
        return LearnedFlow(self.net.velocity, self.field.d, schedule, divergence)


@shared(maxsize=64)
def field_of(flow: Scene) -> MarginalField:
    """The field of a scene's flow."""
    return flow.field(flow.space)


def setup_of(scene: Scene) -> Setup:
    """The setup of a scene, its walks down to t = 0."""
    names = ("space", "schedule", "schedule_params", *FLOW[scene.space])
    flow = Scene(**{name: getattr(scene, name) for name in names})
    # Parameters that no grid of the scene's kind reads are no part of the key.
    usual = Plan()
    plan = Plan(
        grid=scene.solver_grid,
        last=scene.solver_last if scene.solver_grid in ("log", "karras") else usual.last,
        rho=scene.solver_rho if scene.solver_grid == "karras" else usual.rho,
    )
    return Setup(flow, plan, network(scene) if scene.solver_flow == "learned" else None)


def view(flow: Scene) -> tuple[float, ...]:
    """What the picture shows: an interval of the line, or a square of the plane."""
    if flow.space == "plane":
        return plane_compute.view(plane_compute.flow_of(flow))
    return compute.view(compute.flow_of(flow))


def judges(setup: Setup) -> int:
    """How many particles are judged: fewer where each costs more."""
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


def _walk(setup: Setup, method: Method, x1: Tensor, record: bool) -> Walk:
    flow, plan = setup.walkable(), setup.plan
    if method.solver.adaptive:
        ends = (1.0, plan.end)
        return walk_adaptively(
            method.solver, flow, x1, method.tolerance, ends, plan.last, record=record
        )
    times = plan.times(method.steps)
    shares = fitted_shares(setup, times) if method.solver.fitted else None
    return walk(method.solver, flow, x1, times, shares, record)


@shared(maxsize=64)
def fitted_shares(setup: Setup, times: tuple[float, ...]) -> tuple[float, ...]:
    """The fitted intermediate times of these steps."""
    return calibration_set(setup.field, [times]).fit(setup.walkable(), times)


# ---------------------------------------------------------------------- the picture


@dataclass(frozen=True)
class Shown:
    """The walks that are drawn, over the exact trajectories.

    ``known``, the exact trajectories; ``walk``, with its looks; ``wrong`` (Q,).
    """

    known: Trajectories
    walk: Walk
    wrong: NDArray[np.bool_]


@shared(maxsize=64)
def shown(setup: Setup, method: Method, lines: int) -> Shown:
    """The chosen solver's walks from a few starts."""
    field = setup.field
    known = _known(setup.flow, lines)
    x1 = starts(field, lines)
    made = _walk(setup, method, x1, record=True)
    wrong = (reached(field, made.x[:, -1]) != field.x0[known.basin]).any(-1)
    return Shown(known, made, wrong.numpy())


def starts(field: MarginalField, lines: int) -> Tensor:
    """Where the walks that are drawn start, (lines, d)."""
    if field.d == 1:
        return launch(field.prior, lines, "probability")
    return field.prior.sample(lines, 2, torch.Generator().manual_seed(7))


@shared(maxsize=64)
def _known(flow: Scene, lines: int) -> Trajectories:
    field = field_of(flow)
    t = torch.linspace(0.0, 1.0, NODES, dtype=torch.float64) ** 2
    return exact(field, starts(field, lines), t)


@shared(maxsize=64)
def check(setup: Setup, lines: int) -> dict[str, Check]:
    """What holds of the trajectories and the particles that solvers are judged by, by name."""
    field, data, known = setup.field, asked(setup.flow, setup.flow.space), _known(setup.flow, lines)
    found = {
        "superposition": checks.superposition(field, data),
        "integration": checks.integration(field, known, JUDGED),
        "endpoints": checks.endpoints(field, data, starts(field, lines), known),
        "samples": checks.samples(field.prior, field.d),
    }
    if field.d == 1:  # in the plane particles are samples
        judged, _ = _school(setup.flow, judges(setup), setup.plan)
        found["shares"] = checks.shares(data, judged.weight, judged.basin)
    return found


@shared(maxsize=48)
def _school(flow: Scene, q: int, plan: Plan) -> tuple[Particles, Lesson]:
    return school(field_of(flow), q, plan)


@shared(maxsize=256)
def result(setup: Setup, method: Method) -> Score:
    """How well the chosen solver does."""
    judged, _ = _school(setup.flow, judges(setup), setup.plan)
    made = _walk(setup, method, judged.x1, record=False)
    return score(method.name, setup.field, judged, made)


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
        self._cost = sum(solver.cost(n, setup.plan.end) for solver in given for n in COUNTS)
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
            except ValueError:  # what cannot be walked is begun anew by whoever asks next
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
        judged, lesson = _school(setup.flow, judges(setup), setup.plan)
        return sweep(setup.field, setup.walkable, setup.plan, judged, COUNTS, lesson=lesson)


def chart(setup: Setup, end: float) -> Chart:
    """Every solver at every step count, judged at time ``end``; the caller asks for ``more``."""
    return _chart(replace(setup, plan=replace(setup.plan, end=end)))


@shared(maxsize=48)
def _chart(setup: Setup) -> Chart:
    return Chart(setup)
