"""Inversion of maps: solve g(z) = y for many maps of ℝᵈ at once, by damped Newton.

Newton's step is shortened until the residual falls, row by row; converged rows leave the working
set. Jacobians are finite differences: half of their digits are enough to converge, and an
evaluation costs an eighth of a forward-mode pass. Derivatives of the root, if needed, are computed
at the root (``paths.implicit``).

For d = 1 the other rows are bracketed and bisected: a monotone map is then inverted wherever its
inverse exists, and where the bracket grows beyond ``FAR`` there is none. For d ≥ 2 there is no
bracket; roots are continued from known ones (``numerics.continuation``).

Rows are independent: the steps and the result of one do not depend on the others.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from flowviz.core.numerics.jacobians import solve
from flowviz.core.numerics.roots import solve_increasing

FAR = 1e12
"""Largest width of a bracket, in units of the start."""

UNREACHED = 1e150
"""Stands for a root that does not exist: so far out that every prior's density is 0 there, but
finite, so that derivatives are not NaN."""

MAX_STEPS = 40

Rows = Callable[[Tensor, Tensor | None], Tensor]
"""(z (..., M, d), index (M,)) -> g(z) of the rows ``index``, of all for None; z may have more
leading axes."""


def invert(
    rows: Rows, target: Tensor, guess: Tensor, steps: int = MAX_STEPS
) -> tuple[Tensor, Tensor]:
    """Solve g_i(z_i) = y_i for every row i.

    Args:
        rows: the maps.
        target: y, (M, d).
        guess: where to start, (M, d).
        steps: most steps of Newton's method.

    Returns:
        z (M, d) and which rows were solved, (M,). The others are ``UNREACHED`` for d = 1, where
        there is certainly no root, and NaN for d ≥ 2.
    """
    z, done = newton(rows, target, guess, steps)
    if z.shape[-1] == 1 and not bool(done.all()):
        unsolved = (~done).nonzero().squeeze(-1)
        z[unsolved], done[unsolved] = _bracketed(rows, target, guess, unsolved)
        return z, done
    return torch.where(done[:, None], z, torch.nan), done


def newton(
    rows: Rows, target: Tensor, guess: Tensor, steps: int = MAX_STEPS
) -> tuple[Tensor, Tensor]:
    """Damped Newton; (z (M, d), which rows converged (M,)), arguments as for ``invert``."""
    eps = torch.finfo(target.dtype).eps
    z = guess.clone()
    done = torch.zeros_like(target[:, 0], dtype=torch.bool)
    all_rows = torch.arange(target.shape[0], device=target.device)
    index: Tensor | None = None  # all rows, without gathering

    def evaluate(at: Tensor) -> tuple[Tensor, Tensor]:
        which = index
        value, slope = differences(lambda v: rows(v, which), at)
        return value - (target if which is None else target[which]), slope

    at, damping = guess, torch.ones_like(target[:, :1])
    residual, slope = evaluate(at)
    for _ in range(steps):
        step = solve(slope, residual)
        size = step.norm(dim=-1)
        # Newton's method squares its relative error: after one more step only rounding is left.
        close = size <= eps**0.4 * (at.norm(dim=-1) + 1e-3)
        here = all_rows if index is None else index
        first = close & ~done[here]
        z[here] = torch.where(first[:, None], at - step, z[here])
        done[here] |= close
        # Not where the Jacobian is singular, or where shortening the step has not helped.
        unfinished = ~close & torch.isfinite(size) & (damping[:, 0] > 1e-9)
        count = int(unfinished.sum())
        if count == 0:
            break
        if 2 * count < unfinished.numel():
            keep = unfinished.nonzero().squeeze(-1)
            index = here[keep]
            at, residual, slope, step, damping = (
                v[keep] for v in (at, residual, slope, step, damping)
            )
        at, residual, slope, damping = _damped(evaluate, at, residual, slope, step, damping)
    return z, done


def _damped(
    evaluate: Callable[[Tensor], tuple[Tensor, Tensor]],
    at: Tensor,
    residual: Tensor,
    slope: Tensor,
    step: Tensor,
    damping: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Take damped steps where they lower the residual; the four arguments after them."""
    trial = at - damping * step
    new_residual, new_slope = evaluate(trial)
    before, after = residual.norm(dim=-1), new_residual.norm(dim=-1)
    # A residual within rounding of 0 need not fall further.
    rounding = 64 * torch.finfo(at.dtype).eps * (trial.norm(dim=-1) + 1e-3)
    better = (after <= (1.0 - 0.25 * damping[:, 0]) * before) | (after <= rounding)
    better &= torch.isfinite(new_slope).flatten(1).all(-1)
    rows = better[:, None]
    return (
        torch.where(rows, trial, at),
        torch.where(rows, new_residual, residual),
        torch.where(rows[..., None], new_slope, slope),
        torch.where(rows, torch.clamp(2.0 * damping, max=1.0), 0.25 * damping),
    )


def differences(function: Callable[[Tensor], Tensor], z: Tensor) -> tuple[Tensor, Tensor]:
    """(value (..., d), Jacobian (..., d, d) to about eight digits), in one call of the function."""
    d = z.shape[-1]
    axes = torch.eye(d, dtype=z.dtype, device=z.device).reshape(d, *(1,) * (z.dim() - 1), d)
    moved = z + axes * torch.finfo(z.dtype).eps ** 0.5 * (z.abs().amax(-1, keepdim=True) + 0.01)
    values = function(torch.cat([z[None], moved]))
    h = (moved - z).sum(-1)  # the step after rounding
    return values[0], ((values[1:] - values[0]) / h[..., None]).movedim(0, -1)


def _bracketed(rows: Rows, target: Tensor, guess: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
    """Bracket and bisect the rows ``index``; the maps are taken to be monotone."""
    y = target[index, 0]

    def residual_at(z: Tensor) -> Tensor:
        return rows(z[:, None], index)[:, 0] - y

    start = torch.nan_to_num(guess[index, 0])
    width = 1.0 + start.abs()
    low, high = start - width, start + width
    increasing = residual_at(high) > residual_at(low)
    sign = torch.where(increasing, 1.0, -1.0).to(y)
    while bool((width <= FAR).any()):
        below = sign * residual_at(low) <= 0
        above = sign * residual_at(high) >= 0
        if bool((below & above).all()):
            break
        width = 4.0 * width
        low, high = torch.where(below, low, start - width), torch.where(above, high, start + width)
        # A map may overflow before FAR: then the bracket ends where it is finite.
        low = torch.where(torch.isfinite(residual_at(low)), low, start - 0.25 * width)
        high = torch.where(torch.isfinite(residual_at(high)), high, start + 0.25 * width)
        width = torch.where(below & above, width.clamp(min=4.0 * FAR), width)
    bracketed = (sign * residual_at(low) <= 0) & (sign * residual_at(high) >= 0)
    z = torch.full_like(y, UNREACHED)
    found = bracketed.nonzero().squeeze(-1)
    if found.numel():

        def residual(at: Tensor, active: Tensor) -> tuple[Tensor, Tensor]:
            which = found[active]
            g, slope = differences(lambda v: rows(v, index[which]), at[:, None])
            size = 1.0 + y[which].abs()
            gap = sign[which] * (g[:, 0] - y[which]) / size
            return torch.nan_to_num(gap), sign[which] * slope[:, 0, 0] / size

        middle = 0.5 * (low[found] + high[found])
        z[found], _ = solve_increasing(residual, low[found], high[found], middle)
    return z[:, None], bracketed
