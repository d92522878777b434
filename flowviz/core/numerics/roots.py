"""Roots of many scalar functions at once, each inside a given bracket.

``solve_increasing`` is Newton's method safeguarded by bisection: two or three evaluations from a
good guess. Converged roots leave the working set, so that a few hard ones do not slow down all.
``solve_bracketed`` needs no derivative and no guess: inverse quadratic interpolation where it is
monotone, bisection elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

MAX_PASSES = 200


class _Search(NamedTuple):
    """The roots that are not found yet, (M,) each."""

    x: Tensor
    low: Tensor  # the bracket
    high: Tensor
    below: Tensor  # |g| at its ends
    above: Tensor
    last: Tensor  # size of the last step, or width of the bracket after a bisection
    slope: Tensor  # dg/dx at the last position
    moved: Tensor  # distance from the last position

    def select(self, rows: Tensor) -> _Search:
        return _Search(*(v[rows] for v in self))


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
    infinite, none = torch.full_like(x, torch.inf), torch.full_like(x, torch.nan)
    search = _Search(x.clone(), low, high, infinite, infinite, infinite, none, none)
    active = torch.arange(x.numel(), device=x.device)
    evaluations = 0
    for _ in range(MAX_PASSES):
        value, slope = residual(search.x, active)
        evaluations += active.numel()
        search, done = _iterate(search, value, slope, smooth)
        x[active] = search.x
        rows = (~done).nonzero().squeeze(-1)
        if rows.numel() == 0:
            break
        if rows.numel() < active.numel():
            active, search = active[rows], search.select(rows)
    return x, evaluations


def _iterate(search: _Search, value: Tensor, slope: Tensor, smooth: bool) -> tuple[_Search, Tensor]:
    """The next position of every root, from g and dg/dx at the present one, and which are done."""
    x, eps = search.x, torch.finfo(value.dtype).eps
    left, right, gap = value <= 0, value >= 0, value.abs()
    low, below = torch.where(left, x, search.low), torch.where(left, gap, search.below)
    high, above = torch.where(right, x, search.high), torch.where(right, gap, search.above)
    step = value / slope
    trial, size, width = x - step, step.abs(), high - low
    scale = eps * torch.maximum(low.abs(), high.abs())
    # Newton's step must stay inside the bracket and at least halve; otherwise bisection.
    newton = (trial >= low) & (trial <= high) & (size <= 0.5 * search.last)
    trial = torch.where(newton, trial, 0.5 * (low + high))
    # A step that lands on the other end, which was evaluated: g bends there, as where a density
    # vanishes, and the root is within rounding of it. Beside it the bracket becomes narrow at once.
    end, beyond = torch.where(left, high, low), torch.where(left, above, below)
    lands = newton & (beyond < torch.inf)
    if bool(lands.any()):
        lands &= (trial - end).abs() <= 2 * scale
        trial = torch.where(lands, end + torch.sign(value) * 2 * scale, trial)
    # Where g is flat and 0 but for rounding, the root is where it begins to change: if the other
    # end is within rounding as well, there; the other end is looked at first.
    flat = (slope == 0) & (gap <= 16 * eps)
    edge = flat & (beyond <= 16 * eps)
    if bool(flat.any()):
        trial = torch.where(edge | (flat & (beyond == torch.inf)), end, trial)
    settled = edge
    if smooth:
        # Newton's next error is size² g''/2g', with g'' from the change of the slope since the last
        # evaluation; a large change is not used.
        change = (1.0 - search.slope / slope).abs()
        small = 0.5 * size.square() * change <= scale * search.moved
        settled = settled | (newton & (change <= 0.5) & small)
    # A step within rounding is converged if the residual is small as well; otherwise the slope is
    # very large here, and the point is stepped over.
    tiny = size <= 2 * scale
    found = (gap <= 2 * eps) | (tiny & (gap <= 1e-10))
    over = tiny & newton
    trial = torch.where(over, x - 2.0 * torch.sign(value) * scale, trial)
    size = torch.where(over, 2.0 * scale, size)
    # Between two adjacent numbers: the one with the smaller residual.
    narrow = width <= 2 * scale
    if bool(narrow.any()):
        nearer = torch.where(below < above, low, high)
        trial = torch.where(narrow & (below.minimum(above) < torch.inf) & ~edge, nearer, trial)
    trial = torch.where(found, x, trial)
    last = torch.where(newton, size, width)
    state = _Search(trial, low, high, below, above, last, slope, (trial - x).abs())
    return state, settled | found | narrow


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
