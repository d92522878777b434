"""Checks a reader can trust: exact facts of the flow, measured on the flow that is shown.

Each check measures one number, independently of the code it judges, and says what it may be:

- *mass*: ∫ p_t dx = 1 at every t, by quadrature of the density itself (never of F_t).
- *conservation*: F_t(x_t) = F₁(x₁) along every trajectory (MATH §3.1).
- *continuity*: ∂_t log p + f·∇log p + ∇·f = 0 at points drawn from p_t (MATH §3.8).
- *refinement*: trajectories that were stepped do not move when they are stepped more finely.
- *basin masses*: as much prior probability flows to a data point as it has weight (MATH §3.4), as
  one p-value for all basins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.multinomial import p_value
from flowviz.core.numerics.quadrature import integrate
from flowviz.core.priors.base import Prior, require
from flowviz.core.transport import Trajectories, trajectories
from flowviz.core.transport.basins import BasinMap
from flowviz.core.transport.exponential import TOLERANCE

MASS_BOUND = 1e-9
CONSERVATION_BOUND = 1e-10
CONTINUITY_BOUND = 1e-9
REFINEMENT_BOUND = 1e-5
EDGED_BOUND = 1e-2
BASIN_BOUND = 1e-4

_ORDER = 8
_NODES = 1 << 18
"""Nodes one mass check on the line may spend."""
_QUANTILES = 400
"""Ends of panels that are kept of a crowd's quantiles."""
_PAIRS = 1 << 23
"""Nodes × data points it may spend where every pair must be looked at."""


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
class PValue(Check):
    """A p-value as ``value``, and as ``bound`` the least that is put down to chance."""

    @property
    def ok(self) -> bool:
        """Whether chance explains what was counted."""
        return self.value >= self.bound


@dataclass(frozen=True)
class MassCheck(Check):
    """The largest |∫ p_t dx - 1| as ``value``; ``mass`` (T,) at the times ``t`` (T,)."""

    t: Tensor
    mass: Tensor


def mass(field: MarginalField, times: Tensor) -> MassCheck:
    """∫ p_t dx at each time, for d = 1 or 2, by Gauss-Legendre quadrature of p_t.

    Panels end at the image, under every data point's ψ_t, of each kink of the prior and of its
    quantiles ½·3^(-k/2): they follow σ_t, resolve heavy tails and infinite edges alike, and leave
    out a probability of 1e-12. Where ψ_t is not linear in x₁, and under priors of more than one
    mode, they are halved until they follow p_t (``numerics.quadrature``), and the bound allows for
    what is left. What the rounding of x does to the width of a panel is added to the bound: it
    matters where σ_t is tiny, and at the infinite edges of an arcsine law. With many points, and in
    the plane, quantiles (never kinks, on the line) are thinned to a fixed cost, and the bound
    allows for twice what an order of the quadrature less, or in the plane sixteen times what taking
    a quarter of the panels away, changes.

    Args:
        field: a flow on the line, or of the plane and with a lens.
        times: in (0, 1], (T,).
    """
    require(field.d <= 2, f"the mass check needs d = 1 or 2, got d={field.d}")
    result, bound = _line_mass(field, times) if field.d == 1 else _plane_mass(field, times)
    return MassCheck(float((result - 1.0).abs().max()), bound, times, result)


