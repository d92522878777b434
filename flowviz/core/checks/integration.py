"""Trajectories against Runge-Kutta steps of the field between their drawn nodes.

In s = log t the flow is dx/ds = t f_t(x), which is not singular at t = 0. The classical method of
fourth order goes from each node to the next one down; half as long steps tell how well it knows the
way, and are halved again where it does not: across a kink of the field they converge slowly.

A gap may be what both nodes' own stated errors leave, and what the steps do not know themselves is
taken off it. So the bound is each piece's own; shown is the piece that comes nearest to its bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from flowviz.core.checks.invariants import Check
from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import Progress
from flowviz.core.transport import Trajectories, trajectories

STATED = 10.0
"""How many times its stated error a trajectory may be off."""
UNSTATED = 20.0
"""How many times its tolerance, where it states no error."""
ROUNDING_BOUND = 1e-8
"""What a gap may be besides, in units of the prior's half-width where that is more than 1."""

_HALVINGS, _MORE, _MOST = 4, 6, 8
"""At first, where a gap is open, and where it is open still."""
_OPEN = 4
"""Gaps that are looked at more closely, the widest."""
_PAIRS = 20_000
"""Pieces × data points that are looked at."""
_FINER = 30.0
_SAFETY = 4.0
"""A step across a jump is off by up to twice what halving it changes."""
_REACH = 1e-9
"""Of the prior, on either side: x₁ further out does not matter."""
_CORE = 1e-3
"""Further out, on either side, no density has narrow hills."""
_FALL = 1.0 / 16.0
"""By what the error of a method of fourth order falls when its steps are halved."""
_FEWEST_FOLLOWED = 0.05
"""Of the pieces, so many must be followed."""


