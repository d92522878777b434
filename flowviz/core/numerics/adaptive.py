"""Differential equations solved for many trajectories at once, each at its own pace.

dy/dτ = g(τ, y) by DOP853: order 8, two embedded error estimates, an interpolant of order 7
(tableau in ``dop853``). Every trajectory has its own time and step. A step is kept when its error
estimate is within the tolerance; a trajectory that has settled, so that its slope no longer
changes, leaves the working set and continues as a straight line.

Where g answers NaN (beyond the edge of the flow) a step is refused and tried again shorter. Where
its formula changes a step is cut (``kinks``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache

import torch
from torch import Tensor

from flowviz.core.numerics import dop853
from flowviz.core.numerics.dense import Dense, cubic
from flowviz.core.sums.blocks import Progress
from flowviz.core.transports.kinks import Kinks

MAX_STEPS = 4000
_SAFETY, _LEAST, _MOST = 0.9, 0.2, 8.0
_PATIENCE = 4
"""Cuts in a row without getting any further; then a step is taken as it comes."""
_WORTH = 0.05
"""Share of the tolerance that a crossing may cost before a step is cut for it."""

Slope = Callable[[Tensor, Tensor], Tensor]
Settled = Callable[[Tensor, Tensor], Tensor]
Place = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Solution:
    """Values at the asked places, and how the solving went.

    ``y`` (Q, T, d) at the places asked for; ``last`` (Q, d), ``slope`` (Q, d) and ``tau`` (Q,)
    where each trajectory settled or ended; ``error`` (Q,), its error estimates added up, in units
    of y; ``evaluations`` of g in all; ``finished`` (Q,), False where the steps ran out.
    """

    y: Tensor
    last: Tensor
    slope: Tensor
    tau: Tensor
    error: Tensor
    evaluations: int
    finished: Tensor


@dataclass(frozen=True)
class Problem:
    """dy/dτ = g(τ, y) from τ = ``start`` to ``end``.

    Args:
        slope: g: τ (M,), y (M, d) -> (M, d).
        start: the first τ.
        end: the last τ, larger.
        tolerance: the error a step may have, in units of y.
        step: the first step to try.
        settled: whether the slope at (τ, y) is final, (M,).
        place: optional correction of a (τ, y) back onto the flow's support: of what is read, and
            of where steps end, unless formulas go on beyond the edges (``kinks``).
        unit: optional τ (M,) -> the length the tolerance is measured in, (M,).
        kinks: where g's formula changes, if it does; steps are then taken by ``kinks.slope``.
    """

    slope: Slope
    start: float
    end: float
    tolerance: float
    step: float
    settled: Settled
    place: Place | None = None
    unit: Callable[[Tensor], Tensor] | None = None
    kinks: Kinks | None = None

    def allowed(self, tau: Tensor) -> Tensor:
        """The error a step from τ may have, (M,)."""
        one = torch.ones_like(tau) if self.unit is None else self.unit(tau)
        return self.tolerance * one

    def on_side(self, tau: Tensor, y: Tensor, sides: Tensor) -> Tensor:
        """The slope by the formulas of these sides, (M, d)."""
        return self.slope(tau, y) if self.kinks is None else self.kinks.slope(tau, y, sides)


@dataclass
class _Walk:
    """Where the trajectories under way are: each field has a row for each of them."""

    rows: Tensor
    tau: Tensor
    y: Tensor
    slope: Tensor
    step: Tensor
    held: Tensor  # a refused step may not grow at once
    sides: Tensor
    stuck: Tensor

    def only(self, which: Tensor) -> _Walk:
        return _Walk(*(getattr(self, f.name)[which] for f in fields(self)))


@dataclass
class _Trial:
    """A step that was tried: its slopes at the stages (16, M, d), its end, its error's ratio."""

    tau: Tensor
    y: Tensor
    step: Tensor
    sides: Tensor
    stages: Tensor
    ahead: Tensor
    ratio: Tensor

    @property
    def rough(self) -> Dense:
        """The step in between, for a look."""
        slopes = self.stages[0], self.stages[12]
        return cubic(self.tau, self.step, self.y, self.ahead, *slopes)

    def only(self, which: Tensor) -> _Trial:
        rows = {f.name: getattr(self, f.name) for f in fields(self)}
        return _Trial(**{k: v[:, which] if k == "stages" else v[which] for k, v in rows.items()})


@dataclass
class _End:
    """Where each step leads: its time, place, slope and sides there."""

    tau: Tensor
    y: Tensor
    slope: Tensor
    sides: Tensor


@lru_cache(maxsize=8)
def _tableau(dtype: torch.dtype, device: torch.device) -> dict[str, Tensor]:
    """The tableau as padded tensors."""

    def table(rows: tuple[tuple[float, ...], ...]) -> Tensor:
        full = [(*row, *(0.0,) * (16 - len(row))) for row in rows]
        return torch.tensor(full, dtype=dtype, device=device)

    lines = (dop853.WEIGHTS, dop853.ERROR_5, dop853.ERROR_3)
    return {"a": table(dop853.STAGES), "b": table(lines), "dense": table(dop853.DENSE)}


