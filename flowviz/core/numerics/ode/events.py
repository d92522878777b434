"""Event location for piecewise smooth slopes: a step ends where the formula changes (MATH §3.12).

The slope g(τ, y) of some equations is smooth only in pieces: it has one formula while certain
*event functions* c_e(τ, y) stay between two *thresholds*, and another beyond. A step of high order
across a threshold loses its order, and its error estimate may not notice. Here a trial step is
taken with the formulas of the side it starts on, continued smoothly beyond the threshold. If an
event function has crossed a threshold, the step is shortened to the crossing of its interpolant,
and the next step starts from there with the next formula. So every accepted step has full order.

A crossing that changes the slope by much less than the tolerance allows does not end a step.

Source: E. Hairer, S. P. Nørsett, G. Wanner, "Solving Ordinary Differential Equations I", second
edition 1993, section II.6, on discontinuous equations and on continuous output for locating events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from flowviz.core.numerics.ode.interpolant import DenseOutput
from flowviz.core.numerics.roots import solve_bracketed
from flowviz.core.numerics.work import spend

SAMPLES = 4
"""Points of a step at which the event functions are evaluated."""
_LOCATED = 4e-14
"""Accuracy of a located crossing, as a fraction of its step."""
_SIMULTANEOUS = 1e-13
"""Crossings closer together than this fraction of a step are taken as one."""
_HALVINGS = 44
"""How often a bracket that starts on a threshold is halved to find a point before it."""


class Interpolant(Protocol):
    """Dense output of steps, as `DenseOutput`."""

    @property
    def tau(self) -> Tensor: ...
    @property
    def step(self) -> Tensor: ...
    def evaluate(self, fraction: Tensor) -> Tensor: ...
    def samples(self, count: int) -> tuple[Tensor, Tensor]: ...
    def select(self, rows: Tensor) -> Interpolant: ...


class Formula(Protocol):
    """A slope by formulas that stay the same during a step.

    The solver's variable y is the position x (`Direct`), or coordinates that the formula defines
    (``transport.arcsine``).
    """

    def __call__(self, tau: Tensor, y: Tensor, /) -> Tensor:
        """The slope dy/dτ, (M,), (M, d) -> (M, d)."""
        ...

    def settled(self, tau: Tensor, y: Tensor, /) -> Tensor:
        """Whether the velocity is final, (M,)."""
        ...

    def select(self, rows: Tensor) -> Formula:
        """The formulas of these rows."""
        ...

    def limited(self, tau: Tensor, length: Tensor, /) -> Tensor:
        """The lengths of steps from τ that end before corners of the slope, (M,)."""
        ...

    def ending(self, tau: Tensor, y: Tensor, /) -> tuple[Tensor, Tensor] | None:
        """Where the coordinates degenerate: changes of the sides, (M, E), and the y to continue
        from, (M, d); None where no row does.
        """
        ...

    def to_coordinates(self, tau: Tensor, x: Tensor, /) -> Tensor:
        """The y of positions, (M, d)."""
        ...

    def to_positions(self, tau: Tensor, y: Tensor, /) -> Tensor:
        """The positions of y, (M, d)."""
        ...

    def velocity(self, tau: Tensor, y: Tensor, slope: Tensor, /) -> Tensor:
        """dx/dτ from dy/dτ, (M, d)."""
        ...

    def in_positions(self, dense: DenseOutput, /) -> Interpolant:
        """The interpolant of x from that of y."""
        ...


class Direct:
    """Formulas whose variable is the position itself, and never degenerates."""

    def limited(self, tau: Tensor, length: Tensor, /) -> Tensor:
        return length

    def ending(self, tau: Tensor, y: Tensor, /) -> tuple[Tensor, Tensor] | None:
        return None

    def to_coordinates(self, tau: Tensor, x: Tensor, /) -> Tensor:
        return x

    def to_positions(self, tau: Tensor, y: Tensor, /) -> Tensor:
        return y

    def velocity(self, tau: Tensor, y: Tensor, slope: Tensor, /) -> Tensor:
        return slope

    def in_positions(self, dense: DenseOutput, /) -> Interpolant:
        return dense


@dataclass(frozen=True)
class PositionInterpolant:
    """The interpolant of positions x, from that of a formula's coordinates y."""

    dense: DenseOutput
    formula: Formula

    @property
    def tau(self) -> Tensor:
        return self.dense.tau

    @property
    def step(self) -> Tensor:
        return self.dense.step

    def evaluate(self, fraction: Tensor) -> Tensor:
        tau = self.tau + fraction * self.step
        return self.formula.to_positions(tau, self.dense.evaluate(fraction))

    def samples(self, count: int) -> tuple[Tensor, Tensor]:
        tau, y = self.dense.samples(count)
        return tau, torch.stack(
            [self.formula.to_positions(*both) for both in zip(tau, y, strict=True)]
        )

    def select(self, rows: Tensor) -> PositionInterpolant:
        return PositionInterpolant(self.dense.select(rows), self.formula.select(rows))


