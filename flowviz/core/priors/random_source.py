"""Random numbers of a given dtype, device and generator."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Source:
    """A generator with the dtype and device of its samples."""

    generator: torch.Generator | None
    dtype: torch.dtype
    device: torch.device | str | None

    def uniform(self, *shape: int) -> Tensor:
        """Draws on the open interval (0, 1): no quantile function ever sees 0 or 1."""
        u = torch.rand(shape, generator=self.generator, dtype=self.dtype, device=self.device)
        return u.clamp(torch.finfo(u.dtype).tiny, 1.0 - torch.finfo(u.dtype).eps / 2)

    def normal(self, *shape: int) -> Tensor:
        """Standard normal draws."""
        return torch.randn(shape, generator=self.generator, dtype=self.dtype, device=self.device)

    def choice(self, weights: Tensor, n: int) -> Tensor:
        """n indices drawn with the given weights."""
        return torch.multinomial(weights, n, replacement=True, generator=self.generator)
