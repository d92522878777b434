"""Laguerre cells in the plane, and their masses under a prior.

    C_i = {x : |x - x₀ᵢ|² - ψ_i ≤ |x - x₀ⱼ|² - ψ_j for all j}

is a convex polygon: the half planes 2(x₀ⱼ - x₀ᵢ)·x ≤ |x₀ⱼ|² - |x₀ᵢ|² - ψ_j + ψ_i of all j cut from
a box that holds the prior's mass. With ∇·V = p₁ (``mass_flux`` of the prior) the mass of a cell is
the flux of V through its edges: integrals in one variable, which an adaptive rule computes to
rounding. The derivatives are integrals of the density along the same edges,

    ∂m_i/∂ψ_j = -∫_{C_i ∩ C_j} p₁ / (2|x₀ᵢ - x₀ⱼ|),     ∂m_i/∂ψ_i = -Σ_j ∂m_i/∂ψ_j.

Source: Aurenhammer, "Power diagrams" (1987); Mérigot, "A multiscale approach to optimal transport"
(2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.numerics.quadrature import Integrand, integrate
from flowviz.core.numerics.work import spend
from flowviz.core.priors.base import Prior

TAIL = 1e-10
"""Mass outside of the box, on either side of a coordinate: farther out corners lose digits."""
_TOLERANCE, _SINGULAR_TOLERANCE = 1e-13, 1e-10
"""Errors allowed in a panel: where the density is infinite at its edges they fall slowly."""
_BUDGET = 1 << 22
_NODES = 15  # of a panel
_BOX = -1  # the neighbour beyond an edge of the box


@dataclass(frozen=True)
class Polygons:
    """Convex polygons, counter-clockwise.

    ``corner`` (N, M, 2), of which each polygon has ``count`` (N,); ``neighbour`` (N, M), the cell
    beyond the edge from a corner to the next, -1 for the box.
    """

    corner: Tensor
    neighbour: Tensor
    count: Tensor

    def edges(self) -> Edges:
        """All edges of positive length."""
        n, m = self.neighbour.shape
        k = torch.arange(m)
        following = torch.where(k + 1 < self.count[:, None], k + 1, 0)
        end = self.corner.gather(1, following[..., None].expand(-1, -1, 2))
        kept = (k < self.count[:, None]) & (end != self.corner).any(-1)
        cell = torch.arange(n)[:, None].expand(n, m)
        return Edges(cell[kept], self.neighbour[kept], self.corner[kept], end[kept])


@dataclass(frozen=True)
class Edges:
    """Edges of cells: ``cell`` and ``neighbour`` (E,), from ``start`` to ``end`` (E, 2)."""

    cell: Tensor
    neighbour: Tensor
    start: Tensor
    end: Tensor


def box(prior: Prior, like: Tensor) -> Tensor:
    """Corners of the box that holds the prior's mass, counter-clockwise, (4, 2)."""
    low, high = prior.support if prior.compact else (-torch.inf, torch.inf)
    (a, b), (c, d) = prior.intervals(TAIL, 2)
    a, c, b, d = max(a, low), max(c, low), min(b, high), min(d, high)
    return like.new_tensor([[a, c], [b, c], [b, d], [a, d]])


def laguerre_cells(x0: Tensor, psi: Tensor, corners: Tensor) -> Polygons:
    """The cells of data points (N, 2) with weights ψ (N,), within a box."""
    n = len(x0)
    corner = corners.expand(n, -1, -1).clone()
    neighbour = torch.full((n, len(corners)), _BOX)
    count = torch.full((n,), len(corners))
    height = x0.square().sum(1) - psi
    polygons = Polygons(corner, neighbour, count)
    for j in range(n):
        spend(polygons.corner.numel(), 4.0)
        normal, offset = 2.0 * (x0[j] - x0), height[j] - height
        # A cell is not cut by its own half plane.
        offset[j] = torch.inf
        polygons = _cut(polygons, normal, offset, j)
    return polygons


