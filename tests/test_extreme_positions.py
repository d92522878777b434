"""Every prior at the smallest and largest positions of a float, against mpmath.

Nothing is NaN; a log-density is -inf only off the support and where the true one is below the
least float; what is finite has its digits. Parameters at their defaults and at the ends of their
ranges.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import pytest
import torch

from flowviz.core.priors import (
    PLANE_PRIORS,
    PRIORS,
    Disk,
    GaussianMixture2D,
    KernelDensity2D,
    Prior,
    Ring,
    StudentT2D,
)
from tests import reference

FAR = torch.finfo(torch.float64).max
LEAST = torch.finfo(torch.float64).tiny
SIZES = (
    *(0.0, 5e-324, 1e-320, 1e-200, 1e-160, 1e-8, 0.7, 3.0, 1e8, 1e30, 1e100),
    *(1e154, 1.5e154, 1.9e154, 1e155, 1e200, 1e308, math.inf),
)
POSITIONS = sorted({sign * size for sign in (-1.0, 1.0) for size in SIZES})
LEVELS = (5e-324, 1e-320, 3e-308, 1e-300, 1e-200, 1e-100, 1e-20, 0.3, 0.5, 1.0 - 2.0**-53)


def at_the_ends(kind: type[Prior]) -> list[Prior]:
    """A prior with its defaults, and with each parameter at the ends of its range."""
    found, usual = [kind()], kind()
    for f in dataclasses.fields(kind):
        for end in (f.metadata["min"], f.metadata["max"]):
            value = getattr(usual, f.name)
            try:
                found.append(kind(**{f.name: (end,) * len(value) if type(value) is tuple else end}))
            except ValueError:  # no such prior: an interval that ends where it begins
                continue
    return found


LINE = [
    pytest.param(prior, id=f"{name}-{k}")
    for name, kind in PRIORS.items()
    for k, prior in enumerate(at_the_ends(kind))
]
PLANE = [
    pytest.param(prior, id=f"{name}-{k}")
    for name, kind in PLANE_PRIORS.items()
    for k, prior in enumerate(at_the_ends(kind))
]


def log_of(density: Any) -> float:
    """The logarithm of a density in mpmath as the nearest float."""
    log_p = mp.log(density) if density > 0 else -mp.inf
    return float(log_p) if log_p > -2 * mp.mpf(FAR) else -math.inf


def same_log(mine: float, true: float) -> bool:
    """Equal logarithms to rounding: of the value itself, or of a value near the last float."""
    if math.isinf(true) or math.isinf(mine):
        return mine == true or (mine < -FAR / (1 + 1e-14) and true < -FAR / (1 + 1e-14))
    return abs(mine - true) <= 1e-14 * abs(true) + 1e-13


@pytest.mark.parametrize("prior", LINE)
def test_densities_and_tails_on_the_line(prior):
    z = torch.tensor(POSITIONS, dtype=torch.float64)
    with mp.workdps(50):
        pdf, cdf, sf = reference.law(prior)
        for at, mine in zip(POSITIONS, prior.log_pdf(z).tolist(), strict=True):
            true = -math.inf if math.isinf(at) else log_of(pdf(mp.mpf(at)))
            assert same_log(mine, true), ("log_pdf", at, mine, true)
        assert torch.equal(prior.log_prob(z[:, None]), prior.log_pdf(z))
        for name, function, true in (
            ("pdf", prior.pdf, pdf),
            ("cdf", prior.cdf, cdf),
            ("sf", prior.sf, sf),
        ):
            for at, mine in zip(POSITIONS, function(z).tolist(), strict=True):
                wanted = (
                    float((name == "cdf") == (at > 0)) * (name != "pdf")
                    if math.isinf(at)
                    else true(mp.mpf(at))
                )
                room = 3e-13 * wanted + LEAST
                if abs(at) < LEAST:  # such a position has few digits, and fewer once it is scaled
                    room += abs(true(at + mp.mpf("1e-322")) - true(at - mp.mpf("1e-322")))
                assert abs(mp.mpf(mine) - wanted) <= room, (name, at, mine, float(wanted))


@pytest.mark.parametrize("prior", LINE)
def test_quantiles_on_the_line(prior):
    q, (low, high) = torch.tensor(LEVELS, dtype=torch.float64), prior.support
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    assert prior.icdf(ends).tolist() == pytest.approx([low, high], rel=1e-15)
    assert prior.isf(ends).tolist() == pytest.approx([high, low], rel=1e-15)
    with mp.workdps(50):
        _, cdf, sf = reference.law(prior)
        for quantile, tail, outward in ((prior.icdf, cdf, -1), (prior.isf, sf, 1)):
            found = quantile(q)
            assert not found.isnan().any()
            assert (found[1:] * outward <= found[:-1] * outward).all()
            for level, z in zip(LEVELS, found.tolist(), strict=True):
                if math.isinf(z):  # the true one is beyond the last float
                    assert tail(mp.mpf(outward * FAR)) >= level
                    continue
                beside = [math.nextafter(math.nextafter(z, end), end) for end in (-FAR, FAR)]
                span = sorted(tail(mp.mpf(v)) for v in beside)
                room = 2e-13 * level + 2.0 * 5e-324
                assert span[0] - room <= level <= span[1] + room, (level, z)


def _disk(prior: Disk, x: Any, y: Any) -> Any:
    return (x * x + y * y <= prior.radius**2) / (mp.pi * prior.radius**2)


def _ring(prior: Ring, x: Any, y: Any) -> Any:
    r, radius, width = mp.hypot(x, y), mp.mpf(prior.radius), mp.mpf(prior.width)
    z = r * radius / width**2
    if z > 1e4:  # Hankel's series of exp(-z) I₀(z)
        terms = (mp.rf(mp.mpf(0.5), k) ** 2 / mp.factorial(k) / (2 * z) ** k for k in range(12))
        bessel = mp.fsum(terms) / mp.sqrt(2 * mp.pi * z)
    else:
        bessel = mp.exp(-z) * mp.besseli(0, z)
    return mp.exp(-((r - radius) ** 2) / (2 * width**2)) * bessel / (2 * mp.pi * width**2)


def _mixture(prior: GaussianMixture2D, x: Any, y: Any) -> Any:
    total, parts = mp.fsum(prior.weights), []
    for mx, my, sx, sy, r, w in zip(
        *(prior.means_x, prior.means_y, prior.scales_x, prior.scales_y),
        *(prior.correlations, prior.weights),
        strict=True,
    ):
        sx, sy, r = mp.mpf(sx), mp.mpf(sy), mp.mpf(r)
        covariance = mp.matrix([[sx**2, r * sx * sy], [r * sx * sy, sy**2]])
        z = mp.matrix([x - mp.mpf(mx), y - mp.mpf(my)])
        square = (z.T * mp.inverse(covariance) * z)[0]
        parts.append(w / total * mp.exp(-square / 2) / mp.sqrt(mp.det(covariance)) / (2 * mp.pi))
    return mp.fsum(parts)


def _kernels(prior: KernelDensity2D, x: Any, y: Any) -> Any:
    h, n = mp.mpf(prior.bandwidth), len(prior.samples_x)
    squares = (
        (x - mp.mpf(a)) ** 2 + (y - mp.mpf(b)) ** 2
        for a, b in zip(prior.samples_x, prior.samples_y, strict=True)
    )
    return mp.fsum(mp.exp(-square / (2 * h**2)) for square in squares) / (2 * mp.pi * h**2 * n)


def _student_t(prior: StudentT2D, x: Any, y: Any) -> Any:
    df, loc, scale = mp.mpf(prior.df), mp.mpf(prior.loc), mp.mpf(prior.scale)
    square = ((x - loc) ** 2 + (y - loc) ** 2) / scale**2
    height = mp.gamma(df / 2 + 1) / (mp.gamma(df / 2) * df * mp.pi * scale**2)
    return height * (1 + square / df) ** (-df / 2 - 1)


DENSITIES: dict[type[Prior], Callable[..., Any]] = {
    Disk: _disk,
    Ring: _ring,
    StudentT2D: _student_t,
    GaussianMixture2D: _mixture,
    KernelDensity2D: _kernels,
}


@pytest.mark.parametrize("prior", PLANE)
def test_densities_in_the_plane(prior):
    some = [v for v in POSITIONS if v not in (-1e-200, 1e-160, -1e30, 1e30)]
    z = torch.tensor(list(itertools.product(some, repeat=2)), dtype=torch.float64)
    log_p, p = prior.log_prob(z), prior.prob(z)
    assert not log_p.isnan().any()
    assert not p.isnan().any()
    assert (p[z.isinf().any(1)] == 0).all()
    assert (log_p[z.isinf().any(1)] == -math.inf).all()
    for k in torch.arange(0, len(z), 3)[~z[::3].isinf().any(1)].tolist():
        x, y = (mp.mpf(v) for v in z[k].tolist())
        true = DENSITIES[type(prior)](prior, x, y)
        assert same_log(float(log_p[k]), log_of(true)), (z[k].tolist(), float(log_p[k]))
        assert abs(mp.mpf(float(p[k])) - true) <= 3e-13 * true + LEAST, z[k].tolist()
