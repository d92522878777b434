"""One dimension: a trajectory is the root of a conserved distribution function (MATH §3.1).

    F_t(x_t) = F₁(x₁),     F_t(x) = Σ_i w_i F₁(φ_t(x|x₀ᵢ))

The equation is solved with F below the median and with S = 1 - F above it, so that x₁ eight scales
out keeps its relative precision. The root lies between the smallest and the largest ψ_t(x₁|x₀ᵢ);
Newton's method needs only the density p_t = ∂F_t/∂x.

On the straight line both ends of a trajectory are known with their slopes (``line_ends``). A cubic
through them starts every eighth time, cubics through those the rest; or, where there are so few
pairs that a pass costs more than what is in it, all times at once.

*What rounding allows.* F₁(x₁) is known to a few units of relative rounding, so x_t is known to
about ε F/p_t(x_t): nothing for a trajectory in the middle of its basin, and everything for one
that starts within rounding of a separatrix, where p_t(x_t) falls to zero between two data points.
``error`` holds an estimate of that number. At an x₁ so far out that F₁(x₁) underflows (38 scales of
a Gaussian) the outermost data point decides, and ``error`` says how wide that leaves the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.numerics.roots import solve_increasing
from flowviz.core.transport.line_ends import Starts, starts_of
from flowviz.core.transport.result import StraightFan, frame

_Free = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Maps positions (M,) and their columns (M,) to the free ends φ and |∂φ/∂x|, (M, N) each."""

_WORTH_A_TREE = 1 << 18
"""Pairs below which looking at each is quicker than descending a tree."""

_FEW_PAIRS = 1 << 16
"""Pairs up to which a better guess costs more than it saves."""

_Sums = Callable[[Tensor, Tensor, bool], tuple[Tensor, Tensor]]
"""Maps positions (M,), their columns (M,) and a side to Σ w F₁ (or Σ w S₁) and its slope, (M,)."""


def straight_line(field: MarginalField, x1: Tensor, u: Tensor) -> StraightFan:
    """Solve the straight-line flow of the line once, at straight-line times u.

    Args:
        field: a one-dimensional flow; only its data and its prior matter here.
        x1: prior positions inside the support, (Q,).
        u: straight-line times in [0, 1], (T,), in any order.
    """
    starts = starts_of(field, x1)
    order = torch.argsort(u)
    nodes = u[order]
    x, inner = frame(x1[:, None], starts.end[:, None], nodes)
    error = torch.zeros_like(x[..., 0])
    nfe = 0
    if inner.numel():
        mean = (field.weights * field.x0[:, 0]).sum()
        x[:, inner, 0], error[:, inner], nfe = _solve_straight(
            field, starts, x1, nodes[inner], mean
        )
    back = torch.argsort(order)
    return StraightFan(u, x1[:, None], x[:, back], starts.basin, nfe, error[:, back])


