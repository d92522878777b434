"""log p at the query point by the solvers, and its exact value, cached for all visitors."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.solvers import SOLVERS
from flowviz.core.solvers.likelihood import solver_log_prob
from flowviz.core.solvers.vector_field import VectorField
from flowviz.scene import Scene
from flowviz.ui.session.cache import Progress, shared_cache
from flowviz.ui.solvers.compute import Method, Setup, field_of, fitted_fractions

STEP_COUNTS = (4, 8, 16)
"""Numbers of steps in the table of likelihoods."""
TOLERANCES = (1e-2, 1e-3, 1e-4)
"""Tolerances of the adaptive solvers in it."""
DRAWS = 200
"""Number of samples for the estimate of a mass."""
_T_MIN, _T_MAX = 0.01, 0.99  # range of the query time


@dataclass(frozen=True)
class LogProb:
    """log p at the query point by one solver, its evaluations, and its total mass.

    ``mass`` is ∫ exp(log p) dx where p_t > 0, estimated from samples of p_t as the mean of
    exp(log p)/p_t, which is 1 for the exact log p. ``noise`` is its standard error.
    """

    solver: str
    n: int
    nfe: int
    log_p: float
    mass: float
    noise: float


@dataclass(frozen=True)
class LogProbs:
    """log p by all solvers at the query point, and the ``exact`` one, -inf where p_t = 0."""

    t: float
    exact: float
    rows: tuple[LogProb, ...]

    def of(self, solver: str, n: int) -> LogProb:
        """The result of a solver with n steps."""
        return next(row for row in self.rows if (row.solver, row.n) == (solver, n))


def query_point(scene: Scene) -> tuple[float, ...] | None:
    """The query point (t, x…), with t clamped to the allowed range."""
    at = scene.plane_probe if scene.space == "plane" else scene.probe
    return None if at is None else (min(max(at[0], _T_MIN), _T_MAX), *at[1:])


def log_probs(setup: Setup, query: tuple[float, ...], progress: Progress) -> LogProbs:
    """All solvers with all numbers of steps of the table."""
    return _log_probs(setup, query, progress=progress)


@shared_cache(maxsize=96)
def _log_probs(setup: Setup, query: tuple[float, ...], progress: Progress) -> LogProbs:
    exact = float(setup.field.log_prob(position(query), query[0]))
    methods = [
        Method(name, n, tolerance)
        for name in SOLVERS
        for n, tolerance in zip(STEP_COUNTS, TOLERANCES, strict=True)
    ]
    vector_field, found = setup.vector_field(divergence=True), list[LogProb]()
    for method in methods:
        found.append(_log_prob(setup, method, query, vector_field))
        progress(len(found) / len(methods))
    return LogProbs(query[0], exact, tuple(found))


@shared_cache(maxsize=512)
def log_prob(setup: Setup, method: Method, query: tuple[float, ...]) -> LogProb:
    """The result of one method."""
    return _log_prob(setup, method, query, setup.vector_field(divergence=True))


def _log_prob(
    setup: Setup, method: Method, query: tuple[float, ...], vector_field: VectorField
) -> LogProb:
    t, field = query[0], setup.field
    samples = _samples(setup.flow, t)
    times = tuple(reversed(replace(setup.grid, end=t).times(method.steps)))
    found = solver_log_prob(
        method.solver,
        vector_field,
        field.prior,
        torch.cat([position(query), samples]),
        times,
        tolerance=method.tolerance if method.solver.adaptive else None,
        fractions=fitted_fractions(setup, times) if method.solver.fitted else None,
    )
    ratio = (found.log_p[1:] - _log_p(setup.flow, t)).exp()
    ratio = ratio[torch.isfinite(ratio)]
    noise = float(ratio.std()) / math.sqrt(max(len(ratio), 1))
    log_p = float(found.log_p[0])
    return LogProb(method.name, method.steps, found.nfe, log_p, float(ratio.mean()), noise)


@shared_cache(maxsize=64)
def _log_p(flow: Scene, t: float) -> Tensor:
    """The exact log p_t at the samples."""
    return field_of(flow).log_prob(_samples(flow, t), t)


def position(query: tuple[float, ...]) -> Tensor:
    """Where the query point is, (1, d)."""
    return torch.tensor([query[1:]], dtype=torch.float64)


@shared_cache(maxsize=64)
def _samples(flow: Scene, t: float) -> Tensor:
    """Samples of p_t, with a fixed seed."""
    field = field_of(flow)
    generator = torch.Generator().manual_seed(13)
    which = torch.multinomial(field.weights, DRAWS, replacement=True, generator=generator)
    x1 = field.prior.sample(DRAWS, field.d, generator)
    time = torch.full((DRAWS,), t, dtype=x1.dtype)
    return field.path.forward(x1, field.x0[which][:, None], time)[:, 0]
