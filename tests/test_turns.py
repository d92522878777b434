"""Turns of runs: a few at a time, in their order; a long one keeps nobody waiting."""

from __future__ import annotations

from threading import Event, Lock, Thread

from flowviz.ui.session.turns import Turns
from tests.waiting import TIMEOUT_S, until


class Crowd:
    """Runs of many visitors, each of which ends when it is told to."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.lock = turns, Lock()
        self.begun: list[int] = []
        self.most = self.now = 0
        self.ends: dict[int, Event] = {}
        self.threads: list[Thread] = []

    def come(self, name: int) -> None:
        """Begin a run; return when it has its turn or waits for it."""
        self.ends[name] = Event()
        before = len(self.begun) + self.turns.waiting
        self.threads.append(Thread(target=self._run, args=(name,), daemon=True))
        self.threads[-1].start()
        until(lambda: len(self.begun) + self.turns.waiting > before)

    def _run(self, name: int) -> None:
        with self.turns.take():
            with self.lock:
                self.begun.append(name)
                self.now += 1
                self.most = max(self.most, self.now)
            self.ends[name].wait(TIMEOUT_S)
            with self.lock:
                self.now -= 1


def test_runs_have_their_turns_in_the_order_in_which_they_came() -> None:
    crowd = Crowd(Turns(at_once=2, lent=1e6))
    for name in range(12):
        crowd.come(name)
    assert (crowd.begun, crowd.turns.waiting) == ([0, 1], 10)
    for name in range(12):
        until(lambda name=name: name in crowd.begun)
        crowd.ends[name].set()
    for thread in crowd.threads:
        thread.join(TIMEOUT_S)
    assert crowd.begun == list(range(12))
    assert (crowd.most, crowd.turns.waiting) == (2, 0)


def test_a_run_that_takes_long_keeps_nobody_waiting() -> None:
    crowd = Crowd(Turns(at_once=1, lent=0.01))
    for name in range(3):
        crowd.come(name)
    until(lambda: crowd.begun == [0, 1, 2])  # and none has ended
    for end in crowd.ends.values():
        end.set()


def test_a_run_that_fails_gives_its_turn_back() -> None:
    turns = Turns(at_once=1, lent=1e6)
    for _ in range(3):
        try:
            with turns.take():
                raise RuntimeError
        except RuntimeError:
            continue
    with turns.take():
        assert turns.waiting == 0
