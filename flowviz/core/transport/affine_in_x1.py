"""Families x = μ_t(x₀) + S_t x₁: the posterior-mean equation without the matrix (``endpoints``).

    dy/dv = Σ r_i db_i/dv,      v = 1/t,  x = m_t + S_t y,  z_i = y - b_i(v).

It is the straight line's equation with curves b_i in place of (v-1) x₀ᵢ, and is stepped by the same
means: each piece's own formula under priors with kinks, steps cut where a free end passes one, and
errors carried along (``error_bounds``). A trajectory is its data point's for good only where a
bound says so (``lookahead``); from there it is x = ψ_t(z_i|x₀ᵢ), and ends on the point.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.field.treecode import FAINT
from flowviz.core.numerics.bernstein import later
from flowviz.core.numerics.chunks import CHUNK, blocks_for
from flowviz.core.numerics.ode.events import Direct, Events
from flowviz.core.numerics.ode.problem import Horizon, Solution
from flowviz.core.priors.piecewise import Pieces
from flowviz.core.transport.endpoints import Endpoints, Table, doublings, tabulate
from flowviz.core.transport.lookahead import Cells, Lookahead, Positions
from flowviz.core.transport.posterior_mean_ode import PosteriorMeanODE

_ROOM = 0.02
"""By how much a table's cubic may miss, in half-widths of the prior and in lengths of its cell."""


