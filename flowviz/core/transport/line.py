"""One dimension: a trajectory is the root of a conserved distribution function (MATH §3.1).

    F_t(x_t) = F₁(x₁),     F_t(x) = Σ_i w_i F₁(φ_t(x|x₀ᵢ))

The equation is solved with F below the median and with S = 1 - F above it, so that x₁ eight scales
out keeps its relative precision. The root lies between the smallest and the largest ψ_t(x₁|x₀ᵢ);
Newton's method needs only the density p_t = ∂F_t/∂x.

For the straight-line flow both ends of a trajectory are known with their slopes (``line_ends``).
The Hermite cubic through them is the initial guess at every eighth time, and cubics through those
roots at the others; for small problems, all times are solved at once.

*Rounding.* F₁(x₁) is known to a few units of relative rounding, hence x_t to about ε F/p_t(x_t):
this is negligible in the middle of a basin, and large for a start within rounding of a separatrix,
where p_t(x_t) falls to zero between two data points. ``error`` is an estimate of that number. At an
x₁ so far out that F₁(x₁) underflows (38 scales of a Gaussian) x_t is the bound given by the
outermost data point, and ``error`` the width of the bracket.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.numerics.hermite import hermite_cubics
from flowviz.core.numerics.roots import solve_increasing
from flowviz.core.numerics.work import spend
from flowviz.core.transport.line_ends import Starts, starts_of
from flowviz.core.transport.result import Solved, StraightFan, frame

_Inverse = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""Positions (M,), their time indices (M,) -> the endpoints φ and |∂φ/∂x|, (M, N) each."""

_MIN_TREECODE_PAIRS = 1 << 18
"""Pairs below which a direct sum is faster than the treecode."""

_FEW_PAIRS = 1 << 16
"""Pairs up to which a better guess costs more than it saves."""

_Sums = Callable[[Tensor, Tensor, bool], tuple[Tensor, Tensor]]
"""Positions (M,), their time indices (M,), upper -> Σ w F₁ (Σ w S₁ if upper), its slope, (M,)."""


def straight_line(field: MarginalField, x1: Tensor, u: Tensor) -> StraightFan:
    """Solve the straight-line flow in d = 1, at straight-line times u.

    Args:
        field: a one-dimensional flow, of which only the data and the prior are used.
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
    node_u = torch.stack([u.new_zeros(()), u.new_ones(())])
    node_x = torch.stack([starts.end, x1], dim=1)
    node_v = torch.stack([starts.slope, x1 - mean], dim=1)
    x, error = x1.new_empty(q, count), x1.new_empty(q, count)
    done = torch.zeros(count, dtype=torch.bool, device=u.device)
    total = 0
    for stride in (8, 1) if q * count * field.n > _FEW_PAIRS else (1,):
        chosen = torch.zeros_like(done)
        chosen[stride // 2 :: stride] = True
        todo = (chosen & ~done).nonzero().squeeze(-1)
        if todo.numel() == 0:
            continue
        guess = hermite_cubics(node_u, node_x, node_v, u[todo])
        x[:, todo], error[:, todo], evaluations = _roots_straight(field, starts, x1, u[todo], guess)
        total += evaluations
        done |= chosen
        if stride > 1:
            velocity = _straight_velocity(field, x[:, todo], u[todo])
            node_u, order = torch.sort(torch.cat([node_u, u[todo]]))
            node_x = torch.cat([node_x, x[:, todo]], dim=1)[:, order]
            node_v = torch.cat([node_v, velocity], dim=1)[:, order]
    return x, error, total


def _straight_velocity(field: MarginalField, x: Tensor, u: Tensor) -> Tensor:
    """(x - D)/u, the velocity of the straight-line flow, (Q, T)."""
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
    # Between two data points p may underflow; for a guess any finite slope will do.
    return torch.nan_to_num(velocity, nan=0.0, posinf=0.0, neginf=0.0)


def _roots_straight(
    field: MarginalField, starts: Starts, x1: Tensor, u: Tensor, guess: Tensor
) -> tuple[Tensor, Tensor, int]:
    x0 = field.x0[:, 0]
    shift = u * x1[:, None]
    low, high = (1.0 - u) * x0.min() + shift, (1.0 - u) * x0.max() + shift

    def inverse(x: Tensor, column: Tensor) -> tuple[Tensor, Tensor]:
        s = u[column][:, None]
        jacobian = 1.0 / s
        return (x[:, None] - (1.0 - s) * x0).mul_(jacobian), jacobian

    direct = _direct_sums(field, inverse)
    breakpoints = (
        _moved_breakpoints(field, u)
        if x1.numel() > 2 * len(field.prior.breakpoints) * field.n
        else None
    )
    treecode = field.posterior_mean.treecode
    if treecode is None:
        return _roots(field, starts, low, high, guess, direct, breakpoints)

    def sums(x: Tensor, column: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        if x.numel() * field.n < _MIN_TREECODE_PAIRS:
            return direct(x, column, upper)
        s = u[column]
        mass, density = treecode.tails(x, 1.0 - s, s, upper)
        return mass, density / s

    return _roots(field, starts, low, high, guess, sums)


def _moved_breakpoints(field: MarginalField, u: Tensor) -> Tensor | None:
    """Where F_t is not smooth: the prior's breakpoints, moved with each data point, (T, K)."""
    points = field.x0.new_tensor(field.prior.breakpoints)
    if not points.numel():
        return None
    moved = (1.0 - u)[:, None, None] * field.x0[:, 0] + (u[:, None] * points)[..., None]
    return moved.flatten(1).sort(dim=1).values


