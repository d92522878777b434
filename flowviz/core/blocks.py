"""Large sums in bounded memory: rows of queries, a cache's worth of pairs at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from flowviz.core.autodiff import differentiating

CHUNK = 1 << 16
"""Cap on the elements (queries × points × dimensions) formed at once: they stay in the cache."""

MANY = 1 << 26
"""Elements in all from which a second core helps: half a second of work on one."""

_HANDS = min(2, os.cpu_count() or 1)

Progress = Callable[[float], None]


def blocks(rows: int, width: int, cap: int = CHUNK) -> Iterator[slice]:
    """Slices of ``rows`` such that no slice holds more than ``cap`` elements of that width."""
    step = max(1, cap // max(1, width))
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def in_blocks(
    evaluate: Callable[..., tuple[Tensor, Tensor]],
    rows: tuple[Tensor, ...],
    width: int,
    progress: Progress | None = None,
) -> tuple[Tensor, Tensor]:
    """Evaluate rows block by block, never more than the cap of pairs at once in each of two hands.

    Args:
        evaluate: one block of each of ``rows`` -> (values (M,), vectors (M, d)).
        rows: tensors with the same first axis; the first is (Q, d).
        width: elements a row stands for.
        progress: told the fraction done after each block.
    """
    count = rows[0].shape[0]
    parts = []
    for stop, part in _evaluated(evaluate, rows, width):
        parts.append(part)
        if progress is not None:
            progress(stop / count)
    if not parts:
        return rows[0].sum(-1), rows[0]
    return torch.cat([first for first, _ in parts]), torch.cat([second for _, second in parts])


def _evaluated(
    evaluate: Callable[..., tuple[Tensor, Tensor]], rows: tuple[Tensor, ...], width: int
) -> Iterator[tuple[int, tuple[Tensor, Tensor]]]:
    """(end of the block, its values), in order; by two threads when there is much to do.

    A derivative is of the thread it was begun in: while one is taken, there is one hand.
    """
    count = rows[0].shape[0]

    def work(block: slice) -> tuple[int, tuple[Tensor, Tensor]]:
        return block.stop, evaluate(*(v[block] for v in rows))

    if count * width < MANY or differentiating():
        yield from map(work, blocks(count, width))
        return
    pool = ThreadPoolExecutor(_HANDS)
    try:
        yield from pool.map(work, blocks(count, width))
    finally:  # also when the reader of the progress has had enough
        pool.shutdown(wait=False, cancel_futures=True)
