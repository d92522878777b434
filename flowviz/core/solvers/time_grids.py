"""Time grids of the solvers, by name: n + 1 times from t = 1 down to the end.

    uniform   equal steps of t
    log       equal ratios: t_k = last^(k/(n-1)), then the end
    cosine    t_k = ½(1 + cos πk/n): short steps at both ends (Chebyshev points)
    karras    t_k = (1 + k/(n-1)·(last^(1/ρ) - 1))^ρ, then the end

Equal ratios never reach 0, so ``log`` and ``karras`` go to a small time ``last``, with one step
from there to the end. ``karras`` is ``uniform`` for ρ = 1 and ``log`` for ρ → ∞. If the end is
above ``last``, all n steps go to the end by the rule.

Source: Karras, Aittala, Aila, Laine, "Elucidating the design space of diffusion-based generative
models", 2022, equation 5, with σ read as t.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from flowviz.core.priors.base import require

LAST = 0.01
"""Default of the time from which ``log`` and ``karras`` step to t = 0."""
RHO = 7.0
"""Karras et al.'s exponent."""

_Shape = Callable[[float, float, float], float]
"""(fraction of the steps, last time, ρ) -> time, falling from 1 at 0 to the last time at 1."""


def _uniform(fraction: float, last: float, rho: float) -> float:
    return 1.0 + fraction * (last - 1.0)


def _log(fraction: float, last: float, rho: float) -> float:
    return last**fraction


def _cosine(fraction: float, last: float, rho: float) -> float:
    return last + (1.0 - last) * 0.5 * (1.0 + math.cos(math.pi * fraction))


def _karras(fraction: float, last: float, rho: float) -> float:
    return (1.0 + fraction * (last ** (1.0 / rho) - 1.0)) ** rho


GRIDS: dict[str, _Shape] = {
    "uniform": _uniform,
    "log": _log,
    "cosine": _cosine,
    "karras": _karras,
}
_STOPS_SHORT = {"log", "karras"}


def time_grid(
    name: str, n: int, end: float = 0.0, last: float = LAST, rho: float = RHO
) -> tuple[float, ...]:
    """n + 1 falling times from 1 to ``end``.

    Args:
        name: a key of `GRIDS`.
        n: number of steps, at least 1.
        end: the last time, in [0, 1).
        last: the time from which ``log`` and ``karras`` step to the end.
        rho: the exponent of ``karras``.

    Raises:
        ValueError: for an unknown name, n < 1, or times out of order.
    """
    require(name in GRIDS, f"grid must be one of {', '.join(GRIDS)}, got {name!r}")
    require(n >= 1, f"a grid needs at least 1 step, got {n}")
    require(0.0 <= end < 1.0, f"end must lie in [0, 1), got {end!r}")
    require(0.0 < last < 1.0, f"last must lie in (0, 1), got {last!r}")
    require(rho >= 1.0, f"rho must be at least 1, got {rho!r}")
    shape = GRIDS[name]
    short = name in _STOPS_SHORT and end < last
    steps, low = (n - 1, last) if short else (n, end)
    times = [shape(k / steps, low, rho) for k in range(1, steps)]
    tail = [low, end] if short and steps else [end]
    return (1.0, *times, *tail)


@dataclass(frozen=True)
class TimeGrid:
    """`time_grid` for any number of steps.

    ``name`` a key of `GRIDS`; ``end``, the last time; ``last`` and ``rho``, parameters.
    """

    name: str = "uniform"
    end: float = 0.0
    last: float = LAST
    rho: float = RHO

    def times(self, n: int) -> tuple[float, ...]:
        """The times of n steps."""
        return time_grid(self.name, n, self.end, self.last, self.rho)
