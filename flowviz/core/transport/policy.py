"""Tolerances and error estimates for each kind of prior density.

Where it pays, steps end at the breakpoints of the density
(``posterior_mean_ode.locates_events``). Elsewhere they are stepped across, and the sum of the error
estimates is too small: at corners by up to a factor `CORNER_FACTOR`; at jumps, and where the
density is infinite at its edges, a trajectory may even reach another data point, and the error is
reported as infinite.
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
CORNER_FACTOR = 100.0
"""Bound on the ratio of the error to the sum of the estimates where corners are stepped across."""


class ErrorEstimate(enum.Enum):
    """How the error of a trajectory is estimated."""

    PROPAGATED = "errors of steps, propagated along the flow (error_bounds)"
    SUMMED = "sum of the steps' error estimates"
    CORNERS = "`CORNER_FACTOR` times their sum"
    UNKNOWN = "none: reported as infinite"


@dataclass(frozen=True)
class Policy:
    """How trajectories under one kind of density are integrated.

    Args:
        estimate: of their errors.
        factor: by which the tolerance is multiplied.
        min_tolerance: the smallest tolerance.
        late: the v from which on a step's tolerance no longer grows.
    """

    estimate: ErrorEstimate
    factor: float = 1.0
    min_tolerance: float = 0.0
    late: float = math.inf


POLICIES = {
    "one data point": Policy(ErrorEstimate.SUMMED),
    "smooth": Policy(ErrorEstimate.PROPAGATED),
    "breakpoints located": Policy(ErrorEstimate.PROPAGATED),
    "corners stepped across": Policy(ErrorEstimate.CORNERS),
    "jumps stepped across": Policy(ErrorEstimate.UNKNOWN),
    # An angle is relative to its box, whose width shrinks with time: errors in it need no tolerance
    # that grows for ever, and early ones are amplified less.
    "infinite at its edges, in angles": Policy(ErrorEstimate.SUMMED, factor=300.0, late=LATE),
    # Where another data point comes to define a face, the box changes abruptly within a step.
    "infinite at its edges, in angles of curves": Policy(
        ErrorEstimate.CORNERS, min_tolerance=1e-9, late=LATE
    ),
    # The estimates are that much too small; below the minimum the steps run out.
    "infinite at its edges": Policy(ErrorEstimate.UNKNOWN, factor=1e-4, min_tolerance=1e-10),
}


def policy(field: MarginalField, located: bool) -> Policy:
    """The policy for a field, given whether steps end at the breakpoints of its prior."""
    prior = field.prior
    if field.n == 1 and not (prior.smooth or located):
        return POLICIES["one data point"]
    if prior.has_singular_edges:
        curves = " of curves" if field.path.affine_schedule is None else ""
        return POLICIES["infinite at its edges" + (f", in angles{curves}" if located else "")]
    if prior.smooth or located:
        return POLICIES["smooth" if prior.smooth else "breakpoints located"]
    return POLICIES["jumps stepped across" if jumps(prior) else "corners stepped across"]


def error_from_sum(field: MarginalField, total: Tensor, located: bool) -> Tensor:
    """The error of trajectories, (Q,), from the sum of their steps' estimates.

    Args:
        field: the flow.
        total: the sums, (Q,).
        located: whether steps end where the velocity's formula changes.
    """
    estimate = policy(field, located).estimate
    if estimate is ErrorEstimate.UNKNOWN:
        return torch.full_like(total, math.inf)
    return CORNER_FACTOR * total if estimate is ErrorEstimate.CORNERS else total


def mode_width(field: MarginalField) -> float:
    """The length on which the prior's density changes: of its narrowest mode, or of its bulk."""
    half = half_width(field)
    return field.prior.min_mode_width or (half if field.prior.smooth else 0.5 * half)


def half_width(field: MarginalField) -> float:
    """Half the interquartile-like width of a coordinate of the prior: its unit of length."""
    low, high = field.prior.interval(0.25)
    return 0.5 * (high - low)
