"""Trajectories of the marginal flow, from the prior (t = 1) to the data (t = 0).

In one dimension no differential equation is solved: the flow conserves its distribution function
(MATH §3.1), so x_t is the root of F_t(x) = F₁(x₁), found to rounding at every t
(``transport_line``).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.prior_base import Prior, require
from flowviz.core.schedules import Schedule
from flowviz.core.transport_line import StraightFan, ordered, solve_line, straight_fan

__all__ = [
    "Basins",
    "StraightFan",
    "Trajectories",
    "basins",
    "launch",
    "on_schedule",
    "straight_fan",
    "trajectories",
]


@dataclass(frozen=True)
class Trajectories:
    """Paths of the marginal flow.

    ``t`` (T,); ``x`` (Q, T, d); ``basin`` (Q,), the index of the data point each one reaches;
    ``nfe``, field evaluations in all; ``error`` (Q, T), the position error rounding allows.
    """

    t: Tensor
    x: Tensor
    basin: Tensor
    nfe: int
    error: Tensor


def trajectories(field: MarginalField, x1: Tensor, times: Tensor) -> Trajectories:
    """The trajectories that end at x₁ at t = 1, seen at the given times.

    Args:
        field: the flow.
        x1: prior positions, (Q, d), inside the prior's support.
        times: (T,), each in [0, 1], in any order.

    Raises:
        ValueError: for wrong shapes, times outside [0, 1] or an x₁ off the prior's support.
    """
    require(
        x1.dim() == 2 and x1.shape[1] == field.d,
        f"x1 must have shape (Q, {field.d}), got {tuple(x1.shape)}",
    )
    require(times.dim() == 1, f"times must be a vector, got shape {tuple(times.shape)}")
    require(field.d == 1, f"trajectories need d = 1 for now, got d={field.d}")
    schedule = field.path.lens
    if schedule is not None:
        u, scale = schedule.lens(times)
        fan = straight_fan(field, x1[:, 0], u)
        return _through_lens(fan, times, scale)
    x, basin, nfe, error = solve_line(field, x1[:, 0], times)
    return Trajectories(times, x[..., None], basin, nfe, error)


def on_schedule(fan: StraightFan, schedule: Schedule) -> Trajectories:
    """The same flow seen through another schedule: nothing is solved again (MATH §3.2).

    Node u of the straight-line solution is seen at the time t with σ/(α+σ) = u, its position
    multiplied by α+σ.
    """
    times = schedule.time_of(fan.u)
    return _through_lens(fan, times, schedule.lens(times)[1])


def _through_lens(fan: StraightFan, times: Tensor, scale: Tensor) -> Trajectories:
    return Trajectories(times, (fan.x * scale)[..., None], fan.basin, fan.nfe, fan.error * scale)


def launch(
    prior: Prior, n: int, how: str = "steps", view: tuple[float, float] | None = None
) -> Tensor:
    """Where n trajectories start on the prior's line, (n, 1).

    Args:
        prior: the law of x₁.
        n: how many, at least 1.
        how: "steps", midpoints of n equal cells of the visible part of the support; or
            "probability", the (k + ½)/n quantiles.
        view: the visible interval, for "steps"; by default all but a thousandth of the
            probability on either side.

    Raises:
        ValueError: for n < 1, an unknown ``how`` or a view that misses the support.
    """
    require(n >= 1, f"n must be at least 1, got {n}")
    require(how in ("steps", "probability"), f'how must be "steps" or "probability", got {how!r}')
    middle = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    if how == "probability":
        lower = prior.icdf(middle)
        return torch.where(middle <= 0.5, lower, prior.isf(middle.flip(0)))[:, None]
    low, high = prior.support
    seen_low, seen_high = view if view is not None else prior.interval(1e-3)
    if view is not None or low == float("-inf"):
        low = max(low, seen_low)
    if view is not None or high == float("inf"):
        high = min(high, seen_high)
    require(low < high, f"view must overlap the prior's support {prior.support}, got {view}")
    return (low + (high - low) * middle)[:, None]


@dataclass(frozen=True)
class Basins:
    """Which prior positions flow to which data point, for d = 1.

    ``index`` (K,), a data point for each distinct position, from left to right; ``mass`` (K,), the
    prior mass of its basin; ``edges`` (K+1,), the separatrices between them and the support's ends.
    """

    index: Tensor
    mass: Tensor
    edges: Tensor


def basins(field: MarginalField) -> Basins:
    """The basins of the data points on the prior's line: x₁ flows to the k-th point from the left
    when F₁(x₁) lies between the weights summed before it and up to it (MATH §3.4).
    """
    line = ordered(field)
    inner_low, inner_high = line.below[1:], line.above[:-1]
    cut = torch.where(inner_low <= 0.5, field.prior.icdf(inner_low), field.prior.isf(inner_high))
    low, high = (torch.tensor([v], dtype=cut.dtype, device=cut.device) for v in field.prior.support)
    return Basins(line.index, line.weights, torch.cat([low, cut, high]))