class _Between(NamedTuple):
    """Brackets, and guesses, of which an infinite one is an end of its bracket; (Q, T) each."""

    low: Tensor
    high: Tensor
    guess: Tensor


def _between_breakpoints(
    at: _Between, breakpoints: Tensor, mass: Tensor, level: Tensor, uncertainty: Tensor
) -> _Between:
    """The brackets, shrunk to two breakpoints: Newton's method crosses one with the wrong slope.

    Args:
        at: the brackets and the guesses.
        breakpoints: (T, K), sorted.
        mass: F_t there, or -S_t, (T, K).
        level: in F_t, or -S_t, (Q,).
        uncertainty: of each level, (Q,): where F_t is flat, all within it stays in the bracket.
    """
    mass = mass.cummax(dim=1).values  # against rounding
    outer = torch.full_like(mass[:, :1], torch.inf)
    masses = torch.cat([-outer, mass, outer], dim=1)
    ends = torch.cat([-outer, breakpoints, outer], dim=1)
    below, above = ((level + d).expand(len(mass), -1) for d in (-uncertainty, uncertainty))
    left = torch.searchsorted(mass, below.contiguous())
    right = torch.searchsorted(mass, above.contiguous(), right=True) + 1
    low, high = (ends.gather(1, k).T for k in (left, right))
    f_low, f_high = (masses.gather(1, k).T for k in (left, right))
    chord = low + (level[:, None] - f_low) / (f_high - f_low) * (high - low)
    kept = (at.guess >= low) & (at.guess <= high) | at.guess.isinf() | ~chord.isfinite()
    low, high = torch.maximum(at.low, low), torch.minimum(at.high, high)
    return _Between(low, high, torch.where(kept, at.guess, chord))


def _roots(
    field: MarginalField,
    starts: Starts,
    low: Tensor,
    high: Tensor,
    guess: Tensor,
    sums: _Sums,
    breakpoints: Tensor | None = None,
) -> tuple[Tensor, Tensor, int]:
    """Roots within brackets (Q, T) and their errors: of F below the median, of S above it."""
    x, error, total = torch.empty_like(low), torch.empty_like(low), 0
    for upper in (False, True):
        rows = (starts.upper == upper).nonzero().squeeze(-1)
        if not rows.numel():
            continue
        # Beside a separatrix x is not proportional to the level: the roots at both ends of its
        # uncertainty are solved for, starting from both brackets, as Newton's method stops at
        # p_t = 0.
        near, n = rows[starts.near_separatrix[rows]], rows.numel()
        all_rows = torch.cat([rows, near, near])
        uncertainty = 2.0 * starts.uncertainty[near]
        level = starts.level[all_rows]
        level[n:] = (level[n:] + torch.cat([-uncertainty, uncertainty])).clamp(min=0.0)
        sign = -1.0 if upper else 1.0
        ends = torch.full_like(low[near], -sign * torch.inf)
        start = torch.cat([guess[rows], ends, -ends])
        at = _Between(low[all_rows], high[all_rows], start)
        if breakpoints is not None:
            column = torch.arange(len(breakpoints), device=low.device).repeat_interleave(
                breakpoints.shape[1]
            )
            mass = sums(breakpoints.flatten(), column, upper)[0].reshape(breakpoints.shape)
            within = starts.uncertainty[all_rows]
            at = _between_breakpoints(at, breakpoints, sign * mass, sign * level, within)
        roots, root_errors, evaluations = _solve_side(
            field, upper, level, starts.uncertainty[all_rows], at, sums
        )
        x[rows], error[rows] = roots[:n], root_errors[:n]
        left, right = roots[n:].reshape(2, near.numel(), low.shape[1])
        error[near] = torch.maximum(error[near], (left - right).abs())
        total += evaluations
    return x, error, total


