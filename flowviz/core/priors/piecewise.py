"""Piecewise densities: p or log p is linear between two breakpoints.

    p(z) = a_k + b_k z     or     log p(z) = a_k + b_k z      on piece k, right of k breakpoints.

All finite priors of this package that have breakpoints are of this form. The formula of a piece can
be continued beyond its ends, as event location needs (``numerics.ode.events``).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Pieces:
    """``lines``, (a_k, b_k) of each piece, from left to right; of log p if ``exponential``."""

    lines: tuple[tuple[float, float], ...]
    exponential: bool = False

    def at(self, piece: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """a and b of the pieces with these indices, each of their shape."""
        columns = torch.tensor(self.lines, dtype=like.dtype, device=like.device).T.contiguous()
        flat = piece.reshape(-1)
        a, b = (column.index_select(0, flat).reshape(piece.shape) for column in columns)
        return a, b

    def __call__(self, z: Tensor, piece: Tensor) -> Tensor:
        """The density by the formula of a piece, continued beyond its ends.

        Args:
            z: positions, any shape.
            piece: the piece's index, the number of breakpoints left of it, of z's shape.
        """
        a, b = self.at(piece, z)
        line = torch.addcmul(a, b, z)
        return line.exp() if self.exponential else line
