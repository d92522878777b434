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

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics import bernstein
from flowviz.core.numerics.arguments import Numbers, as_tensor
from flowviz.core.numerics.roots import solve_bracketed
from flowviz.core.priors.base import require
from flowviz.core.transport.trajectories import Trajectories, trajectories

_NODES = 13
_HALF_WIDTH = 0.04
"""Of the interval on which u is differentiated, in units of t."""

_CELLS = 64
_NEAREST = 23
_PASSES = 3
_HALVINGS = 45
_TOLERANCE = 1e-12
_RELATIVE = 1e-9
"""Difference of two velocities that are equal, in units of 1 + |u|."""
_ROUNDINGS = 16 * torch.finfo(torch.float64).eps
_BESIDE = 1e-11
"""A velocity jumps that changes by `_JUMP` (1 + |u|) on either side within this fraction of t."""
_JUMP = 1e-4
_GROUP = 16
"""Trajectories solved together, each at the times of all."""


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
    """``time`` (Q,), where the velocity is the average one, and ``x`` (Q,), the positions there.

    NaN where no such time was found; then it is known why where the trajectory is ``straight``
    (Q,), so that every time is one, or the velocity ``jumps`` (Q,) across the average.
    """

    time: Tensor
    x: Tensor
    straight: Tensor
    jumps: Tensor


def mean_value_times(field: MarginalField, x1: Numbers, t: float, s: float = 0.0) -> MeanValueTimes:
    """The time τ between s and t with f_τ(x_τ) = u, for d = 1.

    Where several are found, the one nearest to the middle. Arguments as of `average_velocity`.

    Raises:
        ValueError: times out of order; d > 1, where the theorem does not hold.
    """
    require(field.d == 1, f"mean value times exist in d = 1, got d = {field.d}")
    require(0.0 <= s < t <= 1.0, f"times must be 0 <= s < t <= 1, got s={s!r}, t={t!r}")
    grid = _search_times(s, t)
    x1 = as_tensor("x1", x1)
    found = trajectories(field, x1, torch.cat([grid, grid.new_tensor([s, t])]), _TOLERANCE)
    x = found.x[:, :-2, 0]
    u = (found.x[:, -1, 0] - found.x[:, -2, 0]) / (t - s)
    f = field(x.reshape(-1, 1), grid.repeat(len(x))).reshape_as(x)
    size = _RELATIVE * (1.0 + u.abs()) + _rounding_of_average(field, found, t - s)
    # f is a difference of positions over t, rounded as they are.
    rounding = _ROUNDINGS * (x.abs() + field.x0.abs().max()) / grid
    straight = ((f - u[:, None]).abs() <= size[:, None] + rounding).all(1)
    crossing = (f[:, :-1] > u[:, None]) != (f[:, 1:] > u[:, None])
    far = (0.5 * (grid[1:] + grid[:-1]) - 0.5 * (s + t)).abs()
    cell = torch.where(crossing, far, torch.inf).argmin(1)
    rows = (crossing.any(1) & ~straight).nonzero().squeeze(-1)
    before, after = (
        _Passage(grid[k], x[rows, k], f[rows, k]) for k in (cell[rows], cell[rows] + 1)
    )
    root, met, jump = _crossing(field, x1[rows], u[rows], size[rows], before, after)
    time, at = torch.full_like(u, torch.nan), torch.full_like(u, torch.nan)
    time[rows], at[rows] = (torch.where(met, v, torch.nan) for v in (root.time, root.x))
    jumps = torch.zeros_like(straight)
    jumps[rows] = jump
    return MeanValueTimes(time, at, straight, jumps)


def _search_times(s: float, t: float) -> Tensor:
    """Times from s to t, closer and closer at the ends; without 0, where f is a limit."""
    middle = (torch.arange(_CELLS, dtype=torch.float64) + 0.5) / _CELLS
    near = 2.0 ** -torch.arange(_NEAREST, math.log2(2 * _CELLS), -2, dtype=torch.float64)
    start = near.new_tensor([0.0] if s > 0 else [])
    fractions = torch.cat([start, near, middle, 1.0 - near.flip(0), near.new_ones(1)])
    return (s + (t - s) * fractions).clamp(s, t)


