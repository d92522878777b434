"""Likelihood by a solver's own steps: what a few steps make of log p_t(x).

From (x, t) the solver walks up to t = 1 and carries ℓ = ∫∇·f along by its own rule
(``vector_fields``):

    log p_t(x) ≈ log p₁(x₁) + ℓ.

The steps are not exact, so neither is the change of volume they report: exp(log p) need not have
mass 1. How far it is from 1 measures the solver without knowing the answer.
"""

from __future__ import annotations

import torch
from torch import Tensor

from flowviz.core.likelihood import Likelihood
from flowviz.core.priors.base import Prior, require
from flowviz.core.solvers.adaptive import walking_adaptively
from flowviz.core.solvers.steppers import Solver, walking
from flowviz.core.solvers.talks import Talk, led
from flowviz.core.solvers.vector_field import Flow


def asking_log_prob(
    solver: Solver,
    flow: Flow,
    prior: Prior,
    x: Tensor,
    times: tuple[float, ...],
    tolerance: float | None = None,
    shares: tuple[float, ...] | None = None,
) -> Talk[Likelihood]:
    """log p at (x, times[0]), by walking to t = 1.

    It asks, so that many may be led at once.

    Args:
        solver: a value of `SOLVERS`.
        flow: with divergence.
        prior: the law of x₁.
        x: positions, (Q, d).
        times: rising, from above 0 to 1; a solver of its own steps needs only the ends.
        tolerance: for a solver of its own steps.
        shares: a fitted solver's intermediate times.

    Returns:
        log p is -inf where the walk ends beyond the prior's support.

    Raises:
        ValueError: for a flow without divergence, or times that do not rise to 1.
    """
    require(flow.divergence, "a likelihood needs a flow with divergence, got one without")
    require(times[-1] == 1.0 and times[0] > 0.0, f"times must rise to 1 from above 0, got {times}")
    start = torch.cat([x, x.new_zeros(len(x), 1)], dim=1)
    if solver.adaptive and tolerance is not None:
        made = yield from walking_adaptively(solver, flow, start, tolerance, (times[0], 1.0))
    else:
        made = yield from walking(solver, flow, start, times, shares)
    x1, spread = made.x[:, -1, : flow.d], made.x[:, -1, flow.d]
    lost = ~torch.isfinite(made.x[:, -1]).all(1)
    log_p = prior.log_prob(torch.where(lost[:, None], 0.0, x1)) + spread
    return Likelihood(log_p.masked_fill(lost, torch.nan), x1, spread, made.nfe)


log_prob_by = led(asking_log_prob)
"""`asking_log_prob`, by itself."""


def mass(log_p: Tensor, axes: tuple[Tensor, ...]) -> float:
    """∫ exp(log p) dx by the trapezoidal rule on a tensor grid, on the line or in the plane.

    Args:
        log_p: on the grid, flattened or not.
        axes: the grid's coordinates, one vector each.
    """
    p = log_p.reshape([len(axis) for axis in axes]).exp().nan_to_num(0.0, posinf=0.0)
    for axis in reversed(axes):
        p = torch.trapezoid(p, axis, dim=-1)
    return float(p)
