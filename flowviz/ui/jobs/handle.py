"""A visitor's subscription to a job."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowviz.ui.jobs.entry import Entry
from flowviz.ui.jobs.job import Status

if TYPE_CHECKING:
    from flowviz.ui.jobs.queue import Queue


@dataclass(frozen=True)
class Handle:
    """A visitor's subscription to a job."""

    visitor: str
    _entry: Entry = field(repr=False)
    _queue: Queue = field(repr=False)

    def status(self) -> Status:
        """The job's status; polling it shows that the visitor has not left."""
        return self._queue.status(self._entry, self.visitor)

    def stop(self, timeout: float = 0.0) -> None:
        """Unsubscribe; without other subscribers, the job is stopped with its partial result.

        Args:
            timeout: seconds to wait for the end.
        """
        self._queue.stop(self._entry, self.visitor, timeout)
