"""Integrals of p_t times a smooth function for d = 1, by Gauss-Legendre quadrature in panels."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from flowviz.core.field import MarginalField

_TAILS = 0.5 * 3.0 ** (-0.5 * torch.arange(49, dtype=torch.float64))
_ORDER = 8


def nodes(field: MarginalField, t: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes (M, 1) and weights (M,) at one time.

    Panels end at the trajectories of quantiles of the prior, in geometric progression towards both
    tails, of its breakpoints and of equidistant positions, for the modes between two quantiles.
    """
    prior = field.prior
    low, high = (float(tail(torch.tensor(1e-6).double())) for tail in (prior.icdf, prior.isf))
    breakpoints = torch.tensor(prior.breakpoints, dtype=torch.float64)
    even = torch.linspace(low, high, 201, dtype=torch.float64)
    x1 = torch.cat([prior.icdf(_TAILS), prior.isf(_TAILS), breakpoints, even])
    edges = field.path.forward(x1[:, None], field.x0, t).flatten().sort().values
    node, weight = (torch.from_numpy(v) for v in np.polynomial.legendre.leggauss(_ORDER))
    middle, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * edges.diff()
    x = middle[:, None] + half[:, None] * node
    return x.reshape(-1, 1), (half[:, None] * weight).flatten()
