"""What integrators and the treecode ask of a prior, with defaults that hold for every prior.

Whoever writes a prior (``base``) need not read this. Each default holds for any density, and is
only slower than what a prior may say of itself instead: until a class claims more, nothing is
smooth, log-concave or uniform, and no density is a polynomial anywhere. So the treecode sums all
pairs, and a trajectory that was stepped in the plane promises no error.

Where a number must be known it is measured (`modes`): on the line at 2,400 quantiles from 1e-12 to
1 - 1e-12, in the plane on a grid of 257 × 257 over all but a thousandth of the probability on
either side of a coordinate. A density with modes narrower than what is there resolved (a 2,000th of
the probability, a 256th of the box) overrides ``min_mode_width`` and ``mode_interval``.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers
from flowviz.core.priors.piecewise import Pieces

if TYPE_CHECKING:
    from flowviz.core.priors.base import Prior


_BETWEEN = 0.1
"""How much higher log p may be between two measured places than at them."""


class PriorNumerics:
    """The questions of integrators and the treecode; `Prior` answers them by these defaults."""

    product: ClassVar[bool]
    log_pdf: Callable[[Tensor], Tensor]

    smooth: ClassVar[bool] = False
    """Claims that log p is C² everywhere."""
    log_concave: ClassVar[bool] = False
    """Claims that log p is concave: one mode, and no lost posterior weight ever comes back."""
    uniform_density: ClassVar[bool] = False
    """Claims one height on a bounded support: posterior weights change only at its edge."""
    has_singular_edges: ClassVar[bool] = False
    """Says that the density is infinite at its ends, like one over the root of the distance."""
    prefer_log: ClassVar[bool] = False
    """Says that log p is cheaper than p: coordinates are added in logs."""

    # ------------------------------------------------------------------ support and kinks

    @property
    def support(self) -> tuple[float, float]:
        """Smallest interval that holds every coordinate with probability one."""
        return (-math.inf, math.inf)

    @property
    def compact(self) -> bool:
        """Whether the support is bounded: the density then never fades, it stops."""
        return all(math.isfinite(end) for end in self.support)

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Known positions on the line where log p is not C²; all, where there are ``pieces``."""
        return tuple(end for end in self.support if math.isfinite(end)) if self.product else ()

    @property
    def pieces(self) -> Pieces | None:
        """The density's formulas between its kinks, if each is a line."""
        return None

    def distance_to_breakpoint(self, low: Tensor, high: Tensor) -> Tensor:
        """How far [low, high] keeps from the nearest of ``breakpoints``, 0 where it holds one."""
        room = torch.full_like(low, math.inf)
        for kink in self.breakpoints:
            room = torch.minimum(room, torch.maximum(low - kink, kink - high))
        return room.clamp(min=0.0)

    def nearest(self, z: Numbers) -> Tensor:
        """The point of the support nearest to z, 1e-12 inside its edge; (..., d) -> (..., d)."""
        if not self.product and self.compact:
            raise self._unknown("nearest")
        low, high = self.support
        margin = 1e-12 * (high - low if self.compact else 1.0)
        return z.clamp(low + margin, high - margin)

    def exit_times(self, z: Tensor, velocity: Tensor) -> Tensor:
        """When points that move with constant velocities leave a uniform density's support.

        Args:
            z: positions inside the support, (..., d).
            velocity: (..., d).

        Returns:
            Times (...); inf or NaN where a point does not move.
        """
        raise self._unknown("exit_times")

    def support_constraints(self, control: Tensor) -> Tensor:
        """A uniform density's support as inequalities along curves.

        Args:
            control: curves in Bernstein form by their control points, (m + 1, ..., d).

        Returns:
            The Bernstein control points of F polynomials that are all positive where a curve is
            inside, (m' + 1, ..., F), in units of the support.
        """
        raise self._unknown("support_constraints")

    def _unknown(self, name: str) -> ValueError:
        return ValueError(f"{type(self).__name__} must define {name}")

    # ------------------------------------------------------------------ bounds on the density

    def log_pdf_bounds(self, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        """The least and the most of log p on [low, high]: bounds, elementwise.

        The most is right, up to a constant, where p is 0 on all of the interval: -inf.
        """
        if self.mode_position is None:
            start, end = self.support
            met = (high >= start) & (low <= end)
            return torch.full_like(low, -math.inf), torch.where(met, math.inf, -math.inf).to(low)
        least = torch.minimum(self.log_pdf(low), self.log_pdf(high))
        top = torch.minimum(torch.maximum(low, torch.full_like(low, self.mode_position)), high)
        return least, self.log_pdf(top)

    def most(self, low: Tensor, high: Tensor) -> Tensor:
        """A bound from above on log p₁ over boxes [low, high], (..., d) -> (...).

        Where ``log_pdf_bounds`` knows none: what was measured (`modes`), for outside the measured
        interval or box the density only falls.
        """
        each = self.log_pdf_bounds(low, high)[1]
        empty = (each == -math.inf).any(-1)
        if bool((each == math.inf).any()) and not self.has_singular_edges:
            found = modes(self)  # type: ignore[arg-type]
            if not self.product:
                return torch.where(empty, -math.inf, found.most_outside(low, high))
            outer = self.log_pdf(torch.where(low > found.high, low, high))
            beyond = (low > found.high) | (high < found.low)
            measured = torch.where(beyond, outer, found.top)
            each = torch.where(each == math.inf, measured, each)
        return torch.where(empty, -math.inf, each.sum(-1))

    def smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        """The widest interval, anywhere on [low, high], on which p is as good as a polynomial.

        On an interval of that width p changes by no more than e⁵, and is to rounding the polynomial
        through its values at 24 Chebyshev nodes (``field.treecode``). 0 where there is none.
        """
        return torch.zeros_like(low)

    # ------------------------------------------------------------------ modes

    @property
    def min_mode_width(self) -> float | None:
        """The least width of a mode of the density; None if it is log-concave.

        Of two positions that separate along a line the one with less of a log-concave density never
        catches up. Of another it may: it may meet a mode on its way
        (``transport.posterior_mean_ode``).
        """
        return None if self.log_concave else modes(self).width  # type: ignore[arg-type]

    @property
    def mode_position(self) -> float | None:
        """Where a coordinate's density is greatest, if it only falls from there on either side."""
        return None

    def mode_interval(self) -> tuple[float, float]:
        """An interval of a coordinate: outside it the density only falls, away from it."""
        if self.mode_position is not None:
            return self.mode_position, self.mode_position
        found = modes(self)  # type: ignore[arg-type]
        return found.low, found.high

    def approach_speed(self, coordinates: Sequence[Tensor], motion: Sequence[Tensor]) -> Tensor:
        """How fast a motion nears a mode of the density, squared; 0 where it only falls now on.

        Positions and the motion are given coordinate by coordinate, as to ``joint``.
        """
        near, far = self.mode_interval()
        speed = torch.zeros_like(coordinates[0])
        for z, m in zip(coordinates, motion, strict=True):
            speed.addcmul_(m, m * torch.where(m > 0, z < far, z > near))
        return speed


@dataclass(frozen=True)
class Modes:
    """Where a density's modes are, in each coordinate from ``low`` to ``high``; the least ``width``
    of one, σ for a normal distribution; and the ``top``, the most of log p.

    ``outer`` (K,), in the plane: the most of log p beyond the box, and beyond 2, 4, 8… times it.
    """

    low: float
    high: float
    width: float
    top: float
    outer: tuple[float, ...] = ()

    def most_outside(self, low: Tensor, high: Tensor) -> Tensor:
        """The most of log p in boxes [low, high] of the plane, (..., 2) -> (...)."""
        middle, half = 0.5 * (self.low + self.high), 0.5 * (self.high - self.low)
        distance = torch.maximum(low - middle, middle - high).amax(-1) / half
        levels = low.new_tensor((self.top, *self.outer))
        index = torch.log2(distance.clamp(min=0.5)).floor().long() + 1
        return levels[index.clamp(max=len(levels) - 1)]


@functools.lru_cache(maxsize=256)
def modes(prior: Prior) -> Modes:
    """Measure a density's modes."""
    return _line_modes(prior) if prior.product else _plane_modes(prior)


def _line_modes(prior: Prior) -> Modes:
    """At quantiles: a mode reaches to where the density has fallen by √e on either side."""
    level = torch.cat([torch.logspace(-12, -3, 181), torch.linspace(0.001, 0.5, 1021)[1:]])
    level = level.double()
    z = torch.cat([prior.icdf(level), prior.isf(level)]).unique()
    log_p = prior.log_pdf(z)
    padded = torch.nn.functional.pad(log_p, (1, 1), value=-math.inf)
    tops = ((log_p >= padded[:-2]) & (log_p >= padded[2:])).nonzero()[:, 0]
    below = log_p < log_p[tops, None] - 0.5
    index, last = torch.arange(len(z)), len(z) - 1
    left = torch.where(below & (index < tops[:, None]), index, 0).amax(1)
    right = torch.where(below & (index > tops[:, None]), index, last).amin(1)
    width = float((0.5 * (z[right] - z[left])).amin())
    low, high = z[max(int(tops[0]) - 1, 0)], z[min(int(tops[-1]) + 1, last)]
    return Modes(float(low), float(high), width, float(log_p.amax()) + _BETWEEN)


def _plane_modes(prior: Prior) -> Modes:
    """On a grid: σ = 1/√(largest curvature of -log p) at its local maxima; modes anywhere in the
    box.
    """
    low, high = prior.interval(1e-3)
    axis = torch.linspace(low, high, 257, dtype=torch.float64)
    h = float(axis[1] - axis[0])
    log_p = prior.log_joint(torch.meshgrid(axis, axis, indexing="ij"))
    log_p = torch.nn.functional.pad(log_p, (1, 1, 1, 1), value=-math.inf)
    middle = log_p[1:-1, 1:-1]
    around = {(i, j): _shifted(log_p, i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)}
    top = torch.stack(list(around.values())).amax(0) <= middle
    top &= middle > -math.inf
    xx, yy = (
        2.0 * middle - around[a] - around[b] for a, b in (((1, 0), (-1, 0)), ((0, 1), (0, -1)))
    )
    across = around[1, -1] + around[-1, 1] - around[1, 1] - around[-1, -1]
    steepest = 0.5 * (xx + yy) + torch.hypot(0.5 * (xx - yy), 0.25 * across)
    steepest = float(steepest[top].nan_to_num(math.inf).amax())
    width = max(h, h / math.sqrt(max(steepest, 1e-12)))
    return Modes(low, high, width, float(middle.amax()) + _BETWEEN, _outer_levels(prior, low, high))


def _outer_levels(prior: Prior, low: float, high: float) -> tuple[float, ...]:
    """The most of log p on the rims of a square and of squares twice as large each, (K,)."""
    side = torch.linspace(-1.0, 1.0, 257, dtype=torch.float64)
    one = torch.ones_like(side)
    rim = [torch.cat(v) for v in ((side, side, one, -one), (one, -one, side, side))]
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    levels = [prior.log_joint([middle + half * 2.0**k * v for v in rim]).amax() for k in range(48)]
    return tuple((torch.stack(levels).cummin(0).values + _BETWEEN).tolist())


def _shifted(padded: Tensor, i: int, j: int) -> Tensor:
    n = padded.shape[0] - 1
    return padded[1 + i : n + i, 1 + j : n + j]


def quantile(tail: Callable[[Tensor], Tensor], q: Tensor, increasing: bool) -> Tensor:
    """The z with tail(z) = q, elementwise: the nearest floating-point number, by bisection.

    Floating-point numbers are ordered as the integers that share their bits, the negative ones
    backwards; so 64 halvings find any of them, however far out.
    """
    bits = {2: torch.int16, 4: torch.int32, 8: torch.int64}[q.element_size()]
    most = torch.full_like(q, math.inf).view(bits)
    low, high = -1 - most, most  # of -inf and of inf
    flip = torch.iinfo(bits).max
    for _ in range(8 * q.element_size()):
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        z = torch.where(middle < 0, middle ^ flip, middle).view(q.dtype)
        value = tail(z)
        above = (value >= q) if increasing else (value <= q)
        low, high = torch.where(above, low, middle), torch.where(above, middle, high)
    return torch.where(high < 0, high ^ flip, high).view(q.dtype)
