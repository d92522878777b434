"""The floor of the loss: the least value that any network can reach (MATH §4).

    floor = E_{t, x_t} Var_{r(·|x_t)}[f_t(x_t|x₀)]

At a position several data points have posterior weight, with different conditional velocities; the
best prediction is their mean, and the loss is then their variance. The variance is computed exactly
at every position, so that only (t, x_t) is averaged over samples: Sobol points (``sampling``), in a
few independent scramblings whose differences give the standard error.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.training.progress import Chunks, pair_budget
from flowviz.core.training.sampling import PairSampler

_RUNS = 8
"""Independent scramblings."""

_MAX_POSITIONS, _MIN_POSITIONS = 1 << 15, 64
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
) -> Chunks[Floor]:
    """The least possible loss of conditional flow matching, in one chunk for each scrambling.

    Args:
        field: the exact flow.
        t_min: the smallest time.
        sampling: distribution of the times, "uniform" or "logit_normal".
        target: "conditional"; for "exact" the floor is 0.
        seed: of the samples.

    Returns:
        The floor and its standard error.
    """
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
    """Positions of a scrambling: a power of two, for a balanced Sobol set."""
    n = max(_MIN_POSITIONS, min(_MAX_POSITIONS, pair_budget(field) // (_RUNS * field.n)))
    return 1 << (n.bit_length() - 1)


def floor_pairs(field: MarginalField) -> int:
    """Number of pairs of a position and a data point that a floor evaluates."""
    return _RUNS * _positions(field) * field.n


def posterior_variance(field: MarginalField, x: Tensor, t: Tensor) -> Tensor:
    """Var_{r(·|x)}[f_t(x|x₀)], summed over coordinates; (Q, d), (Q,) -> (Q,)."""
    variance = _variance_of_x0 if field.path.affine_schedule is not None else _variance_of_velocity
    rows = [variance(field, x[block], t[block]) for block in blocks(x.shape[0], field.x0.numel())]
    return torch.cat(rows)


def _variance_of_x0(field: MarginalField, x: Tensor, t: Tensor) -> Tensor:
    """For x = α x₀ + σ x₁, where velocities differ by (α̇ - α σ̇/σ) x₀."""
    schedule = field.path.affine_schedule
    assert schedule is not None
    (alpha, sigma), (alpha_rate, sigma_rate) = schedule(t), schedule.rates(t)
    posterior = field.posterior_mean.posterior_or_nearest(x, alpha[:, None], sigma[:, None])
    offset = field.x0 - field.x0.mean(0)  # for less cancellation in the difference of squares
    variance = posterior @ offset.square().sum(1) - (posterior @ offset).square().sum(1)
    return (alpha_rate - alpha * sigma_rate / sigma).square() * variance.clamp(min=0.0)


def _variance_of_velocity(field: MarginalField, x: Tensor, t: Tensor) -> Tensor:
    at = field.probe(x, t)
    square = (at.conditional - at.velocity[:, None]).square().sum(-1)
    # Where a posterior weight is 0 the conditional velocity may be undefined.
    return (at.posterior * torch.where(at.posterior > 0, square, 0.0)).sum(-1)
