"""Initial value problems for many trajectories at once, each with its own time and step size.

dy/dτ = g(τ, y) by DOP853: order 8, two embedded error estimates, an interpolant of order 7
(``step``). A step is accepted when its error estimate is within the tolerance. A trajectory whose
slope no longer changes has settled: it leaves the batch and continues as a straight line.

Where g is NaN (outside the flow's support) a step is rejected and tried again shorter. Where its
formula changes a step ends (``events``).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.ode.events import SAMPLES, Events, Formula, Interpolant
from flowviz.core.numerics.ode.interpolant import DenseOutput, cubic
from flowviz.core.numerics.ode.problem import Problem, Segment, Solution
from flowviz.core.numerics.ode.step import Trial, attempt

MAX_STEPS = 4000
_SAFETY, _MIN_FACTOR, _MAX_FACTOR = 0.8, 0.2, 8.0
_MAX_STALLS = 4
"""Located events in a row without progress in τ; the next one is stepped across."""
_FINE_SAMPLES = 16
"""Points of a step at which formulas are compared where several thresholds were crossed."""
_NEGLIGIBLE = 0.05
"""Fraction of the tolerance up to which the effect of a crossing does not end a step."""


@dataclass
class _State:
    """The active trajectories: each field has one row for each of them."""

    rows: Tensor  # their indices in the batch
    tau: Tensor
    y: Tensor
    slope: Tensor
    step: Tensor
    max_growth: Tensor  # 1 after a rejected step, whose successor must not grow
    last_step: Tensor  # length of the last accepted step; infinite where it predicts nothing
    sides: Tensor
    stalls: Tensor
    max_step: Tensor
    formula: Formula

    @property
    def position(self) -> Tensor:
        """x, (M, d)."""
        return self.formula.to_positions(self.tau, self.y)

    @property
    def velocity(self) -> Tensor:
        """dx/dτ, (M, d)."""
        return self.formula.velocity(self.tau, self.y, self.slope)

    def change_formula(self, formula: Formula, changed: Tensor) -> None:
        """Continue with another formula, which differs in the changed rows (M,)."""
        y = formula.to_coordinates(self.tau, self.position)
        self.y = torch.where(changed[:, None], y, self.y)
        self.formula, self.slope = formula, formula(self.tau, self.y)

    def select(self, rows: Tensor) -> _State:
        kept = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "formula"}
        return _State(**kept, formula=self.formula.select(rows))


@dataclass
class _End:
    """The ends of the trial steps: time, value, slope and sides."""

    tau: Tensor
    y: Tensor
    slope: Tensor
    sides: Tensor


def solve(problem: Problem, y: Tensor, times: Tensor, progress: Progress | None = None) -> Solution:
    """Solve for every row of y, (Q, d), with output at the times τ (T,) ≥ start.

    Output beyond the end, or beyond where a trajectory settled, is on the straight line that
    continues it.

    Args:
        problem: the equation.
        y: the initial values, (Q, d).
        times: in any order, (T,).
        progress: called, after every step, with the mean fraction of [start, end] covered.
    """
    q, d = y.shape
    output = y.new_empty(q, times.numel(), d)
    output[:, times == problem.start] = y[:, None]
    state = _initial_state(problem, y)
    last, last_slope, last_tau = y.clone(), state.slope.clone(), state.tau.clone()
    error = y.new_zeros(q)
    finished = torch.zeros(q, dtype=torch.bool, device=y.device)
    evaluations, segments = q, []
    for _ in range(problem.max_steps or MAX_STEPS):
        if state.rows.numel() == 0:
            break
        evaluations += _step(problem, state, times, output, error, segments)
        ended = _ended(problem, state)
        if bool(ended.any()):
            final = state.select(ended)
            last[final.rows], last_slope[final.rows] = final.position, final.velocity
            last_tau[final.rows], finished[final.rows] = final.tau, True
            state = state.select(~ended)
        if progress is not None:
            left = state.rows.numel() - float(problem.covered(state.tau).sum())
            progress(1.0 - left / max(q, 1))
    if state.rows.numel():
        rows = state.rows
        last[rows], last_slope[rows], last_tau[rows] = state.position, state.velocity, state.tau
        error[rows] = torch.inf
    beyond = (times[None] > last_tau[:, None])[..., None]
    line = last[:, None] + (times[None] - last_tau[:, None])[..., None] * last_slope[:, None]
    output = torch.where(beyond, line, output)
    return Solution(output, last, last_slope, last_tau, error, evaluations, finished, segments)


def _ended(problem: Problem, state: _State) -> Tensor:
    """Which trajectories have reached the end or settled, (M,)."""
    ended = state.tau >= problem.end * (1.0 - 1e-15)
    if problem.horizon is None:
        return ended | state.formula.settled(state.tau, state.y)
    final, state.max_step = problem.horizon(state.rows, state.tau, state.position, state.velocity)
    return ended | final


def _initial_state(problem: Problem, y: Tensor) -> _State:
    q = len(y)
    tau, step = y.new_full((q,), problem.start), y.new_full((q,), problem.step)
    none = torch.zeros(q, 0, dtype=torch.int8, device=y.device)
    sides = none if problem.events is None else problem.events.sides(tau, y)
    formula = problem.formula(sides)
    rows, infinite = torch.arange(q, device=y.device), torch.full_like(step, torch.inf)
    stalls = torch.zeros_like(rows)
    y = formula.to_coordinates(tau, y)
    slope = formula(tau, y)
    state = _State(rows, tau, y, slope, step, infinite, infinite, sides, stalls, infinite, formula)
    if problem.horizon is not None:
        _, state.max_step = problem.horizon(rows, tau, state.position, state.velocity)
    return state


def _step(
    problem: Problem,
    state: _State,
    times: Tensor,
    output: Tensor,
    error: Tensor,
    segments: list[Segment],
) -> int:
    """Try a step of every trajectory and advance those that are accepted; returns evaluations."""
    state.step = torch.minimum(state.step, state.max_step)
    length = torch.minimum(state.step, problem.end - state.tau)
    trial = attempt(state.tau, state.y, length, state.slope, state.formula)
    evaluations = 12 * state.rows.numel()
    allowed = problem.allowed(trial.tau + length)
    # No step can be better than the rounding of y.
    rounding = 4.0 * torch.finfo(length.dtype).eps * torch.linalg.vector_norm(state.y, dim=-1)
    ratio = trial.ratio(allowed + rounding)
    accepted = (ratio <= 1.0) | (length <= 1e-13 * trial.tau.abs())
    accepted &= torch.isfinite(trial.y_end).all(-1)
    end = _End(trial.tau + length, trial.y_end, trial.stages[12], state.sides)
    crossed = located = torch.zeros_like(accepted)
    step_error = torch.where(accepted, ratio.nan_to_num(0.0) * allowed, 0.0)
    if problem.events is not None:
        crossed, located, extra = _check_events(
            problem.events, state, trial, accepted, end, allowed
        )
        step_error = step_error + extra
    evaluations += _interpolate(problem, state, trial, accepted, located, end, times, output)
    if problem.project is not None and problem.events is None:
        projected = problem.project(end.tau, end.y)
        moved = torch.linalg.vector_norm(projected - end.y, dim=-1)
        step_error += torch.where(accepted, moved, 0.0)
        end.y = projected
    error[state.rows] += step_error
    _advance(state, accepted, located, end, ratio)
    evaluations += _change_regions(problem, state, crossed)
    if problem.keep_segments:
        segments.append(_segment(state, trial, end, accepted, step_error + rounding))
    return evaluations


def _interpolate(
    problem: Problem,
    state: _State,
    trial: Trial,
    accepted: Tensor,
    located: Tensor,
    end: _End,
    times: Tensor,
    output: Tensor,
) -> int:
    """End the located steps at their events and write the output passed; returns evaluations."""
    passed = (times > trial.tau[:, None]) & (times <= end.tau[:, None]) & accepted[:, None]
    rows = (passed.any(1) | located).nonzero().squeeze(-1)
    if rows.numel() == 0:
        return 0
    dense = trial.interpolant(rows)
    if problem.events is not None and bool(located.any()):
        _end_at_events(problem.events, state, dense, rows, located, end)
        passed &= times <= end.tau[:, None]
    interpolant = state.formula.select(rows).in_positions(dense)
    _write_output(problem, interpolant, state.rows[rows], passed[rows], times, output)
    return 3 * rows.numel()


def _change_regions(problem: Problem, state: _State, crossed: Tensor) -> int:
    """Continue by the formulas of the sides at the end of the step; returns evaluations."""
    ending = state.formula.ending(state.tau, state.y)
    if ending is not None:
        change, y = ending
        change = change * ~crossed[:, None]
        state.sides, degenerate = state.sides + change, (change != 0).any(1)
        state.y, crossed = torch.where(degenerate[:, None], y, state.y), crossed | degenerate
    if not bool(crossed.any()):
        return 0
    state.change_formula(problem.formula(state.sides), crossed)
    return state.rows.numel()


def _segment(state: _State, trial: Trial, end: _End, accepted: Tensor, error: Tensor) -> Segment:
    """The accepted steps, once the state has advanced."""
    kept = accepted.nonzero().squeeze(-1)
    ends = trial.tau, end.tau - trial.tau, trial.y, end.y, trial.stages[0], end.slope
    slopes = torch.stack([end.slope[kept], state.slope[kept]])
    return Segment(state.rows[kept], cubic(*(v[kept] for v in ends)), slopes, error[kept])


def _advance(state: _State, accepted: Tensor, located: Tensor, end: _End, ratio: Tensor) -> None:
    """Advance the accepted trajectories, and choose the lengths of all next steps."""
    growth = (_SAFETY * ratio.clamp(min=1e-16) ** -0.125).clamp(_MIN_FACTOR, _MAX_FACTOR)
    growth = torch.where(torch.isfinite(ratio), growth, _MIN_FACTOR)
    # Steps that had to shrink, as on the way to a corner, will have to shrink again.
    growth *= torch.where(
        accepted & torch.isfinite(state.last_step), state.step / state.last_step, 1.0
    ).clamp(_MIN_FACTOR, 1.0)
    last_step = torch.where(located, torch.inf, state.step)
    state.last_step = torch.where(accepted, last_step, state.last_step)
    growth = torch.where(accepted, torch.minimum(growth, state.max_growth.clamp(min=1.0)), growth)
    state.max_growth = torch.where(accepted, torch.inf, 1.0).to(state.y)
    state.step = state.step * growth
    state.y = torch.where(accepted[:, None], end.y, state.y)
    state.slope = torch.where(accepted[:, None], end.slope, state.slope)
    state.sides = torch.where(accepted[:, None], end.sides, state.sides)
    state.tau = torch.where(accepted, end.tau, state.tau)


def _check_events(
    events: Events, state: _State, trial: Trial, accepted: Tensor, end: _End, allowed: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Which accepted steps crossed a threshold, which must end there, and the error of the others.

    A crossing that hardly changes the slope at the end of the step is stepped across: the formulas
    change at the end.
    """
    first, there = events.crossed(state.sides, state.formula.in_positions(trial.hermite))
    crossed = accepted & (first > 0)
    located, error = torch.zeros_like(accepted), torch.zeros_like(trial.tau)
    rows = crossed.nonzero().squeeze(-1)
    if rows.numel() == 0:
        state.stalls = torch.zeros_like(state.stalls)
        return crossed, located, error
    start, tau, y = state.sides[rows], end.tau[rows], end.y[rows]
    sides = events.sides(tau, state.formula.select(rows).to_positions(tau, y))
    effect = torch.full_like(tau, torch.inf)
    if not events.locate_all:
        next_slope = events.formula(sides)(tau, y)
        rest = trial.step[rows] * (1.0 - first[rows] + 1.0 / SAMPLES)
        effect = torch.linalg.vector_norm(next_slope - end.slope[rows], dim=-1) * rest
    # A threshold crossed in both directions within the step has no effect on the sides at its end.
    returned = ((there[rows] != start) & (sides == start)).any(1)
    small = (effect <= _NEGLIGIBLE * allowed[rows]) & ~returned
    # Two crossings may cancel at the end as well: then the formulas in between are compared.
    several = (small & ((sides != start).sum(1) > 1)).nonzero()[:, 0]
    if several.numel():
        effect[several] += _effect_within(events, state, trial, rows[several])
        small &= effect <= _NEGLIGIBLE * allowed[rows]
    small |= state.stalls[rows] >= _MAX_STALLS
    end.sides = end.sides.index_copy(0, rows[small], sides[small])
    error[rows[small]] = effect[small].nan_to_num(0.0)
    located[rows[~small]] = True
    return crossed, located, error


