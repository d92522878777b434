"""A prior's density, distribution function and samples against each other.

The density is integrated, and everything else is judged by it. On the line it is integrated panel
by panel, halving panels until they agree with their halves. Samples are compared by the means of
test functions g: with K functions, their mean m and covariance C under the density,

    n (ḡ - m)ᵀ C⁻¹ (ḡ - m)   is χ² with K degrees of freedom, if samples follow the density.

The functions are Legendre polynomials of a coordinate's level. Levels are read off a pilot sample,
which only decides how well the test sees, not whether it is right.

Source: J. Neyman, Smooth test for goodness of fit (1937); Rayner and Best (1989).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from flowviz.core.checks.invariants import Check, PValue
from flowviz.core.priors.base import Prior

DISTRIBUTION_BOUND = 1e-9
P_BOUND = 1e-4

_LEVELS = (1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.25, 0.4, 0.5)
_NODES, _ROUNDS, _AGREED = 12, 16, 1e-11
_PANELS = 48
"""On a coordinate of the plane."""
_DEGREES = 4
_REACH = 1e-12


@lru_cache(maxsize=64)
def distribution(prior: Prior) -> Check:
    """The largest of |∫_a^b p₁ - (F₁(b) - F₁(a))|, |F₁ + (1 - F₁) - 1| and |F₁(F₁⁻¹(q)) - q|.

    At seventeen levels q from 10⁻⁶ to 1 - 10⁻⁶ of a coordinate.

    Args:
        prior: one with a distribution function, on a line.
    """
    q = torch.tensor(_LEVELS, dtype=torch.float64)
    z = torch.cat([prior.icdf(q), prior.isf(q).flip(0)[1:]])
    level = torch.cat([q, 1.0 - q.flip(0)[1:]])
    share, doubt = _integrals(prior, z)
    cdf, sf = prior.cdf(z), prior.sf(z)
    # What the rounding of z itself does to a level.
    blur = 4.0 * torch.finfo(z.dtype).eps * z.abs()
    rounding = float((prior.cdf(z + blur) - prior.cdf(z - blur)).max())
    gaps = ((share - cdf.diff()), (cdf + sf - 1.0), (cdf - level))
    gap = max(float(part.abs().max()) for part in gaps)
    return Check(gap, DISTRIBUTION_BOUND + 2.0 * doubt + rounding)


def _integrals(prior: Prior, z: Tensor) -> tuple[Tensor, float]:
    """∫ p₁ between neighbours of z, (M - 1,), and what halving the panels still changes."""
    kinks = torch.tensor([k for k in prior.breakpoints if z[0] < k < z[-1]], dtype=z.dtype)
    ends = torch.cat([z, kinks]).sort().values
    low, high = ends[:-1], ends[1:]
    total, unsure = torch.zeros(len(z) - 1, dtype=z.dtype), z.new_zeros(0)
    for _ in range(_ROUNDS):
        middle = 0.5 * (low + high)
        whole = _gauss(prior.pdf, low, high)
        halves = _gauss(prior.pdf, low, middle) + _gauss(prior.pdf, middle, high)
        where = (torch.searchsorted(z, middle) - 1).clamp(0, len(total) - 1)
        unsure = (whole - halves).abs()
        done = ~(unsure > _AGREED)
        total.index_add_(0, where[done], halves[done])
        unsure = unsure[~done]
        if not len(unsure):
            return total, 0.0
        low, high = (torch.cat([a[~done], b[~done]]) for a, b in ((low, middle), (middle, high)))
    where = (torch.searchsorted(z, 0.5 * (low + high)) - 1).clamp(0, len(total) - 1)
    total.index_add_(0, where, _gauss(prior.pdf, low, high))
    return total, float(unsure.sum())


def _gauss(f: Callable[[Tensor], Tensor], low: Tensor, high: Tensor) -> Tensor:
    """∫ f over panels (P,) by Gauss-Legendre quadrature, with x = middle + half sin(πs/2).

    The sine takes away an infinite end like 1/√distance.
    """
    x, weight = _nodes(low, high)
    return (f(x) * weight).sum(-1)


def _nodes(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """Nodes and weights on panels, (P, M) each."""
    node, weight = (torch.from_numpy(v) for v in np.polynomial.legendre.leggauss(_NODES))
    angle, half = 0.5 * math.pi * node, 0.5 * (high - low)[:, None]
    x = 0.5 * (low + high)[:, None] + half * torch.sin(angle)
    return x, half * weight * torch.cos(angle) * (0.5 * math.pi)


# ---------------------------------------------------------------------- samples


@lru_cache(maxsize=64)
def samples(prior: Prior, d: int, n: int = 20_000, seed: int = 3) -> PValue:
    """The p-value of samples under the density: below 10⁻⁴ by chance once in ten thousand priors.

    On the line, and in the plane for independent coordinates, the test is of a coordinate's levels,
    and of pairs of them; for a density that turning about the origin leaves as it is, of the radius
    and the angle; else of both coordinates.

    Args:
        prior: what is sampled.
        d: in which dimension, 1 or 2.
        n: how many samples.
        seed: of the samples.
    """
    generator = torch.Generator().manual_seed(seed)
    pilot, drawn = (prior.sample(m, d, generator) for m in (n // 4, n))
    if not bool((prior.log_prob(drawn) > -torch.inf).all()):
        return PValue(0.0, P_BOUND)  # where the density is 0 there are none
    if prior.product:
        edges = _edges(prior, pilot.flatten())
        moments = _moments(edges, prior.pdf)
        return _chi2(*_independent([(_functions(edges, z), *moments) for z in drawn.unbind(1)]))
    if turns(prior):
        return _chi2(*_independent(_polar(prior, pilot, drawn)))
    return _chi2(*_both(prior, pilot, drawn))


Column = tuple[Tensor, Tensor, Tensor]
"""The test functions of one coordinate of the samples, (n, K), their mean and covariance."""


def _polar(prior: Prior, pilot: Tensor, drawn: Tensor) -> list[Column]:
    """The radius, and the angle, which is uniform."""
    radius = torch.linalg.vector_norm(pilot, dim=-1)
    edges = _edges(prior, radius)
    edges = torch.cat([edges.new_zeros(1), edges[edges > 0]])

    def ring(r: Tensor) -> Tensor:
        return 2.0 * math.pi * r * prior.prob(torch.stack([r, torch.zeros_like(r)], dim=-1))

    far = _functions(edges, torch.linalg.vector_norm(drawn, dim=-1))
    turn = torch.tensor([-math.pi, math.pi], dtype=drawn.dtype)
    angle = _functions(turn, torch.atan2(drawn[:, 1], drawn[:, 0]))
    even = _moments(turn, lambda a: torch.full_like(a, 0.5 / math.pi))
    return [(far, *_moments(edges, ring)), (angle, *even)]


def turns(prior: Prior) -> bool:
    """Whether a rotation about the origin leaves the density of a prior of the plane as it is."""
    z = prior.sample(64, 2, torch.Generator().manual_seed(1))
    c, s = math.cos(1.0), math.sin(1.0)
    turned = torch.stack([c * z[:, 0] - s * z[:, 1], s * z[:, 0] + c * z[:, 1]], dim=-1)
    return bool(torch.allclose(prior.log_prob(turned), prior.log_prob(z), rtol=1e-9, atol=1e-9))


def _edges(prior: Prior, values: Tensor) -> Tensor:
    """Panel ends: quantiles of values, the prior's kinks, and doubling steps to its far ends."""
    levels = torch.linspace(0.0, 1.0, _PANELS + 1, dtype=values.dtype)[1:-1]
    inner = torch.quantile(values[:16_384], levels)
    far_low, far_high = prior.interval(_REACH)
    low, high = prior.support
    far_low, far_high = max(far_low, low), min(far_high, high)
    kinks = torch.tensor(prior.breakpoints, dtype=values.dtype)
    spread = float(inner[-1] - inner[0]) / _PANELS
    doubling = spread * 2.0 ** torch.arange(64, dtype=values.dtype)
    out = torch.cat([inner[0] - doubling, inner, inner[-1] + doubling, kinks])
    out = torch.cat([out, out.new_tensor([far_low, far_high])])
    return out[(out >= far_low) & (out <= far_high)].unique()


