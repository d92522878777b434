"""The straight-line flow as dz/dv = D(z, v), with v = 1/u and z = x/u (MATH §3.9).

D is the posterior mean of x₀. With the endpoints z_i = z - (v - 1) x₀ᵢ,

    D = Σ_i w_i p₁(z_i) x₀ᵢ / Σ_i w_i p₁(z_i).

It equals ``field.posterior_mean``, written for thousands of small evaluations: densities are summed
without logarithms, and only rows whose sum underflows are evaluated by that module.

A product prior with breakpoints κ has another formula on either side of z_ij = κ: `events` locates
these crossings, with N·d event functions for each position (``numerics.ode.events``, MATH §3.12).
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
from flowviz.core.numerics.work import spend
from flowviz.core.priors.base import Prior
from flowviz.core.priors.piecewise import Pieces
from flowviz.core.transport.arcsine import MOST_LOCATED, angle_events, rounded
from flowviz.core.transport.edge_images import Translations
from flowviz.core.transport.lookahead import LOST, STRIDE

MAX_CORNERS, MAX_JUMPS = 200, 300
"""Most data points for which events are located: for a density with corners, and for one with jumps
if the tolerance is coarser than `FINE`."""
FINE = 2e-4
"""Largest tolerance, in half-widths of the prior, at which corners are located, and at which jumps
are located for any number of data points."""
DEGENERATE = 1e-15
"""Posterior weight of all data points but one below which D is that one."""


class PosteriorMeanODE:
    """D, its jumps and its events, at positions z (M, d) and times v (M,).

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
            faint = total[:, 0] < FAINT
            mean[faint] = self.posterior_mean.mean_or_nearest(
                z[faint] / v[faint, None], *linear_schedule(v[faint])
            )
        return mean

    def _endpoints(self, v: Tensor, z: Tensor) -> Tensor:
        """The endpoints z_i, (M, d, N)."""
        return torch.addcmul(z.unsqueeze(2), (v - 1.0).view(-1, 1, 1), self._across, value=-1.0)

    def speeds(self, v: Tensor) -> Tensor:
        """-dz_i/dv for constant z, (M, d, N)."""
        return self._across[None]

    def _joint(self, endpoints: Tensor) -> Tensor:
        """p₁ of the endpoints (M, d, N) -> (M, N)."""
        spend(endpoints[:, 0].numel(), self._prior.cost)
        if not self._prior.product:
            return self._prior.joint(endpoints.unbind(1))
        if self._prior.prefer_log:
            return self._prior.log_pdf(endpoints).sum(1).exp_()
        return functools.reduce(torch.mul, self._prior.pdf(endpoints).unbind(1))

    def settled(self, v: Tensor, z: Tensor) -> Tensor:
        """Whether one data point has all the posterior weight, (M,)."""
        if len(self._x0) == 1:
            return torch.ones_like(v, dtype=torch.bool)
        blocks = [self._is_degenerate(v[b], z[b]) for b in blocks_for(z, self._width)]
        return torch.cat(blocks) if blocks else torch.zeros_like(v, dtype=torch.bool)

    def _is_degenerate(self, v: Tensor, z: Tensor) -> Tensor:
        joint = self._joint(self._endpoints(v, z))
        return is_degenerate(joint * self._columns[:, 0], FAINT)

    def horizon(self, rows: Tensor, v: Tensor, z: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
        """Whether D is final, (M,), and the longest step that misses no mode, (M,).

        For a density that is not log-concave: a data point without weight regains it when its
        endpoint reaches a mode. Such an endpoint may move by `STRIDE` widths of the narrowest mode
        in one step; where no endpoint approaches a mode the step is not limited.
        """
        blocks = [self._horizon(v[b], z[b], slope[b]) for b in blocks_for(z, self._width)]
        final, longest = (torch.cat(column) for column in zip(*blocks, strict=True))
        return final, longest

    def _horizon(self, v: Tensor, z: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
        endpoints = self._endpoints(v, z)
        weight = self._joint(endpoints) * self._columns[:, 0]
        lost = weight <= LOST * weight.amax(1, keepdim=True)
        longest = torch.full_like(v, torch.inf)
        rows = lost.any(1).nonzero()[:, 0]
        if rows.numel():
            velocity = slope[rows].unsqueeze(2) - self._across
            speed = self._prior.approach_speed(endpoints[rows].unbind(1), velocity.unbind(1))
            width = self._prior.min_mode_width or torch.inf
            longest[rows] = STRIDE * width * (speed * lost[rows]).amax(1).rsqrt()
        final = torch.isinf(longest)
        final[final.clone()] = is_degenerate(weight[final], FAINT)
        return final, longest

    def jump(self, v: Tensor, z: Tensor, before: Tensor, after: Tensor) -> Tensor:
        """Jacobian of the flow across a jump of D, (M, d, d); I where D does not jump.

        Args:
            v: times, (M,).
            z: positions, (M, d): some endpoint is on a breakpoint.
            before: D, (M, d).
            after: D beyond the breakpoint, (M, d).
        """
        d = z.shape[1]
        matrix = torch.eye(d, dtype=z.dtype, device=z.device).repeat(len(z), 1, 1)
        change = torch.linalg.vector_norm(after - before, dim=1)
        jumped = (change > 1e-12 * torch.linalg.vector_norm(before, dim=1)).nonzero()[:, 0]
        breakpoints = torch.tensor(self._prior.breakpoints, dtype=z.dtype, device=z.device)
        for block in blocks_for(jumped, self._width):
            rows = jumped[block]
            endpoints = self._endpoints(v[rows], z[rows]).flatten(1)
            gap, coordinate = (endpoints[..., None] - breakpoints).abs().amin(-1).min(1)
            axis = coordinate // len(self._x0)
            speed = self.speeds(v[rows]).expand(len(rows), -1, -1).flatten(1)
            speed = speed.gather(1, coordinate[:, None])[:, 0]
            index = torch.arange(len(rows), device=z.device)
            column = (after[rows] - before[rows]) / (before[rows][index, axis] - speed)[:, None]
            # A breakpoint that was stepped across had a negligible effect.
            located = gap <= 1e-9 * (1.0 + z[rows].abs().amax(1))
            matrix[rows, :, axis] += torch.where(located[:, None], column, 0.0)
        return matrix

    def events(self, pieces: Pieces) -> Events:
        """Where D's formula changes, and D by the formulas of given sides."""
        n = len(self._x0)
        coordinates = self._across.reshape(-1)
        columns = torch.cat([torch.ones_like(self._x0[:, :1]), self._x0], dim=1)

        def event_functions(v: Tensor, z: Tensor) -> Tensor:
            return self._endpoints(v, z).reshape(len(z), -1)

        def event_function(v: Tensor, z: Tensor, index: Tensor) -> Tensor:
            return z.gather(1, (index // n)[:, None])[:, 0] - (v - 1.0) * coordinates[index]

        def formula(sides: Tensor) -> RegionFormula:
            return region_formula(self._across, self._columns[:, 0], columns, pieces, sides)

        return Events(
            event_functions,
            event_function,
            coordinates.new_tensor(self._prior.breakpoints),
            formula,
        )

    def angle_events(self) -> Events:
        """Where endpoints leave or enter a support with singular edges, and the angles' motion."""
        columns = rounded(self._x0).T.contiguous()

        def curves(v: Tensor) -> tuple[Tensor, Tensor]:
            return (v - 1.0).view(-1, 1, 1) * columns, columns[None]

        return angle_events(
            self.posterior_mean.weights,
            Translations(curves, self._prior.support),
            non_monotone=False,
        )


def is_degenerate(weight: Tensor, faint: float = 0.0) -> Tensor:
    """Whether one of the weights (M, N) is all of their sum, (M,); overwrites them."""
    top, index = weight.max(1)
    rest = weight.scatter_(1, index[:, None], 0.0).abs().sum(1)
    # Where all densities are faint their comparison means nothing.
    return (rest <= DEGENERATE * top) & (top > faint)


@dataclass(frozen=True)
class RegionFormula(Direct):
    """D by formulas that stay the same during a step, for a prior made of ``Pieces``.

    With z_ij = z_j - (v-1) x₀ᵢⱼ each line a + b z_ij is a + b z_j - (v-1) c, c = b x₀ᵢⱼ: a, b and c
    are constant. For exponentials a and c are sums over j, and a includes the log weights.

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
        return torch.cat([formula._mean(v[b], z[b]) for b, formula in self._blocks()])

    def settled(self, v: Tensor, z: Tensor) -> Tensor:
        """Whether one data point has all the posterior weight by these formulas, (M,)."""
        if len(self.columns) == 1:
            return torch.ones_like(v, dtype=torch.bool)
        if self.b.numel() <= CHUNK:
            return is_degenerate(self._weights(v, z))
        blocks = [is_degenerate(formula._weights(v[b], z[b])) for b, formula in self._blocks()]
        return torch.cat(blocks)

    def select(self, rows: Tensor | slice) -> RegionFormula:
        """The formulas of these rows."""
        return replace(self, **{name: getattr(self, name)[rows] for name in ("a", "b", "c")})

    def _blocks(self) -> Iterator[tuple[slice, RegionFormula]]:
        for block in blocks_for(self.b, self.b[:1].numel()):
            yield block, self.select(block)

    def _mean(self, v: Tensor, z: Tensor) -> Tensor:
        sums = self._weights(v, z) @ self.columns
        return sums[:, 1:] / sums[:, :1]

    def _weights(self, v: Tensor, z: Tensor) -> Tensor:
        """Posterior weights up to a factor, (M, N)."""
        spend(self.b[:, 0].numel(), 4.0)
        if not self.exponential:
            kernel = torch.addcmul(self.a, self.c, (v - 1.0).view(-1, 1, 1), value=-1.0)
            first, *others = kernel.addcmul_(self.b, z.unsqueeze(2)).unbind(1)
            return functools.reduce(torch.mul, others, first * self.weights)
        exponent = torch.addcmul(self.a, self.c, (v - 1.0).unsqueeze(1), value=-1.0)
        for b, coordinate in zip(self.b.unbind(1), z.split(1, dim=1), strict=True):
            exponent.addcmul_(b, coordinate)
        # Relative to the largest: far from all data every density underflows.
        return exponent.sub_(exponent.amax(1, keepdim=True)).exp_()


def region_formula(
    across: Tensor, weights: Tensor, columns: Tensor, pieces: Pieces, sides: Tensor
) -> RegionFormula:
    """D by the formulas of the sides on which the endpoints are.

    Args:
        across: data points, (d, N).
        weights: theirs, (N,).
        columns: a 1, then the coordinates, of each, (N, 1 + d).
        pieces: the prior's formulas.
        sides: how many breakpoints lie below each endpoint's coordinate, (M, d·N).
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


def locates_events(prior: Prior, n: int, tolerance: float) -> bool:
    """Whether steps end where one of n endpoints crosses a breakpoint.

    Only where formulas continue beyond a breakpoint; uniform priors are solved without steps
    (``polygons``). Corners are located for fewer points than jumps: small steps can cross them.
    """
    if prior.uniform_density or not prior.product:
        return False
    if prior.has_singular_edges:
        return n <= MOST_LOCATED
    if prior.pieces is None:
        return False
    if jumps(prior):
        return n <= MAX_JUMPS or tolerance <= FINE
    return n <= MAX_CORNERS and tolerance <= FINE


def jumps(prior: Prior) -> bool:
    """Whether the density is discontinuous, or may be, as far as its class says."""
    if prior.smooth or not prior.product or prior.pieces is None:
        return not prior.smooth
    at = torch.tensor(prior.breakpoints, dtype=torch.float64)
    piece = torch.arange(len(at))
    left, right = prior.pieces(at, piece), prior.pieces(at, piece + 1)
    return float((left - right).abs().max()) > 1e-9 * float(left.maximum(right).max())
