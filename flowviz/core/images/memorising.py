"""What is remembered: speciation, collapse, and the nearest data points (MATH §11).

A data point x₀ᵢ is drawn, and noise added: x_t = α x₀ᵢ + σ x₁. With r the posterior weights at x_t,

    E r_i         how far the image is decided: the weight of its own data point
    E Σ_{j∈y} r_j how far the class y of x₀ᵢ is decided.

*Speciation*: the class is decided near the time at which the noise is as large as the data in the
direction in which these vary most, α² Λ = σ², Λ the largest eigenvalue of their covariance.
*Collapse*: one image has all the weight once the noise tells N images apart. For Gaussian data with
the same covariance of eigenvalues λ_k that is

    log N = ½ Σ_k log(1 + α² λ_k/σ²).

Source: Biroli, Bonnaire, de Bortoli, Mézard, "Dynamical regimes of diffusion models" (2024).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.images.denoiser import straight
from flowviz.core.numerics.arguments import Numbers, as_tensor
from flowviz.core.numerics.work import spend
from flowviz.core.paths import Path
from flowviz.core.priors.base import require
from flowviz.core.schedules import Schedule

NEARER = 0.5
"""An image is remembered if its nearest data point is nearer than this share of its second."""


def posterior_at(x: Tensor, x0: Tensor, weights: Tensor, alpha: float, sigma: float) -> Tensor:
    """Posterior weights r_i, (Q, N), under the prior N(0, I), at one time."""
    spend(len(x) * len(x0), float(x.shape[1]))
    apart = torch.cdist(x, alpha * x0, compute_mode="donot_use_mm_for_euclid_dist")
    return torch.softmax(weights.log() - apart.square() / (2.0 * sigma**2), dim=1)


@dataclass(frozen=True)
class Mean:
    """A mean over draws and its standard error."""

    value: float
    error: float


def mean_of(values: Tensor) -> Mean:
    """The mean of (Q,) and its standard error; an error of NaN for one value."""
    values = values.to(torch.float64)
    spread = values.std() / math.sqrt(len(values)) if len(values) > 1 else math.nan
    return Mean(float(values.mean()), float(spread))


@dataclass(frozen=True)
class Decided:
    """Own weights of draws x_t of data points at times ``t`` (T,).

    ``image`` (T, Q), the weight of the draw's own data point; ``label`` (T, Q), of all data points
    with its label.
    """

    t: Tensor
    image: Tensor
    label: Tensor


def decided(
    x0: Numbers,
    labels: Tensor,
    draws: int,
    t: Tensor,
    seed: int = 0,
    path: Path | None = None,
) -> Decided:
    """How far image and class of draws of the data are decided at each time.

    Args:
        x0: data points of equal weight, (N, d).
        labels: (N,), whole numbers.
        draws: Q; the same data points and noise at every time.
        t: times in (0, 1], (T,).
        seed: of the draws.
        path: x = α x₀ + σ x₁; straight lines by default.
    """
    x0 = as_tensor("x0", x0)
    schedule = _schedule(path)
    generator = torch.Generator().manual_seed(seed)
    own = torch.randint(len(x0), (draws,), generator=generator)
    x1 = torch.randn(draws, x0.shape[1], generator=generator, dtype=x0.dtype)
    weights, same = x0.new_full((len(x0),), 1.0 / len(x0)), labels == labels[own][:, None]
    image, label = [], []
    for time in t:
        alpha, sigma = (float(v) for v in schedule(time))
        r = posterior_at(alpha * x0[own] + sigma * x1, x0, weights, alpha, sigma)
        image.append(r.gather(1, own[:, None])[:, 0])
        label.append((r * same).sum(1))
    return Decided(t, torch.stack(image), torch.stack(label))


def falls_through(t: Tensor, curve: Tensor, level: float = 0.5) -> float:
    """The largest time at which a curve (T,) over rising times reaches a level; NaN if it does not.

    Between two times the curve is taken as straight.
    """
    above = (curve >= level).nonzero()[:, 0]
    if not len(above) or int(above[-1]) == len(t) - 1:
        return math.nan
    k = int(above[-1])
    fraction = (curve[k] - level) / (curve[k] - curve[k + 1])
    return float(t[k] + fraction * (t[k + 1] - t[k]))


def speciation_time(variances: Tensor, path: Path | None = None) -> float:
    """The t with α² Λ = σ², Λ the largest of the covariance's eigenvalues (d,)."""
    root = float(variances.max().clamp(min=0.0).sqrt())
    # α √Λ = σ, so that u = σ/(α + σ) is √Λ/(1 + √Λ).
    return float(_schedule(path).time_of(torch.tensor(root / (1.0 + root), dtype=torch.float64)))


def collapse_time(variances: Tensor, n: int, path: Path | None = None) -> float:
    """The t with log N = ½ Σ_k log(1 + α² λ_k/σ²) for eigenvalues λ_k (d,).

    Raises:
        ValueError: for fewer than 2 data points, or data that do not vary.
    """
    require(n >= 2, f"n must be at least 2, got {n!r}")
    require(float(variances.max()) > 0.0, "the data must vary")
    low, high = -40.0, 40.0  # of log(σ/α); the sum falls with it
    for _ in range(80):
        middle = 0.5 * (low + high)
        capacity = 0.5 * torch.log1p(variances.clamp(min=0.0) * math.exp(-2.0 * middle)).sum()
        low, high = (middle, high) if float(capacity) > math.log(n) else (low, middle)
    u = torch.tensor(1.0 / (1.0 + math.exp(-low)), dtype=torch.float64)
    return float(_schedule(path).time_of(u))


@dataclass(frozen=True)
class Nearest:
    """The data points nearest to images: ``index`` (Q,), ``first`` and ``second`` distance (Q,)."""

    index: Tensor
    first: Tensor
    second: Tensor

    @property
    def remembered(self) -> Tensor:
        """Whether the nearest is nearer than half the distance to the second, (Q,)."""
        return self.first < NEARER * self.second


def nearest(x: Tensor, x0: Tensor) -> Nearest:
    """The nearest and second nearest distinct data points, (N, d), of images (Q, d).

    Equal data points count once; with a single one the second distance is infinite.
    """
    distinct, which = torch.unique(x0, dim=0, return_inverse=True)
    first_of = torch.full((len(distinct),), len(x0)).scatter_reduce_(
        0, which, torch.arange(len(x0)), "amin"
    )
    apart = torch.cdist(x, distinct, compute_mode="donot_use_mm_for_euclid_dist")
    found = apart.topk(min(2, len(distinct)), dim=1, largest=False)
    second = found.values[:, 1] if len(distinct) > 1 else torch.full((len(x),), math.inf).to(x)
    return Nearest(first_of[found.indices[:, 0]], found.values[:, 0], second)


def _schedule(path: Path | None) -> Schedule:
    schedule = (path or straight()).affine_schedule
    require(schedule is not None, "the path must be x = alpha x0 + sigma x1")
    assert schedule is not None
    return schedule
