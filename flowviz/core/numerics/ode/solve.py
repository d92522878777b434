"""Differential equations solved for many trajectories at once, each at its own pace.

dy/dτ = g(τ, y) by DOP853: order 8, two embedded error estimates, an interpolant of order 7
(``step``). Every trajectory has its own time and step. A step is kept when its error
estimate is within the tolerance; a trajectory that has settled, so that its slope no longer
changes, leaves the working set and continues as a straight line.

Where g answers NaN (beyond the edge of the flow) a step is refused and tried again shorter. Where
its formula changes a step is cut (``events``).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.ode.events import SAMPLES, Events, Formula, Interpolant
from flowviz.core.numerics.ode.interpolant import Dense, cubic
from flowviz.core.numerics.ode.problem import BudgetSpent, Problem, Segment, Solution
from flowviz.core.numerics.ode.step import Trial, attempt

MAX_STEPS = 4000
_SAFETY, _LEAST, _MOST = 0.8, 0.2, 8.0
_PATIENCE = 4
"""Cuts in a row without getting any further; then a step is taken as it comes."""
_CLOSELY = 16
"""Places of a step at which formulas are compared where several borders were passed."""
_WORTH = 0.05
"""Share of the tolerance that a crossing may cost before a step is cut for it."""


@dataclass
class _State:
    """Where the trajectories under way are: each field has a row for each of them."""

    rows: Tensor
    tau: Tensor
    y: Tensor
    slope: Tensor
    step: Tensor
    held: Tensor  # a refused step may not grow at once
    before: Tensor  # the length of the last step; infinite where nothing follows from it
    sides: Tensor
    stuck: Tensor
    longest: Tensor
    formula: Formula

    @property
    def position(self) -> Tensor:
        """Where they are, (M, d)."""
        return self.formula.to_positions(self.tau, self.y)

    @property
    def velocity(self) -> Tensor:
        """dx/dτ, (M, d)."""
        return self.formula.velocity(self.tau, self.y, self.slope)

    def change(self, formula: Formula, which: Tensor) -> None:
        """Go on by another formula, which is new to some rows."""
        y = formula.to_coordinates(self.tau, self.position)
        self.y = torch.where(which[:, None], y, self.y)
        self.formula, self.slope = formula, formula(self.tau, self.y)

    def only(self, which: Tensor) -> _State:
        rows = {f.name: getattr(self, f.name)[which] for f in fields(self) if f.name != "formula"}
        return _State(**rows, formula=self.formula.only(which))


@dataclass
class _End:
    """Where each step leads: its time, place, slope and sides there."""

    tau: Tensor
    y: Tensor
    slope: Tensor
    sides: Tensor


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
        progress: given, after every step, how much of the way all rows have covered, 0 to 1.
    """
    q, d = y.shape
    result = y.new_empty(q, places.numel(), d)
    result[:, places == problem.start] = y[:, None]
    state = _begin(problem, y)
    last, last_slope, last_tau = y.clone(), state.slope.clone(), state.tau.clone()
    error = y.new_zeros(q)
    finished = torch.zeros(q, dtype=torch.bool, device=y.device)
    evaluations, legs = q, []
    for _ in range(problem.most or MAX_STEPS):
        if state.rows.numel() == 0:
            break
        try:
            evaluations += _step(problem, state, places, result, error, legs)
            over = _over(problem, state)
        except BudgetSpent:
            break
        if bool(over.any()):
            gone = state.only(over)
            last[gone.rows], last_slope[gone.rows] = gone.position, gone.velocity
            last_tau[gone.rows], finished[gone.rows] = gone.tau, True
            state = state.only(~over)
        if progress is not None:
            left = state.rows.numel() - float(problem.covered(state.tau).sum())
            progress(1.0 - left / max(q, 1))
    if state.rows.numel():
        rows = state.rows
        last[rows], last_slope[rows], last_tau[rows] = state.position, state.velocity, state.tau
        error[rows] = torch.inf
    beyond = (places[None] > last_tau[:, None])[..., None]
    line = last[:, None] + (places[None] - last_tau[:, None])[..., None] * last_slope[:, None]
    result = torch.where(beyond, line, result)
    return Solution(result, last, last_slope, last_tau, error, evaluations, finished, legs)


def _over(problem: Problem, state: _State) -> Tensor:
    """Which trajectories have ended or settled, (M,)."""
    over = state.tau >= problem.end * (1.0 - 1e-15)
    if problem.horizon is None:
        return over | state.formula.settled(state.tau, state.y)
    final, state.longest = problem.horizon(state.rows, state.tau, state.y, state.slope)
    return over | final


