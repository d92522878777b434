"""Flat priors and families x = μ_t(x₀) + S_t x₁: the mean of the free ends stands still.

Under a prior of one height (a box, a disk) the posterior weights r_i depend only on which data
points are in reach. While they are the same, the free ends z_i = φ_t(x|x₀ᵢ) = S⁻¹(x - μ_t(x₀ᵢ)) and
their mean c = Σ r_i z_i obey

    x = Σ r_i μ_t(x₀ᵢ) + S c,      x' = f_t(x)  ⇔  c' = 0:

the trajectory is the weighted mean of the single-point trajectories that share the free end c. Seen
from there each free end moves along a known curve, the same for all trajectories,

    z_i = c + a_i - Σ r_j a_j,      a_i(v) = φ_t(m_t|x₀ᵢ),      v = 1/t,

with any place m_t (here the mean of all μ_t(x₀ᵢ)). So nothing is stepped: what is looked for is the
first time at which one of these curves crosses the support's rim. With straight lines a_i is linear
in v, and this is ``flat``. For other families a_i is tabulated by cubics, in cells that are halved
until they are good enough. The rims then are polynomials, and their control points say where none
can be crossed.

No trajectory enters p_t = 0, for the reason given in ``polygons``: across a rim both velocities
push the free end the same way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.bernstein import first_below, later
from flowviz.core.numerics.chunks import Progress, blocks
from flowviz.core.transport.endpoints import Endpoints, doublings, tabulate

FLAT_LIMIT = 1500
"""Most data points that are followed so: the time grows with the square of their number."""
FINE = 0.01
"""How far a tabulated free end may be off, as a share of the tolerance."""
TOUCH = 1e-14
"""How far beyond a rim a free end counts as still on it: rounding, in units of the support or of
the free ends' own size where that is more."""
_AHEAD = 128  # free ends of cells to come that are looked at at once
_FORMED = 1 << 21  # control points formed at once


@dataclass(frozen=True)
class CrossingTrajectories:
    """Positions ``x`` (Q, T, d) at times in (0, 1), the ``basin`` (Q,) reached, ``looks`` at free
    ends in all, and whether each trajectory was followed to its end, ``finished`` (Q,).
    """

    x: Tensor
    basin: Tensor
    looks: int
    finished: Tensor


def solved_by_crossings(field: MarginalField) -> bool:
    """Whether trajectories are followed from rim to rim."""
    return (
        field.prior.uniform_density
        and field.path.affine_in_x1
        and field.d > 1
        and field.n <= FLAT_LIMIT
    )


def solve_by_crossings(
    field: MarginalField,
    x1: Tensor,
    times: Tensor,
    tolerance: float,
    progress: Progress | None = None,
) -> CrossingTrajectories | None:
    """Follow the flow from x₁ to the data, from rim to rim.

    Args:
        field: distinct data points, a flat prior, a family that is ``closed``.
        x1: prior positions inside the support, (Q, d).
        times: in (0, 1), (T,).
        tolerance: the error a trajectory may have, in half-widths of the prior.
        progress: told the share that is done, now and then.

    Returns:
        The trajectories; None for a family whose free ends no cubics follow.
    """
    table = _tabulated(field, tolerance)
    if table is None:
        return None
    parts, looks = [], 0
    for some in blocks(len(x1), 8 * max(_AHEAD, field.n) * field.d, _FORMED):
        walks = _Trajectories(field, table, x1[some], times)
        for _ in range(100 * field.n + len(table.v)):
            if not bool(walks.under_way.any()):
                break
            walks.go_on(walks.under_way.nonzero()[:, 0])
            if progress is not None:
                left = float(walks.under_way.sum())
                progress((some.stop - left) / len(x1))
        looks += walks.looks
        parts.append((walks.ended(), walks.reach.to(torch.int8).argmax(1), ~walks.under_way))
    x, basin, finished = (torch.cat(part) for part in zip(*parts, strict=True))
    return CrossingTrajectories(x, basin, looks, finished)


# ---------------------------------------------------------------------- the free ends' curves


@dataclass(frozen=True)
class _Table:
    """Cubics between the places ``v`` (K + 1,): the free ends' control points (4, K, N, d), and the
    ``rounding`` (K, N) they bring, in units of the support.
    """

    v: Tensor
    ends: Tensor
    rounding: Tensor


