"""Gravity: the one Green's function without a preferred direction of space and time (MATH §7).

With T in (0, ∞) the continuity equation says that u = (p, f p) has no divergence in (T, x) away
from x₀. If no direction is preferred, u points away from x₀ and depends on the distance alone,

    u = C (T, x - x₀)/R^a,     R² = T² + |x - x₀|²,     ∇·u = C (d + 1 - a)/R^a,

so that a = d + 1: the field of a point mass in d + 1 dimensions. C = Γ((d+1)/2)/π^((d+1)/2) gives
every slice T = const the mass 1. Then f = (x - x₀)/T, straight lines x = x₀ + T z, and z has
Student's t distribution with one degree of freedom, isotropic for d > 1.

Source: Su Jianlin, "Generative diffusion models (14): general steps for constructing ODEs, part 1"
(kexue.fm/archives/9370); Xu, Liu, Tegmark, Jaakkola, "Poisson flow generative models" (2022).
"""

from __future__ import annotations

import math

import torch
from scipy.integrate import quad
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers, as_positions, as_tensor
from flowviz.core.numerics.jacobians import value_jacobian
from flowviz.core.priors.base import require


def isotropic_field(position: Numbers, x0: Numbers, power: float) -> Tensor:
    """u = C (T, x - x₀)/R^a at positions (T, x), (Q, 1 + d) -> (Q, 1 + d).

    Args:
        position: times and positions, (Q, 1 + d).
        x0: the data point, (d,).
        power: the exponent a; d + 1 for gravity.
    """
    x0 = as_tensor("x0", x0)
    position = as_tensor("position", position)
    require(x0.dim() == 1, f"x0 must be (d,), got {tuple(x0.shape)}")
    away = position - torch.cat([x0.new_zeros(1), x0])
    return _constant(len(x0)) * away / away.norm(dim=-1, keepdim=True) ** power


def scaled_divergence(position: Numbers, x0: Numbers, power: float) -> Tensor:
    """∇·u R^a/C by automatic differentiation, (Q,): d + 1 - a. Arguments as `isotropic_field`."""
    x0 = as_tensor("x0", x0)
    position = as_tensor("position", position)
    _, jacobian = value_jacobian(lambda at: isotropic_field(at, x0, power), position)
    distance = (position - torch.cat([x0.new_zeros(1), x0])).norm(dim=-1)
    divergence = jacobian.diagonal(dim1=-2, dim2=-1).sum(-1)
    return divergence * distance**power / _constant(len(x0))


def slice_mass(d: int, time: float, power: float) -> float:
    """∫ u_T dx at one T, by quadrature over |x - x₀|; finite for a > d.

    Args:
        d: the dimension of x.
        time: T > 0.
        power: the exponent a > d.
    """
    require(time > 0.0, f"time must be greater than 0, got {time!r}")
    require(power > d, f"power must be greater than d = {d}, got {power!r}")
    sphere = 2.0 * math.pi ** (d / 2.0) / math.gamma(d / 2.0)

    def shell(r: float) -> float:
        return r ** (d - 1) * time / math.hypot(time, r) ** power

    near, far = quad(shell, 0.0, time)[0], quad(shell, time, math.inf)[0]
    return _constant(d) * sphere * (near + far)


def on_schedule(x: Numbers, x0: Numbers, t: float) -> Tensor:
    """log p_t(x|x₀) of gravity at t = T/(1 + T), lengths divided by 1 + T, (Q, d) -> (Q,).

    There the lines x₀ + T z are the straight lines (1 - t) x₀ + t x₁, with x₁ = z. 0 < t < 1.
    """
    require(0.0 < t < 1.0, f"t must lie in (0, 1), got {t!r}")
    x0 = as_tensor("x0", x0)
    x = as_positions(x, x0)
    time = t / (1.0 - t)
    there = (1.0 + time) * (x - (1.0 - t) * x0)  # from the mass, before division
    position = torch.cat([torch.full_like(there[:, :1], time), there], dim=1)
    field = isotropic_field(position, torch.zeros_like(x0), len(x0) + 1.0)
    return field[:, 0].log() + len(x0) * math.log1p(time)


def _constant(d: int) -> float:
    return math.gamma((d + 1) / 2.0) / math.pi ** ((d + 1) / 2.0)
