"""The basin map: a coarse one with the figure, refined step by step after it.

Each cell has the colour of the data point that its centre flows to, computed by the same transport
as the particles. A refinement splits each cell into four. Of these it integrates only the ones with
a neighbour of another colour, and repeats that while the new colours add such cells; all others
take their parent's colour. So a map of 512² cells needs some thousand trajectories instead of a
quarter of a million.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.work import within
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.transport import straight_fan, trajectories
from flowviz.core.transport.basin_grid import border, fourfold, refined
from flowviz.figures.plane import Bytes, basin_codes
from flowviz.scene import Scene
from flowviz.ui.plane import compute
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import Progress, no_progress, shared_cache

_COARSE, _COARSER, _FINEST = 64, 20, 512  # cells a side
# Limits on positions × data points × `_cost` of one map: the first, and each refinement.
_MAX_FIRST, _MAX_REFINED = 3e5, 1.6e6
_OUTSIDE = -1  # the colour of cells where p₁ = 0 or nearly so
# Cells further out than _REACH times the (1 - _TAIL) interval are outside.
_TAIL, _REACH = 1e-9, 2.0

_BUDGET = 6e7  # units of work for the first map
_REFINED = 1.2e8  # for all refinements: the checks wait for them


@dataclass(frozen=True)
class _Found:
    """The finest map of a flow so far; ``finest`` when it will not be refined further."""

    colours: Tensor
    finest: bool = False


_FOUND: dict[Scene, _Found] = {}
_KEPT = 32


def codes(scene: Scene, progress: Progress = no_progress, *, hurry: bool = False) -> Bytes:
    """The finest map computed so far, as `basin_codes`; without one, a coarse map, computed now.

    Args:
        scene: the scene.
        hurry: during a drag: compute the coarsest map.
        progress: called with the fraction done.
    """
    flow = compute.basins_key(scene)
    if (cached := _FOUND.get(flow)) is not None:
        return _codes(cached.colours)
    return _codes(_integrated_map(flow, _COARSER if hurry else _first(flow), progress=progress))


def coloured(scene: Scene) -> tuple[int, int]:
    """How many cells of the map have a colour, and how many should: the budget may not allow all.

    Of the finest map so far, or of the first, which `codes` computed.
    """
    flow = compute.basins_key(scene)
    cached = _FOUND.get(flow)
    colours = _integrated_map(flow, _first(flow)) if cached is None else cached.colours
    inside = _cells(flow, len(colours))[1]
    return int((colours[inside] != _OUTSIDE).sum()), int(inside.sum())


def finer(scene: Scene, progress: Progress) -> Bytes | None:
    """Refine the map as far as time allows, as `basin_codes`; None if that made no finer one.

    Maps computed before ``progress`` raises are kept.
    """
    flow = compute.basins_key(scene)
    before = _FOUND.get(flow)
    if before is not None and before.finest:
        return None
    side = _first(flow)
    with within(_REFINED, progress) as work:
        while (found := _map(flow, side, progress=work.advance)) is not None:
            _remember(flow, _Found(found))
            side *= 2
    if (after := _FOUND.get(flow)) is None:
        return None
    _remember(flow, _Found(after.colours, finest=True))
    return None if before is not None and before.colours is after.colours else _codes(after.colours)


def name(scene: Scene) -> str:
    """The name under which the browser stores the scene's map, whatever its resolution."""
    flow = compute.basins_key(scene)
    return hashlib.sha256(flow.query_string("plane").encode()).hexdigest()[:16]


def _remember(flow: Scene, found: _Found) -> None:
    cached = _FOUND.get(flow)
    if cached is not None and len(cached.colours) > len(found.colours):
        return
    while len(_FOUND) >= _KEPT:
        _FOUND.pop(next(iter(_FOUND)), None)
    _FOUND[flow] = found


def _codes(colours: Tensor) -> Bytes:
    return basin_codes(colours.numpy(), compute.COLOURS)


