"""Minibatch optimal transport: pairs by the least cost within batches of B (MATH §6).

B samples of the prior and B of the data are drawn, and paired so that Σ |x₁ - x₀|² over the batch
is least. B = 1 is the independent coupling; as B grows the cost falls to that of optimal transport.
There is no formula for its conditional priors: it is known by samples alone.

Source: Pooladian et al., "Multisample flow matching" (2023); Tong et al., "Improving and
generalizing flow-based generative models with minibatch optimal transport" (2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from flowviz.core.field import FlowDefinition
from flowviz.core.numerics.arguments import require_integer
from flowviz.core.numerics.work import spend
from flowviz.core.priors.base import require

LARGEST = 256
"""Most samples of a batch: the assignment takes some B³ operations."""


@dataclass(frozen=True)
class MinibatchPairs:
    """Pairs of all batches: ``x1`` (K, d) and the ``index`` (K,) of the data point of each.

    ``cost`` is the mean of |x₁ - x₀|², and ``error`` its standard error: batches are independent.
    """

    x1: Tensor
    index: Tensor
    cost: float
    error: float


def minibatch_pairs(
    flow: FlowDefinition, size: int, batches: int, generator: torch.Generator
) -> MinibatchPairs:
    """Draw batches and pair each by optimal transport.

    Args:
        flow: data points, weights and prior.
        size: samples of a batch, B, from 1 to 256.
        batches: their number, at least 2.
        generator: of the samples.
    """
    require_integer(size, "size")
    require_integer(batches, "batches")
    require(1 <= size <= LARGEST, f"size must be from 1 to {LARGEST}, got {size}")
    require(batches >= 2, f"batches must be at least 2, got {batches}")
    d, n = flow.d, size * batches
    x1 = flow.prior.sample(n, d, generator, dtype=flow.x0.dtype).reshape(batches, size, d)
    drawn = torch.multinomial(flow.weights, n, replacement=True, generator=generator)
    drawn = drawn.reshape(batches, size)
    index = torch.empty_like(drawn)
    for k in range(batches):
        costs = torch.cdist(x1[k], flow.x0[drawn[k]]).square()
        spend(size**2, 10.0)
        index[k] = drawn[k][torch.from_numpy(linear_sum_assignment(costs.numpy())[1])]
    each = (x1 - flow.x0[index]).square().sum(-1).mean(1)
    error = float(each.std() / batches**0.5)
    return MinibatchPairs(x1.flatten(0, 1), index.flatten(), float(each.mean()), error)
