"""The field and the ends of trajectories against a direct sum over the data points (MATH §2).

The sum uses only the family's ψ and φ and the prior's density:

    r_i ∝ w_i p₁(φ_t(x|x₀ᵢ)) / |det ∂ψ_t/∂x₁|,   f_t(x) = Σ_i r_i ∂ψ_t/∂t at x₁ = φ_t(x|x₀ᵢ)

Both derivatives are central differences of eighth order, in log t and in x₁, independent of the
schedule's rates, automatic differentiation and the sums of ``field``. Data points and weights are
those of the configuration, not those stored in the field.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.checks.invariants import Check
from flowviz.core.field import MarginalField
from flowviz.core.numerics.work import give_way
from flowviz.core.paths import Path
from flowviz.core.priors.base import Prior
from flowviz.core.transport import Trajectories

SUPERPOSITION_BOUND = 1e-9
ENDPOINT_BOUND = 1e-12

_STENCIL = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
"""Weights of f(kh) - f(-kh), k = 1 to 4, for h f' to eighth order."""
_STEP = 2e-3
_PAIRS = 40_000
"""Most pairs of a position and a data point."""
_NONE = 1e-6
"""Posterior weight near t = 0 below which a trajectory cannot end at the data point."""
_ROUNDING = 16.0 * torch.finfo(torch.float64).eps


class ReferenceData(NamedTuple):
    """Data points (N, d) and weights (N,), of any sum, of the configuration."""

    x0: Tensor
    weights: Tensor


class _Sum(NamedTuple):
    """log p (Q,), f (Q, d), Σ r |f_i| (Q,), Σ r |f_i - f|² (Q,) and |ψ(φ(x)) - x| (Q,)."""

    log_p: Tensor
    velocity: Tensor
    speed: Tensor
    variance: Tensor
    missed: Tensor


