"""The basin map: coarse at once, and after the picture as fine as its borders deserve.

Every cell shows where its middle flows to, computed by the transport that moves the particles. A
finer map has four cells for each; of these only the ones beside a border are followed, and as many
more as the border then turns out to touch: the others lie inside a basin, as their parent does. So
a map of 512² cells costs some thousand trajectories instead of a quarter of a million.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.transport import straight_fan, trajectories
from flowviz.figures.plane import Bytes, basin_codes
from flowviz.scene import Scene
from flowviz.ui.plane import compute
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import Progress, shared, silent

_COARSE, _COARSER, _FINEST = 64, 20, 512  # cells a side
_AT_ONCE, _LATER = 3e5, 1.6e6  # positions × data points × `_cost`, of a map of one fineness
_BLOCK = 4096  # positions followed together: bounds memory
_NOWHERE = -1  # no prior there
_TAIL, _REACH = 1e-9, 2.0  # further out than twice what holds all but this, nobody starts

_PATIENCE_S = 8.0  # no map is refined any longer: the checks wait for it


class _Enough(Exception):
    """It took longer than the map is worth."""


@dataclass(frozen=True)
class _Found:
    """The finest map so far of a flow; ``finest``, there will be no finer one."""

    colours: Tensor
    finest: bool = False


_FOUND: dict[Scene, _Found] = {}
_KEPT = 32


def codes(scene: Scene, *, hurry: bool = False) -> Bytes:
    """The finest map that is known, as `basin_codes`; where none is, one that is soon computed.

    Args:
        scene: what is shown.
        hurry: a hand moves, and any map will do.
    """
    flow = compute.basins_key(scene)
    if (known := _FOUND.get(flow)) is not None:
        return _codes(known.colours)
    return _codes(_whole(flow, _COARSER if hurry else _first(flow), progress=silent))


def finer(scene: Scene, progress: Progress) -> Bytes | None:
    """The finest map that is worth its time, as `basin_codes`; None if that is known already.

    What was found of it is kept, should ``progress`` raise.
    """
    flow = compute.basins_key(scene)
    before = _FOUND.get(flow)
    if before is not None and before.finest:
        return None
    started = time.monotonic()

    def patient(done: float) -> None:
        progress(done)
        if time.monotonic() - started > _PATIENCE_S:
            raise _Enough

    side = _first(flow)
    try:
        while (found := _map(flow, side, progress=patient)) is not None:
            _remember(flow, _Found(found))
            side *= 2
    except _Enough:
        pass
    if (after := _FOUND.get(flow)) is None:
        return None
    _remember(flow, _Found(after.colours, finest=True))
    return None if before is not None and before.colours is after.colours else _codes(after.colours)


def name(scene: Scene) -> str:
    """What names the map of a scene, however fine it is."""
    flow = compute.basins_key(scene)
    return hashlib.sha256(flow.query_string("plane").encode()).hexdigest()[:16]


def _remember(flow: Scene, found: _Found) -> None:
    known = _FOUND.get(flow)
    if known is not None and len(known.colours) > len(found.colours):
        return
    while len(_FOUND) >= _KEPT:
        _FOUND.pop(next(iter(_FOUND)), None)
    _FOUND[flow] = found


def _codes(colours: Tensor) -> Bytes:
    return basin_codes(colours.numpy(), compute.COLOURS)


# ---------------------------------------------------------------------- what a map costs


def _cost(field: MarginalField) -> float:
    """What a position costs for each data point; 1 is about 2 µs."""
    if isinstance(field.path, ByForward | ByInverse) or field.prior.has_singular_edges:
        return 100.0
    easy = (
        field.path.affine_schedule is not None
        and field.prior.smooth
        and field.prior.min_mode_width is None
    )
    return 1.0 if easy else 4.0


def _first(flow: Scene) -> int:
    """How many cells a side the first map has."""
    field = flow.field("plane")
    return _COARSE if _COARSE**2 * field.n * _cost(field) <= _AT_ONCE else _COARSER


# ---------------------------------------------------------------------- maps, (X, Y) colours


@shared(maxsize=48)
def _whole(flow: Scene, side: int, progress: Progress) -> Tensor:
    """A map with every cell followed."""
    places, inside = _cells(flow, side)
    colours = torch.full((side, side), _NOWHERE, dtype=torch.int8)
    colours[inside] = _basin_colours(flow, places[inside], progress)
    return colours


@shared(maxsize=48)
def _map(flow: Scene, side: int, progress: Progress) -> Tensor | None:
    """The map with ``side``² cells: the first, or refined from one before; None if too dear."""
    if side == _first(flow):
        return _whole(flow, side, progress=progress)
    coarse = _map(flow, side // 2, progress=progress) if side <= _FINEST else None
    return None if coarse is None else _refined(flow, coarse, progress)


def _refined(flow: Scene, coarse: Tensor, progress: Progress) -> Tensor | None:
    """A map with four cells for each of ``coarse``; None if it is not worth its time."""
    places, inside = _cells(flow, 2 * len(coarse))
    colours, beside = _fourfold(coarse), _fourfold(_beside(coarse))
    wanted = inside & (beside | (colours == _NOWHERE))
    field = flow.field("plane")
    if int(wanted.sum()) * field.n * _cost(field) > _LATER:
        return None
    colours[~inside] = _NOWHERE
    done = torch.zeros_like(inside)
    while wanted.any():
        colours[wanted] = _basin_colours(flow, places[wanted], progress)
        done |= wanted
        wanted = _beside(colours) & inside & ~done
    return colours


def _cells(flow: Scene, side: int) -> tuple[Tensor, Tensor]:
    """The cells' middles (X, Y, 2), and whether the prior reaches there (X, Y)."""
    axes = compute.middles(axis_range(flow), side)
    places = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    prior = flow.prior_object("plane")
    low, high = torch.tensor(prior.intervals(_TAIL, 2), dtype=torch.float64).T
    near = ((places - 0.5 * (low + high)).abs() <= _REACH * 0.5 * (high - low)).all(-1)
    return places, near & (prior.log_prob(places) > -torch.inf)


def _basin_colours(flow: Scene, x1: Tensor, progress: Progress) -> Tensor:
    """The colours of the data points that positions (K, 2) flow to."""
    if not len(x1):  # the prior may be smaller than a cell
        return torch.empty(0, dtype=torch.int8)
    field = flow.field("plane")
    follow = trajectories if field.path.affine_schedule is None else straight_fan
    enough, end = compute.ends_tolerance(field), x1.new_zeros(1)
    ends = [follow(field, x, end, enough, progress=progress).basin for x in x1.split(_BLOCK)]
    return torch.cat(ends).remainder(compute.COLOURS).to(torch.int8)


def _fourfold(cells: Tensor) -> Tensor:
    return cells.repeat_interleave(2, dim=0).repeat_interleave(2, dim=1)


def _beside(colours: Tensor) -> Tensor:
    """Which cells have a neighbour of another colour."""
    out = torch.zeros(colours.shape, dtype=torch.bool)
    across, along = colours.diff(dim=0) != 0, colours.diff(dim=1) != 0
    out[1:] |= across
    out[:-1] |= across
    out[:, 1:] |= along
    out[:, :-1] |= along
    return out
