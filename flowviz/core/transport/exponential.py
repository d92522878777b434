"""The straight-line flow in d ≥ 2 by an exponential integrator (MATH §3.9).

In the variables v = 1/u and z = x/u the straight-line flow is

    dz/dv = D(x, u),

with D the posterior mean. This removes the linear part of the motion exactly, as in DDIM: for any
step, z + (v' - v) D is exact while D is constant. A Runge-Kutta method for this equation is an
exponential integrator for x. Its error estimate δz is the equivalent change of x₁, and δx = u δz.
Early errors are amplified by the flow, late ones are not, so the error allowed in a step is the
tolerance times (v/10)², from v = 10 on times v/10: a constant δx. Once a single data point has all
the posterior weight, D is constant, and the rest is a straight line that ends on the point.

Uniform priors need no steps (``polygons``). Under other product priors with edges or corners, steps
use the formula of one piece and end where an endpoint crosses a breakpoint
(``numerics.ode.events``): trajectories are as accurate as under smooth priors, and none enters
p_t = 0. Positions outside the support by rounding are projected back. Where the density is infinite
at its edges (arcsine) the variables are angles, which have no edges (``arcsine``).

Under a prior that is not log-concave (Student-t, mixtures, a ring) a data point without weight may
regain it: then steps are limited so that they miss no mode, and no trajectory settles before every
endpoint moves away from all modes (``posterior_mean_ode``).

``policy`` has the tolerances and error estimates for each kind of density; most errors are
propagated along the flow (``error_bounds``).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.ode.events import Events
from flowviz.core.numerics.ode.problem import Horizon, Problem, Solution
from flowviz.core.numerics.ode.solve import solve
from flowviz.core.transport.affine_in_x1 import AffinePosteriorMeanODE
from flowviz.core.transport.batches import Solve, in_batches
from flowviz.core.transport.error_bounds import error_bound
from flowviz.core.transport.policy import (
    LATE,
    ErrorEstimate,
    error_from_sum,
    half_width,
    mode_width,
    policy,
)
from flowviz.core.transport.polygons import solve_uniform
from flowviz.core.transport.posterior_mean_ode import (
    PosteriorMeanODE,
    jumps,
    linear_schedule,
    locates_events,
)
from flowviz.core.transport.result import Solved, StraightFan, solve_for_all_times

TOLERANCE = 3e-8
"""Ten times the error in x that a late step may have, in units of the prior's half-width."""
MAX_STEPS = 3000
"""Most steps under nonlinear families; a trajectory not finished then has an infinite error."""
U_MIN = 1e-10
"""Straight-line time below which every trajectory is taken to have settled."""


def solve_straight(
    field: MarginalField,
    x1: Tensor,
    u: Tensor,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
    budget: float = math.inf,
) -> StraightFan:
    """Solve the straight-line flow once, at straight-line times u, in any dimension.

    Args:
        field: a flow; only its data and its prior matter here.
        x1: prior positions inside the support, (Q, d).
        u: straight-line times in [0, 1], (T,), in any order.
        tolerance: ten times the error a late step may have, in units of the prior's half-width.
        progress: called with the fraction done.
        budget: most units of work (``batches``).
    """

    def solve_inner(merged: MarginalField, inner: Tensor) -> Solved:
        flow = _StraightFlow(merged)

        def solve(start: Tensor, report: Progress) -> Solved:
            if merged.prior.uniform_density:
                return solve_uniform(merged, start, inner, report)
            with torch.inference_mode():  # thousands of small operations, each a sixth faster
                return _integrate(flow, start, inner, tolerance, report)

        return in_batches(lambda: solve, x1, inner, merged.cost, budget, progress)

    found = solve_for_all_times(field, x1, u, solve_inner)
    return StraightFan(u, x1[: len(found.x)], found.x, found.basin, found.nfe, found.error)


def _integrate(
    flow: _Flow, x1: Tensor, times: Tensor, tolerance: float, progress: Progress
) -> Solved:
    """Trajectories from x₁ to the data, at times in (0, 1)."""
    field, problem, v = flow.field, flow.problem(tolerance), 1.0 / times
    located = problem.events is not None
    propagated = policy(field, located).estimate is ErrorEstimate.PROPAGATED
    problem.keep_segments = propagated and times.numel() > 0
    problem.horizon = flow.horizon(problem, len(x1))
    solution = solve(problem, x1, v, progress)
    basin = flow.reached(solution, located)
    if problem.keep_segments:
        jump = located and jumps(field.prior)
        error = error_bound(flow.ode, solution, v, half_width(field), jump)
    else:
        error = error_from_sum(field, solution.error, located)[:, None]
    x = flow.positions(solution, basin, v)
    return Solved(x, flow.scale(v) * error, basin, solution.evaluations, solution.finished)


class _Flow(Protocol):
    """A flow as an ODE in τ = v = 1/t for a variable z that determines x."""

    @property
    def field(self) -> MarginalField: ...

    @property
    def ode(self) -> PosteriorMeanODE: ...

    def problem(self, tolerance: float) -> Problem:
        """The equation to solve."""
        ...

    def horizon(self, problem: Problem, q: int) -> Horizon | None:
        """Limits on the steps, and which of q trajectories have settled."""
        ...

    def scale(self, v: Tensor) -> Tensor:
        """Norm of ∂x/∂z, (M,)."""
        ...

    def reached(self, solution: Solution, located: bool) -> Tensor:
        """The data point each trajectory ends on, (Q,)."""
        ...

    def positions(self, solution: Solution, basin: Tensor, v: Tensor) -> Tensor:
        """x at v (T,), (Q, T, d)."""
        ...


