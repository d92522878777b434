"""Nine solvers for x' = f_t(x), from the prior at t = 1 to the data at t = 0 in a few steps.

A step is a function ``step(vector_field, state, t0, t1)``. Runge-Kutta methods integrate the
velocity, and are given by a tableau. Exponential methods use the data prediction D: for constant
D = D̄ the solution is

    x_{t₁} = (σ₁/σ₀) x + (α₁ - α₀ σ₁/σ₀) D̄,

and they differ in D̄:

    exponential Euler (DDIM)    D at the step's start
    exponential midpoint        D at the midpoint in log u, after an exponential Euler step
                                (similar to DPM-Solver-2)
    exponential multistep       D at the start, extrapolated in log u through the step before
                                (as Adams-Bashforth; DPM-Solver++(2M) and DEIS)
    mean value                  D at one intermediate time, fitted for each step to exact
                                trajectories (similar to AMED; module ``mean_value``)

For one data point D is that point, and every exponential method is exact in one step.

*At t = 0* the velocity has no value. A step to 0 by a method that evaluates it there is replaced by
an Euler step, as in Karras et al.'s version of Heun's method. For straight lines α = 1 - t, σ = t
Euler's method and DDIM are the same.

Source: Song, Meng, Ermon, "DDIM", 2020; Lu et al., "DPM-Solver" and "DPM-Solver++", 2022; Zhang,
Chen, "DEIS", 2022; Zhou et al., "AMED: fast ODE-based sampling in around 5 steps", 2023.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers, as_floats, as_tensor
from flowviz.core.priors.base import require
from flowviz.core.solvers import tableaux
from flowviz.core.solvers.tableaux import Tableau
from flowviz.core.solvers.vector_field import Evaluation, VectorField

__all__ = ["SOLVERS", "Solution", "Solver", "State", "solve"]


@dataclass(frozen=True)
class State:
    """Positions ``x`` (Q, d); ``previous``, the time and the data prediction one step before."""

    x: Tensor
    previous: tuple[float, Tensor] | None = None


Step = Callable[[VectorField, State, float, float], State]
"""(vector field, state at t0, t0, t1) -> state at t1."""


def runge_kutta(tableau: Tableau) -> Step:
    """The step of a tableau; an Euler step where the tableau evaluates at t = 0."""

    def step(vector_field: VectorField, state: State, t0: float, t1: float) -> State:
        used = tableaux.EULER if t1 == 0.0 and tableau.evaluates_end else tableau
        h, slopes = t1 - t0, list[Tensor]()
        for c, row in zip(used.c, used.a, strict=True):
            x = state.x + h * combine(row, slopes)
            slopes.append(vector_field.velocity(x, node(t0, t1, c)))
        return State(state.x + h * combine(used.b, slopes))

    return step


def node(t0: float, t1: float, fraction: float) -> float:
    """The time at a fraction of the step; exactly t1 at its end."""
    return t1 if fraction == 1.0 else t0 + fraction * (t1 - t0)


def combine(weights: tuple[float, ...], slopes: list[Tensor]) -> Tensor | float:
    """Σ w_i k_i; 0 for an empty sum."""
    terms = [w * k for w, k in zip(weights, slopes, strict=True) if w != 0.0]
    return sum(terms[1:], terms[0]) if terms else 0.0


def exponential_euler(vector_field: VectorField, state: State, t0: float, t1: float) -> State:
    """DDIM: D at the step's start."""
    prediction = vector_field.data_prediction(state.x, t0)
    return State(vector_field.exponential_step(state.x, t0, t1, prediction))


def exponential_midpoint(vector_field: VectorField, state: State, t0: float, t1: float) -> State:
    """D at the midpoint in log u."""
    return exponential_through(vector_field, state, t0, t1, vector_field.halfway(t0, t1))


def exponential_through(
    vector_field: VectorField, state: State, t0: float, t1: float, middle: float
) -> State:
    """D at an intermediate time, after an exponential Euler step to it."""
    first = vector_field.data_prediction(state.x, t0)
    x = vector_field.exponential_step(state.x, t0, middle, first)
    prediction = vector_field.data_prediction(x, middle)
    return State(vector_field.exponential_step(state.x, t0, t1, prediction))


def exponential_multistep(vector_field: VectorField, state: State, t0: float, t1: float) -> State:
    """D extrapolated linearly in s = log u through its values here and one step before.

    With D(τ) = D + m (τ - s) the solution of dy/ds = y - D(s) over a step of length h < 0 is that
    of a constant D̄ = D + m (1 + h - e^h)/(1 - e^h).
    """
    prediction = mean = vector_field.data_prediction(state.x, t0)
    if state.previous is not None and t1 > 0.0:  # in log u a step to 0 is infinitely long
        t_before, previous = state.previous
        s_before, s0, s1 = (vector_field.at(t, state.x).log_u for t in (t_before, t0, t1))
        h, slope = s1 - s0, (prediction - previous) / (s0 - s_before)
        mean = prediction + slope * ((1.0 + h - math.exp(h)) / -math.expm1(h))
    return State(vector_field.exponential_step(state.x, t0, t1, mean), (t0, prediction))


