"""Uniform priors and families x = μ_t(x₀) + S_t x₁: the mean endpoint is constant (MATH §3.11).

Under a uniform prior (a box, a disk) the posterior weights r_i depend only on which data points are
*active*: those whose endpoint is inside the support. While they are the same, the endpoints
z_i = φ_t(x|x₀ᵢ) = S⁻¹(x - μ_t(x₀ᵢ)) and their mean c = Σ r_i z_i obey

    x = Σ r_i μ_t(x₀ᵢ) + S c,      x' = f_t(x)  ⇔  c' = 0:

the trajectory is the weighted mean of the single-point trajectories with the common endpoint c.
Relative to c each endpoint moves along a known curve, the same for all trajectories,

    z_i = c + a_i - Σ r_j a_j,      a_i(v) = φ_t(m_t|x₀ᵢ),      v = 1/t,

with any point m_t (here the mean of all μ_t(x₀ᵢ)). So nothing is integrated: only the first time is
needed at which one of these curves crosses the boundary of the support. With straight lines a_i is
linear in v, and this is ``polygons``. For other families a_i is tabulated by cubics, in cells that
are halved until the cubics are accurate. The support's inequalities then are polynomials in v, and
their Bernstein control points exclude crossings from most cells.

No trajectory enters p_t = 0, for the reason given in ``polygons``: on both sides of a boundary the
velocity moves the endpoint in the same direction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.bernstein import first_below, later
from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.work import spend
from flowviz.core.transport.batches import Solve
from flowviz.core.transport.endpoints import Endpoints, doublings, tabulate
from flowviz.core.transport.policy import half_width
from flowviz.core.transport.result import Solved

MAX_POINTS = 1500
"""Most data points for this method: its cost grows with the square of their number."""
TABLE_ERROR = 0.01
"""Error of a tabulated endpoint, as a fraction of the tolerance."""
ROUNDING = 1e-14
"""Distance from the boundary within which an endpoint counts as on it, in units of the support or
of the endpoints' size where that is more."""
_CELLS = 128  # cells whose endpoints are evaluated at once
_COST = 20.0
"""Units of work for one data point in one cell: four control points."""


def solved_by_crossings(field: MarginalField) -> bool:
    """Whether this method applies."""
    return (
        field.prior.uniform_density
        and field.path.affine_in_x1
        and field.d > 1
        and field.n <= MAX_POINTS
    )


def crossings_solver(field: MarginalField, times: Tensor, tolerance: float) -> Solve | None:
    """The method that follows trajectories from one boundary crossing to the next.

    Args:
        field: distinct data points, a uniform prior, a path that is ``affine_in_x1``.
        times: in (0, 1), (T,).
        tolerance: the error a trajectory may have, in half-widths of the prior.

    Returns:
        The method; None for a family whose endpoints cannot be tabulated.
    """
    table = _tabulated(field, tolerance)
    if table is None:
        return None
    most = tolerance * half_width(field)

    def solve(x1: Tensor, progress: Progress) -> Solved:
        batch = _Batch(field, table, x1, times)
        for _ in range(100 * field.n + len(table.v)):
            if not bool(batch.unfinished.any()):
                break
            batch.advance(batch.unfinished.nonzero()[:, 0])
            progress(float(batch.cell.sum()) / (len(x1) * (len(table.v) - 1)))
        x, finished = batch.output(), ~batch.unfinished
        error = x.new_full((len(x),), most).masked_fill(~finished, math.inf)
        basin = batch.active.to(torch.int8).argmax(1)
        return Solved(x, error[:, None], basin, batch.nfe, finished)

    return solve


# ---------------------------------------------------------------------- table of the endpoints


@dataclass(frozen=True)
class _Table:
    """Cubics between the nodes ``v`` (K + 1,): control points ``ends`` (4, K, N, d) of the a_i, and
    their ``rounding`` (K, N), in units of the support.
    """

    v: Tensor
    ends: Tensor
    rounding: Tensor


