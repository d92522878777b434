"""Noise with the same densities: a solver's steps with a stochastic part (MATH §8).

In generation, τ = 1 - t, the equation

    dx = [-f_t + (g²/2) ∇log p_t] dτ + g dW

has the densities p_t of the flow for every g(t) ≥ 0. Here g² = 2λσσ̇, which is 2λt for straight
lines and has no scale of its own. A step from t₀ to t₁ is split in two parts, each of which keeps
the densities:

    predictor   the solver's step along f
    corrector   Langevin steps at t₁, x + h ∇log p + √(2h) ξ, of total length λ(σ₀² - σ₁²)/2,
                each accepted or rejected so that p_t is kept exactly for any h (Metropolis)

The shares of the data points stay; which one a draw reaches changes. λ = 0 is the solver itself.
Where p₁ jumps the score lacks the delta functions at the jumps, and the densities are not kept.

Source: Song et al., "Score-based generative modeling through stochastic differential equations"
(2021), on predictor and corrector; Albergo, Boffi, Vanden-Eijnden, "Stochastic interpolants"
(2023), on noise of any size; Roberts and Tweedie (1996), on Langevin steps that may be rejected.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.arguments import Numbers, as_floats, as_tensor
from flowviz.core.priors.base import require
from flowviz.core.priors.random_source import Source
from flowviz.core.solvers.steppers import SOLVERS, Solution, Solver, State
from flowviz.core.solvers.vector_fields import vector_field_of
from flowviz.core.transport.policy import mode_width
from flowviz.core.transport.posterior_mean_ode import jumps

LONGEST = 0.2
"""The longest Langevin step, in units of (σ_t × the least width of a mode of the prior)²."""
MOST_NOISE = 100.0
_MOST_STEPS = 10_000


def solve_with_noise(
    field: MarginalField,
    x: Numbers,
    times: Numbers,
    noise: float,
    generator: torch.Generator | None = None,
    solver: Solver = SOLVERS["ddim"],
) -> Solution:
    """Solve the stochastic equation along given times.

    Args:
        field: an exact flow.
        x: positions at times[0], (Q, d).
        times: falling, in [0, 1]; 0 only last.
        noise: λ from 0 to 100.
        generator: of the noise.
        solver: a value of `SOLVERS`, for the predictor.

    Returns:
        The positions after each step; ``nfe`` counts velocities and scores.

    Raises:
        ValueError: for a prior whose density jumps, or bad noise or times.
    """
    x, times = as_tensor("x", x), as_floats(times, "times")
    require(0.0 <= noise <= MOST_NOISE, f"noise must lie in [0, {MOST_NOISE:g}], got {noise!r}")
    falls = all(a > b for a, b in pairwise(times))
    require(len(times) >= 2 and falls, f"times must fall, got {times!r}")
    require(times[0] <= 1.0 and times[-1] >= 0.0, f"times must lie in [0, 1], got {times!r}")
    require_score(field)
    source = Source(generator, x.dtype, x.device)
    vector_field = vector_field_of(field)
    vector_field.prepare(times)
    vector_field.reset()
    state, positions, scores = State(x), [x], 0
    for t0, t1 in pairwise(times):
        state = solver.step(vector_field, state, t0, t1)
        h, count = langevin_steps(field, t0, t1, noise)
        if count:
            state, scores = State(_langevin(field, state.x, t1, h, count, source)), scores + 1
            scores += count
        positions.append(state.x)
    outside = torch.stack(vector_field.outside).sum(0)
    return Solution(times, torch.stack(positions, dim=1), vector_field.nfe + scores, outside)


def has_score(field: MarginalField) -> bool:
    """Whether p_t has no jumps, so that the score determines it."""
    smooth = not jumps(field.prior) and not field.prior.has_singular_edges
    return smooth and field.conditional is None


def require_score(field: MarginalField) -> None:
    """Raise ValueError where p_t jumps, and with it the score does not determine p_t."""
    require(
        has_score(field),
        f"noise needs a density without jumps, got {field.prior!r} with {field.coupling!r}: "
        "at a jump the score is infinite",
    )


def langevin_steps(field: MarginalField, t0: float, t1: float, noise: float) -> tuple[float, int]:
    """The length h and the number of the corrector's steps at t₁; none at t₁ = 0, at the data."""
    if t1 == 0.0 or noise == 0.0:
        return 0.0, 0
    before, after = (_scale(field, t) for t in (t0, t1))
    total = 0.5 * noise * (before**2 - after**2)
    count = math.ceil(total / (LONGEST * (after * mode_width(field)) ** 2))
    require(
        count <= _MOST_STEPS,
        f"a step from {t0:g} to {t1:g} is too long for noise {noise:g}: it needs {count} parts",
    )
    return total / count, count


def _langevin(
    field: MarginalField, x: Tensor, t: float, h: float, count: int, source: Source
) -> Tensor:
    log_p, score = field.log_prob_and_score(x, t)
    for _ in range(count):
        ahead = x + h * score.nan_to_num(0.0) + math.sqrt(2.0 * h) * source.normal(*x.shape)
        log_q, back = field.log_prob_and_score(ahead, t)
        there, here = ahead - x - h * score, x - ahead - h * back
        gain = log_q - log_p + (there.square() - here.square()).sum(1) / (4.0 * h)
        accepted = source.uniform(len(x)).log() < gain  # False for NaN
        x, score = (torch.where(accepted[:, None], a, b) for a, b in ((ahead, x), (back, score)))
        log_p = torch.where(accepted, log_q, log_p)
    return x


def _scale(field: MarginalField, t: float) -> float:
    """σ_t; t for families without a schedule."""
    schedule = field.path.affine_schedule
    return t if schedule is None else float(schedule(torch.tensor(t, dtype=torch.float64))[1])
