"""Waiting for a condition, with a timeout that only a test that hangs reaches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar, cast

T = TypeVar("T")

TIMEOUT_S = 300.0
LONGEST_PAUSE_S = 0.5
SHARE = 0.25
"""Of the time goes into questions at most, as far as that pause allows: they take what they wait
for its time.
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
    deadline = time.monotonic() + TIMEOUT_S
    asked = time.monotonic()
    while not (found := condition()):
        now = time.monotonic()
        assert now < deadline, why() if callable(why) else why
        time.sleep(pause(now - asked, every))
        asked = time.monotonic()
    return cast(T, found)


def pause(took: float, every: float) -> float:
    """Seconds until the next question, after one that took so many."""
    return max(every, min(LONGEST_PAUSE_S, took * (1.0 - SHARE) / SHARE))
