"""What a worker does: run a task, report at most five times a second, stop it on request.

Stopping is by cooperation: Python cannot end a thread from outside. The worker reads an `Event` of
the scheduler each time it reports, and sends the task True when it is set.
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

REPORT_EVERY_S = 0.2

Payload = dict[str, Any]


def execute(task: str, text: str, state: bytes, channel: str, seconds: float) -> Payload:
    """Run a job.

    Args:
        task, text, state: those of the `Job`.
        channel: the name of the variable for reports and of the event that requests a stop.
        seconds: the time limit.

    Returns:
        How it ``ended``: ``complete``, ``stopped`` or ``timed out`` with ``data``, ``refused`` with
        the ``key`` and ``values`` of a message, ``memory``, or ``failed`` with its ``trace``.
    """
    from distributed import Event, Variable

    from flowviz.scene import Scene

    job = Job(task, text, state)
    try:
        scene = Scene.from_query(dict(parse_qsl(text, keep_blank_values=True)))
        steps = job.function()(scene, state)
        return _run(steps, Variable(channel), Event(channel), seconds)
    except Refusal as refusal:
        return {"ended": "refused", "key": refusal.key, "values": dict(refusal.message.values)}
    except MemoryError:
        return {"ended": "memory"}
    except Exception as error:
        if "allocate memory" in str(error):  # as torch reports it
            return {"ended": "memory"}
        return {"ended": "failed", "trace": traceback.format_exc()}


def _run(
    steps: Generator[Any, bool, Outcome], reports: Variable, stop: Event, seconds: float
) -> Payload:
    started = last = time.monotonic()
    stopped = timed_out = False
    remaining = _RemainingTime()
    reports.set(_report(Report(0.0), None))
    try:
        report = next(steps)
        while True:
            now = time.monotonic()
            if now - last >= REPORT_EVERY_S and not (stopped or timed_out):
                newest = report()
                reports.set(_report(newest, remaining.seconds(newest.done)))
                stopped, timed_out = bool(stop.is_set()), now - started > seconds
                last = time.monotonic()
            report = steps.send(stopped or timed_out)
    except StopIteration as end:
        outcome: Outcome = end.value
    ended = "complete" if outcome.complete else "timed out" if timed_out else "stopped"
    return {"ended": ended, "data": outcome.data}


class _RemainingTime:
    """The time left, extrapolated from the first report: a job may start with a fraction done."""

    def __init__(self) -> None:
        self.first: tuple[float, float] | None = None

    def seconds(self, done: float) -> float | None:
        """Seconds left; None before the second report of progress."""
        now = time.monotonic()
        if done <= 0.0:
            return None
        if self.first is None:
            self.first = now, done
        started, first_done = self.first
        return (now - started) * (1.0 - done) / (done - first_done) if done > first_done else None


def _report(report: Report, seconds_left: float | None) -> Payload:
    return {
        "done": report.done,
        "news": report.news,
        "seconds_left": seconds_left,
        "pid": os.getpid(),
    }
