"""Values of the field: at query points, and on a tensor grid of times and positions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Probe:
    """Posterior weights and conditional velocities at query points, and the marginal velocity.

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
        """The probability flux p_t f_t, 0 where p_t = 0."""
        p = self.p if self.velocity.dim() == self.log_p.dim() else self.p[..., None]
        return torch.where(p == 0, torch.zeros_like(self.velocity), p * self.velocity)

    @property
    def unknown(self) -> Tensor:
        """Where the endpoint of some data point could not be found; log_p's shape."""
        return self.log_p.isnan()
