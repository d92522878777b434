"""A family x_t = α_t x₀ + σ_t x₁ + β_t as tables in time.

Such a family is the straight-line flow at the time u = σ/(α+σ), stretched by s = α+σ and shifted by
β (MATH §3.2): x_t = s x̂_u + β. In w = log t, in which powers of t are straight lines, the table has

    log u,   s,   β   and their rates   t d(log σ)/dt,   t ds/dt,   t dβ/dt.

At t = 1 the family is x₁ and needs no table; below `FIRST_T` there is none.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from flowviz.core.numerics.autodiff import elementwise_grad
from flowviz.core.numerics.chebyshev import Array, ChebyshevSeries, fit
from flowviz.core.paths import Path
from flowviz.core.paths.base import FAR_OUT
from flowviz.core.paths.implicit import ByInverse

FIRST_T = 1e-6
FUNCTIONS = 6
TOLERANCE = 4e-15
"""A shift by β or s counts in units of σ, which may be small."""


def straight_time(path: Path, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """u, s and β at times (T,) in (0, 1], of a family that is affine in x₀ and x₁."""
    alpha, sigma, shift = _coefficients(path, t)
    scale = alpha + sigma
    return sigma / scale, scale, shift


def tabulate(path: Path) -> ChebyshevSeries | None:
    """The table of a family that is affine in x₀ and x₁; None where it cannot be tabulated."""

    def values(w: Array) -> tuple[Array, Array]:
        t = torch.from_numpy(w).exp().clamp(max=1.0)
        (alpha, sigma, shift), rates = elementwise_grad(lambda s: _coefficients(path, s), t)
        scale = alpha + sigma
        columns = [
            torch.log(sigma / scale),
            scale,
            shift,
            t * rates[1] / sigma,
            t * (rates[0] + rates[1]),
            t * rates[2],
        ]
        return t.log().numpy(), torch.stack(columns, dim=1).numpy()

    return fit(values, (math.log(FIRST_T), 0.0), tolerance=(TOLERANCE, TOLERANCE))


def _coefficients(path: Path, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """α, σ and β of d = 1, each of t's shape, (T,)."""
    schedule = path.affine_schedule
    if schedule is not None:
        alpha, sigma = schedule(t)
        return alpha, sigma, torch.zeros_like(t)
    zero = t.new_zeros(1, 1)
    far = zero + FAR_OUT
    if isinstance(path, ByInverse):  # x₁ = (x - α x₀ - β)/σ
        of_x, of_x0, constant = (
            path.inverse(*ends, t)[:, 0, 0] for ends in ((far, zero), (zero, far), (zero, zero))
        )
        sigma = FAR_OUT / of_x
        return -of_x0 * sigma / FAR_OUT, sigma, -constant * sigma
    of_x1, of_x0, constant = (
        path.forward(*ends, t)[:, 0, 0] for ends in ((far, zero), (zero, far), (zero, zero))
    )
    return of_x0 / FAR_OUT, of_x1 / FAR_OUT, constant
