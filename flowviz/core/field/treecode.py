"""Sums over many data points for d = 1: a barycentric treecode, exact to rounding (MATH §3.14).

The sums S(x) = Σ_i w_i p₁((x - α x₀ᵢ)/σ) (1, x₀ᵢ) of ``posterior_mean`` cost one evaluation for
every pair of a position and a data point. Two things save most of them without approximation:

*Proxies.* As a function of x₀ the kernel is a polynomial, to rounding, over a cluster of data that
is narrow relative to σ and contains no breakpoint of the prior. The data of such a cluster may be
replaced by `PROXIES` Chebyshev nodes y_j with the weights

    W_j = Σ_i w_i L_j(x₀ᵢ),     L_j the Lagrange polynomials of the nodes,

for Σ_j W_j K(y_j) = Σ_i w_i K(x₀ᵢ) whenever K has a degree below `PROXIES`. The prior gives the
largest width of a cluster (``Prior.smooth_width``), on which its density changes by at most e⁵, so
that the W_j, which may be negative, cause no cancellation.

*Negligible clusters.* Clusters outside the prior's support contribute nothing, and those with an
upper bound below e⁻⁴² of a lower bound of the sum cannot change its last digit
(``Prior.log_pdf_bounds``).

Data points are halved into a tree, neighbouring positions form batches, and each batch descends the
tree only as far as it must. Coordinates are relative to the middle of each cluster, so that
D = Σ w x₀ K / Σ w K is accurate beside a data point as well.

Source: the barycentric treecode, Wang, Krasny and Tlupova, Commun. Comput. Phys. 28 (2020) 1415,
with a criterion from the smoothness of the prior.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from flowviz.core.numerics.chunks import blocks
from flowviz.core.priors.base import Prior

PROXIES = 24
"""Chebyshev nodes that replace the data of a cluster; also the most data points of a leaf."""
BATCH = 16
"""Positions that descend the tree together."""
MARGIN = 42.0
"""Terms below e⁻⁴² of a sum, all together, are below half a unit of its last digit."""
FAINT = 1e-250
"""Below this a sum of densities is formed again from logarithms: its terms begin to underflow."""
_NEGLIGIBLE = -650.0
"""Logarithm of terms that do not change a sum above `FAINT`."""
_CACHED = 1 << 17
_BATCHES_AT_ONCE = 4096


@dataclass(frozen=True)
class Level:
    """One level of the tree: the clusters' ends ``low`` and ``high`` and log-weights (K,).

    ``y`` (K, J) the proxies of each, ``w`` (K, 2, J) their weights, and these times the coordinate
    relative to the cluster's ``middle``.
    """

    low: Tensor
    high: Tensor
    log_weight: Tensor
    y: Tensor
    w: Tensor

    @cached_property
    def middle(self) -> Tensor:
        """The origin of the clusters' coordinates, (K,)."""
        return 0.5 * (self.low + self.high)


@dataclass(frozen=True)
class _Pairs:
    """Batches and clusters to be summed, (P,) each; ``most``, upper bounds of the log terms."""

    batch: Tensor
    cluster: Tensor
    most: Tensor

    def select(self, mask: Tensor) -> _Pairs:
        """The pairs where the mask is True."""
        return _Pairs(self.batch[mask], self.cluster[mask], self.most[mask])


