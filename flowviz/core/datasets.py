"""Ready-made data sets: weighted points, always the same ones.

``DATASETS[name]`` is a ``Dataset`` with its points, its weights and what it teaches.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Dataset:
    """Weighted points: ``points`` N tuples of d coordinates, ``weights`` N positive numbers."""

    points: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]

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


def line(points: dict[float, float]) -> Dataset:
    """A data set on the line, from position -> weight."""
    return Dataset(tuple((x,) for x in points), tuple(points.values()))


DATASETS: dict[str, Dataset] = {
    "article": line({0.5: 2.0, 1.2: 1.0, 1.7: 1.0}),
    "one_point": line({1.0: 1.0}),
    "two_points": line({0.5: 1.0, 1.5: 1.0}),
    "nine_to_one": line({0.5: 9.0, 1.5: 1.0}),
    "near_and_far": line({0.5: 1.0, 0.6: 1.0, 1.8: 1.0}),
    "comb": line({0.2 + 0.2 * k: 1.0 for k in range(9)}),
}
