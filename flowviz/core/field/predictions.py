"""What a network may predict, for the exact field: velocity, denoiser, noise, score (MATH §9).

Each is the mean, with the posterior weights r_i, of its value for a single data point:

    velocity   f_t(x)          = Σ r_i f_t(x|x₀ᵢ)
    denoiser   E[x₀|x]  = D    = Σ r_i x₀ᵢ
    noise      E[x₁|x]         = Σ r_i φ_t(x|x₀ᵢ)
    score      ∇log p_t(x)     = Σ r_i ∇log p_t(x|x₀ᵢ)

For x = α x₀ + σ x₁ each of the first three follows from another by a linear map, because
x = α D + σ E[x₁|x] and f = α̇ D + σ̇ E[x₁|x]:

    D = (σ̇ x - σ f)/(α σ̇ - α̇ σ)        E[x₁|x] = (α f - α̇ x)/(α σ̇ - α̇ σ).

The score follows from them for a Gaussian prior N(m, s²) alone: ∇log p_t = -(E[x₁|x] - m)/(s² σ).
Under another it is no function of the velocity: under a uniform one it is 0 where p_t is smooth.

Source: Lipman et al., "Flow Matching Guide and Code" (2024), section 4.8 (the linear maps); Karras
et al. (2022) (denoiser and score).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from flowviz.core.field.marginal import MarginalField
from flowviz.core.numerics.autodiff import coordinate, jvp
from flowviz.core.priors import Gaussian

Prediction = Literal["velocity", "denoiser", "noise", "score"]


def conditional_prediction(field: MarginalField, x: Tensor, t: Tensor, what: Prediction) -> Tensor:
    """The prediction for each data point alone.

    Args:
        field: the exact flow.
        x: positions, (Q, d).
        t: times in (0, 1], (Q,).
        what: is predicted.

    Returns:
        (Q, N, d); NaN where p_t(x|x₀ᵢ) has no value to differentiate.
    """
    if what == "velocity":
        return field.path.velocity(x, field.x0, t)
    if what == "denoiser":
        return field.x0.expand(len(x), -1, -1)
    if what == "noise":
        return field.path.inverse(x, field.x0, t)
    columns = [jvp(lambda y: field.log_terms(y, t), x, coordinate(x, j))[1] for j in range(field.d)]
    return torch.stack(columns, dim=-1)


def exact_prediction(field: MarginalField, x: Tensor, t: Tensor, what: Prediction) -> Tensor:
    """The prediction of the exact field, (Q, d); NaN where p_t(x) = 0. Arguments as above."""
    posterior = field.posterior(x, t)[..., None]
    each = conditional_prediction(field, x, t, what)
    # A data point that does not reach x counts for nothing, and has no score there.
    return torch.where(posterior == 0.0, 0.0, posterior * each).sum(1)


def missing_conversion(field: MarginalField, what: Prediction) -> Literal["family", "prior"] | None:
    """Why a prediction is no function of the velocity: family or prior; None where it is one."""
    if what == "velocity":
        return None
    if field.path.affine_schedule is None:
        return "family"
    return "prior" if what == "score" and not isinstance(field.prior, Gaussian) else None


def from_velocity(
    field: MarginalField, velocity: Tensor, x: Tensor, t: Tensor, what: Prediction
) -> Tensor:
    """The prediction that a velocity stands for, the exact one or a network's.

    Args:
        field: gives schedule and prior.
        velocity: at x and t, (Q, d).
        x: positions, (Q, d).
        t: times in (0, 1], (Q,).
        what: is predicted.

    Returns:
        (Q, d); NaN where the conversion divides by 0 (a schedule with α = α̇ = 0 at t = 1).

    Raises:
        ValueError: where there is no conversion, see `missing_conversion`.
    """
    if missing := missing_conversion(field, what):
        raise ValueError(f"no {what} follows from a velocity for this {missing}")
    schedule = field.path.affine_schedule
    if what == "velocity" or schedule is None:
        return velocity
    alpha, sigma = (v[:, None] for v in schedule(t))
    alpha_rate, sigma_rate = (v[:, None] for v in schedule.rates(t))
    span = alpha * sigma_rate - alpha_rate * sigma
    span = torch.where(span == 0.0, torch.nan, span)
    if what == "denoiser":
        return (sigma_rate * x - sigma * velocity) / span
    noise = (alpha * velocity - alpha_rate * x) / span
    if what == "noise":
        return noise
    assert isinstance(field.prior, Gaussian)
    return -(noise - field.prior.loc) / (field.prior.scale**2 * sigma)


def error_factor(field: MarginalField, t: Tensor, what: Prediction) -> Tensor:
    """By how much an error of the velocity becomes one of the prediction, (T,), at times (T,).

    The maps are linear in f at each time: ‖v_θ - f‖ times this is the prediction's error.
    """
    zero = t.new_zeros(len(t), field.d)
    one = zero.clone()
    one[:, 0] = 1.0
    ends = (from_velocity(field, v, zero, t, what)[:, 0] for v in (one, zero))
    return (next(ends) - next(ends)).abs()
