"""Roots followed from where they are known: continuation with a predictor and a corrector.

Where ∂R/∂z is regular, the root z(τ) of R(z, τ) = 0 moves by Davidenko's equation

    dz/dτ = -(∂R/∂z)⁻¹ ∂R/∂τ.

A Runge-Kutta step of order 4 predicts it and Newton's method corrects it; where Newton does not
settle, or settles far from the prediction, the step is tried again shorter. Every row has its own
step and its own budget: its answer does not depend on what is solved beside it.

Source: Allgower and Georg, Numerical Continuation Methods (1990), chapters 2 and 6.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from flowviz.core.numerics.inversion import differences, newton
from flowviz.core.numerics.jacobians import solve

MAX_STEPS = 400
FIRST_STEP, LEAST_STEP = 1.0 / 16, 1e-9
_LESS, _MOST = 0.5, 3.0
_CORRECTIONS = 5
_TRUST = 0.25
"""How far a correction may lead, as a share of the step that was predicted."""

Residual = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(z (..., M, d), τ (M,), index (M,)) -> R of the rows named by ``index``; more axes may lead."""

Escaped = Callable[[Tensor, Tensor], Tensor]
"""(z (M, d), index (M,)) -> which rows are so far out that no root is looked for, (M,)."""


def continue_roots(
    residual: Residual, start: Tensor, escaped: Escaped
) -> tuple[Tensor, Tensor, Tensor]:
    """The roots at τ = 1 of R(z, τ) = 0 that begin at the roots ``start`` at τ = 0.

    Args:
        residual: R, of which ∂R/∂z is regular along the way.
        start: the roots at τ = 0, (M, d).
        escaped: where to give up: no root is where these lead.

    Returns:
        z (M, d); which were found, (M,); and which escaped, (M,). Those that are neither took
        ``MAX_STEPS`` steps or met a fold.
    """
    z, tau = start.clone(), torch.zeros_like(start[:, 0])
    step, growth = torch.full_like(tau, FIRST_STEP), torch.full_like(tau, _MOST)
    gone = torch.zeros_like(tau, dtype=torch.bool)
    left = torch.arange(len(start), device=start.device)
    for _ in range(MAX_STEPS):
        if left.numel() == 0:
            break
        ahead = torch.minimum(tau[left] + step[left], torch.ones_like(step[left]))
        guess, length = _predicted(residual, z[left], tau[left], ahead, left)
        root, kept = _corrected(residual, guess, ahead, left)
        ratio = (root - guess).norm(dim=-1) / (_TRUST * length)
        kept &= ratio <= 1.0
        z[left] = torch.where(kept[:, None], root, z[left])
        tau[left] = torch.where(kept, ahead, tau[left])
        # The error of order 5 says how far to go; a length that failed is not tried again at once.
        longer = torch.minimum(0.8 * ratio.clamp(min=1e-9) ** -0.2, growth[left])
        step[left] *= torch.where(kept, longer, _LESS)
        growth[left] = torch.where(kept, (1.1 * growth[left]).clamp(max=_MOST), 1.0)
        gone[left] = escaped(z[left], left)
        going = (tau[left] < 1.0) & (step[left] > LEAST_STEP) & ~gone[left]
        left = left[going & z[left].isfinite().all(-1)]
    return z, (tau >= 1.0) & ~gone, gone


def _predicted(
    residual: Residual, z: Tensor, tau: Tensor, ahead: Tensor, index: Tensor
) -> tuple[Tensor, Tensor]:
    """Where a Runge-Kutta step leads, (M, d), and how long its way is, (M,)."""
    h = (ahead - tau)[:, None]
    one = _direction(residual, z, tau, index)
    middle = 0.5 * (tau + ahead)
    two = _direction(residual, z + 0.5 * h * one, middle, index)
    three = _direction(residual, z + 0.5 * h * two, middle, index)
    four = _direction(residual, z + h * three, ahead, index)
    slopes = (one, two, three, four)
    length = h[:, 0] * torch.stack([slope.norm(dim=-1) for slope in slopes]).amax(0)
    rounding = torch.finfo(z.dtype).eps ** 0.5 * (z.norm(dim=-1) + 1e-3)
    return z + h / 6.0 * (one + 2.0 * two + 2.0 * three + four), length + rounding


def _direction(residual: Residual, z: Tensor, tau: Tensor, index: Tensor) -> Tensor:
    """dz/dτ, (M, d); rates are differences, as slopes are."""
    value, slope = differences(lambda v: residual(v, tau, index), z)
    nudge = torch.where(tau < 0.5, 1.0, -1.0) * torch.finfo(z.dtype).eps ** 0.5
    moved = residual(z, tau + nudge, index)
    return -solve(slope, (moved - value) / nudge[:, None])


def _corrected(
    residual: Residual, guess: Tensor, tau: Tensor, index: Tensor
) -> tuple[Tensor, Tensor]:
    def rows(z: Tensor, which: Tensor | None) -> Tensor:
        if which is None:
            return residual(z, tau, index)
        return residual(z, tau[which], index[which])

    return newton(rows, torch.zeros_like(guess), guess, _CORRECTIONS)