def _solve_side(
    field: MarginalField,
    upper: bool,
    level: Tensor,
    uncertainty: Tensor,
    at: _Between,
    sums: _Sums,
) -> tuple[Tensor, Tensor, int]:
    """Solve F_t(x) = level, or S_t(x) = level, for levels (Q,) in brackets (Q, T)."""
    low, high, guess = at
    sign = -1.0 if upper else 1.0
    count = low.shape[1]
    eps = torch.finfo(low.dtype).eps
    # The density at the last evaluation for each root, for the error due to rounding.
    last_density = torch.full_like(low, torch.inf).reshape(-1)

    def residual(y: Tensor, active: Tensor) -> tuple[Tensor, Tensor]:
        target = level[torch.div(active, count, rounding_mode="floor")]
        column = active % count
        mass, density = sums(y, column, upper)
        last_density[active] = density
        # Far out the tail is nearly exponential: Newton's method converges faster for its log.
        far = target < 1e-2
        ratio = mass / target
        value = torch.where(far, torch.log(ratio), ratio - 1.0)
        return sign * value, density / torch.where(far, mass, target)

    # At an end of the support, or so far out that the level underflows, the root is the bracket's
    # end: exact if the support is bounded, otherwise up to the width of the bracket.
    outermost = (level == 0)[:, None].expand_as(low)
    solvable = (~outermost).reshape(-1).nonzero().squeeze(-1)
    x = (high if upper else low).reshape(-1).clone()
    x[solvable], evaluations = solve_increasing(
        lambda y, active: residual(y, solvable[active]),
        low.reshape(-1)[solvable],
        high.reshape(-1)[solvable],
        guess.reshape(-1)[solvable],
        smooth=field.prior.smooth,
    )
    rounding = 4.0 * eps * torch.maximum(low.abs(), high.abs())
    estimate = uncertainty[:, None] / last_density.reshape_as(low) + rounding
    exact = math.isfinite(field.prior.support[1 if upper else 0])
    width = torch.zeros_like(low) if exact else high - low
    error = torch.where(outermost, width, estimate.minimum(high - low))
    return x.reshape_as(low), error, evaluations


def _direct_sums(field: MarginalField, inverse: _Inverse) -> _Sums:
    """The sums over all data points."""

    def sums(x: Tensor, column: Tensor, upper: bool) -> tuple[Tensor, Tensor]:
        mass, density = torch.empty_like(x), torch.empty_like(x)
        for block in blocks(x.numel(), field.n):
            spend(x[block].numel() * field.n, field.prior.cost)
            endpoints, jacobian = inverse(x[block], column[block])
            tail, pdf = field.conditional_priors.tail(endpoints, upper)
            mass[block] = tail @ field.weights
            density[block] = _density(pdf, jacobian, field.weights)
        return mass, density

    return sums


def _density(pdf: Tensor, jacobian: Tensor, weights: Tensor) -> Tensor:
    """Σ w p₁ |∂φ/∂x|, (M,); the Jacobian is (M, N), or (M, 1) if the same for all."""
    if jacobian.shape[1] == 1:
        return (pdf @ weights) * jacobian[:, 0]
    return (pdf * jacobian) @ weights


def monotone_line(field: MarginalField, x1: Tensor, times: Tensor) -> Solved:
    """Trajectories of any family that increases in x₁, from x₁ (Q,), at any times (T,)."""
    starts = starts_of(field, x1)
    x, inner = frame(x1[:, None], starts.end[:, None], times)
    error = torch.zeros_like(x[..., 0])
    nfe = 0
    if inner.numel():
        t = times[inner]
        shape = (x1.numel(), t.numel())
        at = t.expand(shape).reshape(-1)

        def at_all_times(x1: Tensor, x0: Tensor) -> Tensor:
            """ψ_t(x₁|x₀) for x₁ (Q,), (Q·T, N)."""
            times = t.repeat(x1.numel())
            return field.path.forward(x1.repeat_interleave(t.numel())[:, None], x0, times)[..., 0]

        low, high = at_all_times(x1, field.x0).aminmax(dim=1)
        # Near the data a trajectory is close to its basin's single-point trajectory.
        x0 = starts.end.repeat_interleave(t.numel())[:, None, None]
        single_point = at_all_times(starts.slope, x0)[:, 0]
        guess = (1.0 - at) * single_point + at * 0.5 * (low + high)

        def inverse(x: Tensor, column: Tensor) -> tuple[Tensor, Tensor]:
            spend(x.numel() * field.n, 4.0)
            endpoints = field.path.inverse(x[:, None], field.x0, t[column])[..., 0]
            return endpoints, field.path.log_det(x[:, None], field.x0, t[column]).exp()

        low, high, guess = (v.reshape(shape) for v in (low, high, guess))
        sums = _direct_sums(field, inverse)
        x[:, inner, 0], error[:, inner], nfe = _roots(field, starts, low, high, guess, sums)
    return Solved(x, error, starts.basin, nfe, torch.ones_like(starts.basin, dtype=torch.bool))
