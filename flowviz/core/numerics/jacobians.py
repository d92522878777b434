"""How a map z ↦ g(z, t) of many points changes: value, Jacobian and rate in one batched pass.

Forward-mode differentiation carries one direction through a map. The d + 1 directions, each
coordinate and the time, are stacked on a new first axis and carried together: the cost is that of
one pass over d + 1 times the points, without one call for each.

Each value depends on its own point and time alone. So one pass backwards for each coordinate of the
values finds all derivatives, too; forwards every operation costs a tenth of a millisecond, and that
way is taken only where what is found must itself be differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.numerics.autodiff import backwards, differentiating, time_derivative

Map = Callable[[Tensor, Tensor], Tensor]
"""(z (..., d), t (..., 1, 1)) -> (..., d); further axes may come first."""


class ValueJacobianRate(NamedTuple):
    """``value`` (..., d), ``jacobian`` (..., d, d) with ∂value_i/∂z_j at [i, j], ``rate`` ∂/∂t."""

    value: Tensor
    jacobian: Tensor
    rate: Tensor


def value_jacobian_rate(function: Map, z: Tensor, t: Tensor) -> ValueJacobianRate:
    """The value, Jacobian and time rate of a map.

    Args:
        function: the map.
        z: where, (..., d).
        t: when, broadcasting against z.
    """
    if not differentiating() and not z.requires_grad and not t.requires_grad:
        return _change_backwards(function, z, t)
    d = z.shape[-1]
    eye = torch.eye(d + 1, dtype=z.dtype, device=z.device)
    axes = (1,) * (z.dim() - 1)
    along = eye[:, :d].reshape(d + 1, *axes, d)
    clock = eye[:, d].reshape(d + 1, *axes, 1)

    # One scalar moves everything, each row of the new first axis in its own direction.
    value, slopes = time_derivative(
        lambda s: function(z + s * along, t + s * clock), z.new_zeros(())
    )
    return ValueJacobianRate(value[0], slopes[:d].movedim(0, -1), slopes[d])


def _change_backwards(function: Map, z: Tensor, t: Tensor) -> ValueJacobianRate:
    at = z.detach().requires_grad_()
    when = t.detach().expand(*z.shape[:-1], 1).clone().requires_grad_()
    with backwards():
        value = function(at, when)
        if not value.requires_grad:  # a map that does not move
            return ValueJacobianRate(
                value, at.new_zeros(*z.shape, z.shape[-1]), torch.zeros_like(value)
            )
        rows = [
            torch.autograd.grad(part.sum(), (at, when), retain_graph=True, materialize_grads=True)
            for part in value.unbind(-1)
        ]
    slopes, rates = zip(*rows, strict=True)
    return ValueJacobianRate(value.detach(), torch.stack(slopes, dim=-2), torch.cat(rates, dim=-1))


def value_jacobian(function: Callable[[Tensor], Tensor], z: Tensor) -> tuple[Tensor, Tensor]:
    """(value (..., d), Jacobian (..., d, d)) of a map that is not moved in time."""
    d = z.shape[-1]
    along = torch.eye(d, dtype=z.dtype, device=z.device).reshape(d, *(1,) * (z.dim() - 1), d)
    value, slopes = time_derivative(lambda s: function(z + s * along), z.new_zeros(()))
    return value[0], slopes.movedim(0, -1)


def determinant(jacobian: Tensor) -> Tensor:
    """det of (..., d, d), written out on the line and in the plane, where it is hot."""
    match jacobian.shape[-1]:
        case 1:
            return jacobian[..., 0, 0]
        case 2:
            (a, b), (c, e) = (row.unbind(-1) for row in jacobian.unbind(-2))
            return a * e - b * c
        case _:
            return torch.linalg.det(jacobian)


def log_determinant(jacobian: Tensor) -> Tensor:
    """log|det| of (..., d, d); -inf where it is 0."""
    if jacobian.shape[-1] <= 2:
        return determinant(jacobian).abs().log()
    return torch.linalg.slogdet(jacobian).logabsdet


def solve(jacobian: Tensor, right: Tensor) -> Tensor:
    """J⁻¹ b for (..., d, d) and (..., d); not finite where J is singular."""
    match jacobian.shape[-1]:
        case 1:
            return right / jacobian[..., 0]
        case 2:
            (a, b), (c, e) = (row.unbind(-1) for row in jacobian.unbind(-2))
            u, v = right.unbind(-1)
            det = a * e - b * c
            return torch.stack([(e * u - b * v) / det, (a * v - c * u) / det], dim=-1)
        case _:
            return torch.linalg.solve_ex(jacobian, right[..., None]).result[..., 0]
