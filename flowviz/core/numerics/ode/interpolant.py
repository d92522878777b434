"""A step in between its ends: y + s(a₁ + (1-s)(a₂ + s(a₃ + …))) at the share s of it that is done.

The first three a_k are those of the cubic through both ends with their slopes; what follows is the
interpolant's own (DOP853: four more, for order 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor


@dataclass(frozen=True)
class Dense:
    """Steps of many trajectories in between.

    ``tau`` and ``step`` (M,), where each begins and its length; ``y`` (M, d), where it begins;
    ``parts`` (K, M, d), the a_k.
    """

    tau: Tensor
    step: Tensor
    y: Tensor
    parts: Tensor

    def along(self, share: Tensor) -> Tensor:
        """The value in every row at its share of the step, (M,) -> (M, d)."""
        done = share[:, None]
        factor = done, 1.0 - done
        last = len(self.parts) - 1
        value = self.parts[last] * factor[last % 2]
        for k in reversed(range(last)):
            value.add_(self.parts[k]).mul_(factor[k % 2])
        return value.add_(self.y)

    def samples(self, count: int) -> tuple[Tensor, Tensor]:
        """Times (S, M) and values (S, M, d) at the shares 1/S, 2/S, …, 1 of every step."""
        share, mix = _mixtures(len(self.parts), count, self.y.dtype, self.y.device)
        y = (mix @ self.parts.reshape(len(self.parts), -1)).reshape(count, *self.y.shape)
        return torch.addcmul(self.tau, share[:, None], self.step), y.add_(self.y)

    def only(self, which: Tensor) -> Dense:
        """The steps of some rows."""
        return Dense(self.tau[which], self.step[which], self.y[which], self.parts[:, which])

    def refined(self, more: Tensor) -> Dense:
        """With the a_k of a higher order, (K, M, d)."""
        return Dense(self.tau, self.step, self.y, torch.cat([self.parts, more]))


@lru_cache(maxsize=16)
def _mixtures(
    parts: int, count: int, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Shares (S,) and what the a_k count for there, (S, K): s, s(1-s), s²(1-s), …"""
    share = torch.arange(1, count + 1, dtype=dtype, device=device) / count
    turns = torch.stack([share, 1.0 - share], dim=1).repeat(1, parts // 2 + 1)
    return share, turns[:, :parts].cumprod(dim=1)


def cubic(tau: Tensor, step: Tensor, start: Tensor, end: Tensor, *slopes: Tensor) -> Dense:
    """The cubic through both ends, (M, d) each, with the two slopes there, (M, d) each."""
    move = end - start
    first, last = (step[:, None] * slope for slope in slopes)
    return Dense(tau, step, start, torch.stack([move, first - move, 2.0 * move - last - first]))
