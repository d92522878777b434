"""One point, step by step: its divergence and density, why d/t, and how tangled a sum becomes.

    log p_t(x|x₀) = log p₁(φ_t(x|x₀)) + log|det ∂φ_t/∂x|

is algebra (MATH §1); ``characteristics`` finds the same density by a differential equation. That
they agree is the theorem, and a check of everything in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.greens.characteristics import motion
from flowviz.core.numerics.arguments import (
    Numbers,
    as_positions,
    as_tensor,
    as_times,
    require_whole,
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
    return motion(path, x, x0, as_times(t, x))[1].diagonal(dim1=-2, dim2=-1).sum(-1)


def density(path: Path, prior: Prior, x: Numbers, x0: Numbers, t: Numbers) -> Tensor:
    """log p_t(x|x₀) by change of variables; (Q, d), (N, d) -> (Q, N)."""
    free, log_det, _ = path.conditional(x, x0, t)
    return prior.log_prob(free) + log_det


@dataclass(frozen=True)
class ShrinkingBox:
    """Why d/t: each of d sides of a box shrinks like t, so that its volume is t^d.

    ``t`` (T,); ``divergence`` (T,) of the straight-line field, measured; ``volume`` (T,), of the
    box that fills the unit cube at t = 1; ``rate`` (T,), d log volume/dt, which is the divergence.
    """

    d: int
    t: Tensor
    divergence: Tensor
    volume: Tensor
    rate: Tensor


def shrinking_box(d: int, times: Numbers) -> ShrinkingBox:
    """The divergence of f = (x - x₀)/t beside the volume of a box that its flow carries.

    The volume is the determinant of the box's edges as the flow carries them, x_t = (1-t)x₀ + t x₁.

    Args:
        d: the dimension, at least 1.
        times: in (0, 1], (T,).
    """
    require_whole(d, "d")
    require(d >= 1, f"d must be at least 1, got {d}")
    times = as_tensor("times", times)
    require(times.dim() == 1, f"times must be a vector, got shape {tuple(times.shape)}")
    path = Affine()
    x0 = torch.full((1, d), 0.3, dtype=times.dtype, device=times.device)
    corners = torch.cat([torch.zeros_like(x0), torch.eye(d, dtype=times.dtype).to(times.device)])

    def log_volume(t: Tensor) -> Tensor:
        placed = path.forward(corners[:, None, None], x0, t)[:, :, 0]  # (1 + d, T, d)
        edges = (placed[1:] - placed[:1]).movedim(0, -1)
        return torch.linalg.slogdet(edges).logabsdet

    x = x0.expand(times.numel(), d) + 0.1
    grown = divergence(path, x, x0, times)[:, 0]
    size, shrunk = time_derivative(log_volume, times)
    return ShrinkingBox(d, times, grown, size.exp(), shrunk)


@dataclass(frozen=True)
class PathStatistics:
    """How tangled curves are: ``length`` (Q,) in space and ``turning`` (Q,) in radians."""

    length: Tensor
    turning: Tensor


def path_statistics(x: Numbers, t: Numbers) -> PathStatistics:
    """Total length and total curvature of trajectories.

    length = Σ‖Δx‖; turning = ∫κ ds = Σ of the angles between consecutive steps. On the line curves
    are taken in the (t, x) picture, where they can turn; in d ≥ 2 in space.

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
    # atan2 of the rejection and the projection keeps the digits of small angles.
    size = one.norm(dim=-1, keepdim=True)
    unit = one / torch.where(size > 0, size, torch.ones_like(size))
    along = (unit * two).sum(-1)
    across = (two - along[..., None] * unit).norm(dim=-1)
    return PathStatistics(length, torch.atan2(across, along).sum(-1))


@dataclass(frozen=True)
class PathComparison:
    """A flow's tangle against the straight family's, for the same starts.

    ``bent`` and ``straight``, and the ratios of their mean lengths and mean turnings.
    """

    bent: PathStatistics
    straight: PathStatistics

    @property
    def length(self) -> float:
        """Mean length over the straight family's mean length."""
        return float(self.bent.length.mean() / self.straight.length.mean())

    @property
    def turning(self) -> float:
        """Mean turning over the straight family's mean turning."""
        return float(self.bent.turning.mean() / self.straight.turning.mean())


def compare_paths(bent: Tensor, straight: Tensor, t: Tensor) -> PathComparison:
    """How much more complicated superposed trajectories are than the straight family's.

    Args:
        bent: trajectories of a family's flow, (Q, T, d).
        straight: of the straight-line flow with the same data, prior and starts, (Q, T, d).
        t: their times, (T,).
    """
    require(
        bent.shape == straight.shape,
        f"both need the same starts and times, got {tuple(bent.shape)} and {tuple(straight.shape)}",
    )
    return PathComparison(path_statistics(bent, t), path_statistics(straight, t))
