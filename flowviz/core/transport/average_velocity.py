"""The average velocity between two times, which takes a sample there in one step (MATH §8).

    u(x_t, s, t) = (x_t - x_s)/(t - s),       x_s = x_t - (t - s) u

along the exact flow, 0 ≤ s < t ≤ 1. With s fixed, d/dt of (t - s) u along a trajectory is f_t:

    u + (t - s) du/dt = f_t(x_t),       du/dt = ∂u/∂t + f_t·∇u.

In d = 1 the velocity is that average at some time in between, by the mean value theorem, wherever
it is continuous along the trajectory (`mean_value_times`).

A network that is trained to satisfy this identity needs one step. For s → t the average is f_t
itself, and from t = 1 to s = 0 it is x₁ - x₀ of the flow's own map.

Source: Geng, Deng, Bai, Kolter, He, "Mean flows for one-step generative modeling" (2025).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics import bernstein
from flowviz.core.numerics.arguments import Numbers, as_tensor
from flowviz.core.numerics.roots import solve_bracketed
from flowviz.core.priors.base import require
from flowviz.core.transport.trajectories import trajectories

_NODES = 13
_HALF_WIDTH = 0.04
"""Of the interval on which u is differentiated, in units of t."""

_CELLS = 64
_PASSES = 3
_TOLERANCE = 1e-12
_RELATIVE = 1e-9
"""Difference of two velocities that are equal, in units of 1 + |u|."""


@dataclass(frozen=True)
class AverageVelocity:
    """``x`` and ``end`` (Q, d), positions at t and s; ``u`` (Q, d), the average velocity between;
    ``basin`` (Q,), the data point reached.
    """

    x: Tensor
    end: Tensor
    u: Tensor
    basin: Tensor


def average_velocity(
    field: MarginalField, x1: Numbers, t: float, s: float = 0.0, tolerance: float = 1e-9
) -> AverageVelocity:
    """The average velocity of the trajectories from x₁ between the times t and s.

    Args:
        field: the flow.
        x1: starts of the trajectories at t = 1, (Q, d).
        t, s: times with 0 ≤ s < t ≤ 1.
        tolerance: as for ``trajectories``.

    Raises:
        ValueError: times out of order.
    """
    require(0.0 <= s < t <= 1.0, f"times must be 0 <= s < t <= 1, got s={s!r}, t={t!r}")
    found = trajectories(field, x1, [s, t], tolerance)
    end, x = found.x.unbind(1)
    return AverageVelocity(x, end, (x - end) / (t - s), found.basin)


def identity_residual(
    field: MarginalField, x1: Numbers, t: float, s: float = 0.0, tolerance: float = 1e-13
) -> Tensor:
    """u + (t - s) du/dt - f_t(x_t), which is 0 where the flow is smooth, (Q, d).

    du/dt is the derivative of the polynomial through u at Chebyshev nodes around t, along each
    trajectory. Arguments as of `average_velocity`.
    """
    half = min(_HALF_WIDTH * t, 0.4 * (t - s))
    middle = min(t, 1.0 - half)
    k = torch.arange(_NODES, dtype=torch.float64)
    nodes = torch.cos(torch.pi * (k + 0.5) / _NODES)
    times = middle + half * nodes
    found = trajectories(field, x1, torch.cat([times, times.new_tensor([s, t])]), tolerance)
    x, end, now = found.x[:, :-2], found.x[:, -2], found.x[:, -1]
    u = (x - end[:, None]) / (times - s)[:, None]
    rate = torch.einsum("k,qkd->qd", _slope_weights((t - middle) / half), u) / half
    average = (now - end) / (t - s)
    return average + (t - s) * rate - field(now, t)


def _slope_weights(at: float) -> Tensor:
    """Weights w with p'(at) = Σ_k w_k p(node_k) for polynomials on [-1, 1], (_NODES,)."""
    k = torch.arange(_NODES, dtype=torch.float64)
    angle = torch.pi * (k + 0.5) / _NODES
    # p = Σ_j c_j T_j with c_j = (2 - [j = 0])/n Σ_k p_k cos(j θ_k), and T_j' = j U_{j-1}.
    second, slopes = [1.0, 2.0 * at], [0.0]
    for j in range(1, _NODES):
        slopes.append(j * second[j - 1])
        second.append(2.0 * at * second[j] - second[j - 1])
    return (2.0 / _NODES) * torch.cos(k[:, None] * angle).T @ torch.tensor(slopes).double()


