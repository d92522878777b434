"""Families that are not x = α_t x₀ + σ_t x₁, in d ≥ 2 or not monotone in x₁.

- A family x = μ_t(x₀) + S_t x₁ and a uniform prior: exact boundary crossings (``crossings``).
- Such a family and another prior: the posterior-mean equation (``affine_in_x1``).
- Any other family is integrated here: with s = -log t the equation dx/dt = f_t(x) becomes
  dx/ds = -t f_t(x), which has no singularity at the data.

A trajectory is integrated until a bound excludes that another data point regains weight
(``lookahead``). From there on it is x_t = ψ_t(φ_s(x_s|x₀)|x₀), and ends on x₀. For that bound the
endpoints are evaluated at `NODES` later times, and the curve between two of them is assumed to stay
in the box around both, enlarged by half its size on every side. This holds as long as no endpoint
turns faster than that. Where a family has no value at one of the times no trajectory settles before
`T_MIN`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.ode.events import Direct, Events
from flowviz.core.numerics.ode.problem import Horizon, Problem
from flowviz.core.numerics.ode.solve import solve
from flowviz.core.numerics.work import spend
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.transport.arcsine import MOST_LOCATED, angle_events, rounded
from flowviz.core.transport.batches import Solve, in_batches
from flowviz.core.transport.crossings import crossings_solver, solved_by_crossings
from flowviz.core.transport.edge_images import ElementwiseSupports
from flowviz.core.transport.exponential import TOLERANCE, affine_solver
from flowviz.core.transport.lookahead import Cells, Lookahead, Positions
from flowviz.core.transport.policy import error_from_sum, half_width, mode_width, policy
from flowviz.core.transport.polygons import solve_uniform, solved_by_polygons
from flowviz.core.transport.posterior_mean_ode import jumps
from flowviz.core.transport.result import Solved, solve_for_all_times

MAX_STEPS, MAX_STEPS_IMPLICIT = 1500, 800
"""Most steps; fewer where every evaluation solves equations. A trajectory not finished then has an
infinite error, and continues as the single-point trajectory of its most probable data point."""
T_MIN = 1e-7
"""Time below which a trajectory is taken to have settled on its most probable data point."""
NODES = 96
"""Number of later times at which endpoints are evaluated, equally spaced in log t."""
_DIFFERENCE = 1e-6
_OVERHEAD = 40_000
"""Work of one evaluation of a nonlinear family, besides that of its pairs."""


def integrate(
    field: MarginalField,
    x1: Tensor,
    times: Tensor,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
    budget: float = math.inf,
) -> Solved:
    """Trajectories of any family in any dimension.

    Args:
        field: the flow.
        x1: prior positions inside the support, (Q, d).
        times: in [0, 1], (T,).
        tolerance: the error a step may have, in units of t times the prior's half-width.
        progress: called with the fraction done.
        budget: most units of work (``batches``).
    """

    def solve_inner(merged: MarginalField, inner: Tensor) -> Solved:
        prepare = functools.partial(_solver, merged, inner, tolerance)
        return in_batches(prepare, x1, inner, merged.cost, budget, progress)

    return solve_for_all_times(field, x1, times, solve_inner)


def _solver(field: MarginalField, times: Tensor, tolerance: float) -> Solve:
    """The method for a field with distinct data points, and inner times."""
    if solved_by_polygons(field):
        return lambda x1, progress: solve_uniform(field, x1, times, progress)
    if solved_by_crossings(field):
        found = crossings_solver(field, times, tolerance)
        if found is not None:
            return found
    if field.path.affine_in_x1 and field.d > 1 and not field.prior.uniform_density:
        return affine_solver(field, times, tolerance)
    return lambda x1, progress: _integrate(field, x1, times, tolerance, progress)


def slope_in_log_time(field: MarginalField) -> Callable[[Tensor, Tensor], Tensor]:
    """dx/ds = -t f_t(x) of s = -log t and positions x, for a `Problem`."""

    def slope(s: Tensor, x: Tensor) -> Tensor:
        t = torch.exp(-s)
        return -t[:, None] * field.velocity_or_nearest(x, t)

    return slope


def _integrate(
    field: MarginalField, x1: Tensor, times: Tensor, tolerance: float, progress: Progress
) -> Solved:
    """Trajectories of any family by integration in s, for distinct data points and inner times."""
    half = half_width(field)
    events = _events(field)
    chosen = policy(field, events is not None)
    allowed = max(chosen.factor * tolerance, chosen.min_tolerance) * half
    in_angles = events is not None and field.prior.has_singular_edges
    implicit = isinstance(field.path, ByForward | ByInverse)
    problem = Problem(
        slope=slope_in_log_time(field),
        start=0.0,
        end=-math.log(T_MIN),
        tolerance=allowed,
        step=0.02,
        settled=lambda s, x: torch.zeros_like(s, dtype=torch.bool),
        # Angles are relative to a box whose width shrinks with t.
        unit=None if in_angles else lambda s: torch.exp(-s),
        events=events,
        horizon=_horizon(field, allowed, len(x1)),
        max_steps=MAX_STEPS_IMPLICIT if implicit else MAX_STEPS,
    )
    solution = solve(problem, x1, -torch.log(times), progress)
    t_end = torch.exp(-solution.tau)
    basin = field.posterior_or_nearest(solution.last, t_end).argmax(1)
    x, x0 = solution.y, field.x0[basin][:, None]
    # After the last step each trajectory is the single-point trajectory of its basin.
    endpoints = field.path.inverse(solution.last, x0, t_end)[:, 0]
    for k, t in enumerate(times):
        late = (t < t_end).nonzero().squeeze(-1)
        if late.numel():
            time = t.expand(late.numel()).contiguous()
            x[late, k] = field.path.forward(endpoints[late], x0[late], time)[:, 0]
    # At jumps the sum of the estimates says nothing here, even where they are located.
    located = events is not None and (in_angles or not jumps(field.prior))
    error = error_from_sum(field, solution.error, located)[:, None]
    error = error * times if in_angles else error
    return Solved(x, error, basin, solution.evaluations, solution.finished)


# ---------------------------------------------------------------------- later times


def _horizon(field: MarginalField, allowed: float, q: int) -> Horizon:
    if field.n == 1:
        return lambda rows, s, x, slope: (
            torch.ones_like(rows, dtype=torch.bool),
            torch.full_like(s, torch.inf),
        )
    ahead = functools.partial(_ahead, field)
    lookahead = Lookahead(field.prior, field.weights, ahead, NODES, mode_width(field), allowed, q)

    def horizon(rows: Tensor, s: Tensor, x: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
        t, v = torch.exp(-s), torch.exp(s)
        spend(len(x) * field.n, 60.0)
        endpoints = field.path.inverse(x, field.x0, t)
        weight = field.posterior_or_nearest(x, t)
        t_next = torch.exp(-s - _DIFFERENCE)
        following = field.path.inverse(x + _DIFFERENCE * slope, field.x0, t_next)
        velocity = (following - endpoints) / _DIFFERENCE
        top = weight.argmax(1)[:, None, None].expand(-1, 1, field.d)
        speed = (velocity - velocity.gather(1, top)).norm(dim=-1) / v[:, None]
        final, longest = lookahead(rows, Positions(v, endpoints, weight, speed))
        return final, torch.log1p(longest / v)

    return horizon


def _ahead(field: MarginalField, index: Tensor, end: Tensor, v: Tensor, some: slice) -> Cells:
    """All endpoints along single-point trajectories, from v = 1/t on."""
    path, x0, d, r = field.path, field.x0, field.d, len(index)
    spacing = math.log(1.0 / T_MIN) / NODES
    node = torch.arange(NODES + 1, dtype=v.dtype, device=v.device)
    edges = v[:, None] * torch.exp(spacing * node)
    t = (1.0 / edges).clamp(min=T_MIN).flatten()
    row = torch.arange(r, device=v.device).repeat_interleave(NODES + 1)
    x = path.forward(end[row], x0[index[row]][:, None], t)[:, 0]
    x0 = x0[some]
    endpoints = path.inverse(x, x0, t).view(r, NODES + 1, -1, d)
    before, after = endpoints[:, :-1], endpoints[:, 1:]
    margin = 0.5 * (after - before).abs()
    radius = (endpoints - x0).norm(dim=-1)
    hole = torch.minimum(radius[:, :-1], radius[:, 1:]) - 0.5 * radius.diff(dim=1).abs()
    return Cells(
        start=edges[:, :-1],
        width=edges.diff(dim=1),
        low=torch.minimum(before, after) - margin,
        high=torch.maximum(before, after) + margin,
        length=1.5 * (after - before).norm(dim=-1),
        size=1.0 / edges[:, :-1],
        later=edges[:, :-1] < 1.0 / T_MIN,
        hole=hole.clamp(min=0.0),
        centre=x0,
    )


# ---------------------------------------------------------------------- breakpoints


def _events(field: MarginalField) -> Events | None:
    """Where the velocity's formula changes, for priors with edges or pieces."""
    prior, path, x0 = field.prior, field.path, field.x0
    pieces = prior.pieces if prior.product else None
    if prior.has_singular_edges and path.elementwise and 1 < field.n <= MOST_LOCATED:
        supports = ElementwiseSupports(path, rounded(x0), prior.support)
        return angle_events(field.weights, supports, non_monotone=True)
    if field.n == 1 or (pieces is None and not prior.uniform_density):
        return None
    d, n = field.d, field.n
    thresholds = prior.breakpoints if pieces is not None else (prior.support[1],)

    def event_functions(s: Tensor, x: Tensor) -> Tensor:
        endpoints = path.inverse(x, x0, torch.exp(-s))
        return (endpoints if pieces is not None else endpoints.norm(dim=-1)).reshape(len(x), -1)

    def event_function(s: Tensor, x: Tensor, index: Tensor) -> Tensor:
        point = index // d if pieces is not None else index
        spend(len(x), 30.0)
        spend(_OVERHEAD)
        endpoints = path.inverse(x, x0[point][:, None], torch.exp(-s))[:, 0]
        if pieces is None:
            return endpoints.norm(dim=-1)
        return endpoints.gather(1, (index % d)[:, None])[:, 0]

    def formula(sides: Tensor) -> _RegionFormula:
        if pieces is None:
            inside = (sides == 0).to(x0)[..., None]
            return _RegionFormula(field, inside, torch.zeros_like(inside), False)
        a, b = pieces.at(sides.view(len(sides), n, d).int(), x0)
        return _RegionFormula(field, a, b, pieces.exponential)

    return Events(
        event_functions, event_function, x0.new_tensor(thresholds), formula, non_monotone=True
    )


