"""Uniform priors: trajectories are polygons, computed exactly from one vertex to the next.

Let the prior be uniform on a convex bounded set K (a box, a disk). The endpoint of data point i is
z_i = φ_u(x|x₀ᵢ), and its posterior weight is w_i if z_i lies in K and 0 otherwise, up to the common
factor. Call such a data point *active*. With v = 1/u and z = x/u the straight-line flow reads
(MATH §3.3)

    dz/dv = D,     D = the weighted mean of the active data points,     z_i = z - (v - 1) x₀ᵢ.

D is constant until an endpoint z_i, which moves with the constant velocity D - x₀ᵢ, leaves K. The
time of that is the root of a linear (box) or quadratic (disk) equation. So no step size and no
error estimate are needed: only the exits, in order.

*A data point that was left never becomes active again.* With s = v - 1 and q = z/s = x/α the active
data points are those in the convex set q - K/s, and

    dq/ds = (D - q)/s,      d(1/s)/ds = -(1/s)/s:

the set moves by the homothety with centre D and ratio 1 - ds/s. Its centre is a mean of points of
the set, hence in the set, and the ratio is below 1: the set only shrinks.

*No trajectory enters p_t = 0.* When z_i leaves K, D jumps from a mean that includes x₀ᵢ to one that
does not. Both move z_i in the same direction, W/(W+w)(x̄ - x₀ᵢ) and x̄ - x₀ᵢ, so z_i crosses the
boundary and never slides along it. While only one data point is active, its z_i is constant: it
never leaves. A trajectory on a separatrix, where all remaining endpoints leave at the same time, is
assigned to one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.work import spend
from flowviz.core.priors.base import Prior

_COST = 3.0
"""Units of work for one data point in one pass."""


@dataclass(frozen=True)
class Polygons:
    """Positions ``x`` (Q, T, d), the ``basin`` (Q,) reached, and how many ``events`` (exits)."""

    x: Tensor
    basin: Tensor
    events: int


def polygons(
    x0: Tensor,
    weights: Tensor,
    prior: Prior,
    x1: Tensor,
    u: Tensor,
    progress: Progress | None = None,
) -> Polygons:
    """Follow the straight-line flow of a uniform prior from x₁ to the data, for any number of them.

    The cost is O(N²) for each trajectory: N exits, and the next one is the first of N times.

    Args:
        x0: distinct data points, (N, d).
        weights: (N,).
        prior: a prior with ``uniform_density``.
        x1: prior positions inside its support, (Q, d).
        u: straight-line times in (0, 1), (T,).
        progress: called with the fraction of the exits done, after every pass.
    """
    q, n = x1.shape[0], x0.shape[0]
    v_out = 1.0 / u
    x = x1.new_empty(q, u.numel(), x1.shape[1])
    z, v = x1.clone(), x1.new_ones(q)
    active = torch.ones(q, n, dtype=torch.bool, device=x1.device)
    rows = torch.arange(q, device=x1.device)
    basin = torch.zeros_like(rows)
    moments = torch.cat([weights[:, None], weights[:, None] * x0], dim=1)
    rounding = 8.0 * torch.finfo(x1.dtype).eps
    events = 0
    while rows.numel():  # every pass makes at least one data point of every row inactive
        spend(rows.numel() * n, _COST)
        sums = active.to(x1.dtype) @ moments
        mean = sums[:, 1:] / sums[:, :1]
        endpoints = z[:, None] - (v - 1.0)[:, None, None] * x0
        exits = prior.exit_times(endpoints, mean[:, None] - x0).clamp(min=0.0)
        # Where D equals a data point its endpoint does not move (0/0); nor does a single one's,
        # but for rounding.
        moving = active & (active.sum(1, keepdim=True) > 1) & ~exits.isnan()
        exits = torch.where(moving, exits, torch.inf)
        first = exits.amin(1)
        v_next = v + first
        row, column = ((v_out > v[:, None]) & (v_out <= v_next[:, None])).nonzero(as_tuple=True)
        ahead = (v_out[column] - v[row])[:, None]
        x[rows[row], column] = u[column, None] * (z[row] + ahead * mean[row])
        done = torch.isinf(first)
        if bool(done.any()):
            basin[rows[done]] = active[done].to(torch.int8).argmax(1)
            rows, z, v, active, exits, first, mean, v_next = (
                a[~done] for a in (rows, z, v, active, exits, first, mean, v_next)
            )
        events += rows.numel()
        if progress is not None:
            progress(min(1.0, events / (q * n)))
        left = exits <= (first + rounding * (v + first))[:, None]
        after = active & ~left
        # On a separatrix all leave at once: one of those that leave last remains.
        last = torch.nn.functional.one_hot(torch.where(active, exits, -1.0).argmax(1), n).bool()
        active = torch.where(after.any(1, keepdim=True), after, last)
        z, v = z + first[:, None] * mean, v_next
    return Polygons(x, basin, events)
