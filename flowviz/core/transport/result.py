"""Solutions: of the straight-line flow, which all schedules share (MATH §3.2), and of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.field import MarginalField


@dataclass(frozen=True)
class StraightFan:
    """Trajectories of the straight-line flow.

    ``u`` (T,) straight-line times; ``x1`` (Q, d) starts; ``x`` (Q, T, d) positions; ``basin`` (Q,)
    the data point each one reaches; ``nfe`` evaluations in all; ``error`` (Q, T), an estimate of
    the position error.
    """

    u: Tensor
    x1: Tensor
    x: Tensor
    basin: Tensor
    nfe: int
    error: Tensor


def require_unit(t: Tensor) -> None:
    """Raise ValueError naming the first time outside [0, 1]."""
    valid = (t >= 0) & (t <= 1)
    if not bool(valid.all()):
        raise ValueError(f"times must lie in [0, 1], got {t[~valid][0].item()!r}")


def frame(x1: Tensor, end: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """Positions (Q, T, d), exact at t = 0 and t = 1, and the indices of the times in between.

    Args:
        x1: starts, (Q, d).
        end: the data points they reach, (Q, d).
        t: times in [0, 1], (T,).
    """
    at_data = (t == 0)[:, None]
    x = torch.where(at_data, end[:, None, :], x1[:, None, :])
    return x, ((t > 0) & (t < 1)).nonzero().squeeze(-1)


@dataclass(frozen=True)
class Solved:
    """Trajectories at T times, with statistics.

    ``x`` (Q, T, d) positions; ``error`` (Q, T) or (Q, 1), theirs; ``basin`` (Q,) the data point
    each one reaches; ``nfe`` evaluations in all; ``finished`` (Q,), False where the steps ran out.
    """

    x: Tensor
    error: Tensor
    basin: Tensor
    nfe: int
    finished: Tensor


def solve_for_all_times(
    field: MarginalField,
    x1: Tensor,
    times: Tensor,
    solve: Callable[[MarginalField, Tensor], Solved],
) -> Solved:
    """Trajectories at times in [0, 1], from a solver for distinct data points and inner times.

    They are those from the first starts where the solver's budget does not allow all of them.

    Args:
        field: the flow.
        x1: starts, (Q, d).
        times: in [0, 1], in any order, (T,).
        solve: a field with distinct data points, times in (0, 1) -> its trajectories from ``x1``.
    """
    merged, first = field.merged()
    found = solve(merged, times[(times > 0) & (times < 1)])
    x, inner = frame(x1[: len(found.x)], merged.x0[found.basin], times)
    x[:, inner] = found.x
    error = torch.zeros_like(x[..., 0])
    error[:, inner] = found.error.expand(found.x.shape[:2])
    return replace(found, x=x, error=error, basin=first[found.basin])


def density_along(field: MarginalField, t: Tensor, x: Tensor) -> Tensor:
    """p_t on trajectories, (Q, T): infinite at t = 0, where they are at data points.

    Args:
        field: the flow.
        t: times in [0, 1], (T,).
        x: positions, (Q, T, d).
    """
    p = torch.full(x.shape[:2], torch.inf, dtype=x.dtype)
    later = t > 0
    at = x[:, later].reshape(-1, field.d)
    p[:, later] = field.log_prob(at, t[later].repeat(len(x))).exp().reshape(p[:, later].shape)
    return p
