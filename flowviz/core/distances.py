"""Distances between sets of samples, and the distances that chance alone would give.

*Wasserstein distance* W₂ = (min over plans of E|a - b|²)^½. For d = 1 the optimal plan keeps the
order, and sorting gives it exactly, with any weights; for d ≥ 2 it is a linear program, solved
exactly by POT's network simplex.

*Energy distance* √(2E|a - b| - E|a - a'| - E|b - b'|): 0 only for equal distributions, and cheap.

Two sets of samples of the *same* distribution differ as well. ``compare`` gives their distance
beside every other: only a distance clearly above it is an error of the flow.

Source: Bonneel et al. 2011, "Displacement interpolation using Lagrangian mass transport" (the
network simplex); Székely, Rizzo 2013, "Energy statistics".
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.priors.base import require


def energy_distance(
    a: Tensor, b: Tensor, a_weights: Tensor | None = None, b_weights: Tensor | None = None
) -> float:
    """√(2E|a - b| - E|a - a'| - E|b - b'|), for a (Q, d) and b (R, d).

    Args:
        a: positions, finite.
        b: positions, finite.
        a_weights: (Q,), with any positive sum; equal by default.
        b_weights: (R,), likewise.

    Raises:
        ValueError: for positions that are not finite, or sets that do not match.
    """
    p, q = _weights(a, a_weights), _weights(b, b_weights)
    _same_space(a, b)
    mixed, left, right = _mean_gap(a, p, b, q), _mean_gap(a, p, a, p), _mean_gap(b, q, b, q)
    return max(0.0, 2.0 * mixed - left - right) ** 0.5


def _mean_gap(a: Tensor, p: Tensor, b: Tensor, q: Tensor) -> float:
    """Σ p_i q_j |a_i - b_j|."""
    rows = [
        p[block] @ torch.cdist(a[block], b, compute_mode="donot_use_mm_for_euclid_dist") @ q
        for block in blocks(len(a), len(b), 1 << 20)
    ]
    return float(torch.stack(rows).sum())


def wasserstein(
    a: Tensor, b: Tensor, a_weights: Tensor | None = None, b_weights: Tensor | None = None
) -> float:
    """W₂ between two weighted sets, exactly; arguments as for ``energy_distance``.

    For d ≥ 2 the time grows as the cube of the number of samples.
    """
    p, q = _weights(a, a_weights), _weights(b, b_weights)
    _same_space(a, b)
    square = _by_sorting(a[:, 0], p, b[:, 0], q) if a.shape[1] == 1 else _by_plan(a, p, b, q)
    return max(0.0, square) ** 0.5


def _by_sorting(a: Tensor, p: Tensor, b: Tensor, q: Tensor) -> float:
    """∫ (F⁻¹(u) - G⁻¹(u))² du, a sum over the intervals on which both are constant."""
    a, order = a.sort()
    p = p[order].cumsum(0)
    b, order = b.sort()
    q = q[order].cumsum(0)
    cuts = torch.cat([p, q]).clamp(0.0, 1.0).sort().values
    # Each piece ends at its cut, which is a jump's own number: no rounding in between.
    left = torch.searchsorted(p, cuts).clamp(max=len(a) - 1)
    right = torch.searchsorted(q, cuts).clamp(max=len(b) - 1)
    mass = torch.diff(cuts, prepend=cuts.new_zeros(1))
    return float((mass * (a[left] - b[right]).square()).sum())


def optimal_transport() -> Any:
    """The package POT. Its first import takes half a second: a server does that when it starts."""
    for package in ("JAX", "TENSORFLOW", "CUPY", "PYTORCH"):  # only numpy's arrays are used
        os.environ.setdefault(f"POT_BACKEND_DISABLE_{package}", "1")
    return importlib.import_module("ot")


def _by_plan(a: Tensor, p: Tensor, b: Tensor, q: Tensor) -> float:
    """The least mean square distance of a plan, by POT."""
    cost = torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist").square()
    steps = 100 * max(100_000, a.shape[0] + b.shape[0])
    value = optimal_transport().emd2(p.numpy(), q.numpy(), cost.numpy(), numItermax=steps)
    return float(value)


def nearest(x: Tensor, points: Tensor) -> Tensor:
    """The distance from each position to the nearest of the points; (Q, d), (N, d) -> (Q,).

    Samples of the exact flow end on data points; samples of a network near them as far as it has
    memorised them.
    """
    _same_space(x, points)
    distances = [
        torch.cdist(x[block], points, compute_mode="donot_use_mm_for_euclid_dist").amin(1)
        for block in blocks(len(x), len(points), 1 << 20)
    ]
    return torch.cat(distances) if distances else x.new_zeros(0)


@dataclass(frozen=True)
class Distance:
    """A distance of samples from the true distribution, and the distance expected by chance.

    ``value``, the mean distance from samples of the true distribution; ``noise`` and ``deviation``,
    the mean and standard deviation of the distance between two such samples.
    """

    value: float
    noise: float
    deviation: float


@dataclass(frozen=True)
class Comparison:
    """The distances of a set of samples from the true distribution."""

    energy: Distance
    w2: Distance


def compare(
    samples: Tensor, draw: Callable[[int, int], Tensor], runs: int = 4, seed: int = 0
) -> Comparison:
    """Compare samples with sets of the same size from the true distribution.

    Args:
        samples: (Q, d), finite.
        draw: (n, seed) -> n samples of the true distribution, (n, d).
        runs: number of sets; their mutual distances give the noise.
        seed: of the first.

    Raises:
        ValueError: unless runs ≥ 2 and the samples are finite.
    """
    require(runs >= 2, f"runs must be at least 2, got {runs}")
    sets = [draw(len(samples), seed + k) for k in range(runs)]
    return Comparison(
        _distance(energy_distance, samples, sets), _distance(wasserstein, samples, sets)
    )


def _distance(
    measure: Callable[[Tensor, Tensor], float], samples: Tensor, sets: list[Tensor]
) -> Distance:
    to_sets = torch.tensor([measure(samples, other) for other in sets])
    mutual = torch.tensor(
        [measure(a, b) for k, a in enumerate(sets) for b in sets[k + 1 :]], dtype=torch.float64
    )
    deviation = float(mutual.std()) if len(mutual) > 1 else 0.0
    return Distance(float(to_sets.mean()), float(mutual.mean()), deviation)


def exact_draws(field: MarginalField, t: float) -> Callable[[int, int], Tensor]:
    """(n, seed) -> n independent samples of p_t, (n, d); at t = 0 they are data points."""

    def draw(n: int, seed: int) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        which = torch.multinomial(field.weights.cpu(), n, replacement=True, generator=generator)
        x0 = field.x0.cpu()[which]
        if t == 0.0:
            return x0
        x1 = field.prior.sample(n, field.d, generator, dtype=x0.dtype)
        return field.path.forward(x1, x0[:, None], x0.new_full((n,), t))[:, 0]

    return draw


def _weights(x: Tensor, weights: Tensor | None) -> Tensor:
    """Weights that sum to one, (Q,)."""
    require(x.dim() == 2 and len(x) > 0, f"samples must have shape (Q, d), got {tuple(x.shape)}")
    require(bool(torch.isfinite(x).all()), "samples must be finite")
    if weights is None:
        return x.new_full((len(x),), 1.0 / len(x))
    require(
        weights.shape == (len(x),) and bool((weights >= 0).all()) and float(weights.sum()) > 0,
        f"weights must have shape ({len(x)},) and not be negative, got {tuple(weights.shape)}",
    )
    return (weights / weights.sum()).to(x)


def _same_space(a: Tensor, b: Tensor) -> None:
    require(
        a.shape[1] == b.shape[1],
        f"both sets must have one dimension, got {a.shape[1]} and {b.shape[1]}",
    )