def _effect_within(events: Events, state: _State, trial: Trial, rows: Tensor) -> Tensor:
    """How far the formulas of the sides along a step would move its end, (R,)."""
    formula = state.formula.select(rows.repeat(_FINE_SAMPLES))
    tau, y = (v.flatten(0, 1) for v in trial.hermite.select(rows).samples(_FINE_SAMPLES))
    other = events.formula(events.sides(tau, formula.to_positions(tau, y)))
    gap = torch.linalg.vector_norm(other(tau, y) - formula(tau, y), dim=-1)
    effect = gap.nan_to_num(torch.inf).view(_FINE_SAMPLES, -1).mean(0)
    return effect * trial.step[rows]


def _end_at_events(
    events: Events, state: _State, dense: DenseOutput, rows: Tensor, located: Tensor, end: _End
) -> None:
    """Move the ends of the located steps to their first crossing; ``dense`` is of ``rows``."""
    which = located[rows].nonzero().squeeze(-1)
    rows, dense = rows[which], dense.select(which)
    interpolant = state.formula.select(rows).in_positions(dense)
    fraction, sides = events.locate(state.sides[rows], interpolant)
    end.tau[rows] = dense.tau + fraction * dense.step
    end.y[rows] = dense.evaluate(fraction)
    end.sides = end.sides.index_copy(0, rows, sides)
    state.stalls = torch.zeros_like(state.stalls).index_add_(
        0, rows, torch.where(fraction < 1e-9, state.stalls[rows] + 1, 0)
    )


def _write_output(
    problem: Problem,
    interpolant: Interpolant,
    rows: Tensor,
    passed: Tensor,
    times: Tensor,
    output: Tensor,
) -> None:
    """Evaluate the interpolants at the output times passed, (M, T)."""
    row, column = passed.nonzero(as_tuple=True)
    dense, tau = interpolant.select(row), times[column]
    value = dense.evaluate((tau - dense.tau) / dense.step)
    if problem.project is not None and row.numel():
        value = problem.project(tau, value)
    output[rows[row], column] = value
