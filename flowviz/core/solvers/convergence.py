"""How fast solvers converge: error, wrong ends and distance of distributions against evaluations.

A particle that starts at x₁ belongs to one data point and ends there. So at t = 0 nearly all of a
solver's error is made at the borders between basins: a particle beside a border ends at the wrong
data point, and all others, pulled in by the right one, lose their error on the way. With a method
of order p the borders move by O(h^p), and so

    the fraction of wrong ends and the mean error  E|x - x*|   fall like  h^p,
    W₂, the root of a mean of squares,                         falls like h^(p/2).

On the line the particles are a quadrature of the prior, dense towards the borders: each stands
for the probability of its cell, down to 1e-12. In the plane they are draws from the prior.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.distances import wasserstein
from flowviz.core.field import MarginalField
from flowviz.core.solvers.adaptive import StepsExhausted, solve_adaptively
from flowviz.core.solvers.mean_value import fit_fractions
from flowviz.core.solvers.steppers import SOLVERS, Solution, Solver, solve
from flowviz.core.solvers.time_grids import TimeGrid
from flowviz.core.solvers.vector_field import VectorField
from flowviz.core.transport import Trajectories, trajectories
from flowviz.core.transport.exponential import TOLERANCE
from flowviz.core.transport.line_ends import ordered

COUNTS = (2, 4, 6, 10, 16, 25, 40, 64)
"""The step counts of a chart; a solver of its own steps gets as many tolerances, 0.1 to 1e-8."""
CALIBRATION_SIZE = 32
"""Particles that intermediate times are fitted to; none of those that are evaluated."""
FLOOR = 1e-11
"""Errors below this are rounding, and no slope is read from them."""
REFERENCE_TOLERANCE = 1e-5
"""The error a step of reference trajectories may have where they must be integrated."""
MAX_SLOPE_ERROR = 0.2
"""A slope whose standard error is more than this is none: its points are no line."""

_MAX_STEPS = 42
_SMALLEST_CELL = 1e-12
_CELLS = 16  # cells a basin needs on either side for dense borders to be worthwhile


@dataclass(frozen=True)
class EvaluationSet:
    """Particles that solvers are evaluated on.

    ``x1`` (Q, d), where they start; ``weight`` (Q,), the probability each stands for; ``basin``
    (Q,), the data point each belongs to; ``end`` (Q, d), where it is at the time asked for.
    """

    x1: Tensor
    weight: Tensor
    basin: Tensor
    end: Tensor


def evaluation_set(field: MarginalField, q: int, end: float = 0.0, seed: int = 7) -> EvaluationSet:
    """About q particles, with their exact positions at time ``end``."""
    x1, weight = _starts(field, q, seed)
    exact = reference_trajectories(field, x1, x1.new_tensor([end]))
    return EvaluationSet(x1, weight, exact.basin, exact.x[:, 0])


def reference_trajectories(field: MarginalField, x1: Tensor, times: Tensor) -> Trajectories:
    """Exact to rounding where they are known so, to `REFERENCE_TOLERANCE` otherwise."""
    tolerance = REFERENCE_TOLERANCE if _integrated(field) else TOLERANCE
    return trajectories(field, x1, times, tolerance)


def _integrated(field: MarginalField) -> bool:
    """Whether exact trajectories must be integrated, by steps of the family itself."""
    return field.d > 1 and field.path.affine_schedule is None


def _starts(field: MarginalField, q: int, seed: int) -> tuple[Tensor, Tensor]:
    """Where particles start, (Q, d), and the probability each stands for, (Q,)."""
    if field.d == 1:
        return _dense_at_borders(field, q)
    x1 = field.prior.sample(q, field.d, torch.Generator().manual_seed(seed))
    return x1, x1.new_full((q,), 1.0 / q)


def _dense_at_borders(field: MarginalField, q: int) -> tuple[Tensor, Tensor]:
    """Starts on the line and the probabilities they stand for, (Q, 1) and (Q,).

    Each basin's interval of levels F₁ is cut into cells whose widths shrink towards its inner ends
    in equal ratios; each particle is in the middle of a cell. The far tails are divided evenly.
    """
    line = ordered(field)
    count = len(line.x)
    per = q // (2 * count)
    if per < _CELLS:
        level = (torch.arange(q, dtype=line.x.dtype) + 0.5) / q
        return _start(field, level, level.flip(0))[:, None], torch.full_like(level, 1.0 / q)
    fine = torch.cat([line.x.new_zeros(1), torch.logspace(math.log10(_SMALLEST_CELL), 0.0, per)])
    even = torch.linspace(0.0, 1.0, per + 1, dtype=line.x.dtype)
    below, above, weight = [], [], []
    for k in range(count):
        half = 0.5 * line.weights[k]
        left = half * (fine if k > 0 else even)
        right = half * (fine if k < count - 1 else even)
        middles = [0.5 * (cut[1:] + cut[:-1]) for cut in (left, right)]
        # From the left end upwards, then from the right end downwards: small numbers stay small.
        below += [line.below[k] + middles[0], line.below[k] + line.weights[k] - middles[1]]
        above += [line.above[k] + line.weights[k] - middles[0], line.above[k] + middles[1]]
        weight += [left.diff(), right.diff()]
    return _start(field, torch.cat(below), torch.cat(above))[:, None], torch.cat(weight)


def _start(field: MarginalField, lower: Tensor, upper: Tensor) -> Tensor:
    """The x₁ with F₁ = ``lower`` and 1 - F₁ = ``upper``, from whichever is smaller."""
    return torch.where(lower <= 0.5, field.prior.icdf(lower), field.prior.isf(upper))


@dataclass(frozen=True)
class CalibrationSet:
    """Exact trajectories to fit intermediate times to: ``x`` (M, T, d) at ``index``'s times."""

    x: Tensor
    index: dict[float, int]

    def fit(self, vector_field: VectorField, times: tuple[float, ...]) -> tuple[float, ...]:
        """The best intermediate times of these steps, as fractions; t = 0 only last."""
        first, *later = (self.index[t] for t in times)
        return fit_fractions(vector_field, self.x[:, first], self.x[:, later], times)


