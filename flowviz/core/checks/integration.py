"""Trajectories against Runge-Kutta steps of the field between their nodes.

In s = log t the flow is dx/ds = t f_t(x), which is not singular at t = 0. The classical method of
fourth order integrates from each node to the next smaller time. Its error is estimated by halving
the steps, and the steps are halved again where that is too large: across a kink of the field they
converge slowly.

The gap between the end of a step and the node there, less the error of the step, is bounded by the
stated errors of both nodes. So each segment has its own bound; the result is the segment with the
largest ratio of gap to bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from flowviz.core.checks.invariants import Check
from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.work import at_work
from flowviz.core.transport import Trajectories, trajectories

ERROR_FACTOR = 10.0
"""Allowed ratio of a trajectory's error to its stated error."""
TOLERANCE_FACTOR = 20.0
"""Allowed ratio to its tolerance, where no error is stated."""
ROUNDING_BOUND = 1e-8
"""Allowed in addition, in units of the prior's half-width where that is more than 1."""

_HALVINGS, _MORE_HALVINGS, _MAX_HALVINGS = 4, 6, 8
"""Halvings of the steps at first, and where a gap exceeds its bound, once and twice."""
_MAX_REFINED = 4
"""Most gaps that are refined: those that exceed their bound by the largest ratio."""
_PAIRS = 20_000
"""Most pairs of a segment and a data point."""
_FEW_PAIRS = 2_000
"""Of a segment and a data point: so few that a step of all takes as long as a step of one."""
_REFINEMENT = 30.0
_SAFETY = 4.0
"""A step across a jump has an error of up to twice the change by halving it."""
_TAIL = 1e-9
"""Prior probability, on either side, of endpoints that are ignored."""
_CORE_TAIL = 1e-3
"""Prior probability, on either side, of endpoints outside all narrow modes."""
_ORDER_FACTOR = 1.0 / 16.0
"""Factor by which the error of a method of fourth order falls when its steps are halved."""
_MIN_INTEGRATED = 0.05
"""Fraction of the segments that must be integrated successfully."""


