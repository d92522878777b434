"""Axis ranges of figures: all data, most of the prior, and the trajectories between them."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.priors.base import Prior
from flowviz.figures.plane import AxisRange
from flowviz.scene import Scene
from flowviz.ui.session.cache import shared_cache

_TAIL = 0.003  # prior probability outside the range, on either side of a coordinate
_REACH = 6.0  # limit in distances of the quartile from the median, unless 5 % lie outside
_FAR = 1e3  # positions further out than this multiple of the data and prior are ignored
_POINTS = 50  # data points whose trajectories are included
_PADDING = 0.04


@shared_cache(maxsize=256)
def axis_range(flow: Scene) -> AxisRange:
    """The axis range of a flow's figure; ``flow`` is a `keys.flow_key`."""
    return field_range(flow.field(flow.space))


def field_range(field: MarginalField) -> AxisRange:
    """The axis range of a field's figure, with round ends, so that small changes do not move it."""
    low, high = _with_trajectories(
        field, *torch.tensor(prior_ranges(field.prior, field.d), dtype=torch.float64).T
    )
    if field.d == 1:
        return _rounded(float(low), float(high))
    return _square(low.tolist(), high.tolist())


def prior_ranges(prior: Prior, d: int) -> list[tuple[float, float]]:
    """The interval of each coordinate that contains the prior but for its far tails."""
    ends = prior.intervals(_TAIL, d)
    if not prior.product:
        rows = zip(ends, prior.intervals(0.05, d), prior.intervals(0.25, d), strict=True)
        ends = [_without_far_tails(*row) for row in rows]
    if prior.product:
        q = prior.icdf(torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95], dtype=torch.float64)).tolist()
        # The outer quantiles count too: half of a mixture may be narrow and the rest far away.
        low = min(q[0], q[2] - _REACH * (q[2] - q[1]))
        high = max(q[4], q[2] + _REACH * (q[3] - q[2]))
        ends = [(max(end[0], low), min(end[1], high)) for end in ends]
    bottom, top = prior.support
    return [
        (bottom if math.isfinite(bottom) else low, top if math.isfinite(top) else high)
        for low, high in ends
    ]


def _without_far_tails(
    end: tuple[float, float], most: tuple[float, float], half: tuple[float, float]
) -> tuple[float, float]:
    """An interval, cut at `_REACH` distances of the quartiles from the middle, but not in ``most``.

    Args:
        end: the interval.
        most: that of 90 %.
        half: that of 50 %.
    """
    middle, width = 0.5 * (half[0] + half[1]), 0.5 * (half[1] - half[0])
    low = min(most[0], middle - _REACH * width)
    high = max(most[1], middle + _REACH * width)
    return max(end[0], low), min(end[1], high)


def _with_trajectories(field: MarginalField, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """Lowest and highest coordinates, (d,), of data, prior (d,) and conditional trajectories.

    The trajectories may leave the range of their ends: α + σ reaches √2 where α² + σ² = 1.
    """
    least = torch.minimum(field.x0.amin(0), low)
    most = torch.maximum(field.x0.amax(0), high)
    x0 = field.x0[:: field.n // _POINTS + 1]
    if field.d == 1:
        x0 = torch.cat([x0, field.x0.amin(0)[None], field.x0.amax(0)[None]])
        x1 = torch.linspace(float(low), float(high), 5, dtype=torch.float64)[:, None]
    else:
        x1 = field.prior.sample(60, field.d, torch.Generator().manual_seed(5)).clamp(low, high)
    t = torch.linspace(0.0, 1.0, 65 if field.d == 1 else 13, dtype=torch.float64)[1:]
    x = field.path.forward(x1.repeat(len(t), 1), x0, t.repeat_interleave(len(x1)))
    x = x.reshape(-1, field.d)
    middle, reach = 0.5 * (least + most), _FAR * float((most - least).max())
    x = x[((x - middle).abs() < reach).all(1)]  # not where it is NaN, either
    if len(x):
        # A few that run far away must not make all others too small to see.
        inner = x.quantile(torch.tensor([0.005, 0.995], dtype=x.dtype), dim=0)
        margin = 0.25 * (inner[1] - inner[0])
        least = torch.minimum(least, torch.maximum(x.amin(0), inner[0] - margin))
        most = torch.maximum(most, torch.minimum(x.amax(0), inner[1] + margin))
    return least, most


def _rounded(low: float, high: float) -> AxisRange:
    """The interval with padding, its ends rounded outward."""
    pad = _PADDING * (high - low)
    step = 10.0 ** math.floor(math.log10(max(high - low, 1e-9) / 4)) / 4
    ends = math.floor((low - pad) / step) * step, math.ceil((high + pad) / step) * step
    return round(ends[0], 9), round(ends[1], 9)


def _square(low: list[float], high: list[float]) -> AxisRange:
    """A square (x0, x1, y0, y1) with padding, its centre rounded."""
    side = (1.0 + 2.0 * _PADDING) * max(b - a for a, b in zip(low, high, strict=True))
    step = 10.0 ** math.floor(math.log10(max(side, 1e-9) / 4)) / 2
    half = math.ceil(side / 2 / step) * step
    middle = [round((a + b) / 2 / step) * step for a, b in zip(low, high, strict=True)]
    return tuple(round(m + sign * half, 9) for m in middle for sign in (-1.0, 1.0))
