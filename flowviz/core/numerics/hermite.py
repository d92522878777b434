"""Cubics through values and slopes."""

from __future__ import annotations

import torch
from torch import Tensor


def hermite_cubics(u: Tensor, x: Tensor, v: Tensor, at: Tensor) -> Tensor:
    """Cubic through values and slopes at sorted nodes; (K,), (Q, K), (Q, K), (T,) -> (Q, T)."""
    right = torch.searchsorted(u, at).clamp(1, u.numel() - 1)
    left = right - 1
    h = u[right] - u[left]
    s = (at - u[left]) / torch.where(h > 0, h, torch.ones_like(h))
    r = 1.0 - s
    return (
        (1.0 + 2.0 * s) * r * r * x[:, left]
        + s * r * r * h * v[:, left]
        + s * s * (3.0 - 2.0 * s) * x[:, right]
        - s * s * r * h * v[:, right]
    )