def superposition(
    field: MarginalField, reference: ReferenceData, n: int = 64, seed: int = 1
) -> Check:
    """The largest relative error of p_t and f_t at random positions of the flow.

    |log p_t - log Σ w_i p_t(x|x₀ᵢ)|, |f_t - Σ r_i f_i| / Σ r_i |f_i| and |ψ_t(φ_t(x)) - x| relative
    to the position. Positions at which the direct sum is not accurate enough are left out, as near
    an infinite end of the density; if they are the majority, its error is added to the bound.

    Args:
        field: the flow to check.
        reference: the data points and weights it should have.
        n: number of positions, fewer for many data points.
        seed: of the positions.
    """
    n = max(8, min(n, _PAIRS // len(reference.x0)))
    x, t = _positions(field, reference, n, seed)
    one, two = (
        _sum(field, reference, x, t, _STEP),
        _sum(field, reference, _nudged(x), t, 2.0 * _STEP),
    )
    error = torch.maximum(_difference(field.log_prob(x, t), field(x, t), one), one.missed)
    sum_error = _difference(two.log_p, two.velocity, one)
    accurate = sum_error <= 0.25 * SUPERPOSITION_BOUND
    if 2 * int(accurate.sum()) >= n:
        return Check(float(error[accurate].max()), SUPERPOSITION_BOUND)
    return Check(float(error.max()), SUPERPOSITION_BOUND + 4.0 * float(sum_error.max()))


def direct_variance(field: MarginalField, reference: ReferenceData, x: Tensor, t: Tensor) -> Tensor:
    """Σ r_i |f_i - f|² by the direct sum at (Q, d) and (Q,); (Q,)."""
    return _sum(field, reference, x, t, _STEP).variance


def _positions(
    field: MarginalField, reference: ReferenceData, n: int, seed: int
) -> tuple[Tensor, Tensor]:
    """Positions drawn from p_t, (n, d), t uniform on [0.05, 0.98], inside for differences."""
    generator = torch.Generator().manual_seed(seed)
    t = 0.05 + 0.93 * torch.rand(n, generator=generator, dtype=torch.float64)
    which = torch.multinomial(reference.weights.double(), n, replacement=True, generator=generator)
    x1 = field.prior.sample(n, reference.x0.shape[1], generator)
    return field.path.forward(x1[:, None], reference.x0[which][:, None], t)[:, 0], t


def _nudged(x: Tensor) -> Tensor:
    return x + _ROUNDING * x.abs().max()


def _difference(log_p: Tensor, velocity: Tensor, direct: _Sum) -> Tensor:
    """Relative difference of a density and a velocity from those of a direct sum, (Q,)."""
    density = (log_p - direct.log_p).abs()
    return torch.maximum(density, (velocity - direct.velocity).abs().amax(-1) / direct.speed)


def _sum(field: MarginalField, reference: ReferenceData, x: Tensor, t: Tensor, step: float) -> _Sum:
    """The direct sum at (Q, d) and (Q,), with differences of this step."""
    x0, path = reference.x0, field.path
    x1 = path.inverse(x, x0, t)
    terms = _terms(field.prior, path, reference, x1, t, step)
    log_p = torch.logsumexp(terms, dim=1)
    r = torch.exp(terms - log_p[:, None])
    rate = _slope(lambda s: path.forward(x1, x0, t * (1.0 + s)), step) / t[:, None, None]
    # Where the weight of a data point is 0 its values may be undefined.
    positive = r[..., None] > 0
    gap = path.forward(x1, x0, t) - x[:, None]
    rate, gap = (torch.where(positive, v, 0.0) for v in (rate, gap))
    speed = (r * torch.linalg.vector_norm(rate, dim=-1)).sum(1)
    missed = (r * gap.abs().amax(-1)).sum(1) / (x.abs().amax(-1) + x0.abs().max())
    mean = (r[..., None] * rate).sum(1)
    variance = (r * (rate - mean[:, None]).square().sum(-1)).sum(1)
    return _Sum(log_p, mean, speed, variance, missed)


def _terms(
    prior: Prior, path: Path, reference: ReferenceData, x1: Tensor, t: Tensor, step: float
) -> Tensor:
    """log(w_i p₁(x₁) / |det ∂ψ_t/∂x₁|) at endpoints x₁ (Q, N, d); (Q, N)."""
    low, high = prior.interval(0.25)
    wide = min(1.0, 0.5 * (high - low))
    columns = [
        _slope(lambda s, e=e: path.forward(x1 + s * e, reference.x0, t), step * wide)
        for e in torch.eye(x1.shape[-1], dtype=x1.dtype)
    ]
    jacobian = torch.stack(columns, dim=-1)
    weight = reference.weights / reference.weights.sum()
    log_p = prior.log_prob(x1) - torch.linalg.slogdet(jacobian).logabsdet + weight.log()
    return torch.where(log_p.isnan(), -torch.inf, log_p)


def _slope(f: Callable[[float], Tensor], h: float) -> Tensor:
    """f'(0) by central differences of eighth order."""
    total = torch.zeros(())
    for k, c in enumerate(_STENCIL, start=1):
        give_way()
        total = total + c * (f(k * h) - f(-k * h))
    return total / h


def endpoints(
    field: MarginalField,
    reference: ReferenceData,
    x1: Tensor,
    shown: Trajectories,
    most: int = _PAIRS,
) -> Check:
    """The largest distance of a trajectory's ends from their exact positions.

    At t = 1 that is x₁, at t = 0 the data point of its basin. A basin is wrong if at the smallest
    time above 0 its data point has no weight in the direct sum; the distance then is that between
    the two data points.

    Args:
        field: the flow, for its family and its prior.
        reference: its data points and weights.
        x1: the starts of the trajectories, (Q, d).
        shown: the trajectories that are shown.
        most: most pairs of a trajectory and a data point.
    """
    if not len(shown.x):
        return Check(math.nan, ENDPOINT_BOUND)
    first, last = int(shown.t.argmin()), int(shown.t.argmax())
    x0 = reference.x0
    gaps = [(shown.x[:, last] - x1).abs().max()] if float(shown.t[last]) == 1.0 else []
    if float(shown.t[first]) == 0.0:
        gaps.append((shown.x[:, first] - x0[shown.basin]).abs().max())
    gaps.append(_wrong_basins(field, reference, shown, max(1, most // len(x0))))
    scale = max(1.0, float(x0.abs().max()), float(x1.abs().max()))
    return Check(float(torch.stack(gaps).max()), ENDPOINT_BOUND * scale)


def _wrong_basins(
    field: MarginalField, reference: ReferenceData, shown: Trajectories, most: int
) -> Tensor:
    """The largest distance between a wrong basin's data point and the right one; 0 if none is."""
    k = int(torch.where(shown.t > 0, shown.t, torch.inf).argmin())
    x, basin, x0 = shown.x[:most, k], shown.basin[:most], reference.x0
    t = shown.t[k].expand(len(x)).contiguous()
    terms = _terms(field.prior, field.path, reference, field.path.inverse(x, x0, t), t, _STEP)
    # Outside all supports, by rounding, data points at up to 3 times the least distance are right.
    distance = (x[:, None] - x0).abs().amax(-1)
    outside = (terms == -torch.inf).all(1, keepdim=True)
    near = (distance <= 3.0 * distance.amin(1, True)).log()
    posterior = torch.softmax(torch.where(outside, near, terms), 1)
    best = posterior.argmax(1)
    wrong = posterior.gather(1, basin[:, None])[:, 0] < _NONE
    gap = (x0[basin] - x0[best]).abs().amax(-1)
    return torch.where(wrong, gap, 0.0).max()
