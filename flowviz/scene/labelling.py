"""Labels for points that have none: two examples, and ways to divide points into two classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from flowviz.scene.points import AnyPoints, PlanePoints, Points

Array = NDArray[np.float64]

#: Two classes side by side, each with a point next to the other and points further out.
EXAMPLE: dict[str, AnyPoints] = {
    "points": Points((-1.0, 0.0, 1.0, 2.0), (1.0,) * 4, (2, 2, 1, 1)),
    "plane_points": PlanePoints(
        (0.5, 1.4, 1.4, -0.5, -1.4, -1.4),
        (0.0, 0.9, -0.9, 0.0, 0.9, -0.9),
        (1.0,) * 6,
        (1, 1, 1, 2, 2, 2),
    ),
}


def _halves(x: Array, w: Array) -> Array:
    """From left to right, half of the weight each."""
    order = np.argsort(x[:, 0], kind="stable")
    before = np.empty(len(x))
    before[order] = np.cumsum(w[order]) - 0.5 * w[order]
    return before


def _centre(x: Array, w: Array) -> Array:
    """From the mean outwards, half of the weight each."""
    distance = np.linalg.norm(x - (w @ x) / w.sum(), axis=1)
    return _halves(distance[:, None], w)


def _sign(x: Array, w: Array) -> Array:
    """By the sign of the first coordinate."""
    return np.where(x[:, 0] < 0.0, 0.0, w.sum())


#: By name, what divides points into two classes: below half of the weight the first.
WAYS: dict[str, Callable[[Array, Array], Array]] = {
    "halves": _halves,
    "centre": _centre,
    "sign": _sign,
}


def ways(points: AnyPoints) -> list[str]:
    """The names of `WAYS` that give both classes."""
    return [name for name in WAYS if len(set(_labels(points, name))) == 2]


def labelled(points: AnyPoints, name: str) -> AnyPoints:
    """The points, divided into two classes: the first is b, the second a.

    Args:
        points: of any kind; their own labels are replaced.
        name: of `WAYS`.
    """
    return points.with_labels(_labels(points, name))


def _labels(points: AnyPoints, name: str) -> Sequence[int]:
    rows = np.asarray(points.rows, dtype=float)
    w = rows[:, -1]
    before = WAYS[name](rows[:, :-1], w)
    return np.where(before < 0.5 * w.sum(), 2, 1).tolist()
