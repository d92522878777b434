"""What defines a flow: weighted data points, a prior, a path and a coupling."""

from __future__ import annotations

from functools import cached_property
from typing import Self

import torch
from torch import Tensor

from flowviz.core.field.coupling import ConditionalPriors, Coupling, Independent
from flowviz.core.numerics.arguments import Numbers, as_tensor, require_each, require_kind
from flowviz.core.paths import Path
from flowviz.core.paths.extension import extended
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.priors.base import Prior, require

_SOLVING = 200.0
"""Units of work for the solution of an equation."""
INDEPENDENT = Independent()


class FlowDefinition:
    """A weighted set of data points, and how the prior flows to it.

    Args:
        x0: data points, (N, d), finite.
        weights: (N,), finite and positive; normalised here.
        prior: the distribution of x₁.
        path: the trajectory family; if it is not invertible outside the range of prior samples, it
            is extended there by straight lines (``paths.extension``).
        coupling: how x₁ and data points are paired; independently by default.

    Raises:
        ValueError: for bad points, weights or dimensions, naming the value.
    """

    def __init__(
        self,
        x0: Numbers,
        weights: Numbers,
        prior: Prior,
        path: Path,
        coupling: Coupling = INDEPENDENT,
    ) -> None:
        x0, weights = as_tensor("x0", x0), as_tensor("weights", weights)
        require_kind(prior, Prior, "prior", "a prior, as PRIORS makes them")
        require_kind(path, Path, "path", "a path, as PATHS makes them")
        require_kind(coupling, Coupling, "coupling", "a coupling, as COUPLINGS makes them")
        require(x0.dim() == 2, f"x0 must have shape (N, d), got {tuple(x0.shape)}")
        n, d = x0.shape
        require(n >= 1, "x0 must hold at least one data point, got none")
        require(d >= 1, f"x0 must have at least one coordinate, got shape {tuple(x0.shape)}")
        require(
            weights.shape == (n,),
            f"weights must have shape ({n},), one for each point, got {tuple(weights.shape)}",
        )
        require_each(x0, torch.isfinite(x0), "x0 must be finite")
        require_each(
            weights,
            torch.isfinite(weights) & (weights > 0),
            "weights must be finite and greater than 0",
        )
        prior.require_dim(d)
        self.x0 = x0
        self.weights = weights.to(x0) / weights.to(x0).sum()
        self.prior = prior
        self.path = extended(path, prior, x0)
        self.coupling = coupling

    @property
    def n(self) -> int:
        """The number of data points."""
        return self.x0.shape[0]

    @property
    def d(self) -> int:
        """The dimension."""
        return self.x0.shape[1]

    @property
    def cost(self) -> float:
        """Work of one evaluation at one position (``numerics.work``)."""
        solves = isinstance(self.path, ByForward | ByInverse)
        return self.n * (self.prior.cost + (_SOLVING if solves else 0.0))

    @cached_property
    def conditional_priors(self) -> ConditionalPriors:
        """The distribution q_i of x₁ for each data point, by the coupling."""
        return self.coupling.of(self)

    @property
    def conditional(self) -> ConditionalPriors | None:
        """The same; None where each of them is the prior."""
        return None if self.coupling.independent else self.conditional_priors

    def coupled(self, coupling: Coupling) -> Self:
        """The same data, prior and path with another coupling."""
        return type(self)(self.x0, self.weights, self.prior, self.path, coupling)

    def to(self, device: torch.device | str) -> Self:
        """The same flow with its data on another device."""
        target = torch.device(device)
        if target.type == self.x0.device.type and target.index in (None, self.x0.device.index):
            return self
        data = self.x0.to(device), self.weights.to(device)
        return type(self)(*data, self.prior, self.path, self.coupling)

    def merged(self) -> tuple[Self, Tensor]:
        """The same flow with equal data points merged, and the first index of each, (K,)."""
        x0, which = torch.unique(self.x0, dim=0, return_inverse=True)
        weights = self.weights.new_zeros(len(x0)).index_add_(0, which, self.weights)
        first = torch.full((len(x0),), self.n, device=which.device)
        first.scatter_reduce_(0, which, torch.arange(self.n, device=which.device), "amin")
        return type(self)(x0, weights, self.prior, self.path, self.coupling), first
