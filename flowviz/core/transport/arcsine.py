"""Densities that are infinite at both edges: steps in an angle, which has no edges.

An arcsine density, 1/(π√((z - low)(high - z))) in every coordinate, makes the pull D bend like a
root where a free end meets an edge. No step of any order sees that coming, and a trajectory that
rounding leaves on an edge stays there, for on the edge itself D is that data point.

While the free ends of some data points A are inside, z lies in the box that all of theirs share,

    a_j = low + (v-1) max_A x₀ᵢⱼ  ≤  z_j  ≤  b_j = high + (v-1) min_A x₀ᵢⱼ,    2h = b - a,

and nothing in it is singular but its own faces. Its angles φ, with z = a + 2h s² = b - 2h c²,
s = sin φ/2 and c = cos φ/2, take the roots away at both. With g_i = max_A x₀ - x₀ᵢ ≥ 0 and
k_i = x₀ᵢ - min_A x₀ ≥ 0, and with

    ρ_i = 1/√((2h s² + (v-1) g_i)(2h c² + (v-1) k_i)),    R_i = s c ρ_i,

all in each coordinate, the shares are w_i Π_j R_ij, up to a factor that all have in common, and

    dφ_j/dv = Σ_A w_i Π_{m≠j} R_im ρ_ij (s² c k_i - c² s g_i)/(s c) / (2h_j Σ_A w_i Π_m R_im).

At a face one of the ρ_i is infinite, but s ρ_i is 1/√2h, and its g_i is 0: every term is analytic
up to the faces and beyond them, where the angle goes on as if mirrored. So a step is taken with the
formula of its A and cut where a free end leaves or enters (``numerics.ode.events``); there another
angle begins.
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
from flowviz.core.numerics.ode.interpolant import Dense

NARROW = 1e-10
"""A box narrower than this, in the prior's widths, is left."""
SAME = 2.0**-44
"""Coordinates this close, as a share of the largest, are one."""
MOST_LOCATED = 40
"""Most data points whose free ends are watched: each has its own edges to leave by."""


