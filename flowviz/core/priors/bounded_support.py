"""Priors with bounded or half-bounded support; in d dimensions products of d independent copies.

================  =====================================================  =========  ============
class             density                                                kinks      at the ends
================  =====================================================  =========  ============
Uniform           1/(high - low) on [low, high]                          2          jump
Triangular        piecewise linear, maximum at ``mode``                  3          0
Arcsine           1/(π√((z - low)(high - z))) on (low, high)             2          infinite
Exponential       exp(-y)/scale, y = (z - loc)/scale ≥ 0                 1          jump, none
================  =====================================================  =========  ============

Outside the support the density is 0 and its logarithm -inf, exactly: the flow is undefined there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from flowviz.core.priors.base import LOC, SCALE, Prior, masked, require
from flowviz.core.priors.piecewise import Pieces

_NONE = (0.0, 0.0)


@dataclass(frozen=True)
class _Interval(Prior):
    """A distribution on the bounded interval from ``low`` to ``high``."""

    low: float = field(default=0.0, metadata=LOC)
    high: float = field(default=2.0, metadata=LOC)

    def _validate(self) -> None:
        require(
            self.low < self.high,
            f"{self._label}: low must be less than high, got low={self.low!r}, high={self.high!r}",
        )

    @property
    def support(self) -> tuple[float, float]:
        return (self.low, self.high)

    @property
    def _width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True)
class Uniform(_Interval):
    """The uniform distribution: p = 1/(high - low) on [low, high]; in d dimensions on a box."""

    log_concave: ClassVar[bool] = True
    uniform_density: ClassVar[bool] = True

    @property
    def mode_position(self) -> float:
        return 0.5 * (self.low + self.high)

    def smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        return torch.where(self.distance_to_breakpoint(low, high) > 0, math.inf, 0.0).to(low)

    def log_pdf(self, z: Tensor) -> Tensor:
        inside = (z >= self.low) & (z <= self.high)
        return masked(inside, torch.full_like(z, -math.log(self._width)))

    def pdf(self, z: Tensor) -> Tensor:
        return ((z >= self.low) & (z <= self.high)).to(z.dtype) / self._width

    @property
    def pieces(self) -> Pieces:
        return Pieces((_NONE, (1.0 / self._width, 0.0), _NONE))

    def cdf(self, z: Tensor) -> Tensor:
        return ((z - self.low) / self._width).clamp(0.0, 1.0)

    def sf(self, z: Tensor) -> Tensor:
        return ((self.high - z) / self._width).clamp(0.0, 1.0)

    def exit_times(self, z: Tensor, velocity: Tensor) -> Tensor:
        face = torch.where(velocity > 0, self.high, self.low)
        return torch.where(velocity == 0, math.inf, (face - z) / velocity).amin(-1)

    def support_constraints(self, control: Tensor) -> Tensor:
        return torch.cat([control - self.low, self.high - control], dim=-1) / self._width

    def icdf(self, q: Tensor) -> Tensor:
        return self.low + self._width * q

    def isf(self, q: Tensor) -> Tensor:
        return self.high - self._width * q


@dataclass(frozen=True)
class Triangular(_Interval):
    """The triangular distribution: linear from low up to mode, and down to high."""

    log_concave: ClassVar[bool] = True

    mode: float = field(default=1.0, metadata=LOC)

    def _validate(self) -> None:
        super()._validate()
        require(
            self.low <= self.mode <= self.high,
            f"{self._label}: mode must lie in [low, high] = [{self.low!r}, {self.high!r}], "
            f"got {self.mode!r}",
        )

    @property
    def breakpoints(self) -> tuple[float, ...]:
        return tuple(sorted({self.low, self.mode, self.high}))

    @property
    def mode_position(self) -> float:
        return self.mode

    def smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        # p is linear, but its relative change is unbounded near an end, where p = 0.
        return 100.0 * self.distance_to_breakpoint(low, high)

    def log_pdf(self, z: Tensor) -> Tensor:
        rising, falling = self._sides()
        inside = (z > self.low) & (z < self.high)
        up = (z - self.low) / rising if rising > 0 else torch.ones_like(z)
        down = (self.high - z) / falling if falling > 0 else torch.ones_like(z)
        height = torch.where(z < self.mode, up, down) if rising > 0 else down
        safe = torch.where(inside, height if falling > 0 else up, torch.ones_like(z))
        return masked(inside, safe.log() + math.log(2.0 / self._width))

    def pdf(self, z: Tensor) -> Tensor:
        rising, falling = self._sides()
        up = (z - self.low) / rising if rising > 0 else torch.full_like(z, math.inf)
        down = (self.high - z) / falling if falling > 0 else torch.full_like(z, math.inf)
        inside = (z > self.low) & (z < self.high)
        height = torch.minimum(up, down) * (2.0 / self._width)
        return torch.where(inside, height, torch.zeros_like(z))

    @property
    def pieces(self) -> Pieces:
        ends = (self.low, self._sides()[0]), (self.high, -self._sides()[1])
        slopes = [(end, 2.0 / (self._width * run)) for end, run in ends if run != 0]
        return Pieces((_NONE, *((-end * slope, slope) for end, slope in slopes), _NONE))

    def _sides(self) -> tuple[float, float]:
        return self.mode - self.low, self.high - self.mode

    def cdf(self, z: Tensor) -> Tensor:
        lower, upper = self._tails(z)
        return torch.where(z < self.mode, lower, 1.0 - upper)

    def sf(self, z: Tensor) -> Tensor:
        lower, upper = self._tails(z)
        return torch.where(z < self.mode, 1.0 - lower, upper)

    def _tails(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """The areas of the triangles left and right of z, each valid on its side of the mode."""
        rising, falling = self._sides()
        left = (z - self.low).clamp(min=0.0)
        right = (self.high - z).clamp(min=0.0)
        lower = left * left / (self._width * rising) if rising > 0 else torch.zeros_like(z)
        upper = right * right / (self._width * falling) if falling > 0 else torch.zeros_like(z)
        return lower, upper

    def icdf(self, q: Tensor) -> Tensor:
        rising, falling = self._sides()
        return torch.where(
            q * self._width < rising,
            self.low + (q * self._width * rising).sqrt(),
            self.high - ((1.0 - q) * self._width * falling).sqrt(),
        )

    def isf(self, q: Tensor) -> Tensor:
        rising, falling = self._sides()
        return torch.where(
            q * self._width < falling,
            self.high - (q * self._width * falling).sqrt(),
            self.low + ((1.0 - q) * self._width * rising).sqrt(),
        )


@dataclass(frozen=True)
class Arcsine(_Interval):
    """The arcsine distribution: p = 1/(π√((z - low)(high - z))), infinite at both ends.

    The support is the open interval, so that the density is finite at every grid point.
    """

    has_singular_edges: ClassVar[bool] = True

    @property
    def cost(self) -> float:
        return 4.0

    @property
    def min_mode_width(self) -> None:
        return None  # its modes are the ends, which are located as events (``transport.arcsine``)

    def smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        return 1.3 * self.distance_to_breakpoint(low, high)  # singular at both ends

    def log_pdf(self, z: Tensor) -> Tensor:
        inside = (z > self.low) & (z < self.high)
        area = torch.where(inside, (z - self.low) * (self.high - z), torch.ones_like(z))
        return masked(inside, -0.5 * area.log() - math.log(math.pi))

    def pdf(self, z: Tensor) -> Tensor:
        area = (z - self.low) * (self.high - z)
        return torch.where(area > 0, torch.rsqrt(area) / math.pi, torch.zeros_like(z))

    def cdf(self, z: Tensor) -> Tensor:
        return self._angle(z - self.low, self.high - z)

    def sf(self, z: Tensor) -> Tensor:
        return self._angle(self.high - z, z - self.low)

    def tail(self, z: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        from_low, to_high = z - self.low, self.high - z
        area = from_low * to_high
        inside, root = area > 0, torch.rsqrt(area)
        distance = to_high if upper else from_low
        angle = torch.atan(distance * root) * (2.0 / math.pi)
        mass = torch.where(inside, angle, (distance > 0).to(z.dtype))
        return mass, torch.where(inside, root, 0.0) / math.pi

    def _angle(self, near: Tensor, far: Tensor) -> Tensor:
        """(2/π) atan √(near/far) of the distances to both ends: relatively exact at both."""
        ratio = near / far  # negative outside the support
        angle = torch.atan(ratio.sqrt()) * (2.0 / math.pi)
        return torch.where(ratio >= 0, angle, (near > 0).to(near.dtype))

    def icdf(self, q: Tensor) -> Tensor:
        return self.low + self._width * torch.sin(q * (math.pi / 2.0)).square()

    def isf(self, q: Tensor) -> Tensor:
        return self.high - self._width * torch.sin(q * (math.pi / 2.0)).square()


@dataclass(frozen=True)
class Exponential(Prior):
    """The exponential distribution: p = exp(-y)/scale for y = (z - loc)/scale ≥ 0."""

    log_concave: ClassVar[bool] = True

    loc: float = field(default=0.0, metadata=LOC)
    scale: float = field(default=1.0, metadata=SCALE)

    def _validate(self) -> None:
        require(
            self.scale > 0.0, f"{self._label}: scale must be greater than 0, got {self.scale!r}"
        )

    @property
    def support(self) -> tuple[float, float]:
        return (self.loc, math.inf)

    @property
    def mode_position(self) -> float:
        return self.loc

    def smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        return torch.where(self.distance_to_breakpoint(low, high) > 0, 5.0 * self.scale, 0.0).to(
            low
        )

    def log_pdf(self, z: Tensor) -> Tensor:
        y = (z - self.loc) / self.scale
        return masked(z >= self.loc, -y - math.log(self.scale))

    def pdf(self, z: Tensor) -> Tensor:
        y = (z - self.loc) / self.scale
        # |y|, because overflow in the unused branch is slow.
        return torch.where(z >= self.loc, torch.exp(-y.abs()), 0.0) / self.scale

    @property
    def pieces(self) -> Pieces:
        falling = (self.loc / self.scale - math.log(self.scale), -1.0 / self.scale)
        return Pieces(((-math.inf, 0.0), falling), exponential=True)

    def cdf(self, z: Tensor) -> Tensor:
        return -torch.expm1(-((z - self.loc) / self.scale).clamp(min=0.0))

    def sf(self, z: Tensor) -> Tensor:
        return torch.exp(-((z - self.loc) / self.scale).clamp(min=0.0))

    def icdf(self, q: Tensor) -> Tensor:
        return self.loc - self.scale * torch.log1p(-q)

    def isf(self, q: Tensor) -> Tensor:
        return self.loc - self.scale * torch.log(q)