def _begin(problem: Problem, y: Tensor) -> _State:
    q = len(y)
    tau, step = y.new_full((q,), problem.start), y.new_full((q,), problem.step)
    none = torch.zeros(q, 0, dtype=torch.int8, device=y.device)
    sides = none if problem.events is None else problem.events.sides(tau, y)
    formula = problem.formula(sides)
    rows, held = torch.arange(q, device=y.device), torch.full_like(step, torch.inf)
    stuck = torch.zeros_like(rows)
    y = formula.to_coordinates(tau, y)
    slope = formula(tau, y)
    longest = held if problem.horizon is None else problem.horizon(rows, tau, y, slope)[1]
    return _State(rows, tau, y, slope, step, held, held, sides, stuck, longest, formula)


def _step(
    problem: Problem,
    state: _State,
    places: Tensor,
    result: Tensor,
    error: Tensor,
    legs: list[Segment],
) -> int:
    """Try a step of every trajectory and go along those that are kept; evaluations spent."""
    state.step = torch.minimum(state.step, state.longest)
    length = torch.minimum(state.step, problem.end - state.tau)
    trial = attempt(state.tau, state.y, length, state.slope, state.formula)
    spent = 12 * state.rows.numel()
    allowed = problem.allowed(trial.tau + length)
    # No step can be better than the rounding of y.
    rounding = 4.0 * torch.finfo(length.dtype).eps * torch.linalg.vector_norm(state.y, dim=-1)
    ratio = trial.ratio(allowed + rounding)
    kept = (ratio <= 1.0) | (length <= 1e-13 * trial.tau.abs())
    kept &= torch.isfinite(trial.ahead).all(-1)
    end = _End(trial.tau + length, trial.ahead, trial.stages[12], state.sides)
    met = cut = torch.zeros_like(kept)
    cost = torch.where(kept, ratio.nan_to_num(0.0) * allowed, 0.0)
    if problem.events is not None:
        met, cut, extra = _check_events(problem.events, state, trial, kept, end, allowed)
        cost = cost + extra
    seen = (places > trial.tau[:, None]) & (places <= end.tau[:, None]) & kept[:, None]
    some = (seen.any(1) | cut).nonzero().squeeze(-1)
    if some.numel():
        dense = trial.interpolant(some)
        spent += 3 * some.numel()
        if problem.events is not None and bool(cut.any()):
            _cut(problem.events, state, dense, some, cut, end)
            seen &= places <= end.tau[:, None]
        way = state.formula.only(some).in_positions(dense)
        _read(problem, way, state.rows[some], seen[some], places, result)
    if problem.place is not None and problem.events is None:
        moved = problem.place(end.tau, end.y)
        cost += torch.where(kept, torch.linalg.vector_norm(moved - end.y, dim=-1), 0.0)
        end.y = moved
    error[state.rows] += cost
    _advance(state, kept, cut, end, ratio)
    ending = state.formula.ending(state.tau, state.y)
    if ending is not None:
        beyond, y = ending
        beyond &= ~met[:, None]
        state.sides, over = state.sides + beyond, beyond.any(1)
        state.y, met = torch.where(over[:, None], y, state.y), met | over
    if bool(met.any()):
        state.change(problem.formula(state.sides), met)
        spent += state.rows.numel()
    if problem.remember:
        legs.append(_leg(state, trial, end, kept, cost + rounding))
    return spent


def _leg(state: _State, trial: Trial, end: _End, kept: Tensor, error: Tensor) -> Segment:
    """The steps that were kept, once the next have begun."""
    on = kept.nonzero().squeeze(-1)
    ends = trial.tau, end.tau - trial.tau, trial.y, end.y, trial.stages[0], end.slope
    slopes = torch.stack([end.slope[on], state.slope[on]])
    return Segment(state.rows[on], cubic(*(v[on] for v in ends)), slopes, error[on])


