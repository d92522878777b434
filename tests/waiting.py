"""Waiting for a condition, with a timeout that only a test that hangs reaches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")

TIMEOUT_S = 300.0
LONGEST_PAUSE_S = 0.5
BUSY, LATE = 3.0, 0.05
"""A pause is so many times as long as the question before it, which takes what it waits for its
time, and at least that fraction of the time that has been waited.
"""


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
        every: least number of seconds between two questions.
    """
    start = asked = time.monotonic()
    while not (found := condition()):
        now = time.monotonic()
        assert now < start + TIMEOUT_S, why() if callable(why) else why
        time.sleep(pause(now - asked, now - start, every))
        asked = time.monotonic()
    return cast(T, found)


def pause(took: float, waited: float, least: float) -> float:
    """Seconds until the next question, of a wait that has lasted ``waited``."""
    return max(least, min(LONGEST_PAUSE_S, max(BUSY * took, LATE * waited)))
