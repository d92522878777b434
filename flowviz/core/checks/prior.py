"""A prior's density, distribution function and samples against each other.

Everything is compared with integrals of the density, by panels that are halved until they agree
with their halves. Samples are compared by the means of test functions g: with K functions, their
mean m and covariance C under the density,

    n (ḡ - m)ᵀ C⁻¹ (ḡ - m)   is χ² with K degrees of freedom, if samples follow the density.

The functions are Legendre polynomials of a coordinate's approximate level F(z), from a pilot
sample, which affects the power of the test but not its validity.

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
"""Panels for a coordinate, d = 2."""
_DEGREES = 4
_TAIL = 1e-12


@lru_cache(maxsize=64)
def distribution(prior: Prior) -> Check:
    """The largest of |∫_a^b p₁ - (F₁(b) - F₁(a))|, |F₁ + (1 - F₁) - 1| and |F₁(F₁⁻¹(q)) - q|.

    At seventeen levels q from 10⁻⁶ to 1 - 10⁻⁶ of a coordinate.

    Args:
        prior: a product prior.
    """
    q = torch.tensor(_LEVELS, dtype=torch.float64)
    z = torch.cat([prior.icdf(q), prior.isf(q).flip(0)[1:]])
    level = torch.cat([q, 1.0 - q.flip(0)[1:]])
    integral, error = _integrals(prior, z)
    cdf, sf = prior.cdf(z), prior.sf(z)
    # Effect of the rounding of z on its level.
    dz = 4.0 * torch.finfo(z.dtype).eps * z.abs()
    rounding = float((prior.cdf(z + dz) - prior.cdf(z - dz)).max())
    gaps = ((integral - cdf.diff()), (cdf + sf - 1.0), (cdf - level))
    gap = max(float(values.abs().max()) for values in gaps)
    return Check(gap, DISTRIBUTION_BOUND + 2.0 * error + rounding)


def _integrals(prior: Prior, z: Tensor) -> tuple[Tensor, float]:
    """∫ p₁ between neighbours of z, (M - 1,), and an error estimate."""
    inner = [k for k in prior.breakpoints if z[0] < k < z[-1]]
    ends = torch.cat([z, torch.tensor(inner, dtype=z.dtype)]).sort().values
    low, high = ends[:-1], ends[1:]
    total, error = torch.zeros(len(z) - 1, dtype=z.dtype), z.new_zeros(0)
    for _ in range(_ROUNDS):
        middle = 0.5 * (low + high)
        whole = _gauss(prior.pdf, low, high)
        halves = _gauss(prior.pdf, low, middle) + _gauss(prior.pdf, middle, high)
        interval = (torch.searchsorted(z, middle) - 1).clamp(0, len(total) - 1)
        error = (whole - halves).abs()
        done = ~(error > _AGREED)
        total.index_add_(0, interval[done], halves[done])
        error = error[~done]
        if not len(error):
            return total, 0.0
        low, high = (torch.cat([a[~done], b[~done]]) for a, b in ((low, middle), (middle, high)))
    interval = (torch.searchsorted(z, 0.5 * (low + high)) - 1).clamp(0, len(total) - 1)
    total.index_add_(0, interval, _gauss(prior.pdf, low, high))
    return total, float(error.sum())


def _gauss(f: Callable[[Tensor], Tensor], low: Tensor, high: Tensor) -> Tensor:
    """∫ f over panels (P,) by Gauss-Legendre quadrature, with x = middle + half sin(πs/2).

    The sine removes singularities like 1/√distance at the ends.
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

    The test functions are of the coordinates' levels for product priors, of the radius and the
    angle for isotropic ones, and of both coordinates otherwise.

    Args:
        prior: the prior.
        d: the dimension, 1 or 2.
        n: number of samples.
        seed: of the samples.
    """
    generator = torch.Generator().manual_seed(seed)
    pilot, drawn = (prior.sample(m, d, generator) for m in (n // 4, n))
    if not bool((prior.log_prob(drawn) > -torch.inf).all()):
        return PValue(0.0, P_BOUND)  # a sample where the density is 0
    if prior.product:
        edges = _edges(prior, pilot.flatten())
        moments = _moments(edges, prior.pdf)
        return _chi2(*_independent([(_functions(edges, z), *moments) for z in drawn.unbind(1)]))
    if is_isotropic(prior):
        return _chi2(*_independent(_polar(prior, pilot, drawn)))
    return _chi2(*_both(prior, pilot, drawn))


Column = tuple[Tensor, Tensor, Tensor]
"""The test functions of one coordinate of the samples, (n, K), their mean and covariance."""


def _polar(prior: Prior, pilot: Tensor, drawn: Tensor) -> list[Column]:
    """The radius, and the angle, which is uniform."""
    middle = prior.centre
    radius = torch.linalg.vector_norm(pilot - middle, dim=-1)
    edges = _edges(prior, middle + radius) - middle
    edges = torch.cat([edges.new_zeros(1), edges[edges > 0]])

    def radial_density(r: Tensor) -> Tensor:
        at = torch.stack([middle + r, torch.full_like(r, middle)], dim=-1)
        return 2.0 * math.pi * r * prior.prob(at)

    drawn = drawn - middle
    by_radius = _functions(edges, torch.linalg.vector_norm(drawn, dim=-1))
    circle = torch.tensor([-math.pi, math.pi], dtype=drawn.dtype)
    by_angle = _functions(circle, torch.atan2(drawn[:, 1], drawn[:, 0]))
    uniform = _moments(circle, lambda a: torch.full_like(a, 0.5 / math.pi))
    return [(by_radius, *_moments(edges, radial_density)), (by_angle, *uniform)]


def is_isotropic(prior: Prior) -> bool:
    """Whether the density, for d = 2, is invariant under rotations around its ``centre``."""
    z = prior.sample(64, 2, torch.Generator().manual_seed(1))
    c, s = math.cos(1.0), math.sin(1.0)
    x, y = (z - prior.centre).unbind(1)
    rotated = prior.centre + torch.stack([c * x - s * y, s * x + c * y], dim=-1)
    return bool(torch.allclose(prior.log_prob(rotated), prior.log_prob(z), rtol=1e-9, atol=1e-9))


def _edges(prior: Prior, values: Tensor) -> Tensor:
    """Ends of panels: quantiles of values, the prior's breakpoints, and doubling steps outside."""
    levels = torch.linspace(0.0, 1.0, _PANELS + 1, dtype=values.dtype)[1:-1]
    inner = torch.quantile(values[:16_384], levels)
    low, high = prior.interval(_TAIL)
    low, high = max(low, prior.support[0]), min(high, prior.support[1])
    width = float(inner[-1] - inner[0]) / _PANELS
    doubling = width * 2.0 ** torch.arange(64, dtype=values.dtype)
    others = values.new_tensor([*prior.breakpoints, low, high])
    ends = torch.cat([inner[0] - doubling, inner, inner[-1] + doubling, others])
    return ends[(ends >= low) & (ends <= high)].unique()


