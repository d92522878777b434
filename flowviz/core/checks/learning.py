"""Checks of the loss floor, and of the basins of particles that solvers are evaluated on."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.checks.invariants import Check
from flowviz.core.checks.superposition import ReferenceData, direct_variance
from flowviz.core.field import MarginalField

FLOOR_BOUND = 5.0
PARTICLE_WEIGHTS_BOUND = 1e-9
_POSITIONS, _PAIRS = 8192, 100_000


class Groups(NamedTuple):
    """The labels of data points, (N,), and the probability that an example's is left out."""

    label: Tensor
    dropout: float


def floor(
    field: MarginalField,
    reference: ReferenceData,
    shown: tuple[float, float],
    t_min: float,
    sampling: str = "uniform",
    groups: Groups | None = None,
    seed: int = 4,
) -> Check:
    """|E Var[f_t(x|x₀)] - floor| in standard errors, with the mean by direct sums (MATH §4).

    Args:
        field: the flow, for its family and its prior.
        reference: its data points and weights.
        shown: the floor and its standard error.
        t_min: the smallest time.
        sampling: distribution of the times, "uniform" or "logit_normal".
        groups: where examples have labels; the variance is then that within what is known.
        seed: of the positions.
    """
    n = max(64, min(_POSITIONS, _PAIRS // len(reference.x0)))
    generator = torch.Generator().manual_seed(seed)
    u = torch.rand(n, generator=generator, dtype=torch.float64)
    if sampling == "logit_normal":
        u = torch.sigmoid(torch.randn(n, generator=generator, dtype=torch.float64))
    t = (t_min + (1.0 - t_min) * u).clamp(max=0.99)  # for differences on both sides
    which = torch.multinomial(reference.weights.double(), n, replacement=True, generator=generator)
    x1 = field.prior.sample(n, reference.x0.shape[1], generator)
    x = field.path.forward(x1[:, None], reference.x0[which][:, None], t)[:, 0]
    variance = direct_variance(field, reference, x, t)
    if groups:
        known = torch.rand(n, generator=generator) >= groups.dropout
        for y in groups.label.unique():
            chosen, of_class = known & (groups.label[which] == y), groups.label == y
            own = ReferenceData(reference.x0[of_class], reference.weights[of_class])
            variance[chosen] = direct_variance(field, own, x[chosen], t[chosen])
    error = (variance.var() / n + shown[1] ** 2).sqrt()
    gap = (variance.mean() - shown[0]).abs()
    return Check(float(gap / error) if float(gap) > 0.0 else 0.0, FLOOR_BOUND)


def particle_weights(reference: ReferenceData, weight: Tensor, basin: Tensor) -> Check:
    """The largest difference between a data point's weight and the weight of its particles.

    If all particles have the same weight, the bound allows one at either end of a basin.

    Args:
        reference: data points (N, d) and weights (N,).
        weight: of each particle, (Q,).
        basin: the index of its data point, (Q,).
    """
    points, group = torch.unique(reference.x0, dim=0, return_inverse=True)
    exact, found = (torch.zeros(len(points), dtype=torch.float64) for _ in range(2))
    exact.index_add_(0, group, reference.weights.double() / reference.weights.double().sum())
    found.index_add_(0, group[basin], weight.double())
    equal = float(weight.max()) == float(weight.min())
    bound = PARTICLE_WEIGHTS_BOUND + (2.0 * float(weight.max()) if equal else 0.0)
    return Check(float((found - exact).abs().max()), bound)
