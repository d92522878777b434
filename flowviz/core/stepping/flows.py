"""A flow that a solver can step along: its velocity, its target, and the count of looks at it.

Solvers ask one of two questions of a flow x' = f_t(x), and each look costs one evaluation (NFE):

    velocity   f_t(x)
    target     D_t(x) = (σ̇ x - σ f)/(σ̇ α - σ α̇): where the flow is headed

For x = α x₀ + σ x₁ the target is the posterior mean (MATH §3.3), and while it stands still

    x_{t'} = (σ'/σ) x + (α' - α σ'/σ) D                                        (`Flow.glide`)

is exact: at t' = 0 it is D. Other families have no target of their own. They are stepped as if they
were straight lines, α = 1 - t and σ = t: D = x - t f is defined for every velocity, the equation in
s = log t reads dx/ds = x - D, and at t = 0 it has no singularity.

With ``divergence`` every position has one coordinate more, ℓ with ℓ' = ∇·f: the log of the volume a
drop of the flow gains. Velocities carry ∇·f there, and targets ∇·D in the coordinates x/(α+σ), of
which dℓ/d log u = d - ∇·D, u = σ/(α+σ). So every solver integrates the divergence by its own rule.

Where p_t(x) = 0 (beyond the reach of a compact prior) the exact flow has no velocity. A solver that
steps there gets the velocity of the data point whose part comes nearest; ``lost`` counts how often.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.likelihood import with_divergence
from flowviz.core.schedules import Linear, Schedule


class Velocity(Protocol):
    """A field of velocities: (x (Q, d), t a scalar or (Q,)) -> (Q, d); a network is one, too."""

    def __call__(self, x: Tensor, t: Tensor, /) -> Tensor: ...


@dataclass(frozen=True)
class Moment:
    """A schedule at one time, as numbers."""

    alpha: float
    sigma: float
    gone: float
    """1 - α."""

    @property
    def scale(self) -> float:
        """α + σ."""
        return self.alpha + self.sigma

    @property
    def clock(self) -> float:
        """log u = log σ/(α+σ), in which targets change slowly; -inf at t = 0."""
        return math.log(self.sigma / self.scale) if self.sigma > 0.0 else -math.inf


@dataclass(frozen=True)
class Rates:
    """How fast a schedule changes at one time: α̇ and σ̇."""

    alpha: float
    sigma: float

    def wedge(self, at: Moment) -> float:
        """σ̇α - σα̇ > 0: how fast signal and noise change places."""
        return self.sigma * at.alpha - at.sigma * self.alpha


@dataclass(frozen=True)
class Look:
    """One evaluation that was recorded: the time, the positions (Q, d), the velocities (Q, d)."""

    t: float
    x: Tensor
    velocity: Tensor


class Flow:
    """A flow to step along. Its ``nfe`` counts evaluations, ``lost`` positions without a velocity.

    Args:
        d: the dimension.
        schedule: of the family x = α x₀ + σ x₁; None for other families.
        divergence: positions carry ℓ as a last coordinate.
    """

    def __init__(self, d: int, schedule: Schedule | None, divergence: bool = False) -> None:
        self.d = d
        self.affine = schedule is not None
        self.schedule = schedule or Linear()
        self.divergence = divergence
        self.direct = False
        """Whether targets are what is known, so that no rates are needed for them."""
        self.nfe = 0
        self.lost = 0
        self.looks: list[Look] | None = None
        self._moments = {0.0: Moment(1.0, 0.0, 0.0)}
        self._rates: dict[float, Rates] = {}

    def prepare(self, times: Iterable[float], rates: bool = False) -> None:
        """Ask the schedule about many times at once; its rates cost a differentiation."""
        asked = set(times) - {0.0}
        if new := sorted(asked - self._moments.keys()):
            t = torch.tensor(new, dtype=torch.float64)
            rows = torch.stack([*self.schedule(t), self.schedule.gone(t)], dim=1).tolist()
            self._moments.update((t, Moment(*row)) for t, row in zip(new, rows, strict=True))
        if rates and (new := sorted(asked - self._rates.keys())):
            rows = _slopes(self.schedule, torch.tensor(new, dtype=torch.float64))
            self._rates.update((t, Rates(*row)) for t, row in zip(new, rows, strict=True))

    def moment(self, t: float) -> Moment:
        """The schedule at t in [0, 1]."""
        if t not in self._moments:
            self.prepare((t,))
        return self._moments[t]

    def rates(self, t: float) -> Rates:
        """The schedule's rates at t in (0, 1]."""
        if t not in self._rates:
            self.prepare((t,), rates=True)
        return self._rates[t]

    def halfway(self, times: Sequence[float]) -> tuple[float, ...]:
        """Half-way of each step in log u, as the share of the step before it; u/2, for one to 0."""
        u = torch.tensor([m.sigma / m.scale for m in map(self.moment, times)], dtype=torch.float64)
        here, there = u[:-1], u[1:]
        middle = self.schedule.time_of(
            torch.where(there > 0.0, (here * there).sqrt(), 0.5 * here)
        ).tolist()
        steps = zip(times, times[1:], middle, strict=False)
        return tuple((m - t) / (to - t) for t, to, m in steps)

    def velocity(self, x: Tensor, t: float) -> Tensor:
        """f_t(x), one evaluation; t in (0, 1]. With divergence, x and the result are (Q, d + 1)."""
        value = self._raw_velocity(x, t)
        self._note(x, t, value)
        return value

    def target(self, x: Tensor, t: float) -> Tensor:
        """D_t(x), one evaluation; t in (0, 1]."""
        value = self._raw_target(x, t)
        if self.looks is not None:
            self._note(x, t, self._velocity_of(x, t, value))
        else:
            self.nfe += 1
        return value

    def targets(self, x: Tensor, times: Sequence[float]) -> Tensor:
        """D at several times, each for its own positions, (K, M, d); not counted."""
        raise NotImplementedError

    def glide(self, x: Tensor, t: float, to: float, target: Tensor) -> Tensor:
        """Where x is at time ``to`` if its target stands still from t on; exact for one point."""
        here, there = self.moment(t), self.moment(to)
        ratio = there.sigma / here.sigma
        moved = ratio * x + (there.alpha - here.alpha * ratio) * target
        if not self.divergence:
            return moved
        scale = math.log(there.scale / here.scale)
        clock = math.log(ratio) - scale
        moved[:, -1] = x[:, -1] + self.d * scale + clock * (self.d - target[:, -1])
        return moved

    def _note(self, x: Tensor, t: float, velocity: Tensor) -> None:
        self.nfe += 1
        if self.looks is not None:
            self.looks.append(Look(t, x, velocity))

    def _raw_velocity(self, x: Tensor, t: float) -> Tensor:
        return self._velocity_of(x, t, self._raw_target(x, t))

    def _raw_target(self, x: Tensor, t: float) -> Tensor:
        return self._target_of(x, t, self._raw_velocity(x, t))

    def _velocity_of(self, x: Tensor, t: float, target: Tensor) -> Tensor:
        """f = (σ̇/σ)(x - D) + ((σ̇/σ)(1 - α) + α̇) D, which keeps the digits of x - D."""
        at, rates = self.moment(t), self.rates(t)
        stretch = rates.sigma / at.sigma
        value = stretch * (x - target) + (stretch * at.gone + rates.alpha) * target
        if self.divergence:
            # ∇ₓ·f = (σ̇/σ) d - (wedge/σ) ∇ₓ·D, and ∇ₓ·D is ∇·D over the scale.
            slope = rates.wedge(at) / at.sigma / at.scale
            value[:, -1] = self.d * stretch - slope * target[:, -1]
        return value

    def _target_of(self, x: Tensor, t: float, velocity: Tensor) -> Tensor:
        at, rates = self.moment(t), self.rates(t)
        wedge = rates.wedge(at)
        value = (rates.sigma * x - at.sigma * velocity) / wedge
        if self.divergence:
            spread = rates.sigma * self.d - at.sigma * velocity[:, -1]
            value[:, -1] = at.scale * spread / wedge
        return value


