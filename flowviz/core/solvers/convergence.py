"""Convergence of the solvers: error, wrong ends and W₂ distance against evaluations.

The exact flow takes every particle to one data point. So at t = 0 nearly all of a solver's error is
due to particles beside separatrices, which end at the wrong data point; the errors of all others
decrease on the way to the right one. With a method of order p the numerical separatrices move by
O(h^p), and so

    the fraction of wrong ends and the mean error  E|x - x*|   fall like  h^p,
    W₂, the root of a mean of squares,                         falls like h^(p/2).

For d = 1 the particles are a quadrature of the prior that is graded towards the separatrices, with
the probability of a cell, down to 1e-12, as the weight of its particle. For d = 2 they are samples
of the prior.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.distances import wasserstein
from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import Progress
from flowviz.core.solvers.adaptive import StepsExhausted, solve_adaptively
from flowviz.core.solvers.mean_value import fit_fractions
from flowviz.core.solvers.steppers import SOLVERS, Solution, Solver, solve
from flowviz.core.solvers.time_grids import TimeGrid
from flowviz.core.solvers.vector_field import VectorField
from flowviz.core.transport import Trajectories, trajectories
from flowviz.core.transport.exponential import TOLERANCE
from flowviz.core.transport.line_ends import ordered
from flowviz.core.transport.trajectories import sorted_trajectories

COUNTS = (2, 4, 6, 10, 16, 25, 40, 64)
"""Numbers of steps of a chart; an adaptive solver gets as many tolerances, 0.1 to 1e-8."""
CALIBRATION_SIZE = 32
"""Number of particles that intermediate times are fitted to."""
FLOOR = 1e-11
"""Errors below this are due to rounding, and not used for the order."""
REFERENCE_TOLERANCE = 1e-5
"""Tolerance of reference trajectories where they must be integrated."""
BUDGET = 2.5e8
"""Most units of work for one set of reference trajectories (``numerics.work``)."""
MAX_SLOPE_ERROR = 0.2
"""Largest standard error of a measured order; with a larger one no order is reported."""

_MAX_STEPS = 42
_SMALLEST_CELL = 1e-12
_CELLS = 16  # least number of cells in half a basin for a graded quadrature


@dataclass(frozen=True)
class EvaluationSet:
    """Particles that solvers are evaluated on.

    ``x1`` (Q, d), their starts; ``weight`` (Q,), the probability each represents; ``basin`` (Q,),
    the data point each reaches; ``end`` (Q, d), their exact positions at the end time.
    """

    x1: Tensor
    weight: Tensor
    basin: Tensor
    end: Tensor


def evaluation_set(
    field: MarginalField,
    q: int,
    end: float = 0.0,
    seed: int = 7,
    progress: Progress | None = None,
) -> EvaluationSet:
    """About q particles, with their exact positions at time ``end``; fewer by the `BUDGET`."""
    x1, weight = _starts(field, q, seed)
    exact, index = reference_trajectories(field, x1, x1.new_tensor([end]), progress)
    count = len(index)
    if field.d == 1 and 0 < count < len(x1):  # a quadrature needs all of its nodes
        return evaluation_set(field, count, end, seed, progress)
    weight = weight[index] * (len(x1) / max(count, 1))
    return EvaluationSet(x1[index], weight, exact.basin, exact.x[:, 0])


def reference_trajectories(
    field: MarginalField, x1: Tensor, times: Tensor, progress: Progress | None = None
) -> tuple[Trajectories, Tensor]:
    """Exact trajectories, or integrated ones with `REFERENCE_TOLERANCE`.

    Returns:
        Those that the `BUDGET` allows, and the indices of their starts, (K,): from the first starts
        for d = 2, spread evenly over sorted ones for d = 1.
    """
    tolerance = REFERENCE_TOLERANCE if _integrated(field) else TOLERANCE
    if field.d == 1:
        return sorted_trajectories(field, x1, times, tolerance, progress, BUDGET)
    found = trajectories(field, x1, times, tolerance, progress=progress, budget=BUDGET)
    return found, torch.arange(len(found.x), device=x1.device)


def _integrated(field: MarginalField) -> bool:
    """Whether reference trajectories must be integrated."""
    return field.d > 1 and field.path.affine_schedule is None


def _starts(field: MarginalField, q: int, seed: int) -> tuple[Tensor, Tensor]:
    """Starts (Q, d), and the probability each represents, (Q,)."""
    if field.d == 1:
        return _graded_starts(field, q)
    x1 = field.prior.sample(q, field.d, torch.Generator().manual_seed(seed))
    return x1, x1.new_full((q,), 1.0 / q)


def _graded_starts(field: MarginalField, q: int) -> tuple[Tensor, Tensor]:
    """Starts for d = 1 and the probabilities they represent, (Q, 1) and (Q,).

    Each basin's interval of levels F₁ is divided into cells whose widths decrease geometrically
    towards separatrices; each particle is in the middle of a cell. Towards the tails cells are
    equal.
    """
    line = ordered(field)
    count = len(line.x)
    cells = q // (2 * count)
    if cells < _CELLS:
        level = (torch.arange(q, dtype=line.x.dtype) + 0.5) / q
        return _quantile(field, level, level.flip(0))[:, None], torch.full_like(level, 1.0 / q)
    graded = torch.logspace(math.log10(_SMALLEST_CELL), 0.0, cells)
    graded = torch.cat([line.x.new_zeros(1), graded])
    equal = torch.linspace(0.0, 1.0, cells + 1, dtype=line.x.dtype)
    below, above, weight = [], [], []
    for k in range(count):
        half = 0.5 * line.weights[k]
        left = half * (graded if k > 0 else equal)
        right = half * (graded if k < count - 1 else equal)
        middles = [0.5 * (ends[1:] + ends[:-1]) for ends in (left, right)]
        # Distances from the nearer end, which are exact when small.
        below += [line.below[k] + middles[0], line.below[k] + line.weights[k] - middles[1]]
        above += [line.above[k] + line.weights[k] - middles[0], line.above[k] + middles[1]]
        weight += [left.diff(), right.diff()]
    return _quantile(field, torch.cat(below), torch.cat(above))[:, None], torch.cat(weight)


def _quantile(field: MarginalField, lower: Tensor, upper: Tensor) -> Tensor:
    """The x₁ with F₁ = ``lower`` and 1 - F₁ = ``upper``, from the smaller of both."""
    return torch.where(lower <= 0.5, field.prior.icdf(lower), field.prior.isf(upper))


@dataclass(frozen=True)
class CalibrationSet:
    """Exact trajectories ``x`` (M, T, d) for fitting intermediate times; ``index`` of each time."""

    x: Tensor
    index: dict[float, int]

    def fit(self, vector_field: VectorField, times: tuple[float, ...]) -> tuple[float, ...]:
        """The fitted intermediate times of these steps, as fractions."""
        first, *later = (self.index[t] for t in times)
        return fit_fractions(vector_field, self.x[:, first], self.x[:, later], times)


def calibration_set(
    field: MarginalField, grids: Iterable[tuple[float, ...]], progress: Progress | None = None
) -> CalibrationSet:
    """Particles for fitting intermediate times, on all of these grids."""
    times = _union(grids)
    x1 = _calibration_starts(field)
    exact, _ = reference_trajectories(field, x1, x1.new_tensor(times), progress)
    return CalibrationSet(exact.x, {t: k for k, t in enumerate(times)})


def evaluation_and_calibration(
    field: MarginalField,
    q: int,
    grid: TimeGrid,
    counts: tuple[int, ...] = COUNTS,
    seed: int = 7,
    progress: Progress | None = None,
) -> tuple[EvaluationSet, CalibrationSet]:
    """`evaluation_set` at the grid's end and `calibration_set` of its grids.

    Integrated together where they must be, as the cost hardly depends on the number of particles.
    """
    grids = [grid.times(n) for n in counts]
    if not _integrated(field):
        evaluation = evaluation_set(field, q, grid.end, seed, progress)
        return evaluation, calibration_set(field, grids, progress)
    times, (x1, weight) = _union(grids), _starts(field, q, seed)
    starts = torch.cat([x1, _calibration_starts(field)])
    exact, _ = reference_trajectories(field, starts, x1.new_tensor(times), progress)
    index = {t: k for k, t in enumerate(times)}
    # All are draws of the prior: where the budget allows fewer, both sets get fewer.
    q = len(exact.x) * q // len(starts)
    end = exact.x[:q, index[grid.end]].clone()
    weight = weight[:q] * (len(weight) / max(q, 1))
    evaluation = EvaluationSet(starts[:q], weight, exact.basin[:q], end)
    return evaluation, CalibrationSet(exact.x[q:].clone(), index)


def _calibration_starts(field: MarginalField) -> Tensor:
    return field.prior.sample(CALIBRATION_SIZE, field.d, torch.Generator().manual_seed(11))


def _union(grids: Iterable[tuple[float, ...]]) -> list[float]:
    return sorted({t for grid in grids for t in grid})


@dataclass(frozen=True)
class Score:
    """The errors of a solver.

    ``solver`` its name; ``n`` steps; ``nfe`` evaluations for each particle; ``error``, E|x - x*|;
    ``wrong``, the fraction of particles whose nearest data point is not theirs; ``w2``, the W₂
    distance from the exact distribution; ``outside``, the fraction of particles with at least one
    evaluation at p_t = 0; ``outside_evaluations``, the fraction of such evaluations. ``wrong`` and
    ``w2`` are NaN before t = 0.
    """

    solver: str
    n: int
    nfe: int
    error: float
    wrong: float
    w2: float
    outside: float
    outside_evaluations: float


def sweep(
    field: MarginalField,
    vector_field: VectorField,
    grid: TimeGrid,
    evaluation: EvaluationSet,
    counts: tuple[int, ...] = COUNTS,
    solvers: Iterable[str] = SOLVERS,
    calibration: CalibrationSet | None = None,
) -> Iterator[Score]:
    """Scores of every solver at every number of steps, few steps first.

    Args:
        field: the exact flow, for the reference.
        vector_field: to integrate: the exact one, or a learned one.
        grid: of the steps.
        evaluation: the particles.
        counts: numbers of steps; an adaptive solver gets as many tolerances, up to the first that
            takes more than `_MAX_STEPS` steps.
        solvers: names of solvers.
        calibration: for fitted solvers; computed if not given.
    """
    calibration = calibration or calibration_set(field, [grid.times(n) for n in counts])
    running, x1 = list(solvers), evaluation.x1
    for k, n in enumerate(counts):
        for name in tuple(running):
            solver, times = SOLVERS[name], grid.times(n)
            if solver.adaptive:
                found = _within_chart(solver, vector_field, x1, 10.0 ** -(k + 1), grid)
            else:
                fractions = calibration.fit(vector_field, times) if solver.fitted else None
                found = solve(solver, vector_field, x1, times, fractions)
            if found is None:
                running.remove(name)
            else:
                yield score(name, field, evaluation, found)


def _within_chart(
    solver: Solver, vector_field: VectorField, x1: Tensor, tolerance: float, grid: TimeGrid
) -> Solution | None:
    ends = (1.0, grid.end)
    try:
        return solve_adaptively(
            solver, vector_field, x1, tolerance, ends, grid.last, max_steps=_MAX_STEPS
        )
    except StepsExhausted:
        return None


def score(name: str, field: MarginalField, evaluation: EvaluationSet, found: Solution) -> Score:
    """The score of one solution; NaN without particles."""
    x, n, nfe = found.x[:, -1], len(found.t) - 1, found.nfe
    if not len(x):
        return Score(name, n, nfe, *5 * (math.nan,))
    error = float(evaluation.weight @ torch.linalg.vector_norm(x - evaluation.end, dim=-1))
    outside = float(evaluation.weight @ (found.outside > 0).to(x))
    evaluations = float(evaluation.weight @ found.outside.to(x)) / nfe
    if found.t[-1] > 0.0:
        return Score(name, n, nfe, error, math.nan, math.nan, outside, evaluations)
    is_wrong = (reached(field, x) != evaluation.end).any(-1).to(x)
    mass = torch.zeros_like(field.weights).index_add_(0, evaluation.basin, evaluation.weight)
    positive = mass > 0
    w2 = wasserstein(x, field.x0[positive], evaluation.weight, mass[positive])
    wrong = float(evaluation.weight @ is_wrong)
    return Score(name, n, nfe, error, wrong, w2, outside, evaluations)


def reached(field: MarginalField, x: Tensor) -> Tensor:
    """The data point nearest to each position, (Q, d) -> (Q, d)."""
    return field.x0[torch.cdist(x, field.x0).nan_to_num(torch.inf).argmin(1)]


def slope(nfe: Iterable[float], error: Iterable[float], fitted: int = 4) -> float | None:
    """The measured order: the slope of -log error over log NFE, or None.

    By least squares through the last few errors above rounding. With residuals r of K points its
    standard error is √(Σr²/(K-2) / Σ(x - x̄)²). None if that is above `MAX_SLOPE_ERROR`, or with
    fewer than three points.
    """
    pairs = [
        (math.log(n), -math.log(e)) for n, e in zip(nfe, error, strict=True) if FLOOR < e < math.inf
    ]
    if len(pairs) < 3:
        return None
    rows = torch.tensor(pairs[-fitted:], dtype=torch.float64)
    x, y = (rows - rows.mean(0)).unbind(1)
    if not float(x @ x) > 0.0:
        return None
    order = (x @ y) / (x @ x)
    standard_error = ((y - order * x).square().sum() / (len(rows) - 2) / (x @ x)).sqrt()
    return float(order) if float(standard_error) <= MAX_SLOPE_ERROR else None


def stays_below(nfe: Iterable[float], error: Iterable[float], bound: float) -> int | None:
    """The least NFE such that the error is below a bound there and for all larger NFE, or None."""
    least: int | None = None
    for n, e in sorted(zip(nfe, error, strict=True), reverse=True):
        if not e < bound:
            break
        least = int(n)
    return least