@dataclass(frozen=True)
class _RegionFormula(Direct):
    """dx/ds by formulas that stay the same during a step; ``a`` and ``b`` (M, N, d or 1)."""

    field: MarginalField
    a: Tensor
    b: Tensor
    exponential: bool

    def __call__(self, s: Tensor, x: Tensor) -> Tensor:
        field, t = self.field, torch.exp(-s)
        spend(len(x) * field.n, 30.0)
        spend(_OVERHEAD)
        endpoints, log_det, velocity = field.path.conditional(x, field.x0, t)
        lines = self.a + self.b * endpoints if self.a.shape[-1] == endpoints.shape[-1] else self.a
        if self.exponential:
            weight = (lines.sum(-1) + log_det + field.weights.log()).softmax(1)
        else:
            scale = (log_det - log_det.amax(1, keepdim=True)).exp()
            weight = lines.prod(-1) * scale * field.weights
        mean = (weight[..., None] * velocity).sum(1) / weight.sum(1, keepdim=True)
        return -t[:, None] * mean

    def settled(self, s: Tensor, x: Tensor) -> Tensor:
        """Always False: ``lookahead`` decides it."""
        return torch.zeros_like(s, dtype=torch.bool)

    def select(self, rows: Tensor) -> _RegionFormula:
        """The formulas of these rows."""
        return replace(self, a=self.a[rows], b=self.b[rows])
