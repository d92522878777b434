"""Vector fields for the solvers: velocity or data prediction, with evaluations counted.

A solver of x' = f_t(x) uses one of two quantities, each at the cost of one evaluation (NFE):

    velocity          f_t(x)
    data prediction   D_t(x) = (σ̇ x - σ f)/(σ̇ α - σ α̇)

For x = α x₀ + σ x₁ the data prediction is the posterior mean E[x₀ | x_t = x] (MATH §3.3). While D
is constant the motion is known in closed form,

    x_{t₁} = (σ₁/σ₀) x + (α₁ - α₀ σ₁/σ₀) D,                    (`VectorField.exponential_step`)

and x_{t₁} = D for t₁ = 0. For other families the same formulas are used with α = 1 - t and σ = t:
D = x - t f is defined for every velocity, the equation in s = log t is dx/ds = x - D, and it has no
singularity at t = 0.

With ``divergence`` every position has one more coordinate, ℓ with ℓ' = ∇·f. There velocities have
∇·f, and data predictions have ∇·D in the coordinates x/(α+σ), with dℓ/d log u = d - ∇·D,
u = σ/(α+σ). So every solver integrates the divergence by its own rule.

A time is a number t with positions (M, d), or a tuple of K times with positions (K, M, d).
``vector_fields`` has the implementations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor

from flowviz.core.schedules import Linear, Schedule

Time = float | tuple[float, ...]
"""A time of positions (M, d), or K times of positions (K, M, d)."""

N = TypeVar("N", float, Tensor)


class ScheduleAt(NamedTuple, Generic[N]):
    """A schedule and its rates: numbers at one time, columns (K, 1, 1) at K times.

    ``log_u`` is log σ/(α+σ), in which data predictions change slowly; -inf at t = 0.
    """

    alpha: N
    sigma: N
    one_minus_alpha: N
    alpha_rate: N
    sigma_rate: N
    scale: N
    """α + σ."""
    log_scale: N
    log_u: N

    @property
    def wronskian(self) -> N:
        """σ̇α - σα̇ > 0."""
        return self.sigma_rate * self.alpha - self.sigma * self.alpha_rate

    def velocity(self, x: Tensor, prediction: Tensor) -> Tensor:
        """f = (σ̇/σ)(x - D) + ((σ̇/σ)(1 - α) + α̇) D, without cancellation in x - D."""
        rate = self.sigma_rate / self.sigma
        return (
            rate * (x - prediction) + (rate * self.one_minus_alpha + self.alpha_rate) * prediction
        )

    def data_prediction(self, x: Tensor, velocity: Tensor) -> Tensor:
        """D = (σ̇ x - σ f)/(σ̇ α - σ α̇)."""
        return (self.sigma_rate * x - self.sigma * velocity) / self.wronskian


@dataclass(frozen=True)
class Evaluation:
    """One recorded evaluation: the time, the positions (Q, d), the velocities (Q, d).

    ``outside`` (Q,): p_t = 0, and the velocity is that of the nearest data point.
    """

    t: float
    x: Tensor
    velocity: Tensor
    outside: Tensor


class VectorField:
    """A vector field f_t(x) that counts its evaluations.

    ``nfe`` is the number of evaluations since the last ``reset``; ``outside`` has for each the mask
    of the positions with p_t = 0; ``evaluations``, if recorded.

    Args:
        d: the dimension.
        schedule: of the family x = α x₀ + σ x₁; None for other families.
        divergence: whether positions have ℓ as a last coordinate.
    """

    def __init__(self, d: int, schedule: Schedule | None, divergence: bool = False) -> None:
        self.d = d
        self.affine = schedule is not None
        self.schedule = schedule or Linear()
        self.divergence = divergence
        self._at: dict[float, ScheduleAt[float]] = {
            0.0: ScheduleAt(1.0, 0.0, 0.0, math.nan, math.nan, 1.0, 0.0, -math.inf)
        }
        self._halfway: dict[tuple[float, float], float] = {}
        self.reset()

    def reset(self, record: bool = False) -> None:
        """Reset the counters."""
        self.nfe = 0
        self.outside: list[Tensor] = []
        self.evaluations: list[Evaluation] | None = [] if record else None

    # ------------------------------------------------------------------ evaluations

    def velocity(self, x: Tensor, t: Time) -> Tensor:
        """f_t(x), one evaluation; t in (0, 1]. With divergence (…, d + 1), like x."""
        velocity, outside = self._velocity(x, t)
        self._count(x, t, outside, lambda: velocity)
        return velocity

    def data_prediction(self, x: Tensor, t: Time) -> Tensor:
        """D_t(x), one evaluation; t in (0, 1]. With divergence (…, d + 1), like x."""
        prediction, outside = self._data_prediction(x, t)
        self._count(x, t, outside, lambda: self._velocity_from(x, t, prediction))
        return prediction

    def _velocity(self, x: Tensor, t: Time) -> tuple[Tensor, Tensor]:
        """f_t(x) like x, and the mask p_t = 0, without the last axis."""
        raise NotImplementedError

    def _data_prediction(self, x: Tensor, t: Time) -> tuple[Tensor, Tensor]:
        velocity, outside = self._velocity(x, t)
        at = self.at(t, x)
        prediction = at.data_prediction(x, velocity)
        if self.divergence:
            gain = at.sigma_rate * self.d - at.sigma * velocity[..., -1:]
            prediction[..., -1:] = at.scale * gain / at.wronskian
        return prediction, outside

    def _velocity_from(self, x: Tensor, t: Time, prediction: Tensor) -> Tensor:
        at = self.at(t, x)
        velocity = at.velocity(x, prediction)
        if self.divergence:
            # ∇ₓ·f = (σ̇/σ) d - (wronskian/σ) ∇ₓ·D, and ∇ₓ·D is ∇·D over the scale.
            slope = at.wronskian / at.sigma / at.scale
            velocity[..., -1:] = at.sigma_rate / at.sigma * self.d - slope * prediction[..., -1:]
        return velocity

    def _count(self, x: Tensor, t: Time, outside: Tensor, velocity: Callable[[], Tensor]) -> None:
        self.nfe += 1
        self.outside.append(outside)
        if self.evaluations is not None and isinstance(t, float):
            self.evaluations.append(Evaluation(t, x, velocity(), outside))

    # ------------------------------------------------------------------ the schedule

    def at(self, t: Time, like: Tensor) -> ScheduleAt[Any]:
        """The schedule at t in [0, 1], as numbers or as columns like a tensor."""
        if isinstance(t, tuple):
            self.prepare(t)
            rows = like.new_tensor([self._at[time] for time in t])
            return ScheduleAt(*rows[..., None, None].unbind(1))
        if t not in self._at:
            self.prepare((t,))
        return self._at[t]

    def prepare(self, times: Iterable[float]) -> None:
        """Evaluate the schedule at many times at once, as the cost is mostly that of a call."""
        new = sorted({t for t in times if t > 0.0 and t not in self._at})
        if new:
            rows = _schedule_rows(self.schedule, torch.tensor(new, dtype=torch.float64))
            self._at.update((t, ScheduleAt(*row)) for t, row in zip(new, rows, strict=True))

    def halfway(self, t0: float, t1: float) -> float:
        """The midpoint of t0 and t1 in log u; for t1 = 0 the time with half of u."""
        if (t0, t1) not in self._halfway:
            self.prepare_halfway((t0, t1))
        return self._halfway[t0, t1]

    def prepare_halfway(self, times: Sequence[float]) -> None:
        """Compute `halfway` of many steps at once, and the schedule there."""
        self.prepare(times)
        u = torch.tensor(
            [self._at[t].sigma / self._at[t].scale for t in times], dtype=torch.float64
        )
        u0, u1 = u[:-1], u[1:]
        middle = torch.where(u1 > 0.0, (u0 * u1).sqrt(), 0.5 * u0)
        midpoints = self.schedule.time_of(middle).tolist()
        self._halfway.update(zip(pairwise(times), midpoints, strict=True))
        self.prepare(midpoints)

    def exponential_step(self, x: Tensor, t0: Time, t1: Time, prediction: Tensor) -> Tensor:
        """x_{t₁} = (σ₁/σ₀) x + (α₁ - α₀ σ₁/σ₀) D: exact while D is constant."""
        start, end = self.at(t0, x), self.at(t1, x)
        ratio = end.sigma / start.sigma
        x1 = ratio * x + (end.alpha - start.alpha * ratio) * prediction
        if self.divergence:
            gain = (end.log_u - start.log_u) * (self.d - prediction[..., -1:])
            x1[..., -1:] = x[..., -1:] + self.d * (end.log_scale - start.log_scale) + gain
        return x1


def _schedule_rows(schedule: Schedule, t: Tensor) -> list[list[float]]:
    """The fields of `ScheduleAt` at times (K,), with rates by (faster) reverse mode."""
    with torch.enable_grad():
        t = t.requires_grad_()
        curves = [curve + 0.0 * t for curve in schedule(t)]
        rates = [torch.autograd.grad(c.sum(), t, retain_graph=True)[0] for c in curves]
    t = t.detach()
    alpha, sigma = (curve.detach() for curve in curves)
    scale = alpha + sigma
    log_u = torch.log(sigma / scale)
    rows = [alpha, sigma, schedule.one_minus_alpha(t), *rates, scale, scale.log(), log_u]
    return torch.stack(rows, dim=1).tolist()
