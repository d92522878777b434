"""Extremes of a family between the nodes of a grid: the least determinant, the largest jump.

Both start from the extremes on the grid, several at once, and refine them: one by a pattern search,
the other by bisection.
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

STARTS, MAX_TIME_MINIMA = 24, 32
_MINIMA_PER_TIME = 2
_REFINEMENT = 12
"""Refinement of the grid's times in the search for minima in time."""
_ITERATIONS, _HALVINGS = 60, 48
_ROUNDING = 64 * torch.finfo(torch.float64).eps


def minima(function: Pointwise, z: Tensor, x0: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Local minima of a function of position and time: (z (K, d), x0 (K, d), t (K,)).

    A pattern search starts from the least values on the grid and, for the rows that have them, from
    each minimum in time on a finer grid of times. It stays within the grid's range.

    Args:
        function: to be minimised.
        z: the grid's positions, (T, Q, N, d).
        x0: data points, (N, d).
        t: times, rising, (T,).
    """
    d = z.shape[-1]
    grid_z, grid_x0, grid_t = _flat(z, x0, t)
    value = _nan_to_inf(function(grid_z, grid_x0, grid_t))
    least = value.argsort()[:STARTS]
    m = z.shape[1] * z.shape[2]
    rows = value.reshape(len(t), m).amin(0).argsort()[:STARTS]
    fraction = torch.arange(_REFINEMENT, dtype=t.dtype, device=t.device) / _REFINEMENT
    fine_t = torch.cat([(t[:-1, None] + fraction * t.diff()[:, None]).flatten(), t[-1:]])
    # The rows' positions at the last time: for a family given by φ they depend on time.
    row_z, row_x0 = (v.reshape(len(t), m, d)[-1, rows] for v in (grid_z, grid_x0))
    shape = (len(fine_t), len(rows), d)
    fine_z, fine_x0 = (v.expand(shape).reshape(-1, d) for v in (row_z, row_x0))
    times = fine_t.repeat_interleave(len(rows))
    curve = _nan_to_inf(function(fine_z, fine_x0, times)).reshape(shape[:2])
    minimum = torch.zeros_like(curve, dtype=torch.bool)
    minimum[1:-1] = (curve[1:-1] <= curve[:-2]) & (curve[1:-1] < curve[2:])
    minimum &= minimum.cumsum(1) <= _MINIMA_PER_TIME
    at = minimum.flatten().nonzero().squeeze(-1)
    at = at[curve.flatten()[at].argsort()[:MAX_TIME_MINIMA]]
    return _pattern_search(
        function,
        torch.cat([grid_z[least], fine_z[at]]),
        torch.cat([grid_x0[least], fine_x0[at]]),
        torch.cat([grid_t[least], times[at]]),
        (z.reshape(-1, d).aminmax(dim=0), t.aminmax()),
    )


def _pattern_search(
    function: Pointwise,
    z: Tensor,
    x0: Tensor,
    t: Tensor,
    bounds: tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]],
) -> tuple[Tensor, Tensor, Tensor]:
    (z_min, z_max), (t_min, t_max) = bounds
    d = z.shape[-1]
    moves = torch.tensor(list(product((-1.0, 0.0, 1.0), repeat=d + 1))).to(z)[:, None]
    size = torch.cat([(z_max - z_min) / 32, (t_max - t_min)[None] / 256]).repeat(len(t), 1)
    value = _nan_to_inf(function(z, x0, t))
    row = torch.arange(len(t), device=t.device)
    for _ in range(_ITERATIONS):
        trial_z = (z + moves[..., :d] * size[:, :d]).clamp(z_min, z_max)
        trial_t = (t + moves[..., d] * size[:, d]).clamp(t_min, t_max)
        flat = trial_z.reshape(-1, d), x0.repeat(len(moves), 1), trial_t.reshape(-1)
        found, which = _nan_to_inf(function(*flat)).reshape(len(moves), -1).min(0)
        better = found < value
        z = torch.where(better[:, None], trial_z[which, row], z)
        t = torch.where(better, trial_t[which, row], t)
        value = torch.where(better, found, value)
        size = torch.where(better[:, None], size, 0.5 * size)
    return z, x0, t


def largest_jump(function: Pointwise, z: Tensor, x0: Tensor, t: Tensor) -> Worst:
    """The largest jump between neighbours of a grid that bisection does not make smaller.

    The rounding of the values does not count as a jump.

    Args:
        function: values, (M, d).
        z: the grid's positions, (T, Q, N, d), for d = 2 a square grid.
        x0: data points, (N, d).
        t: times, (T,).
    """
    d = z.shape[-1]
    side = round(z.shape[1] ** (1.0 / d)) if d <= 2 else 0
    grid_t = t[:, None, None, None].expand(*z.shape[:-1], 1)
    rows = torch.cat([z, x0.expand(z.shape), grid_t], -1)  # (T, Q, N, 2d + 1)
    neighbours = [(rows[:-1], rows[1:])]
    if d == 1:
        neighbours.append((rows[:, :-1], rows[:, 1:]))
    elif d == 2:
        square = rows.reshape(len(t), side, side, len(x0), -1)
        neighbours += [(square[:, :-1], square[:, 1:]), (square[:, :, :-1], square[:, :, 1:])]

    def value(v: Tensor) -> Tensor:
        return function(v[:, :d], v[:, d : 2 * d], v[:, 2 * d])

    candidates: list[tuple[Tensor, Tensor]] = []
    for before, after in neighbours:
        a, b = (v.reshape(-1, 2 * d + 1) for v in (before, after))
        middle = 0.5 * (a + b)
        # Second differences are large at a jump and small for a smooth function, however steep.
        second = _second_difference(value(a), value(middle), value(b))
        largest = second.argsort(descending=True)[:STARTS]
        candidates.append((a[largest], b[largest]))
    a, b = (torch.cat(v) for v in zip(*candidates, strict=True))
    middle = 0.5 * (a + b)
    fa, fm, fb = (value(v) for v in (a, middle, b))
    for _ in range(_HALVINGS):
        left, right = 0.5 * (a + middle), 0.5 * (middle + b)
        fl, fr = value(left), value(right)
        # The half with the larger difference may be the other one: a jump can oppose the slope.
        first = _second_difference(fa, fl, fm) >= _second_difference(fm, fr, fb)
        a, middle, b, fa, fm, fb = (
            torch.where(first[:, None], *halves)
            for halves in ((a, middle), (left, right), (middle, b), (fa, fm), (fl, fr), (fm, fb))
        )
    gap = torch.nan_to_num((fb - fa).norm(dim=-1), nan=0.0)
    # Less the rounding of the values, which is large where the grid reaches far.
    size = torch.nan_to_num(torch.cat([a[:, : 2 * d], fa, fb], -1), nan=0.0).abs().amax(-1)
    gap = (gap - _ROUNDING * size).clamp(min=0.0)
    k = int(gap.argmax())
    return a[k, :d], a[k, d : 2 * d], a[k, 2 * d], float(gap[k])


def _second_difference(before: Tensor, middle: Tensor, after: Tensor) -> Tensor:
    """|f(b) - 2 f((a + b)/2) + f(a)| of values (M, d), (M,); NaN counts as 0."""
    return torch.nan_to_num((after - 2.0 * middle + before).norm(dim=-1), nan=0.0)


def power_of(values: Tensor, t: Tensor) -> Tensor:
    """The exponent p of the power law t^p fitted to positive values (T,)."""
    x = t.log()
    y = values.clamp(min=torch.finfo(values.dtype).tiny).log()
    return ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()


def interpolate(nodes: Tensor, values: Tensor, x: Tensor) -> Tensor:
    """Piecewise linear interpolation of values (T,) at rising nodes (T,), at x (M,)."""
    k = torch.searchsorted(nodes, x).clamp(1, len(nodes) - 1)
    fraction = (x - nodes[k - 1]) / (nodes[k] - nodes[k - 1])
    return torch.lerp(values[k - 1], values[k], fraction)


def _flat(z: Tensor, x0: Tensor, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    d = z.shape[-1]
    grid_t = t[:, None, None].expand(z.shape[:-1])
    return z.reshape(-1, d), x0.expand(z.shape).reshape(-1, d), grid_t.reshape(-1)


def _nan_to_inf(value: Tensor) -> Tensor:
    return torch.nan_to_num(value, nan=torch.inf)
