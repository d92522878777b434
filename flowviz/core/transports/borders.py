"""Trajectories that start beside the border between two basins (d = 1).

Beside a border W_c, the summed weight of the data points to its left, the level F₁(x₁) = W_c + δ
differs from W_c by less than a sum of N terms can tell, and where p_t is small between two data
points the root of F_t(x) = F₁(x₁) is lost in rounding. The same equation without the common W_c,

    Σ_{right of the border} w_i F₁(φ_i)  -  Σ_{left of it} w_i S₁(φ_i)  =  δ,

has only tails in it, which keep their relative precision down to the smallest numbers. Its
logarithm is solved,

    log(Σ_right w F₁ + max(-δ, 0)) = log(Σ_left w S₁ + max(δ, 0)),

whose two sides fall and rise like one exponential each: what Newton's method likes.

An x₁ whose level rounds to W_c itself is taken a rounding error inside the basin it belongs to.

Near the data a compact prior leaves a gap, with no density, between the supports of the points on
either side of the border. The root is then on the rim of the gap that faces its own basin, where
its data point is alone: on the line of the family from there, to the level δ of that one point.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.laws.base import Prior
from flowviz.core.numerics.roots import solve_increasing
from flowviz.core.sums.blocks import blocks

CLOSE = 1e-6
"""|δ| below which a trajectory counts as beside a border."""


@dataclass(frozen=True)
class Border:
    """The border nearest to each trajectory's level, (Q,) each.

    ``delta`` = F₁(x₁) - W_c, infinite without a border; ``left``, the data position left of it;
    ``alone``, the free end the trajectory has while its own data point is alone.
    """

    delta: Tensor
    left: Tensor
    alone: Tensor

    @property
    def close(self) -> Tensor:
        """Which trajectories are solved relative to their border."""
        return self.delta.abs() < CLOSE

    def of(self, rows: Tensor) -> Border:
        """The borders of some trajectories."""
        return Border(self.delta[rows], self.left[rows], self.alone[rows])


def nearest_border(
    prior: Prior,
    x: Tensor,
    weights: Tensor,
    k: Tensor,
    from_left: Tensor,
    from_right: Tensor,
    level: Tensor,
) -> Border:
    """The nearer end of each trajectory's basin, unless it is an end of the line.

    Args:
        prior: the law of x₁.
        x: distinct data positions from left to right, (K,).
        weights: of those, (K,).
        k: the basin of each trajectory, (Q,).
        from_left: level above the basin's left end, (Q,).
        from_right: level below its right end, (Q,).
        level: F₁(x₁), (Q,); its rounding is the least distance told apart.
    """
    rounding = torch.finfo(level.dtype).eps * level
    none = torch.full_like(level, torch.inf)
    above = torch.where(k > 0, torch.maximum(from_left, rounding), none)
    below = torch.where(k < x.numel() - 1, torch.maximum(from_right, rounding), none)
    lower_end = above <= below
    place = torch.where(lower_end, k - 1, k).clamp(min=0)
    delta = torch.where(lower_end, above, -below)
    share = (delta.abs() / weights[k]).clamp(max=0.5)
    alone = torch.where(lower_end, prior.icdf(share), prior.isf(share))
    return Border(delta, x[place], alone)


def solve_beside(
    field: MarginalField,
    border: Border,
    low: Tensor,
    high: Tensor,
    guess: Tensor,
    free: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]],
    place: Callable[[Tensor], Tensor],
) -> tuple[Tensor, Tensor, int]:
    """Roots within brackets (Q, T) beside borders (Q,), their errors (Q, T), and evaluations.

    ``free`` gives φ and |∂φ/∂x| of some positions at some columns of time, and ``place`` the
    position of free ends (Q,) at every column, (Q, T, N), as in `line`.
    """
    count = low.shape[1]
    weights, x0, prior = field.weights, field.x0[:, 0], field.prior
    if prior.compact:
        low, high, guess = _within_gap(field, border, low, high, guess, place)
    seen = torch.full_like(low, torch.inf).reshape(-1)

    def residual(y: Tensor, active: Tensor) -> tuple[Tensor, Tensor]:
        row = torch.div(active, count, rounding_mode="floor")
        value, slope, density = (torch.empty_like(y) for _ in range(3))
        for part in blocks(y.numel(), field.n):
            ends, stretch = free(y[part], active[part] % count)
            left = x0 <= border.left[row[part], None]
            delta = border.delta[row[part]]
            over = torch.where(left, 0.0, prior.cdf(ends)) @ weights - delta.clamp(max=0.0)
            short = torch.where(left, prior.sf(ends), 0.0) @ weights + delta.clamp(min=0.0)
            p = prior.pdf(ends) * stretch
            value[part] = torch.log(over / short)
            slope[part] = (
                torch.where(left, 0.0, p) @ weights / over
                + torch.where(left, p, 0.0) @ weights / short
            )
            density[part] = p @ weights
        seen[active] = density
        return value, slope

    x, used = solve_increasing(residual, low.reshape(-1), high.reshape(-1), guess.reshape(-1))
    eps = torch.finfo(low.dtype).eps
    # What x₁'s own rounding allows: half the line, where nothing flows between two points.
    allowed = 1.0 / seen.reshape_as(low) + torch.maximum(low.abs(), high.abs())
    return x.reshape_as(low), torch.minimum(4.0 * eps * allowed, high - low), used


def _within_gap(
    field: MarginalField,
    border: Border,
    low: Tensor,
    high: Tensor,
    guess: Tensor,
    place: Callable[[Tensor], Tensor],
) -> tuple[Tensor, Tensor, Tensor]:
    """Brackets and guesses (Q, T) where the prior's support leaves a gap at the border."""
    left = (field.x0[:, 0] <= border.left[:, None])[:, None]
    first, last = (torch.full_like(border.delta, end) for end in field.prior.support)
    rim_left = torch.where(left, place(last), -torch.inf).amax(-1)
    rim_right = torch.where(left, torch.inf, place(first)).amin(-1)
    right = (border.delta > 0)[:, None]
    rim = torch.where(right, rim_right, rim_left)
    gap = (rim_left <= rim_right) & (rim >= low) & (rim <= high)
    alone = place(border.alone)
    # The nearest data point on the root's own side is the one whose support begins the rim.
    own = torch.where(
        right,
        torch.where(left, torch.inf, alone).amin(-1),
        torch.where(left, alone, -torch.inf).amax(-1),
    )
    hair = 2.0 * torch.finfo(low.dtype).eps * torch.maximum(low.abs(), high.abs())
    # On the rim, to rounding: there is nothing to solve, and no density to solve it by.
    on_rim = gap & ((own - rim).abs() <= hair)
    return (
        torch.where(gap & (right | on_rim), rim, low),
        torch.where(gap & (~right | on_rim), rim, high),
        torch.where(gap, own, guess),
    )
