"""Families x = μ_t(x₀) + S_t x₁: the posterior-mean equation without the matrix (``endpoints``).

    dy/dv = Σ r_i db_i/dv,      v = 1/t,  x = m_t + S_t y,  z_i = y - b_i(v).

It is the straight line's equation with curves b_i in place of (v-1) x₀ᵢ, and is solved in the same
way: with event location under priors with breakpoints, and error propagation (``error_bounds``). A
trajectory has settled only where a bound excludes that other data points regain weight
(``lookahead``); from there it is x = ψ_t(z_i|x₀ᵢ), and ends on data point i.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.field.treecode import FAINT
from flowviz.core.numerics.bernstein import later
from flowviz.core.numerics.chunks import CHUNK, blocks_for
from flowviz.core.numerics.ode.events import Direct, Events
from flowviz.core.numerics.ode.problem import Horizon, Solution
from flowviz.core.numerics.work import spend
from flowviz.core.paths.nonlinear import PerAxis
from flowviz.core.priors.piecewise import Pieces
from flowviz.core.transport.arcsine import Translations, angle_events, rounded
from flowviz.core.transport.endpoints import V_MAX, Endpoints, Table, doublings, tabulate
from flowviz.core.transport.lookahead import Cells, Lookahead, Positions
from flowviz.core.transport.posterior_mean_ode import PosteriorMeanODE

_TABLE_ERROR = 0.02
"""Error that a table's cubic may have, relative to the prior's half-width plus its own length."""
_PER_DOUBLING = 4
"""Cells of later times in each doubling of v, without a table; one where the density is
log-concave, as its largest value in a box is at the end or at the mode."""


class AffinePosteriorMeanODE(PosteriorMeanODE):
    """dy/dv, its jumps and its events, at positions y (M, d) and times v (M,).

    Args:
        field: distinct data points, a path that is ``affine_in_x1``.
    """

    def __init__(self, field: MarginalField) -> None:
        super().__init__(field.posterior_mean)
        self.ends = Endpoints(field.path, field.x0)
        self._ahead: dict[float, _Ahead | _AheadPerAxis | None] = {}

    def _endpoints(self, v: Tensor, z: Tensor) -> Tensor:
        return z.unsqueeze(2) - self.ends.shifts(v)

    def speeds(self, v: Tensor) -> Tensor:
        return self.ends(v)[1]

    def _smooth(self, v: Tensor, z: Tensor) -> Tensor:
        shift, speed = self.ends(v)
        endpoints = z.unsqueeze(2) - shift
        weight = self._joint(endpoints) * self.posterior_mean.weights
        total = weight.sum(1, keepdim=True)
        if z.shape[0] and not float(total.min()) >= FAINT:
            faint = total[:, 0] < FAINT
            weight[faint] = self._weights_by_logs(endpoints[faint])
            total = weight.sum(1, keepdim=True)
        return (weight.unsqueeze(1) * speed).sum(2) / total

    def _weights_by_logs(self, endpoints: Tensor) -> Tensor:
        """Posterior weights where all densities underflow; where all are 0, one for the nearest."""
        terms = self._prior.log_joint(endpoints.unbind(1)) + self.posterior_mean.weights.log()
        weight = terms.softmax(1)
        zero = terms.amax(1) == -torch.inf
        nearest = self._distance_to_support(endpoints[zero]).argmin(1)
        weight[zero] = torch.nn.functional.one_hot(nearest, len(self._x0)).to(weight)
        return weight

    def _distance_to_support(self, endpoints: Tensor) -> Tensor:
        """In the maximum norm, (M, d, N) -> (M, N)."""
        ends = endpoints.mT
        return (ends - self._prior.nearest(ends)).abs().amax(-1)

    def into_support(self, v: Tensor, z: Tensor) -> Tensor:
        """z where p_t > 0; elsewhere moved so that the endpoint nearest to the support is in it."""
        endpoints = self._endpoints(v, z)
        spend(z.shape[0] * self._width)
        outside = (self._joint(endpoints).amax(1) <= 0.0).nonzero()[:, 0]
        if outside.numel() == 0:
            return z
        ends, moved = endpoints[outside].mT, z.clone()
        nearest = self._distance_to_support(endpoints[outside]).argmin(1)
        end = ends[torch.arange(len(outside), device=z.device), nearest]
        moved[outside] += self._prior.nearest(end) - end
        return moved

    def lookahead(self, width: float, allowed: float, half: float, q: int) -> Horizon:
        """Whether trajectories have settled, and how long a step may be.

        Args:
            width: of the prior's narrowest mode.
            allowed: the error in x that may remain.
            half: the prior's half-width.
            q: number of trajectories.
        """
        if half not in self._ahead:
            self._ahead[half] = self._later_cells(half)
        ahead = self._ahead[half]
        if ahead is None:  # without a table no trajectory settles before the end
            return lambda rows, v, z, slope: (
                torch.zeros_like(rows, dtype=torch.bool),
                torch.full_like(v, torch.inf),
            )
        prior, weights = self._prior, self.posterior_mean.weights
        lookahead = Lookahead(prior, weights, ahead, ahead.cells, width, allowed, q)

        def horizon(rows: Tensor, v: Tensor, z: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
            blocks = []
            for b in blocks_for(z, self._width):
                shift, speed = self.ends(v[b])
                endpoints = z[b].unsqueeze(2) - shift
                weight = self._joint(endpoints) * self.posterior_mean.weights
                faint = weight.amax(1) < FAINT
                if bool(faint.any()):
                    weight[faint] = self._weights_by_logs(endpoints[faint])
                top = weight.argmax(1)[:, None, None].expand(-1, speed.shape[1], 1)
                relative = torch.linalg.vector_norm(speed - speed.gather(2, top), dim=1)
                now = Positions(v[b], endpoints.mT, weight, relative)
                blocks.append(lookahead(rows[b], now))
            final, longest = (torch.cat(column) for column in zip(*blocks, strict=True))
            return final, longest

        return horizon

    def _later_cells(self, half: float) -> _Ahead | _AheadPerAxis | None:
        """The cells of later times; None where the endpoints cannot be tabulated."""
        if isinstance(self.ends.path, PerAxis):
            per_doubling = 1 if self._prior.log_concave else _PER_DOUBLING
            return _AheadPerAxis(self.ends.path, self._x0, per_doubling)
        table = self._table(half)
        if table is None:
            return None
        size = torch.linalg.matrix_norm(self.ends.matrices(table.v), 2)
        return _Ahead(table, torch.maximum(size[:-1], size[1:]))

    def _table(self, half: float) -> Table | None:
        def accurate(gap: Tensor, control: Tensor, middle: Tensor) -> Tensor:
            length = control.diff(dim=0).norm(dim=-1).sum(0)
            return (gap.norm(dim=-1) <= _TABLE_ERROR * (half + length)).all(1)

        return tabulate(self.ends, doublings(self._x0), accurate)

    def events(self, pieces: Pieces) -> Events:
        """Where dy/dv's formula changes, and dy/dv by the formulas of given sides."""
        log_weights, n = self.posterior_mean.weights.log(), len(self._x0)

        def event_functions(v: Tensor, z: Tensor) -> Tensor:
            return self._endpoints(v, z).reshape(len(z), -1)

        def event_function(v: Tensor, z: Tensor, index: Tensor) -> Tensor:
            return z.sub(self.ends.shifts_of(v, index % n)).gather(1, (index // n)[:, None])[:, 0]

        def formula(sides: Tensor) -> AffineRegionFormula:
            a, b = pieces.at(sides.reshape(len(sides), *self._across.shape).int(), self._x0)
            return AffineRegionFormula(self.ends, a, b, log_weights, pieces.exponential)

        breakpoints = self._x0.new_tensor(self._prior.breakpoints)
        return Events(event_functions, event_function, breakpoints, formula, non_monotone=True)

    def angle_events(self) -> Events:
        """Where endpoints leave or enter a support with singular edges, and the angles' motion."""
        ends = Endpoints(self.ends.path, rounded(self._x0))
        supports = Translations(ends, self._prior.support)
        return angle_events(self.posterior_mean.weights, supports, non_monotone=True)

    def reached(self, solution: Solution, located: bool) -> Tensor:
        """The data point each trajectory ends on, (Q,)."""
        if located:
            # On an edge rounding decides which density is 0; the slope says which one was used.
            speeds = self.speeds(solution.tau)
            return (speeds - solution.slope.unsqueeze(2)).norm(dim=1).argmin(1)
        endpoints = self._endpoints(solution.tau, solution.last)
        weight = self._joint(endpoints) * self.posterior_mean.weights
        faint = weight.amax(1) < FAINT
        weight[faint] = self._weights_by_logs(endpoints[faint])
        return weight.argmax(1)

    def positions(self, solution: Solution, basin: Tensor, v: Tensor) -> Tensor:
        """Positions x (Q, T, d) at v (T,), with ψ(·|x₀) of the basin from where each settled on."""
        path, x0 = self.ends.path, self._x0
        middle = self.ends.positions(v, x0.new_zeros(len(v), x0.shape[1]))
        x = middle + (self.ends.matrices(v) @ solution.y[..., None])[..., 0]
        index = basin[:, None, None].expand(-1, x0.shape[1], 1)
        end = self._endpoints(solution.tau, solution.last).gather(2, index)[..., 0]
        row, column = (v > solution.tau[:, None]).nonzero(as_tuple=True)
        x[row, column] = path.forward(end[row], x0[basin[row]][:, None], (1.0 / v)[column])[:, 0]
        return x


@dataclass(frozen=True)
class AffineRegionFormula(Direct):
    """dy/dv by formulas that stay the same during a step, for a prior made of ``Pieces``.

    ``a`` and ``b`` (M, d, N), the lines a + b z of each coordinate of each endpoint.
    """

    ends: Endpoints
    a: Tensor
    b: Tensor
    log_weights: Tensor
    exponential: bool

    def __call__(self, v: Tensor, z: Tensor) -> Tensor:
        if self.b.numel() <= CHUNK:
            return self._mean(v, z)
        blocks = blocks_for(z, self.b[:1].numel())
        return torch.cat([self.select(b)._mean(v[b], z[b]) for b in blocks])

    def settled(self, v: Tensor, z: Tensor) -> Tensor:
        """Always False: ``lookahead`` decides it."""
        return torch.zeros_like(v, dtype=torch.bool)

    def select(self, rows: Tensor | slice) -> AffineRegionFormula:
        """The formulas of these rows."""
        return replace(self, a=self.a[rows], b=self.b[rows])

    def _mean(self, v: Tensor, z: Tensor) -> Tensor:
        spend(self.b[:, 0].numel(), 6.0)
        shift, speed = self.ends(v)
        lines = torch.addcmul(self.a, self.b, z.unsqueeze(2) - shift)
        if self.exponential:
            weight = (lines.sum(1) + self.log_weights).softmax(1)
        else:
            weight = functools.reduce(torch.mul, lines.unbind(1)) * self.log_weights.exp()
        return (weight.unsqueeze(1) * speed).sum(2) / weight.sum(1, keepdim=True)


@dataclass(frozen=True)
class _Ahead:
    """The cells of later times, from a table of endpoints; ``size`` (K,), |S_t| on each."""

    table: Table
    size: Tensor

    @property
    def cells(self) -> int:
        """Their number."""
        return len(self.size)

    def __call__(self, index: Tensor, end: Tensor, v: Tensor, some: slice) -> Cells:
        here = (torch.searchsorted(self.table.v, v, right=True) - 1).clamp(0, len(self.size) - 1)
        first = int(here.min())
        curves, gap = self.table.ends[:, first:], self.table.gap[first:]
        edges, here = self.table.v[first:], here - first
        r = len(index)
        control = curves[:, None, :, some] - curves[:, :, index].transpose(1, 2).unsqueeze(3)
        control = control + end[:, None, None]
        row = torch.arange(r, device=v.device)
        fraction = (v - edges[here]) / (edges[here + 1] - edges[here])
        fraction = fraction.clamp(0.0, 1.0)[:, None, None]
        control[:, row, here] = later(control[:, row, here], fraction)
        margin = 2.0 * (gap[:, some] - gap[:, index].transpose(0, 1).unsqueeze(2)).abs()
        length = control.diff(dim=0).norm(dim=-1).sum(0) + margin.norm(dim=-1)
        return Cells(
            start=edges[:-1].expand(r, -1),
            width=edges.diff().expand(r, -1),
            low=control.amin(0) - margin,
            high=control.amax(0) + margin,
            length=length,
            size=self.size[first:].expand(r, -1),
            later=torch.arange(len(gap), device=v.device) >= here[:, None],
        )


@dataclass(frozen=True)
class _AheadPerAxis:
    """The cells of later times where each coordinate has its own schedule.

    There an endpoint's coordinates, relative to those of another, are monotone: boxes through both
    ends of a cell are exact, and no table is needed.
    """

    path: PerAxis
    x0: Tensor
    per_doubling: int

    @property
    def cells(self) -> int:
        """Their number, up to `V_MAX`."""
        return math.ceil(self.per_doubling * math.log2(V_MAX))

    def __call__(self, index: Tensor, end: Tensor, v: Tensor, some: slice) -> Cells:
        powers = self.x0.new_tensor(self.path.powers(self.x0.shape[1]))
        node = torch.arange(self.cells + 1, dtype=v.dtype, device=v.device)
        edges = v[:, None] * torch.exp2(node / self.per_doubling)
        inverse = edges[..., None] ** powers
        apart = (self.x0[some] - self.x0[index][:, None])[:, None]
        ends = torch.addcmul(end[:, None, None], inverse[:, :, None] - 1.0, apart, value=-1.0)
        before, after = ends[:, :-1], ends[:, 1:]
        return Cells(
            start=edges[:, :-1],
            width=edges.diff(dim=1),
            low=torch.minimum(before, after),
            high=torch.maximum(before, after),
            length=(after - before).abs().sum(-1),
            size=inverse[:, :-1].reciprocal().amax(-1),
            later=edges[:, :-1] < V_MAX,
        )
