"""Background jobs: long computations in worker processes, shared by all visitors.

``submit(scene, spec, visitor)`` returns a `Handle`, whose `Status` can be polled at any rate.

- A **task** is a generator function of the project: ``task(scene, state)`` takes a scene and the
  state to continue from, yields `Report`s, ends early when it is sent True, and returns an
  `Outcome`.
- A worker is sent the task's name, the scene as its link's text and the state's bytes; it returns
  bytes (``.npz`` or safetensors). Nothing a visitor sends is unpickled.
- Equal jobs are one job: all visitors who submit it share it, and it is stopped when all of them
  pressed Stop or left (`queue`).
- Results of completed jobs are stored on disk under the job's key (`store`).
- The workers are processes of this machine (`cluster`, `process`); with the address of a Dask
  scheduler in ``FLOWVIZ_SCHEDULER`` (``tls://…`` only) the same jobs run there.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING

from flowviz.ui.jobs.handle import Handle
from flowviz.ui.jobs.job import Job, Outcome, Phase, Report, Spec, Status, Task
from flowviz.ui.jobs.queue import BEGUN, TIME_LIMIT_S, Queue
from flowviz.ui.jobs.store import Store, default_store
from flowviz.ui.session.connection import is_connected

if TYPE_CHECKING:
    from flowviz.scene import Scene

__all__ = [
    "TIME_LIMIT_S",
    "Handle",
    "Job",
    "Outcome",
    "Phase",
    "Queue",
    "Report",
    "Spec",
    "Status",
    "Store",
    "Task",
    "cached_result",
    "default_queue",
    "discard_result",
    "forget",
    "join",
    "kept_result",
    "start_workers",
    "submit",
    "was_lost",
]

_LOCK = Lock()
_WARM = ("flowviz.ui.learn.tasks:warm",)


@cache
def _queue() -> Queue:
    from flowviz.ui.jobs.cluster import Cluster

    return Queue(partial(Cluster, warm=_WARM), default_store(), is_connected=is_connected)


def default_queue() -> Queue:
    """The queue of this process."""
    with _LOCK:
        return _queue()


def start_workers() -> None:
    """Start the workers in the background, ahead of the first job."""
    default_queue().start_workers()


def submit(
    scene: Scene,
    spec: Spec,
    visitor: str,
    *,
    recompute: bool = False,
    address: str | None = None,
    browser: str | None = None,
) -> Handle:
    """Submit a job, or subscribe to an equal one in the queue.

    Args:
        scene: with all settings that the task does not use at their defaults: it is in the key.
        spec: what to compute.
        visitor: the session.
        recompute: run it even if its result is stored.
        address: the visitor's address.
        browser: the visitor's browser, for which `kept_result` is stored.

    Raises:
        Refusal: if there are too many jobs.
    """
    keep = _kept(scene, spec, browser) if browser else None
    return default_queue().submit(
        Job.of(scene, spec), visitor, recompute=recompute, address=address, keep=keep
    )


def _kept(scene: Scene, spec: Spec, browser: str) -> str:
    """The key of a browser's last result, apart for one that depends on the state before."""
    start = Job.of(scene, replace(spec, state=b"", state_in_key=False)).key
    return f"{start}{browser}{'continued' if spec.state_in_key else ''}"


def kept_result(scene: Scene, spec: Spec, browser: str) -> bytes | None:
    """What a job came to that this browser asked for last, partial if it was stopped."""
    return default_queue().store.get(_kept(scene, spec, browser))


def was_lost(scene: Scene, spec: Spec, browser: str) -> bool:
    """Whether a job of this browser ended with its server, if `join` finds none."""
    return default_queue().store.get(_kept(scene, spec, browser) + BEGUN) is not None


def forget(scene: Scene, spec: Spec, browser: str) -> None:
    """Remove the browser's last result, and the record of a lost job."""
    key = _kept(scene, spec, browser)
    for name in (key, key + BEGUN):
        default_queue().store.drop(name)


def join(scene: Scene, spec: Spec, visitor: str) -> Handle | None:
    """Subscribe to a job of another visitor that waits or runs; None if there is none."""
    return default_queue().join(Job.of(scene, spec), visitor)


def cached_result(scene: Scene, spec: Spec) -> bytes | None:
    """The stored result of a job; None if there is none."""
    return default_queue().store.get(Job.of(scene, spec).key)


def discard_result(scene: Scene, spec: Spec) -> None:
    """Remove the stored result of a job."""
    default_queue().store.drop(Job.of(scene, spec).key)
