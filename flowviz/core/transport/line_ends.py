"""Where a trajectory in d = 1 ends, from where it starts (MATH §3.15).

For the straight-line flow both ends of a trajectory are known with their slopes,

    x(0) = x₀ₖ,   x'(0) = F₁⁻¹((F₁(x₁) - W_{k-1})/w_k),   x(1) = x₁,   x'(1) = x₁ - Σ w_i x₀ᵢ,

where k is the basin: the data point with W_{k-1} < F₁(x₁) ≤ W_k, W the cumulative weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import FlowDefinition, MarginalField
from flowviz.core.priors.base import require

ROUNDING = 4.0
"""Distance of a level from a separatrix that is within rounding, in units of rounding."""

NEAR = 64.0
"""Distance from a separatrix, in uncertainties of the level, within which the uncertainty of x is
not proportional to that of the level."""


@dataclass(frozen=True)
class Ordered:
    """Distinct data positions from left to right, with merged weights.

    ``x`` and ``weights`` (K,); ``below`` and ``above`` (K,), the weight strictly to the left and to
    the right of each; ``index`` (K,), the first data point at that position.
    """

    x: Tensor
    weights: Tensor
    below: Tensor
    above: Tensor
    index: Tensor


def ordered(field: FlowDefinition) -> Ordered:
    """The data of a one-dimensional field, sorted and with equal points merged."""
    require(field.d == 1, f"an order needs d = 1, got d={field.d}")
    x, which = torch.unique(field.x0[:, 0], sorted=True, return_inverse=True)
    weights = torch.zeros_like(x).index_add_(0, which, field.weights)
    index = torch.full_like(which[: x.numel()], field.n)
    index.scatter_reduce_(0, which, torch.arange(field.n, device=x.device), "amin")
    below = torch.cat([x.new_zeros(1), weights.cumsum(0)[:-1]])
    above = torch.cat([x.new_zeros(1), weights.flip(0).cumsum(0)[:-1]]).flip(0)
    return Ordered(x, weights, below, above, index)


@dataclass(frozen=True)
class Starts:
    """Per trajectory, (Q,): the conserved level and the limit at t = 0."""

    level: Tensor  # F₁(x₁), or S₁(x₁) above the median
    upper: Tensor  # whether it is S₁, bool
    uncertainty: Tensor  # of the level, by rounding
    near_separatrix: Tensor  # within a few uncertainties, bool
    end: Tensor  # x₀ of the basin
    slope: Tensor  # dx/du at u = 0
    basin: Tensor  # data index
    separatrix: Tensor  # first x₀ right of the separatrix that it starts on, or NaN


def starts_of(field: MarginalField, x1: Tensor) -> Starts:
    """The levels of prior positions x1 (Q,), and the data points that the flow takes them to.

    A level closer to a separatrix than `ROUNDING` is moved that far into its basin: a sum of N
    terms cannot distinguish it from the cumulative weights W_k. At those, where p_t = 0, every x
    between two data points has the same level, and the root would jump back and forth in time.
    """
    line = ordered(field)
    prior = field.prior
    lower, upper = prior.cdf(x1), prior.sf(x1)
    k_low = torch.searchsorted(line.below[1:].contiguous(), lower)
    k_high = torch.searchsorted(line.above[:-1].flip(0), upper)
    last = line.x.numel() - 1
    side = lower > 0.5
    k = torch.where(side, last - k_high, k_low)
    weight, below, above = line.weights[k], line.below[k], line.above[k]
    # The level within the basin, from the end of the line at which it does not cancel.
    from_left = torch.where(side, weight + above - upper, lower - below)
    from_right = torch.where(side, upper - above, weight + below - lower)
    tiny = torch.finfo(x1.dtype).tiny
    slope = torch.where(
        from_left <= from_right,
        prior.icdf((from_left / weight).clamp(tiny, 0.5)),
        prior.isf((from_right / weight).clamp(tiny, 0.5)),
    )
    level = torch.where(side, upper, lower)
    outside, within = torch.where(side, above, below), torch.where(side, from_right, from_left)
    rounding = ROUNDING * torch.finfo(x1.dtype).eps
    step = torch.minimum(rounding * level, 0.5 * weight)
    # Between two adjacent floating-point x₁ the level changes by p₁ times their distance.
    uncertainty = rounding * (level + x1.abs() * prior.pdf(x1))
    # The outer ends of the line are no separatrices.
    outer, inner = torch.where(side, last - k, k) == 0, torch.where(side, k, last - k) == 0
    nearest = torch.minimum(
        torch.where(outer, torch.inf, within), torch.where(inner, torch.inf, weight - within)
    )
    inside = torch.where(outer, within, torch.maximum(within, step))
    inside = torch.where(inner, inside, torch.minimum(inside, weight - step))
    level = torch.where(inside == within, level, outside + inside)
    near = nearest < NEAR * uncertainty
    on = nearest < uncertainty
    # k is the data point left or right of the separatrix that is nearer.
    right = torch.where(from_right < from_left, k + 1, k).clamp(max=last)
    separatrix = torch.where(on, line.x[right], torch.nan)
    return Starts(level, side, uncertainty, near, line.x[k], slope, line.index[k], separatrix)
