"""The posterior mean D: what is left of x when the noise is explained away (MATH §3.3).

For every family x = α x₀ + σ x₁, whatever the schedule,

    σ^d p(x) = Σ_i w_i p₁((x - α x₀ᵢ)/σ),     D(x) = Σ_i r_i x₀ᵢ,

and density and velocity need nothing else. The sums are products with a matrix of 1 + d rows (the
weights, then the weighted coordinates). Densities are summed as they are; where they underflow they
are summed again relative to the largest, from their logarithms.

On the line a whole row of positions is asked for at once, and a crowd of data points answers
through its tree (module ``treecode``).

For a *product* prior on a tensor grid the pair kernel factors, p₁ = k(x) k(y), and the sums over
data points are matrix products (MATH §3.6): p = K_x diag(w) K_yᵀ.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from flowviz.core.field.treecode import FAINT, PROXIES, Treecode
from flowviz.core.numerics.chunks import Progress, blocks, blocks_for, in_blocks
from flowviz.core.priors.base import Prior

_ROUND = 40
"""Rows that are asked for together; progress is told between."""

_GRID_CHUNK = 1 << 20
"""Cap on the elements (grid nodes of one axis × data points) a matrix product forms at once."""


class PosteriorMean:
    """Sums over data points for the families x = α x₀ + σ x₁.

    Args:
        x0: data points, (N, d).
        weights: (N,), summing to 1.
        prior: the law of x₁.
    """

    def __init__(self, x0: Tensor, weights: Tensor, prior: Prior) -> None:
        self.x0 = x0
        self.weights = weights
        self.prior = prior
        # Rows of the sums: the weights, then the weighted coordinates, (1 + d, N).
        self._moments = torch.cat([weights[None], weights * x0.T])

    def __call__(
        self, x: Tensor, alpha: Tensor, sigma: Tensor, progress: Progress | None = None
    ) -> tuple[Tensor, Tensor]:
        """log(σ^d p(x)), (Q,), and D(x), (Q, d).

        Args:
            x: positions, (Q, d).
            alpha: (Q, 1).
            sigma: (Q, 1), positive.
            progress: told the fraction done now and then.
        """
        return in_blocks(self._block, (x, alpha, sigma), self.x0.numel(), progress)

    @cached_property
    def treecode(self) -> Treecode | None:
        """The tree over the data, on the line, once there are more points than a leaf holds."""
        if self.x0.shape[1] > 1 or len(self.x0) <= PROXIES:
            return None
        return Treecode(self.x0[:, 0], self.weights, self.prior)

    def rows(
        self, x: Tensor, alpha: Tensor, sigma: Tensor, progress: Progress | None = None
    ) -> tuple[Tensor, Tensor]:
        """log(σ p(x)) and D(x), (R, X) each, on the line; a row shares α and σ, (R,) each.

        Args:
            x: positions, (R, X), each row in order for speed.
            alpha: (R,).
            sigma: (R,), positive.
            progress: told the fraction done now and then.
        """
        if self.treecode is None:
            a, s = (v.repeat_interleave(x.shape[1])[:, None] for v in (alpha, sigma))
            log_p, mean = self(x.reshape(-1, 1), a, s, progress)
            return log_p.reshape(x.shape), mean.reshape(x.shape)
        parts = []
        for part in blocks(len(x), 1, _ROUND):
            parts.append(self.treecode(x[part], alpha[part], sigma[part]))
            if progress is not None:
                progress(part.stop / len(x))
        log_p, mean = (torch.cat(part) for part in zip(*parts, strict=True))
        return log_p, mean

    def _block(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        free = self._free(x, alpha, sigma)
        sums = self._moments @ self.prior.joint(free)
        log_p, mean = torch.log(sums[0]), (sums[1:] / sums[0]).T
        faint = sums[0] < FAINT
        if bool(faint.any()):
            faint &= self._within_reach(x, alpha, sigma)
        if bool(faint.any()):
            # So far out that digits are lost or gone: the same sums relative to the largest term.
            terms = self.prior.log_joint([z[:, faint] for z in free])
            top = terms.detach().amax(0)
            top = torch.where(torch.isfinite(top), top, torch.zeros_like(top))
            sums = self._moments @ torch.exp(terms - top)
            log_p = log_p.masked_scatter(faint, torch.log(sums[0]) + top)
            mean = mean.masked_scatter(faint[:, None], (sums[1:] / sums[0]).T)
        return log_p, mean

    def _free(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> list[Tensor]:
        """Free ends (x - α x₀ᵢ)/σ, one (N, Q) for each coordinate.

        Coordinates apart and data points first: products and sums are then contiguous.
        """
        alpha, shrink = alpha[:, 0], 1.0 / sigma[:, 0]
        # The direct difference first: x/σ - αx₀/σ would lose every digit at small σ.
        return [
            torch.addcmul(x[:, j], alpha, self.x0[:, j, None], value=-1.0) * shrink
            for j in range(x.shape[1])
        ]

    def shares(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """Posterior weights r_i(x), (Q, N); where p = 0, all on the point that comes nearest."""
        rows = []
        for block in blocks_for(x, self.x0.numel()):
            free = self._free(x[block], alpha[block], sigma[block])
            share = (self.prior.log_joint(free) + self.weights.log()[:, None]).softmax(0)
            lost = share.isnan().any(0)
            if bool(lost.any()):
                nearest = self._gap([z[:, lost] for z in free]).argmin(0)
                share[:, lost] = torch.nn.functional.one_hot(nearest, len(self.x0)).T.to(share)
            rows.append(share.T)
        return torch.cat(rows)

    def value(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """D(x), (Q, d); where p = 0, the data point whose part of the support comes nearest."""
        mean = self(x, alpha, sigma)[1]
        lost = mean.isnan().any(-1)
        if bool(lost.any()):
            mean[lost] = self.nearest(x[lost], alpha[lost], sigma[lost])
        return mean

    def nearest(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """The data point whose part of the support comes nearest, (Q, d)."""
        return self.x0[self._nearest(x, alpha, sigma)[0]]

    def into_support(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """x where p(x) > 0; elsewhere the nearest place a hair inside some point's support."""
        lost = self(x, alpha, sigma)[0] == -torch.inf
        if not bool(lost.any()):
            return x
        index, free = self._nearest(x[lost], alpha[lost], sigma[lost])
        moved = x.clone()
        moved[lost] = alpha[lost] * self.x0[index] + sigma[lost] * self.prior.nearest(free)
        return moved

    def _nearest(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """The data point whose support comes nearest, (Q,), and its free end, (Q, d)."""
        free = self._free(x, alpha, sigma)
        index = self._gap(free).argmin(0)
        own = torch.stack([z.gather(0, index[None])[0] for z in free], dim=-1)
        return index, own

    def _gap(self, coordinates: list[Tensor]) -> Tensor:
        free = torch.stack(coordinates, dim=-1)
        return (free - self.prior.nearest(free)).abs().amax(-1)

    def _within_reach(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """Where the prior's support, seen from the data's box, may hold x: p may be above 0."""
        low, high = self.prior.support
        furthest = (x - alpha * self.x0.amin(0)) / sigma
        nearest = (x - alpha * self.x0.amax(0)) / sigma
        return ((furthest >= low) & (nearest <= high)).all(-1)

    def on_axes(
        self, axes: tuple[Tensor, ...], alpha: Tensor, sigma: Tensor, floor: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """log(σ^d p) and D on a grid of the plane, at one time.

        Args:
            axes: two vectors, (X,) and (Y,).
            alpha: a scalar.
            sigma: a scalar, positive.
            floor: densities below this need not be resolved; they may come back as 0.

        Returns:
            (X, Y) and (X, Y, 2); D is NaN where p = 0.
        """
        points = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
        if not self.prior.product or len(axes) != 2:
            flat = points.reshape(-1, len(axes))
            log_p, mean = self(flat, alpha.expand(len(flat), 1), sigma.expand(len(flat), 1))
            return log_p.reshape(points.shape[:-1]), mean.reshape(points.shape)
        sums = self._products(axes, alpha, sigma)
        log_p, mean = sums[0].log(), torch.stack([sums[1], sums[2]], dim=-1) / sums[0][..., None]
        faint = sums[0] < FAINT
        if floor > FAINT:
            log_p[faint], mean[faint] = -torch.inf, torch.nan
        elif bool(faint.any()):
            again = points[faint]
            log_p[faint], mean[faint] = self(
                again, alpha.expand(len(again), 1), sigma.expand(len(again), 1)
            )
        return log_p, mean

    def _products(self, axes: tuple[Tensor, ...], alpha: Tensor, sigma: Tensor) -> Tensor:
        """Σ w k_x k_y (1, x₀, y₀) by matrix products, (3, X, Y)."""
        sums = axes[0].new_zeros(3, axes[0].numel(), axes[1].numel())
        longest = max(a.numel() for a in axes)
        for part in blocks(len(self.x0), longest, _GRID_CHUNK):
            x0, weights = self.x0[part], self.weights[part]
            kernel_x, kernel_y = (
                self.prior.pdf((axis[:, None] - alpha * x0[:, j]) / sigma)
                for j, axis in enumerate(axes)
            )
            weighted = kernel_x * weights
            sums[0].addmm_(weighted, kernel_y.T)
            sums[1].addmm_(weighted * x0[:, 0], kernel_y.T)
            sums[2].addmm_(weighted, (kernel_y * x0[:, 1]).T)
        return sums
