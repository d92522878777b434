"""Differential equations solved for many trajectories at once, each at its own pace.

dy/dτ = g(τ, y) by DOP853: order 8, two embedded error estimates, an interpolant of order 7
(tableau in ``dop853``). Every trajectory has its own time and step. A step is kept when its error
estimate is within the tolerance; a trajectory that has settled, so that its slope no longer
changes, leaves the working set and continues as a straight line.

Where g answers NaN (beyond the edge of the flow) a step is refused and tried again shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from flowviz.core import dop853

MAX_STEPS = 4000
_SAFETY, _LEAST, _MOST = 0.9, 0.2, 8.0

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
        place: optional correction of an accepted (τ, y), back onto the flow's support.
        unit: optional τ (M,) -> the length the tolerance is measured in, (M,).
    """

    slope: Slope
    start: float
    end: float
    tolerance: float
    step: float
    settled: Settled
    place: Place | None = None
    unit: Callable[[Tensor], Tensor] | None = None

    def allowed(self, tau: Tensor) -> Tensor:
        """The error a step from τ may have, (M,)."""
        one = torch.ones_like(tau) if self.unit is None else self.unit(tau)
        return self.tolerance * one


@lru_cache(maxsize=8)
def _tableau(dtype: torch.dtype, device: torch.device) -> dict[str, Tensor]:
    """The tableau as padded tensors."""

    def table(rows: tuple[tuple[float, ...], ...]) -> Tensor:
        full = [(*row, *(0.0,) * (16 - len(row))) for row in rows]
        return torch.tensor(full, dtype=dtype, device=device)

    lines = (dop853.WEIGHTS, dop853.ERROR_5, dop853.ERROR_3)
    return {"a": table(dop853.STAGES), "b": table(lines), "dense": table(dop853.DENSE)}


def solve(problem: Problem, y: Tensor, places: Tensor) -> Solution:
    """Solve for every row of y, (Q, d), and read the solutions at places (T,) ≥ start.

    A place beyond the end, or beyond where a trajectory settled, is read off the straight line
    that continues it.
    """
    q, d = y.shape
    table = _tableau(y.dtype, y.device)
    result = y.new_empty(q, places.numel(), d)
    tau, step = y.new_full((q,), problem.start), y.new_full((q,), problem.step)
    slope = problem.slope(tau, y)
    last, last_slope, last_tau = y.clone(), slope.clone(), tau.clone()
    error = y.new_zeros(q)
    finished = torch.zeros(q, dtype=torch.bool, device=y.device)
    result[:, places == problem.start] = y[:, None]
    rows = torch.arange(q, device=y.device)
    held = torch.full_like(step, torch.inf)  # a refused step may not grow at once
    evaluations = q
    for _ in range(MAX_STEPS):
        if rows.numel() == 0:
            break
        step = torch.minimum(step, problem.end - tau)
        stages = _stages(problem, table, tau, y, step, slope)
        evaluations += 12 * rows.numel()
        ahead, ratio = _judge(problem, table, tau, y, step, stages)
        kept = (ratio <= 1.0) | (step <= 1e-13 * tau.abs())
        kept &= torch.isfinite(ahead).all(-1)
        if bool(kept.any()) and places.numel():
            evaluations += _read(
                problem, table, kept, rows, tau, y, step, stages, ahead, places, result
            )
        if problem.place is not None:
            moved = problem.place(tau + step, ahead)
            error[rows[kept]] += torch.linalg.vector_norm(moved - ahead, dim=-1)[kept]
            ahead = torch.where(kept[:, None], moved, ahead)
        growth = (_SAFETY * ratio.clamp(min=1e-16) ** -0.125).clamp(_LEAST, _MOST)
        growth = torch.where(torch.isfinite(ratio), growth, _LEAST)
        growth = torch.where(kept, torch.minimum(growth, held.clamp(min=1.0)), growth)
        held = torch.where(kept, torch.inf, 1.0).to(y)
        error[rows] += torch.where(kept, ratio.nan_to_num(0.0) * problem.allowed(tau), 0.0)
        y = torch.where(kept[:, None], ahead, y)
        slope = torch.where(kept[:, None], stages[12], slope)
        tau = torch.where(kept, tau + step, tau)
        step = step * growth
        over = kept & ((tau >= problem.end * (1.0 - 1e-15)) | problem.settled(tau, y))
        if bool(over.any()):
            gone = rows[over]
            last[gone], last_slope[gone], last_tau[gone] = y[over], slope[over], tau[over]
            finished[gone] = True
            stay = ~over
            rows, y, slope, tau, step, held = (v[stay] for v in (rows, y, slope, tau, step, held))
    if rows.numel():
        last[rows], last_slope[rows], last_tau[rows] = y, slope, tau
        error[rows] = torch.inf
    beyond = (places[None] > last_tau[:, None])[..., None]
    line = last[:, None] + (places[None] - last_tau[:, None])[..., None] * last_slope[:, None]
    result = torch.where(beyond, line, result)
    return Solution(result, last, last_slope, last_tau, error, evaluations, finished)