def _solve_straight(
    field: MarginalField, starts: Starts, x1: Tensor, u: Tensor, mean: Tensor
) -> tuple[Tensor, Tensor, int]:
    """Roots at sorted inner times, coarse times first, and their errors, (Q, T)."""
    q, count = x1.numel(), u.numel()
    ends = torch.stack([u.new_zeros(()), u.new_ones(())])
    known_u = ends
    known_x = torch.stack([starts.end, x1], dim=1)
    known_v = torch.stack([starts.slope, x1 - mean], dim=1)
    x, error = x1.new_empty(q, count), x1.new_empty(q, count)
    done = torch.zeros(count, dtype=torch.bool, device=u.device)
    total = 0
    for stride in (8, 1) if q * count * field.n > _FEW_PAIRS else (1,):
        picked = torch.zeros_like(done)
        picked[stride // 2 :: stride] = True
        todo = (picked & ~done).nonzero().squeeze(-1)
        if todo.numel() == 0:
            continue
        guess = _hermite(known_u, known_x, known_v, u[todo])
        x[:, todo], error[:, todo], used = _roots_straight(field, starts, x1, u[todo], guess)
        total += used
        done |= picked
        if stride > 1:
            velocity = _straight_velocity(field, x[:, todo], u[todo])
            known_u, place = torch.sort(torch.cat([known_u, u[todo]]))
            known_x = torch.cat([known_x, x[:, todo]], dim=1)[:, place]
            known_v = torch.cat([known_v, velocity], dim=1)[:, place]
    return x, error, total


def _hermite(u: Tensor, x: Tensor, v: Tensor, at: Tensor) -> Tensor:
    """Cubic through values and slopes at sorted nodes; (K,), (Q, K), (Q, K), (T,) -> (Q, T)."""
    right = torch.searchsorted(u, at).clamp(1, u.numel() - 1)
    left = right - 1
    h = u[right] - u[left]
    s = (at - u[left]) / torch.where(h > 0, h, torch.ones_like(h))
    r = 1.0 - s
    return (
        (1.0 + 2.0 * s) * r * r * x[:, left]
        + s * r * r * h * v[:, left]
        + s * s * (3.0 - 2.0 * s) * x[:, right]
        - s * s * r * h * v[:, right]
    )


def _straight_velocity(field: MarginalField, x: Tensor, u: Tensor) -> Tensor:
    """(x - D)/u on the straight line, (Q, T)."""
    if field.posterior_mean.treecode is not None:
        mean = field.posterior_mean.rows(x.T.contiguous(), 1.0 - u, u)[1].T
        return torch.nan_to_num((x - mean) / u, nan=0.0, posinf=0.0, neginf=0.0)
    flat, time = x.reshape(-1), u.expand_as(x).reshape(-1)
    x0, weights = field.x0[:, 0], field.weights
    columns = torch.stack([weights, weights * x0], dim=1)
    mean = torch.empty_like(flat)
    for rows in blocks(flat.numel(), field.n):
        s = time[rows, None]
        kernel = field.prior.pdf((flat[rows, None] - (1.0 - s) * x0) / s)
        sums = kernel @ columns
        mean[rows] = sums[:, 1] / sums[:, 0]
    velocity = ((flat - mean) / time).reshape_as(x)
    # Between two data points p may underflow; any finite slope serves a guess.
    return torch.nan_to_num(velocity, nan=0.0, posinf=0.0, neginf=0.0)


def _roots_straight(
    field: MarginalField, starts: Starts, x1: Tensor, u: Tensor, guess: Tensor
) -> tuple[Tensor, Tensor, int]:
    x0 = field.x0[:, 0]
    reach = u * x1[:, None]
    low, high = (1.0 - u) * x0.min() + reach, (1.0 - u) * x0.max() + reach

    def free(x: Tensor, column: Tensor) -> tuple[Tensor, Tensor]:
        s = u[column][:, None]
        stretch = 1.0 / s
        return (x[:, None] - (1.0 - s) * x0).mul_(stretch), stretch

    treecode = field.posterior_mean.treecode
    if treecode is None:
        return _roots(field, starts, low, high, guess, free)

    plain = _pairs(field, free)

    def sums(x: Tensor, column: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        if x.numel() * field.n < _WORTH_A_TREE:
            return plain(x, column, upper)
        s = u[column]
        mass, density = treecode.tails(x, 1.0 - s, s, upper)
        return mass, density / s

    return _roots(field, starts, low, high, guess, free, sums)


def _roots(
    field: MarginalField,
    starts: Starts,
    low: Tensor,
    high: Tensor,
    guess: Tensor,
    free: _Free,
    sums: _Sums | None = None,
) -> tuple[Tensor, Tensor, int]:
    """Roots within brackets (Q, T) and their errors: F below the median, S above it.

    ``sums`` sums over the data, if all pairs are not to be.
    """
    x, error = torch.empty_like(low), torch.empty_like(low)
    total, sums = 0, sums or _pairs(field, free)
    for upper in (False, True):
        rows = (starts.upper == upper).nonzero().squeeze(-1)
        if not rows.numel():
            continue
        # Beside a separatrix x is not proportional to the level: both ends of its uncertainty are
        # solved, each from its own side, as Newton's method takes p_t = 0 for the end of the line.
        near, n = rows[starts.near_separatrix[rows]], rows.numel()
        every = torch.cat([rows, near, near])
        doubt = 2.0 * starts.uncertainty[near]
        level = starts.level[every]
        level[n:] = (level[n:] + torch.cat([-doubt, doubt])).clamp(min=0.0)
        start = torch.cat([guess[rows], *(low[near], high[near])[:: -1 if upper else 1]])
        found, allowed, used = _solve_side(
            field,
            upper,
            level,
            starts.uncertainty[every],
            low[every],
            high[every],
            start,
            sums,
        )
        x[rows], error[rows] = found[:n], allowed[:n]
        less, more = found[n:].reshape(2, near.numel(), low.shape[1])
        error[near] = torch.maximum(error[near], (less - more).abs())
        total += used
    return x, error, total


def _solve_side(
    field: MarginalField,
    upper: bool,
    level: Tensor,
    uncertainty: Tensor,
    low: Tensor,
    high: Tensor,
    guess: Tensor,
    sums: _Sums,
) -> tuple[Tensor, Tensor, int]:
    """Solve F_t(x) = level, or S_t(x) = level, for levels (Q,) in brackets (Q, T)."""
    sign = -1.0 if upper else 1.0
    count = low.shape[1]
    eps = torch.finfo(low.dtype).eps
    # The density where each root was last looked at: it says what rounding allows there.
    seen = torch.full_like(low, torch.inf).reshape(-1)

    def residual(y: Tensor, active: Tensor) -> tuple[Tensor, Tensor]:
        target = level[torch.div(active, count, rounding_mode="floor")]
        column = active % count
        mass, density = sums(y, column, upper)
        seen[active] = density
        # Far out the tail is nearly exponential: its logarithm is what Newton likes.
        far = target < 1e-2
        ratio = mass / target
        value = torch.where(far, torch.log(ratio), ratio - 1.0)
        return sign * value, density / torch.where(far, mass, target)

    # An x₁ at the very end of the support, or so far out that its level underflows, is outermost:
    # it follows the outermost data point, exactly at an end, to the width of the bracket beyond.
    outermost = (level == 0)[:, None].expand_as(low)
    solvable = (~outermost).reshape(-1).nonzero().squeeze(-1)
    x = (high if upper else low).reshape(-1).clone()
    x[solvable], used = solve_increasing(
        lambda y, active: residual(y, solvable[active]),
        low.reshape(-1)[solvable],
        high.reshape(-1)[solvable],
        guess.reshape(-1)[solvable],
        smooth=field.prior.smooth,
    )
    rounding = 4.0 * eps * torch.maximum(low.abs(), high.abs())
    allowed = uncertainty[:, None] / seen.reshape_as(low) + rounding
    exact = math.isfinite(field.prior.support[1 if upper else 0])
    width = torch.zeros_like(low) if exact else high - low
    error = torch.where(outermost, width, allowed.minimum(high - low))
    return x.reshape_as(low), error, used


def _pairs(field: MarginalField, free: _Free) -> _Sums:
    """The sums over all pairs."""

    def sums(x: Tensor, column: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        mass, density = torch.empty_like(x), torch.empty_like(x)
        for part in blocks(x.numel(), field.n):
            ends, stretch = free(x[part], column[part])
            tail, pdf = field.prior.tail(ends, upper)
            mass[part] = tail @ field.weights
            density[part] = _weighted(pdf, stretch, field.weights)
        return mass, density

    return sums


def _weighted(pdf: Tensor, stretch: Tensor, weights: Tensor) -> Tensor:
    """Σ w p₁ |∂φ/∂x|, (M,); the stretch is (M, N), or (M, 1) where it is the same for all."""
    if stretch.shape[1] == 1:
        return (pdf @ weights) * stretch[:, 0]
    return (pdf * stretch) @ weights


def monotone_line(
    field: MarginalField, x1: Tensor, times: Tensor
) -> tuple[Tensor, Tensor, int, Tensor]:
    """Trajectories of any family that increases in x₁, at any times.

    Returns:
        Positions (Q, T, 1), basins (Q,), evaluations and errors (Q, T).
    """
    starts = starts_of(field, x1)
    x, inner = frame(x1[:, None], starts.end[:, None], times)
    error = torch.zeros_like(x[..., 0])
    nfe = 0
    if inner.numel():
        t = times[inner]
        shape = (x1.numel(), t.numel())
        at = t.expand(shape).reshape(-1)

        def every(start: Tensor, x0: Tensor) -> Tensor:
            """ψ_t of some starts (Q,), at every time, (Q·T, N)."""
            times = t.repeat(start.numel())
            return field.path.forward(start.repeat_interleave(t.numel())[:, None], x0, times)[
                ..., 0
            ]

        low, high = every(x1, field.x0).aminmax(dim=1)
        # Near the data a trajectory belongs to its basin's point; near the prior to none.
        own = every(starts.slope, starts.end.repeat_interleave(t.numel())[:, None, None])[:, 0]
        guess = (1.0 - at) * own + at * 0.5 * (low + high)

        def free(y: Tensor, column: Tensor) -> tuple[Tensor, Tensor]:
            ends = field.path.inverse(y[:, None], field.x0, t[column])[..., 0]
            return ends, field.path.log_det(y[:, None], field.x0, t[column]).exp()

        low, high, guess = (v.reshape(shape) for v in (low, high, guess))
        x[:, inner, 0], error[:, inner], nfe = _roots(field, starts, low, high, guess, free)
    return x, starts.basin, nfe, error
