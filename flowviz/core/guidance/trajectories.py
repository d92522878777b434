"""Trajectories of a guided flow, and its density (MATH §5.6).

The guided velocity is not that of a superposition of single-point flows, so its trajectories have
no closed form. They are integrated by the Runge-Kutta method of order 4 on given times,

    dx/dt = f_s(x, t) = f + s (f_y - f),

once with these steps and once with each of them halved. What is returned has the halved steps, and
``error`` is the difference of the two: for a smooth velocity about fifteen times the error that is
left. The last step, to t = 0, is x - t f_s = D_s, to which a trajectory converges there.

Its density follows by the instantaneous change of variables, with ∇·f_s = (1-s) ∇·f + s ∇·f_y,

    log p_t(x_t) = log p₁(x₁) + ∫_t^1 ∇·f_s dt.

Guidance may be limited to an interval of t. Outside it the scale is 1: there the flow is that of
the class. No step crosses an end of the interval, where the velocity jumps.

Where p_t is 0, or the class does not reach, a solver gets the velocity of the data point with the
nearest support, as in ``solvers.vector_fields``; how often is counted.

Source: Kynkäänniemi et al., "Applying guidance in a limited interval improves sample and
distribution quality in diffusion models" (2024), on the interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from flowviz.core.guidance.labelled_field import LabelledField
from flowviz.core.priors.base import require
from flowviz.core.solvers import SOLVERS, solve
from flowviz.core.solvers.time_grids import time_grid
from flowviz.core.solvers.vector_field import Time, VectorField
from flowviz.core.solvers.vector_fields import VelocityField, vector_field_of

STEPS = 32
"""Steps from t = 1 to `LAST` before they are halved."""
LAST = 1e-3
"""Where the steps end; from there it is one step to t = 0."""
_METHOD = SOLVERS["rk4"]
_RHO = 4.0  # steps nearly even in t at first, nearly even in log t at last

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Guide:
    """Where a flow is guided: towards class ``y``, with ``scale`` s for t in ``interval``.

    Raises:
        ValueError: for a negative or infinite scale, or an interval that is none within [0, 1].
    """

    y: int
    scale: float
    interval: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        require(0.0 <= self.scale < math.inf, f"scale must be finite and ≥ 0, got {self.scale!r}")
        low, high = self.interval
        require(0.0 <= low <= high <= 1.0, f"interval must lie in [0, 1], got {self.interval!r}")

    def scale_at(self, t: float) -> float:
        """The scale at time t: 1 outside the interval."""
        low, high = self.interval
        return self.scale if low <= t <= high else 1.0

    def pieces(self, times: Sequence[float]) -> list[tuple[tuple[float, ...], float]]:
        """Falling times cut at the ends of the interval, each piece with its scale."""
        ends = {end for end in self.interval if times[-1] < end < times[0]}
        stops = sorted({*times, *ends}, reverse=True)
        cuts = [times[0], *sorted(ends, reverse=True), times[-1]]
        return [
            (tuple(t for t in stops if low <= t <= high), self.scale_at(0.5 * (low + high)))
            for high, low in pairwise(cuts)
        ]


class GuidedField(VectorField):
    """The vector field f + s (f_y - f), with its divergence if asked for; s is neither 0 nor 1."""

    def __init__(self, flow: LabelledField, y: int, scale: float, divergence: bool) -> None:
        every = flow.marginal
        super().__init__(every.d, every.path.affine_schedule, divergence)
        self._scale = scale
        self._fields = [vector_field_of(f, divergence) for f in (every, flow.conditional(y))]

    def _velocity(self, x: Tensor, t: Time) -> tuple[Tensor, Tensor]:
        (every, out), (of_class, beyond) = (field._velocity(x, t) for field in self._fields)
        return torch.lerp(every, of_class, self._scale), out | beyond


def vector_field(
    flow: LabelledField, y: int, scale: float, divergence: bool = False
) -> VectorField:
    """The guided vector field; of all data at s = 0, where class y is not asked, of y at s = 1."""
    if scale in (0.0, 1.0):
        return vector_field_of(flow.conditional(y) if scale else flow.marginal, divergence)
    return GuidedField(flow, y, scale, divergence)


@dataclass(frozen=True)
class GuidedFlow:
    """Trajectories of a guided flow.

    Attributes:
        t: the times, falling from 1 to 0 or to the last that was asked for, (T,).
        x: the positions, (Q, T, d).
        error: the largest difference, along each, from a solution with steps twice as long, (Q,).
        outside: the fraction of evaluations where a velocity had no value.
        nfe: evaluations of the guided velocity on each trajectory.
    """

    t: Tensor
    x: Tensor
    error: Tensor
    outside: float
    nfe: int


def guided_flow(
    flow: LabelledField,
    guide: Guide,
    x1: Tensor,
    steps: int = STEPS,
    progress: Progress | None = None,
    end: float = 0.0,
) -> GuidedFlow:
    """The guided trajectories from x1, (Q, d).

    Args:
        flow: the labelled data.
        guide: class, scale and interval.
        x1: positions at t = 1.
        steps: at least 2, before each of them is halved.
        progress: called with the fraction done.
        end: the last time, in [0, 1).
    """
    grid = time_grid("karras", steps + 1, last=LAST, rho=_RHO)
    if end > 0.0:
        grid = (*(t for t in grid if t > end), end)
    report = progress or (lambda done: None)
    coarse = _Run(x1)
    fine = _Run(x1)
    pieces = guide.pieces(grid)
    for k, (times, scale) in enumerate(pieces):
        field = vector_field(flow, guide.y, scale)
        coarse.extend(field, times)
        fine.extend(field, _halved(times))
        report((k + 1) / len(pieces))
    t, x = fine.result()
    t_coarse, x_coarse = coarse.result()
    common = torch.isin(t, t_coarse)
    error = (x[:, common] - x_coarse).norm(dim=-1).amax(1)
    return GuidedFlow(t, x, error, fine.outside / max(1, fine.nfe), fine.nfe)


class _Run:
    """A solution that is extended piece by piece; its times and positions so far."""

    def __init__(self, x: Tensor) -> None:
        self._x, self._t, self._positions = x, [1.0], [x]
        self.outside, self.nfe = 0.0, 0

    def extend(self, field: VectorField, times: tuple[float, ...]) -> None:
        """Go on along these times, the first of which was the last."""
        found = solve(_METHOD, field, self._x, times)
        self._x = found.x[:, -1]
        self._t += times[1:]
        self._positions += found.x[:, 1:].unbind(1)
        self.outside += float(found.outside.double().mean())
        self.nfe += found.nfe

    def result(self) -> tuple[Tensor, Tensor]:
        """Times (T,) and positions (Q, T, d)."""
        return self._x.new_tensor(self._t), torch.stack(self._positions, dim=1)


def _halved(times: tuple[float, ...]) -> tuple[float, ...]:
    """The times with one more between any two of them; none before t = 0."""
    middles = [math.sqrt(a * b) for a, b in pairwise(times) if b > 0.0]
    return tuple(sorted({*times, *middles}, reverse=True))


def guided_log_prob(
    flow: LabelledField,
    guide: Guide,
    x: Tensor,
    t: float,
    steps: int = STEPS,
) -> Tensor:
    """log p_t(x) of the guided flow by the change of variables from (x, t) to t = 1, (Q,).

    Args:
        flow: the labelled data.
        guide: class, scale and interval.
        x: positions, (Q, d).
        t: the time, from `LAST` to 1.
        steps: of a way from t = 1 to `LAST`; from t it takes their share of log t.

    Returns:
        log p, -inf where the trajectory comes from outside the prior's support.
    """
    require(LAST <= t <= 1.0, f"t must lie in [{LAST}, 1], got {t!r}")
    prior = flow.marginal.prior
    if t == 1.0:
        return prior.log_prob(x)
    n = max(4, math.ceil(2 * steps * math.log(t) / math.log(LAST)))
    y = torch.cat([x, x.new_zeros(len(x), 1)], dim=1)
    for times, scale in reversed(guide.pieces([t ** (k / n) for k in range(n + 1)])):
        field = vector_field(flow, guide.y, scale, divergence=True)
        y = solve(_METHOD, field, y, times[::-1]).x[:, -1]
    lost = ~torch.isfinite(y).all(1)
    x1, integral = torch.where(lost[:, None], 0.0, y[:, : field.d]), y[:, field.d]
    return (prior.log_prob(x1) + integral).masked_fill(lost, -torch.inf)


def gaussian_variance(scale: float, steps: int = STEPS) -> float:
    """The variance with which the steps end where it is known to be 2^{1-s}.

    Data of class y ~ N(0, 1) among all data ~ N(0, 2), prior N(0, 1), straight lines: with variance
    v of the data the velocity is x (t - (1-t) v)/(t² + (1-t)² v), so that positions only stretch.
    """

    def rate(t: Tensor, v: float) -> Tensor:
        return (t - (1.0 - t) * v) / (t.square() + (1.0 - t).square() * v)

    def velocity(x: Tensor, t: Tensor) -> Tensor:
        return torch.lerp(rate(t, 2.0), rate(t, 1.0), scale) * x

    times = _halved(time_grid("karras", steps + 1, last=LAST, rho=_RHO))
    ends = solve(_METHOD, VelocityField(velocity, 1), torch.ones(1, 1).double(), times).x[:, -1]
    return float(ends.square())
