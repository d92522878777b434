"""The straight-line flow as dz/dv = D(z, v), with v = 1/u and z = x/u.

D is the posterior mean of x₀. With the endpoints z_i = z - (v - 1) x₀ᵢ,

    D = Σ_i w_i p₁(z_i) x₀ᵢ / Σ_i w_i p₁(z_i).

It equals ``field.posterior_mean``, written for thousands of small evaluations: densities are summed
as they are, without logarithms, and only rows whose sum underflows are evaluated by that module.

A product prior with kinks κ has another formula on either side of z_ij = κ: `events` locates these
crossings, N·d event functions for each position (``numerics.ode.events``).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.field.posterior_mean import PosteriorMean
from flowviz.core.field.treecode import FAINT
from flowviz.core.numerics.chunks import CHUNK, blocks_for
from flowviz.core.numerics.ode.events import Direct, Events
from flowviz.core.priors.base import Prior
from flowviz.core.priors.piecewise import Pieces
from flowviz.core.transport.arcsine import MOST_LOCATED
from flowviz.core.transport.lookahead import LOST, STRIDE

CORNERS, JUMPS = 200, 300
"""Most data points whose kinks are located: for a density with corners, and for one that jumps
if the tolerance is coarser than `FINE`."""
FINE = 2e-4
"""Largest tolerance, in half-widths of the prior, at which corners are located, and at which jumps
are for any number of data points."""
SURE = 1e-15
"""Posterior weight of all data points but one below which D is that one."""


class PosteriorMeanODE:
    """D and what follows from it, at positions z (M, d) and times v (M,).

    Args:
        posterior_mean: the data and the prior.
    """

    def __init__(self, posterior_mean: PosteriorMean) -> None:
        self.posterior_mean = posterior_mean
        self._x0, self._prior = posterior_mean.x0, posterior_mean.prior
        weights = posterior_mean.weights
        self._columns = torch.cat([weights[:, None], weights[:, None] * self._x0], dim=1)
        self._across = self._x0.T.contiguous()
        self._width = self._x0.numel()

    def __call__(self, v: Tensor, z: Tensor) -> Tensor:
        """D, (M, d); where p = 0, the data point with the nearest support."""
        if z.shape[0] * self._width <= CHUNK:
            return self._smooth(v, z)
        return torch.cat([self._smooth(v[b], z[b]) for b in blocks_for(z, self._width)])

    def _smooth(self, v: Tensor, z: Tensor) -> Tensor:
        endpoints = self._endpoints(v, z)
        sums = self._joint(endpoints) @ self._columns
        total = sums[:, :1]
        mean = sums[:, 1:] / total
        if z.shape[0] and not float(total.min()) >= FAINT:
            faded = total[:, 0] < FAINT
            mean[faded] = self.posterior_mean.value(
                z[faded] / v[faded, None], *linear_schedule(v[faded])
            )
        return mean

    def _endpoints(self, v: Tensor, z: Tensor) -> Tensor:
        """The endpoints z_i, (M, d, N)."""
        return torch.addcmul(z.unsqueeze(2), (v - 1.0).view(-1, 1, 1), self._across, value=-1.0)

    def speeds(self, v: Tensor) -> Tensor:
        """-dz_i/dv for constant z, (M, d, N)."""
        return self._across[None]

    def _joint(self, endpoints: Tensor) -> Tensor:
        """p₁ of the free ends (M, d, N), (M, N): all coordinates at once where they are alike."""
        if not self._prior.product:
            return self._prior.joint(endpoints.unbind(1))
        if self._prior.prefer_log:
            return self._prior.log_pdf(endpoints).sum(1).exp_()
        return functools.reduce(torch.mul, self._prior.pdf(endpoints).unbind(1))

    def settled(self, v: Tensor, z: Tensor) -> Tensor:
        """Whether one data point has all the posterior weight, (M,)."""
        if len(self._x0) == 1:
            return torch.ones_like(v, dtype=torch.bool)
        every = [self._is_degenerate(v[b], z[b]) for b in blocks_for(z, self._width)]
        return torch.cat(every) if every else torch.zeros_like(v, dtype=torch.bool)

    def _is_degenerate(self, v: Tensor, z: Tensor) -> Tensor:
        share = self._joint(self._endpoints(v, z))
        return is_degenerate(share * self._columns[:, 0], FAINT)

    def horizon(self, rows: Tensor, v: Tensor, z: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
        """Whether D is final, (M,), and the longest step that passes no mode unseen, (M,).

        For a density that is not log-concave: a data point without weight regains it when its
        endpoint reaches a mode. Such an endpoint may move by `STRIDE` widths of the narrowest mode
        in one step; where no endpoint approaches a mode the step is not limited.
        """
        every = [self._ahead(v[b], z[b], slope[b]) for b in blocks_for(z, self._width)]
        final, longest = (torch.cat(part) for part in zip(*every, strict=True))
        return final, longest

    def _ahead(self, v: Tensor, z: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
        endpoints = self._endpoints(v, z)
        share = self._joint(endpoints) * self._columns[:, 0]
        lost = share <= LOST * share.amax(1, keepdim=True)
        longest = torch.full_like(v, torch.inf)
        some = lost.any(1).nonzero()[:, 0]
        if some.numel():
            motion = slope[some].unsqueeze(2) - self._across
            speed = self._prior.approach_speed(endpoints[some].unbind(1), motion.unbind(1))
            finest = self._prior.min_mode_width or torch.inf
            longest[some] = STRIDE * finest * (speed * lost[some]).amax(1).rsqrt()
        final = torch.isinf(longest)
        final[final.clone()] = is_degenerate(share[final], FAINT)
        return final, longest

    def jump(self, v: Tensor, z: Tensor, before: Tensor, after: Tensor) -> Tensor:
        """Jacobian of the flow across a jump of D, (M, d, d); I where D does not jump.

        Args:
            v: when, (M,).
            z: where, (M, d): some endpoint is on a kink.
            before: D, (M, d).
            after: D beyond the kink, (M, d).
        """
        d = z.shape[1]
        matrix = torch.eye(d, dtype=z.dtype, device=z.device).repeat(len(z), 1, 1)
        # Beyond rounding: what is no jump has no edge to be found.
        change = torch.linalg.vector_norm(after - before, dim=1)
        some = (change > 1e-12 * torch.linalg.vector_norm(before, dim=1)).nonzero()[:, 0]
        borders = torch.tensor(self._prior.breakpoints, dtype=z.dtype, device=z.device)
        for part in blocks_for(some, self._width):
            at = some[part]
            endpoints = self._endpoints(v[at], z[at]).flatten(1)
            gap, edge = (endpoints[..., None] - borders).abs().amin(-1).min(1)
            axis = edge // len(self._x0)
            own = self.speeds(v[at]).expand(len(at), -1, -1).flatten(1)
            own = own.gather(1, edge[:, None])[:, 0]
            every = torch.arange(len(at), device=z.device)
            share = (after[at] - before[at]) / (before[at][every, axis] - own)[:, None]
            # An edge that was passed without a cut hardly matters.
            cut = gap <= 1e-9 * (1.0 + z[at].abs().amax(1))
            matrix[at, :, axis] += torch.where(cut[:, None], share, 0.0)
        return matrix

    def events(self, pieces: Pieces) -> Events:
        """Where D's formula changes, and D by the formulas of given sides."""
        n = len(self._x0)
        flat = self._across.reshape(-1)
        columns = torch.cat([torch.ones_like(self._x0[:, :1]), self._x0], dim=1)

        def ends(v: Tensor, z: Tensor) -> Tensor:
            return self._endpoints(v, z).reshape(len(z), -1)

        def one(v: Tensor, z: Tensor, which: Tensor) -> Tensor:
            own = z.gather(1, (which // n)[:, None])[:, 0]
            return own - (v - 1.0) * flat[which]

        def formula(sides: Tensor) -> RegionFormula:
            return region_formula(self._across, self._columns[:, 0], columns, pieces, sides)

        borders = torch.tensor(self._prior.breakpoints, dtype=flat.dtype, device=flat.device)
        return Events(ends, one, borders, formula)


def is_degenerate(share: Tensor, faint: float = 0.0) -> Tensor:
    """Whether one of the shares (M, N) is all of them, (M,); takes them as scratch."""
    top, which = share.max(1)
    rest = share.scatter_(1, which[:, None], 0.0).abs().sum(1)
    # Where the densities have faded nothing is known yet.
    return (rest <= SURE * top) & (top > faint)


@dataclass(frozen=True)
class RegionFormula(Direct):
    """D by formulas that stay the same during a step, where the law is made of ``Pieces``.

    With z_ij = z_j - (v-1) x₀ᵢⱼ each line a + b z_ij is a + b z_j - (v-1) c, c = b x₀ᵢⱼ: a, b and c
    are looked up once. For exponentials a and c are sums over j, and a has the weights in it.

    ``a`` and ``c`` (M, d, N) or (M, N), ``b`` (M, d, N); ``columns`` (N, 1 + d), a 1 and the
    coordinates of each data point, ``weights`` (N,).
    """

    a: Tensor
    b: Tensor
    c: Tensor
    weights: Tensor
    columns: Tensor
    exponential: bool

    def __call__(self, v: Tensor, z: Tensor) -> Tensor:
        if self.b.numel() <= CHUNK:
            return self._mean(v, z)
        return torch.cat([part._mean(v[b], z[b]) for b, part in self._parts()])

    def settled(self, v: Tensor, z: Tensor) -> Tensor:
        """Whether one data point has all the posterior weight by these formulas, (M,)."""
        if len(self.columns) == 1:
            return torch.ones_like(v, dtype=torch.bool)
        if self.b.numel() <= CHUNK:
            return is_degenerate(self._share(v, z))
        return torch.cat([is_degenerate(part._share(v[b], z[b])) for b, part in self._parts()])

    def only(self, which: Tensor | slice) -> RegionFormula:
        """The formulas of some rows."""
        rows = {name: getattr(self, name)[which] for name in ("a", "b", "c")}
        return replace(self, **rows)

    def _parts(self) -> Iterator[tuple[slice, RegionFormula]]:
        for block in blocks_for(self.b, self.b[:1].numel()):
            yield block, self.only(block)

    def _mean(self, v: Tensor, z: Tensor) -> Tensor:
        sums = self._share(v, z) @ self.columns
        return sums[:, 1:] / sums[:, :1]

    def _share(self, v: Tensor, z: Tensor) -> Tensor:
        if not self.exponential:
            kernel = torch.addcmul(self.a, self.c, (v - 1.0).view(-1, 1, 1), value=-1.0)
            first, *others = kernel.addcmul_(self.b, z.unsqueeze(2)).unbind(1)
            return functools.reduce(torch.mul, others, first * self.weights)
        power = torch.addcmul(self.a, self.c, (v - 1.0).unsqueeze(1), value=-1.0)
        for b, own in zip(self.b.unbind(1), z.split(1, dim=1), strict=True):
            power.addcmul_(b, own)
        # Relative to the largest: far from all data every density is 0 in a number.
        return power.sub_(power.amax(1, keepdim=True)).exp_()


def region_formula(
    across: Tensor, weights: Tensor, columns: Tensor, pieces: Pieces, sides: Tensor
) -> RegionFormula:
    """D by the formulas of the sides on which the free ends are.

    Args:
        across: data points, (d, N).
        weights: theirs, (N,).
        columns: a 1, then the coordinates, of each, (N, 1 + d).
        pieces: the prior's formulas.
        sides: how many kinks lie below each free end's coordinate, (M, d·N).
    """
    a, b = pieces.at(sides.reshape(len(sides), *across.shape).int(), across)
    c = b * across
    if pieces.exponential:
        a, c = a.sum(1).add_(weights.log()), c.sum(1)
    return RegionFormula(a, b, c, weights, columns, pieces.exponential)


def linear_schedule(v: Tensor) -> tuple[Tensor, Tensor]:
    """(α, σ) of the straight line at v, (M, 1) each."""
    u = 1.0 / v[:, None]
    return (v[:, None] - 1.0) * u, u


def locates_kinks(prior: Prior, n: int, tolerance: float) -> bool:
    """Whether the kinks of n data points are located.

    Only where formulas continue beyond a kink; flat priors are solved without steps
    (``polygons``). Corners are located for fewer points than jumps: small steps cross them.
    """
    if prior.uniform_density or not prior.product:
        return False
    if prior.has_singular_edges:
        return n <= MOST_LOCATED
    if prior.pieces is None:
        return False
    return (n <= JUMPS or tolerance <= FINE) if jumps(prior) else n <= CORNERS and tolerance <= FINE


def jumps(prior: Prior) -> bool:
    """Whether the density has no limit, or not the same from either side, at one of its kinks."""
    if prior.smooth or not prior.product or prior.pieces is None:
        return not prior.smooth
    at = torch.tensor(prior.breakpoints, dtype=torch.float64)
    piece = torch.arange(len(at))
    left, right = prior.pieces(at, piece), prior.pieces(at, piece + 1)
    return float((left - right).abs().max()) > 1e-9 * float(left.maximum(right).max())