@dataclass(frozen=True)
class AngleFormula:
    """The motion of scaled angles y = φ (high - low)/2 while the same free ends are inside.

    ``data`` (N, d), the data points, and ``weights`` (M, N), theirs, 0 for those outside; ``top``
    and ``bottom`` (M, d), the largest and the least of those inside, ``spread`` apart; ``below``
    and ``above`` (M, d, N), the g_i and k_i, and ``first`` and ``last``, 1 where they are 0.
    """

    data: Tensor
    weights: Tensor
    top: Tensor
    bottom: Tensor
    spread: Tensor
    below: Tensor
    above: Tensor
    first: Tensor
    last: Tensor
    edges: tuple[float, float]

    @classmethod
    def of(
        cls, data: Tensor, weights: Tensor, edges: tuple[float, float], inside: Tensor
    ) -> AngleFormula:
        """While these free ends are inside, (M, N)."""
        across, some = data.T, inside[:, None]
        top = torch.where(some, across, -math.inf).amax(2)
        bottom = torch.where(some, across, math.inf).amin(2)
        below = (top[..., None] - across).clamp_(min=0.0)
        above = (across - bottom[..., None]).clamp_(min=0.0)
        first, last = ((rest == 0.0).to(across) for rest in (below, above))
        return cls(
            data, inside * weights, top, bottom, top - bottom, below, above, first, last, edges
        )

    def __call__(self, v: Tensor, y: Tensor) -> Tensor:
        if self.below.numel() <= CHUNK:
            return self._turning(v, y)
        parts = (self.only(b)._turning(v[b], y[b]) for b in blocks(len(y), self.data.numel()))
        return torch.cat([*parts])

    def settled(self, v: Tensor, y: Tensor) -> Tensor:
        """Whether one free end is left inside, (M,): on a straight line none comes back."""
        return (self.weights > 0.0).sum(1) <= 1

    def only(self, which: Tensor | slice) -> AngleFormula:
        """The motion of some rows."""
        rows = {name: getattr(self, name)[which] for name in _ROWS}
        return replace(self, **rows)

    def to_coordinates(self, v: Tensor, z: Tensor) -> Tensor:
        """The scaled angles of positions."""
        low, high = self._faces(v)
        rise, run = (z - low).clamp(min=0.0), (high - z).clamp(min=0.0)
        return (self.edges[1] - self.edges[0]) * torch.atan2(rise.sqrt(), run.sqrt())

    def to_positions(self, v: Tensor, y: Tensor) -> Tensor:
        """The positions of scaled angles; beyond a face it goes on outwards."""
        low, high = self._faces(v)
        s, c = self._legs(y)
        width = high - low
        near, far = low + width * s * s.abs(), high - width * c * c.abs()
        return torch.where(s < c, near, far)

    def velocity(self, v: Tensor, y: Tensor, slope: Tensor) -> Tensor:
        """D, (M, d)."""
        _, _, _, ratio = self._roots(v, self._width(v), *self._legs(y))
        share = functools.reduce(torch.mul, ratio.unbind(1), self.weights)
        return share @ self.data / share.sum(1, keepdim=True)

    def in_positions(self, way: Dense) -> Interpolant:
        """A step in positions."""
        return PositionInterpolant(way, self)

    def _faces(self, v: Tensor) -> tuple[Tensor, Tensor]:
        low, high = self.edges
        later = v[:, None] - 1.0
        return later * self.top + low, later * self.bottom + high

    def ending(self, v: Tensor, y: Tensor) -> tuple[Tensor, Tensor] | None:
        """Which free ends leave a box that has become too narrow, by its nearer face, and where.

        Where the data are symmetric both faces may meet just where a trajectory is.
        """
        low, high = self._faces(v)
        narrowest, axis = (high - low).min(1, keepdim=True)
        turn = self.edges[1] - self.edges[0]
        tight = narrowest <= NARROW * turn
        if not bool(tight.any()):
            return None
        s, c = (leg.gather(1, axis) for leg in self._legs(y))
        every = axis[..., None].expand(-1, -1, len(self.data))
        first, last = (own.gather(1, every)[:, 0] for own in (self.first, self.last))
        leaving = tight & (torch.where(s < c, first, last) * self.weights > 0.0)
        # A width outside: φ = -π, or 2π.
        outside = torch.where(s < c, -0.5 * math.pi, math.pi).to(y) * turn
        return leaving, y.scatter(1, axis, outside)

    def _width(self, v: Tensor) -> Tensor:
        """2h, (M, d); NaN where there is no box any more."""
        low, high = self.edges
        width = (high - low) - (v[:, None] - 1.0) * self.spread
        return torch.where(width > 0.0, width, torch.nan)

    def _legs(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """s and c, (M, d)."""
        half = y * (1.0 / (self.edges[1] - self.edges[0]))
        return torch.sin(half), torch.cos(half)

    def _roots(
        self, v: Tensor, width: Tensor, s: Tensor, c: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """ρ; s and c, or 1 for whose face it is: s ρ = 1/√2h without 0/0; the R_i; (M, d, N)."""
        later = (v - 1.0).view(-1, 1, 1)
        legs, rooms = [], []
        for leg, own, rest in ((s, self.first, self.below), (c, self.last, self.above)):
            near = width * leg * leg
            room = torch.addcmul(near[..., None], own, (width - near)[..., None])
            rooms.append(room.addcmul_(later, rest))
            legs.append(torch.addcmul(leg[..., None], own, (1.0 - leg)[..., None]))
        root = rooms[0].mul_(rooms[1]).rsqrt_()
        return root, *legs, (legs[0] * legs[1]).mul_(root)

    def _turning(self, v: Tensor, y: Tensor) -> Tensor:
        width, (s, c) = self._width(v), self._legs(y)
        root, rise, run, ratio = self._roots(v, width, s, c)
        parts = ratio.unbind(1)
        rest = [
            functools.reduce(torch.mul, (*parts[:j], *parts[j + 1 :]), self.weights)
            for j in range(len(parts))
        ]
        pull = torch.stack(rest, 1)
        total = (pull[:, 0] * parts[0]).sum(1, keepdim=True)
        pull.mul_(root)
        down = (run * self.below).mul_(pull).sum(-1)
        up = (rise * self.above).mul_(pull).sum(-1)
        scale = 0.5 * (self.edges[1] - self.edges[0])
        return (s * up - c * down) * scale / (width * total)


_ROWS = ("weights", "top", "bottom", "spread", "below", "above", "first", "last")


def angle_events(posterior_mean: PosteriorMean) -> Events:
    """Where free ends leave or enter, and the motion in between.

    Args:
        denoiser: the data, and a product prior of arcsine laws.
    """
    low, high = posterior_mean.prior.support
    centre, half = 0.5 * (low + high), 0.5 * (high - low)
    data = _snapped(posterior_mean.x0)
    across = data.T.contiguous()

    def beyond(distance: Tensor) -> Tensor:
        # In its angle a trajectory passes its own face like s|s|: a root makes that a line.
        over = distance - half
        return over.sign() * over.abs().sqrt()

    def watched(v: Tensor, z: Tensor) -> Tensor:
        later = (v - 1.0).view(-1, 1, 1)
        free = torch.addcmul((z - centre).unsqueeze(2), later, across, value=-1.0)
        return beyond(free.abs_().amax(1))

    def one(v: Tensor, z: Tensor, which: Tensor) -> Tensor:
        own = torch.addcmul(z - centre, (v - 1.0)[:, None], data[which], value=-1.0)
        return beyond(own.abs().amax(1))

    def formula(sides: Tensor) -> AngleFormula:
        return AngleFormula.of(data, posterior_mean.weights, (low, high), sides == 0)

    return Events(watched, one, across.new_zeros(1), formula, every=True)


def _snapped(x0: Tensor) -> Tensor:
    """Data whose coordinates are equal where they are equal but for rounding.

    Points of a circle, say, whose free ends leave by the same face at the same time.
    """
    unit = SAME * 2.0 ** torch.ceil(torch.log2(x0.abs().amax().clamp(min=1e-300)))
    return (x0 / unit).round() * unit
