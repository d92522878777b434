"""Two dimensions and more: the straight-line flow by an exponential integrator (MATH §3.3).

In the variables v = 1/u and z = x/u the straight-line flow is

    dz/dv = D(x, u),

with D the posterior mean. The linear part of the motion is gone exactly, as in DDIM: whatever the
step, z + (v' - v) D is right while D is constant. A Runge-Kutta method for this equation is an
exponential integrator for x. Its error estimate δz is the change of x₁ that would explain the
error, and δx = u δz. Early errors are amplified by the flow, late ones are not, so a step may err
by the tolerance times (v/10)², from v = 10 on times v/10: a constant δx. Once a single data point
has all the posterior weight D is constant, the rest is a straight line, and it ends on the point.

Flat priors need no steps (``polygons``). Other product priors with edges or corners are stepped
with each piece's own formula, and steps end where an endpoint passes a kink
(``numerics.ode.events``): their trajectories are as exact as smooth ones, and none enters p_t = 0.
Positions that rounding took across an edge are put back inside it. Where the density is infinite
at its edges (arcsine) steps are taken in angles, which have no edges (``arcsine``).

Under a prior that is not log-concave (Student-t, mixtures, a ring) a data point without weight may
regain it: steps then pass no mode unseen, and no trajectory settles before every endpoint has left
the modes behind (``posterior_mean_ode``).

``policy`` says which density is stepped how, and what is then known of the errors; most are carried
along by the flow (``error_bounds``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.ode.events import Events
from flowviz.core.numerics.ode.problem import Horizon, Problem, Solution
from flowviz.core.numerics.ode.solve import solve
from flowviz.core.transport.affine_in_x1 import AffinePosteriorMeanODE
from flowviz.core.transport.arcsine import angle_events
from flowviz.core.transport.error_bounds import error_bound
from flowviz.core.transport.policy import LATE, Bound, half_width, known_error, mode_width, policy
from flowviz.core.transport.polygons import polygons
from flowviz.core.transport.posterior_mean_ode import (
    PosteriorMeanODE,
    jumps,
    linear_schedule,
    locates_kinks,
)
from flowviz.core.transport.result import StraightFan, filled

TOLERANCE = 3e-8
"""Ten times the error in x that a late step may have, in units of the prior's half-width."""
MOST_STEPS = 3000
"""Steps at most under nonlinear families; what is not finished then has an infinite error."""
EARLIEST = 1e-10
"""Straight-line time below which every trajectory is taken to have settled."""


