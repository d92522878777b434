"""The scales of a flow at each time, for preconditioning a network.

Let (x_t, u_t) be a random position and its conditional velocity. With m = E x and S = Cov x, the
best *linear* field is

    f_lin(x) = E u + A (x - m),        A = Cov(u, x) S⁻¹,

and the residual r = u - f_lin(x) has the size c = √(E|r|²/d). A network with input (x - m)/s and
output scaled by c works with numbers of order one at every time, and starts from the field that is
exact for Gaussian data and prior (EDM's preconditioning, for any prior and path).

The distance of x_t from its data point relative to the distances between data points is the ratio
of noise to signal; its logarithm is used as time variable (the log-SNR).

Moments are averages over a Sobol set, the same at all times, so that they vary smoothly; the
outermost samples are left out, since second moments of heavy tails may not exist.

Source: Karras et al. 2022, "Elucidating the design space of diffusion-based generative models"
(EDM), §5; here from moments, so that the prior need not be Gaussian nor the path straight.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.training.sampling import PairSampler, position_and_velocity

T_MIN = 1e-4
"""First time of the tables; smaller times use their first row."""

_POINTS, _ENDPOINTS = 64, 48
_ROWS = 1 << 16
"""Pairs evaluated at once."""

_KEPT = 0.99
"""Fraction of prior samples, nearest to their median, that are used for the moments."""


@dataclass(frozen=True)
class Scales:
    """Moments of (x_t, u_t) on a grid of times.

    ``t`` (K,) rising; ``mean`` (K, d) and ``size`` (K, 1) of x_t; ``offset`` (K, d) and ``slope``
    (K, d, d) of the best linear field; ``rest`` (K, 1), the size of its residual; ``log_nsr`` (K,),
    the log of the noise-to-signal ratio, within [-10, 10].
    """

    t: Tensor
    mean: Tensor
    size: Tensor
    offset: Tensor
    slope: Tensor
    rest: Tensor
    log_nsr: Tensor


def times(n: int = 64) -> Tensor:
    """The grid of times: equally spaced in log t and in t, about 2n of them."""
    low = torch.tensor(T_MIN, dtype=torch.float64).log10()
    by_log = torch.logspace(float(low), 0.0, n, dtype=torch.float64)
    return torch.unique(torch.cat([by_log[:-1], torch.linspace(0.02, 1.0, n, dtype=torch.float64)]))


def measure(field: MarginalField) -> Scales:
    """The scales of a flow, from about 3,000 pairs of a data point and a prior sample.

    Args:
        field: of any prior and path.
    """
    t = times().to(field.x0)
    which, x1 = _pairs(field)
    rows = [
        _moments(field, which, x1, t[block])
        for block in blocks(len(t), len(which) * len(x1), _ROWS)
    ]
    return Scales(t, *(torch.cat(column) for column in zip(*rows, strict=True)))


def _pairs(field: MarginalField) -> tuple[Tensor, Tensor]:
    """Data indices (P,), in proportion to the weights, and quasi-random prior samples (M, d)."""
    level = (torch.arange(_POINTS, dtype=torch.float64, device=field.x0.device) + 0.5) / _POINTS
    which = torch.searchsorted(field.weights.cumsum(0)[:-1].contiguous(), level, right=True)
    x1 = PairSampler(field, T_MIN).endpoints(0, _ENDPOINTS)
    distance = (x1 - x1.median(0).values).norm(dim=1)
    return which, x1[distance <= distance.quantile(_KEPT)]


def _moments(
    field: MarginalField, which: Tensor, x1: Tensor, t: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Rows of `Scales` without the times, for times (K,)."""
    k, p, m, d = len(t), len(which), len(x1), field.d
    x, u = position_and_velocity(
        field,
        x1.repeat(k * p, 1),
        which.repeat_interleave(m).repeat(k),
        t.repeat_interleave(p * m),
    )
    good = (torch.isfinite(x) & torch.isfinite(u)).all(1, keepdim=True)
    x, u = (torch.where(good, v, torch.nan).reshape(k, p, m, d) for v in (x, u))
    mean, offset = x.nanmean((1, 2)), u.nanmean((1, 2))
    dx, du = x - mean[:, None, None], u - offset[:, None, None]
    centre = dx.nanmean(2, keepdim=True)  # of each data point
    signal, noise = centre.square().nanmean((1, 2, 3)), (dx - centre).square().nanmean((1, 2, 3))
    log_nsr = 0.5 * ((noise + 1e-60) / (signal + 1e-60)).log()
    dx, du = (v.nan_to_num(0.0).reshape(k, p * m, d) for v in (dx, du))
    n = good.reshape(k, -1).sum(1)[:, None, None].clamp(min=1)
    covariance, cross = dx.mT @ dx / n, du.mT @ dx / n
    size = covariance.diagonal(dim1=1, dim2=2).mean(1, keepdim=True).clamp(min=1e-60).sqrt()
    ridge = 1e-12 * size.square()[:, :, None] * torch.eye(d).to(covariance)
    slope = torch.linalg.solve(covariance + ridge, cross.mT).mT
    rest = ((du - dx @ slope.mT).square().sum((1, 2)) / (n[:, 0, 0] * d))[:, None].sqrt()
    return mean, size, offset, slope, rest.clamp(min=1e-12), log_nsr.clamp(-10.0, 10.0)
