"""The field and the ends of trajectories, judged by a plain sum over the data points (MATH §2).

The sum is written out pair by pair, with nothing but the family's ψ and φ and the prior's density:

    r_i ∝ w_i p₁(φ_t(x|x₀ᵢ)) / |det ∂ψ_t/∂x₁|,   f_t(x) = Σ_i r_i ∂ψ_t/∂t at x₁ = φ_t(x|x₀ᵢ)

Both derivatives are central differences of eighth order, in log t and in x₁, so that neither a
schedule's rates nor automatic differentiation nor the sums of ``field`` are trusted. Data points
and weights are those that were asked for, not the field's own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.checks.invariants import Check
from flowviz.core.field import MarginalField
from flowviz.core.paths import Path
from flowviz.core.priors.base import Prior
from flowviz.core.transport import Trajectories

SUPERPOSITION_BOUND = 1e-9
ENDPOINT_BOUND = 1e-12

_STENCIL = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
"""Of f(kh) - f(-kh), k = 1 to 4: h f' to eighth order."""
_STEP = 2e-3
_PAIRS = 40_000
"""Positions × data points a sum may cost."""
_NONE = 1e-6
"""A posterior weight just before t = 0 with which a data point holds no trajectory."""
_ROUNDING = 16.0 * torch.finfo(torch.float64).eps


class ReferenceData(NamedTuple):
    """What was asked for: data points (N, d) and their weights (N,), of any sum."""

    x0: Tensor
    weights: Tensor


class _Sum(NamedTuple):
    """log p (Q,), f (Q, d), Σ r |f_i| (Q,), Σ r |f_i - f|² (Q,) and |ψ(φ(x)) - x| (Q,)."""

    log_p: Tensor
    velocity: Tensor
    speed: Tensor
    variance: Tensor
    missed: Tensor