def _functions(edges: Tensor, z: Tensor) -> Tensor:
    """Orthonormal Legendre polynomials of levels that rise evenly from panel to panel; (..., K)."""
    k = (torch.searchsorted(edges, z.contiguous()) - 1).clamp(0, len(edges) - 2)
    u = (k + ((z - edges[k]) / (edges[k + 1] - edges[k])).clamp(0.0, 1.0)) / (len(edges) - 1)
    y = 2.0 * u - 1.0
    p = [torch.ones_like(y), y]
    for j in range(1, _DEGREES):
        p.append(((2 * j + 1) * y * p[j] - j * p[j - 1]) / (j + 1))
    return torch.stack(p[1:], dim=-1)


def _moments(edges: Tensor, pdf: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """Mean (K,) and covariance (K, K) of the test functions under a density on a line."""
    x, weight = _nodes(edges[:-1], edges[1:])
    g, mass = _functions(edges, x).flatten(0, 1), (pdf(x) * weight).flatten()
    mean = mass @ g
    return mean, (g * mass[:, None]).T @ g - mean[:, None] * mean


def _independent(columns: list[Column]) -> tuple[Tensor, Tensor, int]:
    """The excess of the mean, its covariance and n, for coordinates that are independent.

    Of two coordinates also the product of their first functions, which covaries with neither.
    """
    excess = [g.mean(0) - mean for g, mean, _ in columns]
    spread = [covariance for _, _, covariance in columns]
    if len(columns) == 2:
        (g, m, c), (h, k, e) = columns
        excess.append(((g[:, :1] - m[0]) * (h[:, :1] - k[0])).mean(0))
        spread.append((c[0, 0] * e[0, 0]).reshape(1, 1))
    return torch.cat(excess), torch.block_diag(*spread), len(columns[0][0])


def _both(prior: Prior, pilot: Tensor, drawn: Tensor) -> tuple[Tensor, Tensor, int]:
    """The same for two coordinates that depend on each other, by quadrature over the plane."""
    edges = [_edges(prior, pilot[:, j]) for j in range(2)]
    (x, wx), (y, wy) = ([v.flatten() for v in _nodes(e[:-1], e[1:])] for e in edges)
    mass = prior.prob(torch.cartesian_prod(x, y)).reshape(len(x), len(y)) * wx[:, None] * wy
    gx, gy = _functions(edges[0], x), _functions(edges[1], y)
    mean = torch.cat([mass.sum(1) @ gx, mass.sum(0) @ gy, (gx[:, 0] @ mass @ gy[:, 0])[None]])
    # Each test function is a product: of one coordinate's and one of the other's, which may be 1.
    one_x, one_y = torch.ones_like(gx), torch.ones_like(gy)
    left = torch.cat([gx, one_x, gx[:, :1]], 1)
    right = torch.cat([one_y, gy, gy[:, :1]], 1)
    pairs_x, pairs_y = (v[:, :, None] * v[:, None, :] for v in (left, right))
    second = torch.einsum("xij,xy,yij->ij", pairs_x, mass, pairs_y)
    hx, hy = (_functions(e, drawn[:, j]) for j, e in enumerate(edges))
    own = torch.cat([hx, hy, hx[:, :1] * hy[:, :1]], 1).mean(0)
    return own - mean, second - mean[:, None] * mean, len(drawn)


def _chi2(excess: Tensor, covariance: Tensor, n: int) -> PValue:
    """P(χ²_K ≥ n eᵀ C⁻¹ e)."""
    statistic = n * (excess @ torch.linalg.solve(covariance, excess))
    half = torch.tensor(0.5 * len(excess), dtype=excess.dtype)
    return PValue(float(torch.special.gammaincc(half, 0.5 * statistic.clamp(min=0.0))), P_BOUND)
