"""A table of the basins of the plane: which data point each cell of a grid flows to (MATH §3.4,
MATH §6.6).

Cells are rectangles between nodes c + s sinh u, u even: as fine around the prior's middle as its
quartiles ask for, and wide in its tails. A coarse grid is followed cell by cell; then each cell is
split into four, and only those with a neighbour of another basin are followed, until no new ones
are found. So S² cells need some S trajectories for each border between basins.

A position has the basin of the centre of its cell: exact but within a cell of a border.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.work import within
from flowviz.core.priors.base import require

COARSE, FINE = 32, 1024
"""Cells a side: of the grid whose cells are all followed, and of the finest."""
_TAIL = 1e-6  # mass outside of the grid on either side of a coordinate; its cells reach on
NONE = -1
"""The index of a cell outside of the prior's support."""

Follow = Callable[[Tensor], Tensor]
"""Positions (K, 2) -> the index of the data point that each flows to, (K,)."""


@dataclass(frozen=True)
class BasinGrid:
    """``index`` (S, S) of cells; ``centre`` and ``scale`` (2,) of its axes, ``low``, ``high`` (2,)
    their ends in u = asinh((x - c)/s).
    """

    index: Tensor
    centre: Tensor
    scale: Tensor
    low: Tensor
    high: Tensor

    def cell(self, x: Tensor) -> Tensor:
        """The cell of each position, the nearest one beyond the ends; (..., 2) -> (..., 2)."""
        u = torch.asinh((x - self.centre) / self.scale)
        side = len(self.index)
        at = (u - self.low) / (self.high - self.low) * side
        return at.nan_to_num(0.0).clamp(0, side - 1).long()

    def of(self, x: Tensor) -> Tensor:
        """The basin of each position, (..., 2) -> (...)."""
        i, j = self.cell(x).unbind(-1)
        return self.index[i, j]

    def certain(self, x: Tensor) -> Tensor:
        """Whether all cells around that of each position have one basin, (..., 2) -> (...)."""
        i, j = self.cell(x).unbind(-1)
        return ~border(self.index)[i, j]


def centres(grid: BasinGrid, side: int) -> Tensor:
    """The centres of side² cells over the grid's extent, (side, side, 2)."""
    middle = (torch.arange(side, dtype=grid.low.dtype) + 0.5)[:, None] / side
    x = grid.centre + grid.scale * torch.sinh(torch.lerp(grid.low, grid.high, middle))
    return torch.stack(torch.meshgrid(x[:, 0], x[:, 1], indexing="ij"), dim=-1)


def basin_grid(
    field: MarginalField, follow: Follow, side: int = FINE, budget: float = math.inf
) -> BasinGrid:
    """The table of a flow's basins, as fine as the budget allows.

    Args:
        field: a flow in the plane.
        follow: finds the basins of positions.
        side: most cells a side, `COARSE` times a power of 2.
        budget: most units of work (``numerics.work``).

    Raises:
        ValueError: the budget does not allow the coarsest grid.
    """
    require(field.d == 2, f"a grid of basins needs d = 2, got d={field.d}")
    ends = torch.tensor(field.prior.intervals(_TAIL, 2), dtype=field.x0.dtype)
    quartiles = torch.tensor(field.prior.intervals(0.25, 2), dtype=field.x0.dtype)
    if field.prior.compact:
        low, high = field.prior.support
        ends = ends.clamp(low, high)
    centre, scale = quartiles.mean(1), 0.5 * (quartiles[:, 1] - quartiles[:, 0])
    low, high = (torch.asinh((ends[:, k] - centre) / scale) for k in (0, 1))
    grid = BasinGrid(torch.empty(0, 0, dtype=torch.long), centre, scale, low, high)

    def followed(cells: Tensor, wanted: Tensor) -> Tensor:
        return _followed(field, grid, cells, wanted, follow)

    found = torch.full((COARSE, COARSE), NONE)
    with within(budget):
        found = followed(found, torch.ones_like(found, dtype=torch.bool))
        while len(found) < side:
            found = refined(fourfold(found), fourfold(border(found)), followed)
    require(
        bool((found != NONE).any()),
        f"the basins of {field.n} data points under {field.prior!r} take too long to find",
    )
    return replace(grid, index=_everywhere(found))


def _everywhere(index: Tensor) -> Tensor:
    """The table with the nearest basin where a cell's centre is outside of the support."""
    outside = (index == NONE).numpy()
    if not outside.any():
        return index
    nearest = np.asarray(
        distance_transform_edt(outside, return_distances=False, return_indices=True)
    )
    i, j = torch.from_numpy(nearest).long()
    return index[i, j]


def _followed(
    field: MarginalField, grid: BasinGrid, index: Tensor, wanted: Tensor, follow: Follow
) -> Tensor:
    """The cells with the wanted ones followed; those without mass have no basin."""
    x1 = centres(grid, len(index))
    inside = wanted & (field.prior.log_prob(x1) > -math.inf)
    index = torch.where(wanted, NONE, index)
    if bool(inside.any()):
        index[inside] = follow(x1[inside])
    return index


def refined(cells: Tensor, wanted: Tensor, followed: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """The cells with those followed that are wanted, and all at the borders so found.

    Args:
        cells: (S, S) indices or colours of basins.
        wanted: which of them to follow first, (S, S).
        followed: given cells, and which of them to follow, returns the cells with these followed.
    """
    done = torch.zeros_like(wanted)
    while bool(wanted.any()):
        cells = followed(cells, wanted)
        done |= wanted
        wanted = border(cells) & ~done
    return cells


def fourfold(cells: Tensor) -> Tensor:
    """Each cell split into four."""
    return cells.repeat_interleave(2, dim=0).repeat_interleave(2, dim=1)


def border(cells: Tensor) -> Tensor:
    """Which cells have a neighbour of another basin."""
    out = torch.zeros(cells.shape, dtype=torch.bool)
    across, along = cells.diff(dim=0) != 0, cells.diff(dim=1) != 0
    out[1:] |= across
    out[:-1] |= across
    out[:, 1:] |= along
    out[:, :-1] |= along
    return out
