"""Roots by numerical continuation, with a predictor and a corrector.

Where ∂R/∂z is regular, the root z(τ) of R(z, τ) = 0 moves by Davidenko's equation

    dz/dτ = -(∂R/∂z)⁻¹ ∂R/∂τ.

A Runge-Kutta step of order 4 predicts it and Newton's method corrects it; where Newton's method
does not converge, or converges far from the prediction, the step is tried again shorter. Every row
has its own step size and step limit: its result does not depend on the other rows of the batch.

Source: Allgower and Georg, Numerical Continuation Methods (1990), chapters 2 and 6.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from flowviz.core.numerics.inversion import differences, newton
from flowviz.core.numerics.jacobians import solve

MAX_STEPS = 400
FIRST_STEP, MIN_STEP = 1.0 / 16, 1e-9
_SHRINK, _MAX_GROWTH = 0.5, 3.0
_CORRECTIONS = 5
_TRUST = 0.25
"""Largest correction, as a fraction of the predicted step."""

Residual = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(z (..., M, d), τ (M,), index (M,)) -> R of the rows ``index``; z may have more leading axes."""

Escaped = Callable[[Tensor, Tensor], Tensor]
"""(z (M, d), index (M,)) -> rows so far out that the search ends, (M,)."""


def continue_roots(
    residual: Residual, start: Tensor, escaped: Escaped
) -> tuple[Tensor, Tensor, Tensor]:
    """Follow the roots of R(z, τ) = 0 from ``start`` at τ = 0 to τ = 1.

    Args:
        residual: R; ∂R/∂z must be regular along the curves.
        start: the roots at τ = 0, (M, d).
        escaped: where to give up.

    Returns:
        z (M, d); which reached τ = 1, (M,); and which escaped, (M,). The others took ``MAX_STEPS``
        steps or met a fold.
    """
    z, tau = start.clone(), torch.zeros_like(start[:, 0])
    step, growth = torch.full_like(tau, FIRST_STEP), torch.full_like(tau, _MAX_GROWTH)
    lost = torch.zeros_like(tau, dtype=torch.bool)
    active = torch.arange(len(start), device=start.device)
    for _ in range(MAX_STEPS):
        if active.numel() == 0:
            break
        tau_next = torch.minimum(tau[active] + step[active], torch.ones_like(step[active]))
        guess, length = _predicted(residual, z[active], tau[active], tau_next, active)
        root, accepted = _corrected(residual, guess, tau_next, active)
        ratio = (root - guess).norm(dim=-1) / (_TRUST * length)
        accepted &= ratio <= 1.0
        z[active] = torch.where(accepted[:, None], root, z[active])
        tau[active] = torch.where(accepted, tau_next, tau[active])
        # The prediction has an error of order 5; after a failure the step does not grow at once.
        factor = torch.minimum(0.8 * ratio.clamp(min=1e-9) ** -0.2, growth[active])
        step[active] *= torch.where(accepted, factor, _SHRINK)
        regrown = (1.1 * growth[active]).clamp(max=_MAX_GROWTH)
        growth[active] = torch.where(accepted, regrown, 1.0)
        lost[active] = escaped(z[active], active)
        unfinished = (tau[active] < 1.0) & (step[active] > MIN_STEP) & ~lost[active]
        active = active[unfinished & z[active].isfinite().all(-1)]
    return z, (tau >= 1.0) & ~lost, lost


def _predicted(
    residual: Residual, z: Tensor, tau: Tensor, tau_next: Tensor, index: Tensor
) -> tuple[Tensor, Tensor]:
    """The end of a Runge-Kutta step, (M, d), and a bound on its length, (M,)."""
    h = (tau_next - tau)[:, None]
    one = _direction(residual, z, tau, index)
    middle = 0.5 * (tau + tau_next)
    two = _direction(residual, z + 0.5 * h * one, middle, index)
    three = _direction(residual, z + 0.5 * h * two, middle, index)
    four = _direction(residual, z + h * three, tau_next, index)
    slopes = (one, two, three, four)
    length = h[:, 0] * torch.stack([slope.norm(dim=-1) for slope in slopes]).amax(0)
    rounding = torch.finfo(z.dtype).eps ** 0.5 * (z.norm(dim=-1) + 1e-3)
    return z + h / 6.0 * (one + 2.0 * two + 2.0 * three + four), length + rounding


def _direction(residual: Residual, z: Tensor, tau: Tensor, index: Tensor) -> Tensor:
    """dz/dτ, (M, d), by differences in z and τ."""
    value, slope = differences(lambda v: residual(v, tau, index), z)
    h = torch.where(tau < 0.5, 1.0, -1.0) * torch.finfo(z.dtype).eps ** 0.5
    moved = residual(z, tau + h, index)
    return -solve(slope, (moved - value) / h[:, None])


def _corrected(
    residual: Residual, guess: Tensor, tau: Tensor, index: Tensor
) -> tuple[Tensor, Tensor]:
    def rows(z: Tensor, which: Tensor | None) -> Tensor:
        if which is None:
            return residual(z, tau, index)
        return residual(z, tau[which], index[which])

    return newton(rows, torch.zeros_like(guess), guess, _CORRECTIONS)
