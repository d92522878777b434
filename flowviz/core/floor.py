"""The floor of the loss: what no network gets under (MATH §4).

    floor = E_{t, x_t} Var_{r(·|x_t)}[f_t(x_t|x₀)]

A position may have come from several data points, each with its own velocity; the loss asks for one
answer, the mean, and pays for the spread. The spread is computed at every position from the exact
posterior, so that only (t, x_t) is averaged by draws. They are spread evenly (module ``draws``), in
a few independent scramblings whose differences give the standard error.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.blocks import blocks
from flowviz.core.draws import Draws
from flowviz.core.field import MarginalField

_RUNS = 8
"""Independent scramblings."""

_PAIRS = 1 << 24
"""Pairs of position and data point that one floor may look at."""


@dataclass(frozen=True)
class Floor:
    """A mean and its standard error."""

    value: float
    error: float


def loss_floor(
    field: MarginalField,
    t_min: float,
    sampling: str = "uniform",
    target: str = "conditional",
    seed: int = 0,
) -> Floor:
    """The least loss that conditional flow matching can have.

    Args:
        field: the exact flow.
        t_min: the earliest time.
        sampling: how times are drawn, "uniform" or "logit_normal".
        target: "conditional"; for "exact" the floor is 0.
        seed: of the draws.

    Returns:
        The floor and its standard error.
    """
    if target == "exact":
        return Floor(0.0, 0.0)
    n = max(64, min(4096, _PAIRS // (_RUNS * field.n)))
    n = 1 << (n.bit_length() - 1)
    means = []
    for run in range(_RUNS):
        pairs = Draws(field, t_min, sampling, seed=1_000_003 * (seed + 1) + run)(0, n)
        means.append(spread(field, pairs.x, pairs.t).nanmean())
    values = torch.stack(means)
    return Floor(float(values.mean()), float(values.std() / len(values) ** 0.5))


def spread(field: MarginalField, x: Tensor, t: Tensor) -> Tensor:
    """Var_{r(·|x)}[f_t(x|x₀)], summed over coordinates; (Q, d), (Q,) -> (Q,)."""
    parts = []
    for block in blocks(x.shape[0], field.x0.numel()):
        seen = field.probe(x[block], t[block])
        away = (seen.conditional - seen.velocity[:, None]).square().sum(-1)
        # A data point without weight here may have no velocity here either.
        parts.append((seen.posterior * torch.where(seen.posterior > 0, away, 0.0)).sum(-1))
    return torch.cat(parts)
