"""The other direction: solve g(z) = y for many maps of ℝᵈ at once, by safeguarded Newton.

Newton's step is shortened until the residual falls, point by point; what has settled leaves the
working set. Slopes are differences of values: half the digits of a slope are enough to converge,
and a plain value costs an eighth of a forward-mode pass; whoever needs derivatives of the root
takes them at the root.

On the line what is left over is bracketed and bisected: a monotone map is then inverted wherever
its inverse exists, and where the bracket grows past ``FAR`` there is none. In the plane no bracket
exists: where the step shrinks to nothing, many other places to start from are compared
(``scattered``), and where none of them leads to a root NaN says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from flowviz.core.numerics.jacobians import solve
from flowviz.core.numerics.roots import solve_increasing

FAR = 1e12
"""Beyond this, in units of the start, no free end is looked for."""

UNREACHED = 1e150
"""Where a free end does not exist: so far out that every prior's density there is 0, and finite,
so that derivatives stay numbers."""

MAX_STEPS = 40

RINGS, SPOKES, TRIES = 48, 32, 4
"""Places where roots that winding families hide are looked for, and how many of them are tried."""
SCATTERED_ROWS = 512

Rows = Callable[[Tensor, Tensor | None], Tensor]
"""(z (..., M, d), index (M,)) -> g(z) of the rows named by ``index``, of all for None; further
axes may lead."""


def invert(rows: Rows, target: Tensor, guess: Tensor) -> tuple[Tensor, Tensor]:
    """Solve g_i(z_i) = y_i for every row i.

    Args:
        rows: the maps.
        target: y, (M, d).
        guess: where to start, (M, d).

    Returns:
        z (M, d) and which rows were solved, (M,). Rows that were not hold ``UNREACHED`` on the
        line, where that is certain, and NaN elsewhere.
    """
    z, done = newton(rows, target, guess)
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
        z[here] = torch.where(close[:, None], at - step, z[here])
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


def scattered(rows: Rows, target: Tensor, centre: Tensor, reach: Tensor) -> tuple[Tensor, Tensor]:
    """Roots in the plane that no path leads to: of many places to start from, the best are tried.

    A family that winds has narrow valleys, and Newton's way to the root is barred by their walls.
    The places lie on rings about ``centre``, most of them about as far out as ``reach`` says.

    Args:
        rows: the maps.
        target: y, (M, 2).
        centre: (M, 2).
        reach: how far out the root is thought to be, (M,).

    Returns:
        z (M, 2) and which rows were solved, (M,); NaN where none was found, and where more than
        ``SCATTERED_ROWS`` ask and others are nearer: a root far out has hardly any probability.
    """
    z = torch.full_like(target, torch.nan)
    done = torch.zeros_like(target[:, 0], dtype=torch.bool)
    index = reach.argsort()[:SCATTERED_ROWS]
    z[index], done[index] = _scattered(rows, target, centre, reach, index)
    return z, done


def _scattered(
    rows: Rows, target: Tensor, centre: Tensor, reach: Tensor, index: Tensor
) -> tuple[Tensor, Tensor]:
    share = torch.linspace(-1.0, 1.0, RINGS, dtype=target.dtype, device=target.device)
    radius = 3.0 ** (share * share.abs())  # closest together about the reach itself
    angle = torch.arange(SPOKES, dtype=target.dtype, device=target.device) * (math.tau / SPOKES)
    ring = torch.stack([torch.cos(angle), torch.sin(angle)], -1)
    star = (radius[:, None, None] * ring).reshape(-1, 1, 2)
    y, own = target[index], centre[index]
    starts = own + reach[index, None] * star  # (places, M, 2)
    gap = (rows(starts, index) - y).norm(dim=-1)
    best = torch.nan_to_num(gap, nan=torch.inf).topk(TRIES, dim=0, largest=False).indices
    z = torch.full_like(y, torch.nan)
    done = torch.zeros_like(y[:, 0], dtype=torch.bool)
    every = torch.arange(index.numel(), device=index.device)
    for place in best:
        left = (~done).nonzero().squeeze(-1)
        if left.numel() == 0:
            break

        def some(v: Tensor, which: Tensor | None, left: Tensor = left) -> Tensor:
            return rows(v, index[left if which is None else left[which]])

        root, settled = newton(some, y[left], starts[place, every][left])
        z[left[settled]] = root[settled]
        done[left] = settled
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
