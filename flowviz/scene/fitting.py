"""Fit of a prior to data, and standardisation of data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from flowviz.scene.parameters import PLANE_PRIOR, PRIOR, Params, Registry, Spec, Value
from flowviz.scene.points import AnyPoints, PlanePoints, Points

_MARGIN = 0.05  # of an interval around the data, on each side, in units of their extent
_MAX_CORRELATION = 0.99
# Parameters of priors that are positions, and those that are lengths.
POSITIONS = frozenset({"loc", "low", "high", "mode", "means", "samples"})
LENGTHS = frozenset({"scale", "scales", "bandwidth"})
PLANE_POSITIONS = POSITIONS | {"means_x", "means_y", "samples_x", "samples_y"}
PLANE_LENGTHS = LENGTHS | {"scales_x", "scales_y", "radius", "width"}


class Moments(NamedTuple):
    """Weighted mean and standard deviation of each coordinate, (d,); correlation of the first two.

    The deviation is 1 where it would be 0.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    correlation: float


def moments(points: AnyPoints) -> Moments:
    """The moments of weighted points."""
    rows = np.array(points.rows)
    x, w = rows[:, :-1], rows[:, -1] / rows[:, -1].sum()
    mean = w @ x
    centred = x - mean
    deviation = np.sqrt(w @ centred**2)
    deviation = np.where(deviation > 0.0, deviation, 1.0)
    correlation = float(w @ (centred[:, 0] * centred[:, -1]) / (deviation[0] * deviation[-1]))
    return Moments(mean, deviation, correlation)


def standardised(points: AnyPoints) -> AnyPoints:
    """The points z = (x - mean)/deviation, for each coordinate, with their weights."""
    mean, deviation, _ = moments(points)
    rows = ((np.array(row[:-1]) - mean) / deviation for row in points.rows)
    weighted = [(*z.tolist(), row[-1]) for z, row in zip(rows, points.rows, strict=True)]
    return type(points).of(weighted).with_labels(points.labels)


def fitted(prior: str, params: Params, points: Points) -> Params:
    """The parameters with which a prior of the line fits points.

    A location and a scale match mean and standard deviation by the prior's median and its central
    68 %; an interval contains all points; the means of a mixture's n components are the quantiles
    (k + 1/2)/n of the points; samples are shifted and scaled to the points' mean and deviation.
    """
    values = dict(params)
    x = np.array(points.x)
    (mean,), (deviation,), _ = moments(points)
    low, high = float(x.min()), float(x.max())
    margin = _MARGIN * (high - low) or 1.0
    if {"loc", "scale"} <= set(values):
        values |= _location_scale(prior, values, float(mean), float(deviation))
    elif {"low", "high"} <= set(values):
        values |= {"low": low - margin, "high": high + margin}
        values |= {"mode": float(np.median(x))} if "mode" in values else {}
    elif "samples" in values:
        values |= _rescaled(values, float(mean), float(deviation))
    elif "means" in values:
        values |= _components(values, x, float(deviation))
    return _within_bounds(PRIOR, prior, values)


def rescaled(prior: str, params: Params, mean: float, deviation: float) -> Params:
    """The parameters of a prior of the line for z = (x - mean)/deviation in place of x."""
    values = dict(params)
    for name in POSITIONS & set(values):
        values[name] = _each(values[name], lambda x: (x - mean) / deviation)
    for name in LENGTHS & set(values):
        values[name] = _each(values[name], lambda x: x / deviation)
    return _within_bounds(PRIOR, prior, values)


def _each(value: Value, change: Callable[[float], float]) -> Value:
    if isinstance(value, tuple):
        return tuple(map(change, value))
    return value if isinstance(value, str) else change(value)


def fitted_plane(points: PlanePoints) -> tuple[str, Params]:
    """A Gaussian with the points' mean and covariance, as a mixture of one component."""
    (mx, my), (sx, sy), r = moments(points)
    name = "gaussian_mixture_2d"
    values: dict[str, Value] = {
        "means_x": (float(mx),),
        "means_y": (float(my),),
        "scales_x": (float(sx),),
        "scales_y": (float(sy),),
        "correlations": (max(-_MAX_CORRELATION, min(_MAX_CORRELATION, r)),),
        "weights": (1.0,),
    }
    return name, _within_bounds(PLANE_PRIOR, name, values)


def _location_scale(
    prior: str, values: dict[str, Value], mean: float, deviation: float
) -> dict[str, float]:
    standard = PRIOR.classes()[prior](**(values | {"loc": 0.0, "scale": 1.0}))
    below, middle, above = (float(standard.icdf(q)) for q in (0.15865525, 0.5, 0.84134475))
    scale = deviation / (0.5 * (above - below))
    return {"loc": mean - scale * middle, "scale": scale}


def _rescaled(values: dict[str, Value], mean: float, deviation: float) -> dict[str, Value]:
    """Samples shifted and scaled to a mean and a deviation, with the bandwidth scaled alike."""
    samples = np.array(values["samples"])
    scale = deviation / (float(samples.std()) or 1.0)
    rescaled = mean + scale * (samples - samples.mean())
    bandwidth = float(np.array(values["bandwidth"])) * scale
    return {"samples": tuple(rescaled.tolist()), "bandwidth": bandwidth}


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


def _within_bounds(registry: Registry, prior: str, values: dict[str, Value]) -> Params:
    """The parameters, each clamped to its bounds."""
    specs = registry.specs(prior)
    return registry.canonical(prior, {key: _clamped(specs[key], v) for key, v in values.items()})


def _clamped(spec: Spec, value: Value) -> Value:
    """The value clamped to the parameter's bounds."""
    if isinstance(value, tuple):
        return tuple(min(max(v, spec.least), spec.most) for v in value)
    return value if isinstance(value, str) else min(max(value, spec.least), spec.most)
