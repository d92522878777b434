"""The worst of a family between the places of a grid: its least determinant, its largest jump.

Both begin where a grid says that it is worst, for several starts at once, and look ever more
closely: one by a pattern search, the other by bisection.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import torch
from torch import Tensor

Pointwise = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(z (M, d), x0 (M, d), t (M,)) -> (M,) or (M, d)."""

Worst = tuple[Tensor, Tensor, Tensor, float]
"""z (d,), x0 (d,), t () and the value there."""

STARTS, DIPS = 24, 32
_ALIKE = 2
_FINE = 12
"""Times between two neighbouring times of the grid that are looked at for the starts."""
_ROUNDS, _HALVINGS = 60, 48


def minima(function: Pointwise, z: Tensor, x0: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Local minima of a function of place and time: (z (K, d), x0 (K, d), t (K,)).

    A pattern search begins at the least values on the grid and, for the rows that have them, at
    each minimum in time between the grid's times. It stays within the grid's range.

    Args:
        function: what is minimised.
        z: the grid's places, (T, Q, N, d).
        x0: data points, (N, d).
        t: times from early to late, (T,).
    """
    d = z.shape[-1]
    place, own, when = _flat(z, x0, t)
    value = _numbers(function(place, own, when))
    some = value.argsort()[:STARTS]
    m = z.shape[1] * z.shape[2]
    rows = value.reshape(len(t), m).amin(0).argsort()[:STARTS]
    share = torch.arange(_FINE, dtype=t.dtype, device=t.device) / _FINE
    fine = torch.cat([(t[:-1, None] + share * t.diff()[:, None]).flatten(), t[-1:]])
    # The rows' places where they are last: those of a family given by φ move with time.
    late, kept = place.reshape(len(t), m, d)[-1, rows], own.reshape(len(t), m, d)[-1, rows]
    wide = (len(fine), len(rows), d)
    places, owns = late.expand(wide).reshape(-1, d), kept.expand(wide).reshape(-1, d)
    times = fine.repeat_interleave(len(rows))
    curve = _numbers(function(places, owns, times)).reshape(wide[:2])
    dips = torch.zeros_like(curve, dtype=torch.bool)
    dips[1:-1] = (curve[1:-1] <= curve[:-2]) & (curve[1:-1] < curve[2:])
    dips &= dips.cumsum(1) <= _ALIKE  # of the rows that dip at one time a few
    at = dips.flatten().nonzero().squeeze(-1)
    at = at[curve.flatten()[at].argsort()[:DIPS]]
    return _searched(
        function,
        torch.cat([place[some], places[at]]),
        torch.cat([own[some], owns[at]]),
        torch.cat([when[some], times[at]]),
        (z.reshape(-1, d).aminmax(dim=0), t.aminmax()),
    )


def _searched(
    function: Pointwise,
    z: Tensor,
    x0: Tensor,
    t: Tensor,
    span: tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]],
) -> tuple[Tensor, Tensor, Tensor]:
    (low, high), (early, late) = span
    d = z.shape[-1]
    moves = torch.tensor(list(product((-1.0, 0.0, 1.0), repeat=d + 1))).to(z)[:, None]
    size = torch.cat([(high - low) / 32, (late - early)[None] / 256]).repeat(len(t), 1)
    value = _numbers(function(z, x0, t))
    every = torch.arange(len(t), device=t.device)
    for _ in range(_ROUNDS):
        places = (z + moves[..., :d] * size[:, :d]).clamp(low, high)
        times = (t + moves[..., d] * size[:, d]).clamp(early, late)
        flat = places.reshape(-1, d), x0.repeat(len(moves), 1), times.reshape(-1)
        found, which = _numbers(function(*flat)).reshape(len(moves), -1).min(0)
        better = found < value
        z = torch.where(better[:, None], places[which, every], z)
        t = torch.where(better, times[which, every], t)
        value = torch.where(better, found, value)
        size = torch.where(better[:, None], size, 0.5 * size)
    return z, x0, t


def largest_jump(function: Pointwise, z: Tensor, x0: Tensor, t: Tensor) -> Worst:
    """The largest jump between neighbours of a grid that does not shrink as they come together.

    Args:
        function: values, (M, d).
        z: the grid's places, (T, Q, N, d), in the plane a square grid.
        x0: data points, (N, d).
        t: times, (T,).
    """
    d = z.shape[-1]
    side = round(z.shape[1] ** (1.0 / d)) if d <= 2 else 0
    own = x0.expand(z.shape)
    when = t[:, None, None, None].expand(*z.shape[:-1], 1)
    rows = torch.cat([z, own, when], -1)  # (T, Q, N, 2d + 1)
    sides = [(rows[:-1], rows[1:])]
    if d == 1:
        sides.append((rows[:, :-1], rows[:, 1:]))
    elif d == 2:
        square = rows.reshape(len(t), side, side, len(x0), -1)
        sides += [(square[:, :-1], square[:, 1:]), (square[:, :, :-1], square[:, :, 1:])]

    def value(v: Tensor) -> Tensor:
        return function(v[:, :d], v[:, d : 2 * d], v[:, 2 * d])

    worst: list[tuple[Tensor, Tensor]] = []
    for before, after in sides:
        a, b = (v.reshape(-1, 2 * d + 1) for v in (before, after))
        middle = 0.5 * (a + b)
        # A jump makes two halves differ; whatever is smooth has halves that are nearly alike.
        fa, fm, fb = (value(v) for v in (a, middle, b))
        bent = torch.nan_to_num((fb - 2.0 * fm + fa).norm(dim=-1), nan=0.0)
        some = bent.argsort(descending=True)[:STARTS]
        worst.append((a[some], b[some]))
    a, b = (torch.cat(v) for v in zip(*worst, strict=True))
    for _ in range(_HALVINGS):
        middle = 0.5 * (a + b)
        fa, fm, fb = (value(v) for v in (a, middle, b))
        first = ((fm - fa).norm(dim=-1) >= (fb - fm).norm(dim=-1))[:, None]
        a, b = torch.where(first, a, middle), torch.where(first, middle, b)
    gap = torch.nan_to_num((value(b) - value(a)).norm(dim=-1), nan=0.0)
    k = int(gap.argmax())
    return a[k, :d], a[k, d : 2 * d], a[k, 2 * d], float(gap[k])


def power_of(values: Tensor, t: Tensor) -> Tensor:
    """The p of the t^p that comes nearest to positive values (T,)."""
    x = t.log()
    y = values.clamp(min=torch.finfo(values.dtype).tiny).log()
    return ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()


def between(at: Tensor, values: Tensor, x: Tensor) -> Tensor:
    """Values (T,) known at increasing places (T,), read between them by straight lines, (M,)."""
    k = torch.searchsorted(at, x).clamp(1, len(at) - 1)
    share = (x - at[k - 1]) / (at[k] - at[k - 1])
    return torch.lerp(values[k - 1], values[k], share)


def _flat(z: Tensor, x0: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    d = z.shape[-1]
    when = t[:, None, None].expand(z.shape[:-1])
    return z.reshape(-1, d), x0.expand(z.shape).reshape(-1, d), when.reshape(-1)


def _numbers(value: Tensor) -> Tensor:
    return torch.nan_to_num(value, nan=torch.inf)
