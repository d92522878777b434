"""Denoising errors at each time: what explains remembering and inventing (MATH §11).

    E(t) = E ‖D_t(x_t) - x₀‖² / d,        x_t = α x₀ + σ x₁

for images x₀ that the denoiser was made from, or for images held out. No denoiser has a smaller
error on the images it was made from than the exact one. On others it is the worst one at small t:
all of its weight is on one image, which is not x₀.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from flowviz.core.numerics.work import give_way
from flowviz.core.priors.base import require
from flowviz.core.schedules import Schedule

Denoise = Callable[[Tensor, Tensor], Tensor]
"""x (Q, d), t a scalar -> D_t(x), (Q, d)."""


def denoising_errors(
    denoise: Denoise, schedule: Schedule, x0: Tensor, t: Tensor, seed: int = 0
) -> Tensor:
    """‖D_t(x_t) - x₀‖²/d of each image at each time, (T, Q).

    Args:
        denoise: the denoiser.
        schedule: of x = α x₀ + σ x₁.
        x0: images, (Q, d).
        t: times in (0, 1], (T,).
        seed: of the noise, which is the same at every time.
    """
    generator = torch.Generator().manual_seed(seed)
    x1 = torch.randn(x0.shape, generator=generator, dtype=x0.dtype)
    rows = []
    for time in t:
        alpha, sigma = schedule(time)
        found = denoise(alpha * x0 + sigma * x1, time)
        rows.append((found - x0).square().mean(1))
        give_way()
    return torch.stack(rows)


def best_intervals(t: Tensor, errors: Mapping[str, Tensor]) -> tuple[list[str], list[float]]:
    """Which denoiser has the smallest mean error in each interval of time, from t = 1 down.

    Once a denoiser has been left it is not used again, so that chance makes no short intervals:
    of all orders of intervals the one with the smallest summed error is taken.

    Args:
        t: rising times, (T,).
        errors: mean errors (T,) by name, in the order in which the denoisers may follow each other.

    Returns:
        The names, and the times at which the next one begins, falling.
    """
    names = list(errors)
    require(len(names) >= 1, "at least one denoiser is needed")
    table = torch.stack([errors[name] for name in names]).flip(1)  # from t = 1 down
    count, steps = table.shape
    came = torch.zeros(steps, count, dtype=torch.long)
    cost = table[:, 0].clone()
    for k in range(1, steps):
        best, index = torch.cummin(cost, 0)
        came[k], cost = index, best + table[:, k]
    choice = [int(cost.argmin())]
    for k in range(steps - 1, 0, -1):
        choice.append(int(came[k, choice[-1]]))
    choice.reverse()
    times = t.flip(0)
    used, until = [names[choice[0]]], list[float]()
    for k in range(1, steps):
        if choice[k] != choice[k - 1]:
            used.append(names[choice[k]])
            until.append(float(0.5 * (times[k] + times[k - 1])))
    return used, until


def spread(errors: Tensor) -> tuple[Tensor, Tensor]:
    """Mean over the images and its standard error, (T,) each, of (T, Q)."""
    return errors.mean(1), errors.std(1) / max(1, errors.shape[1]) ** 0.5
