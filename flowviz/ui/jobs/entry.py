"""A job in the queue: its subscribers, and its run on a worker."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowviz.ui.jobs.cluster import Run
from flowviz.ui.jobs.job import Job, Phase, Status


@dataclass
class Entry:
    """A job in the queue. Times are of `time.monotonic`, except those by the queue's clock.

    Attributes:
        order: its place in the queue's order.
        subscribers: the visitors who want it; it is stopped when there are none.
        last_polled: when each visitor last asked for its status, by the queue's clock.
        absent_since: when a visitor was first found disconnected, by the queue's clock.
        addresses: the visitors' addresses.
        keep: keys under which its result is stored, partial or not.
        run: its run on the worker process ``pid``, since ``started``.
        last_contact: when the scheduler last answered for it.
        stop_requested: when its run was asked to stop.
        ended: when it ended.
    """

    job: Job
    key: str
    order: int
    subscribers: set[str] = field(default_factory=set)
    last_polled: dict[str, float] = field(default_factory=dict)
    absent_since: dict[str, float] = field(default_factory=dict)
    addresses: dict[str, str | None] = field(default_factory=dict)
    keep: set[str] = field(default_factory=set)
    status: Status = field(default_factory=lambda: Status(Phase.WAITING))
    run: Run | None = None
    started: float = 0.0
    last_contact: float = 0.0
    stop_requested: float | None = None
    pid: int = 0
    ended: float = 0.0

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return not self.status.phase.is_final
