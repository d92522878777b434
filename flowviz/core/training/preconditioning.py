"""The scales of a flow at each time: what a network need not learn.

At time t the pair (x_t, u_t) of a position and its conditional velocity has moments, whatever the
prior and the path. With m = E x and S = Cov x, the best *linear* field is

    f_lin(x) = E u + A (x - m),        A = Cov(u, x) S⁻¹,

and what is left of u, r = u - f_lin(x), has a size c = √(E|r|²/d). A network that is given
(x - m)/s and multiplied by c sees numbers of order one at every time, and starts from the field
that would be exact if all were Gaussian (EDM's preconditioning, for any prior and path).

How far x_t is from its data point, beside how far data points are from each other, is the ratio of
noise to signal; its logarithm is the clock by which the flow changes (the log-SNR).

Moments are averages over an even set of draws, the same at all times, so they vary smoothly; the
few furthest draws are left out, since a heavy tail's second moment need not exist.

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

EARLIEST = 1e-4
"""The tables begin here; earlier times read their first row."""

_POINTS, _ENDS = 64, 48
_ROWS = 1 << 16
"""Pairs evaluated at once."""

_TAIL = 0.99
"""Share of prior draws, the nearest to their median, that moments are taken of."""


@dataclass(frozen=True)
class Scales:
    """Moments of (x_t, u_t) on a grid of times.

    ``t`` (K,) rising; ``mean`` (K, d) and ``size`` (K, 1) of x_t; ``offset`` (K, d) and ``slope``
    (K, d, d) of the best linear field; ``rest`` (K, 1), the size of what it leaves; ``clock`` (K,),
    log of noise over signal, within [-10, 10].
    """

    t: Tensor
    mean: Tensor
    size: Tensor
    offset: Tensor
    slope: Tensor
    rest: Tensor
    clock: Tensor


def times(n: int = 64) -> Tensor:
    """The grid of times: even in log t and even in t, about 2n of them."""
    low = torch.tensor(EARLIEST, dtype=torch.float64).log10()
    early = torch.logspace(float(low), 0.0, n, dtype=torch.float64)
    return torch.unique(torch.cat([early[:-1], torch.linspace(0.02, 1.0, n, dtype=torch.float64)]))


def measure(field: MarginalField) -> Scales:
    """The scales of a flow, from about 3,000 pairs of a data point and a prior draw, at all times.

    Args:
        field: of any prior and path.
    """
    t = times().to(field.x0)
    which, x1 = _pairs(field)
    parts = [
        _moments(field, which, x1, t[block])
        for block in blocks(len(t), len(which) * len(x1), _ROWS)
    ]
    return Scales(t, *(torch.cat(column) for column in zip(*parts, strict=True)))


def _pairs(field: MarginalField) -> tuple[Tensor, Tensor]:
    """Data points (P,), by index, and prior draws (M, d), both spread evenly."""
    share = (torch.arange(_POINTS, dtype=torch.float64, device=field.x0.device) + 0.5) / _POINTS
    which = torch.searchsorted(field.weights.cumsum(0)[:-1].contiguous(), share, right=True)
    x1 = PairSampler(field, EARLIEST).ends(0, _ENDS)
    distance = (x1 - x1.median(0).values).norm(dim=1)
    return which, x1[distance <= distance.quantile(_TAIL)]


def _moments(
    field: MarginalField, which: Tensor, x1: Tensor, t: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Rows of the table, all but the times, for times (K,)."""
    k, p, m, d = len(t), len(which), len(x1), field.d
    pair = (x1.repeat(p, 1), which.repeat_interleave(m))
    x, u = position_and_velocity(
        field, pair[0].repeat(k, 1), pair[1].repeat(k), t.repeat_interleave(p * m)
    )
    good = (torch.isfinite(x) & torch.isfinite(u)).all(1, keepdim=True)
    x, u = (torch.where(good, v, torch.nan).reshape(k, p, m, d) for v in (x, u))
    mean, offset = x.nanmean((1, 2)), u.nanmean((1, 2))
    dx, du = x - mean[:, None, None], u - offset[:, None, None]
    centre = dx.nanmean(2, keepdim=True)  # of each data point
    signal, noise = centre.square().nanmean((1, 2, 3)), (dx - centre).square().nanmean((1, 2, 3))
    clock = 0.5 * ((noise + 1e-60) / (signal + 1e-60)).log()
    dx, du = (v.nan_to_num(0.0).reshape(k, p * m, d) for v in (dx, du))
    n = good.reshape(k, -1).sum(1)[:, None, None].clamp(min=1)
    covariance, cross = dx.mT @ dx / n, du.mT @ dx / n
    size = covariance.diagonal(dim1=1, dim2=2).mean(1, keepdim=True).clamp(min=1e-60).sqrt()
    ridge = 1e-12 * size.square()[:, :, None] * torch.eye(d).to(covariance)
    slope = torch.linalg.solve(covariance + ridge, cross.mT).mT
    rest = ((du - dx @ slope.mT).square().sum((1, 2)) / (n[:, 0, 0] * d))[:, None].sqrt()
    return mean, size, offset, slope, rest.clamp(min=1e-12), clock.clamp(-10.0, 10.0)
