"""The density of a flow in d = 1 on cells (t, x), as a picture shows it: its mass is that of p_t.

Where p_t is smooth over a cell, its value at the cell's centre is its mean,

    p̄_t(x) = (F_t(x + h/2) - F_t(x - h/2))/h ≈ p_t(x).

Near t = 0, and at the edges of a bounded prior, it is not: there the mean is taken. Where a prior's
density jumps, at z = b, so does that of each data point,

    x_i(t) = ψ_t(b|x₀ᵢ),   by   w_i (p₁(b⁺) - p₁(b⁻)) |∂φ_t/∂x|,

which a mean over cells cannot show: these edges are known exactly.

Where it is infinite, the mean over the cell at the edge depends on where in it the edge lies, by
up to 42 %: along an edge that moves a picture would show a moiré. There a cell has the mean over
itself and its neighbours, weighted so that the largest changes by 3 % only.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field.marginal import MarginalField
from flowviz.core.numerics.chunks import Progress
from flowviz.core.priors.base import Prior

MASS_TOLERANCE = 2e-3
"""The largest error of the mass at one time, summed over values at the cells' centres."""
_MAX_PAIRS = 2e7
"""The most pairs of a cell and a data point of which means are taken."""
_CHUNK = 32  # times whose means are taken together, between two reports of progress
_MEAN = (1.0,)
_MEAN_BESIDE_EDGES = (3 / 19, 4 / 19, 5 / 19, 4 / 19, 3 / 19)
"""Weights of cells for which the largest sum of ∫ dx/√x over them is nearly the same wherever in a
cell the edge lies."""
_BESIDE = 1e-9
_MAX_JUMPS = 64
_WIDE = 6.0  # cells
_JUMP_NODES = 97


@dataclass(frozen=True)
class Jumps:
    """Where p_t jumps: at ``t`` (J,) the positions ``x`` (K, J) and heights ``height`` (K, J).

    A height is the density right of the jump less that left of it; at t = 0 it is infinite.
    """

    t: Tensor
    x: Tensor
    height: Tensor


def cell_density(
    field: MarginalField, x: Tensor, t: Tensor, progress: Progress | None = None
) -> Tensor:
    """p_t over cells of equal width around x, (T, X); NaN where there is none.

    Args:
        field: a flow of the line.
        x: the cells' centres, (X,).
        t: times in (0, 1], (T,).
        progress: called with the fraction done.
    """
    edged = mean_weights(field.prior) or field.conditional is not None
    if field.path.monotone and edged and _pairs(field, x, t) <= _MAX_PAIRS:
        return _means(field, x, t, progress)
    grid = field.grid((x,), t, progress)
    p = torch.where(grid.log_p == -torch.inf, torch.nan, grid.p)
    if field.path.monotone:
        wrong = _wrong_times(field, p, x, t)
        p[wrong] = _means(field, x, t[wrong])
    return p


def mean_weights(prior: Prior) -> tuple[float, ...]:
    """The weights of a cell and its neighbours in the mean of the cell: of an odd number of cells.

    There are none where a prior's density neither jumps nor is infinite: then means are taken only
    at times at which values at the cells' centres have a wrong sum, and over the cell alone.
    """
    if prior.has_singular_edges:
        return _MEAN_BESIDE_EDGES
    return _MEAN if len(steps(prior)[0]) else ()


def ends_of_cells(x: Tensor, weights: tuple[float, ...]) -> Tensor:
    """The ends of the K cells, ``x`` (X,) and neighbours, that weigh in the means, (K + 1,)."""
    count = x.numel() + len(weights)
    places = torch.arange(count, dtype=x.dtype, device=x.device) - 0.5 * len(weights)
    return x[0] + places * (x[-1] - x[0]) / (x.numel() - 1)


def weighted_means(cdf: Tensor, width: Tensor, weights: tuple[float, ...]) -> Tensor:
    """The means of cells from the distribution function at `ends_of_cells`, (..., X)."""
    cells = cdf.diff().unfold(-1, len(weights), 1)
    return cells @ cdf.new_tensor(weights) / width


def _pairs(field: MarginalField, x: Tensor, t: Tensor) -> int:
    return x.numel() * t.numel() * field.n


