"""Properties of a prior that integrators and the treecode use, with defaults valid for every prior.

To add a prior (``base``) one need not read this. The defaults hold for any density, and are only
slower than what a class may override: by default nothing is assumed to be smooth, log-concave or
uniform, and no density to be a polynomial anywhere. Then the treecode sums all pairs, and the
integrators for d ≥ 2 report an infinite error.

Modes are located numerically (`modes`): for product priors at 2,400 quantiles from 1e-12 to
1 - 1e-12, for others on a grid of 257 × 257 over the box with a probability of 0.001 on either side
of each coordinate. A density with narrower modes (a 2,000th of the probability, a 256th of the box)
overrides ``min_mode_width`` and ``mode_interval``.
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


_MARGIN = 0.1
"""Bound on the excess of log p between two nodes of the search over its values at them."""


class PriorNumerics:
    """Defaults of the properties that integrators and the treecode use; base of `Prior`."""

    product: ClassVar[bool]
    log_pdf: Callable[[Tensor], Tensor]
    cdf: Callable[[Tensor], Tensor]
    interval: Callable[[float], tuple[float, float]]

    smooth: ClassVar[bool] = False
    """log p is C² everywhere."""
    log_concave: ClassVar[bool] = False
    """log p is concave: one mode, and a data point without posterior weight never regains it."""
    uniform_density: ClassVar[bool] = False
    """p is constant on a bounded convex support."""
    has_singular_edges: ClassVar[bool] = False
    """p is infinite at its ends, like the inverse square root of the distance."""
    prefer_log: ClassVar[bool] = False
    """log p is cheaper than p: densities of several coordinates are computed by logarithms."""

    # ------------------------------------------------------------------ support and breakpoints

    @property
    def support(self) -> tuple[float, float]:
        """Smallest interval that holds every coordinate with probability one."""
        return (-math.inf, math.inf)

    @property
    def cost(self) -> float:
        """Work of one value of the density in the plane (``numerics.work``)."""
        return 2.0

    @property
    def compact(self) -> bool:
        """Whether the support is bounded."""
        return all(math.isfinite(end) for end in self.support)

    @property
    def centre(self) -> float:
        """The middle of a coordinate's central half: of each, where the density is isotropic."""
        low, high = self.interval(0.25)
        return 0.5 * (low + high)

    @property
    def breakpoints(self) -> tuple[float, ...]:
        """Points where log p of a coordinate is not C²: all of them if there are ``pieces``."""
        return tuple(end for end in self.support if math.isfinite(end)) if self.product else ()

    @property
    def pieces(self) -> Pieces | None:
        """The density's formulas between its breakpoints, if p or log p is piecewise linear."""
        return None

    def distance_to_breakpoint(self, low: Tensor, high: Tensor) -> Tensor:
        """The distance of [low, high] from the nearest of ``breakpoints``, 0 if it contains one."""
        distance = torch.full_like(low, math.inf)
        for point in self.breakpoints:
            distance = torch.minimum(distance, torch.maximum(low - point, point - high))
        return distance.clamp(min=0.0)

    @property
    def has_edges(self) -> bool:
        """Whether the density ends, or falls off within `edge_softness`, along an edge."""
        return any(math.isfinite(end) for end in self.support)

    @property
    def edge_softness(self) -> float:
        """The width of the edge: 0 where the support ends."""
        return 0.0

    def edge_distance(self, z: Tensor) -> Tensor:
        """The signed distance from the edge, (..., d) -> (...): positive inside, 0 at the edge.

        For a product prior the least over the faces; outside a corner not the Euclidean distance.
        """
        if not self.product:
            raise self._unknown("edge_distance")
        low, high = self.support
        return torch.minimum(z - low, high - z).amin(-1)

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
        """A uniform density's support as polynomial inequalities along curves.

        Args:
            control: Bernstein control points of curves, (m + 1, ..., d).

        Returns:
            Bernstein control points of F polynomials, (m' + 1, ..., F), in units of the support: a
            curve is inside where all of them are positive.
        """
        raise self._unknown("support_constraints")

    def mass_flux(self, z: Tensor) -> Tensor:
        """A vector field V of the plane with ∇·V = p₁, (..., 2) -> (..., 2).

        Its flux through a closed curve is the mass inside. For a product prior V = (F₁(x) p(y), 0).
        """
        if not self.product:
            raise self._unknown("mass_flux")
        x, y = z.unbind(-1)
        across = self.cdf(x) * self.log_pdf(y).exp()
        return torch.stack([across, torch.zeros_like(across)], dim=-1)

    def _unknown(self, name: str) -> ValueError:
        return ValueError(f"{type(self).__name__} must define {name}")

    # ------------------------------------------------------------------ bounds on the density

    def log_pdf_bounds(self, low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
        """Lower and upper bounds of log p on [low, high], elementwise.

        The upper bound must be -inf where p = 0 on the whole interval.
        """
        if self.mode_position is None:
            start, end = self.support
            overlaps = (high >= start) & (low <= end)
            most = torch.where(overlaps, math.inf, -math.inf).to(low)
            return torch.full_like(low, -math.inf), most
        least = torch.minimum(self.log_pdf(low), self.log_pdf(high))
        top = torch.minimum(torch.maximum(low, torch.full_like(low, self.mode_position)), high)
        return least, self.log_pdf(top)

    def most(self, low: Tensor, high: Tensor) -> Tensor:
        """An upper bound of log p₁ over boxes [low, high], (..., d) -> (...).

        Where ``log_pdf_bounds`` has none, by the located `modes`: outside the interval or box that
        contains them the density decreases outwards.
        """
        bounds = self.log_pdf_bounds(low, high)[1]
        empty = (bounds == -math.inf).any(-1)
        if bool((bounds == math.inf).any()) and not self.has_singular_edges:
            found = modes(self)  # type: ignore[arg-type]
            if not self.product:
                return torch.where(empty, -math.inf, found.most_outside(low, high))
            nearest = self.log_pdf(torch.where(low > found.high, low, high))
            outside = (low > found.high) | (high < found.low)
            by_modes = torch.where(outside, nearest, found.top)
            bounds = torch.where(bounds == math.inf, by_modes, bounds)
        return torch.where(empty, -math.inf, bounds.sum(-1))

    def smooth_width(self, low: Tensor, high: Tensor) -> Tensor:
        """The width of intervals within [low, high] on which p is a polynomial to rounding.

        On every interval of that width p changes by at most e⁵, and is to rounding the polynomial
        through its values at 24 Chebyshev nodes (``field.treecode``). 0 where there is none.
        """
        return torch.zeros_like(low)

    # ------------------------------------------------------------------ modes

    @property
    def min_mode_width(self) -> float | None:
        """The least width of a mode of the density; None if it is log-concave.

        When two endpoints separate along a line, the one with the smaller log-concave density keeps
        the smaller one. Otherwise it may come to a mode (``transport.posterior_mean_ode``).
        """
        return None if self.log_concave else modes(self).width  # type: ignore[arg-type]

    @property
    def mode_position(self) -> float | None:
        """The mode of a coordinate, if its density is unimodal."""
        return None

    def mode_interval(self) -> tuple[float, float]:
        """An interval of a coordinate outside which the density decreases outwards."""
        if self.mode_position is not None:
            return self.mode_position, self.mode_position
        found = modes(self)  # type: ignore[arg-type]
        return found.low, found.high

    def approach_speed(self, coordinates: Sequence[Tensor], velocity: Sequence[Tensor]) -> Tensor:
        """Squared speed towards modes of the density; 0 where the density can only decrease.

        Positions and velocities are given as sequences of coordinates, as for ``joint``.
        """
        low, high = self.mode_interval()
        speed = torch.zeros_like(coordinates[0])
        for z, v in zip(coordinates, velocity, strict=True):
            speed.addcmul_(v, v * torch.where(v > 0, z < high, z > low))
        return speed


@dataclass(frozen=True)
class Modes:
    """A density's modes: in each coordinate from ``low`` to ``high``; the least ``width`` of one,
    which is σ for a normal distribution; and ``top``, an upper bound of log p.

    ``outer`` (K,), for d = 2: upper bounds outside the box, and outside 2, 4, 8… times the box.
    """

    low: float
    high: float
    width: float
    top: float
    outer: tuple[float, ...] = ()

    def most_outside(self, low: Tensor, high: Tensor) -> Tensor:
        """An upper bound of log p on boxes [low, high], for d = 2, (..., 2) -> (...)."""
        middle, half = 0.5 * (self.low + self.high), 0.5 * (self.high - self.low)
        distance = torch.maximum(low - middle, middle - high).amax(-1) / half
        levels = low.new_tensor((self.top, *self.outer))
        index = torch.log2(distance.clamp(min=0.5)).floor().long() + 1
        return levels[index.clamp(max=len(levels) - 1)]


@functools.lru_cache(maxsize=256)
def modes(prior: Prior) -> Modes:
    """Locate a density's modes."""
    return _line_modes(prior) if prior.product else _plane_modes(prior)


def _line_modes(prior: Prior) -> Modes:
    """At quantiles; a mode ends where the density has fallen by √e on either side."""
    q = torch.cat([torch.logspace(-12, -3, 181), torch.linspace(0.001, 0.5, 1021)[1:]])
    q = q.double()
    z = torch.cat([prior.icdf(q), prior.isf(q)]).unique()
    log_p = prior.log_pdf(z)
    padded = torch.nn.functional.pad(log_p, (1, 1), value=-math.inf)
    tops = ((log_p >= padded[:-2]) & (log_p >= padded[2:])).nonzero()[:, 0]
    below = log_p < log_p[tops, None] - 0.5
    index, last = torch.arange(len(z)), len(z) - 1
    left = torch.where(below & (index < tops[:, None]), index, 0).amax(1)
    right = torch.where(below & (index > tops[:, None]), index, last).amin(1)
    width = float((0.5 * (z[right] - z[left])).amin())
    low, high = z[max(int(tops[0]) - 1, 0)], z[min(int(tops[-1]) + 1, last)]
    return Modes(float(low), float(high), width, float(log_p.amax()) + _MARGIN)


def _plane_modes(prior: Prior) -> Modes:
    """On a grid: σ = 1/√(largest curvature of -log p) at its local maxima."""
    low, high = prior.interval(1e-3)
    axis = torch.linspace(low, high, 257, dtype=torch.float64)
    h = float(axis[1] - axis[0])
    log_p = prior.log_joint(torch.meshgrid(axis, axis, indexing="ij"))
    log_p = torch.nn.functional.pad(log_p, (1, 1, 1, 1), value=-math.inf)
    middle = log_p[1:-1, 1:-1]
    shifted = {(i, j): _shifted(log_p, i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)}
    is_mode = torch.stack(list(shifted.values())).amax(0) <= middle
    is_mode &= middle > -math.inf
    xx, yy = (
        2.0 * middle - shifted[a] - shifted[b] for a, b in (((1, 0), (-1, 0)), ((0, 1), (0, -1)))
    )
    xy = shifted[1, -1] + shifted[-1, 1] - shifted[1, 1] - shifted[-1, -1]
    curvature = 0.5 * (xx + yy) + torch.hypot(0.5 * (xx - yy), 0.25 * xy)
    largest = float(curvature[is_mode].nan_to_num(math.inf).amax())
    width = max(h, h / math.sqrt(max(largest, 1e-12)))
    return Modes(low, high, width, float(middle.amax()) + _MARGIN, _outer_bounds(prior, low, high))


def _outer_bounds(prior: Prior, low: float, high: float) -> tuple[float, ...]:
    """Maxima of log p on the boundaries of a square and of squares of 2, 4, 8… its size, (K,)."""
    side = torch.linspace(-1.0, 1.0, 257, dtype=torch.float64)
    one = torch.ones_like(side)
    boundary = [torch.cat(v) for v in ((side, side, one, -one), (one, -one, side, side))]
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    maxima = [
        prior.log_joint([middle + half * 2.0**k * v for v in boundary]).amax() for k in range(48)
    ]
    return tuple((torch.stack(maxima).cummin(0).values + _MARGIN).tolist())


def _shifted(padded: Tensor, i: int, j: int) -> Tensor:
    n = padded.shape[0] - 1
    return padded[1 + i : n + i, 1 + j : n + j]


def quantile(tail: Callable[[Tensor], Tensor], q: Tensor, increasing: bool) -> Tensor:
    """The z with tail(z) = q, elementwise: the nearest floating-point number, by bisection.

    Floating-point numbers are ordered like the integers with the same bits (negative ones in
    reverse), so 64 halvings are enough for any of them.
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
