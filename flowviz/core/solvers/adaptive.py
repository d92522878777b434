"""A Runge-Kutta pair that chooses its own steps, one for all particles.

The difference of the pair's two results is the error of a step, measured as its root mean square
over all particles, in units of tolerance × (1 + |x|); a step is kept when that is at most 1, and
the next is as long as the estimate allows, but between a fifth and five times as long. That is what
general-purpose libraries do with a batch; ``adaptive`` gives every trajectory steps of its own.

Where the velocity jumps (at the edges of a prior) some particle is always crossing one, and no step
is short enough. A step of a fiftieth of t is therefore taken whatever its error.

Steps end at ``last``: an Euler step takes the rest to t = 0, where the velocity has no value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.priors.base import require
from flowviz.core.solvers.steppers import Leap, Solver, Walk, mix, node
from flowviz.core.solvers.tableaux import Tableau
from flowviz.core.solvers.talks import Talk, led
from flowviz.core.solvers.time_grids import LAST
from flowviz.core.solvers.vector_field import Flow, Look

MOST = 2000
"""Steps tried before a walk is given up."""
SHORTEST = 0.02
"""A step's share of t from which on it is not refused."""
_SAFETY, _LEAST, _GREATEST = 0.9, 0.2, 5.0


@dataclass(frozen=True)
class Trial:
    """A step that was tried: where it leads, its error over the tolerance, its stages' slopes."""

    x: Tensor
    error: float
    slopes: list[Tensor]


def walking_adaptively(
    solver: Solver,
    flow: Flow,
    x: Tensor,
    tolerance: float,
    ends: tuple[float, float] = (1.0, 0.0),
    last: float = LAST,
    record: bool = False,
    most: int = MOST,
) -> Talk[Walk]:
    """Walk a flow with steps of the pair's own choice.

    It asks, so that many may be led at once.

    Args:
        solver: one that is `adaptive`.
        flow: what to walk along.
        x: positions at ends[0], (Q, d), or (Q, d + 1) for a flow with divergence.
        tolerance: the error a step may have, relative to 1 + |x|.
        ends: first and last time.
        last: where the steps end, if the last time is 0.
        record: keep every evaluation of the steps that were taken.
        most: steps to try before giving up.

    Returns:
        The walk; ``nfe`` and ``outside`` count refused steps, too.

    Raises:
        ValueError: for a solver without a pair, a tolerance that is not positive, or steps that
            run out.
    """
    tableau = solver.tableau
    if tableau is None or not solver.adaptive:
        raise ValueError("only a pair chooses its own steps")
    require(tolerance > 0.0, f"tolerance must be positive, got {tolerance!r}")
    t, end = ends
    goal = end if end > 0.0 else min(last, t)
    before, times, path = flow.nfe, [t], [x]
    looks: list[tuple[Look, ...]] = []
    h = (goal - t) * min(1.0, tolerance**0.2)
    slope = yield from flow.velocity(x, t)
    outside = flow.outside[-1]
    for _ in range(most):
        if t == goal:
            break
        to = goal if abs(h) >= abs(goal - t) else t + h
        flow.looks = [Look(t, x, slope, outside)] if record else None
        trial = yield from _try(tableau, flow, x, Leap(t, to), slope, tolerance)
        growth = _SAFETY * max(trial.error, 1e-10) ** -0.2 if trial.error < torch.inf else 0.0
        h = (to - t) * min(max(growth, _LEAST), _GREATEST)
        h = math.copysign(max(abs(h), SHORTEST * min(t, to)), h)
        if trial.error <= 1.0 or abs(to - t) <= 1.01 * SHORTEST * t:
            t, x, slope, outside = to, trial.x, trial.slopes[-1], flow.outside[-1]
            times.append(t)
            path.append(x)
            looks.append(tuple(flow.looks or ()))
    flow.looks = None
    require(t == goal, f"{most} steps did not reach t = {goal:g}, only {t:g}")
    if end != goal:
        x = x + (end - t) * slope  # Euler's step; the slope here is known
        times.append(end)
        path.append(x)
        looks.append((Look(t, path[-2], slope, outside),) if record else ())
    nfe = flow.nfe - before
    every = flow.count_outside(nfe)
    return Walk(tuple(times), torch.stack(path, dim=1), nfe, every, tuple(looks))


walk_adaptively = led(walking_adaptively)
"""`walking_adaptively`, by itself."""


def _try(
    tableau: Tableau, flow: Flow, x: Tensor, leap: Leap, slope: Tensor, tolerance: float
) -> Talk[Trial]:
    h = leap.to - leap.t
    times = [node(leap.t, leap.to, c) for c in tableau.c]
    flow.prepare(times, rates=True)
    slopes = [slope]
    for t, row in zip(times[1:], tableau.a[1:], strict=True):
        slopes.append((yield from flow.velocity(x + h * mix(row, slopes), t)))
    weights, other = tableau.b, tableau.embedded or tableau.b
    there = x + h * mix(weights, slopes)
    gap = h * mix(tuple(b - e for b, e in zip(weights, other, strict=True)), slopes)
    unit = tolerance * (1.0 + torch.maximum(x.abs(), there.abs()))
    error = float((gap / unit).square().mean().sqrt())
    return Trial(there, error if error < torch.inf else torch.inf, slopes)
