"""Densities that are infinite at both edges: steps in an angle, which has no edges.

An arcsine density, 1/(π√((z - low)(high - z))) in every coordinate, makes the velocity of y
(``endpoints``) behave like a square root where an endpoint z_i = y - b_i(v) meets an edge. No step
of any order resolves that, and a trajectory that rounding leaves on an edge stays there: on the
edge itself the velocity is db_i/dv, that of the edge.

While the endpoints of the data points A are inside the support, y lies in the intersection of the
boxes in which each of them is inside,

    a_j = low + max_A b_ij  ≤  y_j  ≤  high + min_A b_ij = a_j + 2h_j,

and the velocity is singular at the faces of that box only. Its angles φ, with y = a + 2h s²,
s = sin φ/2 and c = cos φ/2, remove the square roots at both. With g_i = max_A b - b_i ≥ 0 and
k_i = b_i - min_A b ≥ 0, and with

    ρ_i = 1/√((2h s² + g_i)(2h c² + k_i)),    R_i = s c ρ_i,

all in each coordinate, the posterior weights are w_i Π_j R_ij up to a common factor, and

    dφ_j/dv = Σ_A w_i Π_{m≠j} R_im ρ_ij (s² dk_i/dv - c² dg_i/dv) / (2h_j Σ_A w_i Π_m R_im).

At a face one of the ρ_i is infinite, but s ρ_i is 1/√2h, and its g_i is 0: every term is analytic
up to the faces and beyond them, where the right-hand side is the mirror image. So a step is taken
with the formula of its A and ends where an endpoint leaves or enters (``numerics.ode.events``); the
next one has another box and other angles. With straight lines b_i = (v-1) x₀ᵢ.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import CHUNK, blocks
from flowviz.core.numerics.ode.events import Events, Interpolant, PositionInterpolant
from flowviz.core.numerics.ode.interpolant import DenseOutput
from flowviz.core.numerics.work import spend

NARROW = 1e-10
"""Width of a box, in widths of the support, below which the trajectory leaves it."""
SAME = 2.0**-44
"""Difference of coordinates, as a fraction of the largest, below which they are taken as equal."""
MOST_LOCATED = 40
"""Most data points for which edges are located: each has an event function of its own."""
_COST = 4.0
"""Units of work for a pair."""


Curves = Callable[[Tensor], tuple[Tensor, Tensor]]
"""v (M,) -> b_i and db_i/dv, (M, d, N) each."""


@dataclass(frozen=True)
class AngleFormula:
    """The motion of scaled angles y = φ (high - low)/2 while the set of endpoints inside is fixed.

    ``curves``, the b_i; ``weights`` (M, N), those of the data points, 0 for those outside;
    ``edges`` of the support.
    """

    curves: Curves
    weights: Tensor
    edges: tuple[float, float]

    def __call__(self, v: Tensor, y: Tensor) -> Tensor:
        size = y.shape[1] * self.weights.shape[1]
        if len(y) * size <= CHUNK:
            return self._slope(v, y)
        slopes = (self.select(b)._slope(v[b], y[b]) for b in blocks(len(y), size))
        return torch.cat([*slopes])

    def settled(self, v: Tensor, y: Tensor) -> Tensor:
        """Whether a single endpoint is inside, (M,): with straight lines none returns."""
        return (self.weights > 0.0).sum(1) <= 1

    def select(self, rows: Tensor | slice) -> AngleFormula:
        """The formulas of these rows."""
        return replace(self, weights=self.weights[rows])

    def to_coordinates(self, v: Tensor, z: Tensor) -> Tensor:
        """The scaled angles of positions."""
        box = self._box(v)
        from_low, from_high = (z - box.low).clamp(min=0.0), (box.high - z).clamp(min=0.0)
        return (self.edges[1] - self.edges[0]) * torch.atan2(from_low.sqrt(), from_high.sqrt())

    def to_positions(self, v: Tensor, y: Tensor) -> Tensor:
        """The positions of scaled angles, continued outwards beyond the faces."""
        box = self._box(v)
        s, c = self._half_angle(y)
        width = box.high - box.low
        return torch.where(s < c, box.low + width * s * s.abs(), box.high - width * c * c.abs())

    def velocity(self, v: Tensor, y: Tensor, slope: Tensor) -> Tensor:
        """The mean of db_i/dv, (M, d)."""
        box = self._box(v)
        _, _, _, ratio = _roots(box, *self._half_angle(y))
        posterior = functools.reduce(torch.mul, ratio.unbind(1), self.weights)
        mean = (posterior[:, None] * box.speed).sum(2)
        return mean / posterior.sum(1, keepdim=True)

    def in_positions(self, dense: DenseOutput) -> Interpolant:
        """The interpolant of positions, from that of angles."""
        return PositionInterpolant(dense, self)

    def ending(self, v: Tensor, y: Tensor) -> tuple[Tensor, Tensor] | None:
        """Where a box has become too narrow: the endpoints that leave it, by the nearer face.

        Where the data are symmetric both faces may meet exactly where a trajectory is.

        Returns:
            The changes of the sides, (M, d·N), and the angles with that coordinate outside; None
            where no box is too narrow.
        """
        box = self._box(v)
        narrowest, axis = (box.high - box.low).min(1, keepdim=True)
        support_width = self.edges[1] - self.edges[0]
        narrow = narrowest <= NARROW * support_width
        if not bool(narrow.any()):
            return None
        s, c = (component.gather(1, axis) for component in self._half_angle(y))
        by_low = s < c
        index = axis[..., None].expand(-1, -1, self.weights.shape[1])
        is_top, is_bottom = (v.gather(1, index)[:, 0] for v in (box.is_top, box.is_bottom))
        leaving = narrow & torch.where(by_low, is_top, is_bottom) & (self.weights > 0.0)
        change = torch.where(by_low, -1, 1) * leaving
        sides = torch.zeros(box.below.shape, dtype=torch.int8, device=y.device)
        sides.scatter_(1, index, change.to(torch.int8)[:, None])
        # One width outside: φ = -π, or 2π.
        outside = torch.where(by_low, -0.5 * math.pi, math.pi).to(y) * support_width
        return sides.flatten(1), y.scatter(1, axis, outside)

    def _box(self, v: Tensor) -> _Box:
        shift, speed = self.curves(v)
        inside = (self.weights > 0.0)[:, None]
        top = torch.where(inside, shift, -math.inf).amax(2, keepdim=True)
        bottom = torch.where(inside, shift, math.inf).amin(2, keepdim=True)
        # Of several at a face, the one that will define it.
        rising = torch.where(inside & (shift == top), speed, -math.inf).amax(2, keepdim=True)
        falling = torch.where(inside & (shift == bottom), speed, math.inf).amin(2, keepdim=True)
        low, high = self.edges
        outside = ~inside
        below, above = (gap.masked_fill_(outside, 0.0) for gap in (top - shift, shift - bottom))
        dropping, climbing = (
            rate.masked_fill_(outside, 0.0) for rate in (rising - speed, speed - falling)
        )
        return _Box(
            low + top[..., 0],
            high + bottom[..., 0],
            speed,
            below,
            above,
            dropping,
            climbing,
            (below == 0.0) & (dropping == 0.0),
            (above == 0.0) & (climbing == 0.0),
        )

    def _half_angle(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """s and c, (M, d)."""
        half = y * (1.0 / (self.edges[1] - self.edges[0]))
        return torch.sin(half), torch.cos(half)

    def _slope(self, v: Tensor, y: Tensor) -> Tensor:
        spend(self.weights.numel(), _COST)
        box, (s, c) = self._box(v), self._half_angle(y)
        root, sin, cos, ratio = _roots(box, s, c)
        factors = ratio.unbind(1)
        others = [
            functools.reduce(torch.mul, (*factors[:j], *factors[j + 1 :]), self.weights)
            for j in range(len(factors))
        ]
        kernel = torch.stack(others, 1)
        total = (kernel[:, 0] * factors[0]).sum(1, keepdim=True)
        kernel.mul_(root)
        down = (cos * box.dropping).mul_(kernel).sum(-1)
        up = (sin * box.climbing).mul_(kernel).sum(-1)
        scale = 0.5 * (self.edges[1] - self.edges[0])
        return (s * up - c * down) * scale / (box.width * total)


@dataclass(frozen=True)
class _Box:
    """The box of positions in which the endpoints of A are inside.

    ``low`` and ``high`` (M, d), its faces; ``speed`` (M, d, N), the db_i/dv; ``below`` and
    ``above`` (M, d, N), the g_i and k_i, with ``dropping`` and ``climbing``, their rates;
    ``is_top`` and ``is_bottom``, which data points define a face.
    """

    low: Tensor
    high: Tensor
    speed: Tensor
    below: Tensor
    above: Tensor
    dropping: Tensor
    climbing: Tensor
    is_top: Tensor
    is_bottom: Tensor

    @property
    def width(self) -> Tensor:
        """2h, (M, d); NaN where the box is empty."""
        width = self.high - self.low
        return torch.where(width > 0.0, width, torch.nan)


def _roots(box: _Box, s: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The ρ_i, s, c and R_i, (M, d, N); s or c is 1 where the data point defines that face.

    There s ρ_i = 1/√2h, which would be 0/0.
    """
    components = [
        torch.where(at_face, 1.0, component[..., None])
        for component, at_face in ((s, box.is_top), (c, box.is_bottom))
    ]
    width = box.width[..., None]
    sin, cos = components
    root = ((width * sin * sin + box.below) * (width * cos * cos + box.above)).rsqrt_()
    return root, sin, cos, (sin * cos).mul_(root)


