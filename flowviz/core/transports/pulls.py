"""The pull of the data in the variables of the straight line: D(z, v), with v = 1/u and z = x/u.

The free ends are z_i = z - (v - 1) x₀ᵢ, and

    D = Σ_i w_i p₁(z_i) x₀ᵢ / Σ_i w_i p₁(z_i).

This is ``sums.denoiser`` once more, for one use: thousands of small evaluations, one for each stage
of each step. So it divides by nothing, looks once whether the sum has faded, and takes the long way
only where it has.

For a product prior with kinks κ the formula of p₁ changes where a coordinate of a free end passes
one, z_ij = κ: `Pull.kinks` watches them, N·d of them for each position (``kinks``).
"""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from flowviz.core.laws.base import Prior
from flowviz.core.sums.blocks import blocks
from flowviz.core.sums.crowd import FAINT
from flowviz.core.sums.denoiser import Denoiser
from flowviz.core.transports.kinks import Kinks

CORNERS, JUMPS = 64, 300
"""Most data points whose kinks are watched, where the density has corners, and where it jumps."""
FINE = 1e-5
"""Tolerance, in units of the prior's half-width, above which corners are not watched."""
SURE = 1e-15
"""A share of all data points but one below which that one has it all."""


class Pull:
    """D and what follows from it, at positions z (M, d) and times v (M,).

    Args:
        denoiser: the data and the prior.
    """

    def __init__(self, denoiser: Denoiser) -> None:
        self.denoiser = denoiser
        self._x0, self._prior = denoiser.x0, denoiser.prior
        weights = denoiser.weights
        self._columns = torch.cat([weights[:, None], weights[:, None] * self._x0], dim=1)
        self._across = self._x0.T.contiguous()

    def __call__(self, v: Tensor, z: Tensor) -> Tensor:
        """D, (M, d); where p = 0, the data point whose part of the support comes nearest."""
        parts = [self._smooth(v[b], z[b]) for b in blocks(len(z), self._x0.numel())]
        return parts[0] if len(parts) == 1 else torch.cat(parts) if parts else z

    def _smooth(self, v: Tensor, z: Tensor) -> Tensor:
        free = self._free(v, z)
        sums = self._prior.joint(free.unbind(1)) @ self._columns
        faded = sums[:, 0] < FAINT
        if not bool(faded.any()):
            return sums[:, 1:] / sums[:, :1]
        mean = sums[:, 1:] / sums[:, :1]
        mean[faded] = self.denoiser.pull(z[faded] / v[faded, None], *lens(v[faded]))
        return mean

    def _free(self, v: Tensor, z: Tensor) -> Tensor:
        """Free ends, (M, d, N)."""
        return torch.addcmul(z[:, :, None], (v - 1.0)[:, None, None], self._across, value=-1.0)

    def settled(self, v: Tensor, z: Tensor) -> Tensor:
        """Whether one data point has all the posterior weight, (M,)."""
        if len(self._x0) == 1:
            return torch.ones_like(v, dtype=torch.bool)
        every = [self._lonely(v[b], z[b]) for b in blocks(len(z), self._x0.numel())]
        return torch.cat(every) if every else torch.zeros_like(v, dtype=torch.bool)

    def _lonely(self, v: Tensor, z: Tensor) -> Tensor:
        share = self._prior.joint(self._free(v, z).unbind(1)) * self._columns[:, 0]
        top, which = share.max(1)
        rest = share.scatter_(1, which[:, None], 0.0).sum(1)
        # Where the densities have faded nothing is known yet.
        return (rest <= SURE * top) & (top > FAINT)

    def kinks(self) -> Kinks:
        """Where D's formula changes, and D by the formulas of given sides."""
        n = len(self._x0)
        flat = self._across.reshape(-1)

        def ends(v: Tensor, z: Tensor) -> Tensor:
            return self._free(v, z).reshape(len(z), -1)

        def one(v: Tensor, z: Tensor, which: Tensor) -> Tensor:
            own = z.gather(1, (which // n)[:, None])[:, 0]
            return own - (v - 1.0) * flat[which]

        def slope(v: Tensor, z: Tensor, sides: Tensor) -> Tensor:
            parts = [self._sided(v[b], z[b], sides[b]) for b in blocks(len(z), self._x0.numel())]
            return torch.cat(parts) if parts else z

        borders = torch.tensor(self._prior.kinks, dtype=flat.dtype, device=flat.device)
        return Kinks(ends, one, borders, slope)

    def _sided(self, v: Tensor, z: Tensor, sides: Tensor) -> Tensor:
        free = self._free(v, z)
        kernel = self._prior.branch(free, sides.reshape(free.shape))
        sums = functools.reduce(torch.mul, kernel.unbind(1)) @ self._columns
        return sums[:, 1:] / sums[:, :1]


def lens(v: Tensor) -> tuple[Tensor, Tensor]:
    """(α, σ) of the straight line at v, (M, 1) each."""
    u = 1.0 / v[:, None]
    return (v[:, None] - 1.0) * u, u


def watched(prior: Prior, n: int, tolerance: float) -> bool:
    """Whether the kinks of n data points are worth watching.

    Only straight lines are watched, and only formulas that go on beyond a kink. A jump is worth it
    for more points than a mere corner, which small steps manage, and which a coarse tolerance does
    not see.
    """
    if not prior.product or not prior.kinks or prior.singular:
        return False
    return n <= JUMPS if jumps(prior) else n <= CORNERS and tolerance <= FINE


def jumps(prior: Prior) -> bool:
    """Whether the density has no limit, or not the same from either side, at one of its kinks."""
    if prior.smooth or not prior.product or prior.singular:
        return not prior.smooth
    at = torch.tensor(prior.kinks, dtype=torch.float64)
    piece = torch.arange(len(at))
    gap = prior.branch(at, piece) - prior.branch(at, piece + 1)
    return float(gap.abs().max()) > 1e-9 * float(prior.branch(at, piece).abs().max())