class LearnedFlow(Flow):
    """The flow of any velocity: a trained network, or a family that is not affine.

    Args:
        velocity: the field.
        d: the dimension.
        schedule: of the family it was trained on, if that is affine.
        divergence: positions carry ℓ as a last coordinate.
    """

    def __init__(
        self,
        velocity: Velocity,
        d: int,
        schedule: Schedule | None = None,
        divergence: bool = False,
    ) -> None:
        super().__init__(d, schedule, divergence)
        self._field = velocity

    def targets(self, x: Tensor, times: Sequence[float]) -> Tensor:
        at, rates = [self.moment(t) for t in times], [self.rates(t) for t in times]
        clock = x.new_tensor(list(times)).repeat_interleave(x.shape[1])
        velocity = self._field(x.reshape(-1, self.d), clock).reshape(x.shape)
        rows = zip(at, rates, strict=True)
        numbers = x.new_tensor([[r.sigma, a.sigma, r.wedge(a)] for a, r in rows])
        growth, sigma, wedge = numbers[:, :, None, None].unbind(1)
        return (growth * x - sigma * velocity) / wedge

    def _raw_velocity(self, x: Tensor, t: float) -> Tensor:
        time = torch.tensor(t, dtype=x.dtype)
        if not self.divergence:
            return self._field(x, time)
        value, spread = with_divergence(self._field, x[:, : self.d], time)
        return torch.cat([value, spread[:, None]], dim=1)