def angle_events(
    weights: Tensor, edges: tuple[float, float], curves: Curves, non_monotone: bool
) -> Events:
    """Where endpoints leave or enter the support, and the motion in between.

    Args:
        weights: of the data points, (N,).
        edges: of the support of an arcsine distribution, the prior of every coordinate.
        curves: the b_i and their rates.
        non_monotone: whether an endpoint may leave and enter again within a step.
    """
    low, high = edges
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    n = len(weights)

    def event_functions(v: Tensor, y: Tensor) -> Tensor:
        endpoints = (y - centre).unsqueeze(2) - curves(v)[0]
        return endpoints.mul_(1.0 / half).reshape(len(y), -1)

    def event_function(v: Tensor, y: Tensor, index: Tensor) -> Tensor:
        # In its angle a trajectory crosses its face like s|s|: the root makes that linear.
        endpoint = event_functions(v, y).gather(1, index[:, None])[:, 0]
        outside = endpoint.abs() - 1.0
        return endpoint.sign() * (1.0 + outside.sign() * outside.abs().sqrt())

    def formula(sides: Tensor) -> AngleFormula:
        inside = (sides.view(len(sides), -1, n) == 1).all(1)
        return AngleFormula(curves, inside * weights, edges)

    thresholds = weights.new_tensor([-1.0, 1.0])
    return Events(
        event_functions,
        event_function,
        thresholds,
        formula,
        locate_all=True,
        non_monotone=non_monotone,
    )


def rounded(x0: Tensor) -> Tensor:
    """Data with coordinates rounded, so that those that differ by rounding alone are equal.

    Then endpoints of points of a circle, for example, leave by the same face at the same time.
    """
    unit = SAME * 2.0 ** torch.ceil(torch.log2(x0.abs().amax().clamp(min=1e-300)))
    return (x0 / unit).round() * unit
