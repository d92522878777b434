"""Features by which a network knows the edges of the prior's support.

Data point i reaches x at time t only where φ_t(x|x₀ⁱ) is in the support of the prior: inside a cone
with its tip at x₀ⁱ. The exact velocity jumps where x crosses the edge of a cone, and a smooth
network cannot follow. The features are, with z_i = φ_t(x|x₀ⁱ):

    tanh(δ(z_i)/s)      for each i: δ is the signed distance from the edge, positive inside
    (z_k - m)/h         of the cone where p₁(z_k) is greatest: the position inside that cone, by
                        the prior's middle m and half its width h, within [-3, 3]

s is 0 for a sharp edge, where the first is the sign of δ, and the width of a smooth one. Neither
uses a velocity or a posterior weight; training is conditional flow matching as before.

Of more than `MAX_CONES` data points groups (k-means) have one cone each, about their mean; its edge
is as soft as the group is wide, and positions inside, which then say little, are left out. The cost
thus does not grow with the number of data points.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy.cluster.vq import kmeans2
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.paths.base import Path
from flowviz.core.priors import Prior

MAX_CONES = 16

_TAIL = 1e-4
"""Probability on either side of the interval by which positions in a cone are scaled."""
_FARTHEST = 3.0
_SHARPEST = 1e-30
_PAIRS = 1 << 15
"""Pairs of a position and a cone evaluated at once: they fit the cache."""


@dataclass(frozen=True)
class Edges:
    """The cones of a flow.

    Attributes:
        prior, path: of the flow.
        tips: of the cones, (K, d): data points, or means of groups.
        spread: root mean square distance of a group from its mean along an axis, (K,).
    """

    prior: Prior
    path: Path
    tips: Tensor
    spread: Tensor

    @property
    def grouped(self) -> bool:
        """Whether cones are those of groups."""
        return bool((self.spread > 0).any())

    @property
    def count(self) -> int:
        """Number of features, m."""
        return len(self.tips) + (0 if self.grouped else self.tips.shape[1])

    def __call__(self, x: Tensor, t: Tensor, blur: Tensor) -> Tensor:
        """The features, (Q, m).

        Args:
            x: (Q, d).
            t: (Q,) or (1,).
            blur: how wide a group is as seen in z per unit of its width, of the shape of t.
        """
        tips, spread = self.tips.to(x), self.spread.to(x)
        t, blur = t.expand(len(x)), blur.expand(len(x))
        rows = [
            self._features(self.path.inverse(x[block], tips, t[block]), blur[block, None] * spread)
            for block in blocks(len(x), len(tips), _PAIRS)
        ]
        return torch.cat(rows) if rows else x.new_zeros(0, self.count)

    def _features(self, z: Tensor, spread: Tensor) -> Tensor:
        """Of endpoints (Q, K, d) and widths of the groups in z, (Q, K)."""
        softness = (spread + self.prior.edge_softness).clamp(min=_SHARPEST)
        inside = torch.tanh(self.prior.edge_distance(z) / softness)
        if self.grouped:
            return inside
        likeliest = self.prior.log_prob(z.detach()).argmax(1)
        z = z.gather(1, likeliest[:, None, None].expand(-1, 1, z.shape[-1]))[:, 0]
        low, high = self.prior.interval(_TAIL)
        scaled = (z - 0.5 * (low + high)) / (0.5 * (high - low))
        return torch.cat([inside, scaled.clamp(-_FARTHEST, _FARTHEST)], dim=1)


def edges_of(field: MarginalField) -> Edges | None:
    """The cones of a flow; None where its prior has no edge."""
    if not field.prior.has_edges:
        return None
    tips = torch.unique(field.x0, dim=0)
    if len(tips) <= MAX_CONES:
        return Edges(field.prior, field.path, tips, torch.zeros_like(tips[:, 0]))
    return Edges(field.prior, field.path, *_groups(field.x0))


def _groups(x0: Tensor) -> tuple[Tensor, Tensor]:
    """Means (K, d) and spreads (K,) of groups of data points."""
    _, labels = kmeans2(x0.cpu().numpy(), MAX_CONES, minit="++", missing="warn", rng=0)
    groups = [x0[torch.from_numpy(labels).to(x0.device) == k] for k in range(MAX_CONES)]
    groups = [group for group in groups if len(group)]
    means = torch.stack([group.mean(0) for group in groups])
    spread = [(g - m).square().mean().sqrt() for g, m in zip(groups, means, strict=True)]
    return means, torch.stack(spread)