def _rounding_of_average(field: MarginalField, found: Trajectories, width: float) -> Tensor:
    """The error of u, a difference of positions at the last two times over ``width``, (Q,)."""
    ends = found.x[:, -2:, 0].abs().amax(1) + field.x0.abs().max()
    error = found.error[:, -2:].sum(1).nan_to_num(0.0, posinf=0.0)
    return (_ROUNDINGS * ends + error) / width


class _Passage(NamedTuple):
    """Where trajectories are at a time of each, and their velocities there, (M,)."""

    time: Tensor
    x: Tensor
    velocity: Tensor

    def rows(self, chosen: Tensor) -> _Passage:
        return _Passage(*(v[chosen] for v in self))


def _crossing(
    field: MarginalField, x1: Tensor, u: Tensor, size: Tensor, before: _Passage, after: _Passage
) -> tuple[_Passage, Tensor, Tensor]:
    """Where the velocity of each trajectory passes u, between two times of which it does.

    The root on the cubic between two exact positions is near the root; there is the next of them.
    Where this does not converge, the velocity jumps, or its interval is halved.

    Returns:
        Where it is u, whether it is, to within ``size``, and whether it jumps across it, (M,) each.
    """
    found = _Passage(*(v.clone() for v in before))
    jump = torch.zeros_like(u, dtype=torch.bool)
    left = torch.arange(len(u))
    for k in range(_PASSES + _HALVINGS):
        if not len(left):
            break
        time = 0.5 * (before.time + after.time)
        if k < _PASSES:
            cubic = _cubic_crossing(field, u[left], before, after)
            time = torch.where(cubic.isfinite(), cubic, time)
        now = _passages(field, x1[left], time)
        for whole, part in zip(found, now, strict=True):
            whole[left] = part
        open_ = ((now.velocity - u[left]).abs() > size[left]) | (k < _PASSES - 1)
        if k >= _PASSES - 1 and bool(open_.any()):
            jump[left[open_]] = _jumps(field, x1[left[open_]], u[left[open_]], time[open_])
            open_ &= ~jump[left]
        same = (now.velocity > u[left]) == (before.velocity > u[left])
        pairs = zip(before, after, now, strict=True)
        narrowed = [(torch.where(same, c, a), torch.where(same, b, c)) for a, b, c in pairs]
        before, after = (_Passage(*side).rows(open_) for side in zip(*narrowed, strict=True))
        left = left[open_]
    return found, (found.velocity - u).abs() <= size, jump


def _jumps(field: MarginalField, x1: Tensor, u: Tensor, time: Tensor) -> Tensor:
    """Whether the velocity is far below u just before the time and far above after, or so, (M,).

    Never of a smooth density, though beside a separatrix rounding may look like a jump.
    """
    if field.prior.smooth:
        return torch.zeros_like(u, dtype=torch.bool)
    low, high = ((time * (1.0 + side)).clamp(max=1.0) for side in (-_BESIDE, _BESIDE))
    far = [_passages(field, x1, v).velocity - u for v in (low, high)]
    least = _JUMP * (1.0 + u.abs())
    apart = (far[0].abs() > least) & (far[1].abs() > least)
    return apart & (far[0].sign() != far[1].sign())


def _passages(field: MarginalField, x1: Tensor, time: Tensor) -> _Passage:
    """Each trajectory at its own time."""
    groups = zip(x1.split(_GROUP), time.split(_GROUP), strict=True)
    x = torch.cat([trajectories(field, a, b, _TOLERANCE).x[..., 0].diagonal() for a, b in groups])
    return _Passage(time, x, field(x[:, None], time)[:, 0])


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
