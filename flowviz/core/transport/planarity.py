"""How nearly a trajectory lies in a plane.

With x̄ the mean of a trajectory's T positions and s₁ ≥ s₂ ≥ … the singular values of the matrix of
x_t - x̄, the K principal directions hold (s₁² + … + s_K²) / Σ s² of its variance. For K = 1 it is 1
where the trajectory is straight, for K = 2 where it stays in a plane.

Source: Zhou, Chen, Wang, Chen, "Fast ODE-based sampling for diffusion models in around 5 steps"
(2024), which finds that trajectories of images nearly do.
"""

from __future__ import annotations

import torch
from torch import Tensor

from flowviz.core.priors.base import require


def principal_share(x: Tensor, directions: int) -> Tensor:
    """The share of each trajectory's variance in its principal directions, (Q,).

    Args:
        x: positions, (Q, T, d), at times of which each counts alike; not all of them the same.
        directions: how many, K.
    """
    require(x.dim() == 3, f"x must have the shape (Q, T, d), got {tuple(x.shape)}")
    require(directions >= 1, f"directions must be at least 1, got {directions}")
    squares = torch.linalg.svdvals(x - x.mean(1, keepdim=True)).square()
    return squares[:, :directions].sum(1) / squares.sum(1)
