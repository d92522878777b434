"""Basins: which prior positions flow to which data point (MATH §3.4)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import FlowDefinition, MarginalField
from flowviz.core.numerics.arguments import (
    Numbers,
    as_axes,
    require_integer,
)
from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.work import at_work
from flowviz.core.priors.base import require
from flowviz.core.transport.line_ends import ordered
from flowviz.core.transport.trajectories import straight_fan, trajectories


@dataclass(frozen=True)
class Basins:
    """Which prior positions flow to which data point, for d = 1.

    ``index`` (K,), a data point for each distinct position, from left to right; ``mass`` (K,), the
    prior mass of its basin; ``edges`` (K+1,), the separatrices between them and the support's ends.
    """

    index: Tensor
    mass: Tensor
    edges: Tensor


def basins(field: FlowDefinition) -> Basins:
    """The basins of the data points for d = 1 (MATH §3.4).

    x₁ flows to the k-th point from the left when F₁(x₁) lies between the sums of the first k - 1
    and the first k weights.
    """
    line = ordered(field)
    inner_low, inner_high = line.below[1:], line.above[:-1]
    cut = torch.where(inner_low <= 0.5, field.prior.icdf(inner_low), field.prior.isf(inner_high))
    low, high = (torch.tensor([v], dtype=cut.dtype, device=cut.device) for v in field.prior.support)
    return Basins(line.index, line.weights, torch.cat([low, cut, high]))


@dataclass(frozen=True)
class BasinMap:
    """Which prior positions of the plane flow to which data point.

    ``axes`` two vectors; ``index`` (X, Y), the data point each position flows to, -1 where the
    prior has no mass; ``mass`` (N,), the fraction of prior samples that reach each; ``noise`` (N,),
    its standard error; ``exact`` (N,), its exact value: the weights (MATH §3.4); ``draws``, the
    number of prior samples followed: fewer than asked for where the budget is spent;
    ``out_of_budget``, whether it was spent before all positions were followed.
    """

    axes: tuple[Tensor, ...]
    index: Tensor
    mass: Tensor
    noise: Tensor
    exact: Tensor
    draws: int
    out_of_budget: bool = False


def basin_map(
    field: MarginalField,
    axes: Sequence[Numbers],
    draws: int = 2000,
    seed: int = 0,
    tolerance: float = 1e-6,
    progress: Progress | None = None,
    budget: float = math.inf,
) -> BasinMap:
    """Solve for the basins of all positions of a grid, and of prior samples, for d = 2.

    A basin does not depend on the schedule, though it does on the family. Equal data points have
    one basin, with the index of the first and the sum of their weights.

    Args:
        field: the flow.
        axes: x and y positions of the grid.
        draws: number of prior samples that estimate the masses.
        seed: of those samples.
        tolerance: as for ``trajectories``.
        progress: as for ``trajectories``.
        budget: as for ``trajectories``; samples come first, and the index of a position that was
            not reached is -1.
    """
    require(field.d == 2, f"a basin map needs d = 2, got d={field.d}")
    require_integer(draws, "draws")
    axes = as_axes(axes, 2, field.x0)
    nodes = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, 2)
    inside = field.prior.log_prob(nodes) > -torch.inf
    generator = torch.Generator().manual_seed(seed)
    samples = field.prior.sample(draws, 2, generator, dtype=nodes.dtype).to(nodes)
    solve = trajectories if field.path.affine_schedule is None else straight_fan
    x1, start = torch.cat([samples, nodes[inside]]), nodes.new_zeros(1)
    with at_work() as work:
        ends = solve(field, x1, start, tolerance, progress=progress, budget=budget).basin
    out_of_budget = len(ends) < len(x1) and work.spent >= budget
    index = torch.full((nodes.shape[0],), -1, device=nodes.device)
    index[inside.nonzero()[: max(0, len(ends) - draws), 0]] = ends[draws:]
    draws = min(draws, len(ends))
    mass = torch.bincount(ends[:draws], minlength=field.n).to(nodes) / draws
    merged, first = field.merged()
    exact = torch.zeros_like(mass).index_put_((first,), merged.weights)
    noise = (exact * (1.0 - exact) / draws).sqrt()
    index = index.reshape(len(axes[0]), len(axes[1]))
    return BasinMap(axes, index, mass, noise, exact, draws, out_of_budget)
