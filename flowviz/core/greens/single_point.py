"""The flow of one data point: divergence and density; length and curvature of trajectories.

    log p_t(x|x₀) = log p₁(φ_t(x|x₀)) + log|det ∂φ_t/∂x|

by change of variables (MATH §1); ``characteristics`` has the same density from a differential
equation. That both agree is the theorem of the method of characteristics, and a check.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.greens.characteristics import velocity_and_jacobian
from flowviz.core.numerics.arguments import (
    Numbers,
    as_positions,
    as_tensor,
    as_times,
    require_integer,
)
from flowviz.core.numerics.autodiff import time_derivative
from flowviz.core.paths.base import Affine, Path
from flowviz.core.priors.base import Prior, require


def divergence(path: Path, x: Numbers, x0: Numbers, t: Numbers) -> Tensor:
    """∇·f_t(x|x₀) = Σ_j ∂f_j/∂x_j by forward-mode differentiation.

    Args:
        path: the family.
        x: positions, (Q, d).
        x0: data points, (N, d).
        t: times in (0, 1], a scalar or (Q,).

    Returns:
        (Q, N).
    """
    x0 = as_tensor("x0", x0)
    x = as_positions(x, x0)
    require(
        x.dim() == 2 and x0.dim() == 2 and x.shape[1] == x0.shape[1],
        f"x must be (Q, d) and x0 (N, d), got {tuple(x.shape)} and {tuple(x0.shape)}",
    )
    jacobian = velocity_and_jacobian(path, x, x0, as_times(t, x))[1]
    return jacobian.diagonal(dim1=-2, dim2=-1).sum(-1)


def density(path: Path, prior: Prior, x: Numbers, x0: Numbers, t: Numbers) -> Tensor:
    """log p_t(x|x₀) by change of variables; (Q, d), (N, d) -> (Q, N)."""
    x1, log_det, _ = path.conditional(x, x0, t)
    return prior.log_prob(x1) + log_det


@dataclass(frozen=True)
class ShrinkingBox:
    """The divergence d/t: each of d sides of a box shrinks like t, so that its volume is t^d.

    ``t`` (T,); ``divergence`` (T,) of the straight-line field, computed; ``volume`` (T,), of the
    box that is the unit cube at t = 1; ``rate`` (T,), d log volume/dt, which is the divergence.
    """

    d: int
    t: Tensor
    divergence: Tensor
    volume: Tensor
    rate: Tensor


def shrinking_box(d: int, times: Numbers) -> ShrinkingBox:
    """The divergence of f = (x - x₀)/t, and the volume of a box transported by its flow.

    The volume is the determinant of the box's edges under x_t = (1-t)x₀ + t x₁.

    Args:
        d: the dimension, at least 1.
        times: in (0, 1], (T,).
    """
    require_integer(d, "d")
    require(d >= 1, f"d must be at least 1, got {d}")
    times = as_tensor("times", times)
    require(times.dim() == 1, f"times must be a vector, got shape {tuple(times.shape)}")
    path = Affine()
    x0 = torch.full((1, d), 0.3, dtype=times.dtype, device=times.device)
    corners = torch.cat([torch.zeros_like(x0), torch.eye(d, dtype=times.dtype).to(times.device)])

    def log_volume(t: Tensor) -> Tensor:
        x = path.forward(corners[:, None, None], x0, t)[:, :, 0]  # (1 + d, T, d)
        edges = (x[1:] - x[:1]).movedim(0, -1)
        return torch.linalg.slogdet(edges).logabsdet

    x = x0.expand(times.numel(), d) + 0.1
    value, rate = time_derivative(log_volume, times)
    return ShrinkingBox(d, times, divergence(path, x, x0, times)[:, 0], value.exp(), rate)


@dataclass(frozen=True)
class PathStatistics:
    """The ``length`` (Q,) of curves and their total curvature ``turning`` (Q,) in radians."""

    length: Tensor
    turning: Tensor


def path_statistics(x: Numbers, t: Numbers) -> PathStatistics:
    """Total length and total curvature of trajectories.

    length = Σ‖Δx‖; turning = ∫κ ds = Σ of the angles between consecutive steps: for d = 1 of the
    curves in the (t, x) plane, for d ≥ 2 in space.

    Args:
        x: positions, (Q, T, d).
        t: times, (T,), at least three, increasing or decreasing.
    """
    x = as_tensor("x", x)
    t = as_times(t, x)
    require(
        x.dim() == 3 and t.shape == (x.shape[1],),
        f"x must be (Q, T, d) and t (T,), got {tuple(x.shape)} and {tuple(t.shape)}",
    )
    require(t.numel() >= 3, f"a curve needs at least three times, got {t.numel()}")
    steps = x.diff(dim=1)
    length = steps.norm(dim=-1).sum(-1)
    if x.shape[-1] == 1:
        steps = torch.cat([t.diff()[:, None].expand_as(steps), steps], dim=-1)
    one, two = steps[:, :-1], steps[:, 1:]
    # atan2 of rejection and projection is accurate for small angles.
    size = one.norm(dim=-1, keepdim=True)
    unit = one / torch.where(size > 0, size, torch.ones_like(size))
    along = (unit * two).sum(-1)
    across = (two - along[..., None] * unit).norm(dim=-1)
    return PathStatistics(length, torch.atan2(across, along).sum(-1))


@dataclass(frozen=True)
class PathComparison:
    """Length and curvature of a flow relative to the straight-line flow from the same starts.

    ``nonlinear`` and ``straight``, and the ratios of their means.
    """

    nonlinear: PathStatistics
    straight: PathStatistics

    @property
    def length(self) -> float:
        """Mean length over that of the straight-line flow."""
        return float(self.nonlinear.length.mean() / self.straight.length.mean())

    @property
    def turning(self) -> float:
        """Mean turning over that of the straight-line flow."""
        return float(self.nonlinear.turning.mean() / self.straight.turning.mean())


def compare_paths(nonlinear: Tensor, straight: Tensor, t: Tensor) -> PathComparison:
    """Length and curvature of a flow's trajectories relative to those of the straight-line flow.

    Args:
        nonlinear: trajectories of a family's flow, (Q, T, d).
        straight: of the straight-line flow with the same data, prior and starts, (Q, T, d).
        t: their times, (T,).
    """
    require(
        nonlinear.shape == straight.shape,
        "both need the same starts and times, got "
        f"{tuple(nonlinear.shape)} and {tuple(straight.shape)}",
    )
    return PathComparison(path_statistics(nonlinear, t), path_statistics(straight, t))
