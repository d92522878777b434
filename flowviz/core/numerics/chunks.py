"""Large sums in bounded memory: rows of queries, a cache's worth of pairs at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

CHUNK = 1 << 16
"""Cap on the elements (queries × points × dimensions) formed at once: they stay in the cache."""

GPU_CHUNK = 1 << 26
"""The same on a GPU, which has no such cache, and wants work for all of its cores at once: half a
gigabyte of float64 for each tensor that is formed."""

Progress = Callable[[float], None]


def blocks(rows: int, width: int, cap: int = CHUNK) -> Iterator[slice]:
    """Slices of ``rows`` such that no slice holds more than ``cap`` elements of that width."""
    step = max(1, cap // max(1, width))
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def blocks_for(like: Tensor, width: int) -> Iterator[slice]:
    """Slices of the first axis of ``like``, as large as its device is best served with."""
    if like.device.type == "cuda":
        return blocks(len(like), width, GPU_CHUNK)
    return blocks(len(like), width)


def in_blocks(
    evaluate: Callable[..., tuple[Tensor, Tensor]],
    rows: tuple[Tensor, ...],
    width: int,
    progress: Progress | None = None,
) -> tuple[Tensor, Tensor]:
    """Evaluate rows block by block, never more than the cap of pairs at once.

    Args:
        evaluate: one block of each of ``rows`` -> (values (M,), vectors (M, d)).
        rows: tensors with the same first axis; the first is (Q, d).
        width: elements a row stands for.
        progress: called with the fraction done after each block.
    """
    count = rows[0].shape[0]
    parts = []
    for block in blocks_for(rows[0], width):
        parts.append(evaluate(*(v[block] for v in rows)))
        if progress is not None:
            progress(block.stop / count)
    if not parts:
        return rows[0].sum(-1), rows[0]
    return torch.cat([first for first, _ in parts]), torch.cat([second for _, second in parts])
