"""Priors that exist for d = 2 only: their coordinates are not independent.

=================  ==========================================================  ======  ============
class              density p(z), r = |z|                                       smooth  tails
=================  ==========================================================  ======  ============
Disk               1/(π radius²) for r ≤ radius                                no      none
Ring               a circle convolved with a Gaussian of scale ``width``       yes     exp(-r²/2w²)
GaussianMixture2D  Σ_k w_k N(z; m_k, Σ_k), Σ_k any covariance                  yes     exp(-r²)
StudentT2D         (1 + r²/df)^(-(df+2)/2)/2π (``student_t_2d``)               yes     r^(-df-2)
=================  ==========================================================  ======  ============

The ring's density has a closed form: averaging N(z; radius e^{iθ}, width²) over the angle gives a
Bessel function, p = exp(-(r² + radius²)/2w²) I₀(r radius/w²)/(2πw²).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import scipy.special
import torch
from torch import Tensor

from flowviz.core.numerics.bernstein import product
from flowviz.core.numerics.bessel import i0e
from flowviz.core.priors.base import (
    LOC,
    LOG_2PI,
    RADIUS,
    SCALE,
    masked,
    param_range,
    require,
)
from flowviz.core.priors.plane_prior import PlanePrior, from_origin
from flowviz.core.priors.random_source import Source


@dataclass(frozen=True)
class Disk(PlanePrior):
    """The uniform distribution inside a circle around the origin."""

    radius: float = field(default=2.0, metadata=RADIUS)

    log_concave: ClassVar[bool] = True
    uniform_density: ClassVar[bool] = True

    def _validate(self) -> None:
        require(self.radius > 0.0, f"Disk: radius must be greater than 0, got {self.radius!r}")

    @property
    def support(self) -> tuple[float, float]:
        return (-self.radius, self.radius)

    def log_joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        square = _square(coordinates)
        height = -math.log(math.pi) - 2.0 * math.log(self.radius)
        return masked(square <= self.radius**2, torch.full_like(square, height))

    def most(self, low: Tensor, high: Tensor) -> Tensor:
        overlaps = from_origin(low, high).norm(dim=-1) <= self.radius
        height = -math.log(math.pi) - 2.0 * math.log(self.radius)
        return masked(overlaps, torch.full_like(low[..., 0], height))

    def joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        inside = _square(coordinates) <= self.radius**2
        return inside.to(coordinates[0].dtype) / (math.pi * self.radius**2)

    def radial_cdf(self, r: Tensor) -> Tensor:
        return (r / self.radius).square().clamp(max=1.0)

    def interval(self, tail: float) -> tuple[float, float]:
        return self.support

    def edge_distance(self, z: Tensor) -> Tensor:
        return self.radius - torch.linalg.vector_norm(z, dim=-1)

    def nearest(self, z: Tensor) -> Tensor:
        size = torch.linalg.vector_norm(z, dim=-1, keepdim=True)
        return z * (self.radius * (1.0 - 1e-12) / size).clamp(max=1.0)

    def exit_times(self, z: Tensor, velocity: Tensor) -> Tensor:
        speed = velocity.square().sum(-1)
        closest = -(z * velocity).sum(-1) / speed
        # Half the chord from its distance to the centre: no cancellation.
        across = z + closest[..., None] * velocity
        half_chord = (self.radius**2 - across.square().sum(-1)) / speed
        return closest + half_chord.clamp(min=0.0).sqrt()

    def support_constraints(self, control: Tensor) -> Tensor:
        scaled = control / self.radius
        return 1.0 - product(scaled, scaled).sum(-1, keepdim=True)

    def _draw(self, n: int, d: int, source: Source) -> Tensor:
        u = source.uniform(n, 2)
        angle = 2.0 * math.pi * u[:, 1]
        radius = self.radius * u[:, :1].sqrt()
        return radius * torch.stack([angle.cos(), angle.sin()], dim=-1)


@dataclass(frozen=True)
class Ring(PlanePrior):
    """The uniform distribution on a circle around the origin, plus Gaussian noise."""

    smooth: ClassVar[bool] = True

    radius: float = field(default=2.0, metadata=RADIUS)
    width: float = field(default=0.3, metadata=SCALE)

    def _validate(self) -> None:
        require(self.radius > 0.0, f"Ring: radius must be greater than 0, got {self.radius!r}")
        require(self.width > 0.0, f"Ring: width must be greater than 0, got {self.width!r}")

    def log_joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        r, away, scale = self._radii(coordinates)
        bessel = torch.special.i0e(r * scale)  # differentiable to rounding
        return bessel.log() - away.square() - LOG_2PI - 2.0 * math.log(self.width)

    def joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        r, away, scale = self._radii(coordinates)
        bessel = i0e(r.mul_(scale))
        height = 1.0 / (2.0 * math.pi * self.width**2)
        return torch.mul(away, away).neg_().exp_().mul_(bessel).mul_(height)

    def most(self, low: Tensor, high: Tensor) -> Tensor:
        # The exponential is greatest on the circle, the other factor decreases with the radius.
        r_min = from_origin(low, high).norm(dim=-1)
        r_max = torch.maximum(low.abs(), high.abs()).norm(dim=-1)
        r = torch.minimum(torch.maximum(r_min, r_min.new_full((), self.radius)), r_max)
        exponent = ((r - self.radius) / self.width).square() * -0.5
        bessel = torch.special.i0e(r_min * (self.radius / self.width**2))
        return exponent + bessel.log() - LOG_2PI - 2.0 * math.log(self.width)

    def _radii(self, coordinates: Sequence[Tensor]) -> tuple[Tensor, Tensor, float]:
        """|z| and its distance to the circle, both by √2 w; and the factor of I₀'s argument."""
        x, y = coordinates
        half = 0.5 / self.width**2
        # A floor, as the derivative of √ is infinite at 0, where the density is smooth.
        r = (x * half).mul(x).addcmul(y * half, y).clamp_(min=1e-200).sqrt_()
        edge = self.radius * math.sqrt(half)
        return r, r - edge, 2.0 * edge

    @property
    def has_edges(self) -> bool:
        return True

    @property
    def edge_softness(self) -> float:
        return self.width

    def edge_distance(self, z: Tensor) -> Tensor:
        # From where the Gaussian about the circle has half its height.
        from_circle = (torch.linalg.vector_norm(z, dim=-1) - self.radius).abs()
        return math.sqrt(2.0 * math.log(2.0)) * self.width - from_circle

    @property
    def cost(self) -> float:
        return 5.0

    @property
    def min_mode_width(self) -> float:
        return min(self.width, self.radius)

    def approach_speed(self, coordinates: Sequence[Tensor], velocity: Sequence[Tensor]) -> Tensor:
        (x, y), (dx, dy) = coordinates, velocity
        inward = torch.addcmul(x * dx, y, dy) < 0
        return _square(velocity) * (inward | (_square(coordinates) < self.radius**2))

    def radial_cdf(self, r: Tensor) -> Tensor:
        # (r/w)² has the noncentral χ² distribution of two degrees of freedom.
        square = (r / self.width).square().cpu().numpy()
        found = scipy.special.chndtr(square, 2.0, (self.radius / self.width) ** 2)
        return torch.as_tensor(found).to(r)

    def interval(self, tail: float) -> tuple[float, float]:
        extent = self.radius + self.width * _normal_isf(tail)
        return (-extent, extent)

    def _draw(self, n: int, d: int, source: Source) -> Tensor:
        angle = 2.0 * math.pi * source.uniform(n)
        circle = self.radius * torch.stack([angle.cos(), angle.sin()], dim=-1)
        return circle + self.width * source.normal(n, 2)


