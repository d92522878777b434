"""An embedded Runge-Kutta pair with step size control, one step size for all particles.

The difference of the pair's two results is the error of a step, as its root mean square over all
particles in units of tolerance × (1 + |x|). A step is accepted if that is at most 1; the next step
is as long as the estimate allows, but between a fifth and five times as long. This is how
general-purpose libraries treat a batch; ``numerics.ode`` has a step size for each trajectory.

Where the velocity jumps (at the edges of a prior) some particle is always crossing a jump, and no
step is short enough. A step of a fiftieth of t is therefore accepted whatever its error.

Steps end at ``last``; an Euler step goes from there to t = 0, where the velocity has no value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.priors.base import require
from flowviz.core.solvers.steppers import Solution, Solver, combine, node
from flowviz.core.solvers.tableaux import Tableau
from flowviz.core.solvers.time_grids import LAST
from flowviz.core.solvers.vector_field import Evaluation, VectorField

MAX_STEPS = 2000
"""Steps tried before giving up."""
MIN_STEP = 0.02
"""Step, as a fraction of t, that is accepted whatever its error."""
_SAFETY, _MIN_GROWTH, _MAX_GROWTH = 0.9, 0.2, 5.0


class StepsExhausted(ValueError):
    """The end was not reached in the allowed number of steps."""


@dataclass(frozen=True)
class Trial:
    """A trial step: its end, its error over the tolerance, the slopes of its stages."""

    x: Tensor
    error: float
    slopes: list[Tensor]


def solve_adaptively(
    solver: Solver,
    vector_field: VectorField,
    x: Tensor,
    tolerance: float,
    ends: tuple[float, float] = (1.0, 0.0),
    last: float = LAST,
    record: bool = False,
    max_steps: int = MAX_STEPS,
) -> Solution:
    """Solve x' = f_t(x) with step size control.

    Args:
        solver: one that is `adaptive`.
        vector_field: to integrate; its counters are reset.
        x: positions at ends[0], (Q, d), or (Q, d + 1) for a field with divergence.
        tolerance: the error a step may have, relative to 1 + |x|.
        ends: first and last time.
        last: where the steps end, if the last time is 0.
        record: keep every evaluation of accepted steps.
        max_steps: most trial steps.

    Returns:
        The solution; ``nfe`` and ``outside`` include rejected steps.

    Raises:
        ValueError: for a solver without a pair, or a tolerance that is not positive.
        StepsExhausted: if the end is not reached.
    """
    tableau = solver.tableau
    if tableau is None or not solver.adaptive:
        raise ValueError("only a pair chooses its own steps")
    require(tolerance > 0.0, f"tolerance must be positive, got {tolerance!r}")
    t, end = ends
    goal = end if end > 0.0 else min(last, t)
    times, path, recorded = [t], [x], list[tuple[Evaluation, ...]]()
    h = (goal - t) * min(1.0, tolerance**0.2)
    vector_field.reset(record)
    slope = vector_field.velocity(x, t)
    first = vector_field.evaluations or []  # a step's first stage is the last of the step before
    for _ in range(max_steps):
        if t == goal:
            break
        t1 = goal if abs(h) >= abs(goal - t) else t + h
        vector_field.evaluations = [*first] if record else None
        trial = _try(tableau, vector_field, x, t, t1, slope, tolerance)
        growth = _SAFETY * max(trial.error, 1e-10) ** -0.2 if trial.error < torch.inf else 0.0
        h = (t1 - t) * min(max(growth, _MIN_GROWTH), _MAX_GROWTH)
        h = math.copysign(max(abs(h), MIN_STEP * min(t, t1)), h)
        if trial.error <= 1.0 or abs(t1 - t) <= 1.01 * MIN_STEP * t:
            t, x, slope = t1, trial.x, trial.slopes[-1]
            times.append(t)
            path.append(x)
            recorded.append(tuple(vector_field.evaluations or ()))
            first = recorded[-1][-1:]
    if t != goal:
        raise StepsExhausted(f"{max_steps} steps did not reach t = {goal:g}, only {t:g}")
    if end != goal:
        path.append(x + (end - t) * slope)  # Euler step with the slope of the last stage
        times.append(end)
        recorded.append(tuple(first))
    outside = torch.stack(vector_field.outside).sum(0)
    x = torch.stack(path, dim=1)
    return Solution(tuple(times), x, vector_field.nfe, outside, tuple(recorded))


def _try(
    tableau: Tableau,
    vector_field: VectorField,
    x: Tensor,
    t0: float,
    t1: float,
    slope: Tensor,
    tolerance: float,
) -> Trial:
    h = t1 - t0
    times = [node(t0, t1, c) for c in tableau.c]
    vector_field.prepare(times)
    slopes = [slope]
    for t, row in zip(times[1:], tableau.a[1:], strict=True):
        slopes.append(vector_field.velocity(x + h * combine(row, slopes), t))
    weights, other = tableau.b, tableau.embedded or tableau.b
    x_end = x + h * combine(weights, slopes)
    gap = h * combine(tuple(b - e for b, e in zip(weights, other, strict=True)), slopes)
    unit = tolerance * (1.0 + torch.maximum(x.abs(), x_end.abs()))
    error = float((gap / unit).square().mean().sqrt())
    return Trial(x_end, error if error < torch.inf else torch.inf, slopes)