# ---------------------------------------------------------------------- the cost of a map


def _cost(field: MarginalField) -> float:
    """The time for one position and one data point, in units of about 2 µs."""
    if isinstance(field.path, ByForward | ByInverse) or field.prior.has_singular_edges:
        return 100.0
    easy = (
        field.path.affine_schedule is not None
        and field.prior.smooth
        and field.prior.min_mode_width is None
    )
    return 1.0 if easy else 4.0


def _first(flow: Scene) -> int:
    """The number of cells a side of the first map."""
    field = flow.field("plane")
    return _COARSE if _COARSE**2 * field.n * _cost(field) <= _MAX_FIRST else _COARSER


# ---------------------------------------------------------------------- maps, (X, Y) colours


@shared_cache(maxsize=48)
def _integrated_map(flow: Scene, side: int, progress: Progress = no_progress) -> Tensor:
    """A map whose every cell is integrated."""
    centres, inside = _cells(flow, side)
    colours = torch.full((side, side), _OUTSIDE, dtype=torch.int8)
    # In random order: where the budget does not allow all, those of the whole plane are shown.
    order = torch.randperm(int(inside.sum()), generator=torch.Generator().manual_seed(5))
    which = inside.nonzero()[order]
    found = _basin_colours(flow, centres[tuple(which.T)], progress, _BUDGET)
    colours[tuple(which[: len(found)].T)] = found
    return colours


@shared_cache(maxsize=48)
def _map(flow: Scene, side: int, progress: Progress) -> Tensor | None:
    """The map with ``side``² cells: the first, or refined from the one before; None if too slow."""
    if side == _first(flow):
        return _integrated_map(flow, side, progress=progress)
    coarse = _map(flow, side // 2, progress=progress) if side <= _FINEST else None
    return None if coarse is None else _refined(flow, coarse, progress)


def _refined(flow: Scene, coarse: Tensor, progress: Progress) -> Tensor | None:
    """A map with four cells for each of ``coarse``; None if it would take too long."""
    centres, inside = _cells(flow, 2 * len(coarse))
    split = fourfold(coarse)
    wanted = inside & (fourfold(border(coarse)) | (split == _OUTSIDE))
    field = flow.field("plane")
    if int(wanted.sum()) * field.n * _cost(field) > _MAX_REFINED:
        return None
    split[~inside] = _OUTSIDE

    def followed(colours: Tensor, wanted: Tensor) -> Tensor:
        wanted = wanted & inside
        colours[wanted] = _basin_colours(flow, centres[wanted], progress, math.inf)
        return colours

    return refined(split, wanted, followed)


def _cells(flow: Scene, side: int) -> tuple[Tensor, Tensor]:
    """The cells' centres (X, Y, 2), and whether p₁ > 0 there and they are near enough (X, Y)."""
    axes = compute.middles(axis_range(flow), side)
    centres = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    prior = flow.prior_object("plane")
    low, high = torch.tensor(prior.intervals(_TAIL, 2), dtype=torch.float64).T
    near = ((centres - 0.5 * (low + high)).abs() <= _REACH * 0.5 * (high - low)).all(-1)
    return centres, near & (prior.log_prob(centres) > -torch.inf)


def _basin_colours(flow: Scene, x1: Tensor, progress: Progress, budget: float) -> Tensor:
    """The colours of the data points that positions (K, 2) flow to, of the first within budget."""
    if not len(x1):  # the prior's support may be smaller than a cell
        return torch.empty(0, dtype=torch.int8)
    field = flow.field("plane")
    solve = trajectories if field.path.affine_schedule is None else straight_fan
    tolerance, t = compute.ends_tolerance(field), x1.new_zeros(1)
    found = solve(field, x1, t, tolerance, progress=progress, budget=budget)
    return found.basin.remainder(compute.COLOURS).to(torch.int8)
