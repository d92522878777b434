"""Whether a data point without posterior weight can regain it, and when.

While one data point i has all the posterior weight, its endpoint c = φ_t(x|x₀ᵢ) is constant, and
the others are known for all later times: z_j(t) = φ_t(ψ_t(c|x₀ᵢ)|x₀ⱼ). Under nonlinear families
they may leave the bulk of the prior and return. So a trajectory has settled on i only once

    w_j p₁(z_j(t)) / (w_i p₁(c)) · (length of z_j's curve) · |S_t|  ≤  `NEGLIGIBLE` · tolerance

on every cell of later times and for every j: this bounds the effect of the others on x. On a cell
p₁ is bounded by its maximum over a box that contains the curve. A cell where the bound fails gives
the time of the next check, and the speed of endpoints there limits the steps, so that none skips
it.

While several data points have weight, c may drift by as much as their endpoints move relative to
each other: boxes grow by that.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import blocks
from flowviz.core.numerics.work import spend
from flowviz.core.priors.base import Prior

LOST = 1e-9
"""Weight, relative to the largest, below which a data point has no effect on a step."""
NEGLIGIBLE = 2e-3
"""Effect of one data point on one cell that is neglected, as a fraction of the tolerance."""
STRIDE = 10.0
"""Widths of a mode by which the endpoint of a lost data point may move in one step."""
_RETURN = 100.0
"""Growth of a relative weight, from now to a cell, from which on it counts as returning."""
_RECHECK, _RECHECK_SINGLE = 1.05, 1.5
"""Growth of τ after which a bound is computed again; the second with one data point left."""
_SHORT = 0.1
"""Steps shorter than this fraction of τ are worth computing the bound for."""
_FORMED = 1 << 20  # numbers formed at once


@dataclass(frozen=True)
class Cells:
    """Boxes that contain every endpoint, for each cell of later times.

    ``start`` and ``width`` (R, K), of the cells in τ; ``low`` and ``high`` (R, K, N, d), the boxes;
    ``length`` (R, K, N), of the endpoints' curves; ``size`` (R, K), |S_t|; ``later`` (R, K), False
    for past cells; ``hole`` (R, K, N), optional: the least distance of the endpoints from their
    ``centre`` (N, d), around which they may turn inside their boxes.
    """

    start: Tensor
    width: Tensor
    low: Tensor
    high: Tensor
    length: Tensor
    size: Tensor
    later: Tensor
    hole: Tensor | None = None
    centre: Tensor | None = None


Ahead = Callable[[Tensor, Tensor, Tensor, slice], Cells]
"""Data indices (R,), their endpoints (R, d), times τ (R,) -> the cells from there on, of a slice of
the data points."""


@dataclass(frozen=True)
class Positions:
    """The present state of trajectories.

    ``tau`` (M,); ``endpoints`` (M, N, d), x₁ of each data point; ``weight`` (M, N), w_i p₁(z_i)
    |det|, in any unit; ``speed`` (M, N), of each endpoint in τ.
    """

    tau: Tensor
    endpoints: Tensor
    weight: Tensor
    speed: Tensor


class Lookahead:
    """The bound on later times for trajectories 0, ..., Q - 1, computed again only when it must be.

    Args:
        prior: the distribution of x₁.
        weights: of the data points, (N,).
        ahead: the cells.
        cells: the largest number of them.
        width: of the prior's narrowest mode.
        allowed: the error in x that may remain.
        q: number of trajectories.
    """

    def __init__(
        self,
        prior: Prior,
        weights: Tensor,
        ahead: Ahead,
        cells: int,
        width: float,
        allowed: float,
        q: int,
    ) -> None:
        self._prior, self._log_weights, self._ahead = prior, weights.log(), ahead
        self._width, self._allowed = STRIDE * width, NEGLIGIBLE * allowed
        self._block = int(24 * cells * len(weights) * max(1.0, 0.25 * prior.cost))
        self._until, self._speed = weights.new_zeros(q), weights.new_zeros(q)
        self._checked = weights.new_zeros(q)
        self._lost = torch.zeros(q, len(weights), dtype=torch.bool, device=weights.device)

    def __call__(self, rows: Tensor, now: Positions) -> tuple[Tensor, Tensor]:
        """Whether each has settled, (M,), and the longest step allowed, (M,)."""
        top, index = now.weight.max(1)
        lost = now.weight <= LOST * top[:, None]
        single = lost.sum(1) == lost.shape[1] - 1
        stride = self._width / torch.where(lost, now.speed, 0.0).amax(1)
        changed = (lost != self._lost[rows]).any(1)
        old = now.tau >= _RECHECK * self._checked[rows]
        due = (changed & (single | old)) | (old & (now.tau >= self._until[rows]))
        due |= single & (now.tau >= _RECHECK_SINGLE * self._checked[rows])
        due &= (top > 0.0) & lost.any(1) & (single | (stride < _SHORT * now.tau))
        final = torch.zeros_like(due)
        if bool(due.any()):
            at = due.nonzero()[:, 0]
            final[at] = self._check(rows[at], index[at], now, at, lost[at])
            changed = changed & ~due
        has_bound = self._checked[rows] > 0.0
        # A step ends where a data point may return; from there on its speed limits the steps.
        rest = self._until[rows] - now.tau
        limit = torch.where(rest > 1e-12 * now.tau, rest, self._width / self._speed[rows])
        # Data points lost since the last check are not covered by it.
        limit = torch.where(changed, torch.minimum(limit, stride), limit)
        longest = torch.where(has_bound, limit, stride)
        return final, torch.where(lost.any(1), longest, torch.inf)

    def _check(
        self, rows: Tensor, index: Tensor, now: Positions, at: Tensor, lost: Tensor
    ) -> Tensor:
        """Compute the bound for these rows of ``now``; returns which have settled."""
        final = []
        for block in blocks(len(at), self._block, _FORMED):
            which, tau, top = at[block], now.tau[at[block]], index[block]
            end = now.endpoints[which, top]
            relative = now.weight[which] / now.weight[which].amax(1, keepdim=True)
            until, speed, negligible = self._first_return(top, end, tau, lost[block], relative)
            self._until[rows[block]], self._speed[rows[block]] = until, speed
            self._checked[rows[block]], self._lost[rows[block]] = tau, lost[block]
            final.append(negligible & (lost[block].sum(1) == lost.shape[1] - 1))
        return torch.cat(final)

    def _first_return(
        self, index: Tensor, end: Tensor, tau: Tensor, lost: Tensor, now: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """When a lost data point may return, the speed of its endpoint then, and whether the effect
        of all lost ones is negligible from now on, (R,).

        ``now`` (R, N) are the present weights relative to the largest.
        """
        row, n = torch.arange(len(index), device=index.device), lost.shape[1]
        others = ~lost
        others[row, index] = False
        width = len(index) * self._block // n
        columns = list(blocks(n, width, _FORMED))
        only = self._ahead(index, end, tau, columns[0]) if len(columns) == 1 else None

        def cells_of(some: slice) -> Cells:
            spend(width * (some.stop - some.start), 0.25)
            return self._ahead(index, end, tau, some) if only is None else only

        drift = functools.reduce(
            torch.maximum, (_farthest(cells_of(some), others[:, some]) for some in columns)
        ).cumsum(1)
        level = self._prior.log_prob(end) + self._log_weights[index]
        relevant, speed = torch.zeros_like(index, dtype=torch.bool), torch.zeros_like(drift)
        in_cell = torch.zeros_like(drift, dtype=torch.bool)
        for some in columns:
            cells = cells_of(some)
            most = self._most(cells, drift[..., None]) + self._log_weights[some]
            weight = (most - level[:, None, None]).exp()
            effect = weight * cells.length * cells.size[..., None]
            effect = torch.where(weight > 0.0, effect, 0.0)
            counts = ~(effect <= self._allowed) & lost[:, None, some] & cells.later[..., None]
            relevant |= counts.flatten(1).any(1)
            # A weight that only decreases does not require short steps.
            counts &= ~(weight <= _RETURN * now[:, None, some])
            speeds = torch.where(counts, cells.length / cells.width[..., None], 0.0)
            in_cell, speed = in_cell | counts.any(2), torch.maximum(speed, speeds.amax(2))
        start = torch.maximum(cells.start, tau[:, None])
        first, found = in_cell.to(torch.int8).argmax(1), in_cell.any(1)
        until = torch.where(found, start[row, first], torch.inf)
        return until, torch.where(found, speed[row, first], 0.0), ~relevant

    def _most(self, cells: Cells, drift: Tensor) -> Tensor:
        """The largest log p₁ in each box without its hole, (R, K, N).

        Boxes grow and holes shrink by the drift, (R, K, 1).
        """
        low, high = cells.low - drift[..., None], cells.high + drift[..., None]
        if cells.hole is None or cells.centre is None:
            return self._prior.most(low, high)
        # Outside a ball is outside its inscribed cube: beyond one of the cube's faces.
        half = (cells.hole - drift).clamp(min=0.0) / math.sqrt(low.shape[-1])
        sides = []
        for axis in range(low.shape[-1]):
            below, above = high.clone(), low.clone()
            below[..., axis] = torch.minimum(high[..., axis], cells.centre[:, axis] - half)
            above[..., axis] = torch.maximum(low[..., axis], cells.centre[:, axis] + half)
            for lower, upper in ((low, below), (above, high)):
                empty = (lower > upper).any(-1)
                most = self._prior.most(torch.minimum(lower, upper), upper)
                sides.append(most.masked_fill(empty, -torch.inf))
        return torch.stack(sides).amax(0)


def _farthest(cells: Cells, others: Tensor) -> Tensor:
    """The longest curve of the other data points with weight (R, n) in each later cell, (R, K)."""
    moves = others[:, None] & cells.later[..., None]
    return torch.where(moves, cells.length, 0.0).amax(2)
