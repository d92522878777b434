"""Slopes whose formula changes: a step ends where the next formula begins.

The slope g(τ, y) of some equations is smooth only in pieces: it has one formula while certain
*watched* numbers c_e(τ, y) stay between two *borders*, and another beyond. A step of high order
across a border has none of its order left, and an error estimate that may miss it. Here a trial
step is taken with the formulas of the side it starts on, continued smoothly beyond the border; if
a watched number has passed a border, the step is cut where the interpolant crosses it, and the next
step starts from there with the next formula. So every step that is kept is of full order.

A crossing that changes the slope by less than the tolerance has room for is not worth a cut.

Source: E. Hairer, S. P. Nørsett, G. Wanner, "Solving Ordinary Differential Equations I", second
edition 1993, section II.6, on discontinuous equations and on continuous output for locating events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from flowviz.core.numerics.ode.interpolant import Dense
from flowviz.core.numerics.roots import solve_bracketed

SAMPLES = 4
"""Places of a step at which the watched numbers are looked at."""
_LOCATED = 4e-14
"""How exactly a crossing is located, as a share of its step."""
_AT_ONCE = 1e-13
"""Crossings closer together than this share of a step are one."""
_HALVINGS = 44
"""How often a bracket that starts on a border is halved to find a place on its inner side."""


class Interpolant(Protocol):
    """Steps in between their ends, as `Dense`."""

    @property
    def tau(self) -> Tensor: ...
    @property
    def step(self) -> Tensor: ...
    def along(self, share: Tensor) -> Tensor: ...
    def samples(self, count: int) -> tuple[Tensor, Tensor]: ...
    def only(self, which: Tensor) -> Interpolant: ...


class Formula(Protocol):
    """A slope by formulas that stay the same during a step.

    What is stepped, y, are positions x (`Direct`) or the formula's own coordinates
    (``transport.arcsine``).
    """

    def __call__(self, tau: Tensor, y: Tensor, /) -> Tensor:
        """The slope dy/dτ, (M,), (M, d) -> (M, d)."""
        ...

    def settled(self, tau: Tensor, y: Tensor, /) -> Tensor:
        """Whether the velocity is final, (M,)."""
        ...

    def only(self, which: Tensor) -> Formula:
        """The formulas of some rows."""
        ...

    def ending(self, tau: Tensor, y: Tensor, /) -> tuple[Tensor, Tensor] | None:
        """If some rows cannot go on: the numbers that go to the next side, (M, E), and which y."""
        ...

    def to_coordinates(self, tau: Tensor, x: Tensor, /) -> Tensor:
        """The y of positions, (M, d)."""
        ...

    def to_positions(self, tau: Tensor, y: Tensor, /) -> Tensor:
        """The positions of y, (M, d)."""
        ...

    def velocity(self, tau: Tensor, y: Tensor, slope: Tensor, /) -> Tensor:
        """dx/dτ where dy/dτ is known, (M, d)."""
        ...

    def in_positions(self, way: Dense, /) -> Interpolant:
        """Steps in y as steps in x."""
        ...


class Direct:
    """Formulas that step positions themselves, and hold as long as one likes."""

    def ending(self, tau: Tensor, y: Tensor, /) -> tuple[Tensor, Tensor] | None:
        return None

    def to_coordinates(self, tau: Tensor, x: Tensor, /) -> Tensor:
        return x

    def to_positions(self, tau: Tensor, y: Tensor, /) -> Tensor:
        return y

    def velocity(self, tau: Tensor, y: Tensor, slope: Tensor, /) -> Tensor:
        return slope

    def in_positions(self, way: Dense, /) -> Interpolant:
        return way


@dataclass(frozen=True)
class PositionInterpolant:
    """Steps in coordinates of a formula's own, as positions."""

    way: Dense
    formula: Formula

    @property
    def tau(self) -> Tensor:
        return self.way.tau

    @property
    def step(self) -> Tensor:
        return self.way.step

    def along(self, share: Tensor) -> Tensor:
        return self.formula.to_positions(self.tau + share * self.step, self.way.along(share))

    def samples(self, count: int) -> tuple[Tensor, Tensor]:
        tau, y = self.way.samples(count)
        return tau, torch.stack(
            [self.formula.to_positions(*both) for both in zip(tau, y, strict=True)]
        )

    def only(self, which: Tensor) -> PositionInterpolant:
        return PositionInterpolant(self.way.only(which), self.formula.only(which))


