"""Dense output within a step: y + s(a₁ + (1-s)(a₂ + s(a₃ + …))) at the fraction s of the step.

The first three a_k are those of the Hermite cubic through both ends; a method of higher order adds
more (DOP853: four, for order 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor


@dataclass(frozen=True)
class DenseOutput:
    """Interpolants of one step of each of M trajectories.

    ``tau`` (M,) and ``y`` (M, d), where each step begins; ``step`` (M,), its length;
    ``coefficients`` (K, M, d), the a_k.
    """

    tau: Tensor
    step: Tensor
    y: Tensor
    coefficients: Tensor

    def evaluate(self, fraction: Tensor) -> Tensor:
        """y at a fraction of each step, (M,) -> (M, d)."""
        s = fraction[:, None]
        factor = s, 1.0 - s
        last = len(self.coefficients) - 1
        value = self.coefficients[last] * factor[last % 2]
        for k in reversed(range(last)):
            value.add_(self.coefficients[k]).mul_(factor[k % 2])
        return value.add_(self.y)

    def samples(self, count: int) -> tuple[Tensor, Tensor]:
        """Times (S, M) and values (S, M, d) at the fractions 1/S, 2/S, …, 1 of every step."""
        k = len(self.coefficients)
        fraction, basis = _basis(k, count, self.y.dtype, self.y.device)
        y = (basis @ self.coefficients.reshape(k, -1)).reshape(count, *self.y.shape)
        return torch.addcmul(self.tau, fraction[:, None], self.step), y.add_(self.y)

    def select(self, rows: Tensor) -> DenseOutput:
        """The steps of these rows."""
        return DenseOutput(
            self.tau[rows], self.step[rows], self.y[rows], self.coefficients[:, rows]
        )

    def refined(self, more: Tensor) -> DenseOutput:
        """With additional a_k of a higher order, (K, M, d)."""
        return DenseOutput(self.tau, self.step, self.y, torch.cat([self.coefficients, more]))


@lru_cache(maxsize=16)
def _basis(k: int, count: int, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """Fractions s = 1/S, …, 1 (S,) and the factors s, s(1-s), s²(1-s), … of the a_k, (S, K)."""
    fraction = torch.arange(1, count + 1, dtype=dtype, device=device) / count
    factors = torch.stack([fraction, 1.0 - fraction], dim=1).repeat(1, k // 2 + 1)
    return fraction, factors[:, :k].cumprod(dim=1)


def cubic(tau: Tensor, step: Tensor, start: Tensor, end: Tensor, *slopes: Tensor) -> DenseOutput:
    """The Hermite cubic through both ends, (M, d) each, with the two slopes there, (M, d) each."""
    change = end - start
    first, last = (step[:, None] * slope for slope in slopes)
    coefficients = torch.stack([change, first - change, 2.0 * change - last - first])
    return DenseOutput(tau, step, start, coefficients)
