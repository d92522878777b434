"""Families without a lens, and without a conserved level.

- A family x = μ_t(x₀) + S_t x₁ and a flat prior: from rim to rim (``crossings``).
- Such a family and another prior: the posterior-mean equation without the matrix
  (``affine_in_x1``).
- Any other family is integrated here: with s = -log t the equation dx/dt = f_t(x) becomes
  dx/ds = -t f_t(x), which has no singularity at the data.

A trajectory is stepped until nothing can bring another data point back (``lookahead``); from there
it is its own data point's, x_t = ψ_t(φ_s(x_s|x₀)|x₀), and ends on it. Here the free ends of later
times are known at `NODES` times, and between two of them a box holds the curve that is half as
large again as the one that holds both. That is a bound as long as no free end winds faster than
that; where a family has no value at some of them no trajectory settles before `EARLIEST`.
"""

from __future__ import annotations

import copy
import functools
import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.ode.events import Direct, Events
from flowviz.core.numerics.ode.problem import BudgetSpent, Horizon, Problem
from flowviz.core.numerics.ode.solve import solve
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.transport.crossings import (
    CrossingTrajectories,
    solve_by_crossings,
    solved_by_crossings,
)
from flowviz.core.transport.exponential import TOLERANCE, solve_affine_in_x1
from flowviz.core.transport.lookahead import Cells, Lookahead, Positions
from flowviz.core.transport.policy import half_width, known_error, mode_width
from flowviz.core.transport.posterior_mean_ode import jumps
from flowviz.core.transport.result import filled

MOST_STEPS, MOST_SOLVED = 1500, 800
"""Steps at most, and where each look solves equations; what is not finished then has an infinite
error, and goes on as its likeliest data point's own trajectory."""
EARLIEST = 1e-7
"""Time below which every trajectory is taken to belong to its likeliest data point."""
NODES = 96
"""Later times at which the free ends are looked at, even in log t."""
_NUDGE = 1e-6
BUDGET = 100_000_000
"""Pairs of a position and a data point at which a call may evaluate a family's formula; what is not
finished then has an infinite error."""
CALL = 500
"""As many pairs as one call of a formula counts at least: so much its overhead costs."""


@dataclass
class Work:
    """How many pairs were evaluated, and the limit."""

    limit: int
    spent: int = 0

    def count(self, value: Tensor) -> Tensor:
        """Count the pairs of a formula's value, (..., d), and hand it on.

        Raises:
            BudgetSpent: beyond the limit.
        """
        self.spent += max(value[..., 0].numel(), CALL)
        if self.spent > self.limit:
            raise BudgetSpent
        return value


@dataclass(frozen=True)
class _MeteredForward(ByForward):
    """A family given by ψ, whose evaluations are counted."""

    path: ByForward
    work: Work

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self.work.count(self.path.forward(x1, x0, t))


@dataclass(frozen=True)
class _MeteredInverse(ByInverse):
    """A family given by φ, whose evaluations are counted."""

    path: ByInverse
    work: Work

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self.work.count(self.path.inverse(x, x0, t))


def _metered(field: MarginalField, work: Work) -> MarginalField:
    """The same flow, where each pair costs; families with formulas both ways are as they are."""
    metered = copy.copy(field)
    if isinstance(field.path, ByForward):
        metered.path = _MeteredForward(field.path, work)
    elif isinstance(field.path, ByInverse):
        metered.path = _MeteredInverse(field.path, work)
    return metered