def integration(
    field: MarginalField,
    shown: Trajectories,
    tolerance: float = 0.0,
    most: int = _PAIRS,
    seed: int = 2,
) -> Check:
    """The gap between a drawn node and the step from the one before that is nearest its bound.

    Of every gap is taken off what the steps do not know themselves, and where it is larger than the
    bound also what the bound makes of itself on the way: beside a separatrix the flow stretches it.

    Args:
        field: the flow, asked by its public call alone.
        shown: the trajectories as they are drawn, with their errors.
        tolerance: what their steps may err where they state no error, in units of the prior's
            half-width.
        most: pieces of trajectories × data points; random trajectories are taken.
        seed: of that choice.
    """
    order = shown.t.argsort(descending=True)
    t, inner = shown.t[order], int((shown.t > 0).sum())
    pieces = inner - 1
    count = min(len(shown.x), max(2, most // (field.n * max(1, pieces))))
    chosen = torch.randperm(len(shown.x), generator=torch.Generator().manual_seed(seed))[:count]
    x = shown.x[chosen][:, order[:inner]]
    allowed = allowed_error(field, shown.error[chosen][:, order[:inner]], tolerance)
    here, there = (v.reshape(-1, field.d) for v in (x[:, :-1], x[:, 1:]))
    begin, end = (v.repeat(count) for v in (t[: inner - 1], t[1:inner]))
    bound = (allowed[:, :-1] + allowed[:, 1:]).reshape(-1)
    segments = _Pieces(field, here, there, begin, end, bound)
    gap = segments.gaps()
    open_ = torch.where(gap > bound, gap / bound, -torch.inf).topk(min(_OPEN, len(gap))).indices
    open_ = open_[gap[open_] > bound[open_]]
    if len(open_):
        # What is not looked at more closely is nearer to its bound than what is.
        gap[gap > bound] = torch.nan
    for halvings in (_MORE, _MOST):
        if len(open_):
            gap[open_] = segments.closely(open_, halvings)
            open_ = open_[gap[open_] > bound[open_]]
    known = gap.isfinite()
    if known.double().mean() < _FEWEST_FOLLOWED:
        return Check(math.nan, float(bound.max()))
    return nearest_to_bound(gap[known].clamp(min=0.0), bound[known])


def refinement(
    field: MarginalField,
    shown: Trajectories,
    tolerance: float,
    most: int = 8,
    progress: Progress | None = None,
) -> Check:
    """The move, nearest its bound, of trajectories that are solved again at a thirtieth of it.

    Args:
        field: the flow.
        shown: trajectories from t = 1, with their errors.
        tolerance: theirs, in units of the prior's half-width.
        most: how many are solved again.
        progress: told the share that is done.
    """
    x1 = shown.x[:most, int(shown.t.argmax())]
    again = trajectories(field, x1, shown.t, tolerance / _FINER, progress=progress)
    moved = (again.x - shown.x[:most]).abs().amax(-1)
    bound = allowed_error(field, shown.error[:most], tolerance)
    return nearest_to_bound(moved, bound + allowed_error(field, again.error, tolerance))


def allowed_error(field: MarginalField, error: Tensor, tolerance: float) -> Tensor:
    """How far from the true one a position may be by its stated error, of any shape."""
    low, high = field.prior.interval(0.25)
    half = 0.5 * (high - low)
    stated_error = torch.where(error.isfinite(), STATED * error, UNSTATED * tolerance * half)
    return stated_error + 0.5 * ROUNDING_BOUND * max(1.0, half)


def nearest_to_bound(value: Tensor, bound: Tensor) -> Check:
    """Of many values the one nearest to its bound, or furthest beyond; of zeros the least sure."""
    value, bound = value.flatten(), bound.flatten()
    share = value / bound
    which = int(share.argmax()) if float(share.max()) > 0.0 else int(bound.argmax())
    return Check(float(value[which]), float(bound[which]))


def worst(found: Iterable[Check]) -> Check:
    """The check that is nearest to its bound, or furthest beyond; one without a number first."""
    return max(found, key=lambda c: math.inf if math.isnan(c.value) else c.value / c.bound)


@dataclass(frozen=True)
class _Pieces:
    """Positions x (K, d) at ``begin`` (K,), to be followed to ``there`` (K, d) at ``end`` (K,).

    ``bound`` (K,): what the gap between the two may be.
    """

    field: MarginalField
    x: Tensor
    there: Tensor
    begin: Tensor
    end: Tensor
    bound: Tensor

    def gaps(self) -> Tensor:
        """How far the pieces end from where they should, but for four times the doubt, (K,)."""
        found, doubt = self._followed(torch.arange(len(self.x)), self.x, _HALVINGS)
        return (found - self.there).abs().amax(-1) - _SAFETY * doubt

    def closely(self, which: Tensor, halvings: int) -> Tensor:
        """The same of a few, with more steps, and less what a bound's distance becomes on the way.

        On the line a position is known as well as its level: to a rounding of it, over the density.
        """
        found, doubt = self._followed(which, self.x[which], halvings)
        sides = torch.eye(self.field.d, dtype=found.dtype)
        sides = torch.cat([sides, -sides])[:, None]
        near = (self.x[which] + self.bound[which, None] * sides).flatten(0, 1)
        moved, unsure = self._followed(which.repeat(len(sides)), near, _HALVINGS)
        away = (moved - found.repeat(len(sides), 1)).abs().amax(-1) + unsure
        grown = away.nan_to_num(0.0, 0.0).reshape(len(sides), -1).amax(0)
        if self.field.d == 1:
            p = self.field.log_prob(self.there[which], self.end[which]).exp()
            grown += (16.0 * torch.finfo(p.dtype).eps / p).clamp(max=self.there.abs().max())
        return (found - self.there[which]).abs().amax(-1) - _SAFETY * doubt - grown

    @cached_property
    def moved(self) -> Tensor:
        """x₁ of each data point at a piece's begin and end, (2, K, N, d); out of reach, at its rim.

        The end is where the next node is drawn: this only says what to be careful of.
        """
        field = self.field
        low, high = field.prior.interval(_REACH)
        ends = ((self.x, self.begin), (self.there, self.end))
        x1 = torch.stack([field.path.inverse(x, field.x0, t) for x, t in ends])
        return x1.nan_to_num(low).clamp(low, high)

    @cached_property
    def jumps(self) -> Tensor:
        """Which pieces a data point's x₁ enters or leaves the prior's support on, (K,)."""
        if self.field.prior.smooth:
            return torch.zeros(len(self.x), dtype=torch.bool)
        low, high = self.field.prior.interval(_REACH)
        x1 = self.moved
        inside = (self.field.prior.log_prob(x1) > -torch.inf) & ((x1 > low) & (x1 < high)).all(-1)
        return (inside[0] != inside[1]).any(1)

    @cached_property
    def fewest(self) -> Tensor:
        """How many steps a piece needs so as not to step over a hill of the density, (K,)."""
        width = self.field.prior.min_mode_width
        if width is None:
            return torch.ones_like(self.begin)
        begin, end = self.moved.clamp(*self.field.prior.interval(_CORE))
        return (end - begin).abs().amax((1, 2)) / (0.5 * width)

    def _doubt(self, which: Tensor, found: Tensor, left: Tensor, n: int) -> Tensor:
        """What is not known of where some pieces lead in n steps, (K,).

        What halving the steps leaves; on a piece with a jump also the whole of a step's move,
        since the jump may be anywhere in it; and nothing is known where a step is too long for the
        density's hills, nor beside an infinite end.
        """
        begin, end = self.begin[which], self.end[which]
        speed = self.field(self.x[which], begin).abs() + self.field(found, end).abs()
        step = speed.amax(-1) * (begin - end) / n
        doubt = torch.where(self.jumps[which], torch.maximum(left, step.nan_to_num(0.0)), left)
        unknown = self.fewest[which] > n
        if self.field.prior.has_singular_edges:
            unknown |= self.jumps[which]
        return torch.where(unknown, torch.inf, doubt)

    def _followed(self, which: Tensor, x: Tensor, halvings: int) -> tuple[Tensor, Tensor]:
        """Where some pieces lead from x (K, d), and what is not known of it, (K,)."""
        begin, end = self.begin[which], self.end[which]
        # Few pieces that are followed to the last halving take all step counts in one walk.
        together = (
            _every_halving(self.field, x, begin, end, halvings) if halvings >= _MORE else None
        )
        found = _steps(self.field, x, begin, end, 1) if together is None else together[0]
        doubt = torch.full_like(begin, torch.inf)
        changes = torch.full((len(x), 3), torch.inf, dtype=begin.dtype)
        rest = torch.arange(len(x))
        for halving in range(1, halvings + 1):
            if together is None:
                again = _steps(self.field, x[rest], begin[rest], end[rest], 1 << halving)
            else:
                again = together[halving]
            changed = (again - found[rest]).abs().amax(-1)
            changes[rest] = torch.cat([changes[rest, 1:], changed[:, None]], dim=1)
            left = _left(changes[rest])
            doubt[rest] = self._doubt(which[rest], again, left, 1 << halving)
            found[rest] = again
            if together is not None:
                continue  # what looks settled may have stepped over a short visit
            rest = rest[~(doubt[rest] <= self.bound[which[rest]] / (4.0 * _SAFETY))]
            if not len(rest):
                break
        return found, doubt


def _left(changes: Tensor) -> Tensor:
    """What halving steps on and on would still change, (K,), by the last three changes, (K, 3).

    As they fall off geometrically, but never faster than the method's order lets them: across a
    kink one may be small by chance. Where they do not fall off, the larger of the last two.
    """
    before, last, changed = changes.unbind(1)
    fall = torch.maximum(changed / last, last / before).nan_to_num(1.0).clamp(min=_FALL)
    rest = torch.maximum(changed, _FALL * last) * fall / (1.0 - fall)
    return torch.where(before.isfinite() & (fall < 0.5), rest, torch.maximum(changed, last))


def _every_halving(
    field: MarginalField, x: Tensor, begin: Tensor, end: Tensor, halvings: int
) -> Tensor:
    """What 1, 2, 4, … 2^halvings `_steps` lead to, (halvings + 1, K, d), in as many calls as the
    most of them take.
    """
    counts = 1 << torch.arange(halvings + 1)
    n, found = counts.repeat_interleave(len(x)), x.repeat(len(counts), 1)
    begin, end = begin.repeat(len(counts)), end.repeat(len(counts))
    for k in range(1 << halvings):
        on = n > k
        found[on] = _step(field, found[on], begin[on], end[on], k, n[on])
    return found.reshape(len(counts), *x.shape)


def _steps(field: MarginalField, x: Tensor, begin: Tensor, end: Tensor, n: int) -> Tensor:
    """n equal steps in log t of the classical Runge-Kutta method; (K, d) -> (K, d)."""
    for k in range(n):
        x = _step(field, x, begin, end, k, n)
    return x


def _step(
    field: MarginalField, x: Tensor, begin: Tensor, end: Tensor, k: int, n: Tensor | int
) -> Tensor:
    """The step number k of n, which may be another for each row."""
    ratio = (end / begin).log()[:, None] / (n[:, None] if isinstance(n, Tensor) else n)

    def slope(x: Tensor, k: float) -> Tensor:
        t = (begin * (end / begin) ** (k / n)).clamp(max=1.0)
        return ratio * t[:, None] * field(x, t)

    a = slope(x, k)
    b = slope(x + 0.5 * a, k + 0.5)
    c = slope(x + 0.5 * b, k + 0.5)
    d = slope(x + c, k + 1)
    return x + (a + 2.0 * b + 2.0 * c + d) / 6.0