@dataclass(frozen=True)
class Events:
    """Where a slope's formula changes.

    Args:
        event_functions: τ (M,), x (M, d) -> all event functions, (M, E).
        event_function: τ (L,), x (L, d), index (L,) -> one event function for each row, (L,).
        thresholds: where formulas change, rising, (K,).
        formula: sides (M, E) -> the slope by the formulas of those sides.
        locate_all: whether every crossing ends a step, as where coordinates change with formulas.
        non_monotone: whether an event function may cross a threshold and return between samples.
    """

    event_functions: Callable[[Tensor, Tensor], Tensor]
    event_function: Callable[[Tensor, Tensor, Tensor], Tensor]
    thresholds: Tensor
    formula: Callable[[Tensor], Formula]
    locate_all: bool = False
    non_monotone: bool = False

    def sides(self, tau: Tensor, x: Tensor) -> Tensor:
        """How many thresholds lie below each event function, (M, E), int8."""
        return self._sides(self.event_functions(tau, x))

    def _sides(self, value: Tensor) -> Tensor:
        # A few comparisons take a fifth of torch.bucketize's time.
        first, *others = self.thresholds
        sides = (value > first).to(torch.int8)
        for threshold in others:
            sides += value > threshold
        return sides

    def crossed(self, sides: Tensor, interpolant: Interpolant) -> tuple[Tensor, Tensor]:
        """The first sample of each step at which an event function has left its side.

        Args:
            sides: at the beginning of the steps, (M, E).
            interpolant: the steps.

        Returns:
            The fraction of the step, 0 where nothing was crossed, (M,), and the sides there,
            (M, E).
        """
        tau, x = interpolant.samples(SAMPLES)
        spend(SAMPLES * sides.numel(), 3.0)
        value = self.event_functions(tau.reshape(-1), x.flatten(0, 1)).reshape(
            SAMPLES, *sides.shape
        )
        sampled = self._sides(value)
        left = (sampled != sides).any(-1)
        index = torch.arange(1, SAMPLES + 1, device=sides.device)[:, None]
        first = torch.where(left, index, SAMPLES + 1).amin(0) % (SAMPLES + 1)
        row = torch.arange(len(sides), device=sides.device)
        fraction = first.to(interpolant.step) / SAMPLES
        beyond = sampled[(first - 1).clamp(min=0), row]
        return (
            self._crossed_twice(sides, interpolant, value, fraction, beyond)
            if self.non_monotone
            else (fraction, beyond)
        )

    def _crossed_twice(
        self,
        sides: Tensor,
        interpolant: Interpolant,
        value: Tensor,
        fraction: Tensor,
        beyond: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """The same, including crossings that return before the next sample.

        The parabola through three samples predicts where an event function has its extremum; it is
        evaluated there.
        """
        start = interpolant.evaluate(torch.zeros_like(interpolant.tau))
        value = torch.cat([self.event_functions(interpolant.tau, start)[None], value])
        before, here, after = value[:-2], value[1:-1], value[2:]
        slope, curvature = 0.5 * (after - before), after - 2.0 * here + before
        offset = (-slope / curvature).nan_to_num(2.0, 2.0, 2.0)
        extremum = here + 0.5 * slope * offset
        center = torch.arange(1, SAMPLES, device=sides.device).to(interpolant.step)[:, None, None]
        at = (center + offset) / SAMPLES
        limit = torch.where(fraction > 0.0, fraction, 1.0)[:, None]
        over = (offset.abs() <= 1.0) & (self._sides(extremum) != sides) & (at < limit)
        which, row, event = over.nonzero(as_tuple=True)
        if row.numel() == 0:
            return fraction, beyond
        when, dense = at[which, row, event], interpolant.select(row)
        tau = dense.tau + when * dense.step
        found = self._sides(self.event_function(tau, dense.evaluate(when), event))
        real = found != sides[row, event]
        row, when = row[real], when[real]
        first = limit[:, 0].scatter_reduce(0, row, when, "amin")
        earlier = (first < limit[:, 0]).nonzero()[:, 0]
        if earlier.numel():
            dense, when = interpolant.select(earlier), first[earlier]
            fraction, beyond = fraction.clone(), beyond.clone()
            fraction[earlier] = when
            beyond[earlier] = self.sides(dense.tau + when * dense.step, dense.evaluate(when))
        return fraction, beyond

    def locate(self, sides: Tensor, interpolant: Interpolant) -> tuple[Tensor, Tensor]:
        """Where each step first crosses a threshold, and the sides beyond.

        Args:
            sides: at the beginning of the steps, (M, E).
            interpolant: the steps.

        Returns:
            Fractions of the steps (M,), 1 where nothing is crossed; the sides beyond, (M, E).
        """
        first, there = self.crossed(sides, interpolant)
        row, event = ((there != sides) & (first > 0)[:, None]).nonzero(as_tuple=True)
        fraction = interpolant.step.new_ones(len(sides))
        if row.numel() == 0:
            return fraction, sides
        before, after, dense = sides[row, event], there[row, event], interpolant.select(row)
        threshold = self.thresholds[torch.where(after > before, before, before - 1).long()]

        def gap(at: Tensor) -> Tensor:
            tau = dense.tau + at * dense.step
            return self.event_function(tau, dense.evaluate(at), event) - threshold

        end = first[row]
        low = (torch.ceil(end * SAMPLES - 1e-9) - 1.0).clamp(min=0.0) / SAMPLES
        low = _before_crossing(gap, low, end, torch.where(after > before, -1.0, 1.0))
        # Without a change of sign it was beyond the threshold, by rounding, from the start.
        root = solve_bracketed(gap, low, end, _LOCATED).nan_to_num(0.0)
        fraction = fraction.scatter_reduce(0, row, root, "amin")
        together = root <= fraction[row] + _SIMULTANEOUS
        beyond = sides.clone()
        change = torch.where(after > before, 1, -1)[together].to(torch.int8)
        beyond[row[together], event[together]] += change
        return fraction, beyond


def _before_crossing(
    gap: Callable[[Tensor], Tensor], low: Tensor, high: Tensor, sign: Tensor
) -> Tensor:
    """Lower ends of brackets at which the gap has the sign before its crossing, if anywhere, (L,).

    A step that starts where the last one was cut starts on a threshold: there rounding decides the
    gap's sign, although the event function may leave the threshold and return within this step.
    """
    start, wrong = low, gap(low).sign() != sign
    for halving in range(1, _HALVINGS):
        if not bool(wrong.any()):
            break
        at = start + (high - start) * 0.5**halving
        found = wrong & (gap(at).sign() == sign)
        low, wrong = torch.where(found, at, low), wrong & ~found
    return low
