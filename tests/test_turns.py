"""Turns of runs: a few at a time, what a hand does first; a long one keeps nobody waiting."""

from __future__ import annotations

from contextlib import AbstractContextManager
from threading import Event, Lock, Thread
from types import SimpleNamespace

import pytest

from flowviz.ui.session import turns
from flowviz.ui.session.turns import Turns
from tests.visitor import ROOT, Visitor
from tests.waiting import TIMEOUT_S, until


class Crowd:
    """Runs of many visitors, each of which ends when it is told to."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.lock = turns, Lock()
        self.begun: list[int] = []
        self.most = self.now = 0
        self.ends: dict[int, Event] = {}
        self.threads: list[Thread] = []

    def come(self, name: int, *, loads: bool = False) -> None:
        """Begin a run; return when it has its turn or waits for it."""
        self.ends[name] = Event()
        before = len(self.begun) + self.turns.waiting
        self.threads.append(Thread(target=self._run, args=(name, loads), daemon=True))
        self.threads[-1].start()
        until(lambda: len(self.begun) + self.turns.waiting > before)

    def _run(self, name: int, loads: bool) -> None:
        with self.turns.take(loads=loads):
            with self.lock:
                self.begun.append(name)
                self.now += 1
                self.most = max(self.most, self.now)
            self.ends[name].wait(TIMEOUT_S)
            with self.lock:
                self.now -= 1

    def end_all(self) -> list[int]:
        """End one run after the other, in the order in which they began; returns that order."""
        for k in range(len(self.threads)):
            until(lambda k=k: len(self.begun) > k)
            self.ends[self.begun[k]].set()
        for thread in self.threads:
            thread.join(TIMEOUT_S)
        return self.begun


def test_what_a_hand_does_goes_before_pages_that_load() -> None:
    crowd = Crowd(Turns(at_once=1, lent=1e6, gives_way=1e5))
    for name in range(8):
        crowd.come(name, loads=name < 4)
    assert crowd.end_all() == [0, 4, 5, 6, 7, 1, 2, 3]  # the first had its turn


def test_a_page_that_loads_gives_way_for_a_while_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(turns, "time", SimpleNamespace(monotonic=lambda: now))
    crowd = Crowd(Turns(at_once=1, lent=1e6, gives_way=2.0))
    crowd.come(0)
    crowd.come(1, loads=True)
    for name in range(2, 8):
        now += 0.5
        crowd.come(name)
    assert crowd.end_all() == [0, 2, 3, 4, 1, 5, 6, 7]


def test_a_run_loads_unless_its_page_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bool] = []
    take = Turns.take

    def record(self: Turns, *, loads: bool = False) -> AbstractContextManager[None]:
        taken.append(loads)
        return take(self, loads=loads)

    monkeypatch.setattr(Turns, "take", record)
    visitor = Visitor()
    visitor.run()
    for page in ("pages/gallery.py", "pages/gallery.py", "app.py"):
        visitor.app.switch_page(str(ROOT / page))
        visitor.run()
    assert taken == [True, False, True, False, True]


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


def test_a_run_that_fails_while_it_waits_lets_the_next_one_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = Turns(at_once=1, lent=1e6)

    def fail(_: object) -> float:
        raise RuntimeError

    monkeypatch.setattr(turns, "_until_mine", fail)
    with pytest.raises(RuntimeError), turns.take():
        pass
    monkeypatch.undo()
    assert turns.waiting == 0
    with turns.take():
        pass
