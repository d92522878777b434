"""A family that is asked only for so long: one that winds may take seconds for a single look."""

from __future__ import annotations

import time
from dataclasses import dataclass

from torch import Tensor

from flowviz.core.paths.base import Conditional, Path
from flowviz.core.schedules import Schedule


class Overdue(Exception):
    """What was asked has taken as long as it may."""


@dataclass(frozen=True)
class Patient(Path):
    """A family, until this thread's clock reaches ``deadline``; then every look is `Overdue`."""

    path: Path
    deadline: float

    def __post_init__(self) -> None:
        self._look()

    def _look(self) -> Path:
        if time.thread_time() > self.deadline:
            raise Overdue
        return self.path

    def exists_in(self, d: int) -> bool:
        return self.path.exists_in(d)

    @property
    def lens(self) -> Schedule | None:
        return self.path.lens

    @property
    def monotone(self) -> bool:
        return self.path.monotone

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._look().forward(x1, x0, t)

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._look().inverse(x, x0, t)

    def velocity(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._look().velocity(x, x0, t)

    def log_det(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._look().log_det(x, x0, t)

    def conditional(self, x: Tensor, x0: Tensor, t: Tensor) -> Conditional:
        return self._look().conditional(x, x0, t)
