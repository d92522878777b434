"""How wrong a learned field is, measured against the exact one."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.learning.draws import Draws
from flowviz.core.learning.parts import Parts, velocities, whole

Velocity = Callable[[Tensor, Tensor], Tensor]

DRAWS = 1024


class Judge:
    """E‖v - f‖² and √(E‖v - f‖²/E‖f‖²) over x_t ~ p_t, on draws that stay the same.

    Args:
        field: the exact flow.
        t_min: the earliest time.
        sampling: how times are drawn.
        n: how many draws.
        seed: of the draws.
    """

    def __init__(
        self,
        field: MarginalField,
        t_min: float,
        sampling: str = "uniform",
        n: int = DRAWS,
        seed: int = 271_828,
    ) -> None:
        whole(self._prepare(field, t_min, sampling, n, seed))

    @classmethod
    def in_parts(cls, field: MarginalField, t_min: float, sampling: str) -> Parts[Judge]:
        """The usual one, made in parts."""
        judge = cls.__new__(cls)
        yield from judge._prepare(field, t_min, sampling)
        return judge

    def _prepare(
        self,
        field: MarginalField,
        t_min: float,
        sampling: str,
        n: int = DRAWS,
        seed: int = 271_828,
    ) -> Parts[None]:
        pairs = Draws(field, t_min, sampling, seed)(0, n)
        exact = yield from velocities(field, pairs.x, pairs.t)
        seen = torch.isfinite(exact).all(1)  # rounding at an edge may put a draw outside
        self.x, self.t, self.exact = pairs.x[seen], pairs.t[seen], exact[seen]
        self.size = float(self.exact.square().sum(1).mean())

    def __call__(self, velocity: Velocity) -> tuple[float, float]:
        """(E‖v - f‖², its root relative to E‖f‖²'s)."""
        with torch.no_grad():
            miss = float((velocity(self.x, self.t) - self.exact).square().sum(1).mean())
        return miss, (miss / self.size) ** 0.5
