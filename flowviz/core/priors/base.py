"""The base class of priors: the distribution p₁ of x₁, at t = 1.

To add a prior, write a frozen dataclass with its parameters that defines ::

    support      (low, high), unless it is ℝ
    log_pdf(z)   log p(z), -inf outside the support
    cdf(z)       P(Z ≤ z), relatively exact in the far lower tail
    sf(z)        P(Z > z), relatively exact in the far upper tail, where 1 - cdf is not
    icdf(q)      the z with cdf(z) = q     optional: by default these follow from
    isf(q)       the z with sf(z) = q      cdf and sf by bisection, which is slower

each elementwise, with p = d/dz cdf and cdf + sf = 1: so that a trajectory that starts eight scales
out is as accurate as one from the middle. In d dimensions a *product* prior has independent
coordinates with that distribution, log p(z) = Σ_j log p(z_j), and samples follow by inverting the
CDF.

A prior for d = 2 whose coordinates are not independent (``product = False``, ``dims = (2,)``)
defines ``log_joint``, ``interval`` and ``_draw`` instead, and ``nearest`` and
``edge_distance`` if it is bounded.

All other properties that integrators and the treecode use have defaults (``numerics``), which a
prior may override for speed: ``smooth`` and ``log_concave`` matter most.

Positions and probabilities may be tensors or numbers (``numerics.arguments``); methods of
subclasses get tensors. Results have the dtype and the device of the argument.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

import torch
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers, accept, require_integer, takes_numbers
from flowviz.core.priors.numerics import PriorNumerics, quantile
from flowviz.core.priors.random_source import Source

LOG_2PI = math.log(2.0 * math.pi)


def param_range(
    low: float,
    high: float,
    step: float,
    far: tuple[float, float] | None = None,
    count: int = 8,
) -> dict[str, float]:
    """Metadata of a dataclass field: range and step of its slider and in links.

    Args:
        low: of the slider.
        high: of the slider.
        step: of the slider.
        far: the accepted range where it is wider than the slider's.
        count: the most numbers of a parameter that is a list.
    """
    least, most = far or (low, high)
    return {"min": low, "max": high, "step": step, "least": least, "most": most, "count": count}


FARTHEST = 1e6
"""How far out data points, and with them locations and scales, may be."""

LOC = param_range(-10.0, 10.0, 0.01, far=(-FARTHEST, FARTHEST))
SCALE = param_range(0.01, 10.0, 0.01, far=(1e-4, FARTHEST))
RADIUS = param_range(0.1, 10.0, 0.1, far=(1e-3, FARTHEST))


def require(condition: bool, message: str) -> None:
    """Raise ``ValueError(message)`` unless the condition holds."""
    if not condition:
        raise ValueError(message)


def masked(inside: Tensor, value: Tensor) -> Tensor:
    """``value`` inside the support, -inf outside."""
    return torch.where(inside, value, torch.full_like(value, -math.inf))


TAKES_POSITIONS = ("log_pdf", "pdf", "cdf", "sf", "icdf", "isf", "prob", "log_prob", "nearest")


@dataclass(frozen=True)
class Prior(PriorNumerics):
    """The distribution p₁ of x₁."""

    product: ClassVar[bool] = True
    """Coordinates are independent and identically distributed: exists for every d."""
    dims: ClassVar[tuple[int, ...] | None] = None
    """Dimensions the prior exists in; ``None`` means all of them."""

    # ------------------------------------------------------------------ defined by subclasses

    def log_pdf(self, z: Numbers) -> Tensor:
        """Log-density of one coordinate, elementwise; -inf off the support."""
        raise self._not_defined("log_pdf")

    def cdf(self, z: Numbers) -> Tensor:
        """P(coordinate ≤ z), relatively exact in the far lower tail."""
        raise self._not_defined("cdf")

    def sf(self, z: Numbers) -> Tensor:
        """P(coordinate > z), relatively exact in the far upper tail."""
        raise self._not_defined("sf")

    def icdf(self, q: Numbers) -> Tensor:
        """The z with cdf(z) = q, for q in [0, 1]; relatively exact for small q."""
        upper = quantile(self.sf, 1.0 - q, increasing=False)  # 1 - q is exact for q ≥ 0.5
        return torch.where(q <= 0.5, quantile(self.cdf, q, increasing=True), upper)

    def isf(self, q: Numbers) -> Tensor:
        """The z with sf(z) = q, for q in [0, 1]; relatively exact for small q."""
        lower = quantile(self.cdf, 1.0 - q, increasing=True)
        return torch.where(q <= 0.5, quantile(self.sf, q, increasing=False), lower)

    def log_joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        """The log-density of positions given as a sequence of coordinates."""
        return functools.reduce(torch.add, (self.log_pdf(z) for z in coordinates))

    def interval(self, tail: float) -> tuple[float, float]:
        """The interval of a coordinate with probability ``tail`` on either side of it."""
        require(0.0 <= tail < 0.5, f"tail must lie in [0, 0.5), got {tail}")
        q = torch.tensor(tail, dtype=torch.float64)
        return float(self.icdf(q)), float(self.isf(q))

    def intervals(self, tail: float, d: int) -> list[tuple[float, float]]:
        """`interval` of each coordinate, where they differ; of all of them by default."""
        return [self.interval(tail)] * d

    def _draw(self, n: int, d: int, source: Source) -> Tensor:
        """Independent draws, (n, d)."""
        return self.icdf(source.uniform(n, d))

    def _validate(self) -> None:
        """Raise ValueError for parameters that do not define a distribution."""

    # ------------------------------------------------------------------ derived

    def pdf(self, z: Numbers) -> Tensor:
        """Density of one coordinate, elementwise."""
        return self.log_pdf(z).exp()

    def tail(self, z: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        """sf (``upper``) or cdf, and the density, which some priors compute together."""
        return (self.sf if upper else self.cdf)(z), self.pdf(z)

    def joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        """The density of positions given as a sequence of (contiguous) coordinates."""
        if not self.product or (len(coordinates) > 1 and self.prefer_log):
            return self.log_joint(coordinates).exp()
        return functools.reduce(torch.mul, (self.pdf(z) for z in coordinates))

    def prob(self, z: Numbers) -> Tensor:
        """The density p₁(z) in d dimensions, (..., d) -> (...)."""
        self._require_axis(z)
        return self.joint(z.unbind(-1))

    def log_prob(self, z: Numbers) -> Tensor:
        """The log-density log p₁(z) in d dimensions.

        Args:
            z: positions, (..., d).

        Returns:
            (...); -inf outside the support.

        Raises:
            ValueError: when the prior does not exist in dimension d.
        """
        self._require_axis(z)
        return self.log_joint(z.unbind(-1))

    def sample(
        self,
        n: int,
        d: int,
        generator: torch.Generator | None = None,
        *,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """Independent draws from p₁, (n, d).

        Raises:
            ValueError: for n < 0 or a dimension the prior does not exist in.
        """
        require_integer(n, "n")
        require_integer(d, "d")
        require(n >= 0, f"n must be at least 0, got {n}")
        self.require_dim(d)
        return self._draw(n, d, Source(generator, dtype, device))

    def exists_in(self, d: int) -> bool:
        """Whether the prior is defined in d dimensions."""
        return d >= 1 and (self.dims is None or d in self.dims)

    def require_dim(self, d: int) -> None:
        """Raise ValueError where the prior has no d-dimensional form."""
        require(
            self.exists_in(d),
            f"{self._label} exists only in dimension {self.dims}, got d={d}",
        )

    # ------------------------------------------------------------------ parameters

    def __init_subclass__(cls) -> None:
        accept(cls, TAKES_POSITIONS, takes_numbers)

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            for number in value if isinstance(value, tuple) else (value,):
                require(
                    isinstance(number, int | float) and math.isfinite(number),
                    f"{self._label}: {f.name} must be finite, got {value!r}",
                )
        self._validate()

    @property
    def _label(self) -> str:
        return type(self).__name__

    def _require_axis(self, z: Tensor) -> None:
        require(z.dim() >= 1, f"z must have shape (..., d), got {tuple(z.shape)}")
        self.require_dim(z.shape[-1])

    def _not_defined(self, name: str) -> ValueError:
        if self.product:
            return ValueError(f"{self._label} must define {name}")
        return ValueError(
            f"{self._label} has no one-dimensional distribution: it exists in {self.dims}"
        )


accept(Prior, TAKES_POSITIONS, takes_numbers)
