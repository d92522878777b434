"""Where a trajectory of the line ends, from where it starts (MATH §3.1).

On the straight line both ends of a trajectory are known with their slopes,

    x(0) = x₀ₖ,   x'(0) = F₁⁻¹((F₁(x₁) - W_{k-1})/w_k),   x(1) = x₁,   x'(1) = x₁ - Σ w_i x₀ᵢ,

where k is the basin: the data point with W_{k-1} < F₁(x₁) ≤ W_k, W the cumulative weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.laws.base import require
from flowviz.core.transports.borders import Border, nearest_border


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


def ordered(field: MarginalField) -> Ordered:
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
    """Per trajectory, (Q,): the conserved level and where it leads at t = 0."""

    lower: Tensor  # F₁(x₁)
    upper: Tensor  # S₁(x₁)
    end: Tensor  # x₀ of the basin
    slope: Tensor  # dx/du at u = 0
    basin: Tensor  # data index
    border: Border


def starts_of(field: MarginalField, x1: Tensor) -> Starts:
    """The levels of prior positions x1 (Q,), and where the straight-line flow takes them."""
    line = ordered(field)
    prior = field.prior
    lower, upper = prior.cdf(x1), prior.sf(x1)
    k_low = torch.searchsorted(line.below[1:].contiguous(), lower)
    k_high = torch.searchsorted(line.above[:-1].flip(0), upper)
    k = torch.where(lower <= 0.5, k_low, line.x.numel() - 1 - k_high)
    weight, below, above = line.weights[k], line.below[k], line.above[k]
    # The level within the basin, from whichever end of the line has the digits.
    from_left = torch.where(lower <= 0.5, lower - below, weight + above - upper)
    from_right = torch.where(lower <= 0.5, weight + below - lower, upper - above)
    tiny = torch.finfo(x1.dtype).tiny
    slope = torch.where(
        from_left <= from_right,
        prior.icdf((from_left / weight).clamp(tiny, 0.5)),
        prior.isf((from_right / weight).clamp(tiny, 0.5)),
    )
    border = nearest_border(prior, line.x, line.weights, k, from_left, from_right, lower)
    return Starts(lower, upper, line.x[k], slope, line.index[k], border)
