"""Location-scale families of distributions that are symmetric about 0."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from flowviz.core.priors.base import Prior, require
from flowviz.core.priors.numerics import quantile


@dataclass(frozen=True)
class LocationScale(Prior):
    """z = loc + scale · y, where y has the symmetric distribution given by the `_` methods.

    The upper tail follows from the lower one, P(y > a) = P(y ≤ -a), and is relatively exact. A
    subclass that is not symmetric overrides ``sf`` and ``isf``.
    """

    def _affine(self) -> tuple[float, float]:
        """(loc, scale)."""
        params: Any = self
        return float(params.loc), float(params.scale)

    def _validate(self) -> None:
        _, scale = self._affine()
        require(scale > 0.0, f"{self._label}: scale must be greater than 0, got {scale!r}")

    def _standard(self, z: Tensor) -> Tensor:
        # For speed no arithmetic where loc = 0 or scale = 1.
        loc, scale = self._affine()
        centred = z if loc == 0.0 else z - loc
        return centred if scale == 1.0 else centred / scale

    def _from_standard(self, y: Tensor) -> Tensor:
        loc, scale = self._affine()
        return loc + scale * y

    @property
    def mode_position(self) -> float | None:
        return self._affine()[0] if self.log_concave else None

    def smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        return self._affine()[1] * self._smooth_width(self._standard(low), self._standard(high))

    def log_pdf(self, z: Tensor) -> Tensor:
        log_p, scale = self._log_pdf(self._standard(z)), self._affine()[1]
        return log_p if scale == 1.0 else log_p - math.log(scale)

    def cdf(self, z: Tensor) -> Tensor:
        return self._cdf(self._standard(z))

    def sf(self, z: Tensor) -> Tensor:
        return self._cdf(-self._standard(z))

    def icdf(self, q: Tensor) -> Tensor:
        return self._from_standard(self._icdf(q))

    def isf(self, q: Tensor) -> Tensor:
        return self._from_standard(-self._icdf(q))

    def _smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        return torch.zeros_like(low)

    def _log_pdf(self, y: Tensor) -> Tensor:
        raise self._not_defined("_log_pdf")

    def _cdf(self, y: Tensor) -> Tensor:
        raise self._not_defined("_cdf")

    def _icdf(self, q: Tensor) -> Tensor:
        return quantile(self._cdf, q, increasing=True)
