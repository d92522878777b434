"""The posterior mean D = E[x₀|x_t], and the density, of affine families (MATH §3.3).

For every family x = α x₀ + σ x₁, whatever the schedule,

    σ^d p(x) = Σ_i w_i p₁((x - α x₀ᵢ)/σ),     D(x) = Σ_i r_i x₀ᵢ,

and density and velocity follow from them. The sums are products with a matrix of 1 + d rows (the
weights, then the weighted coordinates). Densities are summed directly; where they underflow they
are summed again relative to the largest, from their logarithms.

For d = 1 whole rows of positions are evaluated at once, over many data points by a treecode (module
``treecode``).

For a *product* prior on a tensor grid the pair kernel factors, p₁ = k(x) k(y), and the sums over
data points are matrix products (MATH §3.6): p = K_x diag(w) K_yᵀ.
"""

from __future__ import annotations

from functools import cached_property

import torch
from torch import Tensor

from flowviz.core.field.coupling import ConditionalPriors
from flowviz.core.field.treecode import FAINT, PROXIES, Treecode
from flowviz.core.numerics.chunks import Progress, blocks, blocks_for, in_blocks
from flowviz.core.numerics.work import spend
from flowviz.core.priors.base import Prior

_ROWS = 40
"""Rows evaluated between two calls of ``progress``."""

WIDE = 8
"""Beyond this dimension densities underflow, and all coordinates are evaluated in one call."""

_GRID_CHUNK = 1 << 20
"""Cap on the elements (grid nodes of one axis × data points) a matrix product forms at once."""


