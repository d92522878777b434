"""At how many times trajectories are drawn: as many as make their chords look like a curve."""

from __future__ import annotations

import torch
from torch import Tensor

from flowviz.core.paths.base import Path
from flowviz.scene import Scene
from flowviz.scene.settings import Space
from flowviz.ui.session.cache import shared_cache

_CHORD = 1.0 / 600.0  # largest distance of a chord from its curve, in units of the picture
_MOST = 640
_PAIRS = 3  # data points, and prior samples, whose trajectories are tried


def curve_nodes(flow: Scene, space: Space, least: int, power: float) -> int:
    """The number of times t = (k/(n-1))^power at which the flow's trajectories look smooth.

    They bend as the conditional ones do, whose number is doubled until every chord of some of
    them is within half a pixel of the curve: a family may oscillate, as x₀ + sin(8πt) does.

    Args:
        flow: a key with the settings of the flow.
        space: on the line or in the plane.
        least: the number for families that are given; typed ones may need more.
        power: of the times.
    """
    family = flow.plane_family if space == "plane" else flow.family
    if family != "formula" and not (family == "affine" and flow.schedule == "formula"):
        return least
    return _nodes(flow, space, least, power)


@shared_cache(maxsize=128)
def _nodes(flow: Scene, space: Space, least: int, power: float) -> int:
    field = flow.field(space)
    x0 = field.x0[:: max(1, len(field.x0) // _PAIRS)][:_PAIRS]
    x1 = flow.prior_object(space).sample(_PAIRS, field.d, torch.Generator().manual_seed(5))
    return smooth_nodes(field.path, x0, x1, least, power)


def smooth_nodes(path: Path, x0: Tensor, x1: Tensor, least: int, power: float) -> int:
    """The number for the conditional trajectories from x₁ (M, d) to x₀ (N, d)."""
    count = least
    while count < _MOST:
        t = torch.linspace(0.0, 1.0, 2 * count - 1, dtype=x0.dtype) ** power
        if _largest_gap(_positions(path, x0, x1, t), t) <= _CHORD:
            return count
        count = 2 * count - 1
    return count


def _positions(path: Path, x0: Tensor, x1: Tensor, t: Tensor) -> Tensor:
    """ψ_t(x₁|x₀) of each pair, (M N, T, d)."""
    pairs = x1.repeat_interleave(len(t), 0)
    at = path.forward(pairs, x0, t.repeat(len(x1)))
    return at.reshape(len(x1), len(t), len(x0), -1).transpose(1, 2).flatten(0, 1)


def _largest_gap(x: Tensor, t: Tensor) -> float:
    """The largest distance of every second node from its neighbours' chord, of the extent."""
    before, after = t[:-2:2], t[2::2]
    fraction = ((t[1:-1:2] - before) / (after - before))[:, None]
    chord = x[:, :-2:2] + fraction * (x[:, 2::2] - x[:, :-2:2])
    gap = (x[:, 1:-1:2] - chord).abs()
    finite = x[x.isfinite()]
    extent = float(finite.max() - finite.min()) if finite.numel() else 1.0
    return float(gap.nan_to_num(0.0, 0.0, 0.0).max()) / max(extent, 1e-12)