def _line_mass(field: MarginalField, times: Tensor) -> tuple[Tensor, float]:
    """∫ p_t dx, (T,), and what its distance from 1 may be."""
    room = (_NODES if field.path.lens is not None else _PAIRS // field.n) // times.numel()
    edges, unseen = zip(*(_edges(field, t) for t in times), strict=True)
    bound = MASS_BOUND + max(unseen)
    few = _ORDER * edges[0].numel() <= room
    if not field.path.affine_in_x1 or (few and field.prior.min_mode_width is not None):
        return _adaptive_masses(field, times, edges, bound, room)
    if few:
        return _line_masses(field, times, torch.stack(edges), _ORDER), bound
    # All kinks stay: between them p_t is smooth, and of the other ends some will do.
    kinks = [_kink_images(field, t) for t in times]
    singular = field.prior.has_singular_edges
    share = 1 if singular else 2
    order = min(_ORDER, max(4, room // (share * (kinks[0].numel() + _QUANTILES))))
    kept = max(_QUANTILES, room // order - kinks[0].numel()) if singular else _QUANTILES
    ends = [
        torch.cat([_thinned(edge, kept), kink]).sort().values
        for edge, kink in zip(edges, kinks, strict=True)
    ]
    fine, coarse = (_line_masses(field, times, torch.stack(ends), n) for n in (order, order - 1))
    # At singular ends an order more gains little: half of what is left, not most of it.
    doubt = 16.0 if singular else 2.0
    return fine, bound + doubt * float((fine - coarse).abs().max())


def _adaptive_masses(
    field: MarginalField, times: Tensor, edges: tuple[Tensor, ...], bound: float, room: int
) -> tuple[Tensor, float]:
    """∫ p_t dx by panels that are halved wherever ψ_t or the prior bends or jumps."""
    kinks = [_kink_images(field, t) for t in times]
    kept = min(room // (4 * _ORDER), edges[0].numel() // 3)
    ends = [
        torch.cat([_thinned(edge, kept), kink]).unique()
        for edge, kink in zip(edges, kinks, strict=True)
    ]

    def density(x: Tensor, row: Tensor) -> Tensor:
        return field.log_prob(x[:, None], times[row]).exp().nan_to_num()

    result, doubt = integrate(
        density, ends, kinks, room * times.numel(), singular=field.prior.has_singular_edges
    )
    return result, bound + float(doubt.max())


def _edges(field: MarginalField, t: Tensor) -> tuple[Tensor, float]:
    """Ends of panels in order, (M,), and how much of the mass rounding may hide, at one time."""
    cuts = _cuts(field.prior).to(field.x0)
    ends = field.path.forward(cuts[:, None], field.x0, t)[..., 0]
    return ends.flatten().sort().values, _unseen(field, ends)


def _kink_images(field: MarginalField, t: Tensor) -> Tensor:
    """Where p_t is not smooth, (K,): the image of each kink of the prior under each data point."""
    kinks = field.x0.new_tensor(field.prior.kinks)[:, None]
    return field.path.forward(kinks, field.x0, t).flatten() if len(kinks) else kinks.flatten()


def _thinned(edges: Tensor, count: int) -> Tensor:
    count = min(count, edges.numel())
    return edges[torch.linspace(0, edges.numel() - 1, count).round().long()]


def _line_masses(field: MarginalField, times: Tensor, edges: Tensor, order: int) -> Tensor:
    """∫ p_t dx over panels that end at ``edges`` (T, M), at each time (T,)."""
    x, weight = _gauss(edges, order, field.prior.has_singular_edges)
    p = field.log_prob_rows(x, times).exp()
    return (p * weight).nan_to_num().sum(1)


def _gauss(edges: Tensor, order: int, singular: bool = False) -> tuple[Tensor, Tensor]:
    """Nodes and weights of Gauss and Legendre between neighbours of ``edges`` (..., M).

    Where the density may be infinite at an end like 1/√distance, x = middle + half sin(πs/2) makes
    it smooth in s.
    """
    node, weight = (torch.from_numpy(v).to(edges) for v in np.polynomial.legendre.leggauss(order))
    if singular:
        angle = 0.5 * math.pi * node
        node, weight = torch.sin(angle), weight * torch.cos(angle) * (0.5 * math.pi)
    half = 0.5 * edges.diff(dim=-1)[..., None]
    x = 0.5 * (edges[..., 1:] + edges[..., :-1])[..., None] + half * node
    return x.flatten(-2), (half * weight).flatten(-2)


def _unseen(field: MarginalField, ends: Tensor) -> float:
    """How much of the mass the rounding of positions may hide, for panel ends (cuts, N)."""
    cuts = _cuts(field.prior).to(ends)
    if field.prior.product:
        share = torch.diff(field.prior.cdf(cuts))[:, None] * field.weights
    else:
        share = field.weights / (len(cuts) - 1)
    rounding = 16.0 * torch.finfo(ends.dtype).eps * ends.abs()
    hidden = (rounding[1:] / ends.diff(dim=0)).nan_to_num(1.0).clamp(max=1.0)
    return float((share * hidden).sum())


def _plane_mass(field: MarginalField, times: Tensor) -> tuple[Tensor, float]:
    """∬ p_t dx dy, (T,), and what its distance from 1 may be."""
    wanted = _cuts(field.prior).numel() * field.n
    panels = min(wanted, 96 if field.prior.product else 40)
    fine = [_plane_integral(field, t, panels) for t in times]
    result = torch.stack([value for value, _ in fine])
    bound = MASS_BOUND + max(unseen for _, unseen in fine)
    if panels < wanted:
        coarse = torch.stack([_plane_integral(field, t, 3 * panels // 4)[0] for t in times])
        bound += 16.0 * float((result - coarse).abs().max())
    return result, bound


def _plane_integral(field: MarginalField, t: Tensor, panels: int) -> tuple[Tensor, float]:
    cuts, kinks = _cuts(field.prior).to(field.x0), field.x0.new_tensor(field.prior.kinks)

    def image(at: Tensor) -> Tensor:
        return field.path.forward(at[:, None].expand(-1, 2), field.x0, t)

    (x, wx, hidden_x), (y, wy, hidden_y) = (
        _panels(field, [image(at)[..., j] for at in (cuts, kinks)], panels) for j in range(2)
    )
    p = field.grid((x, y), t[None], floor=1e-200).p[0]
    return wx @ p @ wy, hidden_x + hidden_y


def quadrature(field: MarginalField, t: Tensor) -> tuple[Tensor, Tensor, float]:
    """Nodes and weights that integrate p_t times a smooth function over the line.

    Args:
        field: a one-dimensional flow.
        t: one time in (0, 1].

    Returns:
        Nodes (M, 1), weights (M,) and how much of the mass the rounding of x may hide.
    """
    edges, unseen = _edges(field, t)
    x, weight = _gauss(edges, _ORDER)
    return x[:, None], weight, unseen


def _panels(
    field: MarginalField, images: list[Tensor], panels: int
) -> tuple[Tensor, Tensor, float]:
    """Nodes and weights on so many panels of those that end at ``images``, (M,) each.

    Also how much of the mass the rounding of positions may hide.

    Args:
        field: the flow.
        images: of the cuts, (cuts, N), and of the kinks, (K, N), at one time and in a coordinate.
        panels: how many; where the kinks are as few, panels end at all of them besides.
    """
    ends, kinks = images
    edges = _thinned(ends.flatten().sort().values, panels)
    if 0 < kinks.numel() <= panels:
        edges = torch.cat([edges, kinks.flatten()]).sort().values
    return *_gauss(edges, _ORDER), _unseen(field, ends)


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

    Where the terms are large (beside an infinite end they are thousands) so is their rounding: the
    sum is then measured in units of the sum of their sizes. A random point never falls on a kink of
    the prior, where the derivatives do not exist.
    """
    generator = torch.Generator().manual_seed(seed)
    t = t_min + (1.0 - t_min) * torch.rand(n, generator=generator, dtype=field.x0.dtype)
    which = torch.multinomial(field.weights.cpu(), n, replacement=True, generator=generator)
    x1 = field.prior.sample(n, field.d, generator, dtype=field.x0.dtype)
    t, which, x1 = (v.to(field.x0.device) for v in (t, which, x1))
    own = field.x0[which][:, None, :]
    x = field.path.forward(x1, own, t)[:, 0, :]
    terms = field.continuity_terms(x, t)
    residual = terms.sum(0).abs() / terms.abs().sum(0).clamp(min=1.0)
    return Check(float(residual.max()), CONTINUITY_BOUND)


def refinement(field: MarginalField, x1: Tensor, shown: Trajectories) -> Check:
    """The largest move of given trajectories when every step's tolerance is a thirtieth.

    Args:
        field: the flow.
        x1: where the trajectories start, (Q, d).
        shown: the trajectories as they are drawn, at the usual tolerance.
    """
    again = trajectories(field, x1, shown.t, tolerance=TOLERANCE / 30.0)
    bound = REFINEMENT_BOUND if field.prior.smooth or field.prior.uniform_density else EDGED_BOUND
    return Check(float((again.x - shown.x).abs().max()), bound)


def basin_masses(found: BasinMap) -> PValue:
    """Whether chance explains how the draws' shares differ from the weights, for all basins."""
    counts = (found.mass * found.draws).round()
    return PValue(p_value(counts, found.exact), BASIN_BOUND)


@lru_cache(maxsize=64)
def _cuts(prior: Prior) -> Tensor:
    """Panel ends on a coordinate of the prior: quantiles halving towards both tails, and kinks."""
    if not prior.product:
        low, high = prior.interval(1e-12)
        return torch.linspace(low, high, 97, dtype=torch.float64)
    tail = 0.5 * torch.pow(3.0, -0.5 * torch.arange(49, dtype=torch.float64))
    kinks = torch.tensor(prior.kinks, dtype=torch.float64)
    # Quantiles are far apart in a valley between two hills.
    valley = torch.linspace(
        *prior.interval(1e-3), 33 if prior.min_mode_width else 0, dtype=torch.float64
    )
    return torch.unique(torch.cat([prior.icdf(tail), prior.isf(tail), kinks, valley]))
