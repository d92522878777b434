"""Runs take turns: of a crowd's, a few at a time, in the order in which they came.

The interpreter runs one thread at a time. A hundred runs at once change places every millisecond:
all of them end late, at about the same time, and the changes cost as well. One after the other,
half of them end in half the time.

A turn is lent for half a second: a run that takes longer keeps no other one waiting, and goes on
beside those that have a turn.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

AT_ONCE = 2
"""Turns at a time: while one run waits, for a lock or a message, the other computes."""
LENT_S = 0.5


class Turns:
    """Turns of one process.

    Args:
        at_once: how many there are.
        lent: for how many seconds.
    """

    def __init__(self, at_once: int = AT_ONCE, lent: float = LENT_S) -> None:
        self.at_once, self.lent = at_once, lent
        self._ends: dict[Event, float] = {}
        self._queue: deque[Event] = deque()
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        return len(self._queue)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn, and have it until the block ends."""
        mine = Event()
        with self._lock:
            self._queue.append(mine)
        while (seconds := self._until_mine(mine)) != 0.0:
            mine.wait(seconds)
        try:
            yield
        finally:
            with self._lock:
                del self._ends[mine]
                self._call_next()

    def _until_mine(self, mine: Event) -> float | None:
        """Seconds until a turn is free, 0 if it was taken; None behind others, who will call."""
        with self._lock:
            mine.clear()
            if self._queue[0] is not mine:
                return None
            now = time.monotonic()
            ends = sorted(end for end in self._ends.values() if end > now)
            if len(ends) >= self.at_once:
                return ends[-self.at_once] - now
            self._ends[mine] = now + self.lent
            self._queue.popleft()
            self._call_next()
            return 0.0

    def _call_next(self) -> None:
        if self._queue:
            self._queue[0].set()


RUNS = Turns()
"""Of the runs of all sessions."""
