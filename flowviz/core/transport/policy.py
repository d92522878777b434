"""How trajectories are stepped under each kind of density, and what is then known of their errors.

Kinks of the density are located, and steps end there, where that is worth it
(``posterior_mean_ode.event_functions``). Elsewhere small steps must do, and the sum of their error
estimates says too little: at corners `CORNER` times too little; at jumps, and where the density is
infinite at its edges, a trajectory may even reach another data point, and its error is infinite.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.transport.posterior_mean_ode import jumps

LATE = 10.0
"""The v from which on a step's tolerance grows like v, and no longer like v²."""
CORNER = 100.0
"""How far a corner that is stepped across may exceed the steps' own error estimates."""


class Bound(enum.Enum):
    """What is known of the error of a trajectory."""

    CARRIED = "errors of steps, carried along by the flow (error_bounds)"
    SUMMED = "the steps' own estimates added up"
    CORNERS = "`CORNER` times their sum"
    UNKNOWN = "nothing: it is infinite"


@dataclass(frozen=True)
class Policy:
    """How trajectories under one kind of density are stepped.

    Args:
        bound: what is known of their errors.
        factor: by which the tolerance is multiplied.
        least: the smallest tolerance.
        late: the v from which on a step's tolerance no longer grows.
    """

    bound: Bound
    factor: float = 1.0
    least: float = 0.0
    late: float = math.inf


POLICIES = {
    "one data point": Policy(Bound.SUMMED),
    "smooth": Policy(Bound.CARRIED),
    "kinks located": Policy(Bound.CARRIED),
    "corners stepped across": Policy(Bound.CORNERS),
    "jumps stepped across": Policy(Bound.UNKNOWN),
    # An angle says all of where in its box a position is, however late, and what a step errs early
    # is stretched less.
    "infinite at its edges, in angles": Policy(Bound.SUMMED, factor=300.0, late=LATE),
    # Nothing is gained by smaller steps there.
    "infinite at its edges": Policy(Bound.UNKNOWN, least=1e-5),
}


def policy(field: MarginalField, located: bool) -> Policy:
    """How a field's trajectories are stepped, given whether the kinks of its prior are located."""
    prior = field.prior
    if field.n == 1 and not (prior.smooth or located):
        return POLICIES["one data point"]
    if prior.has_singular_edges:
        return POLICIES["infinite at its edges" + (", in angles" if located else "")]
    if prior.smooth or located:
        return POLICIES["smooth" if prior.smooth else "kinks located"]
    return POLICIES["jumps stepped across" if jumps(prior) else "corners stepped across"]


def known_error(field: MarginalField, error: Tensor, located: bool) -> Tensor:
    """What is known of the error, (Q,), from the steps' estimates added up.

    Args:
        field: the flow.
        error: the sums, (Q,).
        seen: whether steps end where the velocity's formula changes.
    """
    bound = policy(field, located).bound
    if bound is Bound.UNKNOWN:
        return torch.full_like(error, math.inf)
    return CORNER * error if bound is Bound.CORNERS else error


def mode_width(field: MarginalField) -> float:
    """The length on which the prior's density changes: its narrowest mode's, or of its bulk."""
    half = half_width(field)
    return field.prior.min_mode_width or (half if field.prior.smooth else 0.5 * half)


def half_width(field: MarginalField) -> float:
    """Half the interquartile-like width of a coordinate of the prior: its unit of length."""
    low, high = field.prior.interval(0.25)
    return 0.5 * (high - low)
