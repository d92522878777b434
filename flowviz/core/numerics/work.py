"""Work in progress: counted, limited, and interrupted often enough for what is more urgent.

Everything that takes long counts what it evaluates by `spend`, or calls `give_way` where it counts
nothing. Both act on the `Work` that the caller has begun with `at_work`, if any:

- each `QUANTUM` of work the caller's ``report`` is called; it may raise to end the computation;
- beyond its ``limit`` the work raises `BudgetSpent`.

Work is counted and not timed, so that the same problem always has the same result. Its unit takes
about 10 ns: a few operations on a pair of a position and a data point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

Report = Callable[[float], None]
"""Called with the fraction done, in [0, 1]."""

QUANTUM = 1 << 20
"""Work between two calls of ``report``."""
CALL = 4000
"""The work that takes as long as the overhead of one evaluation, however few its pairs are."""


class BudgetSpent(Exception):
    """The limit of ``work`` is reached: of the caller's own, or of one of which it is a part."""

    def __init__(self, work: Work) -> None:
        super().__init__()
        self.work = work


@dataclass
class Work:
    """The work that a computation has done, and its limit.

    Args:
        report: called with the fraction done.
        limit: most units of work.
        outer: the work of which this is a part.

    Of what is ``spent``, the overheads of evaluations do not depend on their size.
    """

    report: Report | None = None
    limit: float = math.inf
    outer: Work | None = None
    spent: int = 0
    spent_on_pairs: float = 0.0
    done: float = 0.0
    _unreported: int = 0
    _reports: int = 0

    def spend(self, pairs: float) -> None:
        """Count an evaluation, also the outer's; report every `QUANTUM`; raise beyond a limit."""
        units = max(int(pairs), CALL)
        self._unreported += units
        if self._unreported >= QUANTUM:
            self.give_way()
        work, beyond = self, None
        while work is not None:
            work.spent += units
            work.spent_on_pairs += pairs
            if beyond is None and work.spent > work.limit:
                beyond = work
            work = work.outer
        if beyond is not None:
            raise BudgetSpent(beyond)

    def give_way(self) -> None:
        """Report what is done, unchanged; the outer work gives way, too."""
        self._unreported = 0
        self._reports += 1
        heard = 0 if self.outer is None else self.outer._reports
        if self.report is not None:
            self.report(self.done)
        if self.outer is not None and self.outer._reports == heard:
            self.outer.give_way()

    def advance(self, done: float) -> None:
        """Report that at least this fraction is done."""
        self.done = max(self.done, min(done, 1.0))
        self.give_way()


_CURRENT: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def at_work(report: Report | None = None, limit: float = math.inf) -> Iterator[Work]:
    """Count the work of the block, report its progress, and limit it.

    Args:
        report: called with the fraction done; may raise to end the block.
        limit: most units of work.

    Raises:
        BudgetSpent: beyond the limit.
    """
    work = Work(report, limit, _CURRENT.get())
    token = _CURRENT.set(work)
    try:
        yield work
    finally:
        _CURRENT.reset(token)


@contextmanager
def within(limit: float, report: Report | None = None) -> Iterator[Work]:
    """`at_work` for what may be left unfinished: beyond the limit the block just ends."""
    with at_work(report, limit) as work:
        try:
            yield work
        except BudgetSpent as spent:
            if spent.work is not work:
                raise


def spend(pairs: int, cost: float = 1.0) -> None:
    """Count one evaluation of so many pairs, each of which takes ``cost`` units."""
    if (work := _CURRENT.get()) is not None:
        work.spend(pairs * cost)


def give_way() -> None:
    """Report to whoever began the work, without counting any."""
    if (work := _CURRENT.get()) is not None:
        work.give_way()
