"""A cache that all visitors of the process share: the first to ask computes, the others wait.

`functools.lru_cache` alone would let a class that opens one link in the same second compute its
picture thirty times at once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

P = ParamSpec("P")
R = TypeVar("R")
Progress = Callable[[float], None]


def shared(maxsize: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the last ``maxsize`` results of a function, and never compute one twice at a time.

    Different arguments do not wait for each other. What raises is not kept, and is tried again.
    """

    def keeping(compute: Callable[P, R]) -> Callable[P, R]:
        kept: Any = lru_cache(maxsize)(compute)
        under_way: WeakValueDictionary[Hashable, Lock] = WeakValueDictionary()
        door = Lock()

        @wraps(compute)
        def ask(*args: P.args, **named: P.kwargs) -> R:
            key = (args, tuple(named.items()))
            with door:
                lock = under_way.setdefault(key, Lock())
            with lock:
                return kept(*args, **named)

        return ask

    return keeping


class Reporter:
    """Progress that is no part of a cache's key: all reporters are equal."""

    def __init__(self, report: Progress) -> None:
        self.report = report

    def __call__(self, done: float) -> None:
        self.report(done)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reporter)

    def __hash__(self) -> int:
        return 0
