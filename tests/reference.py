"""The flow in 40 digits by independent means: mpmath, closed forms, no tensors.

Every prior and schedule of the registries has its formula here, written independently of the
package, and ``trajectory`` solves F_t(x) = F₁(x₁) in 40 digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp

from flowviz.core import priors as laws

mp.mp.dps = 40

Law = tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], Any]]
"""(density, distribution function, survival function) of one coordinate."""


def _location_scale(prior: Any, density: Callable, lower: Callable) -> Law:
    loc, scale = mp.mpf(prior.loc), mp.mpf(prior.scale)
    return (
        lambda z: density((z - loc) / scale) / scale,
        lambda z: lower((z - loc) / scale),
        lambda z: lower((loc - z) / scale),
    )


def _uniform(p: laws.Uniform) -> Law:
    low, high = mp.mpf(p.low), mp.mpf(p.high)

    def clip(v: Any) -> Any:
        return min(mp.mpf(1), max(mp.mpf(0), v))

    return (
        lambda z: 1 / (high - low) if low <= z <= high else mp.mpf(0),
        lambda z: clip((z - low) / (high - low)),
        lambda z: clip((high - z) / (high - low)),
    )


def _gaussian(p: laws.Gaussian) -> Law:
    # mpmath's erfc does not answer 1e200 scales out, where the tail has a googol zeros.
    return _location_scale(
        p, mp.npdf, lambda y: mp.erfc(-y / mp.sqrt(2)) / 2 if abs(y) < 1e9 else mp.mpf(y > 0)
    )


def _laplace(p: laws.Laplace) -> Law:
    return _location_scale(
        p,
        lambda y: mp.exp(-abs(y)) / 2,
        lambda y: mp.exp(y) / 2 if y < 0 else 1 - mp.exp(-y) / 2,
    )


def _student(p: laws.StudentT) -> Law:
    df = mp.mpf(p.df)
    norm = mp.gamma((df + 1) / 2) / (mp.gamma(df / 2) * mp.sqrt(mp.pi * df))

    def lower(y: Any) -> Any:
        tail = mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + y * y), regularized=True) / 2
        return tail if y < 0 else 1 - tail

    return _location_scale(p, lambda y: norm * (1 + y * y / df) ** (-(df + 1) / 2), lower)


def _logistic(p: laws.Logistic) -> Law:
    return _location_scale(
        p, lambda y: mp.exp(-abs(y)) / (1 + mp.exp(-abs(y))) ** 2, lambda y: 1 / (1 + mp.exp(-y))
    )


def _mixture(p: laws.GaussianMixture) -> Law:
    total = mp.fsum(p.weights)
    parts = [
        (mp.mpf(w) / total, _gaussian(laws.Gaussian(m, s)))
        for m, s, w in zip(p.means, p.scales, p.weights, strict=True)
    ]

    def mixed(which: int) -> Callable[[Any], Any]:
        return lambda z: mp.fsum(w * law[which](z) for w, law in parts)

    return mixed(0), mixed(1), mixed(2)


def _kernel_density(p: laws.KernelDensity) -> Law:
    """Every kernel written out: bell by bell, each of the same width and share."""
    h, n = mp.mpf(p.bandwidth), len(p.samples)

    def tail(z: Any, sign: int) -> Any:
        ys = [sign * (z - mp.mpf(x)) / h for x in p.samples]
        return mp.fsum(mp.erfc(-y / mp.sqrt(2)) / 2 if abs(y) < 1e9 else y > 0 for y in ys) / n

    return (
        lambda z: (
            mp.fsum(mp.exp(-(((z - mp.mpf(x)) / h) ** 2) / 2) for x in p.samples)
            / (n * h * mp.sqrt(2 * mp.pi))
        ),
        lambda z: tail(z, 1),
        lambda z: tail(z, -1),
    )


def _triangular(p: laws.Triangular) -> Law:
    low, mode, high = mp.mpf(p.low), mp.mpf(p.mode), mp.mpf(p.high)
    width = high - low

    def density(z: Any) -> Any:
        if not low < z < high:
            return mp.mpf(0)
        side = (z - low) / (mode - low) if z < mode else (high - z) / (high - mode)
        return 2 * side / width

    def lower(z: Any) -> Any:
        if z <= low:
            return mp.mpf(0)
        if z >= high:
            return mp.mpf(1)
        if z < mode:
            return (z - low) ** 2 / (width * (mode - low))
        return 1 - (high - z) ** 2 / (width * (high - mode))

    return density, lower, lambda z: 1 - lower(z)


def _exponential(p: laws.Exponential) -> Law:
    loc, scale = mp.mpf(p.loc), mp.mpf(p.scale)
    return (
        lambda z: mp.exp(-(z - loc) / scale) / scale if z >= loc else mp.mpf(0),
        lambda z: -mp.expm1(-max(mp.mpf(0), (z - loc) / scale)),
        lambda z: mp.exp(-max(mp.mpf(0), (z - loc) / scale)),
    )


def _arcsine(p: laws.Arcsine) -> Law:
    low, width = mp.mpf(p.low), mp.mpf(p.high) - mp.mpf(p.low)

    def angle(y: Any) -> Any:
        return 2 / mp.pi * mp.asin(mp.sqrt(min(mp.mpf(1), max(mp.mpf(0), y))))

    def density(z: Any) -> Any:
        area = (z - low) * (low + width - z)
        return 1 / (mp.pi * mp.sqrt(area)) if area > 0 else mp.mpf(0)

    return (
        density,
        lambda z: angle((z - low) / width),
        lambda z: angle((low + width - z) / width),
    )


_LAWS: dict[type, Callable[[Any], Law]] = {
    laws.Uniform: _uniform,
    laws.Gaussian: _gaussian,
    laws.Laplace: _laplace,
    laws.StudentT: _student,
    laws.Logistic: _logistic,
    laws.GaussianMixture: _mixture,
    laws.KernelDensity: _kernel_density,
    laws.Triangular: _triangular,
    laws.Exponential: _exponential,
    laws.Arcsine: _arcsine,
}


def law(prior: laws.Prior) -> Law:
    """(pdf, cdf, sf) of a prior's coordinate in 40 digits."""
    return _LAWS[type(prior)](prior)


