"""Runs take turns: of a crowd's, a few at a time, and what a hand does goes first.

The interpreter runs one thread at a time. A hundred runs at once change places every millisecond:
all of them end late, at about the same time, and the changes cost as well. One after the other,
half of them end in half the time.

A run that answers a drag or a slider on an open page goes ahead of runs that open a page and take
several times as long: a hand feels a tenth of a second, and a page that loads is waited for anyhow.
None waits for ever: a load lets those pass that come within `GIVES_WAY_S` of it, and none later.

A turn is lent for half a second: a run that takes longer keeps no other one waiting, and goes on
beside those that have a turn.
"""

from __future__ import annotations

import time
from bisect import insort
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Lock

AT_ONCE = 2
"""Turns at a time: while one run waits, for a lock or a message, the other computes."""
LENT_S = 0.5
GIVES_WAY_S = 2.0


@dataclass(order=True)
class _Waiting:
    """A run in the queue, which is in the order of when each is due."""

    due: float
    number: int
    called: Event = field(compare=False, default_factory=Event)


class Turns:
    """Turns of one process.

    Args:
        at_once: how many there are.
        lent: for how many seconds.
        gives_way: for how many seconds a run that opens a page lets the others pass.
    """

    def __init__(
        self, at_once: int = AT_ONCE, lent: float = LENT_S, gives_way: float = GIVES_WAY_S
    ) -> None:
        self.at_once, self.lent, self.gives_way = at_once, lent, gives_way
        self._ends: dict[int, float] = {}
        self._queue: list[_Waiting] = []
        self._numbers = count()
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return len(self._queue)

    @contextmanager
    def take(self, *, loads: bool = False) -> Iterator[None]:
        """Wait for a turn, and have it until the block ends.

        Args:
            loads: whether the run opens a page, and does not change one that is open.
        """
        with self._lock:
            due = time.monotonic() + self.gives_way * loads
            mine = _Waiting(due, next(self._numbers))
            insort(self._queue, mine)
        try:
            while (seconds := self._until_mine(mine)) != 0.0:
                mine.called.wait(seconds)
            yield
        finally:
            with self._lock:
                if self._ends.pop(mine.number, None) is None:  # it failed while it waited
                    self._queue.remove(mine)
                self._call_next()

    def _until_mine(self, mine: _Waiting) -> float | None:
        """Seconds until a turn is free, 0 if it was taken; None behind others, who will call."""
        with self._lock:
            mine.called.clear()
            if self._queue[0] is not mine:
                return None
            now = time.monotonic()
            ends = sorted(end for end in self._ends.values() if end > now)
            if len(ends) >= self.at_once:
                return ends[-self.at_once] - now
            self._ends[mine.number] = now + self.lent
            self._queue.pop(0)
            self._call_next()
            return 0.0

    def _call_next(self) -> None:
        if self._queue:
            self._queue[0].called.set()


RUNS = Turns()
"""Of the runs of all sessions."""
