"""What jobs are made of: their specification (`Job`), progress (`Status`), result (`Outcome`)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import flowviz
from flowviz.text import Message

if TYPE_CHECKING:
    from flowviz.scene import Scene


@dataclass(frozen=True)
class Report:
    """The progress of a task.

    Attributes:
        done: the fraction done, 0 to 1.
        news: a few kilobytes to show meanwhile, in a format of the task's page.
    """

    done: float
    news: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """The result of a task: ``data``, ``complete`` unless the task was stopped before its end."""

    data: bytes
    complete: bool = True


Task = Callable[["Scene", bytes], Generator[Callable[[], Report], bool, Outcome]]
"""A generator function ``task(scene, state)``.

It yields functions that make a `Report`, called when one is due. It is sent True when it should
end, and returns its `Outcome` in either case. Between two yields it takes at most some tenths of a
second.
"""


@dataclass(frozen=True)
class Spec:
    """What to compute for a scene.

    Attributes:
        task: the function that computes it.
        state: the state that the task continues from.
        state_in_key: whether the result depends on ``state``, which then is a part of the key: the
            task, started without it, would not come to this state.
        page: the page whose link of the scene has all settings that the task uses.
    """

    task: Task
    state: bytes = field(default=b"", repr=False)
    state_in_key: bool = False
    page: str = "learn"


@dataclass(frozen=True)
class Job:
    """A job as it is sent to a worker: texts and bytes.

    Attributes:
        task: ``module:function``.
        text: the scene's link.
        state, state_in_key: those of the `Spec`.
    """

    task: str
    text: str
    state: bytes = field(default=b"", repr=False)
    state_in_key: bool = False

    @classmethod
    def of(cls, scene: Scene, spec: Spec) -> Job:
        """The job of doing ``spec`` with ``scene``."""
        name = f"{spec.task.__module__}:{spec.task.__qualname__}"
        return cls(name, scene.query_string(spec.page), spec.state, spec.state_in_key)

    @property
    def key(self) -> str:
        """The key of the result: a hash of task, link and sources, as 40 hexadecimal digits.

        A change of the sources changes it, so that results of older ones are not read.
        """
        state = self.state if self.state_in_key else b""
        texts = (self.task.encode(), self.text.encode(), state, _sources(self.task))
        digest = hashlib.sha256(b"\0".join(hashlib.sha256(text).digest() for text in texts))
        return digest.hexdigest()[:40]

    def function(self) -> Task:
        """The function that `task` names."""
        module, _, name = self.task.partition(":")
        return getattr(import_module(module), name)


@cache
def _sources(task: str) -> bytes:
    """A digest of the sources that a result depends on: the core, and the package of the task."""
    module = Path(str(import_module(task.partition(":")[0]).__file__))
    core = Path(flowviz.__path__[0], "core")
    digest = hashlib.sha256()
    for path in sorted([*core.rglob("*.py"), *module.parent.glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.digest()


class Phase(StrEnum):
    """The phase of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether the job has ended."""
        return self in {Phase.DONE, Phase.STOPPED, Phase.FAILED}


@dataclass(frozen=True)
class Status:
    """The status of a job for a visitor.

    Attributes:
        phase: its phase.
        ahead: how many jobs wait before it.
        done: the fraction done, 0 to 1.
        news: the newest `Report.news`.
        seconds_left: an estimate; None while there is none.
        restarted: whether its worker was lost and another started it again.
        runs_for_others: whether it was stopped for this visitor alone.
        data: its result, once it has ended; partial if it was stopped.
        why: why it failed.
    """

    phase: Phase
    ahead: int = 0
    done: float = 0.0
    news: bytes = field(default=b"", repr=False)
    seconds_left: float | None = None
    restarted: bool = False
    runs_for_others: bool = False
    data: bytes | None = field(default=None, repr=False)
    why: Message | None = None
