"""The density along a characteristic, from the velocity field alone (MATH §1).

Along a trajectory d log p/dt = -∇·f, so that from (x, t) to its end x₁ at t = 1

    log p_t(x|x₀) = log p₁(x₁) + ∫_t^1 ∇·f_s(x_s|x₀) ds.

In τ = log t the equation dx/dτ = t f_t(x|x₀) has no singularity at the data. It is solved by
collocation: the trajectory is a polynomial in τ that satisfies the equation at Chebyshev points,
found by Newton's method for all points and all trajectories at once, and the integral is that of a
polynomial. Each Newton step evaluates the field once for all of them, where a Runge-Kutta method
needs a thousand evaluations in sequence. The error is estimated from the last coefficients of the
polynomial; where it is too large, the interval is divided into pieces.

Source: Trefethen, Spectral Methods in MATLAB (2000), chapters 6 and 12.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers, as_float, as_positions, as_tensor
from flowviz.core.numerics.jacobians import value_jacobian
from flowviz.core.numerics.work import spend, within
from flowviz.core.paths.base import Path, pairs
from flowviz.core.priors.base import Prior, require

DEGREE = 24
PIECE_COUNTS = (1, 2, 4, 8, 16, 32)
"""Numbers of pieces, equally long in log t, that are tried until the error is small enough."""

_NEWTON_STEPS = 12
_CONVERGED = 1e-7
"""Relative step of Newton's method after which only rounding is left, as it squares the error."""
_CLOSE = 1e-4
"""Distance from x₀, in units of |x₀|, below which the error is relative to that of x₀ + z."""
_MAX_STALLS = 2
"""How often more pieces may fail to halve a finite error, as at a kink, before the last try."""
_AT_DATA, _OFFSET, _CORNER = 64 * torch.finfo(torch.float64).eps, 1e-6, 1e-3
"""Distances from x₀, in units of |x₀|, and relative difference of the divergence at a corner."""
_LAST = 3
"""Number of last coefficients of a polynomial that estimate its error."""
_COST, _FLOPS = 30.0, 30.0
"""Units of work for a coordinate of the field and its Jacobian; operations in a unit."""


@dataclass(frozen=True)
class Characteristic:
    """Densities by integration along trajectories from (x, t) to t = 1.

    ``log_p`` (Q,) the log-density at the start, ``x1`` (Q, d) the end, ``divergence_integral``
    (Q,), ``error`` (Q,) an estimate of the relative error. NaN, with an infinite error, where the
    integration failed.
    """

    log_p: Tensor
    x1: Tensor
    divergence_integral: Tensor
    error: Tensor


class CharacteristicCurve(NamedTuple):
    """Trajectories at the times ``t`` (K,), which increase from the start to 1.

    ``x`` (Q, K, d); ``divergence`` (Q, K) of the field there; ``divergence_integral`` (Q, K), over
    time from the start; ``error`` (Q,).
    """

    t: Tensor
    x: Tensor
    divergence: Tensor
    divergence_integral: Tensor
    error: Tensor