class ExactFlow(Flow):
    """The flow of an exact field x = α x₀ + σ x₁, by its posterior mean."""

    def __init__(self, field: MarginalField, divergence: bool = False) -> None:
        super().__init__(field.d, field.path.lens, divergence)
        self.direct = True
        self._denoiser = field.denoiser

    def targets(self, x: Tensor, times: Sequence[float]) -> Tensor:
        at = [self.moment(t) for t in times]
        rows = x.new_tensor([[m.alpha, m.sigma] for m in at]).repeat_interleave(x.shape[1], 0)
        flat = x.reshape(-1, self.d)
        return self._denoiser.pull(flat, rows[:, :1], rows[:, 1:]).reshape(x.shape)

    def _raw_target(self, x: Tensor, t: float) -> Tensor:
        at, place = self.moment(t), x[:, : self.d]
        alpha, sigma = (x.new_full((len(x), 1), v) for v in (at.alpha, at.sigma))
        if self.divergence:
            mean, spread = self._spreading(place, at)
        else:
            mean = self._denoiser(place, alpha, sigma)[1]
        lost = mean.isnan().any(-1)
        if bool(lost.any()):
            self.lost += int(lost.sum())
            mean[lost] = self._denoiser.nearest(place[lost], alpha[lost], sigma[lost])
        if not self.divergence:
            return mean
        # A target that stands in does not move with x.
        return torch.cat([mean, at.scale * spread.masked_fill(lost, 0.0)[:, None]], dim=1)

    def _spreading(self, x: Tensor, at: Moment) -> tuple[Tensor, Tensor]:
        """D and ∇ₓ·D = Σ r_i (x₀ᵢ - D)·∇log p₁(z_i)/σ, z_i = (x - α x₀ᵢ)/σ: (Q, d) and (Q,)."""
        x0, weights, prior = self._denoiser.x0, self._denoiser.weights, self._denoiser.prior
        with torch.enable_grad():
            free = ((x[:, None] - at.alpha * x0) / at.sigma).requires_grad_()
            log_p = prior.log_prob(free)
            # A flat prior's log-density does not move with x at all.
            moves = log_p.requires_grad
            score = torch.autograd.grad(log_p.sum(), free)[0] if moves else torch.zeros_like(free)
        share = torch.softmax(log_p.detach() + weights.log(), dim=1)
        mean = share @ x0
        # Where a share is 0 the score may have no value, and has no say.
        pull = torch.where(share > 0, ((x0 - mean[:, None]) * score).sum(-1), 0.0)
        return mean, (share * pull).sum(1) / at.sigma


def _slopes(schedule: Schedule, t: Tensor) -> list[list[float]]:
    """(α̇, σ̇) at every time, backwards: for a few numbers ten times faster than forwards."""
    with torch.enable_grad():
        t = t.requires_grad_()
        curves = [curve + 0.0 * t for curve in schedule(t)]
        slopes = [torch.autograd.grad(c.sum(), t, retain_graph=True)[0] for c in curves]
        return torch.stack(slopes, dim=1).tolist()


def flow_of(field: MarginalField, divergence: bool = False) -> Flow:
    """The flow of an exact field, whatever its family."""
    if field.path.lens is not None:
        return ExactFlow(field, divergence)

    def velocity(x: Tensor, t: Tensor) -> Tensor:
        return field.velocity_or_nearest(x, t.expand(len(x)).contiguous())

    return LearnedFlow(velocity, field.d, None, divergence)
