"""Trajectories that start exactly on a separatrix, for d = 1 (MATH §3.15).

A start at F₁(x₁) = W_k belongs to no basin. Its trajectory stays between the data points on both
sides, where the same mass lies on its wrong side from the left and from the right:

    Σ_{i>k} w_i F₁(φ_t(x|x₀ᵢ)) = Σ_{i≤k} w_i S₁(φ_t(x|x₀ᵢ)),

two sums of tails, with no cancellation. Where both underflow x_t is in the middle of that gap.
Under a prior of bounded support every x in the gap solves it, and such a start keeps to the edge of
one basin (``line_ends``).
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.transport.line_ends import starts_of
from flowviz.core.transport.trajectories import Trajectories

_BISECTIONS = 40
"""Halvings of a bracket: to 1e-12 of its width."""

NO_BASIN = -1
"""The basin of a start on a separatrix, where trajectories are shown."""


def with_separatrices(field: MarginalField, found: Trajectories) -> Trajectories:
    """Trajectories with those that start on a separatrix where they are, in `NO_BASIN`.

    ``trajectories`` moves such a start by one rounding, into one of its two basins.

    Args:
        field: the flow.
        found: its trajectories, at times one of which is 1.
    """
    x1 = found.x[:, int(found.t.argmax())]
    on = on_separatrix(field, x1) if float(found.t.max()) == 1.0 else x1.new_zeros(0)
    if not on.any():
        return found
    x, basin = found.x.clone(), found.basin.clone()
    x[on], basin[on] = separatrix_trajectories(field, x1[on], found.t), NO_BASIN
    return replace(found, x=x, basin=basin)


def reached_points(x0: Tensor, basin: Tensor) -> Tensor:
    """The data points (N, d) that trajectories reach, (Q, d); NaN in `NO_BASIN`."""
    return torch.where((basin == NO_BASIN)[:, None], torch.nan, x0[basin])


def on_separatrix(field: MarginalField, x1: Tensor) -> Tensor:
    """Whether starts (Q, 1) are on a separatrix to rounding, (Q,)."""
    one_sided = any(math.isfinite(edge) for edge in field.prior.support)
    if field.d != 1 or not field.path.monotone or one_sided:
        return torch.zeros(len(x1), dtype=torch.bool, device=x1.device)
    return ~starts_of(field, x1[:, 0]).separatrix.isnan()


def separatrix_trajectories(field: MarginalField, x1: Tensor, times: Tensor) -> Tensor:
    """The trajectories of starts on separatrices.

    Args:
        field: a flow of the line.
        x1: starts for which `on_separatrix` holds, (K, 1).
        times: in [0, 1], (T,). At 0 a trajectory is where it is at the first time after it.

    Returns:
        Positions, (K, T, 1).
    """
    x = x1[:, None].repeat(1, len(times), 1)
    inner = ((times > 0) & (times < 1)).nonzero().squeeze(-1)
    if not len(x1) or not inner.numel():
        return x
    t = times[inner].repeat(len(x1))
    start = x1.repeat_interleave(inner.numel(), dim=0)
    right = starts_of(field, x1[:, 0]).separatrix.repeat_interleave(inner.numel())
    for rows in blocks(len(t), field.n):
        found = _balanced(field, start[rows], t[rows], right[rows])
        x.view(-1)[_flat(rows, inner, len(times))] = found
    first = inner[times[inner].argmin()]
    x[:, times == 0] = x[:, first, None]
    return x


def _flat(rows: slice, inner: Tensor, count: int) -> Tensor:
    """Indices into (K, T) of rows of (K, inner times)."""
    row = torch.arange(rows.start, rows.stop, device=inner.device)
    return row // inner.numel() * count + inner[row % inner.numel()]


def _balanced(field: MarginalField, x1: Tensor, t: Tensor, right: Tensor) -> Tensor:
    """The roots of the balance of tails, by bisection, (M,)."""
    is_right = field.x0[:, 0] >= right[:, None]
    low, high = field.path.forward(x1, field.x0, t)[..., 0].aminmax(dim=1)

    def balance(x: Tensor) -> Tensor:
        endpoints = field.path.inverse(x[:, None], field.x0, t)[..., 0]
        tails = torch.where(is_right, field.prior.cdf(endpoints), -field.prior.sf(endpoints))
        return tails @ field.weights

    # Where both sums underflow the balance is 0 over an interval: its two ends.
    ends = low.repeat(2).reshape(2, -1), high.repeat(2).reshape(2, -1)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (ends[0] + ends[1])
        value = torch.stack([balance(row) for row in middle])
        above = torch.stack([value[0] <= 0, value[1] < 0])
        ends = torch.where(above, middle, ends[0]), torch.where(above, ends[1], middle)
    return (0.25 * (ends[0] + ends[1])).sum(0)