@dataclass(frozen=True)
class Events:
    """Where a slope's formula changes.

    Args:
        watched: τ (M,), x (M, d) -> the watched numbers, (M, E).
        one: τ (L,), x (L, d), which (L,) -> one watched number of each row, (L,).
        borders: where formulas change, rising, (K,).
        formula: sides (M, E) -> the slope by the formulas of those sides.
        every: whether every crossing is worth a cut, as where coordinates change with formulas.
        turning: whether watched numbers turn: they may pass a border and be back between samples.
    """

    event_functions: Callable[[Tensor, Tensor], Tensor]
    one: Callable[[Tensor, Tensor, Tensor], Tensor]
    borders: Tensor
    formula: Callable[[Tensor], Formula]
    every: bool = False
    turning: bool = False

    def sides(self, tau: Tensor, x: Tensor) -> Tensor:
        """How many borders lie below each watched number, (M, E), int8."""
        return self._sides(self.event_functions(tau, x))

    def _sides(self, number: Tensor) -> Tensor:
        # A few comparisons take a fifth of torch.bucketize's time.
        first, *others = self.borders
        sides = (number > first).to(torch.int8)
        for border in others:
            sides += number > border
        return sides

    def crossed(self, sides: Tensor, way: Interpolant) -> tuple[Tensor, Tensor]:
        """The first place of each step at which a watched number is seen beyond its side.

        Args:
            sides: on which the steps started, (M, E).
            way: the steps.

        Returns:
            Where it is as a share of the step, 0 where nothing was passed, (M,), and the sides
            there, (M, E).
        """
        tau, x = way.samples(SAMPLES)
        number = self.event_functions(tau.reshape(-1), x.flatten(0, 1)).reshape(
            SAMPLES, *sides.shape
        )
        now = self._sides(number)
        new = (now != sides).any(-1)
        index = torch.arange(1, SAMPLES + 1, device=sides.device)[:, None]
        first = torch.where(new, index, SAMPLES + 1).amin(0) % (SAMPLES + 1)
        every = torch.arange(len(sides), device=sides.device)
        share, there = first.to(way.step) / SAMPLES, now[(first - 1).clamp(min=0), every]
        return (
            self._crossed_twice(sides, way, number, share, there)
            if self.turning
            else (share, there)
        )

    def _crossed_twice(
        self, sides: Tensor, way: Interpolant, number: Tensor, share: Tensor, there: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The same, where a number may pass a border and be back before the next sample.

        The parabola through three samples tells where such a number turns, and there it is looked
        at.
        """
        start = way.along(torch.zeros_like(way.tau))
        number = torch.cat([self.event_functions(way.tau, start)[None], number])
        before, here, after = number[:-2], number[1:-1], number[2:]
        slope, bend = 0.5 * (after - before), after - 2.0 * here + before
        offset = (-slope / bend).nan_to_num(2.0, 2.0, 2.0)
        most = here + 0.5 * slope * offset
        center = torch.arange(1, SAMPLES, device=sides.device).to(way.step)[:, None, None]
        at = (center + offset) / SAMPLES
        limit = torch.where(share > 0.0, share, 1.0)[:, None]
        over = (offset.abs() <= 1.0) & (self._sides(most) != sides) & (at < limit)
        which, row, line = over.nonzero(as_tuple=True)
        if row.numel() == 0:
            return share, there
        when, lane = at[which, row, line], way.only(row)
        found = self._sides(self.one(lane.tau + when * lane.step, lane.along(when), line))
        real = found != sides[row, line]
        row, when = row[real], when[real]
        first = limit[:, 0].scatter_reduce(0, row, when, "amin")
        some = (first < limit[:, 0]).nonzero()[:, 0]
        if some.numel():
            turn, early = way.only(some), first[some]
            share, there = share.clone(), there.clone()
            share[some] = early
            there[some] = self.sides(turn.tau + early * turn.step, turn.along(early))
        return share, there

    def cut(self, sides: Tensor, way: Interpolant) -> tuple[Tensor, Tensor]:
        """Where each step meets its first border, as a share of it, and the sides beyond.

        Args:
            sides: on which the steps started, (M, E).
            way: the steps.

        Returns:
            Shares (M,), 1 where no border is met; the sides from there on, (M, E).
        """
        first, there = self.crossed(sides, way)
        row, line = ((there != sides) & (first > 0)[:, None]).nonzero(as_tuple=True)
        share = way.step.new_ones(len(sides))
        if row.numel() == 0:
            return share, sides
        before, after, lane = sides[row, line], there[row, line], way.only(row)
        border = self.borders[torch.where(after > before, before, before - 1).long()]

        def gap(at: Tensor) -> Tensor:
            return self.one(lane.tau + at * lane.step, lane.along(at), line) - border

        end = first[row]
        low = (torch.ceil(end * SAMPLES - 1e-9) - 1.0).clamp(min=0.0) / SAMPLES
        inner = torch.where(after > before, -1.0, 1.0)
        low = _inside(gap, low, end, inner)
        # Without a change of sign it was beyond the border, by rounding, from the start.
        root = solve_bracketed(gap, low, end, _LOCATED).nan_to_num(0.0)
        share = share.scatter_reduce(0, row, root, "amin")
        met = root <= share[row] + _AT_ONCE
        beyond = sides.clone()
        beyond[row[met], line[met]] += torch.where(after > before, 1, -1)[met].to(torch.int8)
        return share, beyond


def _inside(gap: Callable[[Tensor], Tensor], low: Tensor, high: Tensor, inner: Tensor) -> Tensor:
    """Lower ends of brackets at which the gap has its inner sign, as far as there are any, (L,).

    A step that starts where the last one was cut starts on a border: there rounding decides the
    gap's sign, although the number may enter its side and leave it within this step.
    """
    start, wrong = low, gap(low).sign() != inner
    for halving in range(1, _HALVINGS):
        if not bool(wrong.any()):
            break
        at = start + (high - start) * 0.5**halving
        found = wrong & (gap(at).sign() == inner)
        low, wrong = torch.where(found, at, low), wrong & ~found
    return low
