"""Roots of many increasing functions at once: Newton where it works, bisection where it does not.

Every root starts inside a bracket that is known to hold it, so the answer cannot be lost; Newton's
quadratic convergence then needs two or three looks from a good guess. Roots that have settled
leave the working set, so that a few hard ones do not cost what all of them would.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

MAX_PASSES = 200


def solve_increasing(
    residual: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]],
    low: Tensor,
    high: Tensor,
    guess: Tensor,
) -> tuple[Tensor, int]:
    """Solve g_i(x_i) = 0 for many increasing g_i.

    Args:
        residual: (x, index) -> (g, dg/dx) for the functions named by ``index``, each (M,); g is
            relative, so that a few units of rounding are its noise and nothing smaller is a root.
        low: lower ends of the brackets, g(low) ≤ 0, (M,).
        high: upper ends, g(high) ≥ 0, (M,).
        guess: where to start, (M,).

    Returns:
        The roots, (M,), and the number of evaluations of one g, summed over all of them.
    """
    x = torch.minimum(torch.maximum(guess, low), high)
    if x.numel() == 0:
        return x, 0
    eps = torch.finfo(x.dtype).eps
    low, high = low.clone(), high.clone()
    active = torch.arange(x.numel(), device=x.device)
    xa, lo, hi = x.clone(), low, high
    last = torch.full_like(x, torch.inf)
    evaluations = 0
    for _ in range(MAX_PASSES):
        value, slope = residual(xa, active)
        evaluations += active.numel()
        lo = torch.where(value <= 0, xa, lo)
        hi = torch.where(value >= 0, xa, hi)
        step = value / slope
        trial = xa - step
        size = step.abs()
        # Newton must stay inside the bracket and at least halve its step; a flat stretch or a
        # kink that makes it wander is halved instead.
        newton = (trial >= lo) & (trial <= hi) & (size <= 0.5 * last)
        trial = torch.where(newton, trial, 0.5 * (lo + hi))
        width = hi - lo
        scale = eps * torch.maximum(lo.abs(), hi.abs())
        # Newton's next error is about size³/last² once it converges quadratically.
        settled = newton & torch.isfinite(last) & (size * (size / last).square() <= scale)
        found = (value.abs() <= 2 * eps) | (size <= 2 * scale)
        done = settled | found | (width <= 2 * scale)
        trial = torch.where(found, xa, trial)
        size = torch.where(newton, size, width)
        x[active] = trial
        keep = (~done).nonzero().squeeze(-1)
        if keep.numel() == 0:
            break
        if keep.numel() < active.numel():
            active, trial, lo, hi, size = (v[keep] for v in (active, trial, lo, hi, size))
        xa, last = trial, size
    return x, evaluations
