"""Extension of families that are invertible only on the prior's support, by straight lines.

Only endpoints x₁ with p₁(x₁) > 0 matter. If ψ_t(·|x₀) is invertible on a box B that contains them,
but folds or has no value outside (t·|x₁| with a prior on [0, 2], a logarithm), then

    ψ̃_t(x₁|x₀) = ψ_t(b|x₀) + t (x₁ - b),      b the point of B nearest to x₁,

agrees with ψ wherever p₁ > 0: density, velocity and trajectories are the same. But ψ̃ is invertible
everywhere, so that a root always exists, and for d = 1 the distribution function is conserved.

B is the prior's support; where that is unbounded, the interval that leaves a probability of 1e-6 on
either side, which for d = 1 contains every grid that is used. For d = 2 only bounded supports are
extended.
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
"""Prior probability outside the box, on either side."""
MAX_CHECKED = 12
"""Most data points at which a family is checked."""
_FAR = (7.0, 10.0, 16.0, 25.0, 40.0, 100.0)
"""Endpoints, on either side, at which a family for d = 1 is checked in addition."""
_END_ERROR, _INVERSE_ERROR = 1e-9, 1e-6
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
    """ψ̃ of a family given by ψ, on the box [low, high]^d."""

    path: ByForward
    low: float
    high: float


@dataclass(frozen=True)
class ExtendedInverse(_Extended, ByInverse):
    """φ̃ of a family given by φ, for d = 1, on [low, high].

    φ̃_t(x|x₀) = φ_t(y|x₀) + (x - y)/t, y the point of [ψ_t(low), ψ_t(high)] nearest to x.
    """

    path: ByInverse
    low: float
    high: float

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        # Derivatives of the ends are not needed: the density is 0 beyond them.
        plain_x0, plain_t = x0.detach(), t.detach()
        low, high = (
            self.path.forward(x.new_full((1, 1, 1), end), plain_x0, plain_t)
            for end in (self.low, self.high)
        )
        inner = torch.minimum(torch.maximum(pairs(x), low), high)
        return self.path.inverse(inner, x0, t) + (pairs(x) - inner) / per_pair(t)


def extended(path: Path, prior: Prior, x0: Tensor) -> Path:
    """The family, extended if it must and can be: the same wherever p₁ > 0.

    Families with formulas for ψ and φ and families that are invertible everywhere are returned
    unchanged; so are those for which an extension does not help (``check_validity`` reports why).

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
    rows = tuple(map(tuple, subset(x0.detach().cpu().double()).tolist()))
    return _extended(path, prior, rows)


@lru_cache(maxsize=512)
def _extended(
    path: ByForward | ByInverse, prior: Prior, rows: tuple[tuple[float, ...], ...]
) -> Path:
    x0 = with_neighbours(torch.tensor(rows, dtype=torch.float64))
    low, high = box(prior)
    if _invertible_everywhere(path, prior, x0):
        return path
    kind = ExtendedForward if isinstance(path, ByForward) else ExtendedInverse
    extension = kind(path, low, high)  # type: ignore[arg-type]
    return extension if _valid_at(extension, _grid(prior, x0, 1.0), x0) else path


def _invertible_everywhere(path: ByForward | ByInverse, prior: Prior, x0: Tensor) -> bool:
    """Whether the family is invertible far outside the prior's support as well."""
    if x0.shape[1] == 1:
        far = torch.tensor(_FAR, dtype=x0.dtype)
        x1 = torch.cat([-far.flip(0), endpoints(prior, x0)[:, 0], far]).sort().values
        return path.monotone and _valid_at(path, x1[:, None], x0)
    return _valid_at(path, _grid(prior, x0, 3.0), x0)


