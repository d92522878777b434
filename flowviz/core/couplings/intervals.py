"""Cells of the line: the intervals between quantiles.

Only one map of the line keeps the order and takes p₁ to the data: x₁ goes to the k-th point from
the left when W_{k-1} < F₁(x₁) ≤ W_k, W the cumulative weights. Optimal transport, the flow's own
map and reflow are that map.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from flowviz.core.field import Cells, FlowDefinition
from flowviz.core.transport.basins import basins
from flowviz.core.transport.line_ends import ordered


class Intervals(Cells):
    """The prior cut at its quantiles, for d = 1."""

    straight = True

    def __init__(self, flow: FlowDefinition) -> None:
        super().__init__(flow)
        found, line = basins(flow), ordered(flow)
        self._edges, self._order = found.edges, found.index
        rank = torch.empty_like(self.first)
        rank[found.index] = torch.arange(len(found.index))
        rank = rank[self.first]
        self._low, self._high = found.edges[rank], found.edges[rank + 1]
        self._below, self._above = line.below[rank], line.above[rank]

    @property
    def breakpoints(self) -> Tensor:
        return self._edges[1:-1]

    def index(self, x1: Tensor) -> Tensor:
        inner = self._edges[1:-1].contiguous()
        return self._order[torch.searchsorted(inner, x1[..., 0].contiguous())]

    def tail(self, z: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        tail, density = self.prior.tail(z, upper)
        inside = (z > self._low) & (z <= self._high)
        share = (tail - (self._above if upper else self._below)) / self.mass
        share = torch.where(inside, share.clamp(0.0, 1.0), ((z > self._high) != upper).to(z))
        return share, torch.where(inside, density / self.mass, 0.0)

    def distance(self, z: Tensor) -> Tensor:
        at = z[..., 0]
        return torch.maximum(self._low - at, at - self._high).clamp(min=0.0).clamp(max=math.inf)
