"""How fast solvers converge: error, wrong ends and distance of laws against evaluations.

A particle that starts at x₁ belongs to one data point and ends there. So at t = 0 nearly all of a
solver's error is made at the borders between basins: a particle beside a border ends at the wrong
data point, and all others, pulled in by the right one, lose their error on the way. With a method
of order p the borders move by O(h^p), and so

    the share of wrong ends and the mean error  E|x - x*|   fall like  h^p,
    W₂, the root of a mean of squares,                      falls like h^(p/2).

On the line the particles are a quadrature of the prior, crowded towards the borders: each stands
for the probability of its cell, down to 1e-12. In the plane they are draws from the prior.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.distances import wasserstein
from flowviz.core.field import MarginalField
from flowviz.core.solvers.adaptive import walking_adaptively
from flowviz.core.solvers.mean_value import fitting
from flowviz.core.solvers.steppers import SOLVERS, Walk, walking
from flowviz.core.solvers.talks import Talk, alone, rounds
from flowviz.core.solvers.time_grids import LAST, RHO, time_grid
from flowviz.core.solvers.vector_field import Flow
from flowviz.core.transport import Trajectories, trajectories
from flowviz.core.transport.exponential import TOLERANCE
from flowviz.core.transport.line_ends import ordered

COUNTS = (2, 4, 6, 10, 16, 25, 40, 64)
"""The step counts of a chart."""
TOLERANCES = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
"""What a solver of its own steps is asked for instead."""
PUPILS = 32
"""Particles that intermediate times are fitted to; none of those they are judged by."""
FLOOR = 1e-11
"""Errors below this are rounding, and no slope is read from them."""
JUDGED = 1e-5
"""The error a step of those trajectories may have that are judged by and must be integrated."""
DOUBT = 0.2
"""A slope whose standard error is more than this is none: its points are no line."""

MakeFlow = Callable[[], Flow]

_MOST_STEPS = 42
_FINEST = 1e-12
_LANES = 4  # in which a solver of its own steps goes through the tolerances
_CELLS = 16  # cells a basin needs on either side for crowding towards borders to be worthwhile


@dataclass(frozen=True)
class Particles:
    """Where particles start and belong.

    ``x1`` (Q, d); ``weight`` (Q,), the probability each stands for; ``basin`` (Q,), the data point
    each belongs to; ``end`` (Q, d), where it is at the time asked for.
    """

    x1: Tensor
    weight: Tensor
    basin: Tensor
    end: Tensor


def particles(field: MarginalField, q: int, end: float = 0.0, seed: int = 7) -> Particles:
    """About q particles, with their exact positions at time ``end``."""
    x1, weight = _starts(field, q, seed)
    shown = exact(field, x1, x1.new_tensor([end]))
    return Particles(x1, weight, shown.basin, shown.x[:, 0])


def exact(field: MarginalField, x1: Tensor, times: Tensor) -> Trajectories:
    """Trajectories to judge by: to rounding where they are known so, to `JUDGED` otherwise."""
    return trajectories(field, x1, times, JUDGED if _stepped(field) else TOLERANCE)


def _stepped(field: MarginalField) -> bool:
    """Whether exact trajectories must be integrated, by steps of the family itself."""
    return field.d > 1 and field.path.lens is None


def _starts(field: MarginalField, q: int, seed: int) -> tuple[Tensor, Tensor]:
    """Where particles start, (Q, d), and the probability each stands for, (Q,)."""
    if field.d == 1:
        return _at_borders(field, q)
    x1 = field.prior.sample(q, field.d, torch.Generator().manual_seed(seed))
    return x1, x1.new_full((q,), 1.0 / q)


def _at_borders(field: MarginalField, q: int) -> tuple[Tensor, Tensor]:
    """Starts on the line and the probabilities they stand for, (Q, 1) and (Q,).

    Each basin's interval of levels F₁ is cut into cells whose widths shrink towards its inner ends
    in equal ratios; each particle is in the middle of a cell. The far tails are not crowded.
    """
    line = ordered(field)
    count = len(line.x)
    per = q // (2 * count)
    if per < _CELLS:
        level = (torch.arange(q, dtype=line.x.dtype) + 0.5) / q
        return _start(field, level, level.flip(0))[:, None], torch.full_like(level, 1.0 / q)
    fine = torch.cat([line.x.new_zeros(1), torch.logspace(math.log10(_FINEST), 0.0, per)])
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
class Plan:
    """How a solver is to walk: the grid of its steps, and where to.

    ``grid`` a key of `GRIDS`; ``last`` and ``rho``, its parameters; ``end``, the last time.
    """

    grid: str = "uniform"
    end: float = 0.0
    last: float = LAST
    rho: float = RHO

    def times(self, n: int) -> tuple[float, ...]:
        """The times of n steps."""
        return time_grid(self.grid, n, self.end, self.last, self.rho)


@dataclass(frozen=True)
class Lesson:
    """Exact trajectories to learn from: ``exact`` (M, T, d), and the ``place`` of each time."""

    exact: Tensor
    place: dict[float, int]

    def fit(self, flow: Flow, times: tuple[float, ...]) -> tuple[float, ...]:
        """The best intermediate times for these steps, falling or rising; t = 0 only last."""
        return alone(flow, self.fitting(flow, times))

    def fitting(self, flow: Flow, times: tuple[float, ...]) -> Talk[tuple[float, ...]]:
        """`fit` that asks."""
        first, *later = (self.place[t] for t in times)
        return fitting(flow, self.exact[:, first], self.exact[:, later], times)


def calibration_set(field: MarginalField, grids: Iterable[tuple[float, ...]]) -> Lesson:
    """Particles of their own to fit intermediate times to, on all of these grids."""
    times = _union(grids)
    x1 = _learners(field)
    shown = trajectories(field, x1, x1.new_tensor(times), tolerance=JUDGED).x
    return Lesson(shown, {t: k for k, t in enumerate(times)})


def school(
    field: MarginalField, q: int, plan: Plan, counts: tuple[int, ...] = COUNTS, seed: int = 7
) -> tuple[Particles, Lesson]:
    """`particles` at the plan's end and `calibration_set` of its grids, integrated together where
    they must be: most of the cost is that of the steps, however many take them.
    """
    grids = [plan.times(n) for n in counts]
    if not _stepped(field):
        return particles(field, q, plan.end, seed), calibration_set(field, grids)
    times, (x1, weight) = _union(grids), _starts(field, q, seed)
    every = exact(field, torch.cat([x1, _learners(field)]), x1.new_tensor(times))
    place = {t: k for k, t in enumerate(times)}
    judged = Particles(x1, weight, every.basin[:q], every.x[:q, place[plan.end]].clone())
    return judged, Lesson(every.x[q:].clone(), place)


def _learners(field: MarginalField) -> Tensor:
    return field.prior.sample(PUPILS, field.d, torch.Generator().manual_seed(11))


def _union(grids: Iterable[tuple[float, ...]]) -> list[float]:
    return sorted({t for grid in grids for t in grid})


@dataclass(frozen=True)
class Score:
    """How well a solver did.

    ``solver`` its name; ``n`` its steps; ``nfe`` evaluations a particle; ``error``, E|x - x*|;
    ``wrong``, the share of particles nearest to a data point that is not theirs; ``w2``, W₂ between
    where it brought them and where they belong; ``outside``, the share of particles that were where
    p_t = 0, beyond the reach of a compact prior, in one of their evaluations or more; ``lost``, the
    share of such evaluations. On the way, before t = 0, there are no wrong ends and no W₂.
    """

    solver: str
    n: int
    nfe: int
    error: float
    wrong: float
    w2: float
    outside: float
    lost: float


def sweep(
    field: MarginalField,
    make: MakeFlow,
    plan: Plan,
    judged: Particles,
    counts: tuple[int, ...] = COUNTS,
    solvers: Iterable[str] = SOLVERS,
    lesson: Lesson | None = None,
) -> Iterator[Score]:
    """Walk with every solver and every number of steps; the caller sees each score as it comes.

    All walks go on at once (``talks``), so that those of few evaluations come first.

    Args:
        field: the exact flow, which judges.
        make: makes the flow to walk along: the exact one, or a learned one.
        plan: the grid of the steps.
        judged: the particles.
        counts: numbers of steps; a solver of its own steps gets as many of `TOLERANCES`.
        solvers: names of solvers.
        lesson: what intermediate times are fitted to, if it is known.
    """
    flow, found = make(), deque[Score]()
    lesson = lesson or calibration_set(field, [plan.times(n) for n in counts])

    def judge(name: str, made: Walk) -> None:
        found.append(score(name, field, judged, made))

    def given(name: str, n: int) -> Talk[None]:
        own, times = flow.fresh(), plan.times(n)
        shares = (yield from lesson.fitting(flow.fresh(), times)) if SOLVERS[name].fitted else None
        judge(name, (yield from walking(SOLVERS[name], own, judged.x1, times, shares)))

    def chosen(name: str, tolerances: tuple[float, ...]) -> Talk[None]:
        """One after the other, up to the first that would take more than a chart shows."""
        ends = (1.0, plan.end)
        for asked in tolerances:
            own, solver = flow.fresh(), SOLVERS[name]
            try:
                made = yield from walking_adaptively(
                    solver, own, judged.x1, asked, ends, plan.last, most=_MOST_STEPS
                )
            except ValueError:
                return
            judge(name, made)

    talks = [given(name, n) for n in counts for name in solvers if not SOLVERS[name].adaptive]
    for name in solvers:
        if SOLVERS[name].adaptive:
            asked = TOLERANCES[: len(counts)]
            talks += [chosen(name, asked[k::_LANES]) for k in range(_LANES)]
    for _ in rounds(flow, talks):
        while found:
            yield found.popleft()


def score(name: str, field: MarginalField, judged: Particles, made: Walk) -> Score:
    """Judge one walk of the particles."""
    x, goal = made.x[:, -1], judged.end
    error = float(judged.weight @ torch.linalg.vector_norm(x - goal, dim=-1))
    outside = float(judged.weight @ (made.outside > 0).to(x))
    lost = float(judged.weight @ made.outside.to(x)) / made.nfe
    n = len(made.t) - 1
    if made.t[-1] > 0.0:  # on the way nothing has arrived yet
        return Score(name, n, made.nfe, error, math.nan, math.nan, outside, lost)
    missed = (reached(field, x) != goal).any(-1).to(x)
    mass = torch.zeros_like(field.weights).index_add_(0, judged.basin, judged.weight)
    some = mass > 0
    w2 = wasserstein(x, field.x0[some], judged.weight, mass[some])
    wrong = float(judged.weight @ missed)
    return Score(name, n, made.nfe, error, wrong, w2, outside, lost)


def reached(field: MarginalField, x: Tensor) -> Tensor:
    """The data point nearest to each place, (Q, d) -> (Q, d)."""
    return field.x0[torch.cdist(x, field.x0).nan_to_num(torch.inf).argmin(1)]


def slope(nfe: Iterable[float], error: Iterable[float], fitted: int = 4) -> float | None:
    """The order read off a chart: the slope of -log error over log NFE, None where it is no line.

    A straight line through the last few errors that are above rounding, by least squares. With
    residuals r of K points its standard error is √(Σr²/(K-2) / Σ(x - x̄)²): beyond `DOUBT`, or with
    fewer than three points, there is no slope to speak of.
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
    doubt = ((y - read * x).square().sum() / (len(rows) - 2) / (x @ x)).sqrt()
    return float(read) if float(doubt) <= DOUBT else None


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
