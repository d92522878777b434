"""Families without a lens, and without a conserved level.

Flat priors are followed from rim to rim where the family allows it (``flat_closed``). All others
are integrated: with s = -log t the equation dx/dt = f_t(x) becomes dx/ds = -t f_t(x), which has no
singularity at the data. It is stepped with error control until one data point has all the posterior
weight; from there the trajectory is that point's own, x_t = ψ_t(φ_s(x_s|x₀)|x₀), and ends on it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from flowviz.core.families.implicit import ByForward, ByInverse
from flowviz.core.field import MarginalField
from flowviz.core.numerics.adaptive import solve
from flowviz.core.numerics.problem import Problem
from flowviz.core.sums.blocks import Progress
from flowviz.core.transports.flat_closed import Bent, follow, followed
from flowviz.core.transports.plane import TOLERANCE, closed_plane, half_width, known
from flowviz.core.transports.straight import filled

MOST_STEPS, MOST_SOLVED = 1000, 400
"""Steps at most, and where each look solves equations; what is not finished then has an infinite
error, and goes on as its likeliest data point's own trajectory."""
EARLIEST = 1e-7
"""Time below which every trajectory is taken to belong to its likeliest data point."""
_SURE = 1e-14


def integrate(
    field: MarginalField,
    x1: Tensor,
    times: Tensor,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> tuple[Tensor, Tensor, int, Tensor, int]:
    """Trajectories of any family in any dimension.

    Args:
        field: the flow.
        x1: prior positions inside the support, (Q, d).
        times: in [0, 1], (T,).
        tolerance: the error a step may have, in units of t times the prior's half-width.
        progress: told the share that is done, now and then.

    Returns:
        Positions (Q, T, d), basins (Q,), evaluations, errors (Q, T), and how many took more steps
        than are allowed.
    """
    merged, first = field.merged()
    asked = times[(times > 0) & (times < 1)]
    if followed(merged) and (bent := follow(merged, x1, asked, tolerance, progress)) is not None:
        allowed = _allowed(merged, bent, tolerance)
        x, error = filled(x1, merged.x0[bent.basin], times, bent.x, allowed)
        return x, first[bent.basin], bent.looks, error, int((~bent.finished).sum())

    if merged.path.closed and merged.d > 1:
        found = closed_plane(merged, x1, asked, tolerance, progress)
        x, error = filled(x1, merged.x0[found.basin], times, found.x, found.error)
        return x, first[found.basin], found.nfe, error, int((~found.finished).sum())

    def slope(s: Tensor, x: Tensor) -> Tensor:
        t = torch.exp(-s)
        return -t[:, None] * merged.velocity_or_nearest(x, t)

    def settled(s: Tensor, x: Tensor) -> Tensor:
        if merged.n == 1:
            return torch.ones_like(s, dtype=torch.bool)
        second = merged.shares(x, torch.exp(-s)).topk(2, dim=1).values[:, 1]
        return (merged.n - 1) * second <= _SURE

    problem = Problem(
        slope=slope,
        start=0.0,
        end=-math.log(EARLIEST),
        tolerance=tolerance * half_width(merged),
        step=0.02,
        settled=settled,
        unit=lambda s: torch.exp(-s),
        most=MOST_SOLVED if isinstance(merged.path, ByForward | ByInverse) else MOST_STEPS,
    )
    solution = solve(problem, x1, -torch.log(asked), progress)
    reached = torch.exp(-solution.tau)
    basin = merged.shares(solution.last, reached).argmax(1)
    own = merged.x0[basin][:, None]
    inside = solution.y
    # Beyond the last step each trajectory is its own data point's.
    free = merged.path.inverse(solution.last, own, reached)[:, 0]
    for k, t in enumerate(asked):
        late = (t < reached).nonzero().squeeze(-1)
        if late.numel():
            time = t.expand(late.numel()).contiguous()
            inside[late, k] = merged.path.forward(free[late], own[late], time)[:, 0]
    allowed = known(merged, solution.error, seen=False)[:, None]
    x, error = filled(x1, merged.x0[basin], times, inside, allowed)
    unfinished = int((~solution.finished).sum())
    return x, first[basin], solution.evaluations, error, unfinished


def _allowed(field: MarginalField, bent: Bent, tolerance: float) -> Tensor:
    """What is known of the errors of trajectories followed from rim to rim, (Q, 1)."""
    error = bent.x.new_full((len(bent.x),), tolerance * half_width(field))
    return error.masked_fill(~bent.finished, math.inf)[:, None]
