"""A cache of results for all visitors of the process; simultaneous equal calls compute once.

`functools.lru_cache` would compute a result thirty times at once for thirty visitors who open one
link in the same second, and it limits the number of results, not their memory: a figure of the
plane takes a thousand times the memory of a number. All results together take at most `MAX_BYTES`.
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

from flowviz.ui import watch
from flowviz.ui.session.memory import size_of

P = ParamSpec("P")
R = TypeVar("R")
Progress = Callable[[float], None]
"""Receives the fraction done, 0 to 1; raises to end the computation."""


def no_progress(done: float) -> None:
    """A `Progress` that does nothing."""


class _ProgressArgument:
    """A `Progress` that is equal to all others, so that it does not affect the cache's key."""

    def __init__(self, report: Progress) -> None:
        self.report = report

    def __call__(self, done: float) -> None:
        self.report(done)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ProgressArgument)

    def __hash__(self) -> int:
        return 0


MAX_BYTES = 256 * 2**20
"""Memory of all cached results; the least recently used are dropped beyond it."""


class _Key:
    """A call: function and arguments. The hash is stored, since a scene's reads all its fields."""

    def __init__(self, function: object, *arguments: Hashable) -> None:
        self.function, self.arguments = function, arguments
        self.hash = hash((function, arguments))

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Key)
            and self.function == other.function
            and self.arguments == other.arguments
        )


@dataclass
class ResultCache:
    """Results in the order of their last use.

    Attributes:
        limit: the bytes that they may take together.
        total: the bytes that they take.
    """

    limit: int = MAX_BYTES
    total: int = 0
    _results: OrderedDict[_Key, tuple[Any, int]] = field(default_factory=OrderedDict)
    _counts: Counter[object] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: _Key, default: object) -> Any:
        """The cached result of a call, or ``default``."""
        with self._lock:
            if key not in self._results:
                return default
            self._results.move_to_end(key)
            return self._results[key][0]

    def put(self, key: _Key, result: object, maxsize: int) -> None:
        """Cache the result of a call, and at most ``maxsize`` results of its function."""
        size = size_of((key.arguments, result))
        with self._lock:
            self._drop(key)
            self._results[key] = result, size
            self._counts[key.function] += 1
            self.total += size
            if self._counts[key.function] > maxsize:
                self._drop(next(old for old in self._results if old.function == key.function))
            while self.total > self.limit:
                self._drop(next(iter(self._results)))

    def _drop(self, key: _Key) -> None:
        if key in self._results:
            self.total -= self._results.pop(key)[1]
            self._counts[key.function] -= 1

    def clear(self, function: object = None) -> None:
        """Drop the results of one function, or all."""
        with self._lock:
            for key in [k for k in self._results if function in (None, k.function)]:
                self._drop(key)


RESULTS = ResultCache()


def shared_cache(maxsize: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator: cache the last ``maxsize`` results of a function for all visitors.

    Equal calls at the same time compute once; calls with different arguments do not wait for each
    other. Exceptions are not cached. A parameter named ``progress`` must be passed by keyword and
    is not part of the key.
    """

    def decorate(compute: Callable[P, R]) -> Callable[P, R]:
        running: WeakValueDictionary[Hashable, Lock] = WeakValueDictionary()
        running_lock = Lock()
        has_progress = "progress" in inspect.signature(compute).parameters

        @wraps(compute)
        def call(*args: P.args, **named: P.kwargs) -> R:
            progress = _ProgressArgument(named.get("progress", no_progress))  # pyright: ignore[reportArgumentType]
            keywords: dict[str, Any] = {**named, "progress": progress} if has_progress else named
            key = _Key(compute, args, tuple(keywords.items()))
            if (result := RESULTS.get(key, running)) is not running:
                watch.count("cache", "kept")
                return result
            watch.count("cache", "computed")
            with running_lock:
                lock = running.setdefault(key, Lock())
            try:
                with lock:
                    if (result := RESULTS.get(key, running)) is running:
                        result = compute(*args, **keywords)  # pyright: ignore[reportCallIssue]
                        RESULTS.put(key, result, maxsize)
                    return result
            finally:
                # The cache keeps its keys, and must not keep a visitor's page with this one.
                progress.report = no_progress

        return call

    return decorate


def kept(call: Callable[..., R], *args: Hashable) -> R | None:
    """The result of a function with `shared_cache`, and a parameter ``progress``, if it is kept."""
    compute = inspect.unwrap(call)
    return RESULTS.get(_Key(compute, args, (("progress", _ProgressArgument(no_progress)),)), None)
