"""A cache that all visitors of the process share: the first to ask computes, the others wait.

`functools.lru_cache` alone would let a class that opens one link in the same second compute its
picture thirty times at once. And it counts results, not what they weigh: a picture of the plane
weighs a thousand times what a number does. All results together take at most `MAX_BYTES`.
"""

from __future__ import annotations

import inspect
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from flowviz.ui.session.memory import size_of

P = ParamSpec("P")
R = TypeVar("R")
Progress = Callable[[float], None]
"""Receives the fraction done, 0 to 1; raises to end the computation."""


def silent(done: float) -> None:
    """Progress that nobody sees."""


class _Reporter:
    """Progress that is no part of a cache's key: all reporters are equal."""

    def __init__(self, report: Progress) -> None:
        self.report = report

    def __call__(self, done: float) -> None:
        self.report(done)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reporter)

    def __hash__(self) -> int:
        return 0


MAX_BYTES = 256 * 2**20
"""What all results that are kept may take together; those not asked for the longest go first."""


class _Key:
    """A call: the function and its arguments, hashed once (a scene's hash walks all its fields)."""

    def __init__(self, call: object, *arguments: Hashable) -> None:
        self.call, self.arguments = call, arguments
        self.hash = hash((call, arguments))

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Key)
            and self.call == other.call
            and self.arguments == other.arguments
        )


@dataclass
class Kept:
    """Results with their sizes, the least recently asked for first.

    Attributes:
        limit: bytes that they may take together.
        total: bytes they take.
    """

    limit: int = MAX_BYTES
    total: int = 0
    _results: OrderedDict[_Key, tuple[Any, int]] = field(default_factory=OrderedDict)
    _counts: Counter[object] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: _Key, default: object) -> Any:
        """The result of a call, or ``default``."""
        with self._lock:
            if key not in self._results:
                return default
            self._results.move_to_end(key)
            return self._results[key][0]

    def put(self, key: _Key, result: object, most: int) -> None:
        """Keep the result of a call, and at most so many of one function."""
        size = size_of((key.arguments, result))
        with self._lock:
            self._drop(key)
            self._results[key] = result, size
            self._counts[key.call] += 1
            self.total += size
            if self._counts[key.call] > most:
                self._drop(next(old for old in self._results if old.call == key.call))
            while self.total > self.limit:
                self._drop(next(iter(self._results)))

    def _drop(self, key: _Key) -> None:
        if key in self._results:
            self.total -= self._results.pop(key)[1]
            self._counts[key.call] -= 1

    def clear(self, call: object = None) -> None:
        """Forget the results of one function, or all."""
        with self._lock:
            for key in [key for key in self._results if call is None or key.call == call]:
                self._drop(key)


KEPT = Kept()


def shared(maxsize: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the last ``maxsize`` results of a function, and never compute one twice at a time.

    Different arguments do not wait for each other. What raises is not kept, and is tried again. A
    parameter named ``progress`` is given by keyword and is no part of the key.
    """

    def decorate(compute: Callable[P, R]) -> Callable[P, R]:
        running: WeakValueDictionary[Hashable, Lock] = WeakValueDictionary()
        registry = Lock()
        reports = "progress" in inspect.signature(compute).parameters

        @wraps(compute)
        def call(*args: P.args, **named: P.kwargs) -> R:
            reporter = _Reporter(named.get("progress", silent))  # pyright: ignore[reportArgumentType]
            given: dict[str, Any] = {**named, "progress": reporter} if reports else named
            key = _Key(compute, args, tuple(given.items()))
            if (known := KEPT.get(key, running)) is not running:
                return known
            with registry:
                lock = running.setdefault(key, Lock())
            try:
                with lock:
                    if (known := KEPT.get(key, running)) is running:
                        known = compute(*args, **given)  # pyright: ignore[reportCallIssue]
                        KEPT.put(key, known, maxsize)
                    return known
            finally:
                # The cache keeps its keys: it must not keep, with this one, a visitor's page.
                reporter.report = silent

        return call

    return decorate
