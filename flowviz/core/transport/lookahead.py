"""Whether a data point that has lost its weight can come back, and when.

While one data point i has all the posterior weight, its free end c = φ_t(x|x₀ᵢ) stands still, and
the others' are known for all later times: z_j(t) = φ_t(ψ_t(c|x₀ᵢ)|x₀ⱼ). Where a family turns or
swings they may leave the prior's bulk and return. So a trajectory belongs to i for good only once

    w_j p₁(z_j(t)) / (w_i p₁(c)) · (how far z_j moves) · |S_t|  ≤  a small part of the tolerance

on every cell of later times and for every j: then what the others could still do to x is less than
that. On a cell p₁ is bounded by its maximum over a box that holds the curve. Where the bound fails
the cell says when to look again, and how fast free ends move there: no step passes it unseen.

With several data points still in play i's free end may drift by as much as theirs part: boxes grow
by that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import blocks
from flowviz.core.priors.base import Prior

LOST = 1e-9
"""Share of the largest weight below which a step does not see a data point."""
NEGLIGIBLE = 2e-3
"""Of the tolerance: what one data point may still do on one cell."""
STRIDE = 10.0
"""Widths of a mode that x₁ of such a data point may cross in one step."""
_RETURN = 100.0
"""How much more than now a share may be on a cell before it counts as coming back."""
_AGAIN, _FADING = 1.05, 1.5
_SHORT = 0.1
_FORMED = 1 << 20  # numbers formed at once


@dataclass(frozen=True)
class Cells:
    """Boxes that hold every free end, cell by cell of later times.

    ``start`` and ``width`` (R, K), of the cells in τ; ``low`` and ``high`` (R, K, N, d), the boxes;
    ``length`` (R, K, N), how far the free ends move; ``size`` (R, K), |S_t|; ``later`` (R, K),
    False for cells that are over; ``hole`` (R, K, N), optional: how near the free ends come to
    their ``centre`` (N, d), about which they may wind inside their boxes.
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


Ahead = Callable[[Tensor, Tensor, Tensor], Cells]
"""Data points (R,), their free ends (R, d), times τ (R,) -> the cells from there on."""


@dataclass(frozen=True)
class Positions:
    """Where trajectories are.

    ``tau`` (M,); ``endpoints`` (M, N, d), x₁ of each data point; ``weight`` (M, N), w_i p₁(z_i)
    |det|, in any unit; ``speed`` (M, N), how fast each endpoint moves in τ.
    """

    tau: Tensor
    endpoints: Tensor
    weight: Tensor
    speed: Tensor


class Lookahead:
    """What is known of later times, for trajectories 0, ..., Q - 1.

    Args:
        prior: the law of the free ends.
        weights: of the data points, (N,).
        ahead: the cells.
        cells: how many there may be.
        width: of the prior's narrowest hill.
        allowed: the error in x that may be left.
        q: how many trajectories.
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
        self._block = 12 * cells * len(weights) * 2
        self._until, self._pace = weights.new_zeros(q), weights.new_zeros(q)
        self._when = weights.new_zeros(q)
        self._lost = torch.zeros(q, len(weights), dtype=torch.bool, device=weights.device)

    def __call__(self, rows: Tensor, now: Positions) -> tuple[Tensor, Tensor]:
        """Whether each is settled for good, (M,), and how far a step may go, (M,)."""
        top, own = now.weight.max(1)
        lost = now.weight <= LOST * top[:, None]
        alone = lost.sum(1) == lost.shape[1] - 1
        stride = self._width / torch.where(lost, now.speed, 0.0).amax(1)
        changed = (lost != self._lost[rows]).any(1)
        old = now.tau >= _AGAIN * self._when[rows]
        due = (changed & (alone | old)) | (old & (now.tau >= self._until[rows]))
        due |= alone & (now.tau >= _FADING * self._when[rows])
        due &= (top > 0.0) & lost.any(1) & (alone | (stride < _SHORT * now.tau))
        final = torch.zeros_like(due)
        if bool(due.any()):
            at = due.nonzero()[:, 0]
            final[at] = self._look(rows[at], own[at], now, at, lost[at])
            changed = changed & ~due
        known = self._when[rows] > 0.0
        # A step ends where danger begins: what watches it from there on must not be stretched.
        rest = self._until[rows] - now.tau
        wait = torch.where(rest > 1e-12 * now.tau, rest, self._width / self._pace[rows])
        # What has lost its weight since is not in what is known.
        wait = torch.where(changed, torch.minimum(wait, stride), wait)
        longest = torch.where(known, wait, stride)
        return final, torch.where(lost.any(1), longest, torch.inf)

    def _look(self, rows: Tensor, own: Tensor, now: Positions, at: Tensor, lost: Tensor) -> Tensor:
        """Look at all that is to come, for some rows; which are settled for good."""
        final = []
        for part in blocks(len(at), self._block, _FORMED):
            which, tau, mine = at[part], now.tau[at[part]], own[part]
            end = now.endpoints[which, mine]
            share = now.weight[which] / now.weight[which].amax(1, keepdim=True)
            until, pace, quiet = self._first(mine, end, tau, lost[part], share)
            self._until[rows[part]], self._pace[rows[part]] = until, pace
            self._when[rows[part]], self._lost[rows[part]] = tau, lost[part]
            final.append(quiet & (lost[part].sum(1) == lost.shape[1] - 1))
        return torch.cat(final)

    def _first(
        self, own: Tensor, end: Tensor, tau: Tensor, lost: Tensor, now: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """When a lost data point may come back, how fast its free end then moves, and whether none
        of them matters from now on, (R,). ``now`` (R, N) are the shares of the largest.
        """
        cells = self._ahead(own, end, tau)
        level = self._prior.log_prob(end) + self._log_weights[own]
        others = ~lost
        others[torch.arange(len(own), device=own.device), own] = False
        apart = torch.where(others[:, None] & cells.later[..., None], cells.length, 0.0).amax(2)
        most = self._most(cells, apart.cumsum(1)[..., None]) + self._log_weights
        share = (most - level[:, None, None]).exp()
        harm = torch.where(share > 0.0, share * cells.length * cells.size[..., None], 0.0)
        danger = ~(harm <= self._allowed) & lost[:, None] & cells.later[..., None]
        # A tail that only fades is no reason for short steps.
        quiet = ~danger.flatten(1).any(1)
        danger &= ~(share <= _RETURN * now[:, None])
        some = danger.any(2)
        first = some.to(torch.int8).argmax(1)
        every = torch.arange(len(own), device=own.device)
        speed = cells.length[every, first] / cells.width[every, first, None]
        pace = torch.where(danger[every, first], speed, 0.0).amax(1)
        start = torch.maximum(cells.start[every, first], tau)
        met = some.any(1)
        return torch.where(met, start, torch.inf), torch.where(met, pace, 0.0), quiet

    def _most(self, cells: Cells, drift: Tensor) -> Tensor:
        """The largest log p₁ in each box without its hole, (R, K, N).

        Boxes grow and holes shrink by the drift, (R, K, 1).
        """
        low, high = cells.low - drift[..., None], cells.high + drift[..., None]
        if cells.hole is None or cells.centre is None:
            return self._prior.most(low, high)
        # Outside a ball is outside the cube in it: beside that on one side at least.
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