def solve(
    problem: Problem, y: Tensor, places: Tensor, progress: Progress | None = None
) -> Solution:
    """Solve for every row of y, (Q, d), and read the solutions at places (T,) ≥ start.

    A place beyond the end, or beyond where a trajectory settled, is read off the straight line
    that continues it.

    Args:
        problem: the equation.
        y: where each row starts, (Q, d).
        places: in any order, (T,).
        progress: told the share of the rows that are done, after every step.
    """
    q, d = y.shape
    result = y.new_empty(q, places.numel(), d)
    result[:, places == problem.start] = y[:, None]
    walk = _begin(problem, y)
    last, last_slope, last_tau = y.clone(), walk.slope.clone(), walk.tau.clone()
    error = y.new_zeros(q)
    finished = torch.zeros(q, dtype=torch.bool, device=y.device)
    evaluations = q
    for _ in range(MAX_STEPS):
        if walk.rows.numel() == 0:
            break
        evaluations += _step(problem, walk, places, result, error)
        over = walk.tau >= problem.end * (1.0 - 1e-15)
        over |= problem.settled(walk.tau, walk.y)
        if bool(over.any()):
            gone = walk.only(over)
            last[gone.rows], last_slope[gone.rows] = gone.y, gone.slope
            last_tau[gone.rows], finished[gone.rows] = gone.tau, True
            walk = walk.only(~over)
        if progress is not None:
            progress(1.0 - walk.rows.numel() / max(q, 1))
    if walk.rows.numel():
        rows = walk.rows
        last[rows], last_slope[rows], last_tau[rows] = walk.y, walk.slope, walk.tau
        error[rows] = torch.inf
    beyond = (places[None] > last_tau[:, None])[..., None]
    line = last[:, None] + (places[None] - last_tau[:, None])[..., None] * last_slope[:, None]
    result = torch.where(beyond, line, result)
    return Solution(result, last, last_slope, last_tau, error, evaluations, finished)


def _begin(problem: Problem, y: Tensor) -> _Walk:
    q = len(y)
    tau, step = y.new_full((q,), problem.start), y.new_full((q,), problem.step)
    none = torch.zeros(q, 0, dtype=torch.long, device=y.device)
    sides = none if problem.kinks is None else problem.kinks.sides(tau, y)
    slope = problem.on_side(tau, y, sides)
    rows = torch.arange(q, device=y.device)
    return _Walk(
        rows, tau, y, slope, step, torch.full_like(step, torch.inf), sides, torch.zeros_like(rows)
    )


def _step(problem: Problem, walk: _Walk, places: Tensor, result: Tensor, error: Tensor) -> int:
    """Try a step of every trajectory and go along those that are kept; evaluations spent."""
    trial = _try(problem, walk)
    spent = 12 * walk.rows.numel()
    kept = (trial.ratio <= 1.0) | (trial.step <= 1e-13 * trial.tau.abs())
    kept &= torch.isfinite(trial.ahead).all(-1)
    end = _End(trial.tau + trial.step, trial.ahead, trial.stages[12].clone(), trial.sides.clone())
    cut = torch.zeros_like(kept)
    cost = torch.where(kept, trial.ratio.nan_to_num(0.0) * problem.allowed(trial.tau), 0.0)
    if problem.kinks is not None:
        cut, extra, looked = _heed(problem, problem.kinks, walk, trial, kept, end)
        cost, spent = cost + extra, spent + looked
    seen = (places > trial.tau[:, None]) & (places <= end.tau[:, None]) & kept[:, None]
    some = (seen.any(1) | cut).nonzero().squeeze(-1)
    if some.numel():
        dense = _interpolant(problem, trial.only(some))
        spent += 3 * some.numel()
        if problem.kinks is not None and bool(cut.any()):
            spent += _cut(problem.kinks, walk, dense, some, cut, end)
            seen &= places <= end.tau[:, None]
        _read(problem, dense, walk.rows[some], seen[some], places, result)
    if problem.place is not None and problem.kinks is None:
        moved = problem.place(end.tau, end.y)
        cost += torch.where(kept, torch.linalg.vector_norm(moved - end.y, dim=-1), 0.0)
        end.y = moved
    error[walk.rows] += cost
    _advance(walk, kept, end, trial.ratio)
    return spent


def _advance(walk: _Walk, kept: Tensor, end: _End, ratio: Tensor) -> None:
    """Go along the steps that were kept, and choose the next ones' lengths."""
    growth = (_SAFETY * ratio.clamp(min=1e-16) ** -0.125).clamp(_LEAST, _MOST)
    growth = torch.where(torch.isfinite(ratio), growth, _LEAST)
    growth = torch.where(kept, torch.minimum(growth, walk.held.clamp(min=1.0)), growth)
    walk.held = torch.where(kept, torch.inf, 1.0).to(walk.y)
    walk.step = walk.step * growth
    walk.y = torch.where(kept[:, None], end.y, walk.y)
    walk.slope = torch.where(kept[:, None], end.slope, walk.slope)
    walk.sides = torch.where(kept[:, None], end.sides, walk.sides)
    walk.tau = torch.where(kept, end.tau, walk.tau)