def superposition(field: MarginalField, asked: ReferenceData, n: int = 64, seed: int = 1) -> Check:
    """The largest relative error of p_t and f_t at random positions of the flow.

    |log p_t - log Σ w_i p_t(x|x₀ᵢ)|, |f_t - Σ r_i f_i| / Σ r_i |f_i| and |ψ_t(φ_t(x)) - x| beside
    the position. A position is left out where the sum itself is not known so well, as beside an
    infinite end of the density; where most are, the bound allows for what is not known.

    Args:
        field: the flow that is judged.
        asked: the data points and weights it should have.
        n: positions, fewer where data points are many.
        seed: of the positions.
    """
    n = max(8, min(n, _PAIRS // len(asked.x0)))
    x, t = _positions(field, asked, n, seed)
    one, two = _sum(field, asked, x, t, _STEP), _sum(field, asked, _nudged(x), t, 2.0 * _STEP)
    error = torch.maximum(_apart(field.log_prob(x, t), field(x, t), one), one.missed)
    doubt = _apart(two.log_p, two.velocity, one)
    sure = doubt <= 0.25 * SUPERPOSITION_BOUND
    if 2 * int(sure.sum()) >= n:
        return Check(float(error[sure].max()), SUPERPOSITION_BOUND)
    return Check(float(error.max()), SUPERPOSITION_BOUND + 4.0 * float(doubt.max()))


def plain_variance(field: MarginalField, asked: ReferenceData, x: Tensor, t: Tensor) -> Tensor:
    """Σ r_i |f_i - f|² by the plain sum at (Q, d) and (Q,); (Q,)."""
    return _sum(field, asked, x, t, _STEP).variance


def _positions(
    field: MarginalField, asked: ReferenceData, n: int, seed: int
) -> tuple[Tensor, Tensor]:
    """Positions drawn from p_t, (n, d), t uniform on [0.05, 0.98]: the differences need room."""
    generator = torch.Generator().manual_seed(seed)
    t = 0.05 + 0.93 * torch.rand(n, generator=generator, dtype=torch.float64)
    which = torch.multinomial(asked.weights.double(), n, replacement=True, generator=generator)
    x1 = field.prior.sample(n, asked.x0.shape[1], generator)
    return field.path.forward(x1[:, None], asked.x0[which][:, None], t)[:, 0], t


def _nudged(x: Tensor) -> Tensor:
    return x + _ROUNDING * x.abs().max()


def _apart(log_p: Tensor, velocity: Tensor, plain: _Sum) -> Tensor:
    """How far a density and a velocity are from a plain sum's, relatively, (Q,)."""
    density = (log_p - plain.log_p).abs()
    return torch.maximum(density, (velocity - plain.velocity).abs().amax(-1) / plain.speed)


def _sum(field: MarginalField, asked: ReferenceData, x: Tensor, t: Tensor, step: float) -> _Sum:
    """The plain sum at (Q, d) and (Q,), with differences over ``step``."""
    x0, path = asked.x0, field.path
    x1 = path.inverse(x, x0, t)
    terms = _terms(field.prior, path, asked, x1, t, step)
    log_p = torch.logsumexp(terms, dim=1)
    share = torch.exp(terms - log_p[:, None])
    rate = _slope(lambda s: path.forward(x1, x0, t * (1.0 + s)), step) / t[:, None, None]
    # A data point whose trajectories do not come here has no say here, and perhaps no value.
    here = share[..., None] > 0
    rate, back = (torch.where(here, v, 0.0) for v in (rate, path.forward(x1, x0, t) - x[:, None]))
    speed = (share * torch.linalg.vector_norm(rate, dim=-1)).sum(1)
    missed = (share * back.abs().amax(-1)).sum(1) / (x.abs().amax(-1) + x0.abs().max())
    mean = (share[..., None] * rate).sum(1)
    variance = (share * (rate - mean[:, None]).square().sum(-1)).sum(1)
    return _Sum(log_p, mean, speed, variance, missed)


def _terms(
    prior: Prior, path: Path, asked: ReferenceData, x1: Tensor, t: Tensor, step: float
) -> Tensor:
    """log(w_i p₁(x₁) / |det ∂ψ_t/∂x₁|) at endpoints x₁ (Q, N, d); (Q, N)."""
    low, high = prior.interval(0.25)
    wide = min(1.0, 0.5 * (high - low))
    columns = [
        _slope(lambda s, e=e: path.forward(x1 + s * e, asked.x0, t), step * wide)
        for e in torch.eye(x1.shape[-1], dtype=x1.dtype)
    ]
    jacobian = torch.stack(columns, dim=-1)
    weight = asked.weights / asked.weights.sum()
    log_p = prior.log_prob(x1) - torch.linalg.slogdet(jacobian).logabsdet + weight.log()
    return torch.where(log_p.isnan(), -torch.inf, log_p)


def _slope(f: Callable[[float], Tensor], h: float) -> Tensor:
    """f'(0) by central differences of eighth order."""
    steps = enumerate(_STENCIL, start=1)
    return sum((c * (f(k * h) - f(-k * h)) for k, c in steps), start=torch.zeros(())) / h


def endpoints(
    field: MarginalField, asked: ReferenceData, x1: Tensor, shown: Trajectories, most: int = _PAIRS
) -> Check:
    """The largest distance of a trajectory's ends from where they must be.

    At t = 1 that is x₁, at t = 0 the data point of its basin; and a basin is wrong where, at the
    last time before, the plain sum gives its data point no weight: then the distance is that of the
    two data points.

    Args:
        field: the flow, for its family and its prior.
        asked: its data points and weights.
        x1: where the trajectories were to start, (Q, d).
        shown: the trajectories as they are drawn.
        most: pairs of trajectory and data point that are looked at.
    """
    first, last = int(shown.t.argmin()), int(shown.t.argmax())
    x0, own = asked.x0, asked.x0[shown.basin]
    gaps = [(shown.x[:, last] - x1).abs().max()] if float(shown.t[last]) == 1.0 else []
    if float(shown.t[first]) == 0.0:
        gaps.append((shown.x[:, first] - own).abs().max())
    gaps.append(_mislabelled(field, asked, shown, max(1, most // len(x0))))
    scale = max(1.0, float(x0.abs().max()), float(x1.abs().max()))
    return Check(float(torch.stack(gaps).max()), ENDPOINT_BOUND * scale)


def _mislabelled(
    field: MarginalField, asked: ReferenceData, shown: Trajectories, most: int
) -> Tensor:
    """The largest distance of a data point from the one it is taken for; 0 if none is."""
    k = int(torch.where(shown.t > 0, shown.t, torch.inf).argmin())
    x, basin, x0 = shown.x[:most, k], shown.basin[:most], asked.x0
    t = shown.t[k].expand(len(x)).contiguous()
    terms = _terms(field.prior, field.path, asked, field.path.inverse(x, x0, t), t, _STEP)
    # Where rounding alone leaves the prior's support, the nearest data point must do.
    away = (x[:, None] - x0).abs().amax(-1)
    beyond = (terms == -torch.inf).all(1, keepdim=True)
    share = torch.softmax(torch.where(beyond, (away <= 3.0 * away.amin(1, True)).log(), terms), 1)
    best = share.argmax(1)
    wrong = share.gather(1, basin[:, None])[:, 0] < _NONE
    gap = (x0[basin] - x0[best]).abs().amax(-1)
    return torch.where(wrong, gap, 0.0).max()
