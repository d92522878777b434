"""A cache that all visitors of the process share: the first to ask computes, the others wait.

`functools.lru_cache` alone would let a class that opens one link in the same second compute its
picture thirty times at once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

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


def shared(maxsize: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the last ``maxsize`` results of a function, and never compute one twice at a time.

    Different arguments do not wait for each other. What raises is not kept, and is tried again. A
    parameter named ``progress`` is given by keyword and is no part of the key.
    """

    def decorate(compute: Callable[P, R]) -> Callable[P, R]:
        cached: Any = lru_cache(maxsize)(compute)
        running: WeakValueDictionary[Hashable, Lock] = WeakValueDictionary()
        registry = Lock()
        reports = "progress" in inspect.signature(compute).parameters

        @wraps(compute)
        def call(*args: P.args, **named: P.kwargs) -> R:
            reporter = _Reporter(named.get("progress", silent))  # pyright: ignore[reportArgumentType]
            given: dict[str, Any] = {**named, "progress": reporter} if reports else named
            key = (args, tuple(given.items()))
            with registry:
                lock = running.setdefault(key, Lock())
            try:
                with lock:
                    return cached(*args, **given)
            finally:
                # The cache keeps its keys: it must not keep, with this one, a visitor's page.
                reporter.report = silent

        return call

    return decorate
