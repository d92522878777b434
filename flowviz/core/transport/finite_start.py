"""Shares of a flow that begins at a finite distance, from one mass at the origin (MATH §7).

In x = x₀ + T z the flow of gravity comes from T = ∞, which is t = T/(1 + T) = 1. Begun at a finite
T it has to start from some distribution: as published, that of one mass at the origin, T z. The
exact flow at T has the density p_T(x) = Σ w_i q((x - x₀ᵢ)/T)/T^d, q the prior; so the share of a
data point is a mean over trajectories of the exact flow with weights

    share_i(T) = E[1_i ρ],      ρ = q(x/T) / Σ_j w_j q((x - x₀ⱼ)/T),      E[ρ] = 1,

and share_i - w_i = E[1_i (ρ - 1)], which is small where T is large: no share is lost in the noise.

Source: Xu, Liu, Tegmark, Jaakkola, "Poisson flow generative models" (2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.work import spend
from flowviz.core.priors.base import require
from flowviz.core.schedules import Linear
from flowviz.core.transport.trajectories import Trajectories


@dataclass(frozen=True)
class FiniteStart:
    """``distance`` (T,); ``share`` (T, N) of each data point, and its standard ``error`` (T, N)."""

    distance: Tensor
    share: Tensor
    error: Tensor


def finite_start(field: MarginalField, found: Trajectories) -> FiniteStart:
    """The shares when the flow is begun at the distances T = t/(1 - t) of some trajectories.

    Args:
        field: straight lines x = (1-t) x₀ + t x₁, under a prior without edges.
        found: its trajectories, at times in (0, 1), from samples or even quantiles of the prior.
    """
    straight = isinstance(field.path.affine_schedule, Linear)
    require(straight and not field.prior.compact, "a finite start needs straight lines, no edges")
    inside = bool(((found.t > 0) & (found.t < 1)).all())
    require(inside, f"times must lie in (0, 1), got {found.t.tolist()!r}")
    distance, q = found.t / (1.0 - found.t), len(found.x)
    one = torch.nn.functional.one_hot(found.basin, field.n).to(field.x0)
    shares, errors = [], []
    for k, far in enumerate(distance):
        spend(q * field.n, field.prior.cost)
        x = found.x[:, k] / (1.0 - found.t[k])
        each = field.prior.log_prob((x[:, None] - field.x0) / far) + field.weights.log()
        ratio = (field.prior.log_prob(x / far) - each.logsumexp(1)).exp()
        gain = one * (ratio - 1.0)[:, None]
        shares.append(field.weights + gain.mean(0))
        errors.append(gain.std(0) / q**0.5)
    return FiniteStart(distance, torch.stack(shares), torch.stack(errors))
