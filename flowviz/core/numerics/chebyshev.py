"""Functions of one variable as Chebyshev series on intervals, refined until they agree.

On each interval [a, b] a function is the polynomial of degree `DEGREE` through its values at the
Chebyshev nodes,

    f(w) = Σ_k c_k T_k(s),      s = (2w - a - b)/(b - a),

and an interval is halved until the polynomial agrees with the function at other points. Where the
function jumps or has a corner that is no interval's end, the intervals become `NARROWEST`.

Source: Trefethen, Approximation Theory and Approximation Practice (2013), chapters 3 and 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Function = Callable[[Array], tuple[Array, Array]]
"""Points (M,) -> the points that it was evaluated at, apart by rounding only, and values (M, F)."""

DEGREE = 16
NARROWEST = 1e-12
"""The least width of an interval, relative to the whole."""
_CHECKED = 7  # points of an interval at which the polynomial is compared with the function


@dataclass(frozen=True)
class ChebyshevSeries:
    """Functions on [edges[0], edges[-1]].

    ``edges`` (K + 1,), rising; ``series`` (K, F, `DEGREE` + 1), the coefficients c_k.
    """

    edges: Array
    series: Array

    def __call__(self, w: Array) -> Array:
        """The values at points, (M,) -> (M, F); outside the outer polynomials are continued."""
        piece = np.clip(np.searchsorted(self.edges, w) - 1, 0, len(self.series) - 1)
        basis = _basis(w, self.edges[piece], self.edges[piece + 1])
        return np.einsum("mk,mfk->mf", basis, self.series[piece])

    def end_slopes(self, end: int) -> Array:
        """The derivatives at the first (0) or the last end (-1), (F,)."""
        low, high = self.edges[[0, 1] if end == 0 else [-2, -1]]
        slopes = chebyshev.chebder(self.series[end].T)
        at = chebyshev.chebval(-1.0 if end == 0 else 1.0, slopes)
        return np.asarray(at) * (2.0 / (high - low))


def fit(
    function: Function,
    ends: tuple[float, float],
    breaks: tuple[float, ...] = (),
    tolerance: tuple[float, float] = (1e-12, 4e-15),
    most: int = 400,
) -> ChebyshevSeries | None:
    """Fit functions of one variable.

    Args:
        function: evaluates all functions at once.
        ends: the interval.
        breaks: points inside it where a derivative jumps: ends of intervals.
        tolerance: the errors allowed, absolute and relative to the value.
        most: intervals.

    Returns:
        The series; None where a value is not finite, and where more intervals are needed.
    """
    low, high = ends
    inner = sorted(point for point in set(breaks) if low < point < high)
    edges = np.array([low, *inner, high])
    todo = np.stack([edges[:-1], edges[1:]], axis=1)
    done: list[tuple[Array, Array]] = []
    while len(todo):
        fitted = _fitted(function, todo, tolerance, NARROWEST * (high - low))
        if fitted is None or len(done) + 2 * len(todo) > 2 * most:
            return None
        series, good = fitted
        done += list(zip(todo[good], series[good], strict=True))
        todo = todo[~good]
        middle = todo.mean(axis=1)
        halves = [np.stack(ends, axis=1) for ends in ((todo[:, 0], middle), (middle, todo[:, 1]))]
        todo = np.concatenate(halves)
    done.sort(key=lambda piece: piece[0][0])
    starts = np.array([piece[0][0] for piece in done])
    return ChebyshevSeries(np.append(starts, high), np.stack([piece[1] for piece in done]))


def _fitted(
    function: Function, pieces: Array, tolerance: tuple[float, float], narrowest: float
) -> tuple[Array, NDArray[np.bool]] | None:
    """The series of pieces (K, 2), and which are good; None where a value is not finite."""
    count = DEGREE + 1
    nodes = -np.cos(np.pi * (np.arange(count) + 0.5) / count)
    checked = np.cos(np.pi * (np.arange(_CHECKED) + 0.37) / _CHECKED)
    low, high = pieces[:, :1], pieces[:, 1:]
    points = 0.5 * (low + high) + 0.5 * (high - low) * np.concatenate([nodes, checked])
    at, values = function(points.ravel())
    if not np.isfinite(values).all():
        return None
    values = values.reshape(*points.shape, -1)
    basis = _basis(at, *(np.repeat(end, points.shape[1]) for end in (low, high)))
    basis = basis.reshape(*points.shape, count)
    series = np.linalg.solve(basis[:, :count], values[:, :count])
    error = np.abs(basis[:, count:] @ series - values[:, count:])
    allowed = np.maximum(tolerance[0], tolerance[1] * np.abs(values[:, count:]))
    good = (error <= allowed).all(axis=(1, 2)) | (pieces[:, 1] - pieces[:, 0] < narrowest)
    return np.swapaxes(series, 1, 2), good


def _basis(w: Array, low: Array, high: Array) -> Array:
    """T_k of points on their intervals, (M, `DEGREE` + 1)."""
    return chebyshev.chebvander((2.0 * w - low - high) / (high - low), DEGREE)
