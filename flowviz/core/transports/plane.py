"""Two dimensions and more: the straight-line flow by an exponential integrator (MATH §3.3).

In the variables v = 1/u and z = x/u the straight-line flow is

    dz/dv = D(x, u),

with D the posterior mean. The linear part of the motion is gone exactly, as in DDIM: whatever the
step, z + (v' - v) D is right while D is constant. A Runge-Kutta method for this equation is an
exponential integrator for x. Its error estimate δz is the displacement of the free end x₁ that
would explain the error, and δx = u δz. The flow stretches what goes wrong early and has no time to
stretch what goes wrong late, so a step may err by the tolerance times (v/10)², from v = 10 on times
v/10: a constant δx. Once a single data point has all the posterior weight D no longer changes, the
rest is a straight line, and it ends on the point.

Flat priors need no steps at all (``flat``). Other product priors with edges or corners
are stepped with each piece's own formula, and steps are cut where a free end passes a kink
(``kinks``): their trajectories are as exact as smooth ones, and none enters p_t = 0. What is read
is put back a hair inside an edge that rounding took it across.

Where the density is infinite at its edges (arcsine) the same is done in coordinates that take the
infinity away (``arcs``).

A prior that is not log-concave (Student-t, mixtures, a ring) may bring a data point back that had
lost all its weight: steps then do not pass its hills unseen, and nothing has settled before every
free end has left them behind (``pulls``).

How far off a trajectory may be in the end is known from the steps and from how the flow stretches
(``stretch``). The few that may be off by more than `GOAL`, beside borders of basins, are stepped
again with the tolerance they need. What is still further off then is within rounding of a border.

What does *not* hold. Kinks are not watched for hundreds of data points where the density has
corners, nor at a coarse tolerance where it jumps (``pulls.watched``), nor for more than forty under
an arcsine law, nor across a circle (a disk with more data than `FLAT_LIMIT`). Then small steps must
do, and the sum of their error estimates says too little: at corners up to fifty times too little
was measured, and `CORNER` allows for that; at jumps nothing is known, a trajectory may even reach
another data point, and the error says so: it is infinite. Infinite it is, too, across the jumps of
a thousand data points, which are watched: what they make of errors is not known well enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.adaptive import solve
from flowviz.core.numerics.problem import Problem, Solution
from flowviz.core.sums.blocks import Progress
from flowviz.core.transports.arcs import arcs
from flowviz.core.transports.flat import FLAT_LIMIT, polygons
from flowviz.core.transports.kinks import Kinks
from flowviz.core.transports.pulls import Pull, jumps, lens, watched
from flowviz.core.transports.straight import StraightFan, filled
from flowviz.core.transports.stretch import spread

TOLERANCE = 3e-7
"""Ten times the error in x that a late step may have, in units of the prior's half-width."""
GOAL, AGAIN, LEAST = 3e-6, 3, 1e-13
"""A trajectory that may be further off than this is stepped again, so often, down to this
tolerance. (One in four hundred was off by more than a third of what it may be, ``stretch``.) For
priors six times as wide as the standard one or more it grows with their width."""
HILLS = 0.4
"""Of the tolerance, under products of laws with hills: one trajectory in a hundred had to be
stepped again there, and a few cost half of what all do."""
LATE = 10.0
"""The v from which on a step's tolerance grows like v, and no longer like v²."""
CORNER = 100.0
"""How far a corner that is stepped across may exceed the steps' own error estimates."""
UNPROMISED = 1e-5
"""No smaller tolerance where the density is infinite at its edges: nothing is known of the error,
and of 200 trajectories among 16 data points 7 instead of 4 reached another than at 1e-9."""
ON_ARCS = 30.0
"""How much more a step in angles (``arcs``) may err: what it errs early is stretched less."""
EARLIEST = 1e-10
"""Straight-line time below which every trajectory is taken to have settled."""


