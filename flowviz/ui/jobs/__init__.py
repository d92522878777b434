"""Work that takes longer than a picture may: done by other processes, asked for by visitors.

``submit(scene, spec, visitor)`` gives a `Handle`; ask it for its `Status` as often as you like.

- A **work** is a generator function of the project: ``work(scene, state)`` takes a scene and the
  state to go on from, yields `Report`s, ends early when it is sent True, and returns an `Outcome`.
- What travels to the worker is the work's name, the scene as its link's text and the state's
  bytes; what comes back is bytes (``.npz`` or safetensors). Nothing a visitor sends is unpickled.
- Equal jobs are one job: two visitors who ask for the same share it, and it is stopped when nobody
  wants it any more: when all pressed Stop, or left (`queue`).
- What a finished job found is kept on disk by what was asked (`store`).
- The workers are processes of this machine (`cluster`, `process`); with the address of a Dask
  scheduler in ``FLOWVIZ_SCHEDULER`` (``tls://…`` only) the same jobs run there.
"""

from __future__ import annotations

from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING

from flowviz.ui.jobs.job import Job, Outcome, Phase, Report, Spec, Status, Work
from flowviz.ui.jobs.queue import SECONDS, Handle, Queue
from flowviz.ui.jobs.store import Store
from flowviz.ui.session.connection import is_connected

if TYPE_CHECKING:
    from flowviz.scene import Scene

__all__ = [
    "SECONDS",
    "Handle",
    "Job",
    "Outcome",
    "Phase",
    "Queue",
    "Report",
    "Spec",
    "Status",
    "Store",
    "Work",
    "common",
    "forget",
    "join",
    "known_result",
    "submit",
    "wake",
]

_LOCK = Lock()
_WARM = ("flowviz.ui.learn.tasks:warm",)


@cache
def _common() -> Queue:
    from flowviz.ui.jobs.cluster import Cluster

    return Queue(partial(Cluster, warm=_WARM), Store.usual(), is_connected=is_connected)


def common() -> Queue:
    """The one queue of this process."""
    with _LOCK:
        return _common()


def wake() -> None:
    """Start the workers in the background: whoever sees this page may soon want them."""
    common().wake()


def submit(
    scene: Scene, spec: Spec, visitor: str, *, anew: bool = False, address: str | None = None
) -> Handle:
    """Ask for a job; the same one, if somebody asked for it already.

    Args:
        scene: what it is about; all of it that matters, and nothing else, is the job's key.
        spec: what to do.
        visitor: the session that wants it.
        anew: do it even if its result is known: to watch it.
        address: where the visitor comes from.

    Raises:
        Refusal: when too many jobs are waiting.
    """
    return common().submit(Job.of(scene, spec), visitor, anew=anew, address=address)


def join(scene: Scene, spec: Spec, visitor: str) -> Handle | None:
    """A hold on a job that is waiting or under way already, for somebody else; else None."""
    return common().join(Job.of(scene, spec), visitor)


def known_result(scene: Scene, spec: Spec) -> bytes | None:
    """What the finished job found, if anybody has ever asked for it and it is still kept."""
    return common().store.get(Job.of(scene, spec).key)


def forget(scene: Scene, spec: Spec) -> None:
    """Keep the result of a job no longer."""
    common().store.drop(Job.of(scene, spec).key)
