"""By how much the flow stretches small volumes."""

from __future__ import annotations

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.transport.result import density_along


def volume_ratio(field: MarginalField, x1: Tensor, x: Tensor, times: Tensor) -> Tensor:
    """|det ∂x_t/∂x₁| = p₁(x₁) / p_t(x_t) along trajectories: the mass in a small volume stays.

    Exact, as both densities are; nothing is differentiated.

    Args:
        field: the flow.
        x1: the starts, (Q, d).
        x: the trajectories of these starts, (Q, T, d).
        times: (T,).

    Returns:
        (Q, T); NaN where a trajectory or p_t has no value, as at t = 0.
    """
    now = density_along(field, times, x)
    inside = (now > 0) & torch.isfinite(now)
    return torch.where(inside, field.log_prob(x1, 1.0).exp()[:, None] / now, torch.nan)
