"""Where the mass of a guided flow ends: the share of each place with data.

A trajectory counts for the place with data that is nearest to its end. For s ≥ 1 it ends there; for
0 < s < 1 it may end between two places.

On the line trajectories do not cross, so that x₁ -> x(0) is monotone: the shares are the prior's
probabilities between borders in x₁, each found by dividing an interval of probability again and
again. In the plane they are counted, with their standard errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.guidance.labelled_field import LabelledField
from flowviz.core.guidance.trajectories import STEPS, Guide, guided_flow

STARTS = 129
"""Trajectories that look for borders first, evenly spaced in probability."""
PARTS = 16
"""Into how many parts an interval with a border is divided."""
ROUNDS = 3
MOST_BORDERS = 24
"""Up to how many borders are looked for more closely."""


@dataclass(frozen=True)
class Shares:
    """How much of a guided flow ends where.

    Attributes:
        places: different positions of data points, (P, d), rising on the line.
        of_class: p(·|y), the distribution of class y over the places, (P,); sums to 1.
        share: how much of the flow ends nearest to each, (P,); sums to 1.
        noise: of every share its standard error, or on the line what its borders leave open, (P,).
        borders: on the line the x₁ between trajectories that end at different places, rising, (B,).
    """

    places: Tensor
    of_class: Tensor
    share: Tensor
    noise: Tensor
    borders: Tensor

    @property
    def in_class(self) -> float:
        """The share that ends at places of class y."""
        return float(self.share[self.of_class > 0].sum())

    @property
    def entropy(self) -> float:
        """-Σ q log q of the shares, in nats."""
        return entropy(self.share)

    @property
    def class_entropy(self) -> float:
        """-Σ p log p of p(·|y), in nats."""
        return entropy(self.of_class)


def entropy(p: Tensor) -> float:
    """-Σ p log p in nats, for p (P,)."""
    return float(-torch.special.xlogy(p, p).sum()) + 0.0


def places_of(flow: LabelledField, y: int) -> tuple[Tensor, Tensor]:
    """The different positions of data points, (P, d), and how p(·|y) is spread over them, (P,)."""
    every = flow.marginal
    places, index = every.x0.unique(dim=0, return_inverse=True)
    weights = torch.where(flow.labels == y, every.weights, 0.0)
    spread = weights.new_zeros(len(places)).index_add(0, index, weights)
    return places, spread / spread.sum()


def nearest_place(places: Tensor, x: Tensor) -> Tensor:
    """The index of the place nearest to each position, (Q,)."""
    return torch.cdist(x, places).argmin(1)


def shares_on_line(
    flow: LabelledField,
    guide: Guide,
    starts: int = STARTS,
    steps: int = STEPS,
    rounds: int = ROUNDS,
) -> Shares:
    """The shares of a flow on the line, from the borders of x₁ between places.

    Args:
        flow: the labelled data, with d = 1.
        guide: class, scale and interval.
        starts: trajectories that look for borders first.
        steps: of the trajectories.
        rounds: how often the intervals with a border are divided.
    """
    places, of_class = places_of(flow, guide.y)
    prior = flow.marginal.prior

    def reached(q: Tensor) -> Tensor:
        x = guided_flow(flow, guide, prior.icdf(q)[:, None], steps).x[:, -1]
        return nearest_place(places, x)

    q = (torch.arange(starts, dtype=torch.float64) + 0.5) / starts
    place = reached(q)
    for _ in range(rounds):
        changes = (place[1:] != place[:-1]).nonzero()[:, 0]
        if not 0 < len(changes) <= MOST_BORDERS:
            break
        part = torch.arange(1, PARTS, dtype=torch.float64) / PARTS
        new = torch.lerp(q[changes, None], q[changes + 1, None], part).flatten()
        q, order = torch.cat([q, new]).sort()
        place = torch.cat([place, reached(new)])[order]
    changes = (place[1:] != place[:-1]).nonzero()[:, 0]
    level = 0.5 * (q[changes] + q[changes + 1])
    ends = torch.cat([level.new_zeros(1), level, level.new_ones(1)])
    owner = torch.cat([place[changes], place[-1:]])
    share = of_class.new_zeros(len(places)).index_add(0, owner, ends.diff())
    gap = 0.5 * (q[changes + 1] - q[changes])
    noise = of_class.new_zeros(len(places)).index_add(0, owner[:-1], gap)
    noise = noise.index_add(0, owner[1:], gap)
    return Shares(places, of_class, share, noise, prior.icdf(level))


def shares_by_draws(flow: LabelledField, guide: Guide, ends: Tensor) -> Shares:
    """The shares of the ends of trajectories that began at samples of the prior, (Q, d)."""
    places, of_class = places_of(flow, guide.y)
    counts = torch.bincount(nearest_place(places, ends), minlength=len(places))
    share = counts.to(ends) / len(ends)
    noise = (share * (1.0 - share) / len(ends)).sqrt()
    return Shares(places, of_class, share, noise, ends.new_zeros(0))