@dataclass(frozen=True)
class Solver:
    """A method as data.

    Args:
        order: its order of convergence for smooth flows.
        evaluations: of one step.
        step: the step function.
        tableau: of a Runge-Kutta method; an embedded pair has step size control.
        fitted: whether each step's intermediate time is fitted first.
    """

    order: int
    evaluations: int
    step: Step
    tableau: Tableau | None = None
    fitted: bool = False

    @classmethod
    def of(cls, order: int, tableau: Tableau) -> Solver:
        """A Runge-Kutta method."""
        return cls(order, len(tableau.c), runge_kutta(tableau), tableau)

    @property
    def exponential(self) -> bool:
        """Whether it uses the data prediction, not the velocity."""
        return self.tableau is None

    @property
    def adaptive(self) -> bool:
        """Whether it has step size control."""
        return self.tableau is not None and self.tableau.embedded is not None

    def cost(self, n: int, end: float = 0.0) -> int:
        """Evaluations for n given steps down to ``end``."""
        short = end == 0.0 and self.tableau is not None and self.tableau.evaluates_end
        return n * self.evaluations - (self.evaluations - 1 if short else 0)


SOLVERS: dict[str, Solver] = {
    "euler": Solver.of(1, tableaux.EULER),
    "midpoint": Solver.of(2, tableaux.MIDPOINT),
    "heun": Solver.of(2, tableaux.HEUN),
    "rk4": Solver.of(4, tableaux.RK4),
    "dopri5": Solver.of(5, tableaux.DORMAND_PRINCE),
    "ddim": Solver(1, 1, exponential_euler),
    "dpm2": Solver(2, 2, exponential_midpoint),
    "multistep": Solver(2, 1, exponential_multistep),
    "mean_value": Solver(2, 2, exponential_midpoint, fitted=True),
}


@dataclass(frozen=True)
class Solution:
    """Numerical trajectories.

    ``t`` (K+1,) the times of the steps; ``x`` (Q, K+1, d) the positions; ``nfe``, evaluations for
    each particle; ``outside`` (Q,), how many of them were at p_t = 0, outside the support;
    ``evaluations``, one tuple for each step, if recorded.
    """

    t: tuple[float, ...]
    x: Tensor
    nfe: int
    outside: Tensor
    evaluations: tuple[tuple[Evaluation, ...], ...] = ()


def solve(
    solver: Solver,
    vector_field: VectorField,
    x: Numbers,
    times: Numbers,
    fractions: Numbers | None = None,
    record: bool = False,
) -> Solution:
    """Solve x' = f_t(x) along given times.

    Args:
        solver: a value of `SOLVERS`; an adaptive one is used without step size control.
        vector_field: to integrate; its counters are reset.
        x: positions at times[0], (Q, d), or (Q, d + 1) for a field with divergence.
        times: falling or rising, in [0, 1]; 0 only last.
        fractions: intermediate times of a `fitted` solver, as fractions of the steps; the midpoint
            in log u by default.
        record: whether to keep every evaluation.

    Raises:
        ValueError: for times outside [0, 1], or fractions that do not match them.
    """
    x, times = as_tensor("x", x), as_floats(times, "times")
    wide = vector_field.d + vector_field.divergence
    require(x.dim() == 2 and x.shape[1] == wide, f"x must be (Q, {wide}), got {tuple(x.shape)}")
    _require_times(times)
    middles = (
        None if fractions is None else _middles(solver, times, as_floats(fractions, "fractions"))
    )
    _prepare(solver, vector_field, times, middles)
    vector_field.reset(record)
    states, stops = [State(x)], [0]
    for k, (t0, t1) in enumerate(pairwise(times)):
        if middles is None:
            state = solver.step(vector_field, states[-1], t0, t1)
        else:
            state = exponential_through(vector_field, states[-1], t0, t1, middles[k])
        states.append(state)
        stops.append(vector_field.nfe)
    return Solution(
        times,
        torch.stack([state.x for state in states], dim=1),
        vector_field.nfe,
        torch.stack(vector_field.outside).sum(0),
        tuple(tuple((vector_field.evaluations or ())[a:b]) for a, b in pairwise(stops)),
    )


def _middles(
    solver: Solver, times: tuple[float, ...], fractions: tuple[float, ...]
) -> tuple[float, ...]:
    require(solver.fitted, "only a fitted solver takes fractions")
    require(
        len(fractions) == len(times) - 1,
        f"fractions must be {len(times) - 1}, got {len(fractions)}",
    )
    return tuple(node(t0, t1, f) for (t0, t1), f in zip(pairwise(times), fractions, strict=True))


def _prepare(
    solver: Solver,
    vector_field: VectorField,
    times: tuple[float, ...],
    middles: tuple[float, ...] | None,
) -> None:
    """Evaluate the schedule at all times at once, with one differentiation."""
    nodes = solver.tableau.c if solver.tableau else ()
    stages = {node(t0, t1, c) for t0, t1 in pairwise(times) for c in nodes}
    vector_field.prepare({*times, *stages, *(middles or ())})
    if solver.step is exponential_midpoint and middles is None:
        vector_field.prepare_halfway(times)


def _require_times(times: tuple[float, ...]) -> None:
    require(len(times) >= 2, f"a solver needs at least 2 times, got {len(times)}")
    require(all(0.0 <= t <= 1.0 for t in times), f"times must lie in [0, 1], got {times!r}")
    require(min(times[:-1]) > 0.0, f"only the last time may be 0, got {times!r}")
    rising = times[-1] > times[0]
    ordered = all((b > a) is rising and a != b for a, b in pairwise(times))
    require(ordered, f"times must all rise or all fall, got {times!r}")