def integrate(
    field: MarginalField,
    x1: Tensor,
    times: Tensor,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> tuple[Tensor, Tensor, int, Tensor, int]:
    """Trajectories of any family in any dimension.

    Args:
        field: the flow.
        x1: prior positions inside the support, (Q, d).
        times: in [0, 1], (T,).
        tolerance: the error a step may have, in units of t times the prior's half-width.
        progress: told the share that is done, now and then.

    Returns:
        Positions (Q, T, d), basins (Q,), evaluations, errors (Q, T), and how many took more steps
        or evaluations than are allowed.
    """
    merged, first = field.merged()
    asked = times[(times > 0) & (times < 1)]
    if (
        solved_by_crossings(merged)
        and (bent := solve_by_crossings(merged, x1, asked, tolerance, progress)) is not None
    ):
        allowed = _allowed(merged, bent, tolerance)
        x, error = filled(x1, merged.x0[bent.basin], times, bent.x, allowed)
        return x, first[bent.basin], bent.looks, error, int((~bent.finished).sum())
    if merged.path.affine_in_x1 and merged.d > 1 and not merged.prior.uniform_density:
        found = solve_affine_in_x1(merged, x1, asked, tolerance, progress)
        x, error = filled(x1, merged.x0[found.basin], times, found.x, found.error)
        return x, first[found.basin], found.nfe, error, int((~found.finished).sum())

    metered = _metered(merged, Work(BUDGET))

    def slope(s: Tensor, x: Tensor) -> Tensor:
        t = torch.exp(-s)
        return -t[:, None] * metered.velocity_or_nearest(x, t)

    half = half_width(merged)
    events = _events(metered)
    problem = Problem(
        slope=slope,
        start=0.0,
        end=-math.log(EARLIEST),
        tolerance=tolerance * half,
        step=0.02,
        settled=lambda s, x: torch.zeros_like(s, dtype=torch.bool),
        unit=lambda s: torch.exp(-s),
        events=events,
        horizon=_horizon(metered, tolerance * half, len(x1)),
        most=MOST_SOLVED if isinstance(merged.path, ByForward | ByInverse) else MOST_STEPS,
    )
    solution = solve(problem, x1, -torch.log(asked), progress)
    reached = torch.exp(-solution.tau)
    basin = merged.shares(solution.last, reached).argmax(1)
    own = merged.x0[basin][:, None]
    inside = solution.y
    # Beyond the last step each trajectory is its own data point's.
    endpoints = merged.path.inverse(solution.last, own, reached)[:, 0]
    for k, t in enumerate(asked):
        late = (t < reached).nonzero().squeeze(-1)
        if late.numel():
            time = t.expand(late.numel()).contiguous()
            inside[late, k] = merged.path.forward(endpoints[late], own[late], time)[:, 0]
    # What jumps make of errors is not known here, wherever they are cut.
    located = events is not None and not jumps(merged.prior)
    allowed = known_error(merged, solution.error, located)[:, None]
    x, error = filled(x1, merged.x0[basin], times, inside, allowed)
    unfinished = int((~solution.finished).sum())
    return x, first[basin], solution.evaluations, error, unfinished


def _allowed(field: MarginalField, bent: CrossingTrajectories, tolerance: float) -> Tensor:
    """What is known of the errors of trajectories followed from rim to rim, (Q, 1)."""
    error = bent.x.new_full((len(bent.x),), tolerance * half_width(field))
    return error.masked_fill(~bent.finished, math.inf)[:, None]


# ---------------------------------------------------------------------- what may still come


def _horizon(field: MarginalField, allowed: float, q: int) -> Horizon:
    if field.n == 1:
        return lambda rows, s, x, slope: (
            torch.ones_like(rows, dtype=torch.bool),
            torch.full_like(s, torch.inf),
        )
    ahead = functools.partial(_ahead, field)
    look = Lookahead(field.prior, field.weights, ahead, NODES, mode_width(field), allowed, q)

    def horizon(rows: Tensor, s: Tensor, x: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
        t, v = torch.exp(-s), torch.exp(s)
        endpoints, weight = field.path.inverse(x, field.x0, t), field.shares(x, t)
        soon = field.path.inverse(x + _NUDGE * slope, field.x0, torch.exp(-s - _NUDGE))
        motion = (soon - endpoints) / _NUDGE
        top = weight.argmax(1)[:, None, None].expand(-1, 1, field.d)
        speed = (motion - motion.gather(1, top)).norm(dim=-1) / v[:, None]
        final, longest = look(rows, Positions(v, endpoints, weight, speed))
        return final, torch.log1p(longest / v)

    return horizon


def _ahead(field: MarginalField, own: Tensor, end: Tensor, v: Tensor) -> Cells:
    """Free ends along the data points' own trajectories, from v = 1/t on."""
    path, x0, d = field.path, field.x0, field.d
    pace = math.log(1.0 / EARLIEST) / NODES
    edges = v[:, None] * torch.exp(pace * torch.arange(NODES + 1, dtype=v.dtype, device=v.device))
    t = (1.0 / edges).clamp(min=EARLIEST).flatten()
    each = torch.arange(len(own), device=v.device).repeat_interleave(NODES + 1)
    x = path.forward(end[each], x0[own[each]][:, None], t)[:, 0]
    endpoints = path.inverse(x, x0, t).view(len(own), NODES + 1, -1, d)
    before, after = endpoints[:, :-1], endpoints[:, 1:]
    room = 0.5 * (after - before).abs()
    radius = (endpoints - x0).norm(dim=-1)
    near = torch.minimum(radius[:, :-1], radius[:, 1:]) - 0.5 * radius.diff(dim=1).abs()
    return Cells(
        edges[:, :-1],
        edges.diff(dim=1),
        torch.minimum(before, after) - room,
        torch.maximum(before, after) + room,
        1.5 * (after - before).norm(dim=-1),
        1.0 / edges[:, :-1],
        edges[:, :-1] < 1.0 / EARLIEST,
        near.clamp(min=0.0),
        x0,
    )


# ---------------------------------------------------------------------- kinks


def _events(field: MarginalField) -> Events | None:
    """Where the velocity's formula changes, for product priors made of pieces and for disks."""
    prior, path, x0 = field.prior, field.path, field.x0
    pieces = prior.pieces if prior.product else None
    if field.n == 1 or (pieces is None and not prior.uniform_density):
        return None
    d, n = field.d, field.n
    borders = prior.breakpoints if pieces is not None else (prior.support[1],)

    def watched(s: Tensor, x: Tensor) -> Tensor:
        endpoints = path.inverse(x, x0, torch.exp(-s))
        return (endpoints if pieces is not None else endpoints.norm(dim=-1)).reshape(len(x), -1)

    def one(s: Tensor, x: Tensor, which: Tensor) -> Tensor:
        own = which // d if pieces is not None else which
        endpoints = path.inverse(x, x0[own][:, None], torch.exp(-s))[:, 0]
        if pieces is None:
            return endpoints.norm(dim=-1)
        return endpoints.gather(1, (which % d)[:, None])[:, 0]

    def formula(sides: Tensor) -> _Region:
        if pieces is None:
            inside = (sides == 0).to(x0)[..., None]
            return _Region(field, inside, torch.zeros_like(inside), False)
        a, b = pieces.at(sides.view(len(sides), n, d).int(), x0)
        return _Region(field, a, b, pieces.exponential)

    return Events(watched, one, x0.new_tensor(borders), formula, turning=True)


@dataclass(frozen=True)
class _Region(Direct):
    """dx/ds by formulas that stay the same during a step; ``a`` and ``b`` (M, N, d or 1)."""

    field: MarginalField
    a: Tensor
    b: Tensor
    exponential: bool

    def __call__(self, s: Tensor, x: Tensor) -> Tensor:
        field, t = self.field, torch.exp(-s)
        endpoints, log_det, velocity = field.path.conditional(x, field.x0, t)
        lines = self.a + self.b * endpoints if self.a.shape[-1] == endpoints.shape[-1] else self.a
        if self.exponential:
            share = (lines.sum(-1) + log_det + field.weights.log()).softmax(1)
        else:
            scale = (log_det - log_det.amax(1, keepdim=True)).exp()
            share = lines.prod(-1) * scale * field.weights
        mean = (share[..., None] * velocity).sum(1) / share.sum(1, keepdim=True)
        return -t[:, None] * mean

    def settled(self, s: Tensor, x: Tensor) -> Tensor:
        """Never: that is for ``lookahead`` to say."""
        return torch.zeros_like(s, dtype=torch.bool)

    def only(self, which: Tensor) -> _Region:
        """The formulas of some rows."""
        return replace(self, a=self.a[which], b=self.b[which])
