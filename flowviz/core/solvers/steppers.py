"""Walking a flow from the prior to the data in a few steps: nine solvers, each a line of data.

Two clocks. The Runge-Kutta methods step x' = f_t(x) as it stands; a tableau is all they are. The
exponential methods step the target: while D stands still the motion is known exactly,

    x_{t'} = (σ'/σ) x + (α' - α σ'/σ) D̄,

and they differ only in the D̄ they take for a step:

    exponential Euler (DDIM)    D at the step's start
    exponential midpoint        D half-way in log u, reached by exponential Euler (in the spirit
                                of DPM-Solver-2)
    exponential multistep       D at the start, extrapolated in log u through the step before
                                (Adams and Bashforth's idea; DPM-Solver++(2M) and DEIS)
    mean value                  D at one intermediate time, fitted for each step to exact
                                trajectories (in the spirit of AMED; module ``mean_value``)

For one data point D is that point, and every exponential method is exact in one step.

*At t = 0* the velocity has no value. A step to 0 by a method that would look there is an Euler
step, as in Karras et al.'s version of Heun's method; methods that look only inside need no such
rule. On the straight line α = 1 - t, σ = t, Euler's method and DDIM are one method.

Source: Song, Meng, Ermon, "DDIM", 2020; Lu et al., "DPM-Solver" and "DPM-Solver++", 2022; Zhang,
Chen, "DEIS", 2022; Zhou et al., "AMED: fast ODE-based sampling in around 5 steps", 2023.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import torch
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers, as_floats, as_tensor
from flowviz.core.priors.base import require
from flowviz.core.solvers import tableaux
from flowviz.core.solvers.tableaux import Tableau
from flowviz.core.solvers.talks import Talk, led
from flowviz.core.solvers.vector_field import Flow, Look

__all__ = ["SOLVERS", "Leap", "Solver", "Walk", "walk", "walking"]


@dataclass(frozen=True)
class Leap:
    """One step of time.

    ``t`` and ``to``; ``share``, how much of it lies before the intermediate time; ``past``, the
    time and the target of the step before, None for a first step.
    """

    t: float
    to: float
    share: float = 0.5
    past: tuple[float, Tensor] | None = None


Landing = tuple[Tensor, Tensor | None]
"""The position after a step, and the target it started with (for the next step to remember)."""
Step = Callable[[Flow, Tensor, Leap], Talk[Landing]]


def runge_kutta(tableau: Tableau) -> Step:
    """The step of a tableau; of Euler's, where the tableau looks at t = 0."""

    def step(flow: Flow, x: Tensor, leap: Leap) -> Talk[Landing]:
        used = tableaux.EULER if leap.to == 0.0 and tableau.looks_ahead else tableau
        h = leap.to - leap.t
        slopes: list[Tensor] = []
        for c, row in zip(used.c, used.a, strict=True):
            place = x + h * mix(row, slopes)
            slopes.append((yield from flow.velocity(place, node(leap.t, leap.to, c))))
        return x + h * mix(used.b, slopes), None

    return step


def node(t: float, to: float, share: float) -> float:
    """The time a share of the way from t to ``to``; exactly ``to`` at the end."""
    return to if share == 1.0 else t + share * (to - t)


def mix(weights: tuple[float, ...], slopes: list[Tensor]) -> Tensor | float:
    """Σ w_i k_i; 0 of nothing."""
    parts = [w * k for w, k in zip(weights, slopes, strict=True) if w != 0.0]
    return sum(parts[1:], parts[0]) if parts else 0.0


def exponential_euler(flow: Flow, x: Tensor, leap: Leap) -> Talk[Landing]:
    """DDIM: towards where the flow is headed now."""
    target = yield from flow.target(x, leap.t)
    return flow.glide(x, leap.t, leap.to, target), target


def exponential_between(flow: Flow, x: Tensor, leap: Leap) -> Talk[Landing]:
    """Towards where the flow is headed at an intermediate time, reached by exponential Euler."""
    middle = node(leap.t, leap.to, leap.share)
    first = yield from flow.target(x, leap.t)
    then = yield from flow.target(flow.glide(x, leap.t, middle, first), middle)
    return flow.glide(x, leap.t, leap.to, then), first


def exponential_multistep(flow: Flow, x: Tensor, leap: Leap) -> Talk[Landing]:
    """D extrapolated linearly in s = log u through two looks, one of them old.

    With D(τ) = D + m (τ - s) the solution of dy/ds = y - D(s) over a step of length h < 0 is that
    of a constant D̄ = D + m (1 + h - e^h)/(1 - e^h).
    """
    target = yield from flow.target(x, leap.t)
    if leap.past is None or leap.to == 0.0:  # in log u a step to 0 is endless
        return flow.glide(x, leap.t, leap.to, target), target
    before, old = leap.past
    here = flow.moment(leap.t).clock
    h = flow.moment(leap.to).clock - here
    slope = (target - old) / (here - flow.moment(before).clock)
    mean = target + slope * ((1.0 + h - math.exp(h)) / -math.expm1(h))
    return flow.glide(x, leap.t, leap.to, mean), target


