"""The queue of jobs: equal jobs are shared by their subscribers and stopped with the last one.

One thread polls all jobs every fifth of a second while there are any: it starts jobs, reads their
reports, and drops visitors who left. So a visitor's request is answered from memory, and a page
that polls costs nothing.

- A visitor who has a job running waits with the next one; others overtake.
- A visitor who was not connected for `DISCONNECTED_S`, or has not polled for `POLL_TIMEOUT_S`, has
  left. (A browser polls once a minute for a page in a hidden tab.) Time in which this process was
  suspended does not count: then nobody could poll.
- The queue holds `MAX_JOBS`; of one address `MAX_PER_ADDRESS`, of one visitor `MAX_PER_VISITOR`.
- A job is stopped when it has no subscribers, and after `TIME_LIMIT_S`; a worker that does not
  stop when asked is killed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from threading import Condition, Thread
from typing import Any

from flowviz.text import Message, Refusal
from flowviz.ui import watch
from flowviz.ui.jobs.cluster import Workers
from flowviz.ui.jobs.entry import Entry
from flowviz.ui.jobs.handle import Handle
from flowviz.ui.jobs.job import Job, Phase, Status
from flowviz.ui.jobs.store import Results

_LOG = logging.getLogger(__name__)

POLL_S = 0.2
_LONGEST_PAUSE_S = 5 * POLL_S
_STOPPING_PAUSE_S = 0.05  # between two polls while a job is being stopped
TIME_LIMIT_S = 300.0  # how long a job may run
# Jobs that may wait or run at a time: in total, of one address, of one visitor.
MAX_JOBS, MAX_PER_ADDRESS, MAX_PER_VISITOR = 200, 150, 3
DISCONNECTED_S = 5.0
POLL_TIMEOUT_S = 120.0
_KILL_AFTER_S = 15.0  # from the request to stop to killing the worker
_CONTACT_TIMEOUT_S = 30.0  # after that a remote scheduler counts as lost
BEGUN = "begun"
"""What follows the key of a kept result while its job waits or runs; it outlives this process."""
_RETENTION_S = 600.0  # an ended job stays in memory while somebody polls it


class Queue:
    """The jobs of this process.

    Args:
        cluster: creates the workers, at the first job.
        store: the results on disk.
        seconds, poll_timeout: instead of `TIME_LIMIT_S` and `POLL_TIMEOUT_S`.
        is_connected: whether a visitor is connected.
    """

    def __init__(
        self,
        cluster: Callable[[], Workers],
        store: Results,
        seconds: float = TIME_LIMIT_S,
        poll_timeout: float = POLL_TIMEOUT_S,
        is_connected: Callable[[str], bool] = lambda visitor: True,
    ) -> None:
        self.store = store
        self._make_workers = cluster
        self._seconds, self._poll_timeout = seconds, poll_timeout
        self._is_connected = is_connected
        self._workers: Workers | None = None
        self._entries: list[Entry] = []
        self._condition = Condition()
        self._thread: Thread | None = None
        self._closed = False
        self._orders = count()
        self._clock = 0.0  # seconds, without those in which this process was suspended
        self._clock_read = time.monotonic()

    def submit(
        self,
        job: Job,
        visitor: str,
        *,
        recompute: bool = False,
        address: str | None = None,
        keep: str | None = None,
    ) -> Handle:
        """See `flowviz.ui.jobs.submit`."""
        key = job.key
        stored = None if recompute else self.store.get(key)
        with self._condition:
            matching = (e for e in self._entries if e.key == key and self._can_share(e, recompute))
            entry = next(matching, None)
            if entry is None:
                entry = Entry(job, key, next(self._orders))
                if stored is None:
                    self._require_capacity(visitor, address)
                else:
                    self._end(entry, Phase.DONE, data=stored)
                self._entries.append(entry)
            entry.addresses[visitor] = address
            if keep and entry.active:
                entry.keep.add(keep)
                self.store.put(keep + BEGUN, b"begun")
            entry.subscribers.add(visitor)
            entry.last_polled[visitor] = self._clock
            self._ensure_thread()
        return Handle(visitor, entry, self)

    def join(self, job: Job, visitor: str) -> Handle | None:
        """See `flowviz.ui.jobs.join`."""
        key = job.key
        with self._condition:
            entry = next((e for e in self._entries if e.key == key and self._can_join(e)), None)
            if entry is None:
                return None
            entry.subscribers.add(visitor)
            entry.last_polled[visitor] = self._clock
        return Handle(visitor, entry, self)

    def _can_join(self, entry: Entry) -> bool:
        return entry.active and entry.stop_requested is None

    def _can_share(self, entry: Entry, recompute: bool) -> bool:
        if entry.status.phase is Phase.DONE:
            return not recompute
        return self._can_join(entry)

    def status(self, entry: Entry, visitor: str) -> Status:
        """A job's status for a visitor."""
        with self._condition:
            entry.last_polled[visitor] = self._clock
            status = entry.status
            if status.phase is Phase.WAITING:
                ahead = sum(
                    e.status.phase is Phase.WAITING and e.order < entry.order for e in self._entries
                )
                return replace(status, ahead=ahead)
            if entry.active and entry.subscribers and visitor not in entry.subscribers:
                return replace(status, phase=Phase.STOPPED, runs_for_others=True)
            return status

    def stop(self, entry: Entry, visitor: str, timeout: float = 0.0) -> None:
        """Unsubscribe a visitor from a job, and all whose page was closed or reloaded."""
        with self._condition:
            entry.subscribers = {v for v in entry.subscribers - {visitor} if self._is_connected(v)}
            self._stop_unsubscribed(entry)
            self._condition.notify_all()
            self._condition.wait_for(lambda: entry.subscribers or not entry.active, timeout)

    def start_workers(self) -> None:
        """Start the workers, unless they have been started."""
        with self._condition:
            self._ensure_thread()

    def close(self) -> None:
        """Stop all jobs and end the workers."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        if self._thread:
            self._thread.join(10.0)
        for entry in self._entries:
            if entry.run:
                with suppress(OSError):
                    entry.run.stop()
        if self._workers:
            self._workers.close()

    def _require_capacity(self, visitor: str, address: str | None) -> None:
        active = [e for e in self._entries if e.active]
        of_address = [e for e in active if {e.addresses.get(v) for v in e.subscribers} == {address}]
        if len(active) >= MAX_JOBS or (address is not None and len(of_address) >= MAX_PER_ADDRESS):
            raise Refusal("error.jobs.many", n=len(active))
        if sum(visitor in e.subscribers for e in active) >= MAX_PER_VISITOR:
            raise Refusal("error.jobs.each", n=MAX_PER_VISITOR)

    def _ensure_thread(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._supervise, name="jobs", daemon=True)
            self._thread.start()
        self._condition.notify_all()

    def _supervise(self) -> None:
        try:
            self._workers = self._make_workers()
        except Exception as error:
            _LOG.exception("no workers")
            why = error.message if isinstance(error, Refusal) else Message("error.jobs.none")
            self._fail_all(why)
            return
        while not self._closed:
            try:
                self._poll()
            except Exception:
                _LOG.exception("polling jobs")
            with self._condition:
                self._condition.wait(self._pause())

    def _pause(self) -> float:
        """Seconds until the next poll."""
        busy = [e for e in self._entries if e.active or e.run]
        if any(e.stop_requested for e in busy):
            return _STOPPING_PAUSE_S
        return POLL_S if busy else _LONGEST_PAUSE_S

    def _fail_all(self, why: Message) -> None:
        with self._condition:
            for entry in self._entries:
                if entry.active:
                    self._end(entry, Phase.FAILED, why=why)
            self._thread = None  # the next visitor tries again

    def _poll(self) -> None:
        assert self._workers
        with self._condition:
            running = [e for e in self._entries if e.run]
            self._drop_disconnected()
            waiting = self._next(self._workers.slots - len(running))
        self._workers.replace_dead()
        for entry in running:
            self._update(entry)
        for entry in waiting:
            # An earlier run of the same key may still report on its own channel.
            channel = f"{entry.key}-{time.time_ns():x}"
            try:
                run = self._workers.start(entry.job, channel, self._seconds)
            except OSError as error:  # a remote scheduler that is gone
                self._finish(entry, {"ended": "gone", "trace": repr(error)})
                continue
            with self._condition:
                entry.run = run
                entry.started = entry.last_contact = time.monotonic()
                if entry.active:  # nobody stopped it meanwhile
                    entry.status = Status(Phase.RUNNING)

    def _next(self, free: int) -> list[Entry]:
        """The jobs to start: in order, with at most one running job for each visitor."""
        busy = {visitor for entry in self._entries if entry.run for visitor in entry.subscribers}
        chosen: list[Entry] = []
        for entry in self._entries:
            if len(chosen) >= free:
                break
            if entry.status.phase is Phase.WAITING and not entry.subscribers <= busy:
                chosen.append(entry)
                busy |= entry.subscribers
        return chosen

    def _advance_clock(self) -> None:
        now = time.monotonic()
        self._clock += min(now - self._clock_read, _LONGEST_PAUSE_S)
        self._clock_read = now

    def _drop_disconnected(self) -> None:
        self._advance_clock()
        now = time.monotonic()
        for entry in self._entries:
            for visitor in [v for v in entry.last_polled if self._has_left(entry, v)]:
                del entry.last_polled[visitor]
                entry.absent_since.pop(visitor, None)
                entry.subscribers.discard(visitor)
                self._stop_unsubscribed(entry)
        self._entries = [
            e
            for e in self._entries
            if e.active or e.run or (e.last_polled and now - e.ended < _RETENTION_S)
        ]

    def _has_left(self, entry: Entry, visitor: str) -> bool:
        if self._clock - entry.last_polled[visitor] > self._poll_timeout:
            return True
        if self._is_connected(visitor):
            entry.absent_since.pop(visitor, None)
            return False
        return self._clock - entry.absent_since.setdefault(visitor, self._clock) > DISCONNECTED_S

    def _stop_unsubscribed(self, entry: Entry) -> None:
        if entry.subscribers or not entry.active:
            return
        entry.stop_requested = entry.stop_requested or time.monotonic()
        if not entry.status.done:  # no partial result to wait for
            self._end(entry, Phase.STOPPED)

    def _update(self, entry: Entry) -> None:
        """Poll one running job. Only this thread changes a running job."""
        run, now = entry.run, time.monotonic()
        assert run
        try:
            if (ended := run.ended()) is not None:
                self._finish(entry, ended)
                return
            if entry.stop_requested is not None:
                run.stop()
            asked = entry.stop_requested
            overdue = asked is not None and now - asked > _KILL_AFTER_S
            if overdue or now - entry.started > 2 * self._seconds + _KILL_AFTER_S:
                run.kill()
            self._record(entry, run.report())
            entry.last_contact = now
        except OSError as error:  # a remote scheduler that does not answer, also by timeout
            if now - entry.last_contact > _CONTACT_TIMEOUT_S:
                self._finish(entry, {"ended": "gone", "trace": repr(error)})

    def _record(self, entry: Entry, report: dict[str, Any]) -> None:
        pid, progress = report["pid"], {k: report[k] for k in ("done", "news", "seconds_left")}
        restarted = entry.status.restarted or bool(entry.pid and pid and pid != entry.pid)
        entry.pid = pid or entry.pid
        with self._condition:
            if entry.active:
                entry.status = Status(Phase.RUNNING, **progress, restarted=restarted)

    def _finish(self, entry: Entry, ended: dict[str, Any]) -> None:
        how, data = ended["ended"], ended.get("data")
        if how in {"failed", "gone", "lost"}:
            _LOG.error("job %s %s: %s", entry.job.task, how, ended["trace"])
        if how == "complete":
            self.store.put(entry.key, data or b"")
        with self._condition:
            entry.run = None
            if not entry.active:  # stopped before it had done anything
                return
            if how == "complete":
                self._end(entry, Phase.DONE, data=data)
            elif how == "refused":
                self._end(entry, Phase.FAILED, why=Message(ended["key"], **ended["values"]))
            elif entry.stop_requested is not None:
                self._end(entry, Phase.STOPPED, data=data)
            elif how == "timed out":
                why = Message("error.jobs.late", minutes=round(self._seconds / 60))
                self._end(entry, Phase.STOPPED, data=data, why=why)
            else:
                self._end(entry, Phase.FAILED, why=Message(f"error.jobs.{how}"))

    def _end(
        self, entry: Entry, phase: Phase, data: bytes | None = None, why: Message | None = None
    ) -> None:
        entry.ended = time.monotonic()
        done = 1.0 if phase is Phase.DONE else entry.status.done
        final = replace(entry.status, phase=phase, done=done, seconds_left=None)
        entry.status = replace(final, data=data, why=why)
        watch.count("jobs", phase.name.lower())
        for key in entry.keep:
            self.store.drop(key + BEGUN)
            if data:
                self.store.put(key, data)
        self._condition.notify_all()
