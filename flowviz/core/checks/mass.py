"""Total probability: ∫ p_t dx = 1, by quadrature of the density (never of F_t).

Panels of a Gauss-Legendre rule end at the images, under every data point's ψ_t, of the breakpoints
of the prior and of its quantiles ½·3^(-k/2): so they scale with σ_t and resolve heavy tails and
infinite edges. The probability outside is 1e-12.

- *Families affine in x₁, d = 1*: p_t itself is integrated, on all these panels or, for many data
  points, on fewer; the change by a rule of one order less is added to the bound.
- *Other families, d = 1*: p_t has more breakpoints than these images, and every value of p_t costs
  N solutions of an equation. With p_t(x|x₀ᵢ) the density of one data point

      ∫ p_t dx = Σ_i w_i ∫ p_t(x|x₀ᵢ) dx + ∫ (p_t - Σ_i w_i p_t(x|x₀ᵢ)) dx

  where each integral of the sum is computed adaptively (``numerics.quadrature``), at a cost of N
  and not N², and the last integrand is 0 if p_t is right.
- *d = 2*: with r_i the posterior weights of the data points and x = ψ_t(x₁|x₀ᵢ),

      ∬ p_t dx = Σ_i ∬ r_i p_t |det ∂ψ_t/∂x₁| dx₁,

  whose integrands are w_i p₁(x₁) if p_t is right: nodes are those of the prior. Of many data points
  those with the largest weights are used, and their sum is divided by the sum of their weights.

The effect of the rounding of x on the width of a panel is added to the bound: it matters where σ_t
is tiny, and at the infinite edges of an arcsine density.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from flowviz.core.checks.invariants import Check
from flowviz.core.checks.prior import is_isotropic
from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import in_blocks
from flowviz.core.numerics.jacobians import determinant, value_jacobian
from flowviz.core.numerics.quadrature import gauss, integrate, resolving_ends
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.priors.base import Prior, require

MASS_BOUND = 1e-9

_ORDER = 8
_NODES = 1 << 18
"""Most nodes of a check for d = 1."""
_PAIRS = 1 << 22
"""Most pairs of a node and a data point, where all pairs are evaluated."""
_SOLVED = 1 << 20
"""The same where a pair costs the solution of an equation."""
_PANELS = (25, 1.0), (13, 2.0), (9, 3.0), (5, 5.0), (3, 9.0)
"""For d = 2, from fine to coarse: quantiles on either side, and the power of 3 between them."""
_MAX_ROUNDING = 1e-6
"""For d = 2, the largest effect of rounding at the edges of the support that is allowed."""
_QUANTILES = 400
"""Ends of panels that are kept of the quantiles of many data points."""
_HEAVY = 4.0
"""Tails are heavy where the interval of 1 - 2e-12 is longer than that of 0.998 by this factor."""
_RESOLVED = 1e-11
"""Error allowed in a panel, for a prior of several modes."""


@dataclass(frozen=True)
class MassCheck(Check):
    """The largest |∫ p_t dx - 1| as ``value``; ``mass`` (T,) at the times ``t`` (T,)."""

    t: Tensor
    mass: Tensor


def mass(field: MarginalField, times: Tensor) -> MassCheck:
    """∫ p_t dx at each time, for d = 1 or 2, within a fixed budget of evaluations.

    Args:
        field: a flow, d = 1 or 2.
        times: in (0, 1], (T,).
    """
    require(field.d <= 2, f"the mass check needs d = 1 or 2, got d={field.d}")
    if field.d == 2:
        result, bound = _plane_mass(field, times)
    elif field.path.affine_in_x1:
        result, bound = _line_mass(field, times)
    else:
        result, bound = _mass_by_data_point(field, times)
    return MassCheck(float((result - 1.0).abs().max()), bound, times, result)


# ---------------------------------------------------------------------- the line


def _line_mass(field: MarginalField, times: Tensor) -> tuple[Tensor, float]:
    """∫ p_t dx, (T,), and the bound on its distance from 1, for a family affine in x₁."""
    limit = (
        _NODES if field.path.affine_schedule is not None else _PAIRS // field.n
    ) // times.numel()
    edges, rounding = _edges(field, times)
    bound = MASS_BOUND + rounding
    if _ORDER * edges.shape[1] <= limit:
        return _line_masses(field, times, edges, _ORDER), bound
    # All breakpoints are kept: between them p_t is smooth, and fewer panels are enough.
    breakpoints = [_breakpoint_images(field, t) for t in times]
    count = breakpoints[0].numel()
    singular = field.prior.has_singular_edges
    order = min(_ORDER, max(4, limit // ((1 if singular else 2) * (count + _QUANTILES))))
    kept = max(_QUANTILES, limit // order - count) if singular else _QUANTILES
    ends = [
        torch.cat([_thinned(edge, kept), images]).sort().values
        for edge, images in zip(edges, breakpoints, strict=True)
    ]
    fine, coarse = (_line_masses(field, times, torch.stack(ends), n) for n in (order, order - 1))
    # At singular ends the error decreases slowly with the order.
    safety = 16.0 if singular else 2.0
    return fine, bound + safety * float((fine - coarse).abs().max())


def _edges(field: MarginalField, times: Tensor) -> tuple[Tensor, float]:
    """Sorted ends of panels, (T, M), and the largest effect of rounding on the mass."""
    cuts = torch.cat([_cuts(field.prior).to(field.x0), field.conditional_priors.breakpoints])
    cuts = cuts.sort().values
    ends = torch.stack([field.path.forward(cuts[:, None], field.x0, t)[..., 0] for t in times])
    return ends.flatten(1).sort(dim=1).values, _rounding(field, cuts, ends)


def _breakpoint_images(field: MarginalField, t: Tensor) -> Tensor:
    """ψ_t of the prior's breakpoints for each data point, (K,), where p_t is not smooth."""
    breakpoints = field.x0.new_tensor(field.prior.breakpoints)
    points = torch.cat([breakpoints, field.conditional_priors.breakpoints])[:, None]
    return field.path.forward(points, field.x0, t).flatten() if len(points) else points.flatten()


