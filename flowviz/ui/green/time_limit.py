"""A family with a deadline: inverting one that winds much may take seconds for a single call."""

from __future__ import annotations

import time
from dataclasses import dataclass

from torch import Tensor

from flowviz.core.paths.base import Conditional, Path
from flowviz.core.schedules import Schedule


class TimeExceeded(Exception):
    """The deadline of a `TimeLimited` family has passed."""


@dataclass(frozen=True)
class TimeLimited(Path):
    """Path whose methods raise `TimeExceeded` when this thread's CPU time is past ``deadline``."""

    path: Path
    deadline: float

    def __post_init__(self) -> None:
        self._checked()

    def _checked(self) -> Path:
        if time.thread_time() > self.deadline:
            raise TimeExceeded
        return self.path

    def exists_in(self, d: int) -> bool:
        return self.path.exists_in(d)

    @property
    def affine_schedule(self) -> Schedule | None:
        return self.path.affine_schedule

    @property
    def monotone(self) -> bool:
        return self.path.monotone

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._checked().forward(x1, x0, t)

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._checked().inverse(x, x0, t)

    def velocity(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._checked().velocity(x, x0, t)

    def log_det(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._checked().log_det(x, x0, t)

    def conditional(self, x: Tensor, x0: Tensor, t: Tensor) -> Conditional:
        return self._checked().conditional(x, x0, t)
