"""How nearly a trajectory lies in a plane: against eigenvalues of covariances, and known curves."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from flowviz.core.transport import principal_share
from flowviz.ui.images import compute


def turned(x: Tensor) -> Tensor:
    """Positions (Q, T, 2) in a random plane of 64 dimensions, away from the origin."""
    generator = torch.Generator().manual_seed(4)
    axes = torch.linalg.qr(torch.randn(64, 64, generator=generator, dtype=torch.float64))[0]
    return x @ axes[:2] + 3.0 * axes[2]


def test_a_line_has_one_direction_and_an_ellipse_two() -> None:
    angle = 2.0 * math.pi * torch.arange(100, dtype=torch.float64) / 100
    line = torch.stack([angle, -2.0 * angle], 1)
    ellipse = torch.stack([3.0 * angle.cos(), angle.sin()], 1)
    x = turned(torch.stack([line, ellipse]))
    assert principal_share(x, 1).tolist() == pytest.approx([1.0, 0.9], abs=1e-12)
    assert principal_share(x, 2).tolist() == pytest.approx([1.0, 1.0], abs=1e-12)


def test_the_shares_are_those_of_the_covariances_eigenvalues() -> None:
    x = compute.made(60, "whole", 0).x
    for k in (1, 2):
        values = np.array([np.linalg.eigvalsh(np.cov(one.numpy().T))[::-1] for one in x])
        expected = values[:, :k].sum(1) / values.sum(1)
        assert np.abs(principal_share(x, k).numpy() - expected).max() < 1e-10
    assert 0.9 < float(principal_share(x, 1).mean()) < float(principal_share(x, 2).mean()) < 1.0


@pytest.mark.parametrize(
    ("x", "directions", "said"),
    [(torch.zeros(3, 2), 1, "shape"), (torch.zeros(1, 3, 2), 0, "at least 1")],
)
def test_other_shapes_are_refused(x: Tensor, directions: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        principal_share(x, directions)
