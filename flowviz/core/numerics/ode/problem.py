"""A differential equation dy/dτ = g(τ, y) for many trajectories, and what solving it tells."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from flowviz.core.numerics.ode.events import Direct, Events, Formula
from flowviz.core.numerics.ode.interpolant import Dense

Slope = Callable[[Tensor, Tensor], Tensor]
Settled = Callable[[Tensor, Tensor], Tensor]
Place = Callable[[Tensor, Tensor], Tensor]
Horizon = Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


class BudgetSpent(Exception):
    """Raised by a slope or a horizon that may not be evaluated any more: solving stops there."""


@dataclass(frozen=True)
class Segment:
    """Steps that were kept, a row for each: what carries errors on (``transport.error_bounds``).

    ``rows`` (M,), whose they are; ``way``, the steps; ``slopes`` (2, M, d), as a step ended and as
    the next begins: they differ where it was cut at a jump; ``error`` (M,), what it may have erred.
    """

    rows: Tensor
    way: Dense
    slopes: Tensor
    error: Tensor


@dataclass(frozen=True)
class Solution:
    """Values at the asked places, and how the solving went.

    ``y`` (Q, T, d) at the places asked for; ``last`` (Q, d), ``slope`` (Q, d) and ``tau`` (Q,)
    where each trajectory settled or ended; ``error`` (Q,), its error estimates added up, in units
    of y; ``evaluations`` of g in all; ``finished`` (Q,), False where steps or budget ran out;
    ``legs``, the steps one after the other, if the problem asks for them.
    """

    y: Tensor
    last: Tensor
    slope: Tensor
    tau: Tensor
    error: Tensor
    evaluations: int
    finished: Tensor
    legs: list[Segment] = field(default_factory=list)


@dataclass
class Problem:
    """dy/dτ = g(τ, y) from τ = ``start`` to ``end``.

    Args:
        slope: g: τ (M,), y (M, d) -> (M, d).
        start: the first τ.
        end: the last τ, larger.
        tolerance: the error a step may have, in units of y.
        step: the first step to try.
        settled: whether the slope at (τ, y) is final, (M,).
        place: optional correction of a (τ, y) back onto the flow's support: of what is read, and
            of where steps end, unless formulas go on beyond the edges (``events``).
        unit: optional τ (M,) -> the length the tolerance is measured in, (M,).
        events: where g's formula changes, if it does; its formulas then stand for ``slope`` and
            ``settled``.
        horizon: optional (rows, τ, y, slope) -> whether the slope is final, (M,), instead of
            ``settled``, and the longest step that misses nothing, (M,).
        remember: whether to keep the steps.
        most: steps at most, ``MAX_STEPS`` if 0; what is not finished then has an infinite error.
    """

    slope: Slope
    start: float
    end: float
    tolerance: float
    step: float
    settled: Settled
    place: Place | None = None
    unit: Callable[[Tensor], Tensor] | None = None
    events: Events | None = None
    horizon: Horizon | None = None
    remember: bool = False
    most: int = 0

    def allowed(self, tau: Tensor) -> Tensor:
        """The error a step to τ may have, (M,)."""
        return self.tolerance * (torch.ones_like(tau) if self.unit is None else self.unit(tau))

    def covered(self, tau: Tensor) -> Tensor:
        """How much of the way lies behind τ, 0 to 1, (M,); by orders of magnitude from τ > 0 on."""
        if self.start <= 0.0:
            return (tau - self.start) / (self.end - self.start)
        return torch.log(tau / self.start) / math.log(self.end / self.start)

    def formula(self, sides: Tensor) -> Formula:
        """The slope by the formulas of these sides, (M, E)."""
        if self.events is None:
            return _Everywhere(self.slope, self.settled)
        return self.events.formula(sides)


@dataclass(frozen=True)
class _Everywhere(Direct):
    """One formula for all, without kinks."""

    slope: Slope
    settled: Settled

    def __call__(self, tau: Tensor, y: Tensor, /) -> Tensor:
        return self.slope(tau, y)

    def only(self, which: Tensor) -> _Everywhere:
        return self