def velocity_and_jacobian(path: Path, x: Tensor, x0: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """f (Q, N, d) and ∂f/∂x (Q, N, d, d), in one pass."""
    x = pairs(x).expand(x.shape[0], *x0.shape)
    return value_jacobian(lambda z: path.velocity(z, x0, t), x)


def characteristic(
    path: Path,
    prior: Prior,
    x: Numbers,
    x0: Numbers,
    t: Numbers,
    rtol: float = 1e-10,
    budget: float = math.inf,
) -> Characteristic:
    """log p_t(x|x₀) by integration along characteristics, from the velocity field alone.

    Args:
        path: the family, one that ends at ψ_1 = x₁.
        prior: the distribution at t = 1.
        x: positions, (Q, d).
        x0: one data point, (1, d).
        t: the time, in (0, 1].
        rtol: bound on the last coefficients of a trajectory, relative to its size.
        budget: most units of work (``numerics.work``); errors are infinite beyond it.

    Raises:
        ValueError: for more than one data point, a time outside (0, 1], or a family whose
            trajectories end elsewhere.
    """
    x, x0, t = _validated(path, x, x0, t)
    end, integral = torch.full_like(x, torch.nan), torch.full_like(x[:, 0], torch.nan)
    error = torch.full_like(integral, torch.inf)
    stalls = torch.zeros_like(integral)
    with within(budget):
        for pieces in PIECE_COUNTS:
            todo = (~((error <= rtol) | (stalls >= _MAX_STALLS))).nonzero().squeeze(-1)
            if todo.numel() == 0:
                break
            curve = collocate(path, x[todo], x0, t, pieces)
            better = curve.error < error[todo]
            stalled = curve.error.isfinite() & (curve.error > 0.5 * error[todo])
            stalls[todo] = torch.where(stalled, stalls[todo] + 1.0, 0.0)
            rows = todo[better]
            end[rows], integral[rows] = curve.x[better, -1], curve.divergence_integral[better, -1]
            error[rows] = curve.error[better]
    corner = _at_corner(path, x, x0, t)
    integral, error = integral.masked_fill(corner, torch.nan), error.masked_fill(corner, torch.inf)
    return Characteristic(prior.log_prob(end) + integral, end, integral, error)


def _at_corner(path: Path, x: Tensor, x0: Tensor, t: float) -> Tensor:
    """Which positions equal x₀, if the divergence jumps there, (Q,)."""
    size = x0.abs().max()
    at_data = (x - x0).abs().amax(-1) <= _AT_DATA * size
    if not bool(at_data.any()):
        return at_data
    offset = _OFFSET * (size + t) * torch.tensor([[1.0], [-1.0]]).to(x0)
    jacobian = velocity_and_jacobian(path, x0 + offset, x0, x0.new_full((2,), t))[1]
    one, other = jacobian.diagonal(dim1=-2, dim2=-1).sum(-1)[:, 0]
    return at_data & ((one - other).abs() > _CORNER * (one.abs() + other.abs()))


def characteristic_curve(
    path: Path, x: Numbers, x0: Numbers, t: Numbers, rtol: float = 1e-10
) -> CharacteristicCurve:
    """One trajectory from (x, t) to t = 1, at all collocation points.

    Args:
        path: the family, one that ends at ψ_1 = x₁.
        x: the start, (1, d).
        x0: the data point, (1, d).
        t: the time of the start, in (0, 1].
        rtol: see ``characteristic``.

    Raises:
        ValueError: as ``characteristic`` does.
    """
    x, x0, t = _validated(path, x, x0, t)
    curves: list[CharacteristicCurve] = []
    for pieces in PIECE_COUNTS:
        curves.append(collocate(path, x, x0, t, pieces))
        if float(curves[-1].error) <= rtol:
            break
    return min(curves, key=lambda curve: float(curve.error))


def _validated(path: Path, x: Numbers, x0: Numbers, t: Numbers) -> tuple[Tensor, Tensor, float]:
    """Starts (Q, d), the data point (1, d) and the time, or an error that names the bad value."""
    x0, t = as_tensor("x0", x0), as_float(t, "t")
    x = as_positions(x, x0)
    require(
        x.dim() == 2 and x0.dim() == 2 and x.shape[1] == x0.shape[1],
        f"x must be (Q, d) and x0 (1, d), got {tuple(x.shape)} and {tuple(x0.shape)}",
    )
    require(x0.shape[0] == 1, f"a characteristic belongs to one data point, got {x0.shape[0]}")
    require(bool(x.isfinite().all()), f"x must be finite, got {x.tolist()!r}")
    require(0.0 < t <= 1.0, f"t must lie in (0, 1], got {t!r}")
    end = path.forward(x, x0, x.new_ones(()))[:, 0]
    require(
        bool(((end - x).abs() < 1e-6 * (1.0 + x.abs())).all()),
        "characteristics need a family that ends at ψ_1 = x1: there the density is the prior's",
    )
    return x, x0, t


def collocate(path: Path, x: Tensor, x0: Tensor, t: float, pieces: int) -> CharacteristicCurve:
    """Trajectories from (x, t) to t = 1 by ``pieces`` polynomials of degree ``DEGREE`` in log t."""
    node, _, antiderivative = (v.to(x) for v in _rule())
    # The unknown is z = x - x₀: near the data it is far smaller than the rounding of x.
    times, chords = [x.new_full((1,), t)], [(x - x0)[:, None]]
    divergences: list[Tensor] = []
    integrals, error = [x.new_zeros(x.shape[0], 1)], x.new_zeros(x.shape[0])
    ends = [math.log(t) * (1.0 - k / pieces) for k in range(pieces + 1)]
    for low, high in pairwise(ends):
        half = 0.5 * (high - low)
        s = torch.exp(low + half * (1.0 + node))
        z, divergence, last_step = _piece(path, chords[-1][:, -1], x0, s, half)
        rate = half * s * divergence
        times.append(s[1:])
        chords.append(z[:, 1:])
        divergences.append(divergence)
        integrals.append(integrals[-1][:, -1:] + (rate @ antiderivative.T)[:, 1:])
        truncation = (_growth(z, x0, s) * _truncation(z) / _size(z, x0)).amax(-1)
        truncation = truncation + _truncation(rate[..., None])[:, 0]
        error = error + torch.nan_to_num(last_step**2 + truncation, nan=torch.inf)
        if not bool(error.isfinite().any()):  # shorter pieces may converge
            break
    # The last point of a piece is the first of the next.
    values = [v[:, : DEGREE + (k == pieces - 1)] for k, v in enumerate(divergences)]
    x = x0 + torch.cat(chords, 1)
    return CharacteristicCurve(
        torch.cat(times), x, torch.cat(values, 1), torch.cat(integrals, 1), error
    )


def _piece(
    path: Path, start: Tensor, x0: Tensor, s: Tensor, half: float
) -> tuple[Tensor, Tensor, Tensor]:
    """One polynomial for each start: z (Q, K, d), ∇·f (Q, K), and Newton's last step (Q,).

    Newton's method starts from the straight line, which is exact for the linear family; for a
    family that is linear in x it converges in one step.
    """
    q, d = start.shape
    slope = _rule().slope.to(start)
    derivative = torch.kron(slope[1:, 1:], torch.eye(d).to(start))
    z = start[:, None] * (s / s[0])[:, None]
    size = start.new_full((q,), torch.inf)
    weight = (half * s)[:, None]
    for k in range(_NEWTON_STEPS):
        f, jacobian = _field(path, z, x0, s)
        residual = (slope @ z - weight * f)[:, 1:].reshape(q, -1, 1)
        spend(q, (DEGREE * d) ** 3 / _FLOPS)
        matrix = derivative - _block_diagonal((weight[..., None] * jacobian)[:, 1:])
        step = torch.linalg.solve_ex(matrix, residual).result.reshape(q, -1, d)
        z = torch.cat([z[:, :1], z[:, 1:] - step], 1)
        size = (step.abs().amax(1) / _size(z, x0)).amax(-1)
        # A large step after four iterations: no convergence, shorter pieces are needed.
        if not bool(((size > _CONVERGED) & (size < (torch.inf if k < 4 else 0.1))).any()):
            break
    _, jacobian = _field(path, z, x0, s)
    return z, jacobian.diagonal(dim1=-2, dim2=-1).sum(-1), size


def _size(z: Tensor, x0: Tensor) -> Tensor:
    """Scale for relative errors: largest |x - x₀| of each coordinate on a piece, (Q, d)."""
    largest = z.abs().amax(1)
    return largest + 1e-6 * largest.amax(-1, keepdim=True) + _CLOSE * x0.abs() + 1e-300


def _growth(z: Tensor, x0: Tensor, s: Tensor) -> Tensor:
    """Ratio of a coordinate's size on a piece to that at its start, (Q, d), at least 1."""
    size = _size(z, x0)
    least = 0.03 * float(s[0] / s[-1]) * size
    return size / torch.maximum(z[:, 0].abs(), least)


def _field(path: Path, z: Tensor, x0: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """f (Q, K, d) and ∂f/∂x (Q, K, d, d) at x₀ + z, z (Q, K, d), at times (K,)."""
    q, k, d = z.shape
    spend(q * k * d, _COST)
    f, jacobian = velocity_and_jacobian(path, (x0 + z).reshape(-1, d), x0, s.repeat(q))
    return f.reshape(q, k, d), jacobian.reshape(q, k, d, d)


def _block_diagonal(blocks: Tensor) -> Tensor:
    """(Q, K, d, d) as the blocks on the diagonal of (Q, K d, K d)."""
    q, k, d, _ = blocks.shape
    out = blocks.new_zeros(q, k, d, k, d)
    index = torch.arange(k, device=blocks.device)
    out[:, index, :, index] = blocks.movedim(1, 0)
    return out.reshape(q, k * d, k * d)


class _Rule(NamedTuple):
    """Chebyshev points on [-1, 1], rising, with differentiation and integration matrices.

    ``node`` (K,); ``slope`` (K, K), derivative of the polynomial through the values; ``integral``
    (K, K), its integral from -1 to each point.
    """

    node: Tensor
    slope: Tensor
    integral: Tensor


@lru_cache(maxsize=1)
def _rule() -> _Rule:
    k = np.arange(DEGREE + 1)
    node = -np.cos(np.pi * k / DEGREE)
    values = np.polynomial.chebyshev.chebvander(node, DEGREE)
    back = np.linalg.inv(values)
    eye = np.eye(DEGREE + 1)
    slopes = np.stack([_at(np.polynomial.chebyshev.chebder(e), node) for e in eye], 1)
    sums = np.stack([_at(np.polynomial.chebyshev.chebint(e, lbnd=-1), node) for e in eye], 1)
    return _Rule(*(torch.from_numpy(v) for v in (node, slopes @ back, sums @ back)))


@lru_cache(maxsize=1)
def _coefficients() -> Tensor:
    values = np.polynomial.chebyshev.chebvander(_rule().node.numpy(), DEGREE)
    return torch.from_numpy(np.linalg.inv(values))


def _at(coefficients: np.ndarray, node: np.ndarray) -> np.ndarray:
    return np.polynomial.chebyshev.chebval(node, coefficients)


def _truncation(values: Tensor) -> Tensor:
    """The largest of the last coefficients of polynomials, (Q, K, d) -> (Q, d)."""
    last = _coefficients().to(values)[-_LAST:]
    return (last @ values).abs().amax(1)
