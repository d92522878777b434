"""Who wants what: jobs wait their turn, are shared by all who want them, and end with the last.

One thread looks after everything every fifth of a second while there is something to look after:
it starts jobs, reads their reports, notices who left. So what a visitor asks is answered from
memory, and a page that polls costs nothing.

- A visitor who has a job running waits with the next one; others pass.
- A visitor who was not connected for `LEFT_S`, or has not asked for `PATIENCE_S`, has left. (A
  browser asks once a minute for a page in a hidden tab.) Time in which this process was kept from
  running does not count: who could not be heard has not left.
- There is room for a class, and one address never takes all of it.
- A job is stopped when nobody wants it, and after `SECONDS`; a worker that does not listen to that
  is killed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from threading import Condition, Thread
from typing import Any

from flowviz.text import Message, Refusal
from flowviz.ui.jobs.cluster import Workers
from flowviz.ui.jobs.entry import Entry
from flowviz.ui.jobs.job import Job, Phase, Status
from flowviz.ui.jobs.store import Store

_LOG = logging.getLogger(__name__)

POLL_S = 0.2
_LONGEST_PAUSE_S = 5 * POLL_S
_STOPPING_S = 0.05  # between two looks while somebody waits for a job to stop
SECONDS = 300.0  # how long a job may run
# Jobs that may wait or run at a time: for all together, of one address, of one visitor.
MOST, MOST_ADDRESS, MOST_EACH = 200, 150, 3
LEFT_S = 5.0
PATIENCE_S = 120.0
_DEAF_S = 15.0  # a worker that goes on although it was asked to stop is killed
_SILENCE_S = 30.0  # after that a scheduler elsewhere counts as lost
_KEPT_S = 600.0  # what came of a job stays in memory for those who still look at it


@dataclass(frozen=True)
class Handle:
    """A visitor's hold on a job."""

    visitor: str
    _entry: Entry = field(repr=False)
    _queue: Queue = field(repr=False)

    def status(self) -> Status:
        """How the job stands; asking says that the visitor is still there."""
        return self._queue.status(self._entry, self.visitor)

    def stop(self, patience: float = 0.0) -> None:
        """No longer want it; it ends if nobody else does. What it has by then can be asked for.

        Args:
            patience: seconds to wait for that.
        """
        self._queue.stop(self._entry, self.visitor, patience)


