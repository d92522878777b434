"""What solvers say of log p at a place, beside what is true, computed once for everybody."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.solvers import SOLVERS
from flowviz.core.solvers.likelihood import solver_log_prob
from flowviz.core.solvers.vector_field import VectorField
from flowviz.scene import Scene
from flowviz.ui.session.cache import Progress, shared
from flowviz.ui.solvers.compute import Method, Setup, field_of, fitted_fractions

ANSWERS = (4, 8, 16)
"""Step counts of the table of likelihoods."""
TOLERANCES = (1e-2, 1e-3, 1e-4)
"""What a solver of its own steps is asked for instead."""
DRAWS = 200
"""Places a mass is measured at."""
_LEAST_T, _MOST_T = 0.01, 0.99  # times a likelihood is asked at


@dataclass(frozen=True)
class Answer:
    """One solver's log p at a place, its evaluations, and the mass of all its answers.

    ``mass`` is ∫ exp(log p) dx where p_t > 0, measured at draws from p_t itself as the mean of
    exp(log p)/p_t: for the exact log p every term is 1. ``noise`` is its standard error.
    """

    solver: str
    n: int
    nfe: int
    log_p: float
    mass: float
    noise: float


@dataclass(frozen=True)
class Answers:
    """What solvers say at a place, beside what is true: ``exact``, -inf where p_t = 0."""

    t: float
    exact: float
    rows: tuple[Answer, ...]

    def of(self, solver: str, n: int) -> Answer:
        """One of the answers."""
        return next(row for row in self.rows if (row.solver, row.n) == (solver, n))


def query_point(scene: Scene) -> tuple[float, ...] | None:
    """The place asked about, (t, x…), at a time that can be asked about."""
    at = scene.plane_probe if scene.space == "plane" else scene.probe
    return None if at is None else (min(max(at[0], _LEAST_T), _MOST_T), *at[1:])


def answers(setup: Setup, place: tuple[float, ...], progress: Progress) -> Answers:
    """All solvers at the table's step counts."""
    return _answers(setup, place, progress=progress)


@shared(maxsize=96)
def _answers(setup: Setup, place: tuple[float, ...], progress: Progress) -> Answers:
    exact = float(setup.field.log_prob(_position(place), place[0]))
    asked = [
        Method(name, n, tolerance)
        for name in SOLVERS
        for n, tolerance in zip(ANSWERS, TOLERANCES, strict=True)
    ]
    vector_field, found = setup.vector_field(divergence=True), list[Answer]()
    for method in asked:
        found.append(_answer(setup, method, place, vector_field))
        progress(len(found) / len(asked))
    return Answers(place[0], exact, tuple(found))


@shared(maxsize=512)
def answer(setup: Setup, method: Method, place: tuple[float, ...]) -> Answer:
    """One solver's answer."""
    return _answer(setup, method, place, setup.vector_field(divergence=True))


def _answer(
    setup: Setup, method: Method, place: tuple[float, ...], vector_field: VectorField
) -> Answer:
    t, field = place[0], setup.field
    around = _samples(setup.flow, t)
    times = tuple(reversed(replace(setup.grid, end=t).times(method.steps)))
    found = solver_log_prob(
        method.solver,
        vector_field,
        field.prior,
        torch.cat([_position(place), around]),
        times,
        tolerance=method.tolerance if method.solver.adaptive else None,
        fractions=fitted_fractions(setup, times) if method.solver.fitted else None,
    )
    ratio = (found.log_p[1:] - _log_p(setup.flow, t)).exp()
    ratio = ratio[torch.isfinite(ratio)]
    noise = float(ratio.std()) / math.sqrt(max(len(ratio), 1))
    log_p = float(found.log_p[0])
    return Answer(method.name, method.steps, found.nfe, log_p, float(ratio.mean()), noise)


@shared(maxsize=64)
def _log_p(flow: Scene, t: float) -> Tensor:
    """The exact log p_t at those draws."""
    return field_of(flow).log_prob(_samples(flow, t), t)


def _position(place: tuple[float, ...]) -> Tensor:
    return torch.tensor([place[1:]], dtype=torch.float64)


@shared(maxsize=64)
def _samples(flow: Scene, t: float) -> Tensor:
    """Draws from p_t, the same every time."""
    field = field_of(flow)
    generator = torch.Generator().manual_seed(13)
    which = torch.multinomial(field.weights, DRAWS, replacement=True, generator=generator)
    x1 = field.prior.sample(DRAWS, field.d, generator)
    time = torch.full((DRAWS,), t, dtype=x1.dtype)
    return field.path.forward(x1, field.x0[which][:, None], time)[:, 0]
