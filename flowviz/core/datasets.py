"""Ready-made data: fixed sets of weighted points.

``DATASETS[name]`` is a ``Dataset``. Every set is given by a formula, rounded to 1e-4, not sampled,
so that links, tests and figures refer to the same points.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.priors.base import require


@dataclass(frozen=True)
class Dataset:
    """Weighted points: ``points`` N tuples of d coordinates, ``weights`` N positive numbers."""

    points: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        require(len(self.points) >= 1, "a data set needs at least one point, got none")
        require(
            len(self.weights) == len(self.points),
            f"a data set needs one weight a point, got {len(self.points)} points and "
            f"{len(self.weights)} weights",
        )

    @property
    def d(self) -> int:
        """The dimension."""
        return len(self.points[0])

    def tensors(self) -> tuple[Tensor, Tensor]:
        """(points (N, d), weights (N,)) in float64."""
        return (
            torch.tensor(self.points, dtype=torch.float64),
            torch.tensor(self.weights, dtype=torch.float64),
        )


def _line(weight_at: dict[float, float]) -> Dataset:
    """Points on the line, from position -> weight."""
    return Dataset(tuple((x,) for x in weight_at), tuple(weight_at.values()))


def _plane(points: Iterable[tuple[float, float]]) -> Dataset:
    """Points of equal weight in the plane, rounded to the grid."""
    rounded = tuple((round(x, 4), round(y, 4)) for x, y in points)
    return Dataset(rounded, (1.0,) * len(rounded))


def _polar(radius: float, turns: float) -> tuple[float, float]:
    """The point at a radius and an angle counted in full turns."""
    return radius * math.cos(math.tau * turns), radius * math.sin(math.tau * turns)


def _circle(n: int, radius: float) -> Dataset:
    return _plane(_polar(radius, k / n) for k in range(n))


def _two_moons(n: int) -> Dataset:
    """Two interleaved half circles."""
    half = [_polar(1.0, 0.5 * k / (n - 1)) for k in range(n)]
    upper = [(x - 0.5, y - 0.25) for x, y in half]
    return _plane(upper + [(-x, -y) for x, y in upper])


def _spiral(n: int, turns: float, radius: float) -> Dataset:
    """Points at equal arc length along an Archimedean spiral, where angle grows as √length."""
    lengths = ((k + 1) / n for k in range(n))
    return _plane(_polar(radius * math.sqrt(s), turns * math.sqrt(s)) for s in lengths)


def _checkerboard(cells: int, side: int, half: float) -> Dataset:
    """The dark cells of a board, each a square lattice of points."""
    width = 2.0 * half / cells
    return _plane(
        (
            -half + width * (column + (i + 0.5) / side),
            -half + width * (row + (j + 0.5) / side),
        )
        for row in range(cells)
        for column in range(cells)
        if (row + column) % 2 == 0
        for i in range(side)
        for j in range(side)
    )


def _pinwheel(arms: int, n: int, radius: float, twist: float) -> Dataset:
    """Arms whose angle grows with the radius."""
    return _plane(
        _polar(radius * s, arm / arms + twist * s)
        for arm in range(arms)
        for s in (0.2 + 0.8 * k / (n - 1) for k in range(n))
    )


DATASETS: dict[str, Dataset] = {
    # On the line, within the article's prior, the uniform prior on [0, 2].
    "article": _line({0.5: 2.0, 1.2: 1.0, 1.7: 1.0}),
    "one_point": _line({1.0: 1.0}),  # single-point trajectories
    "two_points": _line({0.5: 1.0, 1.5: 1.0}),  # a separatrix in the middle
    "nine_to_one": _line({0.5: 9.0, 1.5: 1.0}),  # the mass of a basin is the weight
    "near_and_far": _line({0.5: 1.0, 0.6: 1.0, 1.8: 1.0}),  # close points separate late
    "comb": _line({0.2: 1.0, 0.6: 1.0, 1.0: 1.0, 1.4: 1.0, 1.8: 1.0}),  # a lattice
    "outside": _line({-1.0: 1.0, 3.0: 1.0}),  # data where the prior has no mass
    # In the plane.
    "four_points": Dataset(
        ((1.2, 0.9), (-1.3, 0.7), (-0.4, -1.2), (1.1, -1.0)), (2.0, 1.0, 1.0, 1.0)
    ),
    "eight_gaussians": _circle(8, 2.0),
    "two_moons": _two_moons(16),
    "spiral": _spiral(48, 2.5, 2.0),
    "checkerboard": _checkerboard(4, 3, 2.0),
    "pinwheel": _pinwheel(5, 8, 2.0, 0.3),
    "ring": _circle(24, 1.5),
}
