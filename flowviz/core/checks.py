"""Checks a reader can trust: exact facts of the flow, measured on the flow that is shown.

Each check measures one number, independently of the code it judges, and says what it may be:

- *mass*: ∫ p_t dx = 1 at every t, by quadrature of the density itself (never of F_t).
- *conservation*: F_t(x_t) = F₁(x₁) along every trajectory (MATH §3.1).
- *continuity*: ∂_t log p + f·∇log p + ∇·f = 0 at points drawn from p_t (MATH §3.8).
- *refinement*: trajectories that were stepped do not move when they are stepped more finely.
- *basin masses*: as much prior probability flows to a data point as it has weight (MATH §3.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.prior_base import Prior, require
from flowviz.core.transport import BasinMap, Trajectories, trajectories
from flowviz.core.transport_plane import TOLERANCE

MASS_BOUND = 1e-9
CONSERVATION_BOUND = 1e-10
CONTINUITY_BOUND = 1e-9
REFINEMENT_BOUND = 1e-5
EDGED_BOUND = 1e-2
BASIN_BOUND = 5.0

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
    """∫ p_t dx at each time, for d = 1 or 2, by Gauss-Legendre quadrature of p_t.

    Panels end at the image, under every data point's ψ_t, of each kink of the prior and of its
    quantiles ½·3^(-k/2): they follow σ_t, resolve heavy tails and infinite edges alike, and leave
    out a probability of 1e-12. What the rounding of x does to the width of a panel is added to the
    bound: it matters where σ_t is tiny, and at the infinite edges of an arcsine law. With many
    points, and in the plane, the panels are thinned to a fixed cost, and the bound allows for what
    taking a quarter of them away changes.

    Args:
        field: a flow on the line, or of the plane and with a lens.
        times: in (0, 1], (T,).
    """
    require(field.d <= 2, f"the mass check needs d = 1 or 2, got d={field.d}")
    wanted = _cuts(field.prior).numel() * field.n
    if field.d == 1:
        panels = max(64, _PAIRS // (_ORDER * field.n * times.numel()))
    else:
        panels = 96 if field.prior.product else 40
    panels = min(wanted, panels)
    integral = _line_integral if field.d == 1 else _plane_integral
    fine = [integral(field, t, panels) for t in times]
    result = torch.stack([value for value, _ in fine])
    bound = MASS_BOUND + max(unseen for _, unseen in fine)
    if panels < wanted:
        coarse = torch.stack([integral(field, t, 3 * panels // 4)[0] for t in times])
        bound += 16.0 * float((result - coarse).abs().max())
    return MassCheck(float((result - 1.0).abs().max()), bound, times, result)


def _line_integral(field: MarginalField, t: Tensor, panels: int) -> tuple[Tensor, float]:
    x, weight, unseen = quadrature(field, t, panels)
    return (field.log_prob(x, t).exp() * weight).sum(), unseen


def _plane_integral(field: MarginalField, t: Tensor, panels: int) -> tuple[Tensor, float]:
    cuts = _cuts(field.prior).to(field.x0)
    (x, wx, hidden_x), (y, wy, hidden_y) = (
        _panels(field, field.path.forward(cuts[:, None].expand(-1, 2), field.x0, t)[..., j], panels)
        for j in range(2)
    )
    p = field.grid((x, y), t[None], floor=1e-200).p[0]
    return wx @ p @ wy, hidden_x + hidden_y


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
    x, weight, unseen = _panels(
        field, field.path.forward(cuts[:, None], field.x0, t)[..., 0], panels
    )
    return x[:, None], weight, unseen


def _panels(field: MarginalField, ends: Tensor, panels: int | None) -> tuple[Tensor, Tensor, float]:
    """Gauss-Legendre nodes and weights on panels that end at ``ends`` (cuts, N), (M,) each.

    Also how much of the mass the rounding of positions may hide.
    """
    cuts = _cuts(field.prior).to(ends)
    if field.prior.product:
        share = torch.diff(field.prior.cdf(cuts))[:, None] * field.weights
    else:
        share = field.weights / (len(cuts) - 1)
    rounding = 16.0 * torch.finfo(ends.dtype).eps * ends.abs()
    unseen = (rounding[1:] / ends.diff(dim=0)).nan_to_num(1.0).clamp(max=1.0)
    edges = ends.flatten().sort().values
    if panels is not None and panels < edges.numel():
        edges = edges[torch.linspace(0, edges.numel() - 1, panels).round().long()]
    node, weight = (torch.from_numpy(v).to(edges) for v in np.polynomial.legendre.leggauss(_ORDER))
    half = 0.5 * edges.diff()[:, None]
    x = 0.5 * (edges[1:] + edges[:-1])[:, None] + half * node
    return x.flatten(), (half * weight).flatten(), float((share * unseen).sum())


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


def refinement(field: MarginalField, x1: Tensor, shown: Trajectories) -> Check:
    """The largest move of given trajectories when every step's tolerance is a thirtieth.

    Args:
        field: the flow.
        x1: where the trajectories start, (Q, d).
        shown: the trajectories as they are drawn, at the usual tolerance.
    """
    again = trajectories(field, x1, shown.t, tolerance=TOLERANCE / 30.0)
    bound = REFINEMENT_BOUND if field.prior.smooth or field.prior.flat else EDGED_BOUND
    return Check(float((again.x - shown.x).abs().max()), bound)


def basin_masses(found: BasinMap) -> Check:
    """The largest |measured mass - weight| of a basin, in standard errors of the measurement."""
    known = found.noise > 0
    gap = (found.mass - found.exact).abs()
    if not bool(known.any()):
        return Check(float(gap.max()), 1e-12)
    return Check(float((gap[known] / found.noise[known]).max()), BASIN_BOUND)


@lru_cache(maxsize=64)
def _cuts(prior: Prior) -> Tensor:
    """Panel ends on a coordinate of the prior: quantiles halving towards both tails, and kinks."""
    if not prior.product:
        low, high = prior.interval(1e-12)
        return torch.linspace(low, high, 97, dtype=torch.float64)
    tail = 0.5 * torch.pow(3.0, -0.5 * torch.arange(49, dtype=torch.float64))
    kinks = torch.tensor(prior.kinks, dtype=torch.float64)
    return torch.unique(torch.cat([prior.icdf(tail), prior.isf(tail), kinks]))
