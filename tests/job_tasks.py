"""Tasks for the tests of jobs: what a worker can be asked to do, and what can go wrong."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Generator
from functools import partial

import torch

from flowviz.scene import Scene
from flowviz.text import Refusal
from flowviz.ui.jobs import Outcome, Report

Steps = Generator[Callable[[], Report], bool, Outcome]


def counting(scene: Scene, state: bytes) -> Steps:
    """Counts to ten times the scene's trajectories, a hundred a second; its news is its pid."""
    n, most = int(state or b"0"), 10 * scene.trajectories
    stopped = False
    while n < most and not stopped:
        time.sleep(0.01)
        n += 1
        stopped = yield partial(Report, n / most, str(os.getpid()).encode())
    return Outcome(str(n).encode(), complete=n == most)


def busy(scene: Scene, state: bytes) -> Steps:
    """Counts in Python alone: the interpreter is let go only when others ask for it."""
    stopped = False
    while not stopped:
        sum(range(20_000))
        stopped = yield lambda: Report(0.5, str(os.getpid()).encode())
    return Outcome(b"", complete=False)


def deaf(scene: Scene, state: bytes) -> Steps:
    """Reports once, and listens no more."""
    yield lambda: Report(0.0)
    time.sleep(0.3)
    yield lambda: Report(0.5, b"deaf")
    time.sleep(600)
    return Outcome(b"")


def greedy(scene: Scene, state: bytes) -> Steps:
    """Asks for four gigabytes."""
    yield lambda: Report(0.0)
    return Outcome(bytes(torch.ones(500_000_000, dtype=torch.float64)[:1].numpy()))


def failing(scene: Scene, state: bytes) -> Steps:
    """Fails."""
    yield lambda: Report(0.0)
    raise RuntimeError("a secret of the server")


def refusing(scene: Scene, state: bytes) -> Steps:
    """Says that it cannot."""
    yield lambda: Report(0.0)
    raise Refusal("error.params.order", low=3.0, high=1.0)


def telling(scene: Scene, state: bytes) -> Steps:
    """Tells what it runs in."""
    yield lambda: Report(0.0)
    told = {"nice": os.nice(0), "threads": torch.get_num_threads(), "scene": scene.query_string()}
    return Outcome(json.dumps(told).encode())