Component2D = tuple[float, float, float, float, float, float]
"""Mean x, mean y, scale x, scale y, correlation and weight of a normal density."""


@dataclass(frozen=True)
class GaussianSum2D(PlanePrior):
    """A sum of Gaussians of the plane: p = Σ_k w_k N(z; m_k, Σ_k), Σ_k w_k = 1."""

    smooth: ClassVar[bool] = True

    def components(self) -> list[Component2D]:
        """The Gaussians; their weights add up to 1."""
        raise self._not_defined("components")

    def log_joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        terms = []
        for component in self.components():
            *_, sx, sy, r, w = component
            height = math.log(w / (sx * sy)) - 0.5 * math.log1p(-r * r) - LOG_2PI
            terms.append(_exponent(coordinates, *component[:5]) + height)
        # Finite even where every term is -inf.
        top = functools.reduce(torch.maximum, terms).detach()
        top = top.clamp(min=torch.finfo(top.dtype).min)
        # The largest term is exp(0) = 1: log1p of the others is relatively exact.
        others = sum((torch.exp(term - top) for term in terms), start=-torch.ones_like(top))
        return top + torch.log1p(others)

    def joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        densities = []
        for component in self.components():
            *_, sx, sy, r, w = component
            height = w / (2.0 * math.pi * sx * sy * math.sqrt(1.0 - r * r))
            densities.append(_exponent(coordinates, *component[:5]).exp_().mul_(height))
        return functools.reduce(torch.add, densities)

    def most(self, low: Tensor, high: Tensor) -> Tensor:
        # The exponent is at least a²/2 and at least b²/2, for every value of the other coordinate.
        terms = []
        for mx, my, sx, sy, r, w in self.components():
            scale, mean = low.new_tensor((sx, sy)), low.new_tensor((mx, my))
            square = from_origin((low - mean) / scale, (high - mean) / scale).square().amax(-1)
            height = math.log(w / (sx * sy)) - 0.5 * math.log(1.0 - r * r) - LOG_2PI
            terms.append(height - 0.5 * square)
        return torch.logsumexp(torch.stack(terms), 0)

    @property
    def cost(self) -> float:
        return 1.0 + len(self.components())

    @property
    def min_mode_width(self) -> float:
        # The smaller eigenvalue of a covariance is at least its determinant over its trace.
        return min(
            sx * sy * math.sqrt((1.0 - r * r) / (sx * sx + sy * sy))
            for _, _, sx, sy, r, _ in self.components()
        )

    def approach_speed(self, coordinates: Sequence[Tensor], velocity: Sequence[Tensor]) -> Tensor:
        (x, y), (dx, dy) = coordinates, velocity
        increasing = []
        for mx, my, sx, sy, r, _ in self.components():
            a, b, da, db = (x - mx) / sx, (y - my) / sy, dx / sx, dy / sy
            increasing.append(a * da + b * db < r * (a * db + b * da))
        return _square(velocity) * functools.reduce(torch.logical_or, increasing)

    def mass_flux(self, z: Tensor) -> Tensor:
        # Each is isotropic in coordinates in which its covariance is 1.
        flux = torch.zeros_like(z)
        for mx, my, sx, sy, r, w in self.components():
            half = -_exponent(z.unbind(-1), mx, my, sx, sy, r)[..., None].clamp(max=-1e-280)
            height = w / (4.0 * math.pi * sx * sy * math.sqrt(1.0 - r * r))
            flux = flux - (z - z.new_tensor([mx, my])) * (torch.expm1(-half) * height / half)
        return flux

    def interval(self, tail: float) -> tuple[float, float]:
        ends = self.intervals(tail, 2)
        return min(low for low, _ in ends), max(high for _, high in ends)

    def intervals(self, tail: float, d: int) -> list[tuple[float, float]]:
        extent = _normal_isf(tail)
        components = self.components()
        return [
            (
                min(b[j] - extent * b[j + 2] for b in components),
                max(b[j] + extent * b[j + 2] for b in components),
            )
            for j in range(2)
        ]

    def _draw(self, n: int, d: int, source: Source) -> Tensor:
        noise = source.normal(n, 2)
        components = torch.tensor(self.components(), dtype=torch.float64).to(noise)
        mx, my, sx, sy, r, _ = components[source.choice(components[:, 5], n)].T
        correlated = r * noise[:, 0] + (1.0 - r * r).sqrt() * noise[:, 1]
        return torch.stack([mx + sx * noise[:, 0], my + sy * correlated], dim=-1)


