"""Trajectories where x₁ and the data are coupled (MATH §6).

- *Straight.* Where members of x = α x₀ + σ x₁ never cross (optimal transport; every map of the line
  that keeps the order) each member is a trajectory: x_t = ψ_t(x₁|x₀ₖ), k the point paired with x₁.
- *d = 1, another family that increases in x₁:* F_t(x_t) = F₁(x₁) as always (``line``).
- *Otherwise* dx/ds = -t f_t(x), s = -log t, is integrated. The field jumps where cells begin, a
  trajectory may be carried to another data point there, and the error is reported as infinite.
"""

from __future__ import annotations

import functools
import math

import torch
from torch import Tensor

from flowviz.core.field import Cells, MarginalField
from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.ode.problem import Problem
from flowviz.core.numerics.ode.solve import solve
from flowviz.core.transport.batches import in_batches
from flowviz.core.transport.generic import slope_in_log_time
from flowviz.core.transport.line import monotone_line
from flowviz.core.transport.policy import half_width
from flowviz.core.transport.result import Solved, frame, solve_for_all_times

T_MIN = 1e-6
"""Time below which a trajectory is taken to have settled on its most probable data point."""


def coupled_trajectories(
    field: MarginalField,
    x1: Tensor,
    times: Tensor,
    tolerance: float,
    progress: Progress | None = None,
    budget: float = math.inf,
) -> Solved:
    """Trajectories under a coupling that is not independent; arguments as of `trajectories`."""
    paired = field.conditional_priors
    if isinstance(paired, Cells) and paired.straight and field.path.affine_schedule is not None:
        return straight(field, paired, x1, times)
    if field.d == 1 and field.path.monotone:
        return monotone_line(field, x1[:, 0], times)

    def solve_inner(merged: MarginalField, inner: Tensor) -> Solved:
        solver = functools.partial(_integrate, merged, inner, tolerance)
        return in_batches(lambda: solver, x1, inner, merged.cost, budget, progress)

    return solve_for_all_times(field, x1, times, solve_inner)


def straight(field: MarginalField, paired: Cells, x1: Tensor, times: Tensor) -> Solved:
    """The members of the family between the paired points, (Q, T, d)."""
    index = paired.index(x1)
    end = field.x0[index]
    x, inner = frame(x1, end, times)
    t = times[inner]
    if len(t):
        schedule = field.path.affine_schedule
        assert schedule is not None
        alpha, sigma = (v[:, None] for v in schedule(t))
        x[:, inner] = alpha * end[:, None] + sigma * x1[:, None]
    rounding = 4.0 * torch.finfo(x.dtype).eps
    error = rounding * torch.maximum(x1.abs().amax(-1), end.abs().amax(-1))[:, None]
    done = torch.ones_like(index, dtype=torch.bool)
    return Solved(x, error.expand(x.shape[:2]), index, 0, done)


def _integrate(
    field: MarginalField, times: Tensor, tolerance: float, x1: Tensor, progress: Progress
) -> Solved:
    """Trajectories of distinct data points at times in (0, 1)."""
    problem = Problem(
        slope=slope_in_log_time(field),
        start=0.0,
        end=-math.log(T_MIN),
        tolerance=tolerance * half_width(field),
        step=0.02,
        settled=lambda s, x: torch.zeros_like(s, dtype=torch.bool),
        max_steps=1500,
    )
    solution = solve(problem, x1, -times.clamp(min=T_MIN).log(), progress)
    last = torch.exp(-solution.tau)
    basin = field.posterior_or_nearest(solution.last, last).argmax(1)
    error = torch.full((len(x1), 1), math.inf, dtype=x1.dtype)
    return Solved(solution.y, error, basin, solution.evaluations, solution.finished)