def _functions(edges: Tensor, z: Tensor) -> Tensor:
    """Legendre polynomials of the piecewise linear level that is k/P at the k-th end; (..., K)."""
    k = (torch.searchsorted(edges, z.contiguous()) - 1).clamp(0, len(edges) - 2)
    u = (k + ((z - edges[k]) / (edges[k + 1] - edges[k])).clamp(0.0, 1.0)) / (len(edges) - 1)
    y = 2.0 * u - 1.0
    p = [torch.ones_like(y), y]
    for j in range(1, _DEGREES):
        p.append(((2 * j + 1) * y * p[j] - j * p[j - 1]) / (j + 1))
    return torch.stack(p[1:], dim=-1)


def _moments(edges: Tensor, pdf: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
    """Mean (K,) and covariance (K, K) of the test functions under a one-dimensional density."""
    x, weight = _nodes(edges[:-1], edges[1:])
    g, mass = _functions(edges, x).flatten(0, 1), (pdf(x) * weight).flatten()
    mean = mass @ g
    return mean, (g * mass[:, None]).T @ g - mean[:, None] * mean


def _independent(columns: list[Column]) -> tuple[Tensor, Tensor, int]:
    """Sample mean minus mean, covariance and n, for independent coordinates.

    For two coordinates also the product of their first functions, which is uncorrelated with both.
    """
    excess = [g.mean(0) - mean for g, mean, _ in columns]
    covariances = [covariance for _, _, covariance in columns]
    if len(columns) == 2:
        (g, m, c), (h, k, e) = columns
        excess.append(((g[:, :1] - m[0]) * (h[:, :1] - k[0])).mean(0))
        covariances.append((c[0, 0] * e[0, 0]).reshape(1, 1))
    return torch.cat(excess), torch.block_diag(*covariances), len(columns[0][0])


def _both(prior: Prior, pilot: Tensor, drawn: Tensor) -> tuple[Tensor, Tensor, int]:
    """The same for two dependent coordinates, by two-dimensional quadrature."""
    edges = [_edges(prior, pilot[:, j]) for j in range(2)]
    (x, wx), (y, wy) = ([v.flatten() for v in _nodes(e[:-1], e[1:])] for e in edges)
    mass = prior.prob(torch.cartesian_prod(x, y)).reshape(len(x), len(y)) * wx[:, None] * wy
    gx, gy = _functions(edges[0], x), _functions(edges[1], y)
    mean = torch.cat([mass.sum(1) @ gx, mass.sum(0) @ gy, (gx[:, 0] @ mass @ gy[:, 0])[None]])
    # Each test function is a product of functions of x and y, one of which may be 1.
    one_x, one_y = torch.ones_like(gx), torch.ones_like(gy)
    left = torch.cat([gx, one_x, gx[:, :1]], 1)
    right = torch.cat([one_y, gy, gy[:, :1]], 1)
    pairs_x, pairs_y = (v[:, :, None] * v[:, None, :] for v in (left, right))
    second = torch.einsum("xij,xy,yij->ij", pairs_x, mass, pairs_y)
    hx, hy = (_functions(e, drawn[:, j]) for j, e in enumerate(edges))
    sample_mean = torch.cat([hx, hy, hx[:, :1] * hy[:, :1]], 1).mean(0)
    return sample_mean - mean, second - mean[:, None] * mean, len(drawn)


def _chi2(excess: Tensor, covariance: Tensor, n: int) -> PValue:
    """P(χ²_K ≥ n eᵀ C⁻¹ e)."""
    statistic = n * (excess @ torch.linalg.solve(covariance, excess))
    half = torch.tensor(0.5 * len(excess), dtype=excess.dtype)
    return PValue(float(torch.special.gammaincc(half, 0.5 * statistic.clamp(min=0.0))), P_BOUND)
