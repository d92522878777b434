"""W₂ between two laws of finitely many points: the least root mean square distance to carry one
onto the other,

    W₂² = min over couplings π of Σ π_ij |x_i - y_j|².

On the line the best coupling keeps the order: both laws are sorted, and equal shares of
probability are matched, exactly and at once. Elsewhere n points against n points of the same
weight are an assignment (the Hungarian method). Points that each carry to the nearest of a few
ends need none: if every end gets its own share that way, nothing can be better.
"""

from __future__ import annotations

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from flowviz.core.prior_base import require


def w2_line(x: Tensor, y: Tensor, weight: Tensor) -> float:
    """W₂ between laws on the line that share their weights.

    Args:
        x: places of the one law, (Q,).
        y: places of the other, (Q,).
        weight: of the i-th place of both, (Q,), summing to 1.
    """
    (x, of_x), (y, of_y) = (_sorted(v, weight) for v in (x, y))
    cuts = torch.cat([of_x, of_y]).sort().values
    share = cuts.diff(prepend=cuts.new_zeros(1))
    middle = cuts - 0.5 * share
    here, there = (
        v[torch.searchsorted(total, middle).clamp(max=len(v) - 1)]
        for v, total in ((x, of_x), (y, of_y))
    )
    return float((share @ (here - there).square()).sqrt())


def _sorted(x: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Places from left to right, and the probability up to and with each."""
    x, order = x.sort()
    return x, weight[order].cumsum(0)


def w2_assigned(x: Tensor, y: Tensor) -> float:
    """W₂ between two sets of equally many points of equal weight, in any dimension.

    Args:
        x: (Q, d).
        y: (Q, d); fast where it holds few distinct places.
    """
    require(x.shape == y.shape, f"both sets need one shape, got {x.shape} and {y.shape}")
    ends, which = torch.unique(y, dim=0, return_inverse=True)
    cost = torch.cdist(x, ends).square()
    nearest = cost.argmin(1)
    if not torch.equal(nearest.bincount(minlength=len(ends)), which.bincount(minlength=len(ends))):
        rows, columns = linear_sum_assignment(cost[:, which].numpy())
        return float(cost[torch.from_numpy(rows), which[torch.from_numpy(columns)]].mean().sqrt())
    return float(cost.amin(1).mean().sqrt())