def _thinned(edges: Tensor, count: int) -> Tensor:
    count = min(count, edges.numel())
    return edges[torch.linspace(0, edges.numel() - 1, count).round().long()]


def _line_masses(field: MarginalField, times: Tensor, edges: Tensor, order: int) -> Tensor:
    """∫ p_t dx over panels that end at ``edges`` (T, M), at each time (T,)."""
    x, weight = gauss(edges, order, field.prior.has_singular_edges)
    p = field.log_prob_rows(x, times).exp()
    return (p * weight).nan_to_num().sum(1)


def _mass_by_data_point(field: MarginalField, times: Tensor) -> tuple[Tensor, float]:
    """∫ p_t dx, (T,), as a sum over data points, and the bound on its distance from 1."""
    cuts, is_breakpoint = _single_point_cuts(field.prior)
    cuts = cuts.to(field.x0)
    ends = [field.path.forward(cuts[:, None], field.x0, t)[..., 0] for t in times]
    # One row for each time and data point; sorted, as ψ may decrease.
    rows, order = torch.cat([e.T for e in ends]).sort(dim=1)
    row_times = times.repeat_interleave(field.n)

    def weighted_density(x: Tensor, row: Tensor) -> Tensor:
        which = row % field.n
        return field.weights[which] * _single_point_density(field, x, which, row_times[row])

    jumps = is_breakpoint.to(order.device)[order]
    budget = max(_SOLVED, 2 * _ORDER * rows.numel())
    integrals, error = integrate(
        weighted_density, rows, jumps, budget, singular=field.prior.has_singular_edges
    )
    shape = (len(times), field.n)
    result = integrals.reshape(shape).sum(1) + _excess(field, times, torch.stack(ends))
    error = float(error.reshape(shape).sum(1).max())
    return result, MASS_BOUND + error + _edges(field, times)[1]


