"""A prior moved and scaled to data, and data moved and scaled to mean 0 and deviation 1."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flowviz.scene.parameters import PLANE_PRIOR, PRIOR, Params, Registry, Spec, Value
from flowviz.scene.points import PlanePoints, Points

_ROOM = 0.05  # beyond the data on either side of an interval, in units of their extent
_STEEPEST = 0.99  # correlation of a component


class Moments(NamedTuple):
    """Weighted mean and standard deviation of each coordinate, (d,); correlation of the first two.

    Where all points agree the deviation is 1.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    correlation: float


def moments(points: Points | PlanePoints) -> Moments:
    """The moments of weighted points."""
    rows = np.array(points.rows)
    x, w = rows[:, :-1], rows[:, -1] / rows[:, -1].sum()
    mean = w @ x
    centred = x - mean
    deviation = np.sqrt(w @ centred**2)
    deviation = np.where(deviation > 0.0, deviation, 1.0)
    correlation = float(w @ (centred[:, 0] * centred[:, -1]) / (deviation[0] * deviation[-1]))
    return Moments(mean, deviation, correlation)


def standardised(points: Points | PlanePoints) -> Points | PlanePoints:
    """The points z = (x - mean)/deviation, coordinate by coordinate; their weights stay."""
    mean, deviation, _ = moments(points)
    rows = ((np.array(row[:-1]) - mean) / deviation for row in points.rows)
    weighted = [(*z.tolist(), row[-1]) for z, row in zip(rows, points.rows, strict=True)]
    return type(points).of(weighted)


def fitted(prior: str, params: Params, points: Points) -> Params:
    """The parameters that put a prior of the line onto points.

    A location and a scale match mean and standard deviation by the prior's median and its central
    68 %; the ends of an interval enclose all points; a mixture's components divide the points in
    order into equal parts; samples are given the points' mean and deviation.
    """
    values = dict(params)
    x = np.array(points.x)
    (mean,), (deviation,), _ = moments(points)
    low, high = float(x.min()), float(x.max())
    room = _ROOM * (high - low) or 1.0
    if {"loc", "scale"} <= set(values):
        values |= _location_scale(prior, values, float(mean), float(deviation))
    elif {"low", "high"} <= set(values):
        values |= {"low": low - room, "high": high + room}
        values |= {"mode": float(np.median(x))} if "mode" in values else {}
    elif "samples" in values:
        values |= _moved(values, float(mean), float(deviation))
    elif "means" in values:
        values |= _components(values, x, float(deviation))
    return _accepted(PRIOR, prior, values)


def fitted_plane(points: PlanePoints) -> tuple[str, Params]:
    """One component with the points' mean and covariance: the only prior whose axes move apart."""
    (mx, my), (sx, sy), r = moments(points)
    name = "gaussian_mixture_2d"
    values: dict[str, Value] = {
        "means_x": (float(mx),),
        "means_y": (float(my),),
        "scales_x": (float(sx),),
        "scales_y": (float(sy),),
        "correlations": (max(-_STEEPEST, min(_STEEPEST, r)),),
        "weights": (1.0,),
    }
    return name, _accepted(PLANE_PRIOR, name, values)


def _location_scale(
    prior: str, values: dict[str, Value], mean: float, deviation: float
) -> dict[str, float]:
    standard = PRIOR.classes()[prior](**(values | {"loc": 0.0, "scale": 1.0}))
    below, middle, above = (float(standard.icdf(q)) for q in (0.15865525, 0.5, 0.84134475))
    scale = deviation / (0.5 * (above - below))
    return {"loc": mean - scale * middle, "scale": scale}


def _moved(values: dict[str, Value], mean: float, deviation: float) -> dict[str, Value]:
    """Samples with another mean and deviation, and their bandwidth with them."""
    samples = np.array(values["samples"])
    scale = deviation / (float(samples.std()) or 1.0)
    moved = mean + scale * (samples - samples.mean())
    bandwidth = float(np.array(values["bandwidth"])) * scale
    return {"samples": tuple(moved.tolist()), "bandwidth": bandwidth}


def _components(
    values: dict[str, Value], x: NDArray[np.float64], deviation: float
) -> dict[str, Value]:
    means = values["means"]
    count = len(means) if isinstance(means, Sequence) else 1
    levels = (np.arange(count) + 0.5) / count
    return {
        "means": tuple(np.quantile(x, levels).tolist()),
        "scales": (deviation / math.sqrt(count),) * count,
    }


def _accepted(registry: Registry, prior: str, values: dict[str, Value]) -> Params:
    """The nearest parameters that are accepted."""
    specs = registry.specs(prior)
    return registry.canonical(prior, {key: _bounded(specs[key], v) for key, v in values.items()})


def _bounded(spec: Spec, value: Value) -> Value:
    """The nearest value that is accepted."""
    if isinstance(value, tuple):
        return tuple(min(max(v, spec.least), spec.most) for v in value)
    return value if isinstance(value, str) else min(max(value, spec.least), spec.most)