def _wrong_times(field: MarginalField, p: Tensor, x: Tensor, t: Tensor) -> Tensor:
    """The times at which values at the cells' centres have a wrong sum, the worst first."""
    half = 0.5 * (x[1] - x[0])
    low, high = (
        field.cdf(end.expand(t.numel())[:, None], t) for end in (x[0] - half, x[-1] + half)
    )
    error = (2.0 * half * p.nansum(1) - (high - low)).abs().nan_to_num(0.0)
    order = error.argsort(descending=True)
    return order[error[order] > MASS_TOLERANCE][: int(_MAX_PAIRS / (field.n * x.numel()))]


def _means(field: MarginalField, x: Tensor, t: Tensor, progress: Progress | None = None) -> Tensor:
    """The mean of p_t over each cell, (T, X); NaN where p_t has no value."""
    weights = mean_weights(field.prior) or _MEAN
    width, edges = x[1] - x[0], ends_of_cells(x, weights)
    p = x.new_empty(t.numel(), x.numel())
    for first in range(0, t.numel(), _CHUNK):
        cdf = field.cdf_rows(edges, t[first : first + _CHUNK])
        p[first : first + _CHUNK] = weighted_means(cdf, width, weights)
        if progress is not None:
            progress(min(1.0, (first + _CHUNK) / t.numel()))
    empty = p <= 0.0
    if not field.prior.compact:  # else too small for a number, perhaps
        row, column = empty.nonzero(as_tuple=True)
        empty[row, column] = field.log_prob(x[column][:, None], t[row]) == -torch.inf
    return p.clamp(min=0.0).masked_fill(empty, torch.nan)


def jumps(field: MarginalField, width: float) -> Jumps | None:
    """Where p_t jumps; None for a continuous density, more than 64 jumps, or a coupling.

    Args:
        field: a flow of the line.
        width: of a cell: the times begin where the density between two jumps, unless it is
            constant, varies over several cells.
    """
    if field.conditional is not None:
        return None
    if field.d != 1 or not field.path.monotone or (found := drawn_steps(field)) is None:
        return None
    breaks, heights = found
    t = jump_times(field, width)
    b, times = breaks.repeat_interleave(t.numel())[:, None], t.repeat(breaks.numel())
    shape = (breaks.numel(), t.numel())
    x, height = [], []
    for i in range(field.n):
        x0 = field.x0[i : i + 1]
        at = field.path.forward(b, x0, times)[:, 0]
        log_det = field.path.log_det(at[times > 0], x0, times[times > 0])[:, 0]
        factor = torch.full_like(times, torch.inf)
        factor[times > 0] = log_det.exp()
        x.append(at.reshape(shape))
        height.append(field.weights[i] * heights[:, None] * factor.reshape(shape))
    return Jumps(t, torch.cat(x), torch.cat(height))


def drawn_steps(field: MarginalField) -> tuple[Tensor, Tensor] | None:
    """The prior's jumps as `steps` gives them; None where p_t has none, or more than 64."""
    breaks, heights = steps(field.prior)
    return (breaks, heights) if 0 < breaks.numel() * field.n <= _MAX_JUMPS else None


def jump_times(field: MarginalField, width: float) -> Tensor:
    """The times (J,) at which `jumps` are given."""
    # Denser towards the data, where a schedule may change like √t.
    t = torch.linspace(0.0, 1.0, _JUMP_NODES, dtype=torch.float64) ** 2
    if field.prior.uniform_density:
        return t
    x1 = field.prior.icdf(torch.tensor([0.25, 0.75], dtype=torch.float64))[:, None]
    quartiles = field.path.forward(x1.repeat(len(t), 1), field.x0, t.repeat_interleave(2))
    iqr = quartiles.reshape(len(t), 2, -1).diff(dim=1).abs().amin((1, 2))
    first = t[iqr < _WIDE * width].amax()
    return first + (1.0 - first) * t


def steps(prior: Prior) -> tuple[Tensor, Tensor]:
    """The prior's finite jumps: their positions (K,) and heights (K,)."""
    breaks = torch.tensor(prior.breakpoints, dtype=torch.float64)
    if prior.has_singular_edges or not breaks.numel():
        return breaks[:0], breaks[:0]
    width = _BESIDE * breaks.abs().clamp(min=1.0)
    heights = prior.pdf(breaks + width) - prior.pdf(breaks - width)
    chosen = heights.abs() > 1e-6 * prior.pdf(torch.stack([breaks - width, breaks + width])).max()
    return breaks[chosen], heights[chosen]
