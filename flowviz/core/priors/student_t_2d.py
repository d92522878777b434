"""Student's t distribution of the plane: isotropic, unlike the product of two of the line.

With y = (z - loc)/scale and r = |y|,

    p(z) = (1 + r²/df)^(-(df+2)/2) / (2π scale²),     P(|y| ≤ r) = 1 - (1 + r²/df)^(-df/2),

and each coordinate has the distribution of the line with the same df. At df = 1 the flow is that of
gravity: straight lines x = x₀ + u z, u = t/(1-t), have the density C u/(u² + |x - x₀|²)^(3/2), the
field of a mass in space and time (MATH §7). As df → ∞ the distribution becomes a Gaussian.

Source: Kotz and Nadarajah, Multivariate t Distributions and Their Applications (2004); Xu et al.,
"PFGM++" (2023), where df is the number D of added dimensions and scale is σ√D.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor

from flowviz.core.priors.base import LOC, LOG_2PI, SCALE, param_range, require
from flowviz.core.priors.plane_prior import PlanePrior, from_origin
from flowviz.core.priors.random_source import Source
from flowviz.core.priors.student_t import STUDENT_DF, student_icdf


@dataclass(frozen=True)
class StudentT2D(PlanePrior):
    """p ∝ (1 + |y|²/df)^(-(df+2)/2), y = (z - loc)/scale; Cauchy at df = 1."""

    smooth: ClassVar[bool] = True

    df: float = field(default=3.0, metadata=param_range(1.0, 50.0, 0.1))
    loc: float = field(default=0.0, metadata=LOC)
    scale: float = field(default=1.0, metadata=SCALE)

    def _validate(self) -> None:
        require(self.scale > 0.0, f"StudentT2D: scale must be greater than 0, got {self.scale!r}")
        require(
            STUDENT_DF[0] <= self.df <= STUDENT_DF[1],
            f"StudentT2D: df must lie in {list(STUDENT_DF)}, got {self.df!r}",
        )

    def radial_cdf(self, r: Tensor) -> Tensor:
        """P(|z - loc| ≤ r), for distances r ≥ 0; any shape."""
        return -torch.expm1(-0.5 * self.df * torch.log1p((r / self.scale).square() / self.df))

    def radial_icdf(self, q: Tensor) -> Tensor:
        """The distance r from loc with P(|z - loc| ≤ r) = q, for q in [0, 1]; any shape."""
        return self.scale * (self.df * torch.expm1(-2.0 / self.df * torch.log1p(-q))).sqrt()

    def log_joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        dx, dy = (z - self.loc for z in coordinates)
        x, y = dx / self.scale, dy / self.scale
        power, height = 0.5 * (self.df + 2.0), LOG_2PI + 2.0 * math.log(self.scale)
        log_p = torch.log1p(torch.addcmul(x * x, y, y) / self.df).mul(-power).sub(height)
        if log_p.numel() == 0 or float(log_p.detach().amin()) > -math.inf:
            return log_p
        # Where |y|² overflows its logarithm, from which the power law follows, does not.
        far = torch.hypot(dx, dy).clamp(min=1e-300).log() - math.log(self.scale)
        far = far - 0.5 * math.log(self.df)
        return torch.where(log_p > -math.inf, log_p, -2.0 * power * far - height)

    def joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        x, y = ((z - self.loc) / self.scale for z in coordinates)
        power, height = -0.5 * (self.df + 2.0), 0.5 / (math.pi * self.scale**2)
        return torch.addcmul(x * x, y, y).div_(self.df).add_(1.0).pow_(power).mul_(height)

    def most(self, low: Tensor, high: Tensor) -> Tensor:
        nearest = from_origin(low - self.loc, high - self.loc) + self.loc
        return self.log_joint(nearest.unbind(-1))

    @property
    def cost(self) -> float:
        return 4.0

    @property
    def mode_position(self) -> float:
        return self.loc

    @property
    def min_mode_width(self) -> float:
        return self.scale * math.sqrt(self.df / (self.df + 2.0))

    def approach_speed(self, coordinates: Sequence[Tensor], velocity: Sequence[Tensor]) -> Tensor:
        (x, y), (dx, dy) = coordinates, velocity
        inward = torch.addcmul((x - self.loc) * dx, y - self.loc, dy) < 0
        return torch.addcmul(dx * dx, dy, dy) * inward

    def interval(self, tail: float) -> tuple[float, float]:
        require(0.0 <= tail < 0.5, f"tail must lie in [0, 0.5), got {tail}")
        level = torch.tensor(tail, dtype=torch.float64)
        extent = -self.scale * float(student_icdf(level, self.df))
        return self.loc - extent, self.loc + extent

    def _draw(self, n: int, d: int, source: Source) -> Tensor:
        u = source.uniform(n, 2)
        angle = 2.0 * math.pi * u[:, 1]
        circle = torch.stack([angle.cos(), angle.sin()], dim=-1)
        return self.loc + self.radial_icdf(u[:, :1]) * circle
