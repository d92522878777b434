"""The words that jobs are spoken of with: what is asked, how far it is, what came of it."""

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
    """How far a work is.

    Attributes:
        done: the share done, 0 to 1.
        news: a few kilobytes to show meanwhile; the work and its page agree on what they are.
    """

    done: float
    news: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """What came of a work: ``data``, and whether it is ``whole`` or was stopped on its way."""

    data: bytes
    whole: bool = True


Work = Callable[["Scene", bytes], Generator[Callable[[], Report], bool, Outcome]]
"""A generator function ``work(scene, state)``.

It yields a function that makes a `Report`, called when a report is due; it is sent True when it
should end, and returns its `Outcome`, stopped or not. Between two yields it takes at most some
tenths of a second.
"""


@dataclass(frozen=True)
class Spec:
    """What to do with a scene.

    Attributes:
        work: what to do.
        state: where to go on from.
        detour: whether the work would not come by ``state`` of itself. What comes of it then is
            not what the scene's link alone stands for, and is kept apart.
        page: whose link of the scene holds all that matters.
    """

    work: Work
    state: bytes = field(default=b"", repr=False)
    detour: bool = False
    page: str = "learn"


@dataclass(frozen=True)
class Job:
    """A job as it travels: texts and bytes.

    Attributes:
        work: ``module:function``.
        text: the scene's link.
        state, detour: as of `Spec`.
    """

    work: str
    text: str
    state: bytes = field(default=b"", repr=False)
    detour: bool = False

    @classmethod
    def of(cls, scene: Scene, spec: Spec) -> Job:
        """The job of doing ``spec`` with ``scene``."""
        name = f"{spec.work.__module__}:{spec.work.__qualname__}"
        return cls(name, scene.query_string(spec.page), spec.state, spec.detour)

    @property
    def key(self) -> str:
        """Equal for equal jobs of one state of the sources: results of older sources are not read.

        A hash of 160 bits, as hexadecimal digits.
        """
        state = self.state if self.detour else b""
        parts = (self.work.encode(), self.text.encode(), state, _sources(self.work))
        whole = hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts))
        return whole.hexdigest()[:40]

    def function(self) -> Work:
        """The work itself."""
        module, _, name = self.work.partition(":")
        return getattr(import_module(module), name)


@cache
def _sources(work: str) -> bytes:
    """A digest of what a result depends on: the mathematics, and the work's module and its kin."""
    own = Path(str(import_module(work.partition(":")[0]).__file__))
    core = Path(flowviz.__path__[0], "core")
    digest = hashlib.sha256()
    for path in sorted([*core.rglob("*.py"), *own.parent.glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.digest()


class Phase(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self in {Phase.DONE, Phase.STOPPED, Phase.FAILED}


@dataclass(frozen=True)
class Status:
    """What a visitor may know of a job.

    Attributes:
        phase: where it stands.
        ahead: how many jobs wait before it.
        done: share done, 0 to 1.
        news: the newest `Report.news`.
        left: seconds left, as far as can be told.
        again: whether its worker was lost and another began again.
        shared: whether it was stopped for this visitor alone, and goes on for others.
        data: what came of it, once it is over.
        why: why it failed.
    """

    phase: Phase
    ahead: int = 0
    done: float = 0.0
    news: bytes = field(default=b"", repr=False)
    left: float | None = None
    again: bool = False
    shared: bool = False
    data: bytes | None = field(default=None, repr=False)
    why: Message | None = None
