"""A prior of the line as tables of log p₁, log F₁ and log S₁, made from its methods alone.

The line is cut at the median. On either side the smaller tail and the density are tabulated in a
coordinate w in which their logarithms are smooth out to the end,

    w = log(|z - e|/s)          where the support ends at e: log F₁ → p·w + const, also at a jump
                                (p = 1) and where the density is infinite (arcsine, p = ½)
    w = log(1 + |z - m|/s)      where it does not: log F₁ → -df·w + const for a power law

with m the median and s the distance of the quartile from it. Beyond the tables both logarithms are
continued by straight lines in w: exact for a power. ``components/engine_distribution.js`` evaluates
the tables.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from flowviz.core.numerics.chebyshev import Array, ChebyshevSeries, fit
from flowviz.core.priors.base import Prior

_LEAST = 1e-300
"""The smallest tail that is tabulated."""
_FARTHEST = 1e15
"""How far out the tables reach, in units of s; a tail only until it is `_LEAST`."""
_NEAREST = 1e-12
"""How near to the end of a support they begin, in units of s."""
_ROUNDINGS = 2.0**13
"""The same in units of the rounding of z there: nearer, too few numbers are left to fit."""
_SAME = 1e-9
_ANGLES = 12


@dataclass(frozen=True)
class Logarithm:
    """The logarithm of a tail or of the density in w, and its slope at the outer end."""

    series: ChebyshevSeries
    slope: float


@dataclass(frozen=True)
class Side:
    """One side of the median.

    ``edge``, the end of the support, or None; ``scale`` s; ``tail`` log F₁ (left) or log S₁
    (right); ``density`` log p₁.
    """

    edge: float | None
    scale: float
    tail: Logarithm
    density: Logarithm


@dataclass(frozen=True)
class Distribution:
    """The tables of a prior: its ``median`` and what lies ``left`` and ``right`` of it."""

    median: float
    left: Side
    right: Side


def tabulate(prior: Prior) -> Distribution | None:
    """The tables of a prior of the line; None where its logarithms are no functions of this kind.

    Args:
        prior: any distribution with log_pdf, cdf, sf and their inverses, for d = 1.
    """
    median = float(prior.icdf(_tensor(0.5)))
    quartiles = float(prior.icdf(_tensor(0.25))), float(prior.isf(_tensor(0.25)))
    scale = max(abs(quartile - median) for quartile in quartiles)
    near = [b for b in prior.breakpoints if abs(b - median) <= _SAME * scale]
    median = near[0] if near else median  # so that no interval lies between the two
    left, right = (_side(prior, median, abs(q - median), q > median) for q in quartiles)
    return Distribution(median, left, right) if left and right else None


@dataclass(frozen=True)
class Coordinate:
    """w on one side of the median, ``sign`` 1 on the right; ``edge`` as in `Side`."""

    median: float
    edge: float | None
    scale: float
    sign: float

    def w(self, z: Array) -> Array:
        if self.edge is not None:
            return np.log(np.abs(z - self.edge) / self.scale)
        return np.log1p(np.abs(z - self.median) / self.scale)

    def z(self, w: Array) -> Array:
        if self.edge is not None:
            return self.edge - self.sign * self.scale * np.exp(w)
        return self.median + self.sign * self.scale * np.expm1(w)

    def ends(self, farthest: float = math.inf) -> tuple[float, float]:
        """The interval of w, as far out as the position ``farthest``."""
        if self.edge is None:
            out = min(abs(farthest - self.median), _FARTHEST * self.scale)
            return 0.0, math.log1p(out / self.scale)
        nearest = max(_NEAREST * self.scale, _ROUNDINGS * math.ulp(self.edge))
        middle = abs(self.median - self.edge) / self.scale
        return math.log(min(nearest / self.scale, 0.5 * middle)), math.log(middle)


def _side(prior: Prior, median: float, scale: float, upper: bool) -> Side | None:
    end = prior.support[upper]
    edge = end if math.isfinite(end) else None
    coordinate = Coordinate(median, edge, scale, 1.0 if upper else -1.0)
    tail, quantile = (prior.sf, prior.isf) if upper else (prior.cdf, prior.icdf)
    least = float(quantile(_tensor(_LEAST)))
    inside = [b for b in prior.breakpoints if b != end and (b > median if upper else b < median)]
    breaks = tuple(coordinate.w(np.array(inside)).tolist())

    def logarithm(
        function: Callable[[Tensor], Tensor], ends: tuple[float, float]
    ) -> Logarithm | None:
        def values(w: Array) -> tuple[Array, Array]:
            z = coordinate.z(w)
            return coordinate.w(z), function(torch.from_numpy(z)).numpy()[:, None]

        found = fit(values, ends, breaks)
        outer = -1 if edge is None else 0
        return None if found is None else Logarithm(found, float(found.end_slopes(outer)[0]))

    log_tail = logarithm(lambda z: tail(z).log(), coordinate.ends(least))
    log_density = logarithm(prior.log_pdf, coordinate.ends())
    return Side(edge, scale, log_tail, log_density) if log_tail and log_density else None


def radial(prior: Prior) -> tuple[Coordinate, Logarithm] | None:
    """log p₁ of the plane as a function of r = |z - c|, in the coordinate of a right side about 0.

    c is the ``centre`` of the prior in both coordinates. None where the density depends on more
    than r, or is no function of this kind.
    """
    end = prior.support[1]
    edge = end if math.isfinite(end) else None
    scale = 0.5 * (prior.interval(0.25)[1] - prior.interval(0.25)[0])
    coordinate, middle = Coordinate(0.0, edge, scale, 1.0), prior.centre
    if not _is_radial(prior, coordinate):
        return None

    def values(w: Array) -> tuple[Array, Array]:
        r = coordinate.z(w)
        at = middle + torch.from_numpy(r)
        log_p = prior.log_joint([at, torch.full_like(at, middle)])
        return coordinate.w(at.numpy() - middle), log_p.numpy()[:, None]

    found = fit(values, coordinate.ends())
    outer = -1 if edge is None else 0
    logarithm = found and Logarithm(found, float(found.end_slopes(outer)[0]))
    return (coordinate, logarithm) if logarithm else None


def _is_radial(prior: Prior, coordinate: Coordinate) -> bool:
    w = np.linspace(*coordinate.ends(100.0 * coordinate.scale), 64)
    r = torch.from_numpy(coordinate.z(w))[:, None]
    angle = torch.linspace(0.0, 2.0 * math.pi, _ANGLES, dtype=torch.float64)
    log_p = prior.log_joint([prior.centre + r * turn for turn in (angle.cos(), angle.sin())])
    return torch.allclose(log_p, log_p[:, :1].expand_as(log_p), rtol=_SAME, atol=_SAME)


def _tensor(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)
