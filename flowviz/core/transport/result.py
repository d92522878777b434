"""A solved straight-line flow: what every schedule shows through its own lens (MATH §3.2)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class StraightFan:
    """Trajectories of the straight-line flow.

    ``u`` (T,) straight-line times; ``x1`` (Q, d) where they start; ``x`` (Q, T, d) positions;
    ``basin`` (Q,) the data point each one reaches; ``nfe`` evaluations in all; ``error`` (Q, T), an
    estimate of the position error.
    """

    u: Tensor
    x1: Tensor
    x: Tensor
    basin: Tensor
    nfe: int
    error: Tensor


def require_unit(t: Tensor) -> None:
    """Raise ValueError naming the first time outside [0, 1]."""
    good = (t >= 0) & (t <= 1)
    if not bool(good.all()):
        raise ValueError(f"times must lie in [0, 1], got {t[~good][0].item()!r}")


def frame(x1: Tensor, end: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """Positions (Q, T, d) with both ends of time filled in, exactly, and the inner times' places.

    Args:
        x1: where the trajectories start, (Q, d).
        end: the data points they reach, (Q, d).
        t: times in [0, 1], (T,).
    """
    at_data = (t == 0)[:, None]
    x = torch.where(at_data, end[:, None, :], x1[:, None, :])
    return x, ((t > 0) & (t < 1)).nonzero().squeeze(-1)


def filled(
    x1: Tensor, end: Tensor, t: Tensor, inside: Tensor, error: Tensor
) -> tuple[Tensor, Tensor]:
    """Positions (Q, T, d) and their errors (Q, T), which are 0 at both ends of time.

    Args:
        x1: where the trajectories start, (Q, d).
        end: the data points they reach, (Q, d).
        t: times in [0, 1], (T,).
        inside: positions at the times in (0, 1), (Q, S, d).
        error: theirs, (Q, S) or (Q, 1).
    """
    x, inner = frame(x1, end, t)
    x[:, inner] = inside
    every = torch.zeros_like(x[..., 0])
    every[:, inner] = error.expand(inside.shape[:2])
    return x, every