def _tabulated(field: MarginalField, tolerance: float) -> _Table | None:
    """The curves a_i(v), from v = 1 to where at most one data point can be active."""
    low, high = field.prior.support
    ends = Endpoints(field.path, field.x0)
    allowed = TABLE_ERROR * tolerance * 0.5 * (high - low)

    def accurate(gap: Tensor, control: Tensor, middle: Tensor) -> Tensor:
        return gap.abs().amax((1, 2)) <= allowed * middle

    table = tabulate(ends, _nodes(ends, high - low), accurate)
    if table is None:
        return None
    rounding = ROUNDING * (1.0 + table.ends.abs().amax((0, 3)) / (high - low))
    return _Table(table.v, table.ends, rounding)


def _nodes(ends: Endpoints, width: float) -> Tensor:
    """v = 1, 2, 4, 8, ... up to where all endpoints are further apart than the support is wide."""
    v = doublings(ends.x0)
    least = []
    for curves in ends.shifts(v).mT:
        spend(len(curves) ** 2)
        distances = torch.cdist(curves, curves)
        least.append(distances.fill_diagonal_(math.inf).min())
    diameter = 2.0 * width * math.sqrt(ends.x0.shape[1])
    near = (torch.stack(least) <= diameter).nonzero()
    return v[: int(near[-1]) + 2 if len(near) else 2]


# ---------------------------------------------------------------------- trajectories