def _cut(polygons: Polygons, normal: Tensor, offset: Tensor, label: int) -> Polygons:
    """The parts of the polygons with normal·x ≤ offset."""
    corner, m = polygons.corner, polygons.corner.shape[1]
    k = torch.arange(m)
    real = k < polygons.count[:, None]
    following = torch.where(k + 1 < polygons.count[:, None], k + 1, 0)
    beyond = (corner * normal[:, None]).sum(-1) - offset[:, None]
    inside, after = beyond <= 0.0, beyond.gather(1, following)
    if bool((inside | ~real).all()):
        return polygons
    end = corner.gather(1, following[..., None].expand(-1, -1, 2))
    share = (beyond / (beyond - after)).nan_to_num(0.0, 0.0, 0.0).clamp(0.0, 1.0)[..., None]
    crossing = torch.lerp(corner, end, share)
    leaves, enters = inside & (after > 0.0), ~inside & (after <= 0.0)
    # Each corner is followed by where its edge crosses the line.
    made = torch.stack([corner, crossing], dim=2).flatten(1, 2)
    kept = torch.stack([inside & real, (leaves | enters) & real], dim=2).flatten(1)
    beside = torch.where(leaves, label, polygons.neighbour)
    beside = torch.stack([polygons.neighbour, beside], dim=2).flatten(1)
    count = kept.sum(1)
    order = (~kept).long().argsort(dim=1, stable=True)[:, : max(1, int(count.max()))]
    made = made.gather(1, order[..., None].expand(-1, -1, 2))
    return Polygons(made, beside.gather(1, order), count)


def masses(prior: Prior, edges: Edges, n: int) -> Tensor:
    """The masses of n cells, (n,), as shares of that of the box."""
    along = edges.end - edges.start
    outward = torch.stack([along[:, 1], -along[:, 0]], dim=1)

    def flux(s: Tensor, row: Tensor) -> Tensor:
        at = torch.addcmul(edges.start[row], s[:, None], along[row])
        return (prior.mass_flux(at) * outward[row]).sum(-1)

    found = _along(prior, edges, flux)
    found = found.new_zeros(n).index_add_(0, edges.cell, found)
    return found / found.sum()


def derivatives(prior: Prior, edges: Edges, x0: Tensor) -> Tensor:
    """∂m_i/∂ψ_j, (N, N)."""
    shared = edges.neighbour != _BOX
    inner = Edges(*(v[shared] for v in (edges.cell, edges.neighbour, edges.start, edges.end)))
    along = inner.end - inner.start

    def density(s: Tensor, row: Tensor) -> Tensor:
        return prior.prob(torch.addcmul(inner.start[row], s[:, None], along[row]))

    distance = (x0[inner.cell] - x0[inner.neighbour]).norm(dim=1)
    rate = _along(prior, inner, density) * along.norm(dim=1) / (2.0 * distance)
    matrix = x0.new_zeros(len(x0), len(x0))
    matrix.index_put_((inner.cell, inner.neighbour), -rate, accumulate=True)
    return matrix - torch.diag(matrix.sum(1))


def _along(prior: Prior, edges: Edges, function: Integrand) -> Tensor:
    """∫₀¹ of a function of the share of each edge and its index, (E,)."""
    ends = _panels(prior, edges)
    jumps = torch.ones_like(ends, dtype=torch.bool)
    singular = prior.has_singular_edges
    spend(ends.numel() * _NODES, prior.cost)
    tolerance = _SINGULAR_TOLERANCE if singular else _TOLERANCE
    return integrate(function, ends, jumps, _BUDGET, tolerance, singular)[0]


def _panels(prior: Prior, edges: Edges) -> Tensor:
    """Ends of panels of each edge in [0, 1], (E, K): graded around its point nearest to the centre.

    Also where the edge crosses a breakpoint of the density or the circle of its support.
    """
    start, along = edges.start, edges.end - edges.start
    length = along.norm(dim=1, keepdim=True)
    nearest = -((start - prior.centre) * along).sum(1, keepdim=True) / length.square()
    low, high = prior.interval(0.25)
    unit = min(0.5 * (high - low), prior.min_mode_width or 0.5 * (high - low))
    reach = max(float(length.max()) / unit, 1.0)
    steps = unit * 2.0 ** torch.arange(0.0, torch.log2(torch.tensor(reach)).item() + 2.0)
    steps = torch.cat([-steps.flip(0), steps.new_zeros(1), steps]).to(start)
    ends = [nearest + steps / length, start.new_tensor([0.0, 1.0]).expand(len(start), -1)]
    if prior.product:
        points = start.new_tensor(prior.breakpoints)
        ends += [(points - start[:, j, None]) / along[:, j, None] for j in range(2)]
    elif prior.compact:
        gap = (start - prior.centre + nearest * along).square().sum(1, keepdim=True)
        half = (prior.support[1] ** 2 - gap).clamp(min=0.0).sqrt() / length
        ends += [nearest - half, nearest + half]
    return torch.cat(ends, dim=1).nan_to_num(0.0, 0.0, 0.0).clamp(0.0, 1.0).sort(1).values
