"""The field in numbers: at query points, and on a tensor grid of times and positions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Probe:
    """What each data point says at a query point, and their weighted mean.

    ``log_p`` (Q,), ``posterior`` (Q, N), ``conditional`` (Q, N, d) and ``velocity`` (Q, d).
    """

    log_p: Tensor
    posterior: Tensor
    conditional: Tensor
    velocity: Tensor


@dataclass(frozen=True)
class Grid:
    """The field on a tensor grid of times and positions.

    ``axes`` d vectors; ``t`` (T,); ``log_p`` (T, X) or (T, X, Y); ``velocity`` of that shape for
    d = 1, with a last axis of length d otherwise, NaN where p = 0.
    """

    axes: tuple[Tensor, ...]
    t: Tensor
    log_p: Tensor
    velocity: Tensor

    @property
    def p(self) -> Tensor:
        """The density p_t."""
        return self.log_p.exp()

    @property
    def flux(self) -> Tensor:
        """p_t f_t: the amount carried past, 0 where there is nothing to carry."""
        p = self.p if self.velocity.dim() == self.log_p.dim() else self.p[..., None]
        return torch.where(p == 0, torch.zeros_like(self.velocity), p * self.velocity)

    @property
    def unknown(self) -> Tensor:
        """Where the sum misses a data point whose x₁ could not be found; log_p's shape."""
        return self.log_p.isnan()