class Treecode:
    """A tree over the data points of a one-dimensional flow.

    Args:
        x0: data points, (N,).
        weights: (N,), positive.
        prior: the distribution of x₁.
    """

    def __init__(self, x0: Tensor, weights: Tensor, prior: Prior) -> None:
        self.prior = prior
        order = torch.argsort(x0)
        depth = max(0, (-(-len(x0) // PROXIES) - 1).bit_length())
        padding = (1 << depth) * -(-len(x0) // (1 << depth)) - len(x0)
        y = torch.cat([x0[order], x0[order[-1:]].expand(padding)])
        w = torch.cat([weights[order], weights.new_zeros(padding)])
        self.levels = [_level(y, w, 1 << k, proxies=k < depth) for k in range(depth + 1)]

    def __call__(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """log(σ p(x)) and D(x), (R, X) each; -inf and NaN where p = 0.

        Args:
            x: sorted rows of positions, (R, X).
            alpha: (R,).
            sigma: (R,), positive.
        """
        rows, count = x.shape
        batches = -(-count // BATCH)
        padded = torch.cat([x, x[:, -1:].expand(rows, batches * BATCH - count)], dim=1)
        scales = (alpha.repeat_interleave(batches), sigma.repeat_interleave(batches))
        total, mean = self._sums(padded.reshape(-1, BATCH), *scales)
        total, mean = (v.reshape(rows, -1)[:, :count] for v in (total, mean))
        log_p = total.log()
        if self.prior.compact:
            return log_p, mean
        row, column = (total < FAINT).nonzero(as_tuple=True)
        for block in blocks(len(row), 1, _BATCHES_AT_ONCE):
            r, k = row[block], column[block]
            log_p[r, k], mean[r, k] = self._from_logs(x[r, k][:, None], alpha[r], sigma[r])
        return log_p, mean

    def tails(self, x: Tensor, alpha: Tensor, sigma: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        """Σ w F₁ (or Σ w S₁ if ``upper``) and Σ w p₁ at (x - α x₀)/σ, all (M,).

        The density leaves out terms that do not change the tail: it is meant as its slope in a root
        finder.
        """
        lower_bound, mass = torch.zeros_like(x), torch.zeros_like(x)
        density = torch.zeros_like(x)
        kept = self._descend_tails(x, alpha, sigma, upper, lower_bound, mass)
        for level, pairs in zip(self.levels, kept, strict=True):
            for block in blocks(len(pairs.batch), level.y.shape[1], _CACHED):
                batch, cluster = pairs.batch[block], pairs.cluster[block]
                a, s = alpha[batch], sigma[batch]
                endpoints = _endpoints(x[batch, None], a, s, level.y[cluster])[..., 0]
                tail, pdf = self.prior.tail(endpoints, upper)
                w = level.w[cluster, 0]
                mass.index_add_(0, batch, (w * tail).sum(1))
                density.index_add_(0, batch, (w * pdf).sum(1))
        return mass, density

    def _descend_tails(
        self,
        x: Tensor,
        alpha: Tensor,
        sigma: Tensor,
        upper: bool,
        lower_bound: Tensor,
        mass: Tensor,
    ) -> list[_Pairs]:
        """The pairs of each level to be summed.

        Clusters with a tail of 1 are added to ``mass`` here, and those below e⁻⁴² of the
        ``lower_bound`` (M,) of the sum, which is raised on the way, are left out.
        """
        tail, rest = (self.prior.sf, self.prior.cdf) if upper else (self.prior.cdf, self.prior.sf)
        small = math.exp(-MARGIN)
        batch = torch.arange(x.numel(), device=x.device)
        cluster = torch.zeros_like(batch)
        kept = []
        for level in self.levels:
            a, s = alpha[batch], sigma[batch]
            low, high, width = _endpoint_range(x[batch], x[batch], a, s, level, cluster)
            nearest, furthest = (low, high) if upper else (high, low)
            weight = level.log_weight[cluster].exp()
            lower_bound.scatter_reduce_(0, batch, weight * tail(furthest), "amax")
            whole = rest(furthest) < small
            mass.index_add_(0, batch[whole], weight[whole])
            needed = ~whole & (weight * tail(nearest) > small * lower_bound[batch])
            if level is self.levels[-1]:
                resolved = torch.ones_like(needed)
            else:
                resolved = width <= self.prior.smooth_width(low, high)
                # F is 0 at an edge
                resolved &= width <= 100.0 * self.prior.distance_to_breakpoint(low, high)
            kept.append(_Pairs(batch, cluster, low).select(needed & resolved))
            deeper = needed & ~resolved
            batch, cluster = _halves(batch[deeper], cluster[deeper])
        return kept

    def _sums(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """Σ w p₁ and D at batches of positions (T, M)."""
        lower_bound = torch.full_like(alpha, -torch.inf)
        kept = self._descend(x, alpha, sigma, lower_bound, proxies=True)
        sums = x.new_zeros(x.shape[0], 2, x.shape[1])
        for level, pairs in zip(self.levels, kept, strict=True):
            pairs = pairs.select(pairs.most > lower_bound[pairs.batch] - MARGIN)
            width = level.y.shape[1] * x.shape[1]
            for block in blocks(len(pairs.batch), width, _CACHED):
                batch, cluster = pairs.batch[block], pairs.cluster[block]
                endpoints = _endpoints(x[batch], alpha[batch], sigma[batch], level.y[cluster])
                terms = torch.bmm(level.w[cluster], self.prior.pdf(endpoints))
                terms[:, 1].addcmul_(terms[:, 0], level.middle[cluster, None])
                sums.index_add_(0, batch, terms)
        return sums[:, 0], sums[:, 1] / sums[:, 0]

    def _from_logs(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """log Σ w p₁ and D, (T,), at single positions (T, 1), at any distance from the data."""
        lower_bound = torch.full_like(alpha, -torch.inf)
        pairs = self._descend(x, alpha, sigma, lower_bound, proxies=False)[-1]
        pairs = pairs.select(pairs.most >= lower_bound[pairs.batch] - MARGIN)
        leaf, batch = self.levels[-1], pairs.batch
        endpoints = _endpoints(x[batch], alpha[batch], sigma[batch], leaf.y[pairs.cluster])
        log_pdf = self.prior.log_pdf(endpoints[..., 0])
        log_pdf = torch.where(leaf.w[pairs.cluster, 0] > 0, log_pdf, -torch.inf)
        top = torch.full_like(alpha, -torch.inf)
        top.scatter_reduce_(0, batch, log_pdf.amax(1), "amax")
        top = torch.where(torch.isfinite(top), top, 0.0)
        relative = torch.exp(log_pdf - top[batch, None])
        terms = (leaf.w[pairs.cluster] @ relative[..., None])[..., 0]
        terms[:, 1].addcmul_(terms[:, 0], leaf.middle[pairs.cluster])
        sums = x.new_zeros(x.shape[0], 2).index_add_(0, batch, terms)
        return sums[:, 0].log() + top, sums[:, 1] / sums[:, 0]

    def _descend(
        self, x: Tensor, alpha: Tensor, sigma: Tensor, lower_bound: Tensor, proxies: bool
    ) -> list[_Pairs]:
        """The pairs of each level to be summed.

        ``lower_bound`` (T,) is raised on the way to a bound of log Σ at all positions of a batch.
        """
        x_low, x_high = x.amin(1), x.amax(1)
        floor = torch.full_like(lower_bound, _NEGLIGIBLE if proxies else -torch.inf)
        batch = torch.arange(x.shape[0], device=x.device)
        cluster = torch.zeros_like(batch)
        kept = []
        for level in self.levels:
            a, s = alpha[batch], sigma[batch]
            low, high, width = _endpoint_range(x_low[batch], x_high[batch], a, s, level, cluster)
            least, most = (
                v + level.log_weight[cluster] for v in self.prior.log_pdf_bounds(low, high)
            )
            lower_bound.scatter_reduce_(0, batch, least, "amax")
            needed = most > torch.maximum(lower_bound - MARGIN, floor)[batch]
            if level is self.levels[-1]:
                resolved = torch.ones_like(needed)
            elif proxies:
                resolved = width <= self.prior.smooth_width(low, high)
            else:
                resolved = torch.zeros_like(needed)
            kept.append(_Pairs(batch, cluster, most).select(needed & resolved))
            deeper = needed & ~resolved
            batch, cluster = _halves(batch[deeper], cluster[deeper])
        return kept


def _endpoint_range(
    x_low: Tensor, x_high: Tensor, alpha: Tensor, sigma: Tensor, level: Level, cluster: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The least and greatest (x - α x₀)/σ, and the cluster's width in this variable; all (P,)."""
    factor = 1.0 / sigma
    y_low, y_high = level.low[cluster], level.high[cluster]
    low, high = (x_low - alpha * y_high) * factor, (x_high - alpha * y_low) * factor
    return low, high, alpha * (y_high - y_low) * factor


def _halves(batch: Tensor, cluster: Tensor) -> tuple[Tensor, Tensor]:
    """Each pair twice, with the two halves of its cluster in the next level."""
    cluster = 2 * cluster.repeat_interleave(2)
    cluster[1::2] += 1
    return batch.repeat_interleave(2), cluster


def _endpoints(x: Tensor, alpha: Tensor, sigma: Tensor, y: Tensor) -> Tensor:
    """(x - α y)/σ; (P, M), (P,), (P,), (P, J) -> (P, J, M)."""
    scaled = alpha[:, None, None] * y[..., None]
    return (x[:, None, :] - scaled).mul_((1.0 / sigma)[:, None, None])


def _level(y: Tensor, w: Tensor, count: int, proxies: bool) -> Level:
    """``count`` clusters of equally many sorted points, replaced by proxies or not."""
    y, w = y.reshape(count, -1), w.reshape(count, -1)
    low, high = y[:, 0], y[:, -1]
    middle = 0.5 * (low + high)
    moments = torch.stack([w, w * (y - middle[:, None])], dim=1)
    if proxies:
        node = _chebyshev(y)
        half = 0.5 * (high - low)[:, None]
        moments = moments @ _lagrange(y, middle[:, None] + half * node, node)
        y = middle[:, None] + half * node
    return Level(low, high, w.sum(1).log(), y, moments)


def _chebyshev(like: Tensor) -> Tensor:
    """The nodes cos((2j+1)π/2n) on [-1, 1], (J,)."""
    j = torch.arange(PROXIES, dtype=like.dtype, device=like.device)
    return torch.cos((2.0 * j + 1.0) * (torch.pi / (2 * PROXIES)))


def _lagrange(x: Tensor, y: Tensor, node: Tensor) -> Tensor:
    """L_j(x_i) for nodes y of every cluster; (K, I), (K, J), (J,) -> (K, I, J).

    By the barycentric formula. In a cluster of width 0 all nodes are equal: the first has L = 1.
    """
    sign = 1.0 - 2.0 * (torch.arange(PROXIES, device=x.device) % 2)
    barycentric = sign * torch.sqrt(1.0 - node * node)
    difference = x[..., None] - y[:, None, :]
    at_node = difference == 0
    terms = barycentric / torch.where(at_node, 1.0, difference)
    value = terms / terms.sum(-1, keepdim=True)
    first = at_node & (at_node.cumsum(-1) == 1)
    return torch.where(at_node.any(-1, keepdim=True), first.to(x), value)
