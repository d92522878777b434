"""Random numbers of a given dtype, device and generator."""

from __future__ import annotations

import math
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


@dataclass(frozen=True)
class ColumnSource(Source):
    """A source whose numbers are the next columns of a given, quasi-random set."""

    columns: list[Tensor]

    def uniform(self, *shape: int) -> Tensor:
        """The next columns."""
        rows = self.columns[0].shape[0] if self.columns else 0
        count = math.prod(shape) // max(1, rows)
        if count > len(self.columns):
            raise ValueError(f"a prior asked for {count} columns more than there are")
        columns = [self.columns.pop(0) for _ in range(count)]
        return torch.stack(columns, dim=1).reshape(shape)

    def normal(self, *shape: int) -> Tensor:
        """Their normal quantiles."""
        return torch.special.ndtri(self.uniform(*shape))

    def choice(self, weights: Tensor, n: int) -> Tensor:
        """Indices by the next column."""
        edges = (weights / weights.sum()).cumsum(0)
        return torch.searchsorted(edges[:-1].contiguous(), self.uniform(n), right=True)
