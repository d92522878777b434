"""A family that is invertible where the prior lives, continued beyond by straight lines.

Only endpoints that the prior can draw matter. Where ψ_t(·|x₀) is invertible on a box B that holds
them, but folds or has no value outside (t·|x₁| with a prior on [0, 2], a logarithm),

    ψ̃_t(x₁|x₀) = ψ_t(b|x₀) + t (x₁ - b),      b the point of B nearest to x₁,

agrees with ψ wherever p₁ > 0: its density, velocity and trajectories are the same. But x tells x₁
everywhere, so that a root is always found, and on the line the distribution function is conserved.

B is the prior's support, or where that has no end all but 1e-6 of the prior on either side. On the
line B is then as much as any grid here looks at; in the plane only bounded supports are continued.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from flowviz.core.numerics.jacobians import determinant, value_jacobian
from flowviz.core.paths.base import Path, pairs, per_pair
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.priors.base import Prior

TAIL = 1e-6
"""Prior probability on either side that is left to the straight lines."""
POINTS = 12
"""Data points that are looked at, spread from the first to the last."""
_FAR = (7.0, 10.0, 16.0, 25.0, 40.0, 100.0)
"""Endpoints on the line where a family is looked at besides, on either side."""
_END, _BACK = 1e-9, 1e-6
_ROUNDING = 8 * torch.finfo(torch.float64).eps


class _Extended:
    """ψ̃ on the box [low, high]^d."""

    path: ByForward | ByInverse
    low: float
    high: float

    @property
    def monotone(self) -> bool:
        return True

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        ends = pairs(x1)
        inner = ends.clamp(self.low, self.high)
        return self.path.forward(inner, x0, t) + per_pair(t) * (ends - inner)


@dataclass(frozen=True)
class ExtendedForward(_Extended, ByForward):
    """ψ̃ of a family that is given by ψ, on the box [low, high]^d."""

    path: ByForward
    low: float
    high: float


@dataclass(frozen=True)
class ExtendedInverse(_Extended, ByInverse):
    """φ̃ of a family of the line that is given by φ, on [low, high].

    φ̃_t(x|x₀) = φ_t(y|x₀) + (x - y)/t, y the place nearest to x between ψ_t(low) and ψ_t(high).
    """

    path: ByInverse
    low: float
    high: float

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        # What the ends do in time concerns nobody: there is no probability beyond them.
        fixed, when = x0.detach(), t.detach()
        least, most = (
            self.path.forward(x.new_full((1, 1, 1), end), fixed, when)
            for end in (self.low, self.high)
        )
        inner = torch.minimum(torch.maximum(pairs(x), least), most)
        return self.path.inverse(inner, x0, t) + (pairs(x) - inner) / per_pair(t)


def extended(path: Path, prior: Prior, x0: Tensor) -> Path:
    """The family to compute with: the same for every x₁ the prior can draw.

    Families with formulas both ways, and those that need no continuation, come back as they are;
    so do those that none would mend (``check_validity`` names what is wrong with them).

    Args:
        path: the family.
        prior: the distribution of x₁.
        x0: data points, (N, d).
    """
    if not isinstance(path, ByForward | ByInverse):
        return path
    if isinstance(path, ExtendedForward | ExtendedInverse) or x0.shape[1] > 2:
        return path
    if x0.shape[1] == 2 and (isinstance(path, ByInverse) or not prior.compact):
        return path
    rows = tuple(map(tuple, some(x0.detach().cpu().double()).tolist()))
    return _extended(path, prior, rows)


@lru_cache(maxsize=512)
def _extended(
    path: ByForward | ByInverse, prior: Prior, rows: tuple[tuple[float, ...], ...]
) -> Path:
    x0 = beside(torch.tensor(rows, dtype=torch.float64))
    low, high = box(prior)
    if _stands(path, prior, x0):
        return path
    kind = ExtendedForward if isinstance(path, ByForward) else ExtendedInverse
    other = kind(path, low, high)  # type: ignore[arg-type]
    return other if _keeps(other, _around(prior, x0, 1.0), x0) else path


def _stands(path: ByForward | ByInverse, prior: Prior, x0: Tensor) -> bool:
    """Whether the family itself is invertible, far beyond what the prior draws."""
    if x0.shape[1] == 1:
        far = torch.tensor(_FAR, dtype=x0.dtype)
        x1 = torch.cat([-far.flip(0), ends(prior, x0)[:, 0], far]).sort().values
        return path.monotone and _keeps(path, x1[:, None], x0)
    return _keeps(path, _around(prior, x0, 3.0), x0)


def _keeps(path: Path, x1: Tensor, x0: Tensor) -> bool:
    """Whether ∂ψ/∂x₁ keeps its sign, φ undoes ψ where φ is given, and ψ_1 = x₁."""
    try:
        return all(_upright(path, x1, x0, t) for t in times(x0)[::3]) and _arrives(path, x1, x0)
    except ValueError:
        return False


def _upright(path: Path, x1: Tensor, x0: Tensor, t: Tensor) -> bool:
    shape = (x1.shape[0], *x0.shape)
    start = pairs(x1).expand(shape)
    if not isinstance(path, ByInverse):
        return bool(
            (determinant(value_jacobian(lambda z: path.forward(z, x0, t), start)[1]) > 0).all()
        )
    x = path.forward(start, x0, t)
    back, slope = value_jacobian(lambda z: path.inverse(z, x0, t), x)
    close = (back - start).abs() <= _BACK * (1.0 + start.abs())
    return bool((determinant(slope) > 0).all() and close.all() and (x.diff(dim=0) > 0).all())


def _arrives(path: Path, x1: Tensor, x0: Tensor) -> bool:
    gap = path.forward(x1, x0, x1.new_ones(())) - pairs(x1)
    return bool((gap.abs() <= _END * (1.0 + pairs(x1).abs())).all())


# ------------------------------------------------------------------- what is looked at


def box(prior: Prior) -> tuple[float, float]:
    """The interval of a coordinate that holds what the prior draws: the support, or most of it.

    A hair inside an end of the support, where a formula may have no slope.
    """
    usual = prior.interval(TAIL)
    low, high = (
        end if math.isfinite(end) else far for end, far in zip(prior.support, usual, strict=True)
    )
    hair = _ROUNDING * max(1.0, abs(low), abs(high))
    return low + hair, high - hair


def ends(prior: Prior, like: Tensor) -> Tensor:
    """Endpoints that cover the line's prior, from left to right, (Q, 1): even steps, and tails."""
    low, high = prior.interval(0.005)
    tail = torch.logspace(-2.5, math.log10(TAIL), 8, dtype=torch.float64)
    body = low + (high - low) * torch.linspace(0.0, 1.0, 61, dtype=torch.float64)
    edge = torch.tensor(box(prior), dtype=torch.float64)
    every = torch.cat([edge[:1], prior.icdf(tail), body, prior.isf(tail), edge[1:]])
    return every.clamp(*box(prior)).unique().to(like)[:, None]