def solve_straight(
    field: MarginalField,
    x1: Tensor,
    u: Tensor,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> StraightFan:
    """Solve the straight-line flow once, at straight-line times u, in any dimension.

    Args:
        field: a flow; only its data and its prior matter here.
        x1: prior positions inside the support, (Q, d).
        u: straight-line times in [0, 1], (T,), in any order.
        tolerance: ten times the error a late step may have, in units of the prior's half-width.
        progress: told the share that is done, now and then.
    """
    line, first = field.merged()
    asked = u[(u > 0) & (u < 1)]
    if line.prior.uniform_density:
        found = polygons(line.x0, line.weights, line.prior, x1, asked, progress)
        inside, basin, nfe = found.x, found.basin, found.events
        allowed = 16.0 * torch.finfo(x1.dtype).eps * (inside.abs().amax(-1) + line.x0.abs().max())
    else:
        with torch.inference_mode():  # thousands of small operations, each a sixth faster
            found = stepped(_Straight(line), x1, asked, tolerance, progress)
        basin, inside, nfe, allowed = found.basin, found.x, found.nfe, found.error
    x, error = filled(x1, line.x0[basin], u, inside, allowed)
    return StraightFan(u, x1, x, first[basin], nfe, error)


@dataclass
class Stepped:
    """Positions ``x`` (Q, T, d), their errors (Q, T), the ``basin`` (Q,) reached, evaluations;
    ``finished`` (Q,), False where the steps ran out.
    """

    x: Tensor
    error: Tensor
    basin: Tensor
    nfe: int
    finished: Tensor


def stepped(
    flow: _Flow, x1: Tensor, times: Tensor, tolerance: float, progress: Progress | None
) -> Stepped:
    """Step to the data."""
    field, problem, v = flow.field, flow.problem(tolerance), 1.0 / times
    located = problem.events is not None
    carried = policy(field, located).bound is Bound.CARRIED
    problem.remember = carried and times.numel() > 0
    problem.horizon = flow.horizon(problem, len(x1))
    solution = solve(problem, x1, v, progress)
    basin = flow.reached(solution, located)
    if problem.remember:
        jump = located and jumps(field.prior)
        error = error_bound(flow.ode, solution, v, half_width(field), jump)
    else:
        error = known_error(field, solution.error, located)[:, None]
    x, done = flow.read(solution, basin, v), solution.finished
    return Stepped(x, flow.size(v) * error, basin, solution.evaluations, done)


class _Flow(Protocol):
    """A flow in the variables that it is stepped in: τ = v = 1/t, and z with x known from it."""

    @property
    def field(self) -> MarginalField: ...

    @property
    def ode(self) -> PosteriorMeanODE: ...

    def problem(self, tolerance: float) -> Problem:
        """The equation to solve."""
        ...

    def horizon(self, problem: Problem, q: int) -> Horizon | None:
        """What is known of later times, for q trajectories."""
        ...

    def size(self, v: Tensor) -> Tensor:
        """What an error in z is in x, (M,)."""
        ...

    def reached(self, solution: Solution, located: bool) -> Tensor:
        """The data point each trajectory ends on, (Q,)."""
        ...

    def read(self, solution: Solution, basin: Tensor, v: Tensor) -> Tensor:
        """Positions x, (Q, T, d)."""
        ...


class _Straight:
    """x = (1-t) x₀ + t x₁: z = x/t."""

    def __init__(self, field: MarginalField) -> None:
        self.field, self.ode = field, PosteriorMeanODE(field.posterior_mean)

    def problem(self, tolerance: float) -> Problem:
        posterior_mean = self.field.posterior_mean

        def place(v: Tensor, z: Tensor) -> Tensor:
            return v[:, None] * posterior_mean.into_support(z / v[:, None], *linear_schedule(v))

        watch = locates_kinks(self.field.prior, self.field.n, tolerance)
        events = _events(self.ode) if watch else None
        return _problem(self.field, self.ode, events, place, tolerance, lambda v: v)

    def horizon(self, problem: Problem, q: int) -> Horizon | None:
        return None if self.field.prior.min_mode_width is None else self.ode.horizon

    def size(self, v: Tensor) -> Tensor:
        return 1.0 / v

    def reached(self, solution: Solution, located: bool) -> Tensor:
        if located:
            # On an edge rounding decides who has a density; the formula that was followed knows.
            return torch.cdist(solution.slope, self.field.x0).argmin(1)
        v = solution.tau[:, None]
        posterior_mean = self.field.posterior_mean
        return posterior_mean.shares(solution.last / v, 1.0 - 1.0 / v, 1.0 / v).argmax(1)

    def read(self, solution: Solution, basin: Tensor, v: Tensor) -> Tensor:
        return solution.y / v[:, None]


class _Closed:
    """x = μ_t(x₀) + S_t x₁ (``affine_in_x1``)."""

    def __init__(self, field: MarginalField) -> None:
        self.field, self.ode = field, AffinePosteriorMeanODE(field)
        self.reached, self.read = self.ode.reached, self.ode.read

    def problem(self, tolerance: float) -> Problem:
        prior = self.field.prior
        watch = prior.pieces is not None and locates_kinks(prior, self.field.n, tolerance)
        events = _events(self.ode) if watch else None

        def scale(v: Tensor) -> Tensor:
            return 1.0 / self.size(v)

        place = self.ode.into_support
        problem = _problem(self.field, self.ode, events, place, tolerance, scale)
        problem.most = MOST_STEPS
        return problem

    def horizon(self, problem: Problem, q: int) -> Horizon | None:
        return self.ode.lookahead(
            mode_width(self.field), problem.tolerance, half_width(self.field), q
        )

    def size(self, v: Tensor) -> Tensor:
        return torch.linalg.matrix_norm(self.ode.ends.matrices(v), 2)


def solve_affine_in_x1(
    field: MarginalField,
    x1: Tensor,
    times: Tensor,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> Stepped:
    """Trajectories of a family x = μ_t(x₀) + S_t x₁, at times in (0, 1).

    Args:
        field: distinct data points, a family that is ``closed``.
        x1: prior positions inside the support, (Q, d).
        times: (T,).
        tolerance: ten times the error a late step may have, in units of the prior's half-width.
        progress: told the share that is done, now and then.
    """
    with torch.no_grad():
        return stepped(_Closed(field), x1, times, tolerance, progress)


def _problem(
    field: MarginalField,
    ode: PosteriorMeanODE,
    events: Events | None,
    place: Callable[[Tensor, Tensor], Tensor],
    tolerance: float,
    scale: Callable[[Tensor], Tensor],
) -> Problem:
    how = policy(field, events is not None)

    def unit(v: Tensor) -> Tensor:
        size = scale(v)
        return size.clamp(max=how.late) * size.clamp(max=LATE) / LATE**2

    edged = field.prior.support != (-math.inf, math.inf)
    return Problem(
        slope=ode,
        start=1.0,
        end=1.0 / EARLIEST,
        tolerance=max(how.factor * tolerance, how.least) * half_width(field),
        step=_first_step(field, ode),
        settled=ode.settled,
        place=place if edged else None,
        events=events,
        unit=unit,
    )


def _first_step(field: MarginalField, ode: PosteriorMeanODE) -> float:
    """A step in v that carries nobody past what tells the data points apart.

    At t = 1 all weigh what they weigh, and everybody moves towards the mean. A long step among far
    data ends beside whatever point is there, which alone has then all the weight: were it the mean
    itself, no stage of the step would see another velocity.
    """
    speeds = ode.speeds(field.x0.new_ones(1))[0]
    spread = float((speeds.amax(1) - speeds.amin(1)).max())
    return 0.05 * min(1.0, 40.0 * half_width(field) / max(spread, 1e-300))


def _events(ode: PosteriorMeanODE) -> Events:
    prior = ode.posterior_mean.prior
    if prior.has_singular_edges:
        return angle_events(ode.posterior_mean)
    assert prior.pieces is not None
    return ode.events(prior.pieces)
