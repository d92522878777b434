"""The scales of a flow at each time: what a network need not learn.

At time t the pair (x_t, u_t) of a position and its conditional velocity has moments, whatever the
prior and the path. With m = E x and S = Cov x, the best *linear* field is

    f_lin(x) = E u + A (x - m),        A = Cov(u, x) S⁻¹,

and what is left of u, r = u - f_lin(x), has a size c = √(E|r|²/d). A network that is given
(x - m)/s and multiplied by c sees numbers of order one at every time, and starts from the field
that would be exact if all laws were Gaussian (EDM's preconditioning, for any prior and path).

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

from flowviz.core.draws import Draws, moving
from flowviz.core.field import MarginalField

EARLIEST = 1e-4
"""The tables begin here; earlier times read their first row."""

_POINTS, _ENDS = 64, 64
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


def times(n: int = 128) -> Tensor:
    """The grid of times: even in log t and even in t, (2n - 1,) or so."""
    low = torch.tensor(EARLIEST, dtype=torch.float64).log10()
    early = torch.logspace(float(low), 0.0, n, dtype=torch.float64)
    return torch.unique(torch.cat([early[:-1], torch.linspace(0.02, 1.0, n, dtype=torch.float64)]))


def measure(field: MarginalField) -> Scales:
    """The scales of a flow, from 4,096 pairs of data point and prior draw at each time."""
    t = times().to(field.x0)
    which, x1 = _pairs(field)
    rows = [_moments(field, which, x1, time) for time in t]
    columns = [torch.stack(column) for column in zip(*rows, strict=True)]
    return Scales(t, *columns)


def _pairs(field: MarginalField) -> tuple[Tensor, Tensor]:
    """Indices of data points (P,) and prior draws (M, d) that are nearly evenly spread."""
    share = (torch.arange(_POINTS, dtype=torch.float64, device=field.x0.device) + 0.5) / _POINTS
    which = torch.searchsorted(field.weights.cumsum(0)[:-1].contiguous(), share, right=True)
    x1 = Draws(field, EARLIEST).ends(0, _ENDS)
    distance = (x1 - x1.median(0).values).norm(dim=1)
    return which, x1[distance <= distance.quantile(_TAIL)]


def _moments(
    field: MarginalField, which: Tensor, x1: Tensor, t: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    p, m, d = len(which), len(x1), field.d
    x, u = moving(field, x1.repeat(p, 1), which.repeat_interleave(m), t.repeat(p * m))
    good = torch.isfinite(x).all(1) & torch.isfinite(u).all(1)
    mean, offset = x[good].mean(0), u[good].mean(0)
    dx, du = x - mean, u - offset
    own = dx.reshape(p, m, d)
    dx, du = dx[good], du[good]
    spread = dx.T @ dx / len(dx)
    size = spread.trace().div(d).sqrt()
    tiny = 1e-12 * size.square() + 1e-300
    eye = torch.eye(d).to(spread)
    slope = torch.linalg.solve(spread + tiny * eye, dx.T @ du / len(dx)).T
    rest = (du - dx @ slope.T).square().mean().sqrt()
    signal = own.nanmean(1).var(0).nanmean().sqrt()
    noise = (own - own.nanmean(1, keepdim=True)).square().nanmean().sqrt()
    clock = ((noise + 1e-30) / (signal + 1e-30)).log().clamp(-10.0, 10.0)
    return mean, size[None], offset, slope, rest[None].clamp(min=1e-12), clock
