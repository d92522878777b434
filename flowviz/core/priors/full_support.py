"""Priors on ℝ; in d dimensions products of d independent copies.

================  =====================================================  =========  ============
class             density p(y), y = (z - loc)/scale                      smooth     tails
================  =====================================================  =========  ============
Gaussian          exp(-y²/2)/√(2π)                                       yes        exp(-y²/2)
Laplace           exp(-|y|)/2                                            no (1)     exp(-|y|)
StudentT          ∝ (1 + y²/df)^(-(df+1)/2)                              yes        |y|^-(df+1)
Logistic          exp(-y)/(1 + exp(-y))²                                 yes        exp(-|y|)
GaussianMixture   Σ_k w_k N(z; m_k, s_k²)                                yes        exp(-y²/2)
================  =====================================================  =========  ============

The number in brackets counts the kinks. For symmetric ones sf(y) = cdf(-y), which is relatively
exact in the far upper tail.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from flowviz.core.numerics.roots import solve_increasing
from flowviz.core.priors.base import LOC, LOG_2PI, SCALE, Prior, param_range, require
from flowviz.core.priors.location_scale import LocationScale
from flowviz.core.priors.piecewise import Pieces
from flowviz.core.priors.random_source import Source
from flowviz.core.priors.student_t import STUDENT_DF, student_cdf, student_icdf, student_log_norm

_SQRT_HALF = math.sqrt(0.5)


@dataclass(frozen=True)
class Gaussian(LocationScale):
    """The normal distribution: p = exp(-y²/2)/√(2π)."""

    smooth: ClassVar[bool] = True
    log_concave: ClassVar[bool] = True
    prefer_log: ClassVar[bool] = True

    loc: float = field(default=0.0, metadata=LOC)
    scale: float = field(default=1.0, metadata=SCALE)

    def _log_pdf(self, y: Tensor) -> Tensor:
        return torch.addcmul(y.new_full((), -0.5 * LOG_2PI), y, y, value=-0.5)

    def _smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        return gaussian_smooth_width(low, high)

    def _cdf(self, y: Tensor) -> Tensor:
        return gaussian_cdf(y)

    def _icdf(self, q: Tensor) -> Tensor:
        return torch.special.ndtri(q)


@dataclass(frozen=True)
class Laplace(LocationScale):
    """The Laplace distribution: p = exp(-|y|)/2, with a corner at y = 0."""

    log_concave: ClassVar[bool] = True
    prefer_log: ClassVar[bool] = True

    loc: float = field(default=0.0, metadata=LOC)
    scale: float = field(default=1.0, metadata=SCALE)

    @property
    def breakpoints(self) -> tuple[float, ...]:
        return (self.loc,)

    @property
    def pieces(self) -> Pieces:
        top, slope = -math.log(2.0 * self.scale), 1.0 / self.scale
        return Pieces(((top - slope * self.loc, slope), (top + slope * self.loc, -slope)), True)

    def _log_pdf(self, y: Tensor) -> Tensor:
        return -y.abs() - math.log(2.0)

    def _smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        return torch.where((low > 0) | (high < 0), 5.0, 0.0).to(low)

    def _cdf(self, y: Tensor) -> Tensor:
        tail = 0.5 * torch.exp(-y.abs())
        return torch.where(y < 0, tail, 1.0 - tail)

    def _icdf(self, q: Tensor) -> Tensor:
        return torch.where(q < 0.5, torch.log(2.0 * q), -torch.log(2.0 * (1.0 - q)))


@dataclass(frozen=True)
class StudentT(LocationScale):
    """Student's t: p ∝ (1 + y²/df)^(-(df+1)/2); heavy tails, Cauchy at df = 1."""

    smooth: ClassVar[bool] = True
    prefer_log: ClassVar[bool] = True

    df: float = field(default=3.0, metadata=param_range(1.0, 50.0, 0.1))
    loc: float = field(default=0.0, metadata=LOC)
    scale: float = field(default=1.0, metadata=SCALE)

    def _validate(self) -> None:
        super()._validate()
        require(
            STUDENT_DF[0] <= self.df <= STUDENT_DF[1],
            f"{self._label}: df must lie in {list(STUDENT_DF)}, got {self.df!r}",
        )

    def log_pdf(self, z: Tensor) -> Tensor:
        log_p = super().log_pdf(z)
        if z.numel() == 0 or float(log_p.detach().amin()) > -math.inf:
            return log_p
        # Where y² or y overflows its logarithm, from which the power law follows, does not.
        log_y = torch.log((z - self.loc).abs()) - math.log(self.scale)
        power = (self.df + 1.0) * (0.5 * math.log(self.df) - log_y) - math.log(self.scale)
        return torch.where(log_p > -math.inf, log_p, power + student_log_norm(self.df))

    def _log_pdf(self, y: Tensor) -> Tensor:
        return student_log_norm(self.df) - 0.5 * (self.df + 1.0) * torch.log1p(y * y / self.df)

    @property
    def mode_position(self) -> float:
        return self.loc

    @property
    def min_mode_width(self) -> float:
        return self.scale

    def _smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        # Singularities at ±i√df: the width is a fraction of the distance from them. |d log p/dy| is
        # greatest at √df, or at the end of the interval beyond √df.
        nearest = torch.maximum(low, -high).clamp(min=0.0)
        square = nearest * nearest + self.df
        steepest = nearest.clamp(min=math.sqrt(self.df))
        slope = (self.df + 1.0) * steepest / (self.df + steepest * steepest)
        return torch.minimum(0.6 * square.sqrt(), 5.0 / slope)

    def _cdf(self, y: Tensor) -> Tensor:
        return student_cdf(y, self.df)

    def _icdf(self, q: Tensor) -> Tensor:
        return student_icdf(q, self.df)


