"""Likelihood by the steps of a solver.

From (x, t) the solver integrates to t = 1, and with the same rule ℓ = ∫∇·f (``vector_field``):

    log p_t(x) ≈ log p₁(x₁) + ℓ.

As the steps are not exact, ∫ exp(log p) dx need not be 1. Its distance from 1 measures the solver's
error without an exact solution.
"""

from __future__ import annotations

import torch
from torch import Tensor

from flowviz.core.likelihood import Likelihood
from flowviz.core.priors.base import Prior, require
from flowviz.core.solvers.adaptive import solve_adaptively
from flowviz.core.solvers.steppers import Solver, solve
from flowviz.core.solvers.vector_field import VectorField


def solver_log_prob(
    solver: Solver,
    vector_field: VectorField,
    prior: Prior,
    x: Tensor,
    times: tuple[float, ...],
    tolerance: float | None = None,
    fractions: tuple[float, ...] | None = None,
) -> Likelihood:
    """log p at (x, times[0]), by integration to t = 1.

    Args:
        solver: a value of `SOLVERS`.
        vector_field: with divergence.
        prior: the distribution of x₁.
        x: positions, (Q, d).
        times: rising, from above 0 to 1; an adaptive solver uses only the ends.
        tolerance: of an adaptive solver.
        fractions: a fitted solver's intermediate times (`steppers.solve`).

    Returns:
        The likelihood; log p is -inf where the steps end outside the prior's support.

    Raises:
        ValueError: for a field without divergence, or times that do not rise to 1.
    """
    require(vector_field.divergence, "a likelihood needs a field with divergence, got one without")
    require(times[-1] == 1.0 and times[0] > 0.0, f"times must rise to 1 from above 0, got {times}")
    start = torch.cat([x, x.new_zeros(len(x), 1)], dim=1)
    if solver.adaptive and tolerance is not None:
        found = solve_adaptively(solver, vector_field, start, tolerance, (times[0], 1.0))
    else:
        found = solve(solver, vector_field, start, times, fractions)
    end, d = found.x[:, -1], vector_field.d
    x1, divergence_integral = end[:, :d], end[:, d]
    lost = ~torch.isfinite(end).all(1)
    log_p = prior.log_prob(torch.where(lost[:, None], 0.0, x1)) + divergence_integral
    return Likelihood(log_p.masked_fill(lost, torch.nan), x1, divergence_integral, found.nfe)
