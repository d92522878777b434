"""In the plane: cells of optimal transport over the basins of the flow, each cached for all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core.couplings.optimal_transport import LaguerreCells
from flowviz.core.couplings.reflow import BasinCells
from flowviz.core.numerics.work import at_work
from flowviz.core.transport import trajectories
from flowviz.scene import Scene
from flowviz.ui.couplings.compute import (
    ENDS,
    FOLLOWED,
    SAMPLES,
    TOLERANCE,
    field_of,
    paired,
    starts,
)
from flowviz.ui.session.cache import Progress, no_progress, shared_cache


@dataclass(frozen=True)
class Comparison:
    """In the plane: cells of optimal transport over the basins of the flow.

    ``agree``: the fraction of samples in the cell and the basin of one data point, ``noise`` its
    standard error; ``again``, how many of ``followed`` samples end elsewhere when it is reflowed a
    second time; ``side``, cells a side of the table of basins.
    """

    agree: float
    noise: float
    again: int
    followed: int
    side: int


@shared_cache(maxsize=64)
def comparison(flow: Scene, progress: Progress = no_progress) -> Comparison:
    """How far optimal transport and the flow's own map agree in the plane."""
    cells, basins = (field_of(flow, n, progress=progress) for n in ("optimal_transport", "reflow"))
    count = 5 * SAMPLES
    x1 = cells.prior.sample(count, 2, torch.Generator().manual_seed(9))
    same = cells.x0[paired(cells, x1, 0)] == basins.x0[paired(basins, x1, 0)]
    agree = float(same.all(1).double().mean())
    x1 = starts(basins, ENDS)
    with at_work(progress):
        ends = trajectories(basins, x1, [0.0], TOLERANCE, budget=FOLLOWED).basin
    before = basins.x0[paired(basins, x1[: len(ends)], 0)]
    again = int((basins.x0[ends] != before).any(1).sum())
    table = basins.conditional_priors
    assert isinstance(table, BasinCells)
    noise = (agree * (1.0 - agree) / count) ** 0.5
    return Comparison(agree, noise, again, len(ends), len(table.grid.index))


def cell_edges(flow: Scene) -> NDArray[np.float64]:
    """The edges between cells of optimal transport in the plane, (E, 2, 2)."""
    cells = field_of(flow, "optimal_transport").conditional_priors
    assert isinstance(cells, LaguerreCells)
    edges = cells.polygons.edges()
    inner = edges.neighbour > edges.cell
    return torch.stack([edges.start, edges.end], dim=1)[inner].numpy()


def basins_at(flow: Scene, view: tuple[float, ...], side: int) -> tuple[Tensor, Tensor, Tensor]:
    """x and y of a grid's cells, and the basin of each (X, Y), -1 where the prior is 0."""
    field = field_of(flow, "reflow")
    middle = (torch.arange(side, dtype=torch.float64) + 0.5) / side
    x, y = (low + (high - low) * middle for low, high in (view[:2], view[2:]))
    at = torch.stack(torch.meshgrid(x, y, indexing="ij"), dim=-1)
    index = paired(field, at.reshape(-1, 2), 0).reshape(side, side)
    return x, y, torch.where(field.prior.log_prob(at) > -torch.inf, index, -1)