@dataclass(frozen=True)
class Logistic(LocationScale):
    """The logistic distribution: cdf = 1/(1 + exp(-y))."""

    smooth: ClassVar[bool] = True
    log_concave: ClassVar[bool] = True

    loc: float = field(default=0.0, metadata=LOC)
    scale: float = field(default=1.0, metadata=SCALE)

    def _log_pdf(self, y: Tensor) -> Tensor:
        # Neither tail overflows, and derivatives at y = 0 are right.
        return torch.nn.functional.logsigmoid(y) + torch.nn.functional.logsigmoid(-y)

    def _smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        return torch.full_like(low, 2.4)  # its poles are at ±iπ

    def pdf(self, z: Tensor) -> Tensor:
        tail = torch.exp(-self._standard(z).abs())
        return tail / (1.0 + tail).square().mul(self.scale)

    def _cdf(self, y: Tensor) -> Tensor:
        return torch.sigmoid(y)

    def _icdf(self, q: Tensor) -> Tensor:
        return torch.log(q) - torch.log1p(-q)


@dataclass(frozen=True)
class GaussianSum(Prior):
    """A sum of Gaussians: p = Σ_k w_k N(z; m_k, s_k²), Σ_k w_k = 1."""

    smooth: ClassVar[bool] = True

    @functools.cached_property
    def components(self) -> list[tuple[float, float, float]]:
        """(mean, scale, weight) of each component; the weights add up to 1."""
        raise self._not_defined("components")

    def log_pdf(self, z: Tensor) -> Tensor:
        terms = []
        for m, s, w in self.components:
            y = (z - m) / s
            height = z.new_full((), math.log(w / s) - 0.5 * LOG_2PI)
            terms.append(torch.addcmul(height, y, y, value=-0.5))
        # Finite even where every term is -inf.
        top = functools.reduce(torch.maximum, terms).detach().clamp(min=torch.finfo(z.dtype).min)
        # The largest term is exp(0) = 1: log1p of the others is relatively exact.
        others = sum((torch.exp(term - top) for term in terms), start=-torch.ones_like(z))
        return top + torch.log1p(others)

    def pdf(self, z: Tensor) -> Tensor:
        densities = []
        for m, s, w in self.components:
            y = z - m
            height = z.new_full((), math.log(w / s) - 0.5 * LOG_2PI)
            densities.append(torch.addcmul(height, y, y, value=-0.5 / (s * s)).exp_())
        return functools.reduce(torch.add, densities)

    @property
    def cost(self) -> float:
        return 4.0 * len(self.components)

    @property
    def min_mode_width(self) -> float:
        return min(s for _, s, _ in self.components)

    def mode_interval(self) -> tuple[float, float]:
        means = [m for m, _, _ in self.components]
        return min(means), max(means)

    def log_pdf_bounds(self, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        bounds = [
            tuple(v + math.log(w) for v in Gaussian(m, s).log_pdf_bounds(low, high))
            for m, s, w in self.components
        ]
        least, most = (functools.reduce(torch.maximum, v) for v in zip(*bounds, strict=True))
        return least, most + math.log(len(bounds))

    def smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        widths = (
            s * gaussian_smooth_width((low - m) / s, (high - m) / s) for m, s, _ in self.components
        )
        return functools.reduce(torch.minimum, widths)

    def cdf(self, z: Tensor) -> Tensor:
        terms = (gaussian_cdf((z - m) / s) * w for m, s, w in self.components)
        return functools.reduce(torch.add, terms)

    def sf(self, z: Tensor) -> Tensor:
        terms = (gaussian_cdf((m - z) / s) * w for m, s, w in self.components)
        return functools.reduce(torch.add, terms)

    def tail(self, z: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        mass, density = torch.zeros_like(z), torch.zeros_like(z)
        for m, s, w in self.components:
            # erfc(y)/2 is the tail, and exp(-y²) the density up to a factor.
            y = (z - m).mul_((_SQRT_HALF if upper else -_SQRT_HALF) / s)
            mass.add_(torch.erfc(y), alpha=0.5 * w)
            density.add_(y.square_().neg_().exp_(), alpha=w / s * math.exp(-0.5 * LOG_2PI))
        return mass, density

    def icdf(self, q: Tensor) -> Tensor:
        return self._quantile(q, upper=False)

    def isf(self, q: Tensor) -> Tensor:
        return self._quantile(q, upper=True)

    def _quantile(self, q: Tensor, upper: bool) -> Tensor:
        """The root of log cdf(z) = log q, between the quantiles of the components."""
        y = torch.special.ndtri(q.flatten()) * (-1.0 if upper else 1.0)
        ends = torch.stack([m + s * y for m, s, _ in self.components])
        low, high = ends.amin(0), ends.amax(0)
        target = q.flatten()

        def residual(z: Tensor, active: Tensor) -> tuple[Tensor, Tensor]:
            tail = self.sf(z) if upper else self.cdf(z)
            slope = self.pdf(z) / tail
            value = torch.log(tail / target[active])
            return (-value if upper else value), slope

        inner = (target > 0) & (target < 1)
        root = torch.where(inner, 0.5 * (low + high), low)
        if inner.any():
            where = inner.nonzero().squeeze(-1)
            solved, _ = solve_increasing(
                lambda z, active: residual(z, where[active]), low[where], high[where], root[where]
            )
            root[where] = solved
        return root.reshape(q.shape)

    def _draw(self, n: int, d: int, source: Source) -> Tensor:
        noise = source.normal(n, d)
        means, scales, weights = torch.tensor(self.components, dtype=torch.float64).to(noise).T
        which = source.choice(weights, n * d).reshape(n, d)
        return means[which] + scales[which] * noise


@dataclass(frozen=True)
class GaussianMixture(GaussianSum):
    """A Gaussian mixture: p = Σ_k w_k N(z; means_k, scales_k²), weights normalised."""

    means: tuple[float, ...] = field(default=(-1.5, 1.5), metadata=LOC)
    scales: tuple[float, ...] = field(default=(0.5, 0.5), metadata=SCALE)
    weights: tuple[float, ...] = field(default=(0.5, 0.5), metadata=param_range(0.01, 1.0, 0.01))

    def _validate(self) -> None:
        k = len(self.means)
        require(
            k >= 1 and len(self.scales) == k and len(self.weights) == k,
            f"{self._label}: means, scales and weights must be equally long and not empty, got "
            f"lengths {k}, {len(self.scales)} and {len(self.weights)}",
        )
        require(
            min(self.scales) > 0.0,
            f"{self._label}: every scale must be greater than 0, got {self.scales!r}",
        )
        require(
            min(self.weights) > 0.0,
            f"{self._label}: every weight must be greater than 0, got {self.weights!r}",
        )

    @functools.cached_property
    def components(self) -> list[tuple[float, float, float]]:
        total = math.fsum(self.weights)
        return [
            (m, s, w / total) for m, s, w in zip(self.means, self.scales, self.weights, strict=True)
        ]


def gaussian_smooth_width(low: Tensor, high: Tensor) -> Tensor:
    """``Prior.smooth_width`` of exp(-y²/2): |d log p/dy| = |y|, bounded by where p underflows."""
    return 5.0 / torch.maximum(low.abs(), high.abs()).clamp(2.5, 39.0)


def gaussian_cdf(y: Tensor) -> Tensor:
    """Φ(y) by erfc, which is relatively exact in the lower tail, unlike 1 + erf."""
    return 0.5 * torch.erfc(y * -_SQRT_HALF)