class _Batch:
    """Trajectories, each at its own time.

    ``cell`` (Q,) of the table, and ``fraction`` (Q,) of it: the present time; ``mean`` (Q, d), c,
    which is constant from ``since`` (Q,) on; ``active`` (Q, N), the data points with weight;
    ``inner`` (Q, N, F), whether an endpoint is on the inner side of each boundary; ``x``
    (Q, T, d), the output so far.
    """

    def __init__(self, field: MarginalField, table: _Table, x1: Tensor, times: Tensor) -> None:
        self._table, self._prior, self._weights = table, field.prior, field.weights
        self._v_out = 1.0 / times
        ends = Endpoints(field.path, field.x0)
        self._centres = field.path.forward(x1.new_zeros(len(times), field.d), field.x0, times)
        self._matrices = ends.matrices(self._v_out)
        self.cell = torch.zeros(len(x1), dtype=torch.long, device=x1.device)
        self.fraction, self.since = x1.new_zeros(len(x1)), x1.new_ones(len(x1))
        self.mean = x1.clone()
        constraints = self._prior.support_constraints(x1[None, :, None])[0]
        self.inner = torch.ones_like(constraints, dtype=torch.bool).repeat(1, field.n, 1)
        self.active = self.inner.all(-1)
        self.x = x1.new_empty(len(x1), len(times), field.d)
        self.nfe = 0

    @property
    def unfinished(self) -> Tensor:
        """Which have not come to the table's end, (Q,)."""
        return self.cell < len(self._table.v) - 1

    def advance(self, row: Tensor) -> None:
        """Advance these rows to their next crossing, or to the next cell that may have one."""
        self.nfe += len(row)
        spend(self.active[row].numel(), _COST)
        rest = later(self._table.ends[:, self.cell[row]], self.fraction[row, None, None])
        curves = self._endpoints(row, rest[:, :, None])[:, :, 0]
        constraints = self._prior.support_constraints(curves)
        # Crossings of inactive endpoints are not located in time: there the position is decisive.
        slack = self._slack(row, self.cell[row])[:, None, None]
        certain = (constraints[0].abs() > 2.0 * slack) & ~self.active[row][..., None]
        inner = self.inner[row] = torch.where(certain, constraints[0] > 0.0, self.inner[row])
        candidate = _may_cross(constraints, inner, slack) & ~self._constant(row)[..., None]
        when = torch.full_like(constraints[0], math.inf)
        signed = torch.where(
            inner[candidate], constraints[:, candidate], -constraints[:, candidate]
        )
        when[candidate] = first_below(signed, -slack.expand_as(candidate)[candidate])
        first = when.flatten(1).amin(1)
        found = first.isfinite()
        if bool(found.any()):
            together = when[found] <= (first[found] + ROUNDING)[:, None, None]
            self._cross(row[found], together, first[found], curves[:, found])
        if not bool(found.all()):
            self._skip_cells(row[~found])

    def output(self) -> Tensor:
        """x, (Q, T, d), once all trajectories are at the table's end."""
        rows = torch.arange(len(self.mean), device=self.mean.device)
        self._write_output(rows, torch.full_like(self.since, math.inf))
        return self.x

    def _write_output(self, row: Tensor, until: Tensor) -> None:
        """x at the output times from ``since`` to v = until (R,), in which c is constant."""
        inside = (self._v_out > self.since[row, None]) & (self._v_out <= until[:, None])
        index, column = inside.nonzero(as_tuple=True)
        which = row[index]
        centre = torch.bmm(self._posterior(which)[:, None], self._centres[column])[:, 0]
        offset = (self._matrices[column] @ self.mean[which, :, None])[..., 0]
        self.x[which, column] = centre + offset
        self.since[row] = until

    def _posterior(self, row: Tensor) -> Tensor:
        """The posterior weights, (R, N)."""
        weight = self.active[row] * self._weights
        return weight / weight.sum(1, keepdim=True)

    def _constant(self, row: Tensor) -> Tensor:
        """Endpoints that do not move: of single active data points, (R, N)."""
        active = self.active[row]
        return active & (active.sum(1, keepdim=True) == 1)

    def _slack(self, row: Tensor, cell: Tensor) -> Tensor:
        """Rounding of the active endpoints in cells (R, ...), in units of the support."""
        active = self.active[row].view(len(row), *(1,) * (cell.dim() - 1), -1)
        return (self._table.rounding[cell] * active).amax(-1)

    def _endpoints(self, row: Tensor, ends: Tensor) -> Tensor:
        """Control points of the z_i from those of the a_i, (4, R, W, N, d)."""
        mean = (self._posterior(row)[:, None, :, None] * ends).sum(3, keepdim=True)
        return ends + (self.mean[row][:, None, None] - mean)

    def _cross(self, row: Tensor, crossed: Tensor, when: Tensor, curves: Tensor) -> None:
        """Cross boundaries (R, N, F), after a fraction (R,) of the rest of the cell."""
        self.inner[row] ^= crossed
        self.fraction[row] += (1.0 - self.fraction[row]) * when
        active = self.inner[row].all(-1)
        # On a separatrix all active endpoints leave at once: one of them stays.
        none = ~active.any(1)
        kept = self.active[row[none]].to(torch.int8).argmax(1)
        active[none, kept] = self.inner[row[none], kept] = True
        changed = (active != self.active[row]).any(1)
        which = row[changed]
        start, end = self._table.v[self.cell[which]], self._table.v[self.cell[which] + 1]
        self._write_output(which, torch.lerp(start, end, self.fraction[which]))
        self.active[which] = active[changed]
        ends = later(curves[:, changed], when[changed, None, None])[0]
        self.mean[which] = (self._posterior(which)[..., None] * ends).sum(1)

    def _skip_cells(self, row: Tensor) -> None:
        """Advance to the next cell in which a boundary may be crossed."""
        last = len(self._table.v) - 1
        count = max(1, _CELLS // self.active.shape[1])
        cell = self.cell[row, None] + torch.arange(1, count + 1, device=row.device)
        valid = cell.clamp(max=last - 1)
        spend(valid.numel() * self.active.shape[1], _COST)
        endpoints = self._endpoints(row, self._table.ends[:, valid])
        constraints = self._prior.support_constraints(endpoints)
        slack = self._slack(row, valid)[..., None, None]
        candidate = _may_cross(constraints, self.active[row][:, None, :, None], slack)
        candidate &= ~self._constant(row)[:, None, :, None]
        found = candidate.flatten(2).any(-1) | (cell >= last)
        step = torch.where(found.any(1), found.to(torch.int8).argmax(1), count - 1)
        self.cell[row] += 1 + step
        self.fraction[row] = 0.0


def _may_cross(constraints: Tensor, inner: Tensor, slack: Tensor) -> Tensor:
    """Which boundaries may be crossed, (..., N, F), from control points and the present sides.

    A data point that one boundary keeps inactive all the time needs no crossings of the others.
    """
    low, high = constraints.amin(0), constraints.amax(0)
    kept_out = (~inner & (high <= slack)).any(-1, keepdim=True)
    return torch.where(inner, low < -slack, high > slack) & ~kept_out