def _vp(t: Any) -> tuple[Any, Any]:
    def signal(s: Any) -> Any:
        return mp.exp(-(mp.mpf(0.1) * s + (mp.mpf(20.0) - mp.mpf(0.1)) * s * s / 2) / 2)

    alpha = (signal(t) - signal(mp.mpf(1))) / (1 - signal(mp.mpf(1)))
    return alpha, mp.sqrt(1 - alpha**2)


SCHEDULES: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "linear": lambda t: (1 - t, t),
    "cosine": lambda t: (mp.cos(mp.pi * t / 2), mp.sin(mp.pi * t / 2)),
    "vp": _vp,
    "quadratic": lambda t: (1 - t**2, t**2),
    "cubic": lambda t: (1 - t**3, t**3),
    "formula": lambda t: (1 - t, t),  # the text it starts with
}


class Flow:
    """The marginal flow of points on the line, in 40 digits."""

    def __init__(
        self, points: Sequence[float], weights: Sequence[float], prior: laws.Prior, schedule: str
    ) -> None:
        self.points = [mp.mpf(float(x)) for x in points]
        total = mp.fsum(mp.mpf(float(w)) for w in weights)
        self.weights = [mp.mpf(float(w)) / total for w in weights]
        self.pdf, self.cdf, self.sf = law(prior)
        self.schedule = SCHEDULES[schedule]

    def _ends(self, x: Any, t: Any) -> tuple[list, Any]:
        alpha, sigma = self.schedule(mp.mpf(t))
        return [(x - alpha * p) / sigma for p in self.points], sigma

    def density(self, x: Any, t: Any) -> Any:
        """p_t(x)."""
        ends, sigma = self._ends(mp.mpf(x), t)
        return mp.fsum(w * self.pdf(z) for w, z in zip(self.weights, ends, strict=True)) / sigma

    def velocity(self, x: Any, t: Any) -> Any:
        """f_t(x), with the schedule's rates by mpmath's own differentiation."""
        x, t = mp.mpf(x), mp.mpf(t)
        alpha, sigma = self.schedule(t)
        # Differences from inside [0, 1], where every schedule is defined.
        side = -1 if t > mp.mpf("0.5") else 1
        alpha_rate = mp.diff(lambda s: self.schedule(s)[0], t, direction=side)
        sigma_rate = mp.diff(lambda s: self.schedule(s)[1], t, direction=side)
        terms = [
            (w * self.pdf((x - alpha * p) / sigma), alpha_rate * p, x - alpha * p)
            for w, p in zip(self.weights, self.points, strict=True)
        ]
        total = mp.fsum(k for k, _, _ in terms)
        return mp.fsum(k * (a + sigma_rate / sigma * b) for k, a, b in terms) / total

    def trajectory(self, x1: float, t: float, near: float) -> Any:
        """The x with F_t(x) = F₁(x₁): Newton's method from a double near it, within a bracket."""
        start, time = mp.mpf(x1), mp.mpf(t)
        alpha, sigma = self.schedule(time)
        low = alpha * min(self.points) + sigma * start
        high = alpha * max(self.points) + sigma * start
        upper = self.cdf(start) > mp.mpf("0.5")
        tail, sign = (self.sf, -1) if upper else (self.cdf, 1)
        level, x = tail(start), mp.mpf(near)
        for _ in range(300):
            ends, sigma = self._ends(x, time)
            excess = sign * (mp.fdot(self.weights, [tail(z) for z in ends]) - level)
            slope = mp.fdot(self.weights, [self.pdf(z) for z in ends]) / sigma
            low, high = (x, high) if excess < 0 else (low, x)
            step = excess / slope if slope > 0 else mp.inf
            x = x - step if low <= x - step <= high else (low + high) / 2
            if abs(step) < mp.mpf("1e-25") or high - low < mp.mpf("1e-25"):
                return x
        raise ArithmeticError(f"no 40-digit root near {near} for x1={x1}, t={t}")