class PosteriorMean:
    """Sums over data points for the families x = α x₀ + σ x₁.

    Args:
        x0: data points, (N, d).
        weights: (N,), summing to 1.
        prior: the distribution of x₁.
        conditional: that of x₁ for each data point; None where it is the prior.
    """

    def __init__(
        self,
        x0: Tensor,
        weights: Tensor,
        prior: Prior,
        conditional: ConditionalPriors | None = None,
    ) -> None:
        self.conditional = conditional
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
            progress: called with the fraction done.
        """
        return in_blocks(self._block, (x, alpha, sigma), self.x0.numel(), progress)

    @cached_property
    def treecode(self) -> Treecode | None:
        """The tree over the data, for d = 1 and more points than a leaf holds."""
        if self.x0.shape[1] > 1 or len(self.x0) <= PROXIES or self.conditional is not None:
            return None
        return Treecode(self.x0[:, 0], self.weights, self.prior)

    def rows(
        self, x: Tensor, alpha: Tensor, sigma: Tensor, progress: Progress | None = None
    ) -> tuple[Tensor, Tensor]:
        """log(σ p(x)) and D(x), (R, X) each, for d = 1; each row has one α and σ, (R,) each.

        Args:
            x: positions, (R, X), faster if each row is sorted.
            alpha: (R,).
            sigma: (R,), positive.
            progress: called with the fraction done.
        """
        if self.treecode is None:
            a, s = (v.repeat_interleave(x.shape[1])[:, None] for v in (alpha, sigma))
            log_p, mean = self(x.reshape(-1, 1), a, s, progress)
            return log_p.reshape(x.shape), mean.reshape(x.shape)
        results = []
        for block in blocks(len(x), 1, _ROWS):
            results.append(self.treecode(x[block], alpha[block], sigma[block]))
            if progress is not None:
                progress(block.stop / len(x))
        log_p, mean = (torch.cat(column) for column in zip(*results, strict=True))
        return log_p, mean

    def _block(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        spend(len(x) * len(self.x0), self.prior.cost)
        if x.shape[1] > WIDE and self.prior.product and self.conditional is None:
            sums, top = self._relative_sums(self._wide_log_joint(x, alpha, sigma))
            return torch.log(sums[0]) + top, (sums[1:] / sums[0]).T
        endpoints = self._endpoints(x, alpha, sigma)
        sums = self._moments @ self._joint(endpoints)
        log_p, mean = torch.log(sums[0]), (sums[1:] / sums[0]).T
        faint = sums[0] < FAINT
        if bool(faint.any()):
            faint &= self._may_have_density(x, alpha, sigma)
        if bool(faint.any()):
            # Terms underflow.
            sums, top = self._relative_sums(self._log_joint([z[:, faint] for z in endpoints]))
            log_p = log_p.masked_scatter(faint, torch.log(sums[0]) + top)
            mean = mean.masked_scatter(faint[:, None], (sums[1:] / sums[0]).T)
        return log_p, mean

    def _relative_sums(self, terms: Tensor) -> tuple[Tensor, Tensor]:
        """The sums of log-densities (N, Q) relative to the largest, (1 + d, Q), and it, (Q,)."""
        top = terms.detach().amax(0)
        top = torch.where(torch.isfinite(top), top, torch.zeros_like(top))
        return self._moments @ torch.exp(terms - top), top

    def _wide_log_joint(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """log p₁ of the endpoints, (N, Q), of a product prior in many dimensions."""
        endpoints = torch.addcmul(x.T[:, None], alpha[:, 0], self.x0.T[..., None], value=-1.0)
        return self.prior.log_pdf(endpoints * (1.0 / sigma[:, 0])).sum(0)

    def _joint(self, endpoints: list[Tensor]) -> Tensor:
        """q_i of endpoints (N, Q) of each coordinate, (N, Q)."""
        density = self.prior.joint(endpoints)
        return density if self.conditional is None else density * self._log_ratio(endpoints).exp()

    def _log_joint(self, endpoints: list[Tensor]) -> Tensor:
        """Its logarithm."""
        log_p = self.prior.log_joint(endpoints)
        return log_p if self.conditional is None else log_p + self._log_ratio(endpoints)

    def _log_ratio(self, endpoints: list[Tensor]) -> Tensor:
        assert self.conditional is not None
        return self.conditional.log_ratio(torch.stack(endpoints, dim=-1).transpose(0, 1)).T

    def _endpoints(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> list[Tensor]:
        """Endpoints (x - α x₀ᵢ)/σ, one (N, Q) for each coordinate.

        With this layout products and sums are contiguous.
        """
        alpha, factor = alpha[:, 0], 1.0 / sigma[:, 0]
        # The difference first: x/σ - αx₀/σ would cancel at small σ.
        return [
            torch.addcmul(x[:, j], alpha, self.x0[:, j, None], value=-1.0) * factor
            for j in range(x.shape[1])
        ]

    def posterior_or_nearest(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """Posterior weights (Q, N); where p = 0, 1 for the point with the nearest support."""
        rows = []
        for block in blocks_for(x, self.x0.numel()):
            endpoints = self._endpoints(x[block], alpha[block], sigma[block])
            posterior = (self._log_joint(endpoints) + self.weights.log()[:, None]).softmax(0)
            undefined = posterior.isnan().any(0)
            if bool(undefined.any()):
                nearest = self._distance_to_support([z[:, undefined] for z in endpoints]).argmin(0)
                one_hot = torch.nn.functional.one_hot(nearest, len(self.x0))
                posterior[:, undefined] = one_hot.T.to(posterior)
            rows.append(posterior.T)
        return torch.cat(rows)

    def mean_or_nearest(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """D(x), (Q, d); where p = 0, the data point with the nearest support."""
        mean = self(x, alpha, sigma)[1]
        undefined = mean.isnan().any(-1)
        if bool(undefined.any()):
            mean[undefined] = self.nearest(x[undefined], alpha[undefined], sigma[undefined])
        return mean

    def nearest(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """The data point with the nearest support α x₀ᵢ + σ supp p₁, (Q, d)."""
        return self.x0[self._nearest(x, alpha, sigma)[0]]

    def into_support(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """x where p(x) > 0; elsewhere the nearest point just inside some data point's support."""
        outside = self(x, alpha, sigma)[0] == -torch.inf
        if not bool(outside.any()):
            return x
        a, s = alpha[outside], sigma[outside]
        index, endpoint = self._nearest(x[outside], a, s)
        moved = x.clone()
        moved[outside] = a * self.x0[index] + s * self.prior.nearest(endpoint)
        return moved

    def _nearest(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """The data point with the nearest support, (Q,), and its endpoint, (Q, d)."""
        endpoints = self._endpoints(x, alpha, sigma)
        index = self._distance_to_support(endpoints).argmin(0)
        return index, torch.stack([z.gather(0, index[None])[0] for z in endpoints], dim=-1)

    def _distance_to_support(self, coordinates: list[Tensor]) -> Tensor:
        endpoints = torch.stack(coordinates, dim=-1)
        if self.conditional is not None:
            return self.conditional.distance(endpoints.transpose(0, 1)).T
        return (endpoints - self.prior.nearest(endpoints)).abs().amax(-1)

    def _may_have_density(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """False where x is outside the supports of all points of the data's bounding box."""
        low, high = self.prior.support
        greatest = (x - alpha * self.x0.amin(0)) / sigma
        least = (x - alpha * self.x0.amax(0)) / sigma
        return ((greatest >= low) & (least <= high)).all(-1)

    def on_axes(
        self, axes: tuple[Tensor, ...], alpha: Tensor, sigma: Tensor, floor: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """log(σ^d p) and D on a grid in d = 2, at one time.

        Args:
            axes: two vectors, (X,) and (Y,).
            alpha: a scalar.
            sigma: a scalar, positive.
            floor: densities below this may be returned as 0.

        Returns:
            (X, Y) and (X, Y, 2); D is NaN where p = 0.
        """
        points = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
        if not self.prior.product or len(axes) != 2 or self.conditional is not None:
            flat = points.reshape(-1, len(axes))
            log_p, mean = self(flat, alpha.expand(len(flat), 1), sigma.expand(len(flat), 1))
            return log_p.reshape(points.shape[:-1]), mean.reshape(points.shape)
        sums = self._products(axes, alpha, sigma)
        log_p, mean = sums[0].log(), torch.stack([sums[1], sums[2]], dim=-1) / sums[0][..., None]
        faint = sums[0] < FAINT
        if floor > FAINT:
            log_p[faint], mean[faint] = -torch.inf, torch.nan
        elif bool(faint.any()):
            x = points[faint]
            log_p[faint], mean[faint] = self(x, alpha.expand(len(x), 1), sigma.expand(len(x), 1))
        return log_p, mean

    def _products(self, axes: tuple[Tensor, ...], alpha: Tensor, sigma: Tensor) -> Tensor:
        """Σ w k_x k_y (1, x₀, y₀) by matrix products, (3, X, Y)."""
        sums = axes[0].new_zeros(3, axes[0].numel(), axes[1].numel())
        longest = max(a.numel() for a in axes)
        for block in blocks(len(self.x0), longest, _GRID_CHUNK):
            x0, weights = self.x0[block], self.weights[block]
            kernel_x, kernel_y = (
                self.prior.pdf((axis[:, None] - alpha * x0[:, j]) / sigma)
                for j, axis in enumerate(axes)
            )
            weighted = kernel_x * weights
            sums[0].addmm_(weighted, kernel_y.T)
            sums[1].addmm_(weighted * x0[:, 0], kernel_y.T)
            sums[2].addmm_(weighted, (kernel_y * x0[:, 1]).T)
        return sums