def _tabulated(field: MarginalField, tolerance: float) -> _Table | None:
    """The free ends a_i(v), from v = 1 to where one data point is left in reach."""
    low, high = field.prior.support
    ends = Endpoints(field.path, field.x0)
    allowed = FINE * tolerance * 0.5 * (high - low)

    def good(gap: Tensor, control: Tensor, middle: Tensor) -> Tensor:
        return gap.abs().amax((1, 2)) <= allowed * middle

    table = tabulate(ends, _to_one_in_reach(ends, high - low), good)
    if table is None:
        return None
    rounding = TOUCH * (1.0 + table.ends.abs().amax((0, 3)) / (high - low))
    return _Table(table.v, table.ends, rounding)


def _to_one_in_reach(ends: Endpoints, width: float) -> Tensor:
    """v = 1, 2, 4, 8, ... to where any two free ends are always further apart than the support."""
    v = doublings(ends.x0)
    at = ends.shifts(v).mT
    gaps = torch.cdist(at, at)
    gaps.diagonal(dim1=1, dim2=2).fill_(math.inf)
    far = 2.0 * width * math.sqrt(ends.x0.shape[1])
    near = (gaps.flatten(1).amin(1) <= far).nonzero()
    return v[: int(near[-1]) + 2 if len(near) else 2]


# ---------------------------------------------------------------------- trajectories


