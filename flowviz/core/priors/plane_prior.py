"""What priors that exist for d = 2 only have in common."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from flowviz.core.priors.base import Prior


@dataclass(frozen=True)
class PlanePrior(Prior):
    """A distribution of two coordinates that are not independent."""

    product: ClassVar[bool] = False
    dims: ClassVar[tuple[int, ...] | None] = (2,)

    def radial_cdf(self, r: Tensor) -> Tensor:
        """P(|z - centre| ≤ r), for an isotropic distribution; any shape."""
        raise self._unknown("radial_cdf")

    def mass_flux(self, z: Tensor) -> Tensor:
        # Isotropic: what passes a circle is what it holds, P(r)/(2πr) outwards.
        away = z - self.centre
        square = away.square().sum(-1, keepdim=True).clamp(min=1e-280)
        return away * (self.radial_cdf(square.sqrt()) / (2.0 * math.pi * square))


def from_origin(low: Tensor, high: Tensor) -> Tensor:
    """The point of a box that is nearest to the origin."""
    return torch.maximum(low, -high).clamp(min=0.0)