def _single_point_density(field: MarginalField, x: Tensor, which: Tensor, t: Tensor) -> Tensor:
    """p_t(x|x₀ᵢ) at positions, data indices and times (M,) each."""

    def evaluate(x: Tensor, x0: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        x1, log_det, _ = field.path.conditional(x, x0, t)
        return (field.prior.log_prob(x1) + log_det)[:, 0].exp().nan_to_num(), x

    return in_blocks(evaluate, (x[:, None], field.x0[which][:, None], t), 1)[0]


def _excess(field: MarginalField, times: Tensor, ends: Tensor) -> Tensor:
    """∫ (p_t - Σ w_i p_t(x|x₀ᵢ)) dx, (T,), with a number of nodes within the budget."""
    count = _SOLVED // (2 * _ORDER * field.n * len(times))
    edges = torch.stack([_thinned(e.flatten().sort().values, max(3, min(count, 48))) for e in ends])
    x, weight = gauss(edges, _ORDER, field.prior.has_singular_edges)
    sums = []
    for row, t in zip(x, times, strict=True):
        x1, log_det, _ = field.path.conditional(row[:, None], field.x0, t)
        sums.append((field.prior.log_prob(x1) + log_det).exp().nan_to_num() @ field.weights)
    gap = field.log_prob_rows(x, times).exp() - torch.stack(sums)
    return (gap * weight).nan_to_num().sum(1)


def _rounding(field: MarginalField, cuts: Tensor, ends: Tensor) -> float:
    """Effect of the rounding of positions on the mass, for ends (T, cuts, N) of panels."""
    if field.prior.product:
        inside = torch.diff(field.prior.cdf(cuts))[:, None] * field.weights
    else:
        inside = field.weights / (len(cuts) - 1)
    # Where x₁ is the solution of an equation, its residual is rounded like x.
    units = 16.0 if field.path.affine_in_x1 else 32.0
    rounding = units * torch.finfo(ends.dtype).eps * ends.abs()
    relative = (rounding[:, 1:] / ends.diff(dim=1)).nan_to_num(1.0).clamp(max=1.0)
    return float((inside * relative).sum(dim=(1, 2)).max())


# ---------------------------------------------------------------------- the plane


def _plane_mass(field: MarginalField, times: Tensor) -> tuple[Tensor, float]:
    """∬ p_t dx dy, (T,), as a sum over data points, and the bound on its distance from 1."""
    solved = isinstance(field.path, ByForward | ByInverse)
    limit = (_SOLVED if solved else _PAIRS) // (len(times) * field.n)
    x1, weight, error = next(
        rule
        for panels in _PANELS
        if len((rule := _prior_nodes(field.prior, panels))[0]) * min(field.n, 8) <= limit
        or panels == _PANELS[-1]
    )
    chosen = torch.argsort(field.weights, descending=True)[: max(2, limit // len(x1))]
    masses = torch.stack(
        [
            torch.stack([_single_point_mass(field, i, t, x1, weight) for t in times])
            for i in chosen.tolist()
        ]
    )
    result, lost = (masses.sum(0) / field.weights[chosen].sum()).unbind(1)
    low, high = field.prior.interval(0.25)
    size = 1.0 + float(field.x0.abs().max()) / (0.5 * (high - low))
    rounding = 64.0 * torch.finfo(x1.dtype).eps * size / float(times.min())
    return result, MASS_BOUND + error + rounding + min(float(lost.max()), _MAX_ROUNDING)


def _single_point_mass(
    field: MarginalField, i: int, t: Tensor, x1: Tensor, weight: Tensor
) -> Tensor:
    """∬ r_i p_t dx over the image of the prior's nodes x₁ (M, 2) for one data point; and w_i times
    the prior's mass at nodes with p_t = 0, which is due to rounding at edges; (2,).
    """
    x, jacobian = value_jacobian(lambda z: field.path.forward(z, field.x0[i][None], t), x1[:, None])
    probe, expected = field.probe(x[:, 0], t), field.prior.log_prob(x1).exp() * weight
    lost = probe.log_p == -torch.inf
    density = torch.where(lost, 0.0, probe.log_p.exp() * probe.posterior[:, i])
    # Nodes outside of the prior's support do not count.
    inside = expected > 0.0
    volume = determinant(jacobian[:, 0]).abs() * weight
    return torch.stack(
        [(density * volume)[inside].sum(), field.weights[i] * expected[inside & lost].sum()]
    )


@lru_cache(maxsize=32)
def _prior_nodes(prior: Prior, panels: tuple[int, float]) -> tuple[Tensor, Tensor, float]:
    """Nodes (M, 2) and weights (M,) for smooth functions times the prior's density, d = 2.

    Also their error for ∬ p₁, by a rule of one order less, plus the mass outside.

    Args:
        prior: for d = 2.
        panels: number of quantiles on either side, and the power of 3 between them.
    """
    (x1, weight), (x1_coarse, weight_coarse) = (
        _plane_rule(prior, panels, order) for order in (_ORDER, _ORDER - 1)
    )
    fine, coarse = (
        float((prior.log_prob(x).exp() * w).nan_to_num(0.0, 0.0, 0.0).sum())
        for x, w in ((x1, weight), (x1_coarse, weight_coarse))
    )
    return x1, weight, 2.0 * abs(fine - coarse) + 8e-12


def _plane_rule(prior: Prior, panels: tuple[int, float], order: int) -> tuple[Tensor, Tensor]:
    """A product rule, in polar coordinates for isotropic priors."""
    if prior.product:
        edges = _quantiles(prior, *panels)
        if prior.min_mode_width is not None:
            edges = resolving_ends(prior.pdf, edges, _RESOLVED * 10.0 ** panels[1])
        x, w = gauss(edges, order, prior.has_singular_edges)
        return torch.cartesian_prod(x, x), torch.outer(w, w).flatten()
    edges = _ends(prior)
    if not is_isotropic(prior):
        x, w = gauss(edges, order)
        return torch.cartesian_prod(x, x), torch.outer(w, w).flatten()
    middle = prior.centre
    radii = (edges - middle).clamp(min=0.0)
    radii = torch.cat([radii, edges.new_tensor(prior.breakpoints).abs()]).unique()
    r, w = gauss(radii, order)
    angle = torch.arange(8 * order, dtype=r.dtype) * (math.tau / (8 * order))
    x = middle + torch.stack([torch.outer(r, angle.cos()), torch.outer(r, angle.sin())], -1)
    return x.reshape(-1, 2), (r * w * (math.tau / (8 * order))).repeat_interleave(len(angle))


def _ends(prior: Prior) -> Tensor:
    """Ends of panels for a coordinate of a prior of the plane; of heavy tails, in progression."""
    low, high = prior.interval(1e-12)
    if high - low < _HEAVY * (prior.interval(1e-3)[1] - prior.interval(1e-3)[0]):
        return torch.linspace(low, high, 41, dtype=torch.float64)
    tails = (prior.interval(0.5 * 3.0 ** (-0.5 * k)) for k in range(1, 50))
    return torch.tensor([prior.centre, *itertools.chain(*tails)], dtype=torch.float64).unique()


@lru_cache(maxsize=64)
def _cuts(prior: Prior) -> Tensor:
    """Ends of panels for a coordinate of the prior: quantiles in geometric progression.

    For a prior of several modes panels that resolve its density, as quantiles are far apart between
    two modes.
    """
    if not prior.product:
        low, high = prior.interval(1e-12)
        return torch.linspace(low, high, 97, dtype=torch.float64)
    if prior.min_mode_width is None:
        return _quantiles(prior, 49, 0.5)
    return resolving_ends(prior.pdf, _quantiles(prior, 9, 3.0), _RESOLVED)


@lru_cache(maxsize=64)
def _single_point_cuts(prior: Prior) -> tuple[Tensor, Tensor]:
    """Ends of the initial panels, (M,), and which of them are breakpoints."""
    coarse = not prior.has_singular_edges
    cuts = _quantiles(prior, 9 if coarse else 25, 3.0 if coarse else 1.0)
    return cuts, torch.isin(cuts, torch.tensor(prior.breakpoints, dtype=torch.float64))


def _quantiles(prior: Prior, count: int, power: float) -> Tensor:
    """Breakpoints, and quantiles ½·3^(-power·k), k < count, on both sides of the median; rising."""
    tail = 0.5 * torch.pow(3.0, -power * torch.arange(count, dtype=torch.float64))
    breakpoints = torch.tensor(prior.breakpoints, dtype=torch.float64)
    return torch.unique(torch.cat([prior.icdf(tail), prior.isf(tail), breakpoints]))