def _around(prior: Prior, like: Tensor, factor: float) -> Tensor:
    """Endpoints that cover what the prior draws, and a region around it, (Q, d)."""
    if like.shape[1] == 1:
        return ends(prior, like)
    low, high = box(prior)
    middle, half = 0.5 * (low + high), 0.5 * factor * (high - low)
    share = torch.linspace(-1.0, 1.0, 11, dtype=like.dtype, device=like.device)
    return torch.cartesian_prod(*[middle + half * share] * 2)


def some(x0: Tensor) -> Tensor:
    """A few data points, (N', d), from the first to the last in order of their coordinates."""
    if len(x0) <= POINTS:
        return x0
    order = sorted(range(len(x0)), key=x0.tolist().__getitem__)
    return x0[[order[round(k * (len(x0) - 1) / (POINTS - 1))] for k in range(POINTS)]]


def beside(x0: Tensor) -> Tensor:
    """Data points and two more beside their mean: one point alone cannot show dependence."""
    centre = x0.mean(0, keepdim=True)
    return torch.cat([x0, centre + 0.37, centre - 0.61])


def times(like: Tensor) -> Tensor:
    """Thirty times, a few of them early."""
    early = torch.tensor([1e-3, 1e-2], dtype=like.dtype, device=like.device)
    return torch.cat([early, torch.linspace(0.035, 1.0, 28).to(like)])