def _valid_at(path: Path, x1: Tensor, x0: Tensor) -> bool:
    """Whether det ∂ψ/∂x₁ > 0, φ inverts ψ where φ is given, and ψ_1 = x₁, at these endpoints."""
    try:
        positive = all(_positive(path, x1, x0, t) for t in times(x0)[::3])
        return positive and _ends_at_x1(path, x1, x0)
    except ValueError:
        return False


def _positive(path: Path, x1: Tensor, x0: Tensor, t: Tensor) -> bool:
    shape = (x1.shape[0], *x0.shape)
    start = pairs(x1).expand(shape)
    if not isinstance(path, ByInverse):
        return bool(
            (determinant(value_jacobian(lambda z: path.forward(z, x0, t), start)[1]) > 0).all()
        )
    x = path.forward(start, x0, t)
    back, slope = value_jacobian(lambda z: path.inverse(z, x0, t), x)
    close = (back - start).abs() <= _INVERSE_ERROR * (1.0 + start.abs())
    return bool((determinant(slope) > 0).all() and close.all() and (x.diff(dim=0) > 0).all())


def _ends_at_x1(path: Path, x1: Tensor, x0: Tensor) -> bool:
    gap = path.forward(x1, x0, x1.new_ones(())) - pairs(x1)
    return bool((gap.abs() <= _END_ERROR * (1.0 + pairs(x1).abs())).all())


# ------------------------------------------------------------------- grids of the checks


def box(prior: Prior) -> tuple[float, float]:
    """The interval [low, high] of a coordinate of B.

    Ends of the support are moved inside by rounding, as a formula may have no derivative there.
    """
    effective = prior.interval(TAIL)
    low, high = (
        end if math.isfinite(end) else bound
        for end, bound in zip(prior.support, effective, strict=True)
    )
    margin = _ROUNDING * max(1.0, abs(low), abs(high))
    return low + margin, high - margin


def endpoints(prior: Prior, like: Tensor) -> Tensor:
    """Endpoints for d = 1, rising, (Q, 1): equally spaced, with quantiles in the tails."""
    low, high = prior.interval(0.005)
    tail = torch.logspace(-2.5, math.log10(TAIL), 8, dtype=torch.float64)
    body = low + (high - low) * torch.linspace(0.0, 1.0, 61, dtype=torch.float64)
    edge = torch.tensor(box(prior), dtype=torch.float64)
    x1 = torch.cat([edge[:1], prior.icdf(tail), body, prior.isf(tail), edge[1:]])
    return x1.clamp(*box(prior)).unique().to(like)[:, None]


def _grid(prior: Prior, like: Tensor, factor: float) -> Tensor:
    """Endpoints that cover B, for d = 2 enlarged by the factor, (Q, d)."""
    if like.shape[1] == 1:
        return endpoints(prior, like)
    low, high = box(prior)
    middle, half = 0.5 * (low + high), 0.5 * factor * (high - low)
    unit = torch.linspace(-1.0, 1.0, 11, dtype=like.dtype, device=like.device)
    return torch.cartesian_prod(*[middle + half * unit] * 2)


def subset(x0: Tensor) -> Tensor:
    """At most `MAX_CHECKED` data points, evenly from the sorted ones, (N', d)."""
    if len(x0) <= MAX_CHECKED:
        return x0
    order = sorted(range(len(x0)), key=x0.tolist().__getitem__)
    last = len(x0) - 1
    return x0[[order[round(k * last / (MAX_CHECKED - 1))] for k in range(MAX_CHECKED)]]


def with_neighbours(x0: Tensor) -> Tensor:
    """The data points and two more near their mean, to see dependence on x₀ for a single one."""
    centre = x0.mean(0, keepdim=True)
    return torch.cat([x0, centre + 0.37, centre - 0.61])


def times(like: Tensor) -> Tensor:
    """The thirty times of the checks, two of them near 0."""
    small = torch.tensor([1e-3, 1e-2], dtype=like.dtype, device=like.device)
    return torch.cat([small, torch.linspace(0.035, 1.0, 28).to(like)])
