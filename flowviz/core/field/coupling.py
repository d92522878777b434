"""Couplings: how the prior and the data are paired (MATH §6).

A coupling of p₁ with Σ w_i δ(x₀ᵢ) is one prior for each data point, the distribution q_i of its x₁:

    Σ_i w_i q_i = p₁.

Everything else is as before, with q_i in place of p₁: p_t(x|x₀ᵢ) = q_i(φ_t(x|x₀ᵢ)) |det ∂φ_t/∂x|,
posterior weights r_i ∝ w_i p_t(x|x₀ᵢ), velocity f_t = Σ r_i f_t(x|x₀ᵢ). A field needs only the
ratios q_i/p₁, which are 1 for the independent coupling of the article.

To add a coupling, write a frozen dataclass with ``of``, and its line in ``core/couplings``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers, as_positions
from flowviz.core.priors.base import Prior, require

if TYPE_CHECKING:
    from flowviz.core.field.definition import FlowDefinition


@dataclass(frozen=True)
class Coupling:
    """A rule that pairs x₁ with data points; ``of`` applies it to a flow."""

    independent: ClassVar[bool] = False
    """Whether every q_i is the prior."""

    def of(self, flow: FlowDefinition) -> ConditionalPriors:
        """The conditional priors q_i of a flow.

        Raises:
            ValueError: where the coupling does not exist for this flow.
        """
        raise ValueError(f"{type(self).__name__} must define of")


@dataclass(frozen=True)
class Independent(Coupling):
    """x₁ and x₀ are independent: q_i = p₁."""

    independent: ClassVar[bool] = True

    def of(self, flow: FlowDefinition) -> ConditionalPriors:
        return ConditionalPriors(flow)


class ConditionalPriors:
    """The distributions q_i of x₁ given each data point; here all of them are the prior.

    Args:
        flow: data points, weights, prior and path.
    """

    straight: bool = False
    """Whether members of a family x = α x₀ + σ x₁ never cross: each is a trajectory."""

    def __init__(self, flow: FlowDefinition) -> None:
        self.flow = flow

    @property
    def prior(self) -> Prior:
        """The distribution p₁ of x₁, Σ w_i q_i."""
        return self.flow.prior

    @property
    def breakpoints(self) -> Tensor:
        """Positions besides those of the prior at which some q_i jumps, (K,), for d = 1."""
        return self.flow.x0.new_empty(0)

    def log_prob(self, x1: Numbers) -> Tensor:
        """log q_i(x₁) at positions (Q, d), (Q, N)."""
        x1 = as_positions(x1, self.flow.x0, "x1")
        d = self.flow.x0.shape[1]
        require(
            x1.dim() == 2 and x1.shape[1] == d,
            f"x1 must have shape (Q, {d}), got {tuple(x1.shape)}",
        )
        each = x1[:, None].expand(-1, len(self.flow.x0), -1)
        return self.prior.log_prob(x1)[:, None] + self.log_ratio(each)

    def log_ratio(self, z: Tensor) -> Tensor:
        """log q_i(z_i)/p₁(z_i), one position z_i for each data point; (..., N, d) -> (..., N)."""
        return torch.zeros_like(z[..., 0])

    def tail(self, z: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        """S or F of each q_i, and its density, for d = 1: z (..., N) -> (..., N) each."""
        return self.prior.tail(z, upper)

    def distance(self, z: Tensor) -> Tensor:
        """How far z_i is outside of the support of q_i, 0 inside; (..., N, d) -> (..., N)."""
        return (z - self.prior.nearest(z)).abs().amax(-1)

    def draw(self, x1: Tensor, u: Tensor) -> Tensor:
        """The data point that is paired with each x₁, drawn by uniform numbers u (Q,); (Q,)."""
        each = x1[:, None].expand(-1, len(self.flow.x0), -1)
        shares = (self.log_ratio(each).exp() * self.flow.weights).cumsum(1)
        found = torch.searchsorted(shares, (u * shares[:, -1])[:, None], right=True)[:, 0]
        return found.clamp(max=len(self.flow.x0) - 1)


class Cells(ConditionalPriors):
    """Couplings by a map x₁ -> x₀: q_i is the prior on the cell of x₀ᵢ, of mass w_i.

    Equal data points share a cell.
    """

    def __init__(self, flow: FlowDefinition) -> None:
        super().__init__(flow)
        _, which = torch.unique(flow.x0, dim=0, return_inverse=True)
        same = which[:, None] == which
        self.first = same.long().argmax(1)
        """The first of the data points equal to each, (N,)."""
        self.mass = (same.to(flow.weights) * flow.weights).sum(1)
        """The mass of the cell of each, (N,)."""

    def index(self, x1: Tensor) -> Tensor:
        """The data point of each x₁, the first of equal ones; (..., d) -> (...)."""
        raise NotImplementedError

    def draw(self, x1: Tensor, u: Tensor) -> Tensor:
        return self.index(x1)

    def log_ratio(self, z: Tensor) -> Tensor:
        inside = self.index(z) == self.first
        return torch.where(inside, -self.mass.log(), z.new_tensor(-math.inf))

    def distance(self, z: Tensor) -> Tensor:
        outside = (self.index(z) != self.first).to(z)
        return super().distance(z) + outside
