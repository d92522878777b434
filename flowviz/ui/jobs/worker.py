"""In the worker: run a work, report at most five times a second, look whether to stop.

Stopping is by cooperation: Python cannot end a thread from outside. The worker asks an `Event` of
the scheduler each time it reports, and sends the work True when it is set.
"""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Generator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flowviz.text import Refusal
from flowviz.ui.jobs.job import Job, Outcome, Report

if TYPE_CHECKING:
    from distributed import Event, Variable

EVERY_S = 0.2

Sent = dict[str, Any]


def execute(work: str, text: str, state: bytes, channel: str, seconds: float) -> Sent:
    """Do a job.

    Args:
        work: see `Job`; also ``text`` and ``state``.
        channel: the name of the variable to report in and of the event that stops.
        seconds: when the work is stopped though nobody asked for it.

    Returns:
        ``data`` and how the job ``ended``: whole, stopped, late; or ``failed`` with its ``why``.
    """
    from distributed import Event, Variable

    from flowviz.scene import Scene

    job = Job(work, text, state)
    try:
        scene = Scene.from_query(dict(parse_qsl(text, keep_blank_values=True)))
        steps = job.function()(scene, state)
        return _driven(steps, Variable(channel), Event(channel), seconds)
    except Refusal as refusal:
        return {"ended": "refused", "key": refusal.key, "values": dict(refusal.message.values)}
    except MemoryError:
        return {"ended": "memory"}
    except Exception as error:
        if "allocate memory" in str(error):  # torch's own word for it
            return {"ended": "memory"}
        return {"ended": "failed", "trace": traceback.format_exc()}


def _driven(
    steps: Generator[Any, bool, Outcome], reports: Variable, stop: Event, seconds: float
) -> Sent:
    started = last = time.monotonic()
    asked = late = False
    clock = _Clock()
    reports.set(_said(Report(0.0), None))
    try:
        report = next(steps)
        while True:
            now = time.monotonic()
            if now - last >= EVERY_S and not (asked or late):
                newest = report()
                reports.set(_said(newest, clock.left(newest.done)))
                asked, late = bool(stop.is_set()), now - started > seconds
                last = time.monotonic()
            report = steps.send(asked or late)
    except StopIteration as end:
        outcome: Outcome = end.value
    ended = "whole" if outcome.whole else "late" if late else "stopped"
    return {"ended": ended, "data": outcome.data}


class _Clock:
    """How long is left, from the shares done so far: a job may begin with some of it done."""

    def __init__(self) -> None:
        self.first: tuple[float, float] | None = None

    def left(self, done: float) -> float | None:
        """Seconds left; None while there is nothing to judge by."""
        now = time.monotonic()
        if done <= 0.0:
            return None
        if self.first is None:
            self.first = now, done
        began, share = self.first
        return (now - began) * (1.0 - done) / (done - share) if done > share else None


def _said(report: Report, left: float | None) -> Sent:
    return {"done": report.done, "news": report.news, "left": left, "pid": os.getpid()}
