"""The flow of the plane by independent means: NumPy, explicit formulas, small controlled steps.

Nothing of the package is used but the numbers that its priors and families hold. In s = -log t the
equation is dx/ds = -t Σ r_i f_t(x|x₀ᵢ), stepped by DOP853 (SciPy's numbers) for all trajectories at
once, each with a step of its own that never exceeds `LONGEST`: whatever comes back is met, and a
corner or a jump of the density is crossed in steps so short that what is lost there is as small as
the tolerance. Complex numbers stand for vectors of the plane where a family turns.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate._ivp import dop853_coefficients as tableau
from scipy.special import i0e

from flowviz.core import paths, priors
from flowviz.core.paths import nonlinear

LONGEST, LAST = 0.05, 1e-4
"""The longest step in log t, and the time at which one data point has all."""
RIM = 1e3 * float(np.finfo(np.longdouble).eps)
"""By how much a support with infinite edges is narrower, as a fraction of its width."""

Array = Any
LogDensity = Callable[[Array], Array]
Pairs = Callable[[Array, Array], tuple[Array, Array, Array]]
"""x (Q, 1, 2), t (Q, 1, 1) -> free ends (Q, N, 2), log|det ∂φ/∂x| (Q, N), velocities (Q, N, 2)."""


# ---------------------------------------------------------------------- priors


def log_density(prior: priors.Prior) -> LogDensity:
    """log p₁ of positions (..., 2), up to a constant."""
    match prior:
        case priors.Disk():
            return lambda z: _log((z**2).sum(-1) <= prior.radius**2)
        case priors.Ring():
            return lambda z: _ring(np.hypot(z[..., 0], z[..., 1]), prior.radius, prior.width)
        case priors.GaussianMixture2D():
            return lambda z: _mixture_of_the_plane(z, prior)
        case priors.StudentT2D():
            p = prior
            return lambda z: (
                -(p.df + 2) / 2 * np.log(1 + (((z - p.loc) / p.scale) ** 2).sum(-1) / p.df)
            )
        case priors.KernelDensity2D():
            samples = np.stack([prior.samples_x, prior.samples_y], axis=-1)
            return lambda z: np.logaddexp.reduce(
                [-((z - s) ** 2).sum(-1) / (2 * prior.bandwidth**2) for s in samples]
            )
        case _:
            each = _coordinate(prior)
            return lambda z: each(z[..., 0]) + each(z[..., 1])


def _log(value: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(value)


def _ring(r: Array, radius: float, width: float) -> Array:
    return -((r - radius) ** 2) / (2 * width**2) + np.log(i0e(r * radius / width**2))


def _mixture_of_the_plane(z: Array, p: priors.GaussianMixture2D) -> Array:
    terms = []
    columns = (p.means_x, p.means_y, p.scales_x, p.scales_y, p.correlations, p.weights)
    for mx, my, sx, sy, r, w in zip(*columns, strict=True):
        covariance = np.array([[sx * sx, r * sx * sy], [r * sx * sy, sy * sy]])
        away = z - np.array([mx, my])
        square = np.einsum("...i,ij,...j->...", away, np.linalg.inv(covariance), away)
        terms.append(math.log(w) - 0.5 * math.log(np.linalg.det(covariance)) - 0.5 * square)
    return np.logaddexp.reduce(terms)


def _coordinate(p: Any) -> LogDensity:
    match p:
        case priors.Uniform():
            return lambda z: _log((z >= p.low) & (z <= p.high))
        case priors.Gaussian():
            return lambda z: -(((z - p.loc) / p.scale) ** 2) / 2
        case priors.Laplace():
            return lambda z: -np.abs(z - p.loc) / p.scale
        case priors.StudentT():
            return lambda z: -(p.df + 1) / 2 * np.log1p(((z - p.loc) / p.scale) ** 2 / p.df)
        case priors.Logistic():
            return lambda z: (
                -2 * np.logaddexp(z / 2, -z / 2)
                if p.loc == 0 and p.scale == 1
                else (-2 * np.logaddexp((z - p.loc) / p.scale / 2, (p.loc - z) / p.scale / 2))
            )
        case priors.GaussianMixture():
            parts = list(zip(p.means, p.scales, p.weights, strict=True))
            return lambda z: np.logaddexp.reduce(
                [math.log(w / s) - ((z - m) / s) ** 2 / 2 for m, s, w in parts]
            )
        case priors.KernelDensity():
            return lambda z: np.logaddexp.reduce(
                [-(((z - s) / p.bandwidth) ** 2) / 2 for s in p.samples]
            )
        case priors.Triangular():
            return lambda z: _log(
                np.clip(
                    np.where(
                        z < p.mode,
                        (z - p.low) / (p.mode - p.low),
                        (p.high - z) / (p.high - p.mode),
                    ),
                    0.0,
                    None,
                )
            )
        case priors.Exponential():
            return lambda z: np.where(z >= p.loc, -(z - p.loc) / p.scale, -np.inf)
        case priors.Arcsine():
            rim = RIM * (p.high - p.low)
            return lambda z: (
                -0.5
                * _log(
                    np.where(
                        (z - p.low > rim) & (p.high - z > rim), (z - p.low) * (p.high - z), np.inf
                    )
                )
            )
    raise TypeError(p)


# ---------------------------------------------------------------------- families


def pairs(path: Any, x0: Array) -> Pairs:
    """What each data point says of each position."""
    match path:
        case nonlinear.Parabola():
            return _turning(
                x0,
                lambda t: t + 1j * path.bend * t * (1 - t),
                lambda t: 1 + 1j * path.bend * (1 - 2 * t),
            )
        case nonlinear.Wave():
            k = math.pi * path.halves
            return _turning(
                x0,
                lambda t: t + 1j * path.height * np.sin(k * t),
                lambda t: 1 + 1j * path.height * k * np.cos(k * t),
            )
        case nonlinear.Swirl():
            a = 2 * math.pi * path.turns
            return _turning(
                x0,
                lambda t: t * np.exp(1j * a * (1 - t)),
                lambda t: (1 - 1j * a * t) * np.exp(1j * a * (1 - t)),
            )
        case nonlinear.PerAxis():
            return _per_axis(x0, np.array([path.first, path.second]))
        case nonlinear.Detour():
            return _detour(x0, path.swing)
        case nonlinear.Squeeze():
            return _squeeze(x0, path.k)
        case paths.Affine():
            return _detour(x0, 0.0)
    raise TypeError(path)


def _turning(x0: Array, pull: Callable, rate: Callable) -> Pairs:
    def look(x: Array, t: Array) -> tuple[Array, Array, Array]:
        chord = (x - x0) @ np.array([1, 1j])
        time = t[..., 0]
        free, speed = chord / pull(time), chord * rate(time) / pull(time)
        return x0 + _vector(free), np.zeros(chord.shape), _vector(speed)

    return look


def _vector(c: Array) -> Array:
    return np.stack([c.real, c.imag], axis=-1)


def _per_axis(x0: Array, powers: Array) -> Pairs:
    def look(x: Array, t: Array) -> tuple[Array, Array, Array]:
        chord = x - x0
        return x0 + chord / t**powers, np.zeros(chord.shape[:-1]), powers * chord / t

    return look


def _detour(x0: Array, swing: float) -> Pairs:
    wiggle = swing * np.sin(math.pi * x0)

    def look(x: Array, t: Array) -> tuple[Array, Array, Array]:
        free = (x - (1 - t) * (x0 + t * wiggle)) / t
        rate = -x0 + (1 - 2 * t) * wiggle
        return free, np.zeros(free.shape[:-1]), rate + free

    return look


def _squeeze(x0: Array, k: float) -> Pairs:
    def look(x: Array, t: Array) -> tuple[Array, Array, Array]:
        target = (x - x0) / t  # c + k (1-t) tanh(c), c the chord x₁ - x₀
        reach = k * (1 - t)
        low, high = target - np.abs(reach) - 1e-9, target + np.abs(reach) + 1e-9
        chord = target / (1 + np.maximum(reach, 0.0))
        for _ in range(60):
            bend = np.tanh(chord)
            value = chord + reach * bend - target
            low, high = np.where(value < 0, chord, low), np.where(value > 0, chord, high)
            new = chord - value / (1 + reach * (1 - bend**2))
            new = np.where((new > low) & (new < high), new, (low + high) / 2)
            if np.all(np.abs(new - chord) <= 4e-16 * (1 + np.abs(new))):
                break
            chord = new
        bend = np.tanh(chord)
        slope = t * (1 + reach * (1 - bend**2))
        velocity = chord + k * (1 - 2 * t) * bend
        return x0 + chord, -np.log(slope).sum(-1), velocity

    return look


# ---------------------------------------------------------------------- the flow


class Flow:
    """The marginal flow of data points of the plane.

    Args:
        x0: data points, (N, 2).
        weights: theirs, (N,).
        prior: the law of x₁.
        path: a built-in family.
    """

    def __init__(self, x0: Array, weights: Array, prior: priors.Prior, path: Any) -> None:
        self._real = np.longdouble if prior.has_singular_edges else np.float64
        self.x0, self._weights = np.asarray(x0, self._real), np.log(np.asarray(weights, self._real))
        self._density, self._pairs = log_density(prior), pairs(path, self.x0)

    def shares(self, x: Array, t: Array) -> tuple[Array, Array]:
        """Posterior weights, (Q, N), NaN where p = 0; and each data point's velocity, (Q, N, 2)."""
        free, log_det, velocity = self._pairs(x[:, None], t[:, None, None])
        with np.errstate(invalid="ignore", over="ignore"):
            terms = self._density(free) + log_det + self._weights
            share = np.exp(terms - terms.max(1, keepdims=True))
        return share / share.sum(1, keepdims=True), velocity

    def slope(self, s: Array, x: Array) -> Array:
        """dx/ds, (Q, 2)."""
        t = np.exp(-s)
        share, velocity = self.shares(x, t)
        return -t[:, None] * (share[..., None] * velocity).sum(1)

    def trajectories(
        self, x1: Array, times: Array, tolerance: float = 1e-11
    ) -> tuple[Array, Array]:
        """Positions (Q, T, 2) at falling times in (LAST, 1), and basins (Q,)."""
        x = np.array(x1, self._real)
        here, step, seen = self._real(0.0), np.full(len(x), 1e-3), []
        for there in [*-np.log(np.asarray(times, self._real)), self._real(-math.log(LAST))]:
            x, step = _steps(self.slope, here, there, x, step, tolerance)
            seen.append(x)
            here = there
        share, _ = self.shares(x, np.full(len(x), LAST))
        return np.stack(seen[:-1], axis=1).astype(float), share.argmax(1)


