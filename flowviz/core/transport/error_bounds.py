"""Error propagation along the flow: how far off a trajectory may be at each time (MATH §3.13).

A step of dz/dv = D has an error δ of which only the size is known, |δ| ≤ ε. From then on the flow
carries δ along like every small distance between neighbours,

    dδ/dv = A δ,     A = ∂D/∂z,

so it grows where trajectories separate: a thousandfold beside a separatrix. An ellipsoid
{δ: δᵀP⁻¹δ ≤ 1} that contains all errors made so far becomes M P Mᵀ over a step, M = exp(hA), and
together with the error of the step it lies in

    P' = (1 + β) M P Mᵀ + (1 + 1/β) ε² I,     β = ε √d / √tr(M P Mᵀ),

the smallest such ellipsoid: the sizes √tr P add up, but each error grows only in its direction.
Where D jumps, as an endpoint crosses an edge, small distances jump as well, by

    I + (D₊ - D₋) nᵀ / (n·(D₋ - x₀ᵢ)),

n the axis along which the edge is crossed (``posterior_mean_ode``). A is taken by differences at
the middle of each step: 1 + d evaluations of D beside the step's 12, for all steps at once.

Source: F. C. Schweppe, "Recursive state estimation: unknown but bounded errors and system inputs",
IEEE Transactions on Automatic Control 13 (1968), for the sum of two ellipsoids.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from flowviz.core.numerics.ode.problem import Segment, Solution
from flowviz.core.transport.posterior_mean_ode import PosteriorMeanODE

_DIFFERENCE = 1e-8
"""Step of the differences for ∂D/∂z, in units of the length on which D changes."""


def error_bound(
    ode: PosteriorMeanODE,
    solution: Solution,
    v: Tensor,
    unit: float,
    jumps: bool,
) -> Tensor:
    """A bound on the errors of the positions, given the error estimates of the steps.

    Args:
        ode: D.
        solution: of dz/dv = D, with its segments.
        v: times, (T,).
        unit: the length on which D changes.
        jumps: whether D jumps where steps end at events.

    Returns:
        Errors of z at v, (Q, T).
    """
    q, d = solution.last.shape
    ellipsoid, size = v.new_zeros(q, d, d), v.new_zeros(q)
    bound = v.new_zeros(q, len(v))
    matrices = _propagators(ode, solution.segments, _DIFFERENCE * unit, jumps)
    for segment, matrix in zip(solution.segments, matrices, strict=True):
        rows, start, step = segment.rows, segment.interpolant.tau, segment.interpolant.step
        carried = matrix @ ellipsoid[rows] @ matrix.mT
        ellipsoid[rows], new_size = _sum_with_ball(carried, segment.error)
        largest = torch.maximum(size[rows], new_size)
        inside = (v > start[:, None]) & (v <= (start + step)[:, None])
        bound[rows] = torch.where(inside, largest[:, None], bound[rows])
        size[rows] = new_size
    # Once a trajectory has settled D is constant, and so is its error.
    bound = torch.where(v > solution.tau[:, None], size[:, None], bound)
    unknown = ~solution.finished | ~size.isfinite()
    return bound.masked_fill_(unknown[:, None], torch.inf)


def _sum_with_ball(matrix: Tensor, radius: Tensor) -> tuple[Tensor, Tensor]:
    """The ellipsoid (M, d, d) around the sum of one and a ball of radius (M,), and its size."""
    d = matrix.shape[-1]
    size, ball_size = matrix.diagonal(dim1=-2, dim2=-1).sum(-1).sqrt(), radius * math.sqrt(d)
    total = size + ball_size
    identity = torch.eye(d, dtype=radius.dtype, device=radius.device)
    # A size of 0 contributes nothing: 0/0 is 0 here.
    grown = matrix * (total / size).nan_to_num(0.0, posinf=0.0)[:, None, None]
    return grown + (total * radius / math.sqrt(d))[:, None, None] * identity, total


def _propagators(
    ode: PosteriorMeanODE, segments: list[Segment], difference: float, jumps: bool
) -> list[Tensor]:
    """The Jacobian of the flow over every step, (M, d, d) for each segment."""
    if not segments:
        return []
    steps = [segment.interpolant for segment in segments]
    half = 0.5 * torch.cat([s.step for s in steps])
    v = torch.cat([s.tau for s in steps]) + half
    z = torch.cat([s.evaluate(torch.full_like(s.tau, 0.5)) for s in steps])
    jacobian = _jacobian(ode, v, z, difference)
    if jumps:  # a difference across an edge is huge: the one to the other side is not
        other = _jacobian(ode, v, z, -difference)
        jacobian = torch.where(other.abs() < jacobian.abs(), other, jacobian)
    matrix = torch.linalg.matrix_exp(jacobian * (2.0 * half)[:, None, None])
    if jumps:
        ends = torch.cat([s.y + s.coefficients[0] for s in steps])
        slopes = torch.cat([segment.slopes for segment in segments], 1)
        matrix = ode.jump(v + half, ends, *slopes) @ matrix
    return list(matrix.split([len(segment.rows) for segment in segments]))


def _jacobian(ode: PosteriorMeanODE, v: Tensor, z: Tensor, difference: float) -> Tensor:
    """∂D/∂z, (M, d, d): [m, j, k] that of D_j along axis k."""
    here, columns = ode(v, z), []
    for axis in range(z.shape[1]):
        beside = z.clone()
        beside[:, axis] += difference
        columns.append((ode(v, beside) - here) / difference)
    return torch.stack(columns, dim=-1)