@dataclass(frozen=True)
class Solver:
    """A method as data: a tableau, or one short step function.

    Args:
        order: its order of convergence on smooth flows.
        tableau: of a Runge-Kutta method; with an embedded one, it chooses its own steps.
        rule: of an exponential method.
        evaluations: of one step of the rule.
        fitted: whether the rule's intermediate times are fitted first.
    """

    order: int
    tableau: Tableau | None = None
    rule: Step | None = None
    evaluations: int = 0
    fitted: bool = False

    def __post_init__(self) -> None:
        require((self.tableau is None) != (self.rule is None), "a solver is a tableau or a rule")
        if self.tableau is not None:
            object.__setattr__(self, "evaluations", len(self.tableau.c))

    @property
    def exponential(self) -> bool:
        """Whether it steps the target, not the velocity."""
        return self.rule is not None

    @property
    def adaptive(self) -> bool:
        """Whether it chooses its own steps."""
        return self.tableau is not None and self.tableau.embedded is not None

    @property
    def step(self) -> Step:
        """One step of time."""
        return self.rule or runge_kutta(cast(Tableau, self.tableau))

    def cost(self, n: int, end: float = 0.0) -> int:
        """Evaluations for n given steps down to ``end``."""
        short = end == 0.0 and self.tableau is not None and self.tableau.looks_ahead
        return n * self.evaluations - (self.evaluations - 1 if short else 0)


SOLVERS: dict[str, Solver] = {
    "euler": Solver(1, tableaux.EULER),
    "midpoint": Solver(2, tableaux.MIDPOINT),
    "heun": Solver(2, tableaux.HEUN),
    "rk4": Solver(4, tableaux.RK4),
    "dopri5": Solver(5, tableaux.DORMAND_PRINCE),
    "ddim": Solver(1, rule=exponential_euler, evaluations=1),
    "dpm2": Solver(2, rule=exponential_between, evaluations=2),
    "multistep": Solver(2, rule=exponential_multistep, evaluations=1),
    "mean_value": Solver(2, rule=exponential_between, evaluations=2, fitted=True),
}


@dataclass(frozen=True)
class Walk:
    """What a solver did.

    ``t`` (K+1,) the times it stopped at; ``x`` (Q, K+1, d) where it was then; ``nfe``, evaluations
    each particle cost; ``outside`` (Q,), how many of them were where p_t = 0, beyond the reach of a
    compact prior; ``looks``, one tuple for each step, where it was asked to record them.
    """

    t: tuple[float, ...]
    x: Tensor
    nfe: int
    outside: Tensor
    looks: tuple[tuple[Look, ...], ...] = ()


def walking(
    solver: Solver,
    flow: Flow,
    x: Numbers,
    times: Numbers,
    shares: Numbers | None = None,
    record: bool = False,
) -> Talk[Walk]:
    """Walk a flow along given times.

    It asks, so that many may be led at once, each with a flow of its own to count.

    Args:
        solver: a value of `SOLVERS`; one that chooses its own steps is used with these instead.
        flow: what to walk along.
        x: positions at times[0], (Q, d), or (Q, d + 1) for a flow with divergence.
        times: falling or rising, in [0, 1]; 0 only last.
        shares: intermediate times, as shares of the steps; half-way in log u by default.
        record: keep every evaluation.

    Raises:
        ValueError: for times outside [0, 1], or shares that do not match them.
    """
    x, times = as_tensor("x", x), as_floats(times, "times")
    wide = flow.d + flow.divergence
    require(x.dim() == 2 and x.shape[1] == wide, f"x must be (Q, {wide}), got {tuple(x.shape)}")
    _require_times(times)
    shares = _shares(solver, flow, times) if shares is None else as_floats(shares, "shares")
    require(len(shares) == len(times) - 1, f"shares must be {len(times) - 1}, got {len(shares)}")
    flow.prepare(_asked(solver, times, shares), rates=not solver.exponential)
    before = flow.nfe
    past: tuple[float, Tensor] | None = None
    path, looks = [x], []
    for (t, to), share in zip(pairwise(times), shares, strict=True):
        flow.looks = [] if record else None
        x, target = yield from solver.step(flow, x, Leap(t, to, share, past))
        past = None if target is None else (t, target)
        path.append(x)
        looks.append(tuple(flow.looks or ()))
    flow.looks = None
    nfe = flow.nfe - before
    return Walk(times, torch.stack(path, dim=1), nfe, flow.count_outside(nfe), tuple(looks))


walk = led(walking)
"""`walking`, by itself."""


def _shares(solver: Solver, flow: Flow, times: tuple[float, ...]) -> tuple[float, ...]:
    if solver.rule is exponential_between:
        return flow.halfway(times)
    return (0.5,) * (len(times) - 1)


def _asked(solver: Solver, times: tuple[float, ...], shares: tuple[float, ...]) -> set[float]:
    """Times a walk will ask the schedule about: told at once, they cost one differentiation."""
    if solver.tableau is None:
        inner = {node(t, to, s) for (t, to), s in zip(pairwise(times), shares, strict=True)}
    else:
        inner = {node(t, to, c) for t, to in pairwise(times) for c in solver.tableau.c}
    return inner | set(times)


def _require_times(times: tuple[float, ...]) -> None:
    require(len(times) >= 2, f"a walk needs at least 2 times, got {len(times)}")
    require(all(0.0 <= t <= 1.0 for t in times), f"times must lie in [0, 1], got {times!r}")
    require(min(times[:-1]) > 0.0, f"only the last time may be 0, got {times!r}")
    rising = times[-1] > times[0]
    ordered = all((b > a) is rising and a != b for a, b in pairwise(times))
    require(ordered, f"times must all rise or all fall, got {times!r}")