def _steps(
    slope: Callable, start: Any, end: Any, x: Array, step: Array, tolerance: float
) -> tuple[Array, Array]:
    """All rows from s = start to end; each row's step is its own."""
    s, x, step = np.full(len(x), start), x.copy(), step.copy()
    shortest = 50.0 * np.finfo(x.dtype).eps
    for _ in range(200_000):
        on = np.nonzero(s < end)[0]
        if len(on) == 0:
            return x, step
        h = np.minimum(np.minimum(step[on], LONGEST), end - s[on])
        last = h >= end - s[on]
        stages, flat = np.zeros((13, len(on), 2), x.dtype), (len(on), 2)
        rows = stages.reshape(13, -1)  # a matrix product takes a tenth of a tensor's overhead
        stages[0] = slope(s[on], x[on])
        for k in range(1, 12):
            mixed = (tableau.A[k, :k] @ rows[:k]).reshape(flat)
            stages[k] = slope(s[on] + tableau.C[k] * h, x[on] + h[:, None] * mixed)
        new = x[on] + h[:, None] * (tableau.B @ rows[:12]).reshape(flat)
        unit = tolerance * np.exp(-s[on]) + 0.1 * shortest
        stages[12] = slope(s[on] + h, new)
        fifth = np.abs((tableau.E5 @ rows).reshape(flat)).max(-1)
        third = np.abs((tableau.E3 @ rows).reshape(flat)).max(-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            error = h * fifth**2 / np.sqrt(fifth**2 + 0.01 * third**2) / unit
        error = np.where(fifth == 0, 0.0, np.where(np.isfinite(error), error, np.inf))
        kept = (error <= 1) | ((h < shortest) & np.isfinite(new).all(-1))
        s[on] = np.where(kept, np.where(last, end, s[on] + h), s[on])
        x[on] = np.where(kept[:, None], new, x[on])
        with np.errstate(divide="ignore"):
            factor = np.clip(0.9 * np.maximum(error, 1e-16) ** -0.125, 0.2, 5.0)
        grown = np.maximum(h * np.where(kept, factor, np.minimum(factor, 0.5)), 0.1 * shortest)
        step[on] = np.where(last & kept, np.maximum(step[on], grown), grown)
    raise ArithmeticError("too many steps")
