"""Densities that are infinite at both edges: steps in an angle, which has no edges.

An arcsine density, 1/(π√((z - low)(high - z))) in every coordinate, makes the velocity of a
position y behave like a square root where an endpoint z_i meets an edge. No step of any order
resolves that, and a trajectory that rounding leaves on an edge stays there: on the edge itself the
velocity is that of the edge.

Where each coordinate of an endpoint increases with that coordinate of the position, z_ij is inside
the support while y_j is between two curves, the images l_ij and h_ij of its edges (`Supports`).
While the endpoints of the data points A are inside, y lies in the intersection of these boxes,

    a_j = max_A l_ij  ≤  y_j  ≤  min_A h_ij = a_j + 2h_j,

and the velocity is singular at the faces of that box only. Its angles φ, with y = a + 2h s²,
s = sin φ/2 and c = cos φ/2, remove the square roots at both. With g_i = a - l_i ≥ 0 and
k_i = h_i - (a + 2h) ≥ 0, and with

    ρ_i = 1/√((2h s² + g_i)(2h c² + k_i)),    R_i = s c ρ_i,

all in each coordinate, the posterior weights are w_i J_i Π_j R_ij up to a common factor, where J_i
is smooth and positive, and

    dφ_j/dτ = Σ_A w_i J_i Π_{m≠j} R_im ρ_ij (s² dk_i/dτ - c² dg_i/dτ + E_ij)
              / (2h_j Σ_A w_i J_i Π_m R_im),
    E_ij    = c² (2h s² + g_i) U_ij - s² (2h c² + k_i) V_ij,

where the data point's own velocity is dl_i/dτ + (y - l_i) U_i = dh_i/dτ - (h_i - y) V_i. At a face
one of the ρ_i is infinite, but s ρ_i is 1/√2h, and its g_i is 0: every term is analytic up to the
faces and beyond them, where the right-hand side is the mirror image. So a step is taken with the
formula of its A and ends where an endpoint leaves or enters (``numerics.ode.events``); the next one
has another box and other angles.

Under a family that is affine in x₁, in the variable of ``endpoints``, l_i = low + b_i(v) and
h_i = high + b_i(v), with U = V = 0 and J = 1 (`Translations`); with straight lines
b_i = (v-1) x₀ᵢ. Other families that act on each coordinate by itself have `ElementwiseSupports`.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import CHUNK, blocks
from flowviz.core.numerics.ode.events import Events, Interpolant, PositionInterpolant
from flowviz.core.numerics.ode.interpolant import DenseOutput
from flowviz.core.numerics.work import spend
from flowviz.core.transport.edge_images import (
    Distortion,
    EdgeImages,
    Supports,
    before_exchange,
    resolved,
)

NARROW = 1e-10
"""Width of a box, in widths of the support, below which the trajectory leaves it."""
SAME = 2.0**-44
"""Difference of coordinates, as a fraction of the largest, below which they are taken as equal."""
MOST_LOCATED = 40
"""Most data points for which edges are located: each has an event function of its own."""
_COST = 4.0
"""Units of work for a pair."""


@dataclass(frozen=True)
class AngleFormula:
    """The motion of scaled angles y = φ (high - low)/2 while the set of endpoints inside is fixed.

    ``supports``, where endpoints are inside; ``weights`` (M, N), those of the data points, 0 for
    those outside; ``bent``, whether data points may exchange a face of the box.
    """

    supports: Supports
    weights: Tensor
    bent: bool

    def __call__(self, v: Tensor, y: Tensor) -> Tensor:
        size = y.shape[1] * self.weights.shape[1]
        if len(y) * size <= CHUNK:
            return self._slope(v, y)
        slopes = (self.select(b)._slope(v[b], y[b]) for b in blocks(len(y), size))
        return torch.cat([*slopes])

    def settled(self, v: Tensor, y: Tensor) -> Tensor:
        """Whether a single endpoint is inside, (M,): with straight lines none returns."""
        return (self.weights > 0.0).sum(1) <= 1

    def limited(self, v: Tensor, length: Tensor) -> Tensor:
        """The lengths of steps in which every crossing is seen, and no two exchange a face."""
        if not self.bent:
            return length
        length = resolved(self.supports, v, length)
        return before_exchange(self.supports, self.weights <= 0.0, v, length)

    def select(self, rows: Tensor | slice) -> AngleFormula:
        """The formulas of these rows."""
        return replace(self, weights=self.weights[rows])

    def to_coordinates(self, v: Tensor, z: Tensor) -> Tensor:
        """The scaled angles of positions."""
        low, high = self._faces(v)
        from_low, from_high = (z - low).clamp(min=0.0), (high - z).clamp(min=0.0)
        return self.supports.width * torch.atan2(from_low.sqrt(), from_high.sqrt())

    def to_positions(self, v: Tensor, y: Tensor) -> Tensor:
        """The positions of scaled angles, continued outwards beyond the faces."""
        return _position(*self._faces(v), *self._half_angle(y))

    def velocity(self, v: Tensor, y: Tensor, slope: Tensor) -> Tensor:
        """The mean of the data points' velocities, (M, d)."""
        box, (s, c) = self._box(v), self._half_angle(y)
        _, _, _, ratio = _roots(box, s, c)
        distortion = self._distortion(v, box, s, c)
        posterior = functools.reduce(torch.mul, ratio.unbind(1), self._factors(distortion))
        speed = box.images.low_rate
        if distortion is not None:
            height = _position(box.low, box.high, s, c).unsqueeze(2) - box.images.low
            speed = speed + height * distortion.low_slope
        mean = (posterior[:, None] * speed).sum(2)
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
        box, support_width = self._box(v), self.supports.width
        image = (box.images.high - box.images.low).amin(2)
        narrowest, axis = ((box.high - box.low) / image).min(1, keepdim=True)
        narrow = narrowest <= NARROW
        if not bool(narrow.any()):
            return None
        s, c = (component.gather(1, axis) for component in self._half_angle(y))
        by_low = s < c
        index = axis[..., None].expand(-1, -1, self.weights.shape[1])
        is_low, is_high = (v.gather(1, index)[:, 0] for v in (box.is_low, box.is_high))
        leaving = narrow & torch.where(by_low, is_low, is_high) & (self.weights > 0.0)
        change = torch.where(by_low, -1, 1) * leaving
        sides = torch.zeros(box.below.shape, dtype=torch.int8, device=y.device)
        sides.scatter_(1, index, change.to(torch.int8)[:, None])
        # One width outside: φ = -π, or 2π.
        outside = torch.where(by_low, -0.5 * math.pi, math.pi).to(y) * support_width
        return sides.flatten(1), y.scatter(1, axis, outside)

    def _faces(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """a and a + 2h, (M, d)."""
        low, high = _intersection(*self.supports.edges(v), (self.weights <= 0.0)[:, None])
        return low[..., 0], high[..., 0]

    def _box(self, v: Tensor) -> _Box:
        images = self.supports.images(v)
        outside = (self.weights <= 0.0)[:, None]
        low, high = _intersection(images.low, images.high, outside)
        # Of several at a face, the one that will define it.
        rising = images.low_rate.masked_fill(outside | (images.low < low), -math.inf)
        falling = images.high_rate.masked_fill(outside | (images.high > high), math.inf)
        gaps = (
            low - images.low,
            images.high - high,
            rising.amax(2, keepdim=True) - images.low_rate,
            images.high_rate - falling.amin(2, keepdim=True),
        )
        below, above, dropping, climbing = (gap.masked_fill_(outside, 0.0) for gap in gaps)
        return _Box(
            low[..., 0],
            high[..., 0],
            images,
            below,
            above,
            dropping,
            climbing,
            (below == 0.0) & (dropping == 0.0),
            (above == 0.0) & (climbing == 0.0),
        )

    def _half_angle(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """s and c, (M, d)."""
        half = y * (1.0 / self.supports.width)
        return torch.sin(half), torch.cos(half)

    def _distortion(self, v: Tensor, box: _Box, s: Tensor, c: Tensor) -> Distortion | None:
        return self.supports.distortion(v, _position(box.low, box.high, s, c), box.images)

    def _factors(self, distortion: Distortion | None) -> Tensor:
        """w_i J_i up to a common factor, (M, N)."""
        if distortion is None:
            return self.weights
        log_factor = distortion.log_factor.masked_fill(self.weights <= 0.0, -math.inf)
        return self.weights * (log_factor - log_factor.amax(1, keepdim=True)).exp_()

    def _slope(self, v: Tensor, y: Tensor) -> Tensor:
        spend(self.weights.numel(), _COST)
        box, (s, c) = self._box(v), self._half_angle(y)
        root, sin, cos, ratio = _roots(box, s, c)
        distortion = self._distortion(v, box, s, c)
        weights, factors = self._factors(distortion), ratio.unbind(1)
        others = [
            functools.reduce(torch.mul, (*factors[:j], *factors[j + 1 :]), weights)
            for j in range(len(factors))
        ]
        kernel = torch.stack(others, 1)
        total = (kernel[:, 0] * factors[0]).sum(1, keepdim=True)
        kernel.mul_(root)
        down = (cos * box.dropping).mul_(kernel).sum(-1)
        up = (sin * box.climbing).mul_(kernel).sum(-1)
        turn = s * up - c * down
        if distortion is not None:
            turn = turn + (kernel * _elongation(box, s, c, sin, cos, distortion)).sum(-1)
        return turn * (0.5 * self.supports.width) / (box.width * total)


@dataclass(frozen=True)
class _Box:
    """The box of positions in which the endpoints of A are inside.

    ``low`` and ``high`` (M, d), its faces; ``images`` of the edges; ``below`` and ``above``
    (M, d, N), the g_i and k_i, with ``dropping`` and ``climbing``, their rates; ``is_low`` and
    ``is_high``, which data points define a face.
    """

    low: Tensor
    high: Tensor
    images: EdgeImages
    below: Tensor
    above: Tensor
    dropping: Tensor
    climbing: Tensor
    is_low: Tensor
    is_high: Tensor

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
        for component, at_face in ((s, box.is_low), (c, box.is_high))
    ]
    width = box.width[..., None]
    sin, cos = components
    root = ((width * sin * sin + box.below) * (width * cos * cos + box.above)).rsqrt_()
    return root, sin, cos, (sin * cos).mul_(root)


def _intersection(low: Tensor, high: Tensor, outside: Tensor) -> tuple[Tensor, Tensor]:
    """max l_i and min h_i of the data points inside, (M, d, 1)."""
    return (
        low.masked_fill(outside, -math.inf).amax(2, keepdim=True),
        high.masked_fill(outside, math.inf).amin(2, keepdim=True),
    )


def _position(low: Tensor, high: Tensor, s: Tensor, c: Tensor) -> Tensor:
    """a + 2h s², (M, d), continued outwards beyond the faces."""
    width = high - low
    return torch.where(s < c, low + width * s * s.abs(), high - width * c * c.abs())


def _elongation(
    box: _Box, s: Tensor, c: Tensor, sin: Tensor, cos: Tensor, distortion: Distortion
) -> Tensor:
    """E_i without the factors that ``_roots`` takes out, (M, d, N)."""
    s, c, width = s[..., None], c[..., None], box.width[..., None]
    from_low = (width * sin * sin + box.below) * torch.where(box.is_low, s, 1.0)
    to_high = (width * cos * cos + box.above) * torch.where(box.is_high, c, 1.0)
    return from_low * cos * c * distortion.low_slope - to_high * sin * s * distortion.high_slope


def angle_events(weights: Tensor, supports: Supports, non_monotone: bool) -> Events:
    """Where endpoints leave or enter the support, and the motion in between.

    Args:
        weights: of the data points, (N,).
        supports: the support of an arcsine distribution, the prior of every coordinate.
        non_monotone: whether an endpoint may leave and enter again within a step.
    """
    n = len(weights)

    def event_functions(v: Tensor, y: Tensor) -> Tensor:
        return supports.relative(v, y).reshape(len(y), -1)

    def event_function(v: Tensor, y: Tensor, index: Tensor) -> Tensor:
        # In its angle a trajectory crosses its face like s|s|: the root makes that linear.
        endpoint = event_functions(v, y).gather(1, index[:, None])[:, 0]
        outside = endpoint.abs() - 1.0
        return endpoint.sign() * (1.0 + outside.sign() * outside.abs().sqrt())

    def formula(sides: Tensor) -> AngleFormula:
        inside = (sides.view(len(sides), -1, n) == 1).all(1)
        return AngleFormula(supports, inside * weights, non_monotone)

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
