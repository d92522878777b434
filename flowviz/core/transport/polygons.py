"""Flat priors: trajectories are polygons, followed exactly from edge to edge.

A prior with one height on a bounded support (a box, a disk) gives every data point it can reach
from x the same density, so the posterior weights depend only on *which* data points are in reach.
With v = 1/u and z = x/u the straight-line flow reads (MATH §3.3)

    dz/dv = D,     D = the weighted mean of the data points in reach,

and D is constant until z leaves the support placed around some data point, or enters another's:
z_i = z - (v - 1) x₀ᵢ, the free end φ_u(x|x₀ᵢ), moves with the constant velocity D - x₀ᵢ, and the
time at which it crosses the support's edge is a linear (box) or quadratic (disk) equation. So no
step size and no error estimate are needed: only crossings, in order.

*No trajectory enters p_t = 0.* Leaving the support of point i, D jumps from a mean that includes
x₀ᵢ to one that does not; both pull z_i the same way, W/(W+w)(x̄ - x₀ᵢ) and x̄ - x₀ᵢ, so the edge is
crossed and never slid along. With one point left in reach, z_i stands still: it is never left.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import Progress, blocks
from flowviz.core.priors.base import Prior

_FORMED = 1 << 21  # numbers formed at once


@dataclass(frozen=True)
class Polygons:
    """Positions ``x`` (Q, T, d) on the straight line, the ``basin`` (Q,) reached and ``events``."""

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
    """Follow the straight-line flow of a flat prior from x₁ to the data, however many there are.

    The time grows with the square of their number: each is left once, and all are asked when.

    Args:
        x0: distinct data points, (N, d).
        weights: (N,).
        prior: a flat prior.
        x1: prior positions inside its support, (Q, d).
        u: straight-line times in (0, 1), (T,).
        progress: told the share of the points out of reach, now and then.
    """
    parts = []
    for some in blocks(len(x1), 8 * x0.numel(), _FORMED):

        def report(share: float, some: slice = some) -> None:
            if progress is not None:
                progress((some.start + share * (some.stop - some.start)) / len(x1))

        parts.append(_polygons(x0, weights, prior, x1[some], u, report))
    if not parts:
        return _polygons(x0, weights, prior, x1, u, lambda share: None)
    x, basin = torch.cat([part.x for part in parts]), torch.cat([part.basin for part in parts])
    return Polygons(x, basin, sum(part.events for part in parts))


def _polygons(
    x0: Tensor, weights: Tensor, prior: Prior, x1: Tensor, u: Tensor, progress: Progress
) -> Polygons:
    q, n = x1.shape[0], x0.shape[0]
    v_asked = 1.0 / u
    shown = x1.new_empty(q, u.numel(), x1.shape[1])
    z, v = x1.clone(), x1.new_ones(q)
    within = torch.ones(q, n, dtype=torch.bool, device=x1.device)
    rows = torch.arange(q, device=x1.device)
    basin = torch.zeros_like(rows)
    moments = torch.cat([weights[:, None], weights[:, None] * x0], dim=1)
    rounding = 8.0 * torch.finfo(x1.dtype).eps
    events = 0
    # Each support is left at most once for each side of each other's push; this is far beyond it.
    for _ in range(20 * n + 100):
        sums = within.to(x1.dtype) @ moments
        pull = sums[:, 1:] / sums[:, :1]
        free = z[:, None] - (v - 1.0)[:, None, None] * x0
        enter, leave = prior.crossing_times(free, pull[:, None] - x0)
        coming = torch.where(enter > 0, enter, torch.inf)
        when = torch.where(within, leave.clamp(min=0.0), coming)
        # A data point that D falls upon stands still: it is not met, and not left.
        when = when.nan_to_num(torch.inf, posinf=torch.inf)
        # One data point in reach is never left: its own motion relative to z is rounding.
        when[within.sum(1) == 1] = torch.where(within, torch.inf, when)[within.sum(1) == 1]
        wait = when.amin(1)
        until = v + wait
        inside = (v_asked > v[:, None]) & (v_asked <= until[:, None])
        row, place = inside.nonzero(as_tuple=True)
        ahead = (v_asked[place] - v[row])[:, None]
        shown[rows[row], place] = u[place, None] * (z[row] + ahead * pull[row])
        done = torch.isinf(wait)
        if bool(done.any()):
            basin[rows[done]] = within[done].to(torch.int8).argmax(1)
            stay = ~done
            rows, z, v, within, when, wait, pull, until = (
                a[stay] for a in (rows, z, v, within, when, wait, pull, until)
            )
        if rows.numel() == 0:
            break
        events += rows.numel()
        progress(min(1.0, events / (q * n)))
        crossed = when <= (wait + rounding * (v + wait))[:, None]
        after = within ^ crossed
        # Edges that meet: never let rounding take the last support away.
        within = torch.where(after.any(1, keepdim=True), after, within & ~crossed | crossed)
        z, v = z + wait[:, None] * pull, until
    return Polygons(shown, basin, events)
