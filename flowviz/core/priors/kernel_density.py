"""Priors from samples: a normal density of one width around each.

================  ==========================================================  ======  ============
class             density                                                     smooth  tails
================  ==========================================================  ======  ============
KernelDensity     Σ_k N(z; samples_k, bandwidth²)/n                           yes     exp(-y²/2)
KernelDensity2D   the same in the plane, bandwidth in both directions         yes     exp(-r²/2)
================  ==========================================================  ======  ============

They are Gaussian mixtures of equal scales and weights, and as exact as any: to flow from one set of
points to another, the first is the prior and the second the data.

Source: Silverman, Density Estimation for Statistics and Data Analysis (1986), §3.4 and §4.3.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import blocks
from flowviz.core.priors.base import FARTHEST, LOG_2PI, SCALE, param_range, require
from flowviz.core.priors.full_support import GaussianSum
from flowviz.core.priors.two_dimensional import Component2D, GaussianSum2D

MAX_SAMPLES = 50
"""Every evaluation of the density costs this many exponentials at most."""

SAMPLES = param_range(-10.0, 10.0, 0.01, far=(-FARTHEST, FARTHEST), count=MAX_SAMPLES)


def silverman(samples: Sequence[Sequence[float]]) -> float:
    """The bandwidth σ (4/((d + 2) n))^(1/(d + 4)) that suits a normal density.

    Args:
        samples: n samples of each of d coordinates, (d, n); σ is their standard deviations'
            geometric mean.

    Returns:
        The bandwidth; 0 where all samples agree in a coordinate.
    """
    d, n = len(samples), len(samples[0])
    logs = 0.0
    for column in samples:
        mean = math.fsum(column) / n
        variance = math.fsum((x - mean) ** 2 for x in column) / n
        if variance == 0.0:
            return 0.0
        logs += 0.5 * math.log(variance)
    return math.exp(logs / d) * (4.0 / ((d + 2.0) * n)) ** (1.0 / (d + 4.0))


@dataclass(frozen=True)
class KernelDensity(GaussianSum):
    """A Gaussian kernel density: p = Σ_k N(z; samples_k, bandwidth²)/n."""

    samples: tuple[float, ...] = field(default=(-2.0, -0.1, 0.2, 2.0), metadata=SAMPLES)
    bandwidth: float = field(default=0.5, metadata=SCALE)

    def _validate(self) -> None:
        _require_kernels(self._label, self.bandwidth, self.samples)

    @functools.cached_property
    def components(self) -> list[tuple[float, float, float]]:
        return [(x, self.bandwidth, 1.0 / len(self.samples)) for x in self.samples]

    @property
    def cost(self) -> float:
        return 1.0 + 1.2 * len(self.samples)

    def log_pdf(self, z: Tensor) -> Tensor:
        return self.log_joint((z,))

    def pdf(self, z: Tensor) -> Tensor:
        return _kernels((z,), (self.samples,), self.bandwidth)

    def log_joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        logs = (_log_kernels((z,), (self.samples,), self.bandwidth) for z in coordinates)
        return functools.reduce(torch.add, logs)


@dataclass(frozen=True)
class KernelDensity2D(GaussianSum2D):
    """A Gaussian kernel density in the plane: p = Σ_k N(z; sample_k, bandwidth² I)/n."""

    samples_x: tuple[float, ...] = field(default=(-1.6, -1.0, 0.0, 1.0, 1.6, 0.0), metadata=SAMPLES)
    samples_y: tuple[float, ...] = field(
        default=(-0.2, 0.6, 0.9, 0.6, -0.2, -1.3), metadata=SAMPLES
    )
    bandwidth: float = field(default=0.3, metadata=SCALE)

    def _validate(self) -> None:
        _require_kernels(self._label, self.bandwidth, self.samples_x, self.samples_y)

    def components(self) -> list[Component2D]:
        h, w = self.bandwidth, 1.0 / len(self.samples_x)
        return [(x, y, h, h, 0.0, w) for x, y in zip(self.samples_x, self.samples_y, strict=True)]

    @property
    def cost(self) -> float:
        return 1.0 + 0.8 * len(self.samples_x)

    @property
    def min_mode_width(self) -> float:
        return self.bandwidth

    def approach_speed(self, coordinates: Sequence[Tensor], velocity: Sequence[Tensor]) -> Tensor:
        (x, y), (dx, dy) = coordinates, velocity
        # Towards a sample s where (z - s)·v < 0: of all samples the furthest along v decides.
        furthest = [
            torch.addcmul(_column(x, self.samples_x[b]) * dx, _column(y, self.samples_y[b]), dy)
            for b in blocks(len(self.samples_x), dx.numel())
        ]
        along = functools.reduce(torch.maximum, (part.amax(0) for part in furthest))
        return (dx * dx + dy * dy) * (torch.addcmul(x * dx, y, dy) < along)

    def log_joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        return _log_kernels(coordinates, (self.samples_x, self.samples_y), self.bandwidth)

    def joint(self, coordinates: Sequence[Tensor]) -> Tensor:
        return _kernels(coordinates, (self.samples_x, self.samples_y), self.bandwidth)


def _kernels(
    coordinates: Sequence[Tensor], samples: Sequence[tuple[float, ...]], bandwidth: float
) -> Tensor:
    """Σ_k N(z; sample_k, h² I)/n without logarithms, in a third of their time; 0 far out."""
    n, half = len(samples[0]), 0.5 / bandwidth**2
    size = max(z.numel() for z in coordinates)
    parts = []
    for block in blocks(n, size):  # so many samples at once as the cache holds
        first, *others = (
            z - _column(z, s[block]) for z, s in zip(coordinates, samples, strict=True)
        )
        square = first * first
        for away in others:
            square = square.addcmul_(away, away)
        parts.append(square.mul_(-half).exp_().sum(0))
    total = functools.reduce(torch.add, parts)
    return total * (1.0 / (n * (math.sqrt(2.0 * math.pi) * bandwidth) ** len(samples)))


def _log_kernels(
    coordinates: Sequence[Tensor], samples: Sequence[tuple[float, ...]], bandwidth: float
) -> Tensor:
    """log of Σ_k N(z; sample_k, h² I)/n, from coordinates of z (...) and of the samples (d, n)."""
    z = torch.broadcast_tensors(*coordinates)
    n, root = len(samples[0]), math.sqrt(0.5) / bandwidth
    most = 0.25 * torch.finfo(z[0].dtype).max
    top = total = z[0].new_zeros(())
    for block in blocks(n, z[0].numel()):  # so many samples at once as the cache holds
        away = [
            (c - _column(c, s[block])).mul_(root).clamp_(-most, most)
            for c, s in zip(z, samples, strict=True)
        ]
        terms = (away[0] * away[0]).neg_()
        for other in away[1:]:
            terms = torch.addcmul(terms, other, other, value=-1.0)
        # A finite one to measure from, even where every term is -inf.
        high = terms.detach().amax(0).clamp_(min=torch.finfo(terms.dtype).min)
        block_sum = torch.exp(terms - high).sum(0)
        if block.start == 0:
            top, total = high, block_sum
        else:
            higher = torch.maximum(top, high)
            total = total * torch.exp(top - higher) + block_sum * torch.exp(high - higher)
            top = higher
    return top + total.log() - len(z) * (0.5 * LOG_2PI + math.log(bandwidth)) - math.log(n)


def _column(like: Tensor, samples: tuple[float, ...]) -> Tensor:
    """Samples along a first axis of their own, (n, 1, …), beside a tensor (…)."""
    return _as_tensor(samples, like.dtype, like.device).view(-1, *(1,) * like.dim())


@functools.lru_cache(maxsize=64)
def _as_tensor(numbers: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    with torch.inference_mode(False):  # it outlives the caller's inference
        return torch.tensor(numbers, dtype=dtype, device=device)


def _require_kernels(label: str, bandwidth: float, *samples: tuple[float, ...]) -> None:
    counts = sorted({len(column) for column in samples})
    require(
        len(counts) == 1 and 1 <= counts[0] <= MAX_SAMPLES,
        f"{label}: 1 to {MAX_SAMPLES} samples of each coordinate are needed, got {counts}",
    )
    require(bandwidth > 0.0, f"{label}: bandwidth must be greater than 0, got {bandwidth!r}")
