"""Test of counts against given probabilities: one p-value for a multinomial sample.

Of n draws a cell of probability w receives a binomial number. Cells that expect fewer than
`EXPECTED` draws are merged, by their probabilities alone, which leaves K cells; with c_k draws in
cell k

    p = min(1, K · min_k 2 min(P(C ≤ c_k), P(C ≥ c_k))),      C binomial with n and w_k.

Both tails are exact, and P(p ≤ α) ≤ α for every α, n and number of cells (Bonferroni 1936), which a
χ² test does not guarantee where cells are rare.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

EXPECTED = 5.0
"""Least expected number of draws in a cell, where there is more than one."""


def p_value(counts: Tensor, probabilities: Tensor) -> float:
    """The probability that chance alone makes a difference this large, or a bound above it.

    Args:
        counts: draws in each cell, whole numbers, (N,).
        probabilities: of the cells, adding up to 1, (N,); a draw where it is 0 makes p = 0.
    """
    counts, probabilities = counts.double().cpu(), probabilities.double().cpu()
    if bool((counts[probabilities <= 0] > 0).any()):
        return 0.0
    n = int(counts.sum())
    cell = _merged(n * probabilities)
    size = int(cell.max()) + 1
    count, probability = (
        torch.zeros(size, dtype=torch.float64).index_add_(0, cell, v)
        for v in (counts, probabilities)
    )
    return min(1.0, size * 2.0 * float(_tail(count, n, probability).min()))


def _merged(expected: Tensor) -> Tensor:
    """The merged cell of each cell, (N,), beginning with the rarest.

    The remainder of the rare ones joins the last merged cell, not a frequent one.
    """
    ordered, order = expected.sort(stable=True)
    rare = int((ordered < EXPECTED).sum())
    number, total = torch.zeros(len(order), dtype=torch.long), 0.0
    cell = 0
    for index, draws in enumerate(ordered[:rare].tolist()):
        number[index] = cell
        total += draws
        if total >= EXPECTED:
            cell, total = cell + 1, 0.0
    number[:rare].clamp_(max=max(cell - 1, 0))
    # If all rare ones together are too few, they join the least frequent of the others.
    number[rare:] = cell + torch.arange(len(order) - rare)
    merged = torch.empty_like(number)
    merged[order] = number
    return merged


def _tail(count: Tensor, n: int, probability: Tensor) -> Tensor:
    """The smaller of P(C ≤ count) and P(C ≥ count), C binomial with n trials, (K,)."""
    k = torch.arange(n + 1, dtype=torch.float64)
    log_binomial = math.lgamma(n + 1) - torch.lgamma(k + 1) - torch.lgamma(n - k + 1)
    p = probability.clamp(max=1.0)[:, None]
    pmf = (log_binomial + torch.xlogy(k, p) + torch.xlogy(n - k, 1.0 - p)).exp()
    lower = (pmf * (k <= count[:, None])).sum(1)
    upper = (pmf * (k >= count[:, None])).sum(1)
    return torch.minimum(lower, upper)
