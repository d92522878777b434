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
    smooth: bool = True,
) -> tuple[Tensor, int]:
    """Solve g_i(x_i) = 0 for many increasing g_i.

    Args:
        residual: (x, index) -> (g, dg/dx) for the functions named by ``index``, each (M,); g is
            relative, so that a few units of rounding are its noise and nothing smaller is a root.
        low: lower ends of the brackets, g(low) ≤ 0, (M,).
        high: upper ends, g(high) ≥ 0, (M,).
        guess: where to start, (M,).
        smooth: whether the slopes have no jumps, so that two of them foretell the next.

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
    last = below = above = torch.full_like(x, torch.inf)
    before = moved = torch.full_like(x, torch.nan)
    evaluations = 0
    for _ in range(MAX_PASSES):
        value, slope = residual(xa, active)
        evaluations += active.numel()
        left, right, gap = value <= 0, value >= 0, value.abs()
        lo, below = torch.where(left, xa, lo), torch.where(left, gap, below)
        hi, above = torch.where(right, xa, hi), torch.where(right, gap, above)
        step = value / slope
        trial = xa - step
        size = step.abs()
        # Newton must stay inside the bracket and at least halve its step; a flat stretch or a
        # kink that makes it wander is halved instead.
        newton = (trial >= lo) & (trial <= hi) & (size <= 0.5 * last)
        trial = torch.where(newton, trial, 0.5 * (lo + hi))
        width = hi - lo
        scale = eps * torch.maximum(lo.abs(), hi.abs())
        # Newton's next error is size² g''/2g', and g'' shows in how the slope changed since the
        # last look; where it changed by much, the two looks were at different hills of it.
        change = (1.0 - before / slope).abs()
        settled = newton & (change <= 0.5) & (0.5 * size.square() * change <= scale * moved)
        settled &= smooth
        # A step within rounding is the end where the residual is small too; elsewhere the slope is
        # infinite, or was as small as a residual's logarithm is large: it is stepped over.
        still = size <= 2 * scale
        found = (gap <= 2 * eps) | (still & (gap <= 1e-10))
        over = still & newton
        trial = torch.where(over, xa - 2.0 * torch.sign(value) * scale, trial)
        size = torch.where(over, 2.0 * scale, size)
        narrow = width <= 2 * scale
        # Of two neighbours then the one with the smaller residual.
        nearer = torch.where(below < above, lo, hi)
        trial = torch.where(narrow & (below.minimum(above) < torch.inf), nearer, trial)
        trial = torch.where(found, xa, trial)
        done = settled | found | narrow
        size = torch.where(newton, size, width)
        x[active] = trial
        keep = (~done).nonzero().squeeze(-1)
        if keep.numel() == 0:
            break
        kept = (trial, lo, hi, below, above, size, slope, (trial - xa).abs())
        if keep.numel() < active.numel():
            active, *kept = (v[keep] for v in (active, *kept))
        xa, lo, hi, below, above, last, before, moved = kept
    return x, evaluations