@dataclass(frozen=True)
class MeanValueTimes:
    """``time`` (Q,), where the velocity is the average one, NaN where there is no such time, or
    every time is one: those are ``straight`` (Q,); ``x`` (Q,), the positions there.
    """

    time: Tensor
    x: Tensor
    straight: Tensor


def mean_value_times(field: MarginalField, x1: Numbers, t: float, s: float = 0.0) -> MeanValueTimes:
    """The time τ between s and t with f_τ(x_τ) = u, for d = 1.

    Where there are several, the one nearest to the middle. There is none where the velocity jumps
    across u. Arguments as of `average_velocity`.

    Raises:
        ValueError: times out of order; d > 1, where the theorem does not hold.
    """
    require(field.d == 1, f"mean value times exist in d = 1, got d = {field.d}")
    require(0.0 <= s < t <= 1.0, f"times must be 0 <= s < t <= 1, got s={s!r}, t={t!r}")
    grid = s + (t - s) * (torch.arange(_CELLS, dtype=torch.float64) + 0.5) / _CELLS
    x1 = as_tensor("x1", x1)
    found = trajectories(field, x1, torch.cat([grid, grid.new_tensor([s, t])]), _TOLERANCE)
    x = found.x[:, :-2, 0]
    u = (found.x[:, -1, 0] - found.x[:, -2, 0]) / (t - s)
    f = field(x.reshape(-1, 1), grid.repeat(len(x))).reshape_as(x)
    size = _RELATIVE * (1.0 + u.abs())
    straight = ((f - u[:, None]).abs() <= size[:, None]).all(1)
    crossing = (f[:, :-1] > u[:, None]) != (f[:, 1:] > u[:, None])
    far = (torch.arange(_CELLS - 1) - (_CELLS - 2) / 2).abs()
    cell = torch.where(crossing, far, torch.inf).argmin(1)
    rows = (crossing.any(1) & ~straight).nonzero().squeeze(-1)
    before, after = (
        _Passage(grid[k], x[rows, k], f[rows, k]) for k in (cell[rows], cell[rows] + 1)
    )
    root = _crossing(field, x1[rows], u[rows], before, after)
    met = (root.velocity - u[rows]).abs() <= size[rows]
    time, at = torch.full_like(u, torch.nan), torch.full_like(u, torch.nan)
    time[rows], at[rows] = (torch.where(met, v, torch.nan) for v in (root.time, root.x))
    return MeanValueTimes(time, at, straight)


class _Passage(NamedTuple):
    """Where trajectories are at a time of each, and their velocities there, (M,)."""

    time: Tensor
    x: Tensor
    velocity: Tensor


def _crossing(
    field: MarginalField, x1: Tensor, u: Tensor, before: _Passage, after: _Passage
) -> _Passage:
    """Where the velocity of each trajectory passes u, between two times of which it does.

    The root on the cubic between two exact positions is near the root; there is the next of them.
    """
    found = before
    for _ in range(_PASSES):
        time = _cubic_crossing(field, u, before, after)
        x = trajectories(field, x1, time, _TOLERANCE).x[..., 0].diagonal()
        found = _Passage(time, x, field(x[:, None], time)[:, 0])
        same = (found.velocity > u) == (before.velocity > u)
        pairs = zip(before, after, found, strict=True)
        narrowed = [(torch.where(same, c, a), torch.where(same, b, c)) for a, b, c in pairs]
        before, after = (_Passage(*side) for side in zip(*narrowed, strict=True))
    return found


def _cubic_crossing(field: MarginalField, u: Tensor, before: _Passage, after: _Passage) -> Tensor:
    width = after.time - before.time
    slopes = (before.velocity, after.velocity)
    control = bernstein.cubic(before.x, after.x, slopes, width)

    def over(time: Tensor) -> Tensor:
        theta = (time - before.time) / torch.where(width > 0, width, 1.0)
        return field(bernstein.later(control, theta)[0][:, None], time)[:, 0] - u

    return solve_bracketed(over, before.time, after.time, 1e-13)


def variance_shares(x: Tensor) -> Tensor:
    """The fractions of a trajectory's variance in its main directions, falling: mean over all.

    Args:
        x: trajectories, (Q, T, d), at any times.

    Returns:
        (min(T, d),) fractions that sum to 1; of trajectories that stand still none is counted.
    """
    spread = torch.linalg.svdvals(x - x.mean(1, keepdim=True)).square()
    total = spread.sum(1, keepdim=True)
    return (spread / total)[total[:, 0] > 0].mean(0)
