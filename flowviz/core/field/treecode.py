"""Sums over a crowd of data points on the line: a tenth of the pairs, and the same digits.

The sums S(x) = Σ_i w_i p₁((x - α x₀ᵢ)/σ) (1, x₀ᵢ) of ``posterior_mean`` cost one look at every pair
of a position and a data point. Two things save most of them, and neither is an approximation:

*Stand-ins.* Seen from x, the kernel is a polynomial, to rounding, over a stretch of data that is
narrow beside σ and holds no kink of the prior. The data on such a stretch may then be replaced by
`PROXIES` Chebyshev nodes y_j with the weights

    W_j = Σ_i w_i L_j(x₀ᵢ),     L_j the Lagrange polynomials of the nodes,

for Σ_j W_j K(y_j) = Σ_i w_i K(x₀ᵢ) whenever K has a degree below `PROXIES`. How wide a stretch may
be is the prior's to say (``Prior.smooth_width``); its density must not change by more than e⁵ on
it, so that the W_j, which may be negative, cost no digits.

*What cannot be seen.* Stretches beyond the prior's reach hold nothing, and those whose most is
below e⁻⁴² of the least that is known of the sum cannot change its last digit
(``Prior.log_pdf_bounds``).

Data points are halved into a tree, positions come in tiles of neighbours, and each tile descends
the tree only as far as it must. Coordinates are counted from the middle of each stretch, so that
D = Σ w x₀ K / Σ w K is as exact beside a data point as elsewhere.

Source: the barycentric treecode, Wang, Krasny and Tlupova, Commun. Comput. Phys. 28 (2020) 1415;
the criterion by the prior's own smoothness is ours.
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
"""Chebyshev nodes that stand for a stretch of data; also the most data points of a leaf."""
BATCH = 16
"""Positions that descend the tree together."""
MARGIN = 42.0
"""A part e⁻⁴² of a sum, and the parts after it, are below half a unit of its last digit."""
FAINT = 1e-250
"""Below this a sum of densities is formed again from logarithms: its terms begin to underflow."""
_NEGLIGIBLE = -650.0
"""Logarithm of what adds nothing to a sum above `FAINT`."""
_CACHED = 1 << 17
_BATCHES_AT_ONCE = 4096


@dataclass(frozen=True)
class Level:
    """One generation of stretches: hulls ``low``, ``high`` and logarithms of weights (K,).

    ``y`` (K, J) the places that stand for each, ``w`` (K, 2, J) their weights and the same times
    the coordinate counted from the hull's ``middle``.
    """

    low: Tensor
    high: Tensor
    log_weight: Tensor
    y: Tensor
    w: Tensor

    @cached_property
    def middle(self) -> Tensor:
        """Where coordinates are counted from, (K,)."""
        return 0.5 * (self.low + self.high)


@dataclass(frozen=True)
class _Pairs:
    """Tiles and the stretches each must look at, (P,) each; ``most`` bounds the part, in logs."""

    batch: Tensor
    cluster: Tensor
    most: Tensor

    def where(self, mask: Tensor) -> _Pairs:
        """Some of the pairs."""
        return _Pairs(self.batch[mask], self.cluster[mask], self.most[mask])


class Treecode:
    """A tree over the data points of a one-dimensional flow.

    Args:
        x0: data points, (N,).
        weights: (N,), positive.
        prior: the distribution of x₁, on the line.
    """

    def __init__(self, x0: Tensor, weights: Tensor, prior: Prior) -> None:
        self.prior = prior
        order = torch.argsort(x0)
        depth = max(0, (-(-len(x0) // PROXIES) - 1).bit_length())
        padding = (1 << depth) * -(-len(x0) // (1 << depth)) - len(x0)
        y = torch.cat([x0[order], x0[order[-1:]].expand(padding)])
        w = torch.cat([weights[order], weights.new_zeros(padding)])
        self.levels = [_level(y, w, 1 << k, condensed=k < depth) for k in range(depth + 1)]

    def __call__(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """log(σ p(x)) and D(x), (R, X) each; -inf and NaN where p = 0.

        Args:
            x: rows of positions, in order, (R, X).
            alpha: (R,).
            sigma: (R,), positive.
        """
        rows, count = x.shape
        tiles = -(-count // BATCH)
        padded = torch.cat([x, x[:, -1:].expand(rows, tiles * BATCH - count)], dim=1)
        each = (alpha.repeat_interleave(tiles), sigma.repeat_interleave(tiles))
        total, mean = self._sums(padded.reshape(-1, BATCH), *each)
        total, mean = (v.reshape(rows, -1)[:, :count] for v in (total, mean))
        log_p = total.log()
        if self.prior.compact:
            return log_p, mean
        row, place = (total < FAINT).nonzero(as_tuple=True)
        for part in blocks(len(row), 1, _BATCHES_AT_ONCE):
            r, k = row[part], place[part]
            log_p[r, k], mean[r, k] = self._from_logs(x[r, k][:, None], alpha[r], sigma[r])
        return log_p, mean

    def tails(self, x: Tensor, alpha: Tensor, sigma: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        """Σ w F₁ (or Σ w S₁ if ``upper``) and Σ w p₁ at (x - α x₀)/σ, all (M,).

        The density serves as a slope: it is exact where it matters to a root of the first.
        """
        known, mass = torch.zeros_like(x), torch.zeros_like(x)
        density = torch.zeros_like(x)
        for level, pairs in zip(
            self.levels, self._descend_tails(x, alpha, sigma, upper, known, mass), strict=True
        ):
            for part in blocks(len(pairs.batch), level.y.shape[1], _CACHED):
                tile, stretch = pairs.batch[part], pairs.cluster[part]
                free = _free(x[tile, None], alpha[tile], sigma[tile], level.y[stretch])[..., 0]
                tail, pdf = self.prior.tail(free, upper)
                w = level.w[stretch, 0]
                mass.index_add_(0, tile, (w * tail).sum(1))
                density.index_add_(0, tile, (w * pdf).sum(1))
        return mass, density

    def _descend_tails(
        self,
        x: Tensor,
        alpha: Tensor,
        sigma: Tensor,
        upper: bool,
        known: Tensor,
        mass: Tensor,
    ) -> list[_Pairs]:
        """The pairs to look at; stretches that are beyond the law on the near side are added to
        ``mass`` whole, and those that have less than e⁻⁴² of what is ``known`` (M,) are left out.
        """
        tail, rest = (self.prior.sf, self.prior.cdf) if upper else (self.prior.cdf, self.prior.sf)
        small = math.exp(-MARGIN)
        tile = torch.arange(x.numel(), device=x.device)
        stretch = torch.zeros_like(tile)
        kept = []
        for level in self.levels:
            scale = alpha[tile], sigma[tile]
            first, last, width = _seen_from(x[tile], x[tile], *scale, level, stretch)
            nearest, furthest = (first, last) if upper else (last, first)
            weight = level.log_weight[stretch].exp()
            known.scatter_reduce_(0, tile, weight * tail(furthest), "amax")
            whole = rest(furthest) < small
            mass.index_add_(0, tile[whole], weight[whole])
            seen = ~whole & (weight * tail(nearest) > small * known[tile])
            if level is self.levels[-1]:
                ready = torch.ones_like(seen)
            else:
                ready = width <= self.prior.smooth_width(first, last)
                ready &= width <= 100.0 * self.prior.distance_to_kink(
                    first, last
                )  # F is 0 at an edge
            kept.append(_Pairs(tile, stretch, first).where(seen & ready))
            deeper = seen & ~ready
            tile, stretch = _halves(tile[deeper], stretch[deeper])
        return kept

    def _sums(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """Σ w p₁ and D at tiles of positions (T, M)."""
        known = torch.full_like(alpha, -torch.inf)
        kept = self._descend(x, alpha, sigma, known, stand_ins=True)
        sums = x.new_zeros(x.shape[0], 2, x.shape[1])
        for level, pairs in zip(self.levels, kept, strict=True):
            near = pairs.where(pairs.most > known[pairs.batch] - MARGIN)
            width = level.y.shape[1] * x.shape[1]
            for part in blocks(len(near.batch), width, _CACHED):
                tile, stretch = near.batch[part], near.cluster[part]
                kernel = self.prior.pdf(_free(x[tile], alpha[tile], sigma[tile], level.y[stretch]))
                found = torch.bmm(level.w[stretch], kernel)
                found[:, 1].addcmul_(found[:, 0], level.middle[stretch, None])
                sums.index_add_(0, tile, found)
        return sums[:, 0], sums[:, 1] / sums[:, 0]

    def _from_logs(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """log Σ w p₁ and D, (T,), at single positions (T, 1), however far from all data."""
        known = torch.full_like(alpha, -torch.inf)
        pairs = self._descend(x, alpha, sigma, known, stand_ins=False)[-1]
        near = pairs.where(pairs.most >= known[pairs.batch] - MARGIN)
        leaf, tile = self.levels[-1], near.batch
        free = _free(x[tile], alpha[tile], sigma[tile], leaf.y[near.cluster])[..., 0]
        terms = self.prior.log_pdf(free)
        terms = torch.where(leaf.w[near.cluster, 0] > 0, terms, -torch.inf)
        top = torch.full_like(alpha, -torch.inf)
        top.scatter_reduce_(0, tile, terms.amax(1), "amax")
        top = torch.where(torch.isfinite(top), top, 0.0)
        share = torch.exp(terms - top[tile, None])
        found = (leaf.w[near.cluster] @ share[..., None])[..., 0]
        found[:, 1].addcmul_(found[:, 0], leaf.middle[near.cluster])
        sums = x.new_zeros(x.shape[0], 2).index_add_(0, tile, found)
        return sums[:, 0].log() + top, sums[:, 1] / sums[:, 0]

    def _descend(
        self, x: Tensor, alpha: Tensor, sigma: Tensor, known: Tensor, stand_ins: bool
    ) -> list[_Pairs]:
        """The pairs to look at in each generation; ``known`` (T,) rises to what each tile's log Σ
        is at least, at every one of its positions.
        """
        low, high = x.amin(1), x.amax(1)
        faintest = torch.full_like(known, _NEGLIGIBLE if stand_ins else -torch.inf)
        tile = torch.arange(x.shape[0], device=x.device)
        stretch = torch.zeros_like(tile)
        kept = []
        for level in self.levels:
            scale = alpha[tile], sigma[tile]
            first, last, width = _seen_from(low[tile], high[tile], *scale, level, stretch)
            least, most = (
                v + level.log_weight[stretch] for v in self.prior.log_pdf_bounds(first, last)
            )
            known.scatter_reduce_(0, tile, least, "amax")
            seen = most > torch.maximum(known - MARGIN, faintest)[tile]
            if level is self.levels[-1]:
                ready = torch.ones_like(seen)
            elif stand_ins:
                ready = width <= self.prior.smooth_width(first, last)
            else:
                ready = torch.zeros_like(seen)
            kept.append(_Pairs(tile, stretch, most).where(seen & ready))
            deeper = seen & ~ready
            tile, stretch = _halves(tile[deeper], stretch[deeper])
        return kept


def _seen_from(
    low: Tensor, high: Tensor, alpha: Tensor, sigma: Tensor, level: Level, stretch: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The least and the greatest (x - α y)/σ, and the stretch's width there; all (P,)."""
    shrink = 1.0 / sigma
    near, far = level.low[stretch], level.high[stretch]
    first, last = (low - alpha * far) * shrink, (high - alpha * near) * shrink
    return first, last, alpha * (far - near) * shrink