def integration(
    field: MarginalField,
    shown: Trajectories,
    tolerance: float = 0.0,
    most: int = _PAIRS,
    seed: int = 2,
) -> Check:
    """The gap between a node and the step from the node before with the largest ratio to its bound.

    Every gap is reduced by the error estimate of the step, and where it exceeds the bound also by
    the amplification of the bound along the step, which is large beside a separatrix.

    Args:
        field: the flow, of which only the public call is used.
        shown: the trajectories that are shown, with their errors.
        tolerance: error of their steps where they state no error, in units of the prior's
            half-width.
        most: most pairs of a segment and a data point; trajectories are chosen at random.
        seed: of that choice.
    """
    if not len(shown.x):
        return Check(math.nan, ROUNDING_BOUND)
    order = shown.t.argsort(descending=True)
    t, inner = shown.t[order], int((shown.t > 0).sum())
    count = min(len(shown.x), max(2, most // (field.n * max(1, inner - 1))))
    chosen = torch.randperm(len(shown.x), generator=torch.Generator().manual_seed(seed))[:count]
    x = shown.x[chosen][:, order[:inner]]
    allowed = allowed_error(field, shown.error[chosen][:, order[:inner]], tolerance)
    start, end = (v.reshape(-1, field.d) for v in (x[:, :-1], x[:, 1:]))
    t_start, t_end = (v.repeat(count) for v in (t[: inner - 1], t[1:inner]))
    bound = (allowed[:, :-1] + allowed[:, 1:]).reshape(-1)
    segments = _Segments(field, start, end, t_start, t_end, bound)
    gap = segments.gaps()
    ratio = torch.where(gap > bound, gap / bound, -torch.inf)
    exceeding = ratio.topk(min(_MAX_REFINED, len(gap))).indices
    exceeding = exceeding[gap[exceeding] > bound[exceeding]]
    if len(exceeding):
        # The others have smaller ratios.
        gap[gap > bound] = torch.nan
    for halvings in (_MORE_HALVINGS, _MAX_HALVINGS):
        if len(exceeding):
            gap[exceeding] = segments.refined_gaps(exceeding, halvings)
            exceeding = exceeding[gap[exceeding] > bound[exceeding]]
    finite = gap.isfinite()
    if finite.double().mean() < _MIN_INTEGRATED:
        return Check(math.nan, float(bound.max()))
    return largest_ratio(gap[finite].clamp(min=0.0), bound[finite])


def refinement(
    field: MarginalField,
    shown: Trajectories,
    tolerance: float,
    most: int = 8,
    progress: Progress | None = None,
    budget: float = math.inf,
) -> Check:
    """The largest change, relative to its bound, when trajectories are solved more precisely.

    Args:
        field: the flow.
        shown: trajectories from t = 1, with their errors.
        tolerance: theirs, in units of the prior's half-width; a thirtieth of it is used.
        most: number of trajectories that are solved again.
        progress: called with the fraction done.
        budget: most units of work; the check is ``out_of_budget`` where it allows no trajectory.
    """
    x1 = shown.x[:most, int(shown.t.argmax())]
    with at_work() as work:
        refined = trajectories(
            field, x1, shown.t, tolerance / _REFINEMENT, progress=progress, budget=budget
        )
    count = len(refined.x)
    if not count:
        return Check(math.nan, ROUNDING_BOUND, out_of_budget=work.spent >= budget)
    change = (refined.x - shown.x[:count]).abs().amax(-1)
    bound = allowed_error(field, shown.error[:count], tolerance)
    return largest_ratio(change, bound + allowed_error(field, refined.error, tolerance))


def allowed_error(field: MarginalField, error: Tensor, tolerance: float) -> Tensor:
    """The bound on the distance from the exact position by the stated error, of any shape."""
    low, high = field.prior.interval(0.25)
    half = 0.5 * (high - low)
    by_tolerance = TOLERANCE_FACTOR * tolerance * half
    allowed = torch.where(error.isfinite(), ERROR_FACTOR * error, by_tolerance)
    return allowed + 0.5 * ROUNDING_BOUND * max(1.0, half)


def largest_ratio(value: Tensor, bound: Tensor) -> Check:
    """The value with the largest ratio to its bound; if all are 0, that with the largest bound."""
    value, bound = value.flatten(), bound.flatten()
    if not len(value):
        return Check(math.nan, ROUNDING_BOUND)
    ratio = value / bound
    which = int(ratio.argmax()) if float(ratio.max()) > 0.0 else int(bound.argmax())
    return Check(float(value[which]), float(bound[which]))


def worst(found: Iterable[Check]) -> Check:
    """The check with the largest ratio of value to bound; NaN counts as the largest."""
    return max(found, key=lambda c: math.inf if math.isnan(c.value) else c.value / c.bound)


@dataclass(frozen=True)
class _Segments:
    """Segments of trajectories between two nodes.

    ``x`` (K, d) at ``begin`` (K,), ``x_end`` (K, d) at ``end`` (K,); ``bound`` (K,), of the gap
    between ``x_end`` and the integration from ``x``.
    """

    field: MarginalField
    x: Tensor
    x_end: Tensor
    begin: Tensor
    end: Tensor
    bound: Tensor

    def gaps(self) -> Tensor:
        """Distances between integration and ``x_end``, less the error of the integration, (K,)."""
        found, error = self._integrated(torch.arange(len(self.x)), self.x, _HALVINGS)
        return (found - self.x_end).abs().amax(-1) - _SAFETY * error

    def refined_gaps(self, rows: Tensor, halvings: int) -> Tensor:
        """The same for some rows with more steps, less the amplification of the bound.

        For d = 1 also less the uncertainty of a root of the distribution function: the rounding of
        its level over the density.
        """
        found, error = self._integrated(rows, self.x[rows], halvings)
        directions = torch.eye(self.field.d, dtype=found.dtype)
        directions = torch.cat([directions, -directions])[:, None]
        neighbours = (self.x[rows] + self.bound[rows, None] * directions).flatten(0, 1)
        ends, end_error = self._integrated(rows.repeat(len(directions)), neighbours, _HALVINGS)
        distance = (ends - found.repeat(len(directions), 1)).abs().amax(-1) + end_error
        allowed = distance.nan_to_num(0.0, 0.0).reshape(len(directions), -1).amax(0)
        if self.field.d == 1:
            p = self.field.log_prob(self.x_end[rows], self.end[rows]).exp()
            allowed += (16.0 * torch.finfo(p.dtype).eps / p).clamp(max=self.x_end.abs().max())
        return (found - self.x_end[rows]).abs().amax(-1) - _SAFETY * error - allowed

    @cached_property
    def endpoints(self) -> Tensor:
        """x₁ of each data point at both ends, (2, K, N, d), clamped to the prior's interval.

        At the end it is that of the given node: it is used only to detect jumps and modes.
        """
        field = self.field
        low, high = field.prior.interval(_TAIL)
        ends = ((self.x, self.begin), (self.x_end, self.end))
        x1 = torch.stack([field.path.inverse(x, field.x0, t) for x, t in ends])
        return x1.nan_to_num(low).clamp(low, high)

    @cached_property
    def jumps(self) -> Tensor:
        """On which segments an endpoint enters or leaves the prior's support, (K,)."""
        if self.field.prior.smooth:
            return torch.zeros(len(self.x), dtype=torch.bool)
        low, high = self.field.prior.interval(_TAIL)
        x1 = self.endpoints
        inside = (self.field.prior.log_prob(x1) > -torch.inf) & ((x1 > low) & (x1 < high)).all(-1)
        return (inside[0] != inside[1]).any(1)

    @cached_property
    def min_steps(self) -> Tensor:
        """Number of steps with which no mode of the density can be missed, (K,)."""
        width = self.field.prior.min_mode_width
        if width is None:
            return torch.ones_like(self.begin)
        begin, end = self.endpoints.clamp(*self.field.prior.interval(_CORE_TAIL))
        return (end - begin).abs().amax((1, 2)) / (0.5 * width)

    def _error(self, rows: Tensor, found: Tensor, remainder: Tensor, n: int) -> Tensor:
        """The error of the integration of some rows in n steps, (K,).

        The estimate by halving the steps; on a segment with a jump also the length of a step, since
        the jump may be anywhere in it; infinite where a step may miss a mode, and where a density
        is infinite at its ends.
        """
        begin, end = self.begin[rows], self.end[rows]
        speed = self.field(self.x[rows], begin).abs() + self.field(found, end).abs()
        step = speed.amax(-1) * (begin - end) / n
        with_jump = torch.maximum(remainder, step.nan_to_num(0.0))
        error = torch.where(self.jumps[rows], with_jump, remainder)
        unknown = self.min_steps[rows] > n
        if self.field.prior.has_singular_edges:
            unknown |= self.jumps[rows]
        return torch.where(unknown, torch.inf, error)

    def _integrated(self, rows: Tensor, x: Tensor, halvings: int) -> tuple[Tensor, Tensor]:
        """The ends (K, d) of segments from x (K, d), and the errors, (K,)."""
        begin, end = self.begin[rows], self.end[rows]
        # Few segments, or many halvings of the few that are refined: all step counts in one loop.
        few = len(x) * self.field.n <= _FEW_PAIRS or halvings >= _MORE_HALVINGS
        at_once = _every_halving(self.field, x, begin, end, halvings) if few else None
        found = _rk4(self.field, x, begin, end, 1) if at_once is None else at_once[0]
        error = torch.full_like(begin, torch.inf)
        changes = torch.full((len(x), 3), torch.inf, dtype=begin.dtype)
        todo = torch.arange(len(x))
        for halving in range(1, halvings + 1):
            if at_once is None:
                refined = _rk4(self.field, x[todo], begin[todo], end[todo], 1 << halving)
            else:
                refined = at_once[halving]
            change = (refined - found[todo]).abs().amax(-1)
            changes[todo] = torch.cat([changes[todo, 1:], change[:, None]], dim=1)
            remainder = _remainder(changes[todo])
            error[todo] = self._error(rows[todo], refined, remainder, 1 << halving)
            found[todo] = refined
            if at_once is not None:
                continue  # an estimate may be small although a step missed a feature
            todo = todo[~(error[todo] <= self.bound[rows[todo]] / (4.0 * _SAFETY))]
            if not len(todo):
                break
        return found, error


def _remainder(changes: Tensor) -> Tensor:
    """The sum of all further changes by halving, (K,), from the last three changes, (K, 3).

    By their geometric decay, but not faster than the method's order, as a change may be small by
    chance across a kink. Where they do not decay, the larger of the last two.
    """
    before, last, change = changes.unbind(1)
    decay = torch.maximum(change / last, last / before).nan_to_num(1.0).clamp(min=_ORDER_FACTOR)
    remainder = torch.maximum(change, _ORDER_FACTOR * last) * decay / (1.0 - decay)
    return torch.where(before.isfinite() & (decay < 0.5), remainder, torch.maximum(change, last))


def _every_halving(
    field: MarginalField, x: Tensor, begin: Tensor, end: Tensor, halvings: int
) -> Tensor:
    """`_rk4` with 1, 2, 4, …, 2^halvings steps in one loop, (halvings + 1, K, d)."""
    counts = 1 << torch.arange(halvings + 1)
    n = counts.repeat_interleave(len(x))
    found = x.repeat(len(counts), 1)
    begin, end = begin.repeat(len(counts)), end.repeat(len(counts))
    for k in range(1 << halvings):
        todo = n > k
        found[todo] = _rk4_step(field, found[todo], begin[todo], end[todo], k, n[todo])
    return found.reshape(len(counts), *x.shape)


def _rk4(field: MarginalField, x: Tensor, begin: Tensor, end: Tensor, n: int) -> Tensor:
    """n equal steps in log t of the classical Runge-Kutta method; (K, d) -> (K, d)."""
    for k in range(n):
        x = _rk4_step(field, x, begin, end, k, n)
    return x


def _rk4_step(
    field: MarginalField, x: Tensor, begin: Tensor, end: Tensor, k: int, n: Tensor | int
) -> Tensor:
    """Step k of n; n may differ from row to row, (K,)."""
    ratio = (end / begin).log()[:, None] / (n[:, None] if isinstance(n, Tensor) else n)

    def slope(x: Tensor, k: float) -> Tensor:
        t = (begin * (end / begin) ** (k / n)).clamp(max=1.0)
        return ratio * t[:, None] * field(x, t)

    a = slope(x, k)
    b = slope(x + 0.5 * a, k + 0.5)
    c = slope(x + 0.5 * b, k + 0.5)
    d = slope(x + c, k + 1)
    return x + (a + 2.0 * b + 2.0 * c + d) / 6.0
