"""Trajectories in batches, as many as a budget allows.

Trajectories do not depend on each other, so a budget costs trajectories and never accuracy: they
are computed batch by batch, in the order of their starts, until the next batch would cost more than
is left. What is counted is work (``numerics.work``), so that the same problem always has the same
trajectories. Of a batch that turns out to cost too much none is kept: kept ones would be the easy
ones. It is tried again with fewer, from the same start on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import CHUNK
from flowviz.core.numerics.work import BudgetSpent, Report, at_work
from flowviz.core.transport.result import Solved

MOST = 4 * CHUNK
"""Work of one evaluation of the flow in a batch, at most: its arrays fit the cache."""
_EVALUATIONS = 2500
"""Evaluations that few trajectories need. Where all together may cost more than is risked with so
many, the first batch is a single trajectory, which tells the cost of the next ones."""
_FEWER = 8
"""By how many a batch is divided when it costs too much."""
_RISKED, _SAFETY = 0.75, 0.6
"""Fractions of what is left that a batch may cost, and that it should, going by the one before. A
single trajectory may cost all that is left."""

Solve = Callable[[Tensor, Report], Solved]
"""Starts (Q, d), progress -> their trajectories."""


def in_batches(
    prepare: Callable[[], Solve],
    x1: Tensor,
    times: Tensor,
    cost: float,
    budget: float = math.inf,
    progress: Report | None = None,
) -> Solved:
    """The trajectories from the first starts, as many as the budget allows.

    Args:
        prepare: returns the method, and counts what that takes.
        x1: starts, (Q, d).
        times: (T,).
        cost: work of one evaluation of the flow at one position.
        budget: most units of work.
        progress: called with the fraction done.
    """
    count, start, results = len(x1), 0, list[Solved]()
    try:
        with at_work(progress, budget) as work:
            solve = prepare()
    except BudgetSpent as spent:
        if spent.work is not work:
            raise
        return _none(x1, times)
    left = budget - work.spent
    safe = count * cost * _EVALUATIONS <= _RISKED * left
    size = min(count, max(1, int(MOST / cost))) if safe else 1
    while start < count and size > 0:
        limit = left if size == 1 else _RISKED * left
        ahead = _Progress(progress, start / count, (start + size) / count)
        try:
            with at_work(ahead if progress else None, limit) as work:
                results.append(solve(x1[start : start + size], work.advance))
        except BudgetSpent as spent:
            if spent.work is not work:
                raise
            left, size = left - work.spent, 0 if size == 1 else max(1, size // _FEWER)
            continue
        start, left = start + size, left - work.spent
        # Only what is spent on pairs is proportional to the number of trajectories.
        more = (_SAFETY * left - work.spent) / work.spent_on_pairs if work.spent else math.inf
        size = int(min(count - start, max(1, int(MOST / cost)), 16 * size, (1.0 + more) * size))
    return _joined(results) if results else _none(x1, times)


class _Progress:
    """A batch's progress as that of all."""

    def __init__(self, report: Report | None, start: float, end: float) -> None:
        self.report, self.start, self.end = report, start, end

    def __call__(self, done: float) -> None:
        if self.report is not None:
            self.report(self.start + (self.end - self.start) * done)


def _none(x1: Tensor, times: Tensor) -> Solved:
    index = torch.zeros(0, dtype=torch.long, device=x1.device)
    x = x1.new_empty(0, len(times), x1.shape[1])
    return Solved(x, x[..., 0], index, 0, index.bool())


def _joined(results: list[Solved]) -> Solved:
    if len(results) == 1:
        return results[0]
    names = "x", "error", "basin", "finished"
    x, error, basin, finished = (torch.cat([getattr(r, name) for r in results]) for name in names)
    nfe = sum(r.nfe for r in results)
    return replace(results[0], x=x, error=error, basin=basin, nfe=nfe, finished=finished)
