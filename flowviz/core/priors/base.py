"""What a prior is: the law p₁ of the free end x₁ of every trajectory.

A prior on the line is known here by five functions that agree with each other::

    p(z) = d/dz cdf(z),   cdf(z) + sf(z) = 1,   icdf(cdf(z)) = z,   isf(sf(z)) = z

``cdf`` keeps its *relative* precision in the far lower tail and ``sf`` in the far upper one, where
``1 - cdf`` would have no digits left. That is what lets a trajectory that starts eight scales out
be as exact as one from the middle.

Positions and levels may be tensors or numbers (``numerics.arguments``); a subclass is handed
tensors. In d dimensions a *product* prior has independent coordinates with that law, so that
log p(z) = Σ_j log p(z_j); the genuinely two-dimensional ones are in ``two_dimensional``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

import torch
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers, accept, require_whole, takes_numbers
from flowviz.core.priors.piecewise import Pieces
from flowviz.core.priors.random_source import Source

LOG_2PI = math.log(2.0 * math.pi)


def param_range(low: float, high: float, step: float) -> dict[str, float]:
    """Metadata of a dataclass field: the range and step its slider and its link accept."""
    return {"min": low, "max": high, "step": step}


LOC = param_range(-10.0, 10.0, 0.01)
SCALE = param_range(0.01, 10.0, 0.01)


def require(condition: bool, message: str) -> None:
    """Raise ``ValueError(message)`` unless the condition holds."""
    if not condition:
        raise ValueError(message)


def masked(inside: Tensor, value: Tensor) -> Tensor:
    """``value`` inside the support, -inf outside: a log-density that is honestly zero there."""
    return torch.where(inside, value, torch.full_like(value, -math.inf))


TAKES_POSITIONS = ("log_pdf", "pdf", "cdf", "sf", "icdf", "isf", "prob", "log_prob", "nearest")


@dataclass(frozen=True)
class Prior:
    """The law p₁ of the free end x₁.

    Subclasses on the line give ``log_pdf``, ``cdf``, ``sf``, ``icdf`` and ``isf``, each
    elementwise; everything in d dimensions follows. Tensors come back in the dtype and on the
    device they came in.
    """

    product: ClassVar[bool] = True
    """Coordinates are independent with the one-dimensional law: exists for every d."""
    dims: ClassVar[tuple[int, ...] | None] = None
    """Dimensions the prior exists in; ``None`` means all of them."""

    flat: ClassVar[bool] = False
    """One height on a bounded support: posterior weights change only where an edge is crossed."""

    singular: ClassVar[bool] = False
    """The density is infinite at its ends, like one over the root of the distance."""

    exponential: ClassVar[bool] = False
    """The density is one exponential of something cheap: coordinates are better added in logs."""

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

    def _validate(self) -> None:
        """Raise ValueError when the parameters do not make a law."""

    def exists_in(self, d: int) -> bool:
        """Whether the prior is defined in d dimensions."""
        return d >= 1 and (self.dims is None or d in self.dims)

    def require_dim(self, d: int) -> None:
        """Raise ValueError where the prior has no d-dimensional form."""
        require(
            self.exists_in(d),
            f"{self._label} exists only in dimension {self.dims}, got d={d}",
        )

    @property
    def support(self) -> tuple[float, float]:
        """Smallest interval that holds every coordinate with probability one."""
        return (-math.inf, math.inf)

    @property
    def kinks(self) -> tuple[float, ...]:
        """Places on the line where log p is not twice differentiable (edges included)."""
        return ()

    @property
    def pieces(self) -> Pieces | None:
        """The density's formulas between its kinks, if it has any and each is a line."""
        return None

    @property
    def smooth(self) -> bool:
        """Whether log p is C² on the whole line."""
        return not self.kinks

    @property
    def compact(self) -> bool:
        """Whether the support is bounded: the density then never fades, it stops."""
        low, high = self.support
        return math.isfinite(low) and math.isfinite(high)

    @property
    def mode_position(self) -> float | None:
        """Where the density is greatest, if it falls from there to either side."""
        return None

    @property
    def min_mode_width(self) -> float | None:
        """The least width of a hill of the density; None if it is log-concave, one hill for all.

        Of two places that part along a line the one with less of a log-concave density never
        catches up. Of another it may: it may meet a hill on its way
        (``transport.posterior_mean_ode``).
        """
        return None

    def approach_speed(self, coordinates: Sequence[Tensor], motion: Sequence[Tensor]) -> Tensor:
        """How fast a motion nears a hill of the density, squared; 0 where it only falls now on.

        Positions and the motion are given coordinate by coordinate, as to ``joint``.
        """
        near, far = self._mode_interval()
        speed = torch.zeros_like(coordinates[0])
        for z, m in zip(coordinates, motion, strict=True):
            speed.addcmul_(m, m * torch.where(m > 0, z < far, z > near))
        return speed

    def _mode_interval(self) -> tuple[float, float]:
        """The interval of a coordinate that holds every place where its density is greatest."""
        centre = 0.0 if self.mode_position is None else self.mode_position
        return centre, centre

    def log_pdf_bounds(self, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        """The least and the most of log p on [low, high]: bounds, elementwise.

        The most is right, up to a constant of the law, where p is 0 on all of the interval: -inf.
        """
        start, end = self.support
        if self.mode_position is None:
            met = (high >= start) & (low <= end)
            return torch.full_like(low, -math.inf), torch.where(met, math.inf, -math.inf).to(low)
        least = torch.minimum(self.log_pdf(low), self.log_pdf(high))
        top = torch.minimum(torch.maximum(low, torch.full_like(low, self.mode_position)), high)
        return least, self.log_pdf(top)

    def most(self, low: Tensor, high: Tensor) -> Tensor:
        """A bound from above on log p₁ over boxes [low, high], (..., d) -> (...)."""
        each = self.log_pdf_bounds(low, high)[1]
        empty = (each == -math.inf).any(-1)
        return torch.where(empty, -math.inf, each.sum(-1))

    def smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        """The widest stretch, anywhere on [low, high], on which p is as good as a polynomial.

        On a stretch of that width p changes by no more than e⁵, and is to rounding the polynomial
        through its values at 24 Chebyshev nodes (``field.treecode``). 0 where there is no such
        stretch.
        """
        return torch.zeros_like(low)

    def distance_to_kink(self, low: Tensor, high: Tensor) -> Tensor:
        """How far [low, high] keeps from the nearest kink, 0 where it holds one; elementwise."""
        room = torch.full_like(low, math.inf)
        for kink in self.kinks:
            room = torch.minimum(room, torch.maximum(low - kink, kink - high))
        return room.clamp(min=0.0)

    def log_pdf(self, z: Numbers) -> Tensor:
        """Log-density of one coordinate, elementwise; -inf off the support."""
        raise self._no_line()

    def cdf(self, z: Numbers) -> Tensor:
        """P(coordinate ≤ z), relatively exact in the far lower tail."""
        raise self._no_line()

    def sf(self, z: Numbers) -> Tensor:
        """P(coordinate > z), relatively exact in the far upper tail."""
        raise self._no_line()

    def icdf(self, q: Numbers) -> Tensor:
        """The z with cdf(z) = q, for q in [0, 1]; relatively exact for small q."""
        raise self._no_line()

    def isf(self, q: Numbers) -> Tensor:
        """The z with sf(z) = q, for q in [0, 1]; relatively exact for small q."""
        raise self._no_line()

    def pdf(self, z: Numbers) -> Tensor:
        """Density of one coordinate, elementwise."""
        return self.log_pdf(z).exp()

    def tail(self, z: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        """sf, or cdf, and density together, for laws where one helps the other."""
        return (self.sf if upper else self.cdf)(z), self.pdf(z)

    def prob(self, z: Numbers) -> Tensor:
        """The density p₁(z) in d dimensions, (..., d) -> (...)."""
        self._require_axis(z)
        return self.joint(z.unbind(-1))

    def log_prob(self, z: Numbers) -> Tensor:
        """The log-density log p₁(z) in d dimensions.

        Args:
            z: positions, (..., d).

        Returns:
            (...); -inf off the support.

        Raises:
            ValueError: when the prior does not exist in dimension d.
        """
        self._require_axis(z)
        return self.log_joint(z.unbind(-1))

    def _require_axis(self, z: Tensor) -> None:
        require(z.dim() >= 1, f"z must have shape (..., d), got {tuple(z.shape)}")
        self.require_dim(z.shape[-1])

    def joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        """The density of positions given coordinate by coordinate: contiguous, hence fast."""
        if len(coordinates) > 1 and self.exponential:
            return self.log_joint(coordinates).exp()
        return functools.reduce(torch.mul, (self.pdf(z) for z in coordinates))

    def log_joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        """The log-density of positions given coordinate by coordinate."""
        return functools.reduce(torch.add, (self.log_pdf(z) for z in coordinates))

    def sample(
        self,
        n: int,
        d: int,
        generator: torch.Generator | None = None,
        *,
        dtype: torch.dtype = torch.float64,
        device: torch.device | str | None = None,
    ) -> Tensor:
        """Independent draws from p₁, (n, d), by inverting the CDF.

        Raises:
            ValueError: for n < 0 or a dimension the prior does not exist in.
        """
        require_whole(n, "n")
        require_whole(d, "d")
        require(n >= 0, f"n must be at least 0, got {n}")
        self.require_dim(d)
        return self._draw(n, d, Source(generator, dtype, device))

    def _draw(self, n: int, d: int, source: Source) -> Tensor:
        return self.icdf(source.uniform(n, d))

    def nearest(self, z: Numbers) -> Tensor:
        """The point of the support nearest to z, a hair inside its edge; (..., d) -> (..., d)."""
        low, high = self.support
        hair = 1e-12 * (high - low if self.compact else 1.0)
        return z.clamp(low + hair, high - hair)

    def crossing_times(self, z: Tensor, motion: Tensor) -> tuple[Tensor, Tensor]:
        """When a point at z with a steady motion enters and leaves the support, for flat priors.

        Args:
            z: positions, (..., d).
            motion: displacement per unit of time, (..., d).

        Returns:
            Times (...) of entering and of leaving, the past negative; inf and -inf for a miss.
        """
        raise self._not_flat()

    def support_constraints(self, control: Tensor) -> Tensor:
        """The support as inequalities along curves, for flat priors.

        Args:
            control: curves in Bernstein form by their control points, (m + 1, ..., d).

        Returns:
            The Bernstein control points of F polynomials that are all positive where a curve is
            inside, (m' + 1, ..., F), in units of the support.
        """
        raise self._not_flat()

    def _not_flat(self) -> ValueError:
        return ValueError(f"{self._label} is not flat: its density has more than one level")

    def interval(self, tail: float) -> tuple[float, float]:
        """The interval that leaves probability ``tail`` on either side: what a picture shows."""
        require(0.0 <= tail < 0.5, f"tail must lie in [0, 0.5), got {tail}")
        q = torch.tensor(tail, dtype=torch.float64)
        return float(self.icdf(q)), float(self.isf(q))

    def _no_line(self) -> ValueError:
        return ValueError(f"{self._label} has no one-dimensional law: it exists in {self.dims}")


accept(Prior, TAKES_POSITIONS, takes_numbers)
