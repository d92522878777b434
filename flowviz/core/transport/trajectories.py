"""Trajectories of the marginal flow, from the prior (t = 1) to the data (t = 0).

The most accurate of six methods is chosen:

- d = 1, a family that increases in x₁: the flow conserves its distribution function (MATH §3.1), so
  x_t is the root of F_t(x) = F₁(x₁), found to rounding (``transport.line``). No equation is
  integrated.
- d ≥ 2, x_t = α_t x₀ + σ_t x₁ and a uniform prior (box, disk), or a schedule for each coordinate
  and a box: from vertex to vertex, exact
  (``transport.polygons``).
- d ≥ 2, x_t = α_t x₀ + σ_t x₁, another prior: an exponential integrator
  (``transport.exponential``).
- d ≥ 2, x_t = μ_t(x₀) + S_t x₁, a uniform prior: exact boundary crossings
  (``transport.crossings``).
- d ≥ 2, such a family and another prior: the same integrator without S_t
  (``transport.affine_in_x1``).
- any other family: integration in log t with error control (``transport.generic``).

Under a coupling that is not independent: ``transport.coupled``.

All schedules share one straight-line solution, up to a change of time and scale (MATH §3.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.arguments import (
    Numbers,
    as_positions,
    as_times,
    require_integer,
    require_kind,
)
from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.devices import choose
from flowviz.core.paths import Affine
from flowviz.core.priors.base import Prior, require
from flowviz.core.schedules import Schedule
from flowviz.core.transport.batches import in_batches
from flowviz.core.transport.coupled import coupled_trajectories
from flowviz.core.transport.exponential import TOLERANCE, solve_straight
from flowviz.core.transport.generic import integrate
from flowviz.core.transport.line import monotone_line, straight_line
from flowviz.core.transport.result import StraightFan, require_unit

__all__ = [
    "StraightFan",
    "Trajectories",
    "launch",
    "on_schedule",
    "sorted_trajectories",
    "spread",
    "straight_fan",
    "trajectories",
]

_GOLDEN = 0.5 * (math.sqrt(5.0) - 1.0)
_TIMES = 8
"""Times that count as one position, where a trajectory is solved for all times at once."""


@dataclass(frozen=True)
class Trajectories:
    """Trajectories of the marginal flow.

    ``t`` (T,); ``x`` (Q, T, d); ``basin`` (Q,), the index of the data point each one reaches;
    ``nfe``, field evaluations in all; ``error`` (Q, T), an estimate of the position error: the
    effect of rounding for d = 1 and uniform priors; errors of steps propagated along the flow
    (``transport.error_bounds``) where one schedule or one matrix S_t serves all data points; the
    sum of the steps' errors elsewhere, which is too small beside a separatrix; infinite where there
    is no estimate (``transport.policy``). Only the first is a bound. ``unfinished``, how many took
    more steps than are allowed (``transport.generic``).
    """

    t: Tensor
    x: Tensor
    basin: Tensor
    nfe: int
    error: Tensor
    unfinished: int = 0


def trajectories(
    field: MarginalField,
    x1: Numbers,
    times: Numbers,
    tolerance: float = TOLERANCE,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
    budget: float = math.inf,
) -> Trajectories:
    """The trajectories through x₁ at t = 1, evaluated at the given times.

    Args:
        field: the flow.
        x1: prior positions, (Q, d), inside the prior's support.
        times: (T,), each in [0, 1], in any order.
        tolerance: error allowed in a step, in units of the prior's half-width, where there are
            steps.
        device: where to compute; by default a GPU if there is one and the problem is large enough.
            The result is on x1's device.
        progress: called with the fraction done, where there are steps.
        budget: most units of work (``numerics.work``); the result then has the trajectories from
            the first starts only, as many as that allows.

    Raises:
        ValueError: for wrong shapes, times outside [0, 1] or an x₁ outside the prior's support.
    """
    x1, times = _validated(field, x1, times)
    if field.conditional is not None:
        found = coupled_trajectories(field, x1, times, tolerance, progress, budget)
        unfinished = int((~found.finished).sum())
        return Trajectories(times, found.x, found.basin, found.nfe, found.error, unfinished)
    schedule = field.path.affine_schedule
    if schedule is not None:
        u, scale = schedule.linear_time_and_scale(times)
        fan = straight_fan(field, x1, u, tolerance, device, progress, budget)
        return _rescaled(fan, times, scale)
    if field.d == 1 and field.path.monotone:
        found = in_batches(
            lambda: lambda start, _: monotone_line(field, start[:, 0], times),
            x1,
            times,
            field.cost * max(1, len(times) // _TIMES),
            budget,
            progress,
        )
    else:
        found = integrate(field, x1, times, tolerance, progress, budget)
    unfinished = int((~found.finished).sum())
    return Trajectories(times, found.x, found.basin, found.nfe, found.error, unfinished)


def sorted_trajectories(
    field: MarginalField,
    x1: Numbers,
    times: Numbers,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
    budget: float = math.inf,
) -> tuple[Trajectories, Tensor]:
    """`trajectories` from sorted starts: those that the budget leaves out are spread evenly.

    Returns:
        The trajectories, in the order of their starts, and the indices of these, (K,).
    """
    x1 = as_positions(x1, field.x0, "x1")
    order = spread(len(x1)).to(x1.device)
    found = trajectories(field, x1[order], times, tolerance, progress=progress, budget=budget)
    index, rank = order[: len(found.x)].sort()
    x, basin, error = (v[rank] for v in (found.x, found.basin, found.error))
    return replace(found, x=x, basin=basin, error=error), index


def spread(count: int) -> Tensor:
    """An order of ``count`` indices in which the first ones, however many, are spread evenly."""
    fractions = torch.arange(count, dtype=torch.float64) * _GOLDEN % 1.0
    return fractions.argsort().argsort()


def straight_fan(
    field: MarginalField,
    x1: Numbers,
    u: Numbers,
    tolerance: float = TOLERANCE,
    device: torch.device | str | None = None,
    progress: Progress | None = None,
    budget: float = math.inf,
) -> StraightFan:
    """Solve the straight-line flow once; ``on_schedule`` gives the solution for any schedule.

    Args:
        field: a flow, of which only the data and the prior are used.
        x1: prior positions inside the support, (Q, d); for d = 1 also (Q,).
        u: straight-line times in [0, 1], (T,), in any order.
        tolerance: error allowed in a step, in units of the prior's half-width, where there are
            steps.
        device: where to compute; by default a GPU if there is one and the problem is large enough.
        progress: called with the fraction done, where there are steps.
        budget: most units of work, as for `trajectories`.

    Raises:
        ValueError: for an x₁ outside the prior's support or a time outside [0, 1].
    """
    require_kind(field, MarginalField, "field", "a MarginalField")
    start = as_positions(x1, field.x0, "x1")
    start = start[:, None] if start.dim() == 1 and field.d == 1 else start
    start, u = _validated(field, start, u)
    if field.conditional is not None:
        flow = MarginalField(field.x0, field.weights, field.prior, Affine(), field.coupling)
        found = coupled_trajectories(flow, start, u, tolerance, progress, budget)
        return StraightFan(u, start[: len(found.x)], found.x, found.basin, found.nfe, found.error)
    if field.d == 1:
        return straight_line(field, start[:, 0], u)
    home = start.device
    target = choose(start.shape[0] * field.n, home, device)
    data = field.to(target), start.to(target), u.to(target)
    fan = solve_straight(*data, tolerance, progress, budget)
    x, basin, error = (v.to(home) for v in (fan.x, fan.basin, fan.error))
    return StraightFan(u, start[: len(x)], x, basin, fan.nfe, error)


def on_schedule(fan: StraightFan, schedule: Schedule) -> Trajectories:
    """The same flow with another schedule: nothing is solved again (MATH §3.2).

    Node u of the straight-line solution is reached at the time t with σ/(α+σ) = u, at its position
    times α+σ.
    """
    times = schedule.time_of(fan.u)
    return _rescaled(fan, times, schedule.linear_time_and_scale(times)[1])


def _rescaled(fan: StraightFan, times: Tensor, scale: Tensor) -> Trajectories:
    return Trajectories(times, fan.x * scale[:, None], fan.basin, fan.nfe, fan.error * scale)


def _validated(field: MarginalField, x1: Numbers, times: Numbers) -> tuple[Tensor, Tensor]:
    """Starts as (Q, d) and times as (T,), or an error that names the bad value."""
    require_kind(field, MarginalField, "field", "a MarginalField")
    x1 = as_positions(x1, field.x0, "x1")
    times = as_times(times, x1, "times")
    require(
        x1.dim() == 2 and x1.shape[1] == field.d,
        f"x1 must have shape (Q, {field.d}), got {tuple(x1.shape)}",
    )
    require(times.dim() == 1, f"times must be a vector, got shape {tuple(times.shape)}")
    require_unit(times)
    low, high = field.prior.support
    inside = ((x1 >= low) & (x1 <= high) & torch.isfinite(x1)).all(-1)
    if field.d > 1:
        inside &= field.prior.log_prob(x1) > -torch.inf
    if not bool(inside.all()):
        where = "" if low == -torch.inf and high == torch.inf else f" [{low}, {high}]"
        got = x1[~inside][0].tolist()
        raise ValueError(
            f"x1 must be finite and inside the prior's support{where}, "
            f"got {got[0] if field.d == 1 else got!r}"
        )
    return x1, times


def launch(
    prior: Prior, n: int, how: str = "steps", view: tuple[float, float] | None = None
) -> Tensor:
    """Starts x₁ of n trajectories in d = 1, (n, 1).

    Args:
        prior: the distribution of x₁.
        n: number of starts, at least 1.
        how: "steps", midpoints of n equal cells of the visible support; or "probability", the
            (k + ½)/n quantiles.
        view: the visible interval, for "steps"; by default the interval that leaves a probability
            of 0.001 on either side.

    Raises:
        ValueError: for n < 1, an unknown ``how`` or a view that misses the support.
    """
    require_integer(n, "n")
    require(n >= 1, f"n must be at least 1, got {n}")
    require(how in ("steps", "probability"), f'how must be "steps" or "probability", got {how!r}')
    middle = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    if how == "probability":
        lower = prior.icdf(middle)
        return torch.where(middle <= 0.5, lower, prior.isf(middle.flip(0)))[:, None]
    low, high = prior.support
    view_low, view_high = view if view is not None else prior.interval(1e-3)
    if view is not None or low == float("-inf"):
        low = max(low, view_low)
    if view is not None or high == float("inf"):
        high = min(high, view_high)
    require(low < high, f"view must overlap the prior's support {prior.support}, got {view}")
    return (low + (high - low) * middle)[:, None]
