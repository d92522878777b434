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

from flowviz.core.solvers.steppers import node
from flowviz.core.solvers.talks import Talk
from flowviz.core.solvers.vector_field import Flow, columns

_TRIED = 12
_ROUNDS = 2


def fitting(
    flow: Flow, x: Tensor, exact: Tensor, times: tuple[float, ...]
) -> Talk[tuple[float, ...]]:
    """How much of each step lies before its intermediate time.

    Args:
        flow: what will be walked along; what it counts here is not the walk's.
        x: training particles at times[0], (M, d).
        exact: where they are at the later times, (M, len(times) - 1, d).
        times: of the walk.
    """
    shares = []
    for k, (t, to) in enumerate(pairwise(times)):
        share, x = yield from _best(flow, x, exact[:, k], t, to)
        shares.append(share)
    return tuple(shares)


def _best(flow: Flow, x: Tensor, goal: Tensor, t: float, to: float) -> Talk[tuple[float, Tensor]]:
    """A search by shrinking: some shares, then as many between the neighbours of the best.

    The best share of a step, and where that step leads.
    """
    low, high = 0.0, 1.0
    best, landing, first = 0.5, x, (yield from flow.target(x, t))
    for _ in range(_ROUNDS):
        width = (high - low) / _TRIED
        tried = [low + (k + 0.5) * width for k in range(_TRIED)]
        middles = [node(t, to, share) for share in tried]
        then = yield from flow.targets(_glides(flow, x, t, middles, first), middles)
        ends = flow.glide(x, t, to, then)
        least = int(torch.linalg.vector_norm(ends - goal, dim=-1).mean(-1).argmin())
        best, landing = tried[least], ends[least]
        low, high = max(best - width, 0.0), min(best + width, 1.0)
    return best, landing


def _glides(flow: Flow, x: Tensor, t: float, middles: list[float], target: Tensor) -> Tensor:
    """Where x glides to at several times, (K, M, d)."""
    flow.prepare(middles)
    here, moments = flow.moment(t), [flow.moment(m) for m in middles]
    ratio = [m.sigma / here.sigma for m in moments]
    rows = [(r, m.alpha - here.alpha * r) for r, m in zip(ratio, moments, strict=True)]
    keep, turn = columns(x, rows)
    return keep * x + turn * target