class _StraightFlow:
    """x = (1-t) x₀ + t x₁: z = x/t."""

    def __init__(self, field: MarginalField) -> None:
        self.field, self.ode = field, PosteriorMeanODE(field.posterior_mean)

    def problem(self, tolerance: float) -> Problem:
        posterior_mean = self.field.posterior_mean

        def project(v: Tensor, z: Tensor) -> Tensor:
            return v[:, None] * posterior_mean.into_support(z / v[:, None], *linear_schedule(v))

        locate = locates_events(self.field.prior, self.field.n, tolerance)
        events = _events(self.ode) if locate else None
        return _problem(self.field, self.ode, events, project, tolerance, lambda v: v)

    def horizon(self, problem: Problem, q: int) -> Horizon | None:
        return None if self.field.prior.min_mode_width is None else self.ode.horizon

    def scale(self, v: Tensor) -> Tensor:
        return 1.0 / v

    def reached(self, solution: Solution, located: bool) -> Tensor:
        if located:
            # On an edge rounding decides which density is 0; the slope says which one was used.
            return torch.cdist(solution.slope, self.field.x0).argmin(1)
        v = solution.tau[:, None]
        posterior_mean = self.field.posterior_mean
        x = solution.last / v
        return posterior_mean.posterior_or_nearest(x, 1.0 - 1.0 / v, 1.0 / v).argmax(1)

    def positions(self, solution: Solution, basin: Tensor, v: Tensor) -> Tensor:
        return solution.y / v[:, None]


class _AffineFlow:
    """x = μ_t(x₀) + S_t x₁ (``affine_in_x1``)."""

    def __init__(self, field: MarginalField) -> None:
        self.field, self.ode = field, AffinePosteriorMeanODE(field)
        self.reached, self.positions = self.ode.reached, self.ode.positions

    def problem(self, tolerance: float) -> Problem:
        prior = self.field.prior
        events = _events(self.ode) if locates_events(prior, self.field.n, tolerance) else None

        def inverse_scale(v: Tensor) -> Tensor:
            return 1.0 / self.scale(v)

        project = self.ode.into_support
        problem = _problem(self.field, self.ode, events, project, tolerance, inverse_scale)
        problem.max_steps = MAX_STEPS
        return problem

    def horizon(self, problem: Problem, q: int) -> Horizon | None:
        return self.ode.lookahead(
            mode_width(self.field), problem.tolerance, half_width(self.field), q
        )

    def scale(self, v: Tensor) -> Tensor:
        return torch.linalg.matrix_norm(self.ode.ends.matrices(v), 2)


def affine_solver(field: MarginalField, times: Tensor, tolerance: float = TOLERANCE) -> Solve:
    """The method for a family x = μ_t(x₀) + S_t x₁.

    Args:
        field: distinct data points, a path that is ``affine_in_x1``.
        times: in (0, 1), (T,).
        tolerance: ten times the error a late step may have, in units of the prior's half-width.
    """
    flow = _AffineFlow(field)

    def solve(x1: Tensor, progress: Progress) -> Solved:
        with torch.no_grad():
            return _integrate(flow, x1, times, tolerance, progress)

    return solve


def _problem(
    field: MarginalField,
    ode: PosteriorMeanODE,
    events: Events | None,
    project: Callable[[Tensor, Tensor], Tensor],
    tolerance: float,
    inverse_scale: Callable[[Tensor], Tensor],
) -> Problem:
    chosen = policy(field, events is not None)

    def unit(v: Tensor) -> Tensor:
        growth = inverse_scale(v)
        return growth.clamp(max=chosen.late) * growth.clamp(max=LATE) / LATE**2

    has_edges = field.prior.support != (-math.inf, math.inf)
    return Problem(
        slope=ode,
        start=1.0,
        end=1.0 / U_MIN,
        tolerance=max(chosen.factor * tolerance, chosen.min_tolerance) * half_width(field),
        step=_first_step(field, ode),
        settled=ode.settled,
        project=project if has_edges else None,
        events=events,
        unit=unit,
    )


def _first_step(field: MarginalField, ode: PosteriorMeanODE) -> float:
    """A first step in v within which the posterior weights change gradually.

    At t = 1 they are the weights, and every trajectory moves towards the mean. A long step among
    far data may end beside a data point that has all the weight there: if that point is the mean
    itself, all stages of the step give the same velocity, and the error estimate is 0.
    """
    speeds = ode.speeds(field.x0.new_ones(1))[0]
    extent = float((speeds.amax(1) - speeds.amin(1)).max())
    return 0.05 * min(1.0, 40.0 * half_width(field) / max(extent, 1e-300))


def _events(ode: PosteriorMeanODE) -> Events:
    prior = ode.posterior_mean.prior
    if prior.has_singular_edges:
        return ode.angle_events()
    assert prior.pieces is not None
    return ode.events(prior.pieces)