class AffinePosteriorMeanODE(PosteriorMeanODE):
    """dy/dv and what follows from it, at positions y (M, d) and times v (M,).

    Args:
        field: distinct data points, a family that is ``closed``.
    """

    def __init__(self, field: MarginalField) -> None:
        super().__init__(field.posterior_mean)
        self.ends = Endpoints(field.path, field.x0)

    def _endpoints(self, v: Tensor, z: Tensor) -> Tensor:
        return z.unsqueeze(2) - self.ends.shifts(v)

    def speeds(self, v: Tensor) -> Tensor:
        return self.ends(v)[1]

    def _smooth(self, v: Tensor, z: Tensor) -> Tensor:
        shift, speed = self.ends(v)
        endpoints = z.unsqueeze(2) - shift
        share = self._joint(endpoints) * self.posterior_mean.weights
        total = share.sum(1, keepdim=True)
        if z.shape[0] and not float(total.min()) >= FAINT:
            faded = total[:, 0] < FAINT
            share[faded] = self._faint(endpoints[faded])
            total = share.sum(1, keepdim=True)
        return (share.unsqueeze(1) * speed).sum(2) / total

    def _faint(self, endpoints: Tensor) -> Tensor:
        """Posterior weights where every density has faded, or is 0: then of whose comes nearest."""
        terms = self._prior.log_joint(endpoints.unbind(1)) + self.posterior_mean.weights.log()
        share = terms.softmax(1)
        lost = terms.amax(1) == -torch.inf
        nearest = torch.nn.functional.one_hot(self._gap(endpoints[lost]).argmin(1), len(self._x0))
        share[lost] = nearest.to(share)
        return share

    def _gap(self, endpoints: Tensor) -> Tensor:
        ends = endpoints.mT
        return (ends - self._prior.nearest(ends)).abs().amax(-1)

    def into_support(self, v: Tensor, z: Tensor) -> Tensor:
        """z where some density is above 0; elsewhere the nearest place inside a support."""
        endpoints = self._endpoints(v, z)
        lost = (self._joint(endpoints).amax(1) <= 0.0).nonzero()[:, 0]
        if lost.numel() == 0:
            return z
        ends, moved = endpoints[lost].mT, z.clone()
        which = self._gap(endpoints[lost]).argmin(1)
        own = ends[torch.arange(len(lost), device=z.device), which]
        moved[lost] += self._prior.nearest(own) - own
        return moved

    def lookahead(self, width: float, allowed: float, half: float, q: int) -> Horizon:
        """Whether trajectories are settled for good, and how long a step may be.

        Args:
            width: of the prior's narrowest hill.
            allowed: the error in x that may be left.
            half: the prior's half-width.
            q: how many trajectories.
        """
        table = self._table(half)
        if table is None:  # nothing is known of later times: none settles before the end
            return lambda rows, v, z, slope: (
                torch.zeros_like(rows, dtype=torch.bool),
                torch.full_like(v, torch.inf),
            )
        size = torch.linalg.matrix_norm(self.ends.matrices(table.v), 2)
        ahead = _Ahead(table, torch.maximum(size[:-1], size[1:]))
        cells = len(table.v) - 1
        look = Lookahead(self._prior, self.posterior_mean.weights, ahead, cells, width, allowed, q)

        def horizon(rows: Tensor, v: Tensor, z: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
            parts = []
            for b in blocks_for(z, self._width):
                shift, speed = self.ends(v[b])
                endpoints = z[b].unsqueeze(2) - shift
                share = self._joint(endpoints) * self.posterior_mean.weights
                faded = share.amax(1) < FAINT
                if bool(faded.any()):
                    share[faded] = self._faint(endpoints[faded])
                top = share.argmax(1)[:, None, None].expand(-1, speed.shape[1], 1)
                apart = torch.linalg.vector_norm(speed - speed.gather(2, top), dim=1)
                parts.append(look(rows[b], Positions(v[b], endpoints.mT, share, apart)))
            final, longest = (torch.cat(part) for part in zip(*parts, strict=True))
            return final, longest

        return horizon

    def _table(self, half: float) -> Table | None:
        def good(gap: Tensor, control: Tensor, middle: Tensor) -> Tensor:
            moved = control.diff(dim=0).norm(dim=-1).sum(0)
            return (gap.norm(dim=-1) <= _ROOM * (half + moved)).all(1)

        return tabulate(self.ends, doublings(self._x0), good)

    def events(self, pieces: Pieces) -> Events:
        """Where dy/dv's formula changes, and dy/dv by the formulas of given sides."""
        log_weights = self.posterior_mean.weights.log()

        def watched(v: Tensor, z: Tensor) -> Tensor:
            return self._endpoints(v, z).reshape(len(z), -1)

        def one(v: Tensor, z: Tensor, which: Tensor) -> Tensor:
            return watched(v, z).gather(1, which[:, None])[:, 0]

        def formula(sides: Tensor) -> MovingRegion:
            a, b = pieces.at(sides.reshape(len(sides), *self._across.shape).int(), self._x0)
            return MovingRegion(self.ends, a, b, log_weights, pieces.exponential)

        borders = torch.tensor(
            self._prior.breakpoints, dtype=self._x0.dtype, device=self._x0.device
        )
        return Events(watched, one, borders, formula, turning=True)

    def reached(self, solution: Solution, located: bool) -> Tensor:
        """The data point each trajectory ends on, (Q,)."""
        if located:
            # On a kink rounding decides who has a density; the formula that was followed knows.
            speeds = self.speeds(solution.tau)
            return (speeds - solution.slope.unsqueeze(2)).norm(dim=1).argmin(1)
        share = (
            self._joint(self._endpoints(solution.tau, solution.last)) * self.posterior_mean.weights
        )
        faded = share.amax(1) < FAINT
        share[faded] = self._faint(self._endpoints(solution.tau[faded], solution.last[faded]))
        return share.argmax(1)

    def read(self, solution: Solution, basin: Tensor, v: Tensor) -> Tensor:
        """Positions x (Q, T, d) at v (T,), beyond where each settled along its data point's own."""
        path, x0 = self.ends.path, self._x0
        middle = self.ends.positions(v, x0.new_zeros(len(v), x0.shape[1]))
        x = middle + (self.ends.matrices(v) @ solution.y[..., None])[..., 0]
        index = basin[:, None, None].expand(-1, x0.shape[1], 1)
        end = self._endpoints(solution.tau, solution.last).gather(2, index)[..., 0]
        row, place = (v > solution.tau[:, None]).nonzero(as_tuple=True)
        own = x0[basin[row]][:, None]
        x[row, place] = path.forward(end[row], own, (1.0 / v)[place])[:, 0]
        return x


@dataclass(frozen=True)
class MovingRegion(Direct):
    """dy/dv by formulas that stay the same during a step, where the law is made of ``Pieces``.

    ``a`` and ``b`` (M, d, N), the lines a + b z of each coordinate of each free end.
    """

    ends: Endpoints
    a: Tensor
    b: Tensor
    log_weights: Tensor
    exponential: bool

    def __call__(self, v: Tensor, z: Tensor) -> Tensor:
        if self.b.numel() <= CHUNK:
            return self._mean(v, z)
        parts = blocks_for(z, self.b[:1].numel())
        return torch.cat([self.only(b)._mean(v[b], z[b]) for b in parts])

    def settled(self, v: Tensor, z: Tensor) -> Tensor:
        """Never: that is for ``lookahead`` to say."""
        return torch.zeros_like(v, dtype=torch.bool)

    def only(self, which: Tensor | slice) -> MovingRegion:
        """The formulas of some rows."""
        return replace(self, a=self.a[which], b=self.b[which])

    def _mean(self, v: Tensor, z: Tensor) -> Tensor:
        shift, speed = self.ends(v)
        lines = torch.addcmul(self.a, self.b, z.unsqueeze(2) - shift)
        if self.exponential:
            share = (lines.sum(1) + self.log_weights).softmax(1)
        else:
            share = functools.reduce(torch.mul, lines.unbind(1)) * self.log_weights.exp()
        return (share.unsqueeze(1) * speed).sum(2) / share.sum(1, keepdim=True)


@dataclass(frozen=True)
class _Ahead:
    """Cells from a table of free ends; ``size`` (K,), |S_t| on each."""

    table: Table
    size: Tensor

    def __call__(self, own: Tensor, end: Tensor, v: Tensor) -> Cells:
        here = (torch.searchsorted(self.table.v, v, right=True) - 1).clamp(0, len(self.size) - 1)
        first = int(here.min())
        curves, gap = self.table.ends[:, first:], self.table.gap[first:]
        edges, here = self.table.v[first:], here - first
        control = curves[:, None] - curves[:, :, own].transpose(1, 2).unsqueeze(3)
        control = control + end[:, None, None]
        every = torch.arange(len(own), device=v.device)
        part = (v - edges[here]) / (edges[here + 1] - edges[here])
        part = part.clamp(0.0, 1.0)[:, None, None]
        control[:, every, here] = later(control[:, every, here], part)
        room = 2.0 * (gap - gap[:, own].transpose(0, 1).unsqueeze(2)).abs()
        length = control.diff(dim=0).norm(dim=-1).sum(0) + room.norm(dim=-1)
        live = torch.arange(len(gap), device=v.device) >= here[:, None]
        start, width = edges[:-1].expand(len(own), -1), edges.diff().expand(len(own), -1)
        return Cells(
            start,
            width,
            control.amin(0) - room,
            control.amax(0) + room,
            length,
            self.size[first:].expand(len(own), -1),
            live,
        )
