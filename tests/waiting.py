"""Waiting for a condition, with a timeout that only a test that hangs reaches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")

TIMEOUT_S = 300.0


def until(
    condition: Callable[[], T | bool | None],
    why: object = "it did not happen",
    *,
    every: float = 0.02,
) -> T:
    """The first true value of a condition.

    Args:
        condition: asked again and again.
        why: what the failure says; called for its words where it can be.
        every: seconds between two questions.
    """
    deadline = time.monotonic() + TIMEOUT_S
    while not (found := condition()):
        assert time.monotonic() < deadline, why() if callable(why) else why
        time.sleep(every)
    return cast(T, found)
