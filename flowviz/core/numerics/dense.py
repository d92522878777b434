"""A step in between its ends: y + s(a₁ + (1-s)(a₂ + s(a₃ + …))) at the share s of it that is done.

The first three a_k are those of the cubic through both ends with their slopes; what follows is the
interpolant's own (DOP853: four more, for order 7).
"""

from __future__ import annotations

from dataclasses import dataclass

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

    def at(self, row: Tensor, share: Tensor) -> Tensor:
        """The value in these rows at these shares of the step, (L,), (L,) -> (L, d)."""
        done = share[:, None]
        value = torch.zeros_like(self.y[row])
        for k in reversed(range(len(self.parts))):
            value = (value + self.parts[k, row]) * (done if k % 2 == 0 else 1.0 - done)
        return value + self.y[row]

    def only(self, which: Tensor) -> Dense:
        """The steps of some rows."""
        return Dense(self.tau[which], self.step[which], self.y[which], self.parts[:, which])

    def refined(self, more: Tensor) -> Dense:
        """With the a_k of a higher order, (K, M, d)."""
        return Dense(self.tau, self.step, self.y, torch.cat([self.parts, more]))


def cubic(tau: Tensor, step: Tensor, start: Tensor, end: Tensor, *slopes: Tensor) -> Dense:
    """The cubic through both ends, (M, d) each, with the two slopes there, (M, d) each."""
    move = end - start
    first, last = (step[:, None] * slope for slope in slopes)
    return Dense(tau, step, start, torch.stack([move, first - move, 2.0 * move - last - first]))