def _heed(
    problem: Problem, kinks: Kinks, walk: _Walk, trial: _Trial, kept: Tensor, end: _End
) -> tuple[Tensor, Tensor, int]:
    """Which of the kept steps to cut, what not cutting the others costs, evaluations spent.

    A crossing that hardly changes the slope at the end is passed: the formulas change there.
    """
    first, there = kinks.passed(trial.sides, trial.rough)
    met = (kept & (first > 0)).nonzero().squeeze(-1)
    cut, cost = torch.zeros_like(kept), torch.zeros_like(trial.tau)
    if met.numel() == 0:
        walk.stuck = torch.zeros_like(walk.stuck)
        return cut, cost, 0
    sides = kinks.sides(end.tau[met], end.y[met])
    fresh = kinks.slope(end.tau[met], end.y[met], sides)
    effect = torch.linalg.vector_norm(fresh - end.slope[met], dim=-1) * trial.step[met]
    # A border passed and passed again on the way leaves no trace at the end.
    returned = ((there[met] != trial.sides[met]) & (sides == trial.sides[met])).any(1)
    slight = (effect <= _WORTH * problem.allowed(end.tau[met])) & ~returned
    slight |= walk.stuck[met] >= _PATIENCE
    passed = met[slight]
    end.sides[passed], end.slope[passed] = sides[slight], fresh[slight]
    cost[passed] = effect[slight].nan_to_num(0.0)
    cut[met[~slight]] = True
    return cut, cost, met.numel()


def _cut(kinks: Kinks, walk: _Walk, dense: Dense, some: Tensor, cut: Tensor, end: _End) -> int:
    """End the cut steps where they meet their first border; evaluations spent."""
    which = cut[some].nonzero().squeeze(-1)
    rows, way = some[which], dense.only(which)
    share, sides = kinks.cut(walk.sides[rows], way)
    end.tau[rows] = way.tau + share * way.step
    end.y[rows] = way.at(torch.arange(len(rows), device=rows.device), share)
    end.sides[rows] = sides
    end.slope[rows] = kinks.slope(end.tau[rows], end.y[rows], sides)
    walk.stuck = torch.zeros_like(walk.stuck).index_add_(
        0, rows, torch.where(share < 1e-9, walk.stuck[rows] + 1, 0)
    )
    return rows.numel()


def _try(problem: Problem, walk: _Walk) -> _Trial:
    """One step of each trajectory: slopes at the stages and the end, and the error's ratio."""
    table = _tableau(walk.y.dtype, walk.y.device)
    step = torch.minimum(walk.step, problem.end - walk.tau)
    stages = walk.y.new_zeros(16, *walk.y.shape)
    stages[0] = walk.slope
    trial = _Trial(walk.tau, walk.y, step, walk.sides, stages, walk.y, step)
    for k in range(1, 12):
        stages[k] = _stage(problem, table["a"], k, trial)
    move, fifth, third = _mix(table["b"], stages) * step[:, None]
    trial.ahead = walk.y + move
    stages[12] = problem.on_side(walk.tau + step, trial.ahead, walk.sides)
    # No step can be better than the rounding of y.
    rounding = 4.0 * torch.finfo(move.dtype).eps * walk.y.abs()
    unit = problem.allowed(walk.tau + step)[:, None] + rounding
    fifth, third = (torch.linalg.vector_norm(e / unit, dim=-1) for e in (fifth, third))
    ratio = fifth.square() / (fifth.square() + 0.01 * third.square()).sqrt()
    trial.ratio = torch.where(fifth == 0, torch.zeros_like(fifth), ratio)
    return trial


def _stage(problem: Problem, table: Tensor, k: int, trial: _Trial) -> Tensor:
    mixed = _mix(table[k : k + 1, :k], trial.stages[:k])[0]
    y = torch.addcmul(trial.y, trial.step[:, None], mixed)
    return problem.on_side(trial.tau + dop853.NODES[k] * trial.step, y, trial.sides)


def _mix(rows: Tensor, stages: Tensor) -> Tensor:
    """Rows of coefficients (R, K) times stages (K, M, d): (R, M, d)."""
    return (rows @ stages.reshape(len(stages), -1)).reshape(len(rows), *stages.shape[1:])


def _interpolant(problem: Problem, trial: _Trial) -> Dense:
    """The interpolant of order 7; takes three more slopes."""
    table = _tableau(trial.y.dtype, trial.y.device)
    for k in (13, 14, 15):
        trial.stages[k] = _stage(problem, table["a"], k, trial)
    return trial.rough.refined(trial.step[:, None] * _mix(table["dense"], trial.stages))


def _read(
    problem: Problem, dense: Dense, rows: Tensor, seen: Tensor, places: Tensor, result: Tensor
) -> None:
    """Fill the places seen on the way, (S, T), from the interpolant."""
    row, place = seen.nonzero(as_tuple=True)
    value = dense.at(row, (places[place] - dense.tau[row]) / dense.step[row])
    if problem.place is not None and row.numel():
        value = problem.place(places[place], value)
    result[rows[row], place] = value