def _stages(
    problem: Problem,
    table: dict[str, Tensor],
    tau: Tensor,
    y: Tensor,
    step: Tensor,
    slope: Tensor,
) -> Tensor:
    """Slopes at the twelve stages and at the end of the step, (16, M, d); three left to fill."""
    stages = y.new_zeros(16, *y.shape)
    stages[0] = slope
    for k in range(1, 12):
        stages[k] = _stage(problem, table, k, tau, y, step, stages)
    ahead = y + step[:, None] * torch.tensordot(table["b"][0], stages, 1)
    stages[12] = problem.slope(tau + step, ahead)
    return stages


def _stage(
    problem: Problem,
    table: dict[str, Tensor],
    k: int,
    tau: Tensor,
    y: Tensor,
    step: Tensor,
    stages: Tensor,
) -> Tensor:
    mixed = torch.tensordot(table["a"][k, :k], stages[:k], 1)
    return problem.slope(tau + dop853.NODES[k] * step, y + step[:, None] * mixed)


def _judge(
    problem: Problem,
    table: dict[str, Tensor],
    tau: Tensor,
    y: Tensor,
    step: Tensor,
    stages: Tensor,
) -> tuple[Tensor, Tensor]:
    """The step's end, (M, d), and its error over the tolerance, (M,)."""
    move, fifth, third = torch.tensordot(table["b"], stages, 1) * step[:, None]
    # No step can be better than the rounding of y.
    rounding = 4.0 * torch.finfo(y.dtype).eps * y.abs()
    unit = problem.allowed(tau + step)[:, None] + rounding
    fifth, third = (torch.linalg.vector_norm(e / unit, dim=-1) for e in (fifth, third))
    ratio = fifth.square() / (fifth.square() + 0.01 * third.square()).sqrt()
    return y + move, torch.where(fifth == 0, torch.zeros_like(fifth), ratio)


def _read(
    problem: Problem,
    table: dict[str, Tensor],
    kept: Tensor,
    rows: Tensor,
    tau: Tensor,
    y: Tensor,
    step: Tensor,
    stages: Tensor,
    ahead: Tensor,
    places: Tensor,
    result: Tensor,
) -> int:
    """Fill the places inside the kept steps from the interpolant; evaluations spent."""
    inside = (places > tau[:, None]) & (places <= (tau + step)[:, None]) & kept[:, None]
    some = inside.any(1).nonzero().squeeze(-1)
    if some.numel() == 0:
        return 0
    tau, y, step, ahead, stages = tau[some], y[some], step[some], ahead[some], stages[:, some]
    for k in (13, 14, 15):
        stages[k] = _stage(problem, table, k, tau, y, step, stages)
    h, move = step[:, None], ahead - y
    parts = [
        move,
        h * stages[0] - move,
        2.0 * move - h * (stages[12] + stages[0]),
        *(h * torch.tensordot(row, stages, 1) for row in table["dense"]),
    ]
    row, place = inside[some].nonzero(as_tuple=True)
    share = ((places[place] - tau[row]) / step[row])[:, None]
    value = torch.zeros_like(y[row])
    for k, part in enumerate(reversed(parts)):
        value = (value + part[row]) * (share if k % 2 == 0 else 1.0 - share)
    value = value + y[row]
    if problem.place is not None:
        value = problem.place(places[place], value)
    result[rows[some[row]], place] = value
    return 3 * some.numel()
