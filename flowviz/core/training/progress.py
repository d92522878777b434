"""Evaluation of the exact field in chunks, with progress after each.

An implicit family solves an equation for every pair of a position and a data point, which takes
many seconds for thousands of positions and hundreds of points. A generator of `Chunks` yields the
number of pairs evaluated after each chunk of a few tenths of a second, and returns the result.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.paths.implicit import ByForward

R = TypeVar("R")
Chunks = Generator[int, None, R]
"""Yields the number of pairs of each chunk; returns the result."""

_CHUNKS = 8
"""Chunks of a `pair_budget`."""


def pair_budget(field: MarginalField) -> int:
    """Number of pairs of a position and a data point evaluated in a second or two."""
    if field.path.affine_schedule is not None:
        return 1 << 25
    return 1 << (20 if isinstance(field.path, ByForward) else 22)


def pairs_per_chunk(field: MarginalField) -> int:
    """Number of pairs of a chunk."""
    return pair_budget(field) // _CHUNKS


def velocities(field: MarginalField, x: Tensor, t: Tensor) -> Chunks[Tensor]:
    """f_t(x) in chunks; (Q, d), (Q,) -> (Q, d)."""
    found = []
    for block in blocks(len(x), field.n, pairs_per_chunk(field)):
        found.append(field(x[block], t[block]))
        yield (block.stop - block.start) * field.n
    return torch.cat(found)


def drain(chunks: Generator[object, None, R]) -> R:
    """Run a generator to its end and return its result."""
    try:
        while True:
            next(chunks)
    except StopIteration as end:
        return end.value