class _Trajectories:
    """Trajectories, each at a time of its own.

    ``cell`` (Q,) of the table, and ``part`` of it, where each is; ``mean`` (Q, d), c, which stands
    still from ``since`` (Q,) on; ``reach`` (Q, N), the data points in reach; ``inner`` (Q, N, F),
    the side of each rim a free end is on; ``shown`` (Q, T, d), the positions asked for so far.
    """

    def __init__(self, field: MarginalField, table: _Table, x1: Tensor, times: Tensor) -> None:
        self._table, self._prior, self._weights = table, field.prior, field.weights
        self._asked = 1.0 / times
        ends = Endpoints(field.path, field.x0)
        self._centres = field.path.forward(x1.new_zeros(len(times), field.d), field.x0, times)
        self._matrices = ends.matrices(self._asked)
        self.cell = torch.zeros(len(x1), dtype=torch.long, device=x1.device)
        self.part, self.since, self.mean = x1.new_zeros(len(x1)), x1.new_ones(len(x1)), x1.clone()
        rims = self._prior.support_constraints(x1[None, :, None])[0]
        self.inner = torch.ones_like(rims, dtype=torch.bool).repeat(1, field.n, 1)
        self.reach = self.inner.all(-1)
        self.shown = x1.new_empty(len(x1), len(times), field.d)
        self.looks = 0

    @property
    def under_way(self) -> Tensor:
        """Which have not come to the table's end, (Q,)."""
        return self.cell < len(self._table.v) - 1

    def go_on(self, row: Tensor) -> None:
        """Each to its next crossing, or to where the next may be."""
        self.looks += len(row)
        rest = later(self._table.ends[:, self.cell[row]], self.part[row, None, None])
        curves = self._seen(row, rest[:, :, None])[:, :, 0]
        rims = self._prior.support_constraints(curves)
        # Out of reach, rims are passed unwatched: there the place tells the side.
        slack = self._slack(row, self.cell[row])[:, None, None]
        told = (rims[0].abs() > 2.0 * slack) & ~self.reach[row][..., None]
        inner = self.inner[row] = torch.where(told, rims[0] > 0.0, self.inner[row])
        touched = _touched(rims, inner, slack) & ~self._constant(row)[..., None]
        when = torch.full_like(rims[0], math.inf)
        signed = torch.where(inner[touched], rims[:, touched], -rims[:, touched])
        when[touched] = first_below(signed, -slack.expand_as(touched)[touched])
        first = when.flatten(1).amin(1)
        met = first.isfinite()
        if bool(met.any()):
            together = when[met] <= (first[met] + TOUCH)[:, None, None]
            self._cross(row[met], together, first[met], curves[:, met])
        if not bool(met.all()):
            self._pass_by(row[~met])

    def ended(self) -> Tensor:
        """The positions asked for, (Q, T, d), when all have come to where nothing changes."""
        every = torch.arange(len(self.mean), device=self.mean.device)
        self._show(every, torch.full_like(self.since, math.inf))
        return self.shown

    def _show(self, row: Tensor, until: Tensor) -> None:
        """The positions asked for while ``mean`` stood still, up to v = until (R,)."""
        inside = (self._asked > self.since[row, None]) & (self._asked <= until[:, None])
        some, place = inside.nonzero(as_tuple=True)
        which = row[some]
        middle = torch.bmm(self._share(which)[:, None], self._centres[place])[:, 0]
        moved = (self._matrices[place] @ self.mean[which, :, None])[..., 0]
        self.shown[which, place] = middle + moved
        self.since[row] = until

    def _share(self, row: Tensor) -> Tensor:
        """The posterior weights, (R, N)."""
        weight = self.reach[row] * self._weights
        return weight / weight.sum(1, keepdim=True)

    def _constant(self, row: Tensor) -> Tensor:
        """Endpoints that do not move: of data points that are alone in reach, (R, N)."""
        reach = self.reach[row]
        return reach & (reach.sum(1, keepdim=True) == 1)

    def _slack(self, row: Tensor, cell: Tensor) -> Tensor:
        """How far beyond a rim a free end is still on it, in some cells (R, ...)."""
        reach = self.reach[row].view(len(row), *(1,) * (cell.dim() - 1), -1)
        return (self._table.rounding[cell] * reach).amax(-1)

    def _seen(self, row: Tensor, ends: Tensor) -> Tensor:
        """Free ends as each trajectory sees them, from control points (4, R, W, N, d)."""
        mean = (self._share(row)[:, None, :, None] * ends).sum(3, keepdim=True)
        return ends + (self.mean[row][:, None, None] - mean)

    def _cross(self, row: Tensor, met: Tensor, when: Tensor, curves: Tensor) -> None:
        """Over rims (R, N, F), after a share (R,) of what was left of the cell."""
        self.inner[row] ^= met
        self.part[row] += (1.0 - self.part[row]) * when
        reach = self.inner[row].all(-1)
        # On a separatrix all remaining endpoints leave at once: one of them stays.
        none = ~reach.any(1)
        kept = self.reach[row[none]].to(torch.int8).argmax(1)
        reach[none, kept] = self.inner[row[none], kept] = True
        changed = (reach != self.reach[row]).any(1)
        which = row[changed]
        start, end = self._table.v[self.cell[which]], self._table.v[self.cell[which] + 1]
        self._show(which, torch.lerp(start, end, self.part[which]))
        self.reach[which] = reach[changed]
        ends = later(curves[:, changed], when[changed, None, None])[0]
        self.mean[which] = (self._share(which)[..., None] * ends).sum(1)

    def _pass_by(self, row: Tensor) -> None:
        """On to the next cell in which a rim may be crossed."""
        last = len(self._table.v) - 1
        ahead = max(1, _AHEAD // self.reach.shape[1])
        cell = self.cell[row, None] + torch.arange(1, ahead + 1, device=row.device)
        known = cell.clamp(max=last - 1)
        rims = self._prior.support_constraints(self._seen(row, self._table.ends[:, known]))
        slack = self._slack(row, known)[..., None, None]
        touched = _touched(rims, self.reach[row][:, None, :, None], slack)
        touched &= ~self._constant(row)[:, None, :, None]
        found = touched.flatten(2).any(-1) | (cell >= last)
        step = torch.where(found.any(1), found.to(torch.int8).argmax(1), ahead - 1)
        self.cell[row] += 1 + step
        self.part[row] = 0.0


def _touched(rims: Tensor, inner: Tensor, slack: Tensor) -> Tensor:
    """Which rims may be crossed, (..., N, F), from their control points and the sides now.

    A data point that some rim keeps out of reach all the time crosses none that matters.
    """
    low, high = rims.amin(0), rims.amax(0)
    kept_out = (~inner & (high <= slack)).any(-1, keepdim=True)
    return torch.where(inner, low < -slack, high > slack) & ~kept_out
