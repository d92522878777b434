"""The support of a prior in positions: images of its edges under each data point's trajectories.

Where each coordinate of an endpoint z_i increases with that coordinate of the position, z_ij is
inside the support [low, high] while y_j is between the images l_ij and h_ij of the edges.
``arcsine`` takes steps between them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from flowviz.core.numerics.jacobians import value_jacobian_rate
from flowviz.core.numerics.ode.events import SAMPLES
from flowviz.core.numerics.roots import solve_bracketed
from flowviz.core.numerics.work import spend
from flowviz.core.paths.base import Path, per_pair

_DIFFERENCE = 1e-8
"""Difference from an edge at which its slopes are taken, in widths of its image."""
_BEND, _SHORTENED = 0.2, 8
"""Second difference of images between samples of a step, in widths of the support, at most; how
often a step is shortened for that."""
_SAMPLES = 8
"""Times of a step at which the outermost images are compared."""
_BESIDE = 1e-12
"""Distance in time from an exchange, relative to 1 + τ, at which a step ends."""
_EQUAL = 1e-14
"""Difference of images, relative to the largest, that may be rounding."""


Curves = Callable[[Tensor], tuple[Tensor, Tensor]]
"""v (M,) -> b_i and db_i/dv, (M, d, N) each."""


class EdgeImages(NamedTuple):
    """Where endpoints are at an edge of the support: positions l and h and their rates.

    All (M, d, N).
    """

    low: Tensor
    high: Tensor
    low_rate: Tensor
    high_rate: Tensor


class Distortion(NamedTuple):
    """How the map from positions to endpoints differs from a translation.

    ``log_factor`` (M, N), log J_i; ``low_slope`` and ``high_slope`` (M, d, N), U and V.
    """

    log_factor: Tensor
    low_slope: Tensor
    high_slope: Tensor


class Supports(Protocol):
    """The support of the prior in positions, for each data point."""

    @property
    def width(self) -> float:
        """The width of the support."""
        ...

    def edges(self, tau: Tensor) -> tuple[Tensor, Tensor]:
        """The images of the edges, l and h, (M, d, N)."""
        ...

    def images(self, tau: Tensor) -> EdgeImages:
        """The same and their rates in τ."""
        ...

    def relative(self, tau: Tensor, y: Tensor) -> Tensor:
        """Endpoints relative to the edges: -1 at the lower and 1 at the upper, (M, d, N)."""
        ...

    def distortion(self, tau: Tensor, y: Tensor, images: EdgeImages) -> Distortion | None:
        """At positions y (M, d); None for translations."""
        ...


@dataclass(frozen=True)
class Translations:
    """z_i = y - b_i(v): l_i = low + b_i and h_i = high + b_i.

    Args:
        curves: the b_i and their rates.
        support: low and high.
    """

    curves: Curves
    support: tuple[float, float]

    @property
    def width(self) -> float:
        return self.support[1] - self.support[0]

    def edges(self, tau: Tensor) -> tuple[Tensor, Tensor]:
        return self.images(tau)[:2]

    def images(self, tau: Tensor) -> EdgeImages:
        shift, rate = self.curves(tau)
        return EdgeImages(shift + self.support[0], shift + self.support[1], rate, rate)

    def relative(self, tau: Tensor, y: Tensor) -> Tensor:
        centre = 0.5 * (self.support[0] + self.support[1])
        endpoints = (y - centre).unsqueeze(2) - self.curves(tau)[0]
        return endpoints.mul_(2.0 / self.width)

    def distortion(self, tau: Tensor, y: Tensor, images: EdgeImages) -> None:
        return None


@dataclass(frozen=True)
class ElementwiseSupports:
    """z_i = φ_t(x|x₀ᵢ), coordinate by coordinate, at positions x and times s = -log t.

    Args:
        path: a path that is ``elementwise``.
        x0: data points, (N, d).
        support: low and high.
    """

    path: Path
    x0: Tensor
    support: tuple[float, float]

    @property
    def width(self) -> float:
        return self.support[1] - self.support[0]

    @functools.cached_property
    def _columns(self) -> Tensor:
        """The coordinates as data points of one dimension, (dN, 1)."""
        return self.x0.T.reshape(-1, 1)

    def edges(self, tau: Tensor) -> tuple[Tensor, Tensor]:
        z, x0 = self._edges(len(tau))
        return self._by_edge(self.path.forward(z, x0, torch.exp(-tau)))

    def images(self, tau: Tensor) -> EdgeImages:
        t = torch.exp(-tau)
        z, x0 = self._edges(len(t))
        found = value_jacobian_rate(lambda z, s: self.path.forward(z, x0, s), z, per_pair(t))
        rate = -t[:, None, None] * found.rate
        return EdgeImages(*self._by_edge(found.value), *self._by_edge(rate))

    def relative(self, tau: Tensor, y: Tensor) -> Tensor:
        low, high = self.edges(tau)
        return (y.unsqueeze(2) - 0.5 * (low + high)) / (0.5 * (high - low))

    def distortion(self, tau: Tensor, y: Tensor, images: EdgeImages) -> Distortion:
        t, gap = torch.exp(-tau), _DIFFERENCE * (images.high - images.low)
        # Differences from the edges: a data point's endpoint may be on one, or outside.
        x = y.nan_to_num(0.0).unsqueeze(2).clamp(images.low + gap, images.high - gap)
        found = self.path.conditional(x.reshape(len(x), -1, 1), self._columns, t)
        z, velocity = found.x1.view_as(x), -t[:, None, None] * found.velocity.view_as(x)
        from_low, to_high = x - images.low, images.high - x
        ratio = ((z - self.support[0]) / from_low) * ((self.support[1] - z) / to_high)
        return Distortion(
            (found.log_det.view_as(x) - 0.5 * ratio.log()).sum(1),
            (velocity - images.low_rate) / from_low,
            (images.high_rate - velocity) / to_high,
        )

    def _edges(self, m: int) -> tuple[Tensor, Tensor]:
        """Both edges as endpoints of every coordinate, (M, 2dN, 1), and the coordinates."""
        spend(m * len(self._columns), 24.0)
        z = self.x0.new_tensor(self.support).repeat_interleave(len(self._columns))
        return z[:, None].expand(m, -1, 1), self._columns.repeat(2, 1)

    def _by_edge(self, values: Tensor) -> tuple[Tensor, Tensor]:
        low, high = values.view(len(values), 2, *self.x0.T.shape).unbind(1)
        return low, high


# ---------------------------------------------------------------------- lengths of steps


def resolved(supports: Supports, tau: Tensor, length: Tensor) -> Tensor:
    """Lengths of steps in which samples of the images, as ``Events`` takes them, tell their course.

    A parabola through three of them is then right to a fraction of the support.
    """
    fraction = torch.arange(SAMPLES + 1, device=tau.device).to(tau) / SAMPLES
    for _ in range(_SHORTENED):  # samples of a step that is far too long say little
        low, high = supports.edges((tau + fraction[:, None] * length).flatten())
        samples = low.reshape(SAMPLES + 1, len(tau), -1)
        bend = samples.diff(n=2, dim=0).abs().amax((0, 2))
        width = (high - low).reshape(SAMPLES + 1, len(tau), -1).amin((0, 2))
        factor = (_BEND * width / bend).sqrt().nan_to_num(1.0)
        if bool((factor >= 1.0).all()):
            break
        length = length * (0.9 * factor).clamp(max=1.0)
    return length


def before_exchange(supports: Supports, outside: Tensor, tau: Tensor, length: Tensor) -> Tensor:
    """Lengths of steps that end just before the largest l_i, or smallest h_i, becomes another's.

    A step that begins there crosses the exchange and ends just behind it.

    Args:
        supports: the images.
        outside: data points that do not count, (M, N).
        tau: the starts, (M,).
        length: the longest steps, (M,).
    """
    beside = _BESIDE * (1.0 + tau.abs())
    first = _outermost(supports, outside, tau).argmax(-1, keepdim=True)

    def lead(at: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """How far another is ahead of the first, (L, 2d), and which, (L, 2d)."""
        value = _outermost(supports, outside[rows], at)
        top, index = value.max(-1)
        gap = top - value.gather(-1, first[rows])[..., 0]
        return torch.where(gap > _EQUAL * (1.0 + top.abs()), gap, 0.0), index

    every = torch.arange(len(tau), device=tau.device)
    crossing = (lead(tau + 2.0 * beside, every)[0] > 0.0).any(1)
    fraction = torch.arange(1, _SAMPLES + 1, device=tau.device) / _SAMPLES
    at = (tau + fraction[:, None].to(tau) * length).flatten()
    ahead = (lead(at, every.repeat(_SAMPLES))[0] > 0.0).view(_SAMPLES, len(tau), -1)
    exchanged = ahead.any(0) & ~crossing[:, None]
    row, face = exchanged.nonzero(as_tuple=True)
    end = tau + length
    if row.numel():
        sample = ahead[:, row, face].to(torch.int8).argmax(0) + 1
        low, high = (tau[row] + (sample - k) / _SAMPLES * length[row] for k in (1, 0))
        for _ in range(2):  # a third image may be the first to overtake
            other = lead(high, row)[1].gather(1, face[:, None])
            pair = torch.cat([first[row, face], other], dim=1)
            high = _equal_at(supports, pair, face, low, high)
        end = end.scatter_reduce(0, row, high - beside[row], "amin")
    shortened = torch.where(crossing, 2.0 * beside, end - tau)
    return torch.minimum(length, torch.maximum(shortened, 2.0 * beside))


def _outermost(supports: Supports, outside: Tensor, tau: Tensor) -> Tensor:
    """l_i and -h_i of the data points that count, (M, 2d, N): the largest bound the box."""
    low, high = supports.edges(tau)
    return torch.cat([low, -high], dim=1).masked_fill_(outside[:, None], -torch.inf)


def _equal_at(supports: Supports, pair: Tensor, face: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """When two data points' images are equal, between low and high, (L,)."""

    def gap(tau: Tensor) -> Tensor:
        lower, upper = supports.edges(tau)
        values = torch.cat([lower, -upper], dim=1)
        index = face[:, None, None].expand(-1, 1, values.shape[2])
        one, other = values.gather(1, index)[:, 0].gather(1, pair).unbind(1)
        return other - one

    tolerance = _BESIDE * (1.0 + float(high.abs().min())) * 0.1
    found = solve_bracketed(gap, low, high, tolerance).nan_to_num(torch.inf)
    return torch.where(pair[:, 0] == pair[:, 1], high, found.minimum(high))
