"""Densities that are infinite at both edges: steps in an angle, which has no edges.

An arcsine density, 1/(π√((z - low)(high - z))) in every coordinate, makes the posterior mean D
behave like a square root where an endpoint meets an edge. No step of any order resolves that, and a
trajectory that rounding leaves on an edge stays there, for on the edge itself D is that data point.

While the endpoints of the data points A are inside the support, z lies in the intersection of the
boxes in which each of them is inside,

    a_j = low + (v-1) max_A x₀ᵢⱼ  ≤  z_j  ≤  b_j = high + (v-1) min_A x₀ᵢⱼ,    2h = b - a,

and D is singular at the faces of that box only. Its angles φ, with z = a + 2h s² = b - 2h c²,
s = sin φ/2 and c = cos φ/2, remove the square roots at both. With g_i = max_A x₀ - x₀ᵢ ≥ 0 and
k_i = x₀ᵢ - min_A x₀ ≥ 0, and with

    ρ_i = 1/√((2h s² + (v-1) g_i)(2h c² + (v-1) k_i)),    R_i = s c ρ_i,

all in each coordinate, the posterior weights are w_i Π_j R_ij up to a common factor, and

    dφ_j/dv = Σ_A w_i Π_{m≠j} R_im ρ_ij (s² c k_i - c² s g_i)/(s c) / (2h_j Σ_A w_i Π_m R_im).

At a face one of the ρ_i is infinite, but s ρ_i is 1/√2h, and its g_i is 0: every term is analytic
up to the faces and beyond them, where the right-hand side is the mirror image. So a step is taken
with the formula of its A and ends where an endpoint leaves or enters (``numerics.ode.events``); the
next one has another box and other angles.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.field.posterior_mean import PosteriorMean
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


@dataclass(frozen=True)
class AngleFormula:
    """The motion of scaled angles y = φ (high - low)/2 while the set of endpoints inside is fixed.

    ``data`` (N, d), the data points; ``weights`` (M, N), theirs, 0 for those outside; ``top`` and
    ``bottom`` (M, d), the largest and the smallest of those inside, and their ``difference``;
    ``below`` and ``above`` (M, d, N), the g_i and k_i; ``is_top`` and ``is_bottom``, 1 where these
    are 0.
    """

    data: Tensor
    weights: Tensor
    top: Tensor
    bottom: Tensor
    difference: Tensor
    below: Tensor
    above: Tensor
    is_top: Tensor
    is_bottom: Tensor
    edges: tuple[float, float]

    @classmethod
    def of(
        cls, data: Tensor, weights: Tensor, edges: tuple[float, float], inside: Tensor
    ) -> AngleFormula:
        """The formula while these endpoints are inside, (M, N)."""
        columns, mask = data.T, inside[:, None]
        top = torch.where(mask, columns, -math.inf).amax(2)
        bottom = torch.where(mask, columns, math.inf).amin(2)
        below = (top[..., None] - columns).clamp_(min=0.0)
        above = (columns - bottom[..., None]).clamp_(min=0.0)
        is_top, is_bottom = ((gap == 0.0).to(columns) for gap in (below, above))
        return cls(
            data,
            inside * weights,
            top,
            bottom,
            top - bottom,
            below,
            above,
            is_top,
            is_bottom,
            edges,
        )

    def __call__(self, v: Tensor, y: Tensor) -> Tensor:
        if self.below.numel() <= CHUNK:
            return self._slope(v, y)
        slopes = (self.select(b)._slope(v[b], y[b]) for b in blocks(len(y), self.data.numel()))
        return torch.cat([*slopes])

    def settled(self, v: Tensor, y: Tensor) -> Tensor:
        """Whether a single endpoint is inside, (M,): with straight lines none returns."""
        return (self.weights > 0.0).sum(1) <= 1

    def select(self, rows: Tensor | slice) -> AngleFormula:
        """The formulas of these rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _ROWS})

    def to_coordinates(self, v: Tensor, z: Tensor) -> Tensor:
        """The scaled angles of positions."""
        low, high = self._faces(v)
        from_low, from_high = (z - low).clamp(min=0.0), (high - z).clamp(min=0.0)
        return (self.edges[1] - self.edges[0]) * torch.atan2(from_low.sqrt(), from_high.sqrt())

    def to_positions(self, v: Tensor, y: Tensor) -> Tensor:
        """The positions of scaled angles, continued outwards beyond the faces."""
        low, high = self._faces(v)
        s, c = self._half_angle(y)
        width = high - low
        return torch.where(s < c, low + width * s * s.abs(), high - width * c * c.abs())

    def velocity(self, v: Tensor, y: Tensor, slope: Tensor) -> Tensor:
        """D, (M, d)."""
        _, _, _, ratio = self._roots(v, self._width(v), *self._half_angle(y))
        posterior = functools.reduce(torch.mul, ratio.unbind(1), self.weights)
        return posterior @ self.data / posterior.sum(1, keepdim=True)

    def in_positions(self, dense: DenseOutput) -> Interpolant:
        """The interpolant of positions, from that of angles."""
        return PositionInterpolant(dense, self)

    def _faces(self, v: Tensor) -> tuple[Tensor, Tensor]:
        low, high = self.edges
        s = v[:, None] - 1.0
        return s * self.top + low, s * self.bottom + high

    def ending(self, v: Tensor, y: Tensor) -> tuple[Tensor, Tensor] | None:
        """Where a box has become too narrow: the endpoints that leave it, by the nearer face.

        Where the data are symmetric both faces may meet exactly where a trajectory is.
        """
        low, high = self._faces(v)
        narrowest, axis = (high - low).min(1, keepdim=True)
        support_width = self.edges[1] - self.edges[0]
        narrow = narrowest <= NARROW * support_width
        if not bool(narrow.any()):
            return None
        s, c = (component.gather(1, axis) for component in self._half_angle(y))
        index = axis[..., None].expand(-1, -1, len(self.data))
        is_top, is_bottom = (v.gather(1, index)[:, 0] for v in (self.is_top, self.is_bottom))
        leaving = narrow & (torch.where(s < c, is_top, is_bottom) * self.weights > 0.0)
        # One width outside: φ = -π, or 2π.
        outside = torch.where(s < c, -0.5 * math.pi, math.pi).to(y) * support_width
        return leaving, y.scatter(1, axis, outside)

    def _width(self, v: Tensor) -> Tensor:
        """2h, (M, d); NaN where the box is empty."""
        low, high = self.edges
        width = (high - low) - (v[:, None] - 1.0) * self.difference
        return torch.where(width > 0.0, width, torch.nan)

    def _half_angle(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """s and c, (M, d)."""
        half = y * (1.0 / (self.edges[1] - self.edges[0]))
        return torch.sin(half), torch.cos(half)

    def _roots(
        self, v: Tensor, width: Tensor, s: Tensor, c: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The ρ_i, s, c and R_i, (M, d, N); s or c is 1 where the data point defines that face.

        There s ρ_i = 1/√2h, which would be 0/0.
        """
        scale = (v - 1.0).view(-1, 1, 1)
        components, distances = [], []
        for component, at_face, gap in (
            (s, self.is_top, self.below),
            (c, self.is_bottom, self.above),
        ):
            near = width * component * component
            distance = torch.addcmul(near[..., None], at_face, (width - near)[..., None])
            distances.append(distance.addcmul_(scale, gap))
            components.append(
                torch.addcmul(component[..., None], at_face, (1.0 - component)[..., None])
            )
        root = distances[0].mul_(distances[1]).rsqrt_()
        return root, *components, (components[0] * components[1]).mul_(root)

    def _slope(self, v: Tensor, y: Tensor) -> Tensor:
        spend(self.weights.numel(), _COST)
        width, (s, c) = self._width(v), self._half_angle(y)
        root, sin, cos, ratio = self._roots(v, width, s, c)
        factors = ratio.unbind(1)
        others = [
            functools.reduce(torch.mul, (*factors[:j], *factors[j + 1 :]), self.weights)
            for j in range(len(factors))
        ]
        kernel = torch.stack(others, 1)
        total = (kernel[:, 0] * factors[0]).sum(1, keepdim=True)
        kernel.mul_(root)
        down = (cos * self.below).mul_(kernel).sum(-1)
        up = (sin * self.above).mul_(kernel).sum(-1)
        scale = 0.5 * (self.edges[1] - self.edges[0])
        return (s * up - c * down) * scale / (width * total)


_ROWS = ("weights", "top", "bottom", "difference", "below", "above", "is_top", "is_bottom")


def angle_events(posterior_mean: PosteriorMean) -> Events:
    """Where endpoints leave or enter the support, and the motion in between.

    Args:
        posterior_mean: the data, and a product prior of arcsine distributions.
    """
    low, high = posterior_mean.prior.support
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    data = _rounded(posterior_mean.x0)
    columns = data.T.contiguous()

    def signed_root(distance: Tensor) -> Tensor:
        # In its angle a trajectory crosses its face like s|s|: the root makes that linear.
        outside = distance - half
        return outside.sign() * outside.abs().sqrt()

    def event_functions(v: Tensor, z: Tensor) -> Tensor:
        s = (v - 1.0).view(-1, 1, 1)
        endpoints = torch.addcmul((z - centre).unsqueeze(2), s, columns, value=-1.0)
        return signed_root(endpoints.abs_().amax(1))

    def event_function(v: Tensor, z: Tensor, index: Tensor) -> Tensor:
        endpoints = torch.addcmul(z - centre, (v - 1.0)[:, None], data[index], value=-1.0)
        return signed_root(endpoints.abs().amax(1))

    def formula(sides: Tensor) -> AngleFormula:
        return AngleFormula.of(data, posterior_mean.weights, (low, high), sides == 0)

    zero = columns.new_zeros(1)
    return Events(event_functions, event_function, zero, formula, locate_all=True)


def _rounded(x0: Tensor) -> Tensor:
    """Data with coordinates rounded, so that those that differ by rounding alone are equal.

    Then endpoints of points of a circle, for example, leave by the same face at the same time.
    """
    unit = SAME * 2.0 ** torch.ceil(torch.log2(x0.abs().amax().clamp(min=1e-300)))
    return (x0 / unit).round() * unit
