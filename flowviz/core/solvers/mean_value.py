"""The mean-value method: one intermediate time for each step, fitted to exact trajectories.

By the mean value theorem a step from t₀ to t₁ is exact for one particle in d = 1 if the data
prediction is evaluated at the right time between them. That time differs between particles; this
module finds, step by step, the one that is best on average,

    s_k = argmin_s  Σ_q |x_q(s) - x_q(t_{k+1})|,

with x_q(s) the step of particle q from its numerical position, and x_q(t_{k+1}) its exact position:
so errors of earlier steps are corrected as far as possible. Distances are used instead of their
squares, which a few particles beside a separatrix would dominate. The particles must not be those
the method is evaluated on.

Source: Zhou et al., "Fast ODE-based sampling for diffusion models in around 5 steps" (AMED), 2023,
where a small network predicts the time; here it is found by a search.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor

from flowviz.core.solvers.steppers import node
from flowviz.core.solvers.vector_field import VectorField

_CANDIDATES = 12
_ROUNDS = 2


def fit_fractions(
    vector_field: VectorField, x: Tensor, exact: Tensor, times: tuple[float, ...]
) -> tuple[float, ...]:
    """The intermediate time of each step, as a fraction of the step.

    Args:
        vector_field: that will be integrated.
        x: calibration particles at times[0], (M, d).
        exact: their positions at the later times, (M, len(times) - 1, d).
        times: of the steps.
    """
    fractions = []
    for k, (t0, t1) in enumerate(pairwise(times)):
        fraction, x = _exponential(vector_field, x, exact[:, k], t0, t1)
        fractions.append(fraction)
    return tuple(fractions)


def _exponential(
    vector_field: VectorField, x: Tensor, goal: Tensor, t0: float, t1: float
) -> tuple[float, Tensor]:
    """The best fraction of one exponential step, and the end of that step."""
    first = vector_field.data_prediction(x, t0)

    def ends(fractions: tuple[float, ...]) -> Tensor:
        middles = tuple(node(t0, t1, fraction) for fraction in fractions)
        x_middle = vector_field.exponential_step(x, t0, middles, first)
        prediction = vector_field.data_prediction(x_middle, middles)
        return vector_field.exponential_step(x, t0, t1, prediction)

    return best_fraction(ends, goal)


def best_fraction(
    ends: Callable[[tuple[float, ...]], Tensor], goal: Tensor
) -> tuple[float, Tensor]:
    """The fraction of a step whose ends are nearest to their goals on average, and these ends.

    By a search over a grid of fractions, refined once between the neighbours of the best.

    Args:
        ends: K fractions -> where the step ends with each, (K, M, d).
        goal: where it should end, (M, d).
    """
    low, high, best, end = 0.0, 1.0, 0.5, goal
    for _ in range(_ROUNDS):
        width = (high - low) / _CANDIDATES
        fractions = tuple(low + (k + 0.5) * width for k in range(_CANDIDATES))
        found = ends(fractions)
        least = int(torch.linalg.vector_norm(found - goal, dim=-1).mean(-1).argmin())
        best, end = fractions[least], found[least]
        low, high = max(best - width, 0.0), min(best + width, 1.0)
    return best, end
