"""Piecewise Chebyshev series agree with their functions, also between their nodes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from flowviz.core.numerics.chebyshev import NARROWEST, Array, ChebyshevSeries, Function, fit

W = np.linspace(-2.0, 3.0, 4001)


def evaluated(*functions: Callable[[Array], Array]) -> Function:
    return lambda w: (w, np.stack([function(w) for function in functions], axis=1))


def series(function: Function, **settings: tuple[float, ...]) -> ChebyshevSeries:
    found = fit(function, (-2.0, 3.0), **settings)  # pyright: ignore[reportArgumentType]
    assert found is not None
    return found


def test_several_functions_agree_everywhere() -> None:
    found = series(evaluated(np.sin, lambda w: np.exp(-30.0 * w * w), lambda w: 1e6 * w**3))
    true = np.stack([np.sin(W), np.exp(-30.0 * W * W), 1e6 * W**3], axis=1)
    assert np.abs(found(W) - true).max(axis=0) == pytest.approx([0.0, 0.0, 0.0], abs=1e-7)
    assert np.abs(found(W) - true)[:, :2].max() < 2e-12


def test_a_polynomial_is_one_piece_and_goes_on() -> None:
    found = series(evaluated(lambda w: w**5 - w))
    assert len(found.series) == 1
    assert found(np.array([4.0]))[0, 0] == pytest.approx(1020.0, rel=1e-10)
    slopes = [float(found.end_slopes(end)[0]) for end in (0, -1)]
    assert slopes == pytest.approx([79.0, 404.0], rel=1e-10)


def test_a_corner_needs_no_pieces_where_it_is_named() -> None:
    corner = evaluated(lambda w: np.abs(w - 0.7))
    assert len(series(corner, breaks=(0.7,)).series) == 2
    unnamed = series(corner)
    assert len(unnamed.series) > 20
    assert np.abs(unnamed(W)[:, 0] - np.abs(W - 0.7)).max() < 5.0 * NARROWEST * 5.0


def test_points_that_were_rounded_are_taken_as_they_are() -> None:
    def rounded(w: Array) -> tuple[Array, Array]:
        at = np.round(w, 4)
        return at, np.exp(at)[:, None]

    assert np.abs(series(rounded)(W)[:, 0] - np.exp(W)).max() < 1e-10


def test_a_function_that_is_not_finite_or_not_smooth_has_none() -> None:
    with np.errstate(all="ignore"):
        assert fit(evaluated(np.log), (-2.0, 3.0)) is None
    noise = np.random.default_rng(0)
    assert fit(lambda w: (w, noise.normal(size=(len(w), 1))), (-2.0, 3.0)) is None
