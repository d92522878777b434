"""Roots of many scalar functions at once, each inside a given bracket.

``solve_increasing`` is Newton's method safeguarded by bisection: two or three evaluations from a
good guess. Converged roots leave the working set, so that a few hard ones do not slow down all.
``solve_bracketed`` needs no derivative and no guess: inverse quadratic interpolation where it is
monotone, bisection elsewhere.
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
        residual: (x, index) -> (g, dg/dx) for the functions ``index``, each (M,); g must be
            relative, so that its rounding errors are a few units of rounding.
        low: lower ends of the brackets, g(low) ≤ 0, (M,).
        high: upper ends, g(high) ≥ 0, (M,).
        guess: where to start, (M,).
        smooth: whether dg/dx is continuous, so that its change predicts the error of a step.

    Returns:
        The roots, (M,), and the number of evaluations, summed over all functions.
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
        # Newton's step must stay inside the bracket and at least halve; otherwise bisection.
        newton = (trial >= lo) & (trial <= hi) & (size <= 0.5 * last)
        trial = torch.where(newton, trial, 0.5 * (lo + hi))
        width = hi - lo
        scale = eps * torch.maximum(lo.abs(), hi.abs())
        # Newton's next error is size² g''/2g', with g'' from the change of the slope since the
        # last evaluation; a large change is not used.
        change = (1.0 - before / slope).abs()
        settled = newton & (change <= 0.5) & (0.5 * size.square() * change <= scale * moved)
        settled &= smooth
        # A step within rounding is converged if the residual is small as well; otherwise the slope
        # is very large here, and the point is stepped over.
        tiny = size <= 2 * scale
        found = (gap <= 2 * eps) | (tiny & (gap <= 1e-10))
        over = tiny & newton
        trial = torch.where(over, xa - 2.0 * torch.sign(value) * scale, trial)
        size = torch.where(over, 2.0 * scale, size)
        narrow = width <= 2 * scale
        # Between two adjacent numbers: the one with the smaller residual.
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


def solve_bracketed(
    function: Callable[[Tensor], Tensor], low: Tensor, high: Tensor, tolerance: float
) -> Tensor:
    """Solve g_i(x_i) = 0 for many functions without derivatives, by Chandrupatla's method.

    Inverse quadratic interpolation through the last three points is used only where it is monotone
    between them, bisection otherwise; so the bracket always contains a root.

    Args:
        function: x (M,) -> g (M,), finite.
        low: lower ends of the brackets, (M,).
        high: upper ends, (M,).
        tolerance: largest width of the final bracket, positive.

    Returns:
        The end of each final bracket with the smaller |g|, (M,); NaN where g has one sign at both
        ends of the given one.

    Source: T. R. Chandrupatla, "A new hybrid quadratic/bisection algorithm for finding the zero of
    a nonlinear function without using derivatives", Advances in Engineering Software 28 (1997).
    """
    x1, x2, f1, f2 = low, high, function(low), function(high)
    none = f1.sign() == f2.sign()
    fraction = (f1 / (f1 - f2)).nan_to_num(0.5)
    for _ in range(MAX_PASSES):
        margin = 0.5 * tolerance / (x2 - x1).abs()
        done = none | (margin > 0.5) | (f1 == 0) | (f2 == 0)
        if bool(done.all()):
            break
        # At least half the tolerance from either end, so that both ends converge to the root.
        fraction = torch.minimum(torch.maximum(fraction, margin), 1.0 - margin)
        x = torch.where(done, x1, x1 + fraction * (x2 - x1))
        f = function(x)
        same = f.sign() == f1.sign()
        x3, f3 = torch.where(same, x1, x2), torch.where(same, f1, f2)
        x2, f2 = torch.where(same, x2, x1), torch.where(same, f2, f1)
        x1, f1 = x, f
        xi, phi = (x1 - x2) / (x3 - x2), (f1 - f2) / (f3 - f2)
        quadratic = f1 / (f2 - f1) * (f3 / (f2 - f3))
        quadratic += (x3 - x1) / (x2 - x1) * (f1 / (f3 - f1)) * (f2 / (f3 - f2))
        monotone = (phi.square() < xi) & ((1.0 - phi).square() < 1.0 - xi)
        fraction = torch.where(monotone & quadratic.isfinite(), quadratic, 0.5)
    return torch.where(f1.abs() < f2.abs(), x1, x2).masked_fill(none, torch.nan)