@dataclass(frozen=True)
class GaussianMixture2D(GaussianSum2D):
    """A Gaussian mixture of any covariances: scales σ_x, σ_y and a correlation each."""

    means_x: tuple[float, ...] = field(default=(-1.2, 1.2), metadata=LOC)
    means_y: tuple[float, ...] = field(default=(0.0, 0.0), metadata=LOC)
    scales_x: tuple[float, ...] = field(default=(0.6, 0.6), metadata=SCALE)
    scales_y: tuple[float, ...] = field(default=(1.0, 1.0), metadata=SCALE)
    correlations: tuple[float, ...] = field(
        default=(0.6, -0.6), metadata=param_range(-0.99, 0.99, 0.01)
    )
    weights: tuple[float, ...] = field(default=(0.5, 0.5), metadata=param_range(0.01, 1.0, 0.01))

    def _validate(self) -> None:
        columns = {
            name: getattr(self, name)
            for name in ("means_x", "means_y", "scales_x", "scales_y", "correlations", "weights")
        }
        lengths = [len(values) for values in columns.values()]
        require(
            lengths[0] >= 1 and len(set(lengths)) == 1,
            f"GaussianMixture2D: {', '.join(columns)} must be equally long and not empty, "
            f"got lengths {lengths}",
        )
        for name in ("scales_x", "scales_y", "weights"):
            require(
                min(columns[name]) > 0.0,
                f"GaussianMixture2D: {name} must be greater than 0, got {columns[name]!r}",
            )
        require(
            max(abs(r) for r in self.correlations) < 1.0,
            f"GaussianMixture2D: correlations must lie between -1 and 1, got {self.correlations!r}",
        )

    def components(self) -> list[Component2D]:
        total = math.fsum(self.weights)
        columns = (self.means_x, self.means_y, self.scales_x, self.scales_y, self.correlations)
        weights = [w / total for w in self.weights]
        return list(zip(*columns, weights, strict=True))


def _exponent(
    coordinates: Sequence[Tensor], mx: float, my: float, sx: float, sy: float, r: float
) -> Tensor:
    """-½ zᵀΣ⁻¹z of a Gaussian with scales sx, sy and correlation r, as a sum of two squares.

    a² - 2r a b + b² would cancel, and be inf - inf far out.
    """
    x, y = coordinates
    limit = 0.25 * torch.finfo(x.dtype).max
    a, b = (v.clamp_(-limit, limit) for v in ((x - mx) / sx, (y - my) / sy))
    residual = torch.sub(a, b, alpha=r).mul_(math.sqrt(0.5 / (1.0 - r * r)))
    return torch.addcmul(residual.square().neg_(), b, b, value=-0.5)


def _square(coordinates: Sequence[Tensor]) -> Tensor:
    """|z|²."""
    x, y = coordinates
    return torch.addcmul(x * x, y, y)


def _normal_isf(tail: float) -> float:
    """The upper quantile of the standard normal distribution."""
    require(0.0 <= tail < 0.5, f"tail must lie in [0, 0.5), got {tail}")
    return -float(torch.special.ndtri(torch.tensor(tail, dtype=torch.float64)))
