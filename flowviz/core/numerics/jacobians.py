"""Value, Jacobian and time derivative of a map z ↦ g(z, t) at many points, in one batched pass.

Forward mode carries one direction through a map. The d + 1 directions, each coordinate and the
time, are stacked on a new first axis: the cost is that of one pass over d + 1 times the points.

Each value depends on one point and one time only. So one reverse pass for each coordinate of the
values gives all derivatives as well. In forward mode every operation costs 0.1 ms, so it is used
only where the result must itself be differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.numerics.autodiff import differentiating, reverse_mode, time_derivative

Map = Callable[[Tensor, Tensor], Tensor]
"""(z (..., d), t (..., 1, 1)) -> (..., d); both may have more leading axes."""


class ValueJacobianRate(NamedTuple):
    """``value`` (..., d), ``jacobian`` (..., d, d) with ∂value_i/∂z_j at [i, j], ``rate`` ∂/∂t."""

    value: Tensor
    jacobian: Tensor
    rate: Tensor


def value_jacobian_rate(function: Map, z: Tensor, t: Tensor) -> ValueJacobianRate:
    """The value, Jacobian and time derivative of a map.

    Args:
        function: the map.
        z: positions, (..., d).
        t: times, broadcasting against z.
    """
    if not differentiating() and not z.requires_grad and not t.requires_grad:
        return _by_reverse_mode(function, z, t)
    d = z.shape[-1]
    eye = torch.eye(d + 1, dtype=z.dtype, device=z.device)
    axes = (1,) * (z.dim() - 1)
    dz = eye[:, :d].reshape(d + 1, *axes, d)
    dt = eye[:, d].reshape(d + 1, *axes, 1)

    # The derivative in one scalar s: each row of the new first axis moves in its own direction.
    value, slopes = time_derivative(lambda s: function(z + s * dz, t + s * dt), z.new_zeros(()))
    return ValueJacobianRate(value[0], slopes[:d].movedim(0, -1), slopes[d])


def _by_reverse_mode(function: Map, z: Tensor, t: Tensor) -> ValueJacobianRate:
    z_leaf = z.detach().requires_grad_()
    t_leaf = t.detach().expand(*z.shape[:-1], 1).clone().requires_grad_()
    with reverse_mode():
        value = function(z_leaf, t_leaf)
        if not value.requires_grad:  # a constant map
            return ValueJacobianRate(
                value, z_leaf.new_zeros(*z.shape, z.shape[-1]), torch.zeros_like(value)
            )
        rows = [
            torch.autograd.grad(
                component.sum(), (z_leaf, t_leaf), retain_graph=True, materialize_grads=True
            )
            for component in value.unbind(-1)
        ]
    slopes, rates = zip(*rows, strict=True)
    return ValueJacobianRate(value.detach(), torch.stack(slopes, dim=-2), torch.cat(rates, dim=-1))


def value_jacobian(function: Callable[[Tensor], Tensor], z: Tensor) -> tuple[Tensor, Tensor]:
    """(value (..., d), Jacobian (..., d, d)) of a map that does not depend on time."""
    d = z.shape[-1]
    dz = torch.eye(d, dtype=z.dtype, device=z.device).reshape(d, *(1,) * (z.dim() - 1), d)
    value, slopes = time_derivative(lambda s: function(z + s * dz), z.new_zeros(()))
    return value[0], slopes.movedim(0, -1)


def determinant(jacobian: Tensor) -> Tensor:
    """det of (..., d, d); explicit for d ≤ 2, where it dominates the cost of a figure."""
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