def calibration_set(field: MarginalField, grids: Iterable[tuple[float, ...]]) -> CalibrationSet:
    """Particles to fit intermediate times to, on all of these grids."""
    times = _union(grids)
    x1 = _calibration_starts(field)
    exact = trajectories(field, x1, x1.new_tensor(times), tolerance=REFERENCE_TOLERANCE)
    return CalibrationSet(exact.x, {t: k for k, t in enumerate(times)})


def evaluation_and_calibration(
    field: MarginalField, q: int, grid: TimeGrid, counts: tuple[int, ...] = COUNTS, seed: int = 7
) -> tuple[EvaluationSet, CalibrationSet]:
    """`evaluation_set` at the grid's end and `calibration_set` of its grids, integrated together
    where they must be: most of the cost is that of the steps, however many take them.
    """
    grids = [grid.times(n) for n in counts]
    if not _integrated(field):
        return evaluation_set(field, q, grid.end, seed), calibration_set(field, grids)
    times, (x1, weight) = _union(grids), _starts(field, q, seed)
    starts = torch.cat([x1, _calibration_starts(field)])
    exact = reference_trajectories(field, starts, x1.new_tensor(times))
    index = {t: k for k, t in enumerate(times)}
    end = exact.x[:q, index[grid.end]].clone()
    evaluation = EvaluationSet(x1, weight, exact.basin[:q], end)
    return evaluation, CalibrationSet(exact.x[q:].clone(), index)


def _calibration_starts(field: MarginalField) -> Tensor:
    return field.prior.sample(CALIBRATION_SIZE, field.d, torch.Generator().manual_seed(11))


def _union(grids: Iterable[tuple[float, ...]]) -> list[float]:
    return sorted({t for grid in grids for t in grid})


@dataclass(frozen=True)
class Score:
    """How well a solver did.

    ``solver`` its name; ``n`` its steps; ``nfe`` evaluations a particle; ``error``, E|x - x*|;
    ``wrong``, the fraction of particles nearest to a data point that is not theirs; ``w2``, W₂
    between where it brought them and where they belong; ``outside``, the fraction of particles that
    were where p_t = 0, beyond the support of a compact prior, in one of their evaluations or more;
    ``outside_evaluations``, the fraction of such evaluations. Before t = 0 there are no wrong ends
    and no W₂.
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
    """Every solver at every number of steps, few steps first; the caller sees each score at once.

    Args:
        field: the exact flow, which solvers are compared to.
        vector_field: what to step along: the exact one, or a learned one.
        grid: of the steps.
        evaluation: the particles.
        counts: numbers of steps; a solver of its own steps gets as many tolerances, up to the first
            that takes more steps than a chart shows.
        solvers: names of solvers.
        calibration: what intermediate times are fitted to, if it is known.
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
    """Evaluate one solution for the particles."""
    x, n, nfe = found.x[:, -1], len(found.t) - 1, found.nfe
    error = float(evaluation.weight @ torch.linalg.vector_norm(x - evaluation.end, dim=-1))
    outside = float(evaluation.weight @ (found.outside > 0).to(x))
    evaluations = float(evaluation.weight @ found.outside.to(x)) / nfe
    if found.t[-1] > 0.0:  # on the way nothing has arrived yet
        return Score(name, n, nfe, error, math.nan, math.nan, outside, evaluations)
    missed = (reached(field, x) != evaluation.end).any(-1).to(x)
    mass = torch.zeros_like(field.weights).index_add_(0, evaluation.basin, evaluation.weight)
    held = mass > 0
    w2 = wasserstein(x, field.x0[held], evaluation.weight, mass[held])
    wrong = float(evaluation.weight @ missed)
    return Score(name, n, nfe, error, wrong, w2, outside, evaluations)


def reached(field: MarginalField, x: Tensor) -> Tensor:
    """The data point nearest to each position, (Q, d) -> (Q, d)."""
    return field.x0[torch.cdist(x, field.x0).nan_to_num(torch.inf).argmin(1)]


def slope(nfe: Iterable[float], error: Iterable[float], fitted: int = 4) -> float | None:
    """The order read off a chart: the slope of -log error over log NFE, None where it is no line.

    A straight line through the last few errors that are above rounding, by least squares. With
    residuals r of K points its standard error is √(Σr²/(K-2) / Σ(x - x̄)²): beyond
    `MAX_SLOPE_ERROR`, or with fewer than three points, there is no slope to speak of.
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
    read = (x @ y) / (x @ x)
    error_of_slope = ((y - read * x).square().sum() / (len(rows) - 2) / (x @ x)).sqrt()
    return float(read) if float(error_of_slope) <= MAX_SLOPE_ERROR else None


def stays_below(nfe: Iterable[float], error: Iterable[float], bound: float) -> int | None:
    """The fewest evaluations from which on the error stays below a bound; None if it never does.

    A single lucky count does not make it: all larger ones must be below, too.
    """
    least: int | None = None
    for n, e in sorted(zip(nfe, error, strict=True), reverse=True):
        if not e < bound:
            break
        least = int(n)
    return least
