"""AMED: steps of two evaluations whose intermediate time and length are learned (MATH §8).

A step from t₀ to t₁ goes to the intermediate time s by Euler's method, and takes the velocity found
there for all of the step, as the midpoint method does with s in the middle and c = 1:

    x_s = x + (s - t₀) f_{t₀}(x),        x_{t₁} = x + c (t₁ - t₀) f_s(x_s).

s and c are those with the least mean distance from exact trajectories, Σ_q |x_q(t₁) - x*_q(t₁)|,
step by step, from numerical positions: so errors of earlier steps are corrected as far as possible.
For a given s the best c is a weighted median, found by reweighted least squares. By the mean value
theorem one trajectory in d = 1 has its own exact time with c = 1 (`mean_value_times`); one time for
all particles can only be near to it.

Source: Zhou, Chen, Wang, Chen, "Fast ODE-based sampling for diffusion models in around 5 steps"
(AMED, 2024, arXiv 2312.00094), where a small network predicts s and c; here both are searched for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from flowviz.core.solvers.mean_value import best_fraction
from flowviz.core.solvers.steppers import node
from flowviz.core.solvers.vector_field import VectorField

_REWEIGHTINGS = 12
_SCALES = (0.0, 2.0)
"""Where hardly anything moves, or the velocity jumps, the best scale is of no use elsewhere."""


@dataclass(frozen=True)
class LearnedStep:
    """A step's intermediate time, as a ``fraction`` of the step, and its ``scale`` c."""

    fraction: float = 0.5
    scale: float = 1.0


def learn_steps(
    vector_field: VectorField, x: Tensor, exact: Tensor, times: tuple[float, ...]
) -> tuple[LearnedStep, ...]:
    """The learned intermediate time and scale of each step.

    Args:
        vector_field: that will be integrated.
        x: particles at times[0], (M, d); not those on which the method is evaluated.
        exact: their positions at the later times, (M, len(times) - 1, d).
        times: of the steps.
    """
    steps = []
    for k, (t0, t1) in enumerate(pairwise(times)):
        step, x = _learned(vector_field, x, exact[:, k], t0, t1)
        steps.append(step)
    return tuple(steps)


def solve_learned(
    vector_field: VectorField, x: Tensor, times: tuple[float, ...], steps: Sequence[LearnedStep]
) -> Tensor:
    """Numerical trajectories with learned steps, (Q, d) -> (Q, len(times), d)."""
    found = [x]
    for (t0, t1), step in zip(pairwise(times), steps, strict=True):
        first = vector_field.velocity(found[-1], t0)
        moved = _moves(vector_field, found[-1], first, t0, t1, (step.fraction,))[0]
        found.append(found[-1] + step.scale * moved)
    return torch.stack(found, dim=1)


def _learned(
    vector_field: VectorField, x: Tensor, goal: Tensor, t0: float, t1: float
) -> tuple[LearnedStep, Tensor]:
    first, wanted = vector_field.velocity(x, t0), goal - x

    def moves(fractions: tuple[float, ...]) -> tuple[Tensor, Tensor]:
        moved = _moves(vector_field, x, first, t0, t1, fractions)
        return moved, _scales(moved, wanted)

    def ends(fractions: tuple[float, ...]) -> Tensor:
        moved, scales = moves(fractions)
        return x + scales[:, None, None] * moved

    fraction, end = best_fraction(ends, goal)
    return LearnedStep(fraction, float(moves((fraction,))[1])), end


def _moves(
    vector_field: VectorField,
    x: Tensor,
    first: Tensor,
    t0: float,
    t1: float,
    fractions: tuple[float, ...],
) -> Tensor:
    """(t₁ - t₀) f at each intermediate time, after an Euler step to it, (K, Q, d)."""
    middles = tuple(node(t0, t1, fraction) for fraction in fractions)
    along = x.new_tensor([middle - t0 for middle in middles])[:, None, None]
    return (t1 - t0) * vector_field.velocity(x + along * first, middles)


def _scales(moves: Tensor, wanted: Tensor) -> Tensor:
    """argmin_c Σ_q |c m_q - w_q| for each of K moves (K, M, d), (K,), within bounds.

    1 where nothing moves.
    """
    weight = torch.ones_like(moves[..., :1])
    scale = moves.new_ones(len(moves))
    for _ in range(_REWEIGHTINGS):
        size = (weight * moves * moves).sum((1, 2))
        scale = torch.where(size > 0, (weight * moves * wanted).sum((1, 2)) / size, 1.0)
        scale = scale.clamp(*_SCALES)
        apart = (scale[:, None, None] * moves - wanted).norm(dim=-1, keepdim=True)
        smallest = 1e-9 * apart.amax((1, 2), keepdim=True).clamp(min=1e-300)
        weight = 1.0 / torch.maximum(apart, smallest)
    return scale
