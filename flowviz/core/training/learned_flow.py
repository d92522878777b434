"""What a learned field does, beside the exact flow: its trajectories, samples and errors.

The learned equation dx/dt = v_θ(x, t) has no closed form. It is solved from t = 1 down by the
classical Runge-Kutta method with steps that are even in log t, as the flow near the data is a
contraction at the rate 1/t. The network was trained from t_min on; below it every trajectory goes
on straight with its last velocity, which on the straight-line path ends on the network's guess of
the data point, D = x - t v.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from itertools import pairwise

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.likelihood import Likelihood, log_prob, log_times, rk4
from flowviz.core.numerics.chunks import blocks
from flowviz.core.priors.base import require
from flowviz.core.training.progress import Chunks, drain, pairs_per_chunk
from flowviz.core.transport.result import require_unit

Velocity = Callable[[Tensor, Tensor], Tensor]
"""x (Q, d), t a scalar -> v(x, t), (Q, d)."""

STEPS = 100


def learned_trajectories(
    velocity: Velocity, x1: Tensor, times: Tensor, t_min: float = 1e-3, steps: int = STEPS
) -> Tensor:
    """Trajectories of a learned field from x₁ at t = 1, at the given times.

    Args:
        velocity: v_θ.
        x1: where they start, (Q, d).
        times: (T,), each in [0, 1], in any order.
        t_min: the earliest time the field was trained at; straight on from there.
        steps: between t = 1 and t_min, beside those that end at one of ``times``.

    Returns:
        x (Q, T, d).

    Raises:
        ValueError: for times outside [0, 1], or t_min outside (0, 1).
    """
    require(0.0 < t_min < 1.0, f"t_min must lie between 0 and 1, got {t_min!r}")
    require_unit(times)
    asked = times.to(torch.float64)
    nodes = torch.unique(torch.cat([log_times(t_min, steps), asked.clamp(min=t_min)]))
    at: dict[float, Tensor] = {}
    x = x1
    with torch.no_grad():
        at[1.0] = x
        for t, earlier in pairwise(nodes.flip(0)):
            x = rk4(velocity, x, torch.stack([t, earlier]).to(x1))
            at[float(earlier)] = x
        last = velocity(x, torch.tensor(t_min).to(x1))
    rows = [at[float(t)] if t >= t_min else x + (float(t) - t_min) * last for t in asked]
    return torch.stack(rows, dim=1)


def generate(velocity: Velocity, x1: Tensor, t_min: float = 1e-3, steps: int = STEPS) -> Tensor:
    """The data points a learned field makes of x₁, (Q, d) -> (Q, d)."""
    return learned_trajectories(velocity, x1, torch.zeros(1), t_min, steps)[:, 0]


@dataclass(frozen=True)
class Difference:
    """A learned field beside the exact one on a tensor grid of times and positions.

    ``learned`` and ``exact``, velocities (T, X, 1) or (T, X, Y, 2), the exact NaN where p_t = 0;
    ``gap`` (T, X) or (T, X, Y), ‖v_θ - f_t‖; ``log_p`` of gap's shape.
    """

    learned: Tensor
    exact: Tensor
    gap: Tensor
    log_p: Tensor


def difference(
    velocity: Velocity, field: MarginalField, axes: tuple[Tensor, ...], t: Tensor
) -> Difference:
    """‖v_θ - f_t‖ on a grid; axes and t as for ``MarginalField.grid``, t within (0, 1]."""
    return drain(difference_in_chunks(velocity, field, axes, t))


def difference_in_chunks(
    velocity: Velocity, field: MarginalField, axes: tuple[Tensor, ...], t: Tensor
) -> Chunks[Difference]:
    """``difference`` in chunks: strips of the first axis."""
    first, *others = axes
    width = len(t) * math.prod(map(len, others)) * field.n
    strips = []
    for block in blocks(len(first), width, pairs_per_chunk(field)):
        strips.append(_difference(velocity, field, (first[block], *others), t))
        yield (block.stop - block.start) * width
    return Difference(
        *(torch.cat([vars(s)[f.name] for s in strips], 1) for f in fields(Difference))
    )


def _difference(
    velocity: Velocity, field: MarginalField, axes: tuple[Tensor, ...], t: Tensor
) -> Difference:
    grid = field.grid(axes, t)
    exact = grid.velocity[..., None] if field.d == 1 else grid.velocity
    places = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
    flat = places.reshape(-1, field.d)
    with torch.no_grad():
        rows = [velocity(flat, time).reshape(places.shape) for time in t]
    learned = torch.stack(rows)
    return Difference(learned, exact, (learned - exact).norm(dim=-1), grid.log_p)


def likelihood(
    velocity: Velocity, field: MarginalField, x: Tensor, t: float, steps: int = STEPS
) -> Likelihood:
    """log p_t(x) of the learned flow, by following x to the prior (module ``likelihood``).

    The exact one to show beside it is ``field.log_prob(x, t)``.

    Args:
        velocity: v_θ.
        field: gives the prior.
        x: (Q, d).
        t: in (0, 1), no earlier than the field was trained at.
        steps: of the integration.
    """
    with torch.no_grad():
        return log_prob(velocity, field.prior, x, log_times(t, steps))