def _advance(state: _State, kept: Tensor, cut: Tensor, end: _End, ratio: Tensor) -> None:
    """Go along the steps that were kept, and choose the next ones' lengths."""
    growth = (_SAFETY * ratio.clamp(min=1e-16) ** -0.125).clamp(_LEAST, _MOST)
    growth = torch.where(torch.isfinite(ratio), growth, _LEAST)
    # Steps that had to shrink, as on the way to a corner, will have to shrink again.
    growth *= torch.where(
        kept & torch.isfinite(state.before), state.step / state.before, 1.0
    ).clamp(_LEAST, 1.0)
    state.before = torch.where(kept, torch.where(cut, torch.inf, state.step), state.before)
    growth = torch.where(kept, torch.minimum(growth, state.held.clamp(min=1.0)), growth)
    state.held = torch.where(kept, torch.inf, 1.0).to(state.y)
    state.step = state.step * growth
    state.y = torch.where(kept[:, None], end.y, state.y)
    state.slope = torch.where(kept[:, None], end.slope, state.slope)
    state.sides = torch.where(kept[:, None], end.sides, state.sides)
    state.tau = torch.where(kept, end.tau, state.tau)


def _check_events(
    events: Events, state: _State, trial: Trial, kept: Tensor, end: _End, allowed: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Which of the kept steps met a border, which to cut for it, and what passing the others costs.

    A crossing that hardly changes the slope at the end is passed: the formulas change there.
    """
    first, there = events.crossed(state.sides, state.formula.in_positions(trial.rough))
    met = kept & (first > 0)
    cut, cost = torch.zeros_like(kept), torch.zeros_like(trial.tau)
    at = met.nonzero().squeeze(-1)
    if at.numel() == 0:
        state.stuck = torch.zeros_like(state.stuck)
        return met, cut, cost
    start, tau, y = state.sides[at], end.tau[at], end.y[at]
    sides = events.sides(tau, state.formula.only(at).to_positions(tau, y))
    effect = torch.full_like(tau, torch.inf)
    if not events.every:
        fresh = events.formula(sides)(tau, y)
        beyond = trial.step[at] * (1.0 - first[at] + 1.0 / SAMPLES)
        effect = torch.linalg.vector_norm(fresh - end.slope[at], dim=-1) * beyond
    # A border passed and passed again on the way leaves no trace at the end.
    returned = ((there[at] != start) & (sides == start)).any(1)
    slight = (effect <= _WORTH * allowed[at]) & ~returned
    # Who enters by one border and leaves by another has no effect at the end either.
    several = (slight & ((sides != start).sum(1) > 1)).nonzero()[:, 0]
    if several.numel():
        effect[several] += _on_the_way(events, state, trial, at[several])
        slight &= effect <= _WORTH * allowed[at]
    slight |= state.stuck[at] >= _PATIENCE
    end.sides = end.sides.index_copy(0, at[slight], sides[slight])
    cost[at[slight]] = effect[slight].nan_to_num(0.0)
    cut[at[~slight]] = True
    return met, cut, cost


def _on_the_way(events: Events, state: _State, trial: Trial, rows: Tensor) -> Tensor:
    """By how much formulas that change on the way may move the ends of some steps, (R,)."""
    formula = state.formula.only(rows.repeat(_CLOSELY))
    tau, y = (v.flatten(0, 1) for v in trial.rough.only(rows).samples(_CLOSELY))
    fresh = events.formula(events.sides(tau, formula.to_positions(tau, y)))
    gap = torch.linalg.vector_norm(fresh(tau, y) - formula(tau, y), dim=-1)
    effect = gap.nan_to_num(torch.inf).view(_CLOSELY, -1).mean(0)
    return effect * trial.step[rows]


def _cut(events: Events, state: _State, dense: Dense, some: Tensor, cut: Tensor, end: _End) -> None:
    """End the cut steps where they meet their first border."""
    which = cut[some].nonzero().squeeze(-1)
    rows, way = some[which], dense.only(which)
    share, sides = events.cut(state.sides[rows], state.formula.only(rows).in_positions(way))
    end.tau[rows] = way.tau + share * way.step
    end.y[rows] = way.along(share)
    end.sides = end.sides.index_copy(0, rows, sides)
    state.stuck = torch.zeros_like(state.stuck).index_add_(
        0, rows, torch.where(share < 1e-9, state.stuck[rows] + 1, 0)
    )


def _read(
    problem: Problem, dense: Interpolant, rows: Tensor, seen: Tensor, places: Tensor, result: Tensor
) -> None:
    """Fill the places seen on the way, (S, T), from the interpolant."""
    row, place = seen.nonzero(as_tuple=True)
    way = dense.only(row)
    value = way.along((places[place] - way.tau) / way.step)
    if problem.place is not None and row.numel():
        value = problem.place(places[place], value)
    result[rows[row], place] = value