def straight_plane(
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
    if line.prior.flat and line.n <= FLAT_LIMIT:
        found = polygons(line.x0, line.weights, line.prior, x1, asked, progress)
        inside, basin, nfe = found.x, found.basin, found.events
        allowed = 16.0 * torch.finfo(x1.dtype).eps * (inside.abs().amax(-1) + line.x0.abs().max())
    else:
        with torch.inference_mode():  # thousands of small operations, each a sixth faster
            found = _stepped(line, x1, asked, tolerance, progress)
        basin, inside, nfe, allowed = found.basin, found.x, found.nfe, found.error
    x, error = filled(x1, line.x0[basin], u, inside, allowed)
    return StraightFan(u, x1, x, first[basin], nfe, error)


@dataclass
class _Stepped:
    """Positions ``x`` (Q, T, d), their errors (Q, T), the ``basin`` (Q,) reached, evaluations."""

    x: Tensor
    error: Tensor
    basin: Tensor
    nfe: int


def _stepped(
    line: MarginalField, x1: Tensor, u: Tensor, tolerance: float, progress: Progress | None
) -> _Stepped:
    """Step to the data; those that may be too far off again, with the tolerance they need."""
    problem = _problem(line, tolerance)
    careful = tolerance <= TOLERANCE
    # Steps in angles, and steps across kinks, do not know enough of their own errors.
    known_steps = line.prior.smooth or (problem.kinks is not None and not line.prior.singular)
    problem.remember = known_steps and (careful or u.numel() > 0)
    found, worst = _attempt(line, problem, x1, u, progress)
    share, goal = torch.ones_like(worst), GOAL * max(1.0, half_width(line) / 3.0)
    for _ in range(AGAIN if careful else 0):
        wanted = (worst > goal) & worst.isfinite() & (share * tolerance > LEAST)
        again = wanted.nonzero()[:, 0]
        if again.numel() == 0:
            break
        share[again] *= 0.3 * goal / worst[again]
        problem.share = share[again]
        finer, worst[again] = _attempt(line, problem, x1[again], u, None)
        found.x[again], found.error[again], found.basin[again] = finer.x, finer.error, finer.basin
        found.nfe += finer.nfe
    return found


def _attempt(
    line: MarginalField, problem: Problem, x1: Tensor, u: Tensor, progress: Progress | None
) -> tuple[_Stepped, Tensor]:
    """Step to the data once; and how far off each trajectory may be on the way, (Q,)."""
    solution = solve(problem, x1, 1.0 / u, progress)
    seen = problem.kinks is not None
    basin = _reached(line, solution, seen)
    error, worst = known(line, solution.error, seen)[:, None], torch.zeros_like(solution.error)
    if problem.remember:
        jump = seen and jumps(line.prior)
        error, worst = spread(Pull(line.denoiser), solution, 1.0 / u, half_width(line), jump)
    return _Stepped(u[:, None] * solution.y, u * error, basin, solution.evaluations), worst


def _reached(line: MarginalField, solution: Solution, seen: bool) -> Tensor:
    """The data point each trajectory ends on, (Q,)."""
    if seen:
        # On an edge rounding decides who has a density; the formula that was followed knows.
        return torch.cdist(solution.slope, line.x0).argmin(1)
    v = solution.tau[:, None]
    return line.denoiser.shares(solution.last / v, 1.0 - 1.0 / v, 1.0 / v).argmax(1)


def known(field: MarginalField, error: Tensor, seen: bool) -> Tensor:
    """What is known of the error, (Q,), from the steps' estimates added up.

    Args:
        field: the flow.
        error: the sums, (Q,).
        seen: whether steps end where the velocity's formula changes.
    """
    if seen or field.prior.smooth or field.n == 1:
        return error
    return torch.full_like(error, math.inf) if jumps(field.prior) else CORNER * error


def half_width(field: MarginalField) -> float:
    """Half the interquartile-like width of a coordinate of the prior: its unit of length."""
    low, high = field.prior.interval(0.25)
    return 0.5 * (high - low)


def _problem(field: MarginalField, tolerance: float) -> Problem:
    denoiser, pull = field.denoiser, Pull(field.denoiser)
    kinks = _kinks(pull) if watched(field.prior, field.n, tolerance) else None
    if field.prior.singular:
        tolerance = max(tolerance, UNPROMISED) if kinks is None else ON_ARCS * tolerance

    elif field.prior.product and field.prior.finest is not None:
        tolerance *= HILLS

    def place(v: Tensor, z: Tensor) -> Tensor:
        return v[:, None] * denoiser.into_support(z / v[:, None], *lens(v))

    def unit(v: Tensor) -> Tensor:
        # An angle says all of where in its box a position is, however late.
        late = math.inf if kinks is None or not field.prior.singular else LATE
        return v.clamp(max=late) * v.clamp(max=LATE) / LATE**2

    edged = field.prior.support != (-math.inf, math.inf)
    return Problem(
        slope=pull,
        start=1.0,
        end=1.0 / EARLIEST,
        tolerance=tolerance * half_width(field),
        step=_first_step(field),
        settled=pull.settled,
        place=place if edged else None,
        kinks=kinks,
        unit=unit,
        horizon=None if field.prior.finest is None else pull.horizon,
    )


def _first_step(field: MarginalField) -> float:
    """A step in v that carries nobody past what tells the data points apart.

    At t = 1 all weigh what they weigh, and everybody moves towards the mean. A long step among far
    data ends beside whatever point is there, which alone has then all the weight: were it the mean
    itself, no stage of the step would see another velocity.
    """
    spread = float((field.x0.amax(0) - field.x0.amin(0)).max())
    return 0.05 * min(1.0, 40.0 * half_width(field) / max(spread, 1e-300))


def _kinks(pull: Pull) -> Kinks:
    prior = pull.denoiser.prior
    if prior.singular:
        return arcs(pull.denoiser)
    assert prior.pieces is not None
    return pull.kinks(prior.pieces)
