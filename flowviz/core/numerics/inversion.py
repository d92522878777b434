"""The other direction: solve g(z) = y for many maps of ℝᵈ at once, by safeguarded Newton.

Newton's step is shortened until the residual falls, point by point; what has settled leaves the
working set. Slopes are differences of values: half the digits of a slope are enough to converge,
and a plain value costs an eighth of a forward-mode pass; whoever needs derivatives of the root
takes them at the root.

On the line what is left over is bracketed and bisected: a monotone map is then inverted wherever
its inverse exists, and where the bracket grows past ``FAR`` there is none. In the plane no bracket
exists; there a root is continued from where it is known (``numerics.continuation``).

Every row is solved by itself: its steps, and whether it is given up, depend on no other row.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from flowviz.core.numerics.jacobians import solve
from flowviz.core.numerics.roots import solve_increasing

FAR = 1e12
"""Beyond this, in units of the start, no endpoint is looked for."""

UNREACHED = 1e150
"""Where an endpoint does not exist: so far out that every prior's density there is 0, and finite,
so that derivatives stay numbers."""

MAX_STEPS = 40

Rows = Callable[[Tensor, Tensor | None], Tensor]
"""(z (..., M, d), index (M,)) -> g(z) of the rows named by ``index``, of all for None; further
axes may lead."""


def invert(
    rows: Rows, target: Tensor, guess: Tensor, steps: int = MAX_STEPS
) -> tuple[Tensor, Tensor]:
    """Solve g_i(z_i) = y_i for every row i.

    Args:
        rows: the maps.
        target: y, (M, d).
        guess: where to start, (M, d).
        steps: Newton's steps at most.

    Returns:
        z (M, d) and which rows were solved, (M,). Rows that were not hold ``UNREACHED`` on the
        line, where that is certain, and NaN elsewhere.
    """
    z, done = newton(rows, target, guess, steps)
    if z.shape[-1] == 1 and not bool(done.all()):
        left = (~done).nonzero().squeeze(-1)
        z[left], done[left] = _bracketed(rows, target, guess, left)
        return z, done
    return torch.where(done[:, None], z, torch.nan), done


def newton(
    rows: Rows, target: Tensor, guess: Tensor, steps: int = MAX_STEPS
) -> tuple[Tensor, Tensor]:
    """Newton with a shortened step; (z (M, d), which rows settled (M,)), as ``invert`` says."""
    eps = torch.finfo(target.dtype).eps
    z = guess.clone()
    done = torch.zeros_like(target[:, 0], dtype=torch.bool)
    every = torch.arange(target.shape[0], device=target.device)
    index: Tensor | None = None  # all rows, in the layout they came in: no gathering

    def look(at: Tensor) -> tuple[Tensor, Tensor]:
        which = index
        value, slope = differences(lambda v: rows(v, which), at)
        return value - (target if which is None else target[which]), slope

    at, share = guess, torch.ones_like(target[:, :1])
    residual, slope = look(at)
    for _ in range(steps):
        step = solve(slope, residual)
        size = step.norm(dim=-1)
        # Newton squares its relative error: one more step, and little but rounding is left.
        close = size <= eps**0.4 * (at.norm(dim=-1) + 1e-3)
        here = every if index is None else index
        first = close & ~done[here]  # a row ends where it settles, whoever goes on beside it
        z[here] = torch.where(first[:, None], at - step, z[here])
        done[here] |= close
        # A bad slope or a step of nothing cannot be mended by shortening it again.
        going = ~close & torch.isfinite(size) & (share[:, 0] > 1e-9)
        left = int(going.sum())
        if left == 0:
            break
        if 2 * left < going.numel():
            keep = going.nonzero().squeeze(-1)
            index = here[keep]
            at, residual, slope, step, share = (v[keep] for v in (at, residual, slope, step, share))
        trial = at - share * step
        new_residual, new_slope = look(trial)
        before, after = residual.norm(dim=-1), new_residual.norm(dim=-1)
        # Rounding may keep a residual of nothing from falling further.
        noise = 64 * eps * (trial.norm(dim=-1) + 1e-3)
        better = (after <= (1.0 - 0.25 * share[:, 0]) * before) | (after <= noise)
        better &= torch.isfinite(new_slope).flatten(1).all(-1)
        at = torch.where(better[:, None], trial, at)
        residual = torch.where(better[:, None], new_residual, residual)
        slope = torch.where(better[:, None, None], new_slope, slope)
        share = torch.where(better[:, None], torch.clamp(2.0 * share, max=1.0), 0.25 * share)
    return z, done


def differences(function: Callable[[Tensor], Tensor], z: Tensor) -> tuple[Tensor, Tensor]:
    """(value (..., d), slopes (..., d, d) to about eight digits), in one call of the function."""
    d = z.shape[-1]
    along = torch.eye(d, dtype=z.dtype, device=z.device).reshape(d, *(1,) * (z.dim() - 1), d)
    nudge = torch.finfo(z.dtype).eps ** 0.5 * (z.abs().amax(-1, keepdim=True) + 0.01)
    moved = z + along * nudge
    values = function(torch.cat([z[None], moved]))
    gaps = (moved - z).sum(-1)  # what the nudge became once rounded
    return values[0], ((values[1:] - values[0]) / gaps[..., None]).movedim(0, -1)


def _bracketed(rows: Rows, target: Tensor, guess: Tensor, left: Tensor) -> tuple[Tensor, Tensor]:
    """Bracket and bisect the rows of ``left``; the maps are taken to be monotone."""
    y = target[left, 0]

    def value(z: Tensor, which: Tensor) -> Tensor:
        return rows(z[:, None], left[which])[:, 0] - y[which]

    every = torch.arange(left.numel(), device=left.device)
    start = torch.nan_to_num(guess[left, 0])
    width = 1.0 + start.abs()
    low, high = start - width, start + width
    rises = value(high, every) > value(low, every)
    sign = torch.where(rises, 1.0, -1.0).to(y)
    while bool((width <= FAR).any()):
        under = sign * value(low, every) <= 0
        over = sign * value(high, every) >= 0
        if bool((under & over).all()):
            break
        width = 4.0 * width
        low, high = torch.where(under, low, start - width), torch.where(over, high, start + width)
        # A map may end in overflow before FAR: then it is as far as it goes.
        low = torch.where(torch.isfinite(value(low, every)), low, start - 0.25 * width)
        high = torch.where(torch.isfinite(value(high, every)), high, start + 0.25 * width)
        width = torch.where(under & over, width.clamp(min=4.0 * FAR), width)
    held = (sign * value(low, every) <= 0) & (sign * value(high, every) >= 0)
    z = torch.full_like(y, UNREACHED)
    found = held.nonzero().squeeze(-1)
    if found.numel():

        def residual(at: Tensor, active: Tensor) -> tuple[Tensor, Tensor]:
            which = found[active]
            g, slope = differences(lambda v: rows(v, left[which]), at[:, None])
            size = 1.0 + y[which].abs()
            gap = sign[which] * (g[:, 0] - y[which]) / size
            return torch.nan_to_num(gap), sign[which] * slope[:, 0, 0] / size

        middle = 0.5 * (low[found] + high[found])
        z[found], _ = solve_increasing(residual, low[found], high[found], middle)
    return z[:, None], held
