"""Densities in pieces: between two kinks a straight line, or e to the power of one.

    p(z) = a_k + b_k z     or     log p(z) = a_k + b_k z      on the piece right of k kinks.

Every prior here that has kinks and stays finite is of one kind or the other. A formula goes on
beyond its piece: that is what lets a step be taken across a kink and cut there (``breakpoints``).
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
        """a and b of these pieces, each of their shape."""
        columns = torch.tensor(self.lines, dtype=like.dtype, device=like.device).T.contiguous()
        flat = piece.reshape(-1)
        a, b = (column.index_select(0, flat).reshape(piece.shape) for column in columns)
        return a, b

    def __call__(self, z: Tensor, piece: Tensor) -> Tensor:
        """The density by the formula of a piece, continued beyond its kinks.

        Args:
            z: positions, any shape.
            piece: how many kinks lie left of the piece, of z's shape.
        """
        a, b = self.at(piece, z)
        line = torch.addcmul(a, b, z)
        return line.exp() if self.exponential else line
