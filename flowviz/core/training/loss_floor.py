"""The floor of the loss: what no network gets under (MATH §4).

    floor = E_{t, x_t} Var_{r(·|x_t)}[f_t(x_t|x₀)]

A position may have come from several data points, each with its own velocity; the loss asks for one
answer, the mean, and pays for the variance. That is computed at every position from the exact
posterior, so that only (t, x_t) is averaged by draws. They fill space evenly (``sampling``), in a
few independent scramblings whose differences give the standard error.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.training.progress import Chunks, drain, pair_budget
from flowviz.core.training.sampling import PairSampler

_RUNS = 8
"""Independent scramblings."""

_MOST, _LEAST = 1 << 15, 64
"""Positions of a scrambling."""


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
    return drain(floor_in_chunks(field, t_min, sampling, target, seed))


def floor_in_chunks(
    field: MarginalField,
    t_min: float,
    sampling: str = "uniform",
    target: str = "conditional",
    seed: int = 0,
) -> Chunks[Floor]:
    """``loss_floor`` in chunks: a scrambling each."""
    if target == "exact":
        return Floor(0.0, 0.0)
    n = _positions(field)
    means = []
    for run in range(_RUNS):
        pairs = PairSampler(field, t_min, sampling, seed=1_000_003 * (seed + 1) + run)(0, n)
        means.append(posterior_variance(field, pairs.x, pairs.t).nanmean())
        yield n * field.n
    values = torch.stack(means)
    return Floor(float(values.mean()), float(values.std() / len(values) ** 0.5))


def _positions(field: MarginalField) -> int:
    """Of a scrambling: a power of two, as an even set needs it."""
    n = max(_LEAST, min(_MOST, pair_budget(field) // (_RUNS * field.n)))
    return 1 << (n.bit_length() - 1)


def floor_pairs(field: MarginalField) -> int:
    """How many pairs of position and data point a floor evaluates."""
    return _RUNS * _positions(field) * field.n


def posterior_variance(field: MarginalField, x: Tensor, t: Tensor) -> Tensor:
    """Var_{r(·|x)}[f_t(x|x₀)], summed over coordinates; (Q, d), (Q,) -> (Q,)."""
    one = _by_lens if field.path.affine_schedule is not None else _by_velocity
    parts = [one(field, x[block], t[block]) for block in blocks(x.shape[0], field.x0.numel())]
    return torch.cat(parts)


def _by_lens(field: MarginalField, x: Tensor, t: Tensor) -> Tensor:
    """For x = α x₀ + σ x₁ velocities differ by (α̇ - α σ̇/σ) x₀: the variance of x₀ is enough."""
    schedule = field.path.affine_schedule
    assert schedule is not None
    (alpha, sigma), (alpha_rate, sigma_rate) = schedule(t), schedule.rates(t)
    share = field.posterior_mean.posterior_or_nearest(x, alpha[:, None], sigma[:, None])
    centre = field.x0.mean(0)  # squares of what is left lose fewer digits
    offset = field.x0 - centre
    variance = share @ offset.square().sum(1) - (share @ offset).square().sum(1)
    return (alpha_rate - alpha * sigma_rate / sigma).square() * variance.clamp(min=0.0)


def _by_velocity(field: MarginalField, x: Tensor, t: Tensor) -> Tensor:
    at = field.probe(x, t)
    square = (at.conditional - at.velocity[:, None]).square().sum(-1)
    # A data point without weight here may have no velocity here either.
    return (at.posterior * torch.where(at.posterior > 0, square, 0.0)).sum(-1)
