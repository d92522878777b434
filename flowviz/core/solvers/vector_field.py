"""What a solver steps along: a flow's velocity, its target, and the count of looks at it.

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

Looks are asked for, not called (``talks``). ``flows`` says what answers.
"""

from __future__ import annotations

import copy
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import torch
from torch import Tensor

from flowviz.core.schedules import Linear, Schedule
from flowviz.core.solvers.talks import Answer, Ask, Talk


@dataclass(frozen=True)
class Moment:
    """A schedule at one time, as numbers."""

    alpha: float
    sigma: float
    one_minus_alpha: float
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
    """One evaluation that was recorded: the time, the positions (Q, d), the velocities (Q, d).

    ``outside`` (Q,): where p_t = 0, and another velocity stands in.
    """

    t: float
    x: Tensor
    velocity: Tensor
    outside: Tensor


class Part(NamedTuple):
    """Places ``x`` (K, M, d), M at each of K ``times``."""

    x: Tensor
    times: list[float]


Seen = tuple[Tensor, Tensor]
"""Velocities or targets, (K, M, d), and (K, M) where there is none, and another stands in."""


class Flow:
    """A flow to step along.

    ``nfe`` counts evaluations; ``outside`` has for each a mask of the positions where p_t = 0.

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
        self.outside: list[Tensor] = []
        self.looks: list[Look] | None = None
        self._moments = {0.0: Moment(1.0, 0.0, 0.0)}
        self._rates: dict[float, Rates] = {}

    def fresh(self) -> Self:
        """The same flow with its counts at 0; what is known of it, both know."""
        other = copy.copy(self)
        other.nfe, other.outside, other.looks = 0, [], None
        return other

    # ------------------------------------------------------------------ the schedule

    def prepare(self, times: Iterable[float], rates: bool = False) -> None:
        """Ask the schedule about many times at once; its rates cost a differentiation."""
        asked = {t for t in times if t > 0.0}
        if new := sorted(t for t in asked if t not in self._moments):
            t = torch.tensor(new, dtype=torch.float64)
            rows = torch.stack(
                [*self.schedule(t), self.schedule.one_minus_alpha(t)], dim=1
            ).tolist()
            self._moments.update((t, Moment(*row)) for t, row in zip(new, rows, strict=True))
        if rates and (new := sorted(t for t in asked if t not in self._rates)):
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

    # ------------------------------------------------------------------ looks

    def velocity(self, x: Tensor, t: float) -> Talk[Tensor]:
        """f_t(x), one evaluation; t in (0, 1]. With divergence, x and the result are (Q, d + 1)."""
        value = yield from self._ask(x, t, aims=False)
        self._note(x, t, lambda: value)
        return value

    def count_outside(self, nfe: int) -> Tensor:
        """How many of the last ``nfe`` evaluations were outside, of each particle, (Q,)."""
        return torch.stack(self.outside[-nfe:]).sum(0)

    def target(self, x: Tensor, t: float) -> Talk[Tensor]:
        """D_t(x), one evaluation; t in (0, 1]."""
        value = yield from self._ask(x, t, aims=True)
        self._note(x, t, lambda: self._velocity_of(x[None], (t,), value[None])[0])
        return value

    def targets(self, x: Tensor, times: Sequence[float]) -> Talk[Tensor]:
        """D at several times, each for its own positions, (K, M, d); not counted."""
        return (yield Ask(x, tuple(times), aims=True)).value

    def _ask(self, x: Tensor, t: float, *, aims: bool) -> Talk[Tensor]:
        value, outside = yield Ask(x[None], (t,), aims)
        self.nfe += 1
        self.outside.append(outside[0])
        return value[0]

    def _note(self, x: Tensor, t: float, velocity: Callable[[], Tensor]) -> None:
        if self.looks is not None:
            self.looks.append(Look(t, x, velocity(), self.outside[-1]))

    def glide(self, x: Tensor, t: float, to: float, target: Tensor) -> Tensor:
        """Where x is at time ``to`` if its target stands still from t on; exact for one point."""
        here, there = self.moment(t), self.moment(to)
        ratio = there.sigma / here.sigma
        moved = ratio * x + (there.alpha - here.alpha * ratio) * target
        if not self.divergence:
            return moved
        scale = math.log(there.scale / here.scale)
        clock = math.log(ratio) - scale
        moved[..., -1] = x[..., -1] + self.d * scale + clock * (self.d - target[..., -1])
        return moved

    # ------------------------------------------------------------------ answers

    def answers(self, asks: Sequence[Ask]) -> list[Answer]:
        """All of them at once, those together that have as many places at a time."""
        alike: dict[int, list[int]] = defaultdict(list)
        for k, ask in enumerate(asks):
            alike[ask.x.shape[1]].append(k)
        parts = [_joined([asks[k] for k in which]) for which in alike.values()]
        self.prepare({t for part in parts for t in part.times})
        self.prepare({t for a in asks if a.aims is not self.direct for t in a.times}, rates=True)
        found: dict[int, Answer] = {}
        for which, (value, outside) in zip(alike.values(), self._see(parts), strict=True):
            sizes = [len(asks[k].times) for k in which]
            split = zip(which, value.split(sizes), outside.split(sizes), strict=True)
            found.update((k, Answer(own, beyond)) for k, own, beyond in split)
        return [self._turned(asks[k], found[k]) for k in range(len(asks))]

    def _see(self, parts: Sequence[Part]) -> list[Seen]:
        """What the flow knows by itself, targets if it is direct, of each part."""
        raise NotImplementedError

    def _turned(self, ask: Ask, answer: Answer) -> Answer:
        """The answer to what was asked, from what is known."""
        if ask.aims is self.direct:
            return answer
        turn = self._target_of if ask.aims else self._velocity_of
        return answer._replace(value=turn(ask.x, ask.times, answer.value))

    def _velocity_of(self, x: Tensor, times: Sequence[float], target: Tensor) -> Tensor:
        """f = (σ̇/σ)(x - D) + ((σ̇/σ)(1 - α) + α̇) D, which keeps the digits of x - D."""
        rows = []
        for at, rates in ((self.moment(t), self.rates(t)) for t in times):
            stretch = rates.sigma / at.sigma
            drift = stretch * at.one_minus_alpha + rates.alpha
            rows.append((stretch, drift, rates.wedge(at) / at.sigma / at.scale))
        stretch, drift, slope = columns(x, rows)
        value = stretch * (x - target) + drift * target
        if self.divergence:
            # ∇ₓ·f = (σ̇/σ) d - (wedge/σ) ∇ₓ·D, and ∇ₓ·D is ∇·D over the scale.
            value[..., -1:] = self.d * stretch - slope * target[..., -1:]
        return value

    def _target_of(self, x: Tensor, times: Sequence[float], velocity: Tensor) -> Tensor:
        rows = []
        for at, rates in ((self.moment(t), self.rates(t)) for t in times):
            rows.append((rates.sigma, at.sigma, rates.wedge(at), at.scale))
        growth, sigma, wedge, scale = columns(x, rows)
        value = (growth * x - sigma * velocity) / wedge
        if self.divergence:
            spread = growth * self.d - sigma * velocity[..., -1:]
            value[..., -1:] = scale * spread / wedge
        return value


def columns(like: Tensor, rows: Sequence[Sequence[float]]) -> tuple[Tensor, ...]:
    """Numbers of K times, one row each, as columns (K, 1, 1)."""
    return like.new_tensor(rows)[:, :, None, None].unbind(1)


def _joined(asks: list[Ask]) -> Part:
    return Part(torch.cat([ask.x for ask in asks]), [t for ask in asks for t in ask.times])


def _slopes(schedule: Schedule, t: Tensor) -> list[list[float]]:
    """(α̇, σ̇) at every time, backwards: for a few numbers ten times faster than forwards."""
    with torch.enable_grad():
        t = t.requires_grad_()
        curves = [curve + 0.0 * t for curve in schedule(t)]
        slopes = [torch.autograd.grad(c.sum(), t, retain_graph=True)[0] for c in curves]
        return torch.stack(slopes, dim=1).tolist()