class Queue:
    """The jobs of this process.

    Args:
        cluster: makes the workers, when the first job comes.
        store: where results are kept.
        seconds, patience: instead of `SECONDS` and `PATIENCE_S`.
        is_connected: whether a visitor is there.
    """

    def __init__(
        self,
        cluster: Callable[[], Workers],
        store: Store,
        seconds: float = SECONDS,
        patience: float = PATIENCE_S,
        is_connected: Callable[[str], bool] = lambda visitor: True,
    ) -> None:
        self.store = store
        self._make = cluster
        self._seconds, self._patience = seconds, patience
        self._is_connected = is_connected
        self._workers: Workers | None = None
        self._entries: list[Entry] = []
        self._door = Condition()
        self._thread: Thread | None = None
        self._closed = False
        self._orders = count()
        self._clock = 0.0  # seconds, without those in which this process was kept from running
        self._ticked = time.monotonic()

    def submit(
        self, job: Job, visitor: str, *, anew: bool = False, address: str | None = None
    ) -> Handle:
        """See `flowviz.ui.jobs.submit`."""
        key = job.key
        kept = None if anew else self.store.get(key)
        with self._door:
            fit = (e for e in self._entries if e.key == key and self._shareable(e, anew))
            entry = next(fit, None)
            if entry is None:
                entry = Entry(job, key, next(self._orders))
                if kept is None:
                    self._make_sure_of_room(visitor, address)
                else:
                    self._end(entry, Phase.DONE, data=kept)
                self._entries.append(entry)
            entry.addresses[visitor] = address
            entry.wanted.add(visitor)
            entry.seen[visitor] = self._clock
            self._wake()
        return Handle(visitor, entry, self)

    def join(self, job: Job, visitor: str) -> Handle | None:
        """See `flowviz.ui.jobs.join`."""
        key = job.key
        with self._door:
            entry = next((e for e in self._entries if e.key == key and self._joinable(e)), None)
            if entry is None:
                return None
            entry.wanted.add(visitor)
            entry.seen[visitor] = self._clock
        return Handle(visitor, entry, self)

    def _joinable(self, entry: Entry) -> bool:
        return entry.live and entry.stopped is None

    def _shareable(self, entry: Entry, anew: bool) -> bool:
        if entry.status.phase is Phase.DONE:
            return not anew
        return self._joinable(entry)

    def status(self, entry: Entry, visitor: str) -> Status:
        """How a job stands for a visitor."""
        with self._door:
            entry.seen[visitor] = self._clock
            status = entry.status
            if status.phase is Phase.WAITING:
                ahead = sum(
                    e.status.phase is Phase.WAITING and e.order < entry.order for e in self._entries
                )
                return replace(status, ahead=ahead)
            if entry.live and entry.wanted and visitor not in entry.wanted:
                return replace(status, phase=Phase.STOPPED, shared=True)
            return status

    def stop(self, entry: Entry, visitor: str, patience: float = 0.0) -> None:
        """No longer want a job."""
        with self._door:
            entry.wanted.discard(visitor)
            self._release(entry)
            self._door.notify_all()
            self._door.wait_for(lambda: entry.wanted or not entry.live, patience)

    def wake(self) -> None:
        """Start the workers, if they are not there."""
        with self._door:
            self._wake()

    def close(self) -> None:
        """End everything."""
        with self._door:
            self._closed = True
            self._door.notify_all()
        if self._thread:
            self._thread.join(10.0)
        for entry in self._entries:
            if entry.run:
                with suppress(OSError):
                    entry.run.stop()
        if self._workers:
            self._workers.close()

    def _make_sure_of_room(self, visitor: str, address: str | None) -> None:
        live = [e for e in self._entries if e.live]
        same = [e for e in live if {e.addresses.get(v) for v in e.wanted} == {address}]
        if len(live) >= MOST or (address is not None and len(same) >= MOST_ADDRESS):
            raise Refusal("error.jobs.many", n=len(live))
        if sum(visitor in e.wanted for e in live) >= MOST_EACH:
            raise Refusal("error.jobs.each", n=MOST_EACH)

    def _wake(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._look_after, name="jobs", daemon=True)
            self._thread.start()
        self._door.notify_all()

    def _look_after(self) -> None:
        try:
            self._workers = self._make()
        except Exception as error:
            _LOG.exception("no workers")
            why = error.message if isinstance(error, Refusal) else Message("error.jobs.none")
            self._give_up(why)
            return
        while not self._closed:
            try:
                self._poll()
            except Exception:
                _LOG.exception("looking after jobs")
            with self._door:
                self._door.wait(self._pause())

    def _pause(self) -> float:
        """Seconds until the next look."""
        busy = [e for e in self._entries if e.live or e.run]
        if any(e.stopped for e in busy):
            return _STOPPING_S
        return POLL_S if busy else _LONGEST_PAUSE_S

    def _give_up(self, why: Message) -> None:
        with self._door:
            for entry in self._entries:
                if entry.live:
                    self._end(entry, Phase.FAILED, why=why)
            self._thread = None  # the next visitor tries again

    def _poll(self) -> None:
        assert self._workers
        with self._door:
            running = [e for e in self._entries if e.run]
            self._forget()
            begin = self._next(self._workers.slots - len(running))
        self._workers.tend()
        for entry in running:
            self._attend(entry)
        for entry in begin:
            # Whatever of a run that went before is still under way speaks on another channel.
            channel = f"{entry.key}-{time.time_ns():x}"
            run = self._workers.start(entry.job, channel, self._seconds)
            with self._door:
                entry.run, entry.begun, entry.heard = run, time.monotonic(), time.monotonic()
                if entry.live:  # nobody stopped it meanwhile
                    entry.status = Status(Phase.RUNNING)

    def _next(self, free: int) -> list[Entry]:
        """The jobs to begin: in order, but one running job for each visitor."""
        busy = {visitor for entry in self._entries if entry.run for visitor in entry.wanted}
        chosen: list[Entry] = []
        for entry in self._entries:
            if len(chosen) >= free:
                break
            if entry.status.phase is Phase.WAITING and not entry.wanted <= busy:
                chosen.append(entry)
                busy |= entry.wanted
        return chosen

    def _tick(self) -> None:
        now = time.monotonic()
        self._clock += min(now - self._ticked, _LONGEST_PAUSE_S)
        self._ticked = now

    def _forget(self) -> None:
        self._tick()
        now = time.monotonic()
        for entry in self._entries:
            for visitor in [v for v in entry.seen if self._has_left(entry, v)]:
                del entry.seen[visitor]
                entry.absent.pop(visitor, None)
                entry.wanted.discard(visitor)
                self._release(entry)
        self._entries = [
            e for e in self._entries if e.live or e.run or (e.seen and now - e.over < _KEPT_S)
        ]

    def _has_left(self, entry: Entry, visitor: str) -> bool:
        if self._clock - entry.seen[visitor] > self._patience:
            return True
        if self._is_connected(visitor):
            entry.absent.pop(visitor, None)
            return False
        return self._clock - entry.absent.setdefault(visitor, self._clock) > LEFT_S

    def _release(self, entry: Entry) -> None:
        if entry.wanted or not entry.live:
            return
        entry.stopped = entry.stopped or time.monotonic()
        if not entry.status.done:  # nothing is done, so there is nothing to wait for
            self._end(entry, Phase.STOPPED)

    def _attend(self, entry: Entry) -> None:
        """Look at one running job. Only this thread changes a job that runs."""
        run, now = entry.run, time.monotonic()
        assert run
        try:
            ended = run.ended()
            if ended is not None:
                self._conclude(entry, ended)
                return
            if entry.stopped is not None:
                run.stop()
            deaf = entry.stopped is not None and now - entry.stopped > _DEAF_S
            if deaf or now - entry.begun > 2 * self._seconds + _DEAF_S:
                run.kill()
            self._take(entry, run.report())
            entry.heard = now
        except OSError as error:  # a scheduler elsewhere that does not answer; timeouts, too
            if now - entry.heard > _SILENCE_S:
                self._conclude(entry, {"ended": "lost", "trace": repr(error)})

    def _take(self, entry: Entry, said: dict[str, Any]) -> None:
        done, left, pid = said["done"], said["left"], said["pid"]
        again = entry.status.again or bool(entry.pid and pid and pid != entry.pid)
        entry.pid = pid or entry.pid
        with self._door:
            if entry.live:
                entry.status = Status(
                    Phase.RUNNING, done=done, news=said["news"], left=left, again=again
                )

    def _conclude(self, entry: Entry, ended: dict[str, Any]) -> None:
        how, data = ended["ended"], ended.get("data")
        if how in {"failed", "lost"}:
            _LOG.error("job %s %s: %s", entry.job.work, how, ended["trace"])
        if how == "whole":
            self.store.put(entry.key, data or b"")
        with self._door:
            entry.run = None
            if not entry.live:  # stopped before anything was done: all is said
                return
            if how == "whole":
                self._end(entry, Phase.DONE, data=data)
            elif how == "refused":
                self._end(entry, Phase.FAILED, why=Message(ended["key"], **ended["values"]))
            elif entry.stopped is not None:
                self._end(entry, Phase.STOPPED, data=data)
            elif how == "late":
                why = Message("error.jobs.late", minutes=round(self._seconds / 60))
                self._end(entry, Phase.STOPPED, data=data, why=why)
            else:
                self._end(entry, Phase.FAILED, why=Message(f"error.jobs.{how}"))

    def _end(
        self, entry: Entry, phase: Phase, data: bytes | None = None, why: Message | None = None
    ) -> None:
        entry.over = time.monotonic()
        done = 1.0 if phase is Phase.DONE else entry.status.done
        entry.status = replace(entry.status, phase=phase, done=done, left=None, data=data, why=why)
        self._door.notify_all()
