"""The mean-value method: one intermediate time a step, fitted to exact trajectories.

By the mean value theorem a step from t to t' is exact for one particle on a line if the target is
looked up at the right time between them. No one time is right for all particles; this module finds,
step by step, the one that is best on average,

    s_k = argmin_s  Σ_q |x_q(s) - x_q(t_{k+1})|,

with x_q(s) the step of particle q from where the method itself has brought it, and x_q(t_{k+1})
its exact position: what earlier steps missed is repaired as far as it can be. Distances and not
their squares: those few particles that are at a border between two basins would have all the say.
The particles it is fitted to must not be those it is judged by.

Source: Zhou et al., "Fast ODE-based sampling for diffusion models in around 5 steps" (AMED), 2023,
where a small network predicts the time; with exact trajectories at hand a search does.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from flowviz.core.solvers import Leap, exponential_between, node
from flowviz.core.stepping.flows import Flow

_TRIED = 12
_ROUNDS = 2


def fit_shares(flow: Flow, x: Tensor, exact: Tensor, times: tuple[float, ...]) -> tuple[float, ...]:
    """How much of each step lies before its intermediate time.

    Args:
        flow: what will be walked along; what it counts here is not the walk's.
        x: training particles at times[0], (M, d).
        exact: where they are at the later times, (M, len(times) - 1, d).
        times: of the walk.
    """
    shares = []
    for k, (t, to) in enumerate(pairwise(times)):
        share = _best(flow, x, exact[:, k], t, to)
        x = exponential_between(flow, x, Leap(t, to, share))[0]
        shares.append(share)
    return tuple(shares)


def _best(flow: Flow, x: Tensor, goal: Tensor, t: float, to: float) -> float:
    """A search by shrinking: some shares, then as many between the neighbours of the best."""
    low, high = 0.0, 1.0
    best, first = 0.5, flow.target(x, t)
    for _ in range(_ROUNDS):
        width = (high - low) / _TRIED
        tried = [low + (k + 0.5) * width for k in range(_TRIED)]
        best = tried[int(_losses(flow, x, first, goal, (t, to), tried).argmin())]
        low, high = max(best - width, 0.0), min(best + width, 1.0)
    return best


def _losses(
    flow: Flow,
    x: Tensor,
    first: Tensor,
    goal: Tensor,
    ends: tuple[float, float],
    shares: list[float],
) -> Tensor:
    """Mean errors of one step, whose first look is known, with each of several times, together."""
    t, to = ends
    middles = [node(t, to, share) for share in shares]
    flow.prepare(middles, rates=not flow.direct)
    then = flow.targets(torch.stack([flow.glide(x, t, m, first) for m in middles]), middles)
    return torch.linalg.vector_norm(flow.glide(x, t, to, then) - goal, dim=-1).mean(-1)
