"""Trajectories against Runge-Kutta steps of the field between their drawn nodes.

In s = log t the flow is dx/ds = t f_t(x), which is not singular at t = 0. The classical method of
fourth order goes from each node to the next one down; half as long steps tell how well it knows the
way, and are halved again where it does not: across a kink of the field they converge slowly.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from flowviz.core.checks.invariants import Check
from flowviz.core.field import MarginalField
from flowviz.core.transport import Trajectories

_HALVINGS = 6
_PAIRS = 100_000
"""Pieces × data points that are looked at."""
_SAFETY = 4.0
"""A step across a jump is off by up to twice what halving it changes."""
_KNOWN = 0.5
"""Of the pieces, so many must be followed."""


def integration(
    field: MarginalField, shown: Trajectories, bound: float, most: int = _PAIRS, seed: int = 2
) -> Check:
    """The largest gap between a drawn node and the step from the one before.

    Of every gap is taken off what the steps do not know themselves, and where it is larger than the
    bound also what the bound makes of itself on the way: beside a separatrix the flow stretches it.

    Args:
        field: the flow, asked by its public call alone.
        shown: the trajectories as they are drawn.
        bound: what a gap may be, in units of x.
        most: pieces of trajectories × data points; random trajectories are taken.
        seed: of that choice.
    """
    order = shown.t.argsort(descending=True)
    t, inner = shown.t[order], int((shown.t > 0).sum())
    pieces = inner - 1
    count = min(len(shown.x), max(2, most // (field.n * max(1, pieces))))
    some = torch.randperm(len(shown.x), generator=torch.Generator().manual_seed(seed))[:count]
    x = shown.x[some][:, order[:inner]]
    here, there = (v.reshape(-1, field.d) for v in (x[:, :-1], x[:, 1:]))
    begin, end = (v.repeat(count) for v in (t[: inner - 1], t[1:inner]))
    found, doubt = _followed(field, here, begin, end, bound)
    gap = (found - there).abs().amax(-1) - _SAFETY * doubt
    open_ = (gap > bound).nonzero().squeeze(-1)
    if len(open_):
        args = begin[open_], end[open_], bound
        grown = torch.zeros(len(open_), dtype=gap.dtype)
        for axis in torch.eye(field.d, dtype=x.dtype):
            for side in (-bound, bound):
                moved, unsure = _followed(field, here[open_] + side * axis, *args)
                growth = (moved - found[open_]).abs().amax(-1) + unsure
                grown = torch.maximum(grown, growth.nan_to_num(0.0))
        gap[open_] -= grown
    known = gap.isfinite()
    if known.double().mean() < _KNOWN:
        return Check(math.nan, bound)
    return Check(float(gap[known].clamp(min=0.0).max()), bound)


def _followed(
    field: MarginalField, x: Tensor, begin: Tensor, end: Tensor, bound: float
) -> tuple[Tensor, Tensor]:
    """Positions at ``end`` of what is at x (K, d) at ``begin``, and what halving changed, (K,)."""
    found = _steps(field, x, begin, end, 1)
    doubt = torch.full_like(begin, torch.inf)
    rest = torch.arange(len(x))
    for halving in range(1, _HALVINGS + 1):
        again = _steps(field, x[rest], begin[rest], end[rest], 1 << halving)
        doubt[rest] = (again - found[rest]).abs().amax(-1)
        found[rest] = again
        rest = rest[~(doubt[rest] <= bound / (4.0 * _SAFETY))]
        if not len(rest):
            break
    return found, doubt


def _steps(field: MarginalField, x: Tensor, begin: Tensor, end: Tensor, n: int) -> Tensor:
    """n equal steps in log t of the classical Runge-Kutta method; (K, d) -> (K, d)."""
    ratio = (end / begin).log()[:, None] / n

    def slope(x: Tensor, k: float) -> Tensor:
        t = (begin * (end / begin) ** (k / n)).clamp(max=1.0)
        return ratio * t[:, None] * field(x, t)

    for k in range(n):
        a = slope(x, k)
        b = slope(x + 0.5 * a, k + 0.5)
        c = slope(x + 0.5 * b, k + 0.5)
        d = slope(x + c, k + 1)
        x = x + (a + 2.0 * b + 2.0 * c + d) / 6.0
    return x
