"""How wrong a learned field is, measured against the exact one."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.learning.draws import Draws

Velocity = Callable[[Tensor, Tensor], Tensor]

_DRAWS = 1024


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
        n: int = _DRAWS,
        seed: int = 271_828,
    ) -> None:
        pairs = Draws(field, t_min, sampling, seed)(0, n)
        exact = field(pairs.x, pairs.t)
        seen = torch.isfinite(exact).all(1)  # rounding at an edge may put a draw outside
        self.x, self.t, self.exact = pairs.x[seen], pairs.t[seen], exact[seen]
        self.size = float(self.exact.square().sum(1).mean())

    def __call__(self, velocity: Velocity) -> tuple[float, float]:
        """(E‖v - f‖², its root relative to E‖f‖²'s)."""
        with torch.no_grad():
            miss = float((velocity(self.x, self.t) - self.exact).square().sum(1).mean())
        return miss, (miss / self.size) ** 0.5
