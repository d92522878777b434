"""The density of a flow of the line as the browser draws it: cells of a heatmap, and its jumps."""

from __future__ import annotations

from typing import Any

import torch

from flowviz.core.field import MarginalField
from flowviz.core.field.cells import cell_density, jumps
from flowviz.core.numerics.work import at_work
from flowviz.figures.fan import Heat
from flowviz.ui.session.cache import Progress


def heat(
    field: MarginalField, view: tuple[float, ...], cells: tuple[int, int], progress: Progress
) -> Heat:
    """p_t(x) over (T, X) cells of 0 ≤ t ≤ 1 and of the view, its lowest and highest x."""
    low, high = view[:2]
    t, x = ((torch.arange(count, dtype=torch.float64) + 0.5) / count for count in cells)
    x = low + (high - low) * x
    with at_work(progress) as work:
        p = cell_density(field, x, t, work.advance)
    return Heat(t.numpy(), x.numpy(), p.T.numpy())


def packed_jumps(
    field: MarginalField, view: tuple[float, ...], cells: tuple[int, int]
) -> dict[str, Any] | None:
    """The density's jumps for ``components/density_slice.js``, one after the other in time."""
    found = jumps(field, (view[1] - view[0]) / cells[1])
    return None if found is None else {k: v.flatten().numpy() for k, v in vars(found).items()}
