"""An initial value problem dy/dτ = g(τ, y) for many trajectories, and its solution."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from flowviz.core.numerics.ode.events import Direct, Events, Formula
from flowviz.core.numerics.ode.interpolant import DenseOutput

Slope = Callable[[Tensor, Tensor], Tensor]
Settled = Callable[[Tensor, Tensor], Tensor]
Project = Callable[[Tensor, Tensor], Tensor]
Horizon = Callable[[Tensor, Tensor, Tensor, Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Segment:
    """Accepted steps, one row each; errors are propagated along them (``transport.error_bounds``).

    ``rows`` (M,), their trajectories; ``interpolant``, the steps; ``slopes`` (2, M, d), at the end
    of a step and at the beginning of the next, which differ where a step ends at a jump of g;
    ``error`` (M,), the estimated error of each.
    """

    rows: Tensor
    interpolant: DenseOutput
    slopes: Tensor
    error: Tensor


@dataclass(frozen=True)
class Solution:
    """Values at the output times, and statistics.

    ``y`` (Q, T, d) at the output times; ``last`` (Q, d), ``slope`` (Q, d) and ``tau`` (Q,) where
    each trajectory settled or ended; ``error`` (Q,), the sum of its error estimates, in units of y;
    ``evaluations`` of g in all; ``finished`` (Q,), False where the steps ran out;
    ``segments``, the accepted steps in order, if the problem asks for them.
    """

    y: Tensor
    last: Tensor
    slope: Tensor
    tau: Tensor
    error: Tensor
    evaluations: int
    finished: Tensor
    segments: list[Segment] = field(default_factory=list)


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
        project: optional, (τ, y) -> the nearest y at which g is defined: applied to output values,
            and to the ends of steps unless formulas continue beyond the edges (``events``).
        unit: optional τ (M,) -> the length the tolerance is measured in, (M,).
        events: where g's formula changes, if it does; its formulas then replace ``slope`` and
            ``settled``.
        horizon: optional (rows, τ, y, slope) -> whether the slope is final, (M,), instead of
            ``settled``, and the longest step allowed, (M,).
        keep_segments: whether the solution holds the accepted steps.
        max_steps: the default of `solve` if 0; a trajectory not finished then has an infinite
            error.
    """

    slope: Slope
    start: float
    end: float
    tolerance: float
    step: float
    settled: Settled
    project: Project | None = None
    unit: Callable[[Tensor], Tensor] | None = None
    events: Events | None = None
    horizon: Horizon | None = None
    keep_segments: bool = False
    max_steps: int = 0

    def allowed(self, tau: Tensor) -> Tensor:
        """The error a step to τ may have, (M,)."""
        return self.tolerance * (torch.ones_like(tau) if self.unit is None else self.unit(tau))

    def covered(self, tau: Tensor) -> Tensor:
        """The fraction of [start, end] that ends at τ, (M,); in log τ where start > 0."""
        if self.start <= 0.0:
            return (tau - self.start) / (self.end - self.start)
        return torch.log(tau / self.start) / math.log(self.end / self.start)

    def formula(self, sides: Tensor) -> Formula:
        """The slope by the formulas of these sides, (M, E)."""
        if self.events is None:
            return _SingleFormula(self.slope, self.settled)
        return self.events.formula(sides)


@dataclass(frozen=True)
class _SingleFormula(Direct):
    """One formula everywhere, for a slope without events."""

    slope: Slope
    settled: Settled

    def __call__(self, tau: Tensor, y: Tensor, /) -> Tensor:
        return self.slope(tau, y)

    def select(self, rows: Tensor) -> _SingleFormula:
        return self
