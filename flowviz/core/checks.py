"""Checks a reader can trust: exact facts of the flow, measured on the flow that is shown.

Each check measures one number, independently of the code it judges, and says what it may be:

- *mass*: ∫ p_t dx = 1 at every t, by quadrature of the density itself (never of F_t).
- *conservation*: F_t(x_t) = F₁(x₁) along every trajectory (MATH §3.1).
- *continuity*: ∂_t log p + f·∇log p + ∇·f = 0 at points drawn from p_t (MATH §3.8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.prior_base import Prior, require
from flowviz.core.transport import Trajectories

MASS_BOUND = 1e-9
CONSERVATION_BOUND = 1e-10
CONTINUITY_BOUND = 1e-9

_ORDER = 8
_PAIRS = 1 << 23
"""Density evaluations (nodes × data points) one mass check may spend."""


@dataclass(frozen=True)
class Check:
    """A measured number and the bound it must keep."""

    value: float
    bound: float

    @property
    def ok(self) -> bool:
        """Whether the value is a number within the bound."""
        return self.value <= self.bound


@dataclass(frozen=True)
class MassCheck(Check):
    """The largest |∫ p_t dx - 1| as ``value``; ``mass`` (T,) at the times ``t`` (T,)."""

    t: Tensor
    mass: Tensor


def mass(field: MarginalField, times: Tensor) -> MassCheck:
    """∫ p_t dx at each time, for d = 1, by Gauss-Legendre quadrature of p_t.

    Panels end at the image, under every data point's ψ_t, of each kink of the prior and of its
    quantiles ½·3^(-k/2): they follow σ_t, resolve heavy tails and infinite edges alike, and leave
    out a probability of 1e-12. What the rounding of x does to the width of a panel is added to the
    bound: it matters where σ_t is tiny, and at the infinite edges of an arcsine law. With many
    points the panels are thinned to a fixed cost, and the bound allows what halving them changes.

    Args:
        field: a one-dimensional flow.
        times: in (0, 1], (T,).
    """
    require(field.d == 1, f"the mass check needs d = 1, got d={field.d}")
    wanted = _cuts(field.prior).numel() * field.n
    panels = min(wanted, max(64, _PAIRS // (_ORDER * field.n * times.numel())))

    def integral(t: Tensor, count: int) -> tuple[Tensor, float]:
        x, weight, unseen = quadrature(field, t, count)
        return (field.log_prob(x, t).exp() * weight).sum(), unseen

    fine = [integral(t, panels) for t in times]
    result = torch.stack([value for value, _ in fine])
    bound = MASS_BOUND + max(unseen for _, unseen in fine)
    if panels < wanted:
        coarse = torch.stack([integral(t, panels // 2)[0] for t in times])
        bound += 16.0 * float((result - coarse).abs().max())
    return MassCheck(float((result - 1.0).abs().max()), bound, times, result)


def quadrature(
    field: MarginalField, t: Tensor, panels: int | None = None
) -> tuple[Tensor, Tensor, float]:
    """Nodes and weights that integrate p_t times a smooth function over the line.

    Args:
        field: a one-dimensional flow.
        t: one time in (0, 1].
        panels: how many of the panels to keep, by default all.

    Returns:
        Nodes (M, 1), weights (M,) and how much of the mass the rounding of x may hide.
    """
    cuts = _cuts(field.prior).to(field.x0)
    ends = field.path.forward(cuts[:, None], field.x0, t)[..., 0]
    share = torch.diff(field.prior.cdf(cuts))[:, None] * field.weights
    rounding = 16.0 * torch.finfo(ends.dtype).eps * ends.abs()
    unseen = (rounding[1:] / ends.diff(dim=0)).nan_to_num(1.0).clamp(max=1.0)
    edges = ends.flatten().sort().values
    if panels is not None and panels < edges.numel():
        edges = edges[torch.linspace(0, edges.numel() - 1, panels).round().long()]
    node, weight = (torch.from_numpy(v).to(edges) for v in np.polynomial.legendre.leggauss(_ORDER))
    half = 0.5 * edges.diff()[:, None]
    x = 0.5 * (edges[1:] + edges[:-1])[:, None] + half * node
    return x.reshape(-1, 1), (half * weight).flatten(), float((share * unseen).sum())


def conservation(field: MarginalField, x1: Tensor, shown: Trajectories) -> Check:
    """The largest |F_t(x_t) - F₁(x₁)| along given trajectories at t > 0, for d = 1.

    Where σ_t is tiny, or the density infinite, F_t changes over the rounding of x itself; the bound
    then allows what it changes.

    Args:
        field: the flow.
        x1: where they start, (Q, 1).
        shown: the trajectories as they are drawn.
    """
    inner = (shown.t > 0).nonzero().squeeze(-1)
    x = shown.x[:, inner, 0]
    t = shown.t[inner].expand_as(x).reshape(-1)

    def level(at: Tensor) -> Tensor:
        return field.cdf(at.reshape(-1, 1), t).reshape_as(at)

    gap = float((level(x) - field.prior.cdf(x1)).abs().max())
    bound = CONSERVATION_BOUND
    if gap > bound:
        blur = 16.0 * torch.finfo(x.dtype).eps * (x.abs() + field.x0.abs().max())
        bound += float((level(x + blur) - level(x - blur)).max())
    return Check(gap, bound)


def continuity(field: MarginalField, n: int = 256, seed: int = 0, t_min: float = 0.05) -> Check:
    """The largest |∂_t log p + f·∇log p + ∇·f| at n points drawn from p_t, t uniform on [t_min, 1].

    A random point never falls on a kink of the prior, where the derivatives do not exist.
    """
    generator = torch.Generator().manual_seed(seed)
    t = t_min + (1.0 - t_min) * torch.rand(n, generator=generator, dtype=field.x0.dtype)
    which = torch.multinomial(field.weights.cpu(), n, replacement=True, generator=generator)
    x1 = field.prior.sample(n, field.d, generator, dtype=field.x0.dtype)
    t, which, x1 = (v.to(field.x0.device) for v in (t, which, x1))
    own = field.x0[which][:, None, :]
    x = field.path.forward(x1, own, t)[:, 0, :]
    residual = field.continuity_residual(x, t)
    return Check(float(residual.abs().max()), CONTINUITY_BOUND)


def _cuts(prior: Prior) -> Tensor:
    """Panel ends on the prior's line: quantiles halving towards both tails, and the kinks."""
    tail = 0.5 * torch.pow(3.0, -0.5 * torch.arange(49, dtype=torch.float64))
    kinks = torch.tensor(prior.kinks, dtype=torch.float64)
    return torch.unique(torch.cat([prior.icdf(tail), prior.isf(tail), kinks]))
