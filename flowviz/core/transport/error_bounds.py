"""What the flow makes of the errors of steps: how far off a trajectory may be in the end.

A step of dz/dv = D errs by some δ, of which only the size is known, |δ| ≤ ε. From then on the flow
carries δ along, as it does every small distance between neighbours,

    dδ/dv = A δ,     A = ∂D/∂z,

so it grows where the flow parts: beside a border of two basins, a thousandfold. An ellipse
{δ: δᵀP⁻¹δ ≤ 1} that holds all errors made so far becomes M P Mᵀ over a step, M = exp(hA), and with
those of the step lies in

    P' = (1 + β) M P Mᵀ + (1 + 1/β) ε² I,     β = ε √d / √tr(M P Mᵀ),

the smallest such ellipse: the sizes √tr P add up, but each error is stretched only in its own
direction. Where D jumps, as a free end passes an edge, small distances jump as well, by

    I + (D₊ - D₋) nᵀ / (n·(D₋ - x₀ᵢ)),

n the axis along which the edge is passed (``posterior_mean_ode``). A is taken by differences
halfway along each step: 1 + d evaluations of D beside its 12, but of all steps at once, for a tenth
of the time.

Source: F. C. Schweppe, "Recursive state estimation: unknown but bounded errors and system inputs",
IEEE Transactions on Automatic Control 13 (1968), for the sum of two ellipses.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from flowviz.core.numerics.ode.problem import Segment, Solution
from flowviz.core.transport.posterior_mean_ode import PosteriorMeanODE

_ASIDE = 1e-8
"""How far aside D is looked at for a difference, in units of the length on which it changes."""


def error_bound(
    ode: PosteriorMeanODE,
    solution: Solution,
    v: Tensor,
    unit: float,
    jumps: bool,
) -> Tensor:
    """How far off the positions may be, as far as the steps' own errors are right.

    Args:
        ode: D.
        solution: of dz/dv = D, with its steps.
        v: times, (T,).
        unit: the length on which D changes.
        jumps: whether D jumps where steps were cut.

    Returns:
        Errors of z at v, (Q, T).
    """
    q, d = solution.last.shape
    ellipse, extent = v.new_zeros(q, d, d), v.new_zeros(q)
    at = v.new_zeros(q, len(v))
    matrices = _carrying(ode, solution.legs, _ASIDE * unit, jumps)
    for leg, matrix in zip(solution.legs, matrices, strict=True):
        rows, start = leg.rows, leg.way.tau
        ellipse[rows], now = _joined(matrix @ ellipse[rows] @ matrix.mT, leg.error)
        most = torch.maximum(extent[rows], now)
        inside = (v > start[:, None]) & (v <= (start + leg.way.step)[:, None])
        at[rows] = torch.where(inside, most[:, None], at[rows])
        extent[rows] = now
    # Once a trajectory has settled nothing stretches its errors any more.
    at = torch.where(v > solution.tau[:, None], extent[:, None], at)
    unknown = ~solution.finished | ~extent.isfinite()
    return at.masked_fill_(unknown[:, None], torch.inf)


def _joined(carried: Tensor, error: Tensor) -> tuple[Tensor, Tensor]:
    """The ellipse (M, d, d) around the sum of one and a ball of this radius (M,), and its size."""
    d = carried.shape[-1]
    was, fresh = carried.diagonal(dim1=-2, dim2=-1).sum(-1).sqrt(), error * math.sqrt(d)
    size = was + fresh
    ball = torch.eye(d, dtype=error.dtype, device=error.device)
    # One of the two may be 0, and then counts for nothing.
    grown = carried * (size / was).nan_to_num(0.0, posinf=0.0)[:, None, None]
    return grown + (size * error / math.sqrt(d))[:, None, None] * ball, size


def _carrying(
    ode: PosteriorMeanODE, legs: list[Segment], aside: float, jumps: bool
) -> list[Tensor]:
    """What every step makes of small distances, (M, d, d) for each leg."""
    if not legs:
        return []
    half = 0.5 * torch.cat([leg.way.step for leg in legs])
    v = torch.cat([leg.way.tau for leg in legs]) + half
    z = torch.cat([leg.way.along(torch.full_like(leg.way.tau, 0.5)) for leg in legs])
    slope = _slope(ode, v, z, aside)
    if jumps:  # a difference across an edge is huge: that to the other side is not
        other = _slope(ode, v, z, -aside)
        slope = torch.where(other.abs() < slope.abs(), other, slope)
    matrix = torch.linalg.matrix_exp(slope * (2.0 * half)[:, None, None])
    if jumps:
        ends = torch.cat([leg.way.y + leg.way.parts[0] for leg in legs])
        matrix = ode.jump(v + half, ends, *torch.cat([leg.slopes for leg in legs], 1)) @ matrix
    return list(matrix.split([len(leg.rows) for leg in legs]))


def _slope(ode: PosteriorMeanODE, v: Tensor, z: Tensor, aside: float) -> Tensor:
    """∂D/∂z, (M, d, d): [m, j, k] that of D_j along axis k."""
    here, columns = ode(v, z), []
    for axis in range(z.shape[1]):
        beside = z.clone()
        beside[:, axis] += aside
        columns.append((ode(v, beside) - here) / aside)
    return torch.stack(columns, dim=-1)
