"""Priors, schedules and families in NumPy and SciPy: the parts of a script without ``flowviz``.

Tests hold each table to its registry, and what it computes to the pages. Numbers are written by
``repr``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowviz.core.paths import nonlinear, typed
from flowviz.core.paths.base import Affine, Path
from flowviz.core.priors import (
    Arcsine,
    Disk,
    Exponential,
    Gaussian,
    GaussianMixture,
    GaussianMixture2D,
    KernelDensity,
    KernelDensity2D,
    Laplace,
    Logistic,
    Prior,
    Ring,
    StudentT,
    StudentT2D,
    Triangular,
    Uniform,
)
from flowviz.core.schedules import (
    Cosine,
    Cubic,
    FormulaSchedule,
    Linear,
    Quadratic,
    Schedule,
    VariancePreserving,
)
from flowviz.ui.takeaway.plain_formula import numpy_source, parsed

# ---------------------------------------------------------------------- priors


def _scipy(name: str, *shape: float, loc: float, scale: float) -> str:
    numbers = "".join(f"{value!r}, " for value in shape)
    return f"prior = stats.{name}({numbers}loc={loc!r}, scale={scale!r})"


def _mixture(
    means: tuple[float, ...], scales: tuple[float, ...], weights: tuple[float, ...]
) -> str:
    return f'''
class Mixture:
    """A sum of normal densities."""

    means = np.array({list(means)!r})
    scales = np.array({list(scales)!r})
    weights = np.array({list(weights)!r})
    weights = weights / weights.sum()

    def _sum(self, function, z):
        parts = function((np.asarray(z)[..., None] - self.means) / self.scales)
        return (self.weights * parts).sum(-1)

    def cdf(self, z):
        return self._sum(special.ndtr, z)

    def sf(self, z):
        return self._sum(lambda y: special.ndtr(-y), z)

    def pdf(self, z):
        return self._sum(lambda y: stats.norm.pdf(y) / self.scales, z)

    def logpdf(self, z):
        parts = stats.norm.logpdf((np.asarray(z)[..., None] - self.means) / self.scales)
        return special.logsumexp(parts - np.log(self.scales), b=self.weights, axis=-1)


prior = Mixture()
'''.strip()


def _kernels(p: Any) -> str:
    n = len(p.samples)
    return _mixture(p.samples, (p.bandwidth,) * n, (1.0,) * n)


LINE: dict[type[Prior], Callable[[Any], str]] = {
    Uniform: lambda p: _scipy("uniform", loc=p.low, scale=p.high - p.low),
    Gaussian: lambda p: _scipy("norm", loc=p.loc, scale=p.scale),
    Laplace: lambda p: _scipy("laplace", loc=p.loc, scale=p.scale),
    StudentT: lambda p: _scipy("t", p.df, loc=p.loc, scale=p.scale),
    Logistic: lambda p: _scipy("logistic", loc=p.loc, scale=p.scale),
    GaussianMixture: lambda p: _mixture(p.means, p.scales, p.weights),
    KernelDensity: _kernels,
    Triangular: lambda p: _scipy(
        "triang", (p.mode - p.low) / (p.high - p.low), loc=p.low, scale=p.high - p.low
    ),
    Exponential: lambda p: _scipy("expon", loc=p.loc, scale=p.scale),
    Arcsine: lambda p: _scipy("arcsine", loc=p.low, scale=p.high - p.low),
}
"""Priors of one coordinate: source that defines ``prior`` with cdf, sf, pdf and logpdf."""


def _normals(p: Any) -> str:
    """A mixture of normal densities in the plane, each with its covariance."""
    columns = list(zip(*p.components(), strict=True))
    names = ("mean_x", "mean_y", "scale_x", "scale_y", "correlation", "share")
    return "\n".join(
        [
            *(f"{n} = np.array({list(c)!r})" for n, c in zip(names, columns, strict=True)),
            "",
            "",
            "def log_p1(z):",
            '    """A sum of normal densities."""',
            "    a = (z[..., 0, None] - mean_x) / scale_x",
            "    b = (z[..., 1, None] - mean_y) / scale_y",
            "    rest = 1.0 - correlation**2",
            "    square = (a - correlation * b) ** 2 / rest + b**2",
            "    height = share / (2.0 * np.pi * scale_x * scale_y * np.sqrt(rest))",
            "    return special.logsumexp(-0.5 * square, b=height, axis=-1)",
        ]
    )


_DISK = '''
radius = {p.radius!r}


def log_p1(z):
    """Uniform inside a circle."""
    inside = (z**2).sum(-1) <= radius**2
    return np.where(inside, -np.log(np.pi * radius**2), -np.inf)
'''.strip()

_RING = '''
radius, width = {p.radius!r}, {p.width!r}


def log_p1(z):
    """Uniform on a circle, plus normal noise."""
    r = np.hypot(z[..., 0], z[..., 1])
    bessel = special.i0e(r * radius / width**2)
    return np.log(bessel) - 0.5 * ((r - radius) / width) ** 2 - np.log(2.0 * np.pi * width**2)
'''.strip()

_STUDENT_T = '''
df, middle, width = {p.df!r}, {p.loc!r}, {p.scale!r}


def log_p1(z):
    """Isotropic, with heavy tails."""
    square = (((z - middle) / width) ** 2).sum(-1)
    return -0.5 * (df + 2.0) * np.log1p(square / df) - np.log(2.0 * np.pi * width**2)
'''.strip()

PLANE: dict[type[Prior], Callable[[Any], str]] = {
    Disk: lambda p: _DISK.format(p=p),
    Ring: lambda p: _RING.format(p=p),
    StudentT2D: lambda p: _STUDENT_T.format(p=p),
    GaussianMixture2D: _normals,
    KernelDensity2D: _normals,
}
"""Priors of the plane alone: source that defines ``log_p1``."""

PRODUCT = '''

def log_p1(z):
    """The coordinates are independent."""
    return prior.logpdf(z).sum(-1)
'''


def prior_source(prior: Prior, d: int) -> str:
    """Source that defines the prior: ``prior`` for d = 1, ``log_p1`` in the plane."""
    if type(prior) in PLANE:
        return PLANE[type(prior)](prior)
    return LINE[type(prior)](prior) + (PRODUCT.rstrip() if d == 2 else "")


# ---------------------------------------------------------------------- schedules


def _vp(s: Any) -> str:
    slope = 0.5 * (s.bmax - s.bmin)
    return (
        f"    bmin, slope = {s.bmin!r}, {slope!r}\n"
        "    end = np.exp(-0.5 * (bmin + slope))\n"
        "    alpha = end * np.expm1(0.5 * (1.0 - t) * (bmin + slope * (1.0 + t))) / (1.0 - end)\n"
        "    rest = -np.expm1(-0.5 * t * (bmin + slope * t)) / (1.0 - end)  # 1 - alpha\n"
        "    return alpha, np.sqrt(rest * (1.0 + alpha))"
    )


def _formula(s: Any) -> str:
    alpha, sigma = (
        numpy_source(parsed(text, role).tree, {})
        for text, role in ((s.alpha, "alpha"), (s.sigma, "sigma"))
    )
    return f"    return {alpha} + 0.0 * t, {sigma} + 0.0 * t"


SCHEDULES: dict[type[Schedule], Callable[[Any], str]] = {
    Linear: lambda s: "    return 1.0 - t, t",
    Cosine: lambda s: "    return np.sin((1.0 - t) * np.pi / 2), np.sin(t * np.pi / 2)",
    VariancePreserving: _vp,
    Quadratic: lambda s: "    return 1.0 - t**2, t**2",
    Cubic: lambda s: "    return 1.0 - t**3, t**3",
    FormulaSchedule: _formula,
}
"""The body of ``schedule(t)``, which returns α_t and σ_t."""


def schedule_source(schedule: Schedule) -> str:
    """Source that defines ``schedule(t)``."""
    head = 'def schedule(t):\n    """alpha from 1 to 0, sigma from 0 to 1."""\n'
    return head + SCHEDULES[type(schedule)](schedule)


# ---------------------------------------------------------------------- families

PHI, PSI = "def phi(x, x0, t):\n", "def psi(x1, x0, t):\n"
_ROOT_PHI = (
    f'{PHI}    """The x1 of the trajectory through x."""\n'
    "    return root(lambda x1: psi(x1, x0, t), x + 0.0 * x0)"
)


def _affine_line(path: Any) -> str:
    if path.mu is None:
        mean = "    alpha, sigma = schedule(t)\n    return (x - alpha * x0) / sigma"
        return f"{schedule_source(path.schedule)}\n\n\n{PHI}{mean}"
    letters = dict(path.mu.letters)
    mu = numpy_source(path.mu.formula.tree, letters)
    sigma = numpy_source(path.schedule.formula.tree, dict(path.schedule.letters))
    return f"{PHI}    return (x - ({mu})) / ({sigma})"


def _bowed_line(bow: str) -> str:
    return f"{PHI}    return (x - (1.0 - t) * x0 - {bow}) / t"


def _wave(p: Any) -> str:
    return f"{p.height!r} * np.sin(np.pi * {p.halves!r} * t)"


LINE_FAMILIES: dict[type[Path], Callable[[Any], str]] = {
    Affine: _affine_line,
    nonlinear.Parabola: lambda p: _bowed_line(f"{p.bend!r} * t * (1.0 - t)"),
    nonlinear.Wave: lambda p: _bowed_line(_wave(p)),
    nonlinear.Detour: lambda p: (
        f"{PHI}    mu = (1.0 - t) * (x0 + {p.swing!r} * t * np.sin(np.pi * x0))\n"
        "    return (x - mu) / t"
    ),
    nonlinear.Squeeze: lambda p: (
        f"{PSI}    bend = {p.k!r} * t * (1.0 - t) * np.tanh(x1 - x0)\n"
        f"    return (1.0 - t) * x0 + t * x1 + bend\n\n\n{_ROOT_PHI}"
    ),
    typed.TypedForward: lambda p: (
        f"{PSI}    return {numpy_source(p.formula.tree, dict(p.letters))}\n\n\n{_ROOT_PHI}"
    ),
    typed.TypedInverse: lambda p: (
        f"{PHI}    return {numpy_source(p.formula.tree, dict(p.letters))}"
    ),
}
"""Families of the line: source that defines ``phi(x, x0, t)``."""

_STRAIGHT = "    chord = (x - x0) / t\n    return x0 + chord, -2.0 * np.log(t), chord"


def _turning(c: str, rate: str) -> str:
    """x = x₀ + c_t (x₁ - x₀) as complex numbers."""
    return (
        f"    c, rate = {c}, {rate}\n"
        "    chord = x - x0\n"
        "    z = chord[..., 0] + 1j * chord[..., 1]\n"
        "    end, velocity = z / c, z * rate / c\n"
        "    phi = x0 + np.stack([end.real, end.imag], -1)\n"
        "    return phi, -2.0 * np.log(abs(c)), np.stack([velocity.real, velocity.imag], -1)"
    )


def _parabola_plane(p: Any) -> str:
    return _turning(
        f"t + 1j * {p.bend!r} * t * (1.0 - t)", f"1.0 + 1j * {p.bend!r} * (1.0 - 2.0 * t)"
    )


def _wave_plane(p: Any) -> str:
    frequency = f"np.pi * {p.halves!r}"
    rate = f"1.0 + 1j * {p.height!r} * {frequency} * np.cos({frequency} * t)"
    return _turning(f"t + 1j * {_wave(p)}", rate)


def _swirl_plane(p: Any) -> str:
    turn = f"np.exp(2j * np.pi * {p.turns!r} * (1.0 - t))"
    return _turning(f"t * {turn}", f"(1.0 - 2j * np.pi * {p.turns!r} * t) * {turn}")


PLANE_FAMILIES: dict[type[Path], Callable[[Any], str]] = {
    Affine: lambda p: _STRAIGHT,
    nonlinear.Parabola: _parabola_plane,
    nonlinear.Wave: _wave_plane,
    nonlinear.Swirl: _swirl_plane,
    nonlinear.PerAxis: lambda p: (
        f"    power = np.array({list(p.powers(2))!r})\n"
        "    chord = x - x0\n"
        "    return x0 + chord / t**power, -power.sum() * np.log(t), power / t * chord"
    ),
    nonlinear.Detour: lambda p: (
        f"    wave = {p.swing!r} * np.sin(np.pi * x0)\n"
        "    mu, rate = (1.0 - t) * (x0 + t * wave), (1.0 - 2.0 * t) * wave - x0\n"
        "    end = (x - mu) / t\n"
        "    return end, -2.0 * np.log(t), rate + end"
    ),
}
"""Families of the plane: the body of ``conditional(x, t)``, which returns φ, log|det ∂φ/∂x|, f."""
