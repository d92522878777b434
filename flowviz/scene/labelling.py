"""Labels for points that have none: two examples, and ways to divide points into two classes.

Without NumPy, as what a page imports first: its threads are limited before it is imported.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from flowviz.scene.points import AnyPoints, PlanePoints, Points

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

Rows = Sequence[tuple[float, ...]]


def _first_half(rows: Rows, key: Sequence[float]) -> list[bool]:
    """Which points, in the order of a key, make up the first half of the weight."""
    half, before = 0.5 * math.fsum(row[-1] for row in rows), 0.0
    first = [False] * len(rows)
    for i in sorted(range(len(rows)), key=key.__getitem__):
        first[i] = before + 0.5 * rows[i][-1] < half
        before += rows[i][-1]
    return first


def _halves(rows: Rows) -> list[bool]:
    """From left to right, half of the weight each."""
    return _first_half(rows, [row[0] for row in rows])


def _centre(rows: Rows) -> list[bool]:
    """From the mean outwards, half of the weight each."""
    *columns, w = zip(*rows, strict=True)
    total = math.fsum(w)
    mean = [math.fsum(map(math.prod, zip(column, w, strict=True))) / total for column in columns]
    return _first_half(rows, [math.dist(row[:-1], mean) for row in rows])


def _sign(rows: Rows) -> list[bool]:
    """By the sign of the first coordinate."""
    return [row[0] < 0.0 for row in rows]


#: By name, what divides points into two classes: which of them are of the first.
WAYS: dict[str, Callable[[Rows], list[bool]]] = {
    "halves": _halves,
    "centre": _centre,
    "sign": _sign,
}


def ways(points: AnyPoints) -> list[str]:
    """The names of `WAYS` that give both classes."""
    return [name for name in WAYS if len(set(labelled(points, name).labels)) == 2]


def labelled(points: AnyPoints, name: str) -> AnyPoints:
    """The points, divided into two classes: the first is b, the second a.

    Args:
        points: of any kind; their own labels are replaced.
        name: of `WAYS`.
    """
    return points.with_labels(2 if first else 1 for first in WAYS[name](points.rows))
