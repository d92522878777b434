"""Checks of conserved quantities, evaluated on the results that are shown.

- *conservation*: F_t(x_t) = F₁(x₁) along every trajectory (MATH §3.1).
- *continuity*: ∂_t log p + f·∇log p + ∇·f = 0 at points drawn from p_t (MATH §3.8).
- *basin masses*: the prior probability of a basin is the data point's weight (MATH §3.4), as one
  p-value for all basins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.multinomial import p_value
from flowviz.core.transport import Trajectories
from flowviz.core.transport.basins import BasinMap

CONSERVATION_BOUND = 1e-10
CONTINUITY_BOUND = 1e-9
BASIN_BOUND = 1e-4


@dataclass(frozen=True)
class Check:
    """A computed number and its upper bound.

    ``out_of_budget``: nothing was measured, for the budget of work did not allow it; the value is
    then NaN. A NaN of a measurement is a failure.
    """

    value: float
    bound: float
    out_of_budget: bool = field(default=False, kw_only=True)

    @property
    def ok(self) -> bool:
        """Whether the value is a number within the bound."""
        return self.value <= self.bound

    @property
    def failed(self) -> bool:
        """Whether it was measured, and is not ``ok``."""
        return not self.ok and not self.out_of_budget


@dataclass(frozen=True)
class PValue(Check):
    """A p-value as ``value``, and its lower bound as ``bound``."""

    @property
    def ok(self) -> bool:
        """Whether the p-value is at least the bound."""
        return self.value >= self.bound


def conservation(field: MarginalField, x1: Tensor, shown: Trajectories) -> Check:
    """The largest |F_t(x_t) - F₁(x₁)| along given trajectories at t > 0, for d = 1.

    Where σ_t is tiny, or the density infinite, F_t changes within the rounding of x; the bound then
    includes that change.

    Args:
        field: the flow.
        x1: their starts, (Q, 1).
        shown: the trajectories that are shown.
    """
    inner = (shown.t > 0).nonzero().squeeze(-1)
    x = shown.x[:, inner, 0]
    t = shown.t[inner].expand_as(x).reshape(-1)

    def level(x: Tensor) -> Tensor:
        return field.cdf(x.reshape(-1, 1), t).reshape_as(x)

    gap = float((level(x) - field.prior.cdf(x1)).abs().max())
    bound = CONSERVATION_BOUND
    if gap > bound:
        rounding = 16.0 * torch.finfo(x.dtype).eps * (x.abs() + field.x0.abs().max())
        bound += float((level(x + rounding) - level(x - rounding)).max())
    return Check(gap, bound)


def continuity(field: MarginalField, n: int = 256, seed: int = 0, t_min: float = 0.05) -> Check:
    """The largest |∂_t log p + f·∇log p + ∇·f| at n points drawn from p_t, t uniform on [t_min, 1].

    Relative to the sum of the absolute terms where that is more than 1, as near singularities of
    the density. A random point is never a breakpoint of the prior, where the derivatives do not
    exist.
    """
    generator = torch.Generator().manual_seed(seed)
    t = t_min + (1.0 - t_min) * torch.rand(n, generator=generator, dtype=field.x0.dtype)
    which = torch.multinomial(field.weights.cpu(), n, replacement=True, generator=generator)
    x1 = field.prior.sample(n, field.d, generator, dtype=field.x0.dtype)
    t, which, x1 = (v.to(field.x0.device) for v in (t, which, x1))
    x = field.path.forward(x1, field.x0[which][:, None, :], t)[:, 0, :]
    terms = field.continuity_terms(x, t)
    residual = terms.sum(0).abs() / terms.abs().sum(0).clamp(min=1.0)
    return Check(float(residual.max()), CONTINUITY_BOUND)


def basin_masses(found: BasinMap) -> PValue:
    """The p-value of the numbers of samples in all basins, given the weights."""
    if not found.draws:
        return PValue(math.nan, BASIN_BOUND, out_of_budget=found.out_of_budget)
    counts = (found.mass * found.draws).round()
    return PValue(p_value(counts, found.exact), BASIN_BOUND)
