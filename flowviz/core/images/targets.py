"""How much the target of training varies at one position, in 2 dimensions and in 64 (MATH §11).

Conditional flow matching trains on f_t(x_t|x₀), whose mean at x_t is f_t(x_t). The share of the
target's square that is variance, which no network can learn, is

    E ‖f_t(x_t|x₀) - f_t(x_t)‖² / E ‖f_t(x_t|x₀)‖².

In many dimensions one data point has nearly all the posterior weight over more of the time than in
few: while it has, the two velocities have nearly the same direction, and that share vanishes.

Source: Bertrand, Gagneux, Massias, Emonet, "On the closed-form of flow matching" (2025).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

ALIKE = 0.9
"""The cosine above which two velocities have nearly the same direction."""


@dataclass(frozen=True)
class Targets:
    """At each time and draw, (T, Q) each.

    ``cosine`` of f_t(x|x₀) and f_t(x); ``variance``, ‖f_t(x|x₀) - f_t(x)‖²; ``square``,
    ‖f_t(x|x₀)‖².
    """

    cosine: Tensor
    variance: Tensor
    square: Tensor

    @property
    def variance_share(self) -> Tensor:
        """The share of the target's square that is variance, (T,)."""
        return self.variance.mean(1) / self.square.mean(1)

    @property
    def variance_share_error(self) -> Tensor:
        """Its standard error, (T,), that of a ratio of means."""
        rest = self.variance - self.variance_share[:, None] * self.square
        return rest.std(1) / self.square.mean(1) / rest.shape[1] ** 0.5


def targets(
    velocity: Callable[[Tensor, Tensor], Tensor],
    x0: Tensor,
    t: Tensor,
    draws: int,
    seed: int = 0,
) -> Targets:
    """Conditional and marginal velocities of straight lines from N(0, I), at random positions.

    Args:
        velocity: the marginal velocity, x (Q, d), t (Q,) -> (Q, d).
        x0: the data points, of equal weight, (N, d).
        t: times in (0, 1], (T,).
        draws: Q.
        seed: of the draws, which are the same at every time.
    """
    generator = torch.Generator().manual_seed(seed)
    own = x0[torch.randint(len(x0), (draws,), generator=generator)]
    x1 = torch.randn(own.shape, generator=generator, dtype=x0.dtype)
    conditional, rows = x1 - own, []
    square = conditional.square().sum(1)
    for time in t:
        marginal = velocity(torch.lerp(own, x1, time), time.expand(draws))
        cosine = torch.cosine_similarity(conditional, marginal)
        rows.append((cosine, (conditional - marginal).square().sum(1), square))
    return Targets(*(torch.stack(column) for column in zip(*rows, strict=True)))
