"""Long sums over the exact field in parts, so that whoever asked may look up between two of them.

A family without formulas asks for a root at every pair of position and data point; some thousand
positions and hundreds of points take many seconds. A generator of `Parts` yields after each part,
of a few tenths of a second, how many pairs it has looked at, and returns the whole.
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
Parts = Generator[int, None, R]
"""Yields the pairs looked at since the last time; returns what was asked for."""

_SHARE = 8
"""Parts in a second or two."""


def affordable(field: MarginalField) -> int:
    """How many pairs of position and data point may be looked at in a second or two."""
    if field.path.lens is not None:
        return 1 << 25
    return 1 << (20 if isinstance(field.path, ByForward) else 22)


def part(field: MarginalField) -> int:
    """How many pairs are a part."""
    return affordable(field) // _SHARE


def velocities(field: MarginalField, x: Tensor, t: Tensor) -> Parts[Tensor]:
    """f_t(x) in parts; (Q, d), (Q,) -> (Q, d)."""
    found = []
    for block in blocks(len(x), field.n, part(field)):
        found.append(field(x[block], t[block]))
        yield (block.stop - block.start) * field.n
    return torch.cat(found)


def whole(parts: Generator[object, None, R]) -> R:
    """What the parts come to, without looking up."""
    try:
        while True:
            next(parts)
    except StopIteration as end:
        return end.value
