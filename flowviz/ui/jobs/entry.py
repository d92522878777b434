"""A job as the queue keeps it: who wants it, and where it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowviz.ui.jobs.cluster import Run
from flowviz.ui.jobs.job import Job, Phase, Status


@dataclass
class Entry:
    """A job in the queue.

    Attributes:
        wanted: the visitors who want it.
        seen: when each visitor who looks at it last asked, by the queue's clock.
        absent: since when a visitor is not connected, by the same clock.
        addresses: of the visitors.
        run: on a worker with process number ``pid``, since ``begun``; last report ``heard``.
        stopped: when it was asked to stop; ``over``: when it ended.
    """

    job: Job
    key: str
    order: int
    wanted: set[str] = field(default_factory=set)
    seen: dict[str, float] = field(default_factory=dict)
    absent: dict[str, float] = field(default_factory=dict)
    addresses: dict[str, str | None] = field(default_factory=dict)
    status: Status = field(default_factory=lambda: Status(Phase.WAITING))
    run: Run | None = None
    begun: float = 0.0
    heard: float = 0.0
    stopped: float | None = None
    pid: int = 0
    over: float = 0.0

    @property
    def live(self) -> bool:
        """Whether it waits or runs."""
        return not self.status.phase.over