def _halves(tile: Tensor, stretch: Tensor) -> tuple[Tensor, Tensor]:
    """Each pair twice, with the two halves that the next level makes of its stretch."""
    stretch = 2 * stretch.repeat_interleave(2)
    stretch[1::2] += 1
    return tile.repeat_interleave(2), stretch


def _free(x: Tensor, alpha: Tensor, sigma: Tensor, y: Tensor) -> Tensor:
    """(x - α y)/σ; (P, M), (P,), (P,), (P, J) -> (P, J, M)."""
    pulled = alpha[:, None, None] * y[..., None]
    return (x[:, None, :] - pulled).mul_((1.0 / sigma)[:, None, None])


def _level(y: Tensor, w: Tensor, count: int, condensed: bool) -> Level:
    """Sorted points in so many stretches of equal number, with stand-ins or as they are."""
    y, w = y.reshape(count, -1), w.reshape(count, -1)
    low, high = y[:, 0], y[:, -1]
    middle = 0.5 * (low + high)
    moments = torch.stack([w, w * (y - middle[:, None])], dim=1)
    if condensed:
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
    """L_j(x_i) for nodes y of every stretch; (K, I), (K, J), (J,) -> (K, I, J).

    By the barycentric formula. On a stretch of no width all nodes are one place: the first then
    stands for all.
    """
    sign = 1.0 - 2.0 * (torch.arange(PROXIES, device=x.device) % 2)
    bary = sign * torch.sqrt(1.0 - node * node)
    apart = x[..., None] - y[:, None, :]
    hit = apart == 0
    share = bary / torch.where(hit, 1.0, apart)
    share = share / share.sum(-1, keepdim=True)
    first = hit & (hit.cumsum(-1) == 1)
    return torch.where(hit.any(-1, keepdim=True), first.to(x), share)
