"""Large sums in bounded memory: blocks of query rows whose pairs fit the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from flowviz.core.numerics.work import Report, give_way

CHUNK = 1 << 16
"""Cap on the elements (queries × points × dimensions) formed at once: they stay in the cache."""

GPU_CHUNK = 1 << 26
"""The same on a GPU, which needs large blocks to be busy: half a gigabyte of float64 each."""

Progress = Report


def blocks(rows: int, width: int, cap: int = CHUNK) -> Iterator[slice]:
    """Slices of ``rows`` rows, each with at most ``cap`` elements when a row has ``width``.

    Between them the caller's work gives way (``work``).
    """
    step = max(1, cap // max(1, width))
    for start in range(0, rows, step):
        if start:
            give_way()
        yield slice(start, min(rows, start + step))


def blocks_for(like: Tensor, width: int) -> Iterator[slice]:
    """Slices of the first axis of ``like``, of a size suited to its device."""
    if like.device.type == "cuda":
        return blocks(len(like), width, GPU_CHUNK)
    return blocks(len(like), width)


def in_blocks(
    evaluate: Callable[..., tuple[Tensor, Tensor]],
    rows: tuple[Tensor, ...],
    width: int,
    progress: Progress | None = None,
) -> tuple[Tensor, Tensor]:
    """Evaluate rows block by block.

    Args:
        evaluate: one block of each of ``rows`` -> (values (M,), vectors (M, d)).
        rows: tensors with the same first axis; the first is (Q, d).
        width: elements formed for one row.
        progress: called with the fraction done after each block.
    """
    count = rows[0].shape[0]
    results = []
    for block in blocks_for(rows[0], width):
        results.append(evaluate(*(v[block] for v in rows)))
        if progress is not None:
            progress(block.stop / count)
    if not results:
        return rows[0].sum(-1), rows[0]
    return torch.cat([first for first, _ in results]), torch.cat([second for _, second in results])
