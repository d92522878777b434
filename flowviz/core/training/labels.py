"""Labels of training examples, for classifier-free guidance by a network.

Each example (t, x₀, x₁) comes with the label y of x₀, which is left out with probability p. One
network thus learns two kinds of velocity, f_t(x) without a label and f_t(x|y) with one, and
f + s (f_y - f) guides it (`VelocityNet.guided`). The floor of the loss is the mean of theirs,

    p E Var_r[f_t(x|x₀)] + (1 - p) Σ_y w_y E Var_{r_y}[f_t(x|x₀)],

with r_y the posterior weights within class y and w_y the weight of the class. Points without label
are a class of their own.

Source: Ho and Salimans, "Classifier-free diffusion guidance" (2022).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.guidance import LabelledField
from flowviz.core.training.loss_floor import Floor, floor_pairs, loss_floor
from flowviz.core.training.progress import Chunks, velocities

NONE = -1
"""In place of the index of a class: no label."""


class Labels:
    """The labels of the examples of a run.

    Args:
        flow: labelled data points.
        dropout: p, the probability that an example's label is left out.
        seed: of what is left out.
    """

    def __init__(self, flow: LabelledField, dropout: float, seed: int = 0) -> None:
        self.flow, self.dropout, self.seed = flow, dropout, seed
        self.of_point = torch.searchsorted(flow.classes, flow.labels)
        """The index of each data point's class, (N,)."""

    @property
    def count(self) -> int:
        """Number of classes."""
        return len(self.flow.classes)

    def given(self, which: Tensor, start: int) -> Tensor:
        """The class of each example or `NONE`, (Q,).

        Args:
            which: the indices of their data points, (Q,).
            start: the place of the first example in the stream, which determines what is left out.
        """
        generator = torch.Generator().manual_seed((self.seed << 40) + start)
        kept = torch.rand(len(which), generator=generator) >= self.dropout
        return torch.where(kept.to(which.device), self.of_point[which], NONE)

    def parts(self) -> list[tuple[float, MarginalField]]:
        """The flows that are learned, each with its share of the examples; that of all is first."""
        every = self.flow.marginal
        parts = [(self.dropout, every)]
        for y in self.flow.classes.tolist():
            weight = float(every.weights[self.flow.labels == y].sum())
            parts.append(((1.0 - self.dropout) * weight, self.flow.conditional(y)))
        return parts

    def velocities(self, x: Tensor, t: Tensor, label: Tensor) -> Chunks[Tensor]:
        """The exact velocity given each label, (Q, d)."""
        found = torch.empty_like(x)
        for k, (_, field) in enumerate(self.parts(), NONE):
            chosen = label == k
            found[chosen] = yield from velocities(field, x[chosen], t[chosen])
        return found

    def floor(self, t_min: float, sampling: str) -> Chunks[Floor]:
        """The least possible loss."""
        value, variance = 0.0, 0.0
        for share, field in self.parts():
            found = yield from loss_floor(field, t_min, sampling)
            value += share * found.value
            variance += (share * found.error) ** 2
        return Floor(value, math.sqrt(variance))

    def floor_pairs(self) -> int:
        """Number of pairs of a position and a data point that the floor evaluates."""
        return sum(floor_pairs(field) for _, field in self.parts())
