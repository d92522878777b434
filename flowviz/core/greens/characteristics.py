"""The density along a characteristic, from the velocity field alone (MATH §1).

Along a trajectory d log p/dt = -∇·f, so that from (x, t) to its end x₁ at t = 1

    log p_t(x|x₀) = log p₁(x₁) + ∫_t^1 ∇·f_s(x_s|x₀) ds.

In τ = log t the equation dx/dτ = t f_t(x|x₀) has no singularity at the data. It is solved by
collocation: the trajectory is a polynomial in τ that satisfies the equation at Chebyshev's points,
found by Newton's method for all points and all trajectories at once, and the integral is that of a
polynomial. A step asks the field for all of them together, which costs little more than one point
does; a Runge-Kutta method asks a thousand times in turn. What the polynomial's last coefficients
add is taken for the error; where that is too much, the way is cut into shorter ones.

Source: Trefethen, Spectral Methods in MATLAB (2000), chapters 6 and 12.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers, as_float, as_positions, as_tensor
from flowviz.core.numerics.jacobians import value_jacobian
from flowviz.core.paths.base import Path, pairs
from flowviz.core.priors.base import Prior, require

DEGREE = 24
PIECES = (1, 2, 4, 8, 16, 32)
"""Into how many ways, equally long in log t, a trajectory is cut in turn until it is known."""

_NEWTON = 12
_SETTLED = 1e-7
"""Newton squares what is left: after a step of this relative size rounding remains."""
_ROUNDED = 1e-4
"""Closer to x₀, in units of |x₀|, a chord is asked for no more digits than x₀ + z has."""
_STALLED = 2
"""So many times shorter pieces may fail to halve a known error, as on a kink, before they end."""
_AT_DATA, _ASIDE, _CORNER = 64 * torch.finfo(torch.float64).eps, 1e-6, 1e-3
"""Distances from x₀, in units of |x₀|, and how much a divergence may differ between its sides."""
_LAST = 3
"""How many of a polynomial's last coefficients tell its error."""


@dataclass(frozen=True)
class Characteristic:
    """Trajectories followed from (x, t) to t = 1.

    ``log_p`` (Q,) the density at the start, ``x1`` (Q, d) where it ends, ``gained`` (Q,) the
    integral of the divergence along it, ``error`` (Q,) what is known of the error of all these.
    They are NaN, and the error infinite, where the field could not be followed.
    """

    log_p: Tensor
    x1: Tensor
    gained: Tensor
    error: Tensor


class CharacteristicCurve(NamedTuple):
    """Trajectories at the times ``t`` (K,), which increase from the start to 1.

    ``x`` (Q, K, d); ``divergence`` (Q, K) of the field there; ``gained`` (Q, K), its integral over
    time from the start; ``error`` (Q,).
    """

    t: Tensor
    x: Tensor
    divergence: Tensor
    gained: Tensor
    error: Tensor


def motion(path: Path, x: Tensor, x0: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """(f (Q, N, d), ∂f/∂x (Q, N, d, d)): the pass that differentiates has the value as well."""
    every = pairs(x).expand(x.shape[0], *x0.shape)
    return value_jacobian(lambda z: path.velocity(z, x0, t), every)


def characteristic(
    path: Path,
    prior: Prior,
    x: Numbers,
    x0: Numbers,
    t: Numbers,
    rtol: float = 1e-10,
    seconds: float = math.inf,
) -> Characteristic:
    """log p_t(x|x₀) by following characteristics: nothing but the velocity field is used.

    Args:
        path: the family, one that ends at ψ_1 = x₁.
        prior: the distribution at t = 1.
        x: positions, (Q, d).
        x0: one data point, (1, d).
        t: the time, in (0, 1].
        rtol: how much the last coefficients of a trajectory may add, relative to its size.
        seconds: of this thread's own time, about; what is not known by then stays unknown.

    Raises:
        ValueError: for more than one data point, a time outside (0, 1], or a family whose
            trajectories end elsewhere.
    """
    x, x0, t = _start(path, x, x0, t)
    end, gained = torch.full_like(x, torch.nan), torch.full_like(x[:, 0], torch.nan)
    error = torch.full_like(gained, torch.inf)
    stalled = torch.zeros_like(gained)
    deadline = time.thread_time() + seconds
    for pieces in PIECES:
        left = (~((error <= rtol) | (stalled >= _STALLED))).nonzero().squeeze(-1)
        if left.numel() == 0 or time.thread_time() > deadline:
            break
        way = follow(path, x[left], x0, t, pieces, deadline)
        better = way.error < error[left]
        failed = way.error.isfinite() & (way.error > 0.5 * error[left])
        stalled[left] = torch.where(failed, stalled[left] + 1.0, 0.0)
        which = left[better]
        end[which], gained[which] = way.x[better, -1], way.gained[better, -1]
        error[which] = way.error[better]
    corner = _on_a_corner(path, x, x0, t)
    gained, error = gained.masked_fill(corner, torch.nan), error.masked_fill(corner, torch.inf)
    return Characteristic(prior.log_prob(end) + gained, end, gained, error)


def _on_a_corner(path: Path, x: Tensor, x0: Tensor, t: float) -> Tensor:
    """Which positions are x₀ itself, where the divergence is another on either side of it, (Q,)."""
    size = x0.abs().max()
    at_data = (x - x0).abs().amax(-1) <= _AT_DATA * size
    if not bool(at_data.any()):
        return at_data
    aside = _ASIDE * (size + t) * torch.tensor([[1.0], [-1.0]]).to(x0)
    jacobian = motion(path, x0 + aside, x0, x0.new_full((2,), t))[1]
    one, other = jacobian.diagonal(dim1=-2, dim2=-1).sum(-1)[:, 0]
    return at_data & ((one - other).abs() > _CORNER * (one.abs() + other.abs()))


def characteristic_curve(
    path: Path, x: Numbers, x0: Numbers, t: Numbers, rtol: float = 1e-10
) -> CharacteristicCurve:
    """One trajectory from (x, t) to t = 1, with all that is met on the way.

    Args:
        path: the family, one that ends at ψ_1 = x₁.
        x: where it starts, (1, d).
        x0: the data point, (1, d).
        t: when, in (0, 1].
        rtol: see ``characteristic``.

    Raises:
        ValueError: as ``characteristic`` does.
    """
    x, x0, t = _start(path, x, x0, t)
    ways: list[CharacteristicCurve] = []
    for pieces in PIECES:
        ways.append(follow(path, x, x0, t, pieces))
        if float(ways[-1].error) <= rtol:
            break
    return min(ways, key=lambda way: float(way.error))


def _start(path: Path, x: Numbers, x0: Numbers, t: Numbers) -> tuple[Tensor, Tensor, float]:
    """Where characteristics begin, (Q, d) and (1, d), and when, once they may be followed."""
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


def follow(
    path: Path, x: Tensor, x0: Tensor, t: float, pieces: int, deadline: float = math.inf
) -> CharacteristicCurve:
    """Trajectories from (x, t) to t = 1 by ``pieces`` polynomials of degree ``DEGREE`` in log t.

    At the deadline, in this thread's own seconds, they are left where they are, with an infinite
    error.
    """
    node, _, integral = (v.to(x) for v in _rule())
    # Chords z = x - x₀ are followed: near the data they are far smaller than the rounding of x.
    times, chords = [x.new_full((1,), t)], [(x - x0)[:, None]]
    grown: list[Tensor] = []
    gained, error = [x.new_zeros(x.shape[0], 1)], x.new_zeros(x.shape[0])
    ends = [math.log(t) * (1.0 - k / pieces) for k in range(pieces + 1)]
    for low, high in pairwise(ends):
        half = 0.5 * (high - low)
        s = torch.exp(low + half * (1.0 + node))
        z, divergence, off = _piece(path, chords[-1][:, -1], x0, s, half)
        rate = half * s * divergence
        times.append(s[1:])
        chords.append(z[:, 1:])
        grown.append(divergence)
        gained.append(gained[-1][:, -1:] + (rate @ integral.T)[:, 1:])
        missed = (_growth(z, x0, s) * _truncation(z) / _size(z, x0)).amax(-1)
        unsaid = missed + _truncation(rate[..., None])[:, 0]
        error = error + torch.nan_to_num(off**2 + unsaid, nan=torch.inf)
        if high < 0.0 and time.thread_time() > deadline:
            error = torch.full_like(error, torch.inf)
        if not bool(error.isfinite().any()):  # all are lost: shorter pieces may do better
            break
    met = [part[:, : DEGREE + (k == pieces - 1)] for k, part in enumerate(grown)]
    x = x0 + torch.cat(chords, 1)
    return CharacteristicCurve(torch.cat(times), x, torch.cat(met, 1), torch.cat(gained, 1), error)


def _piece(
    path: Path, start: Tensor, x0: Tensor, s: Tensor, half: float
) -> tuple[Tensor, Tensor, Tensor]:
    """One polynomial for each start: z (Q, K, d), ∇·f (Q, K), and Newton's last move (Q,).

    Newton starts from the straight line, which is the answer for straight families; for a family
    that is linear in x one step finds it.
    """
    q, d = start.shape
    slope = _rule().slope.to(start)
    fixed = torch.kron(slope[1:, 1:], torch.eye(d).to(start))
    z = start[:, None] * (s / s[0])[:, None]
    off = start.new_full((q,), torch.inf)
    weight = (half * s)[:, None]
    for k in range(_NEWTON):
        f, jacobian = _field(path, z, x0, s)
        residual = (slope @ z - weight * f)[:, 1:].reshape(q, -1, 1)
        moved = fixed - _blocks((weight[..., None] * jacobian)[:, 1:])
        step = torch.linalg.solve_ex(moved, residual).result.reshape(q, -1, d)
        z = torch.cat([z[:, :1], z[:, 1:] - step], 1)
        off = (step.abs().amax(1) / _size(z, x0)).amax(-1)
        # What has not come close after a few steps is lost, and shorter pieces will find it.
        if not bool(((off > _SETTLED) & (off < (torch.inf if k < 4 else 0.1))).any()):
            break
    _, jacobian = _field(path, z, x0, s)
    return z, jacobian.diagonal(dim1=-2, dim2=-1).sum(-1), off


def _size(z: Tensor, x0: Tensor) -> Tensor:
    """How far from x₀ each coordinate goes on a piece, (Q, d), but for the rounding of x₀ + z."""
    far = z.abs().amax(1)
    return far + 1e-6 * far.amax(-1, keepdim=True) + _ROUNDED * x0.abs() + 1e-300


def _growth(z: Tensor, x0: Tensor, s: Tensor) -> Tensor:
    """How much of its early digits a coordinate outgrows on a piece, (Q, d), at least 1."""
    size = _size(z, x0)
    least = 0.03 * float(s[0] / s[-1]) * size
    return size / torch.maximum(z[:, 0].abs(), least)


def _field(path: Path, z: Tensor, x0: Tensor, s: Tensor) -> tuple[Tensor, Tensor]:
    """f (Q, K, d) and ∂f/∂x (Q, K, d, d) at the ends of chords (Q, K, d), at times (K,)."""
    q, k, d = z.shape
    f, jacobian = motion(path, (x0 + z).reshape(-1, d), x0, s.repeat(q))
    return f.reshape(q, k, d), jacobian.reshape(q, k, d, d)


def _blocks(parts: Tensor) -> Tensor:
    """(Q, K, d, d) as the blocks on the diagonal of (Q, K d, K d)."""
    q, k, d, _ = parts.shape
    out = parts.new_zeros(q, k, d, k, d)
    every = torch.arange(k, device=parts.device)
    out[:, every, :, every] = parts.movedim(1, 0)
    return out.reshape(q, k * d, k * d)


class _Rule(NamedTuple):
    """Chebyshev's points on [-1, 1], from left to right, and what is done with values there.

    ``node`` (K,); ``slope`` (K, K), of the polynomial through the values; ``integral`` (K, K), from
    the left end to each point.
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
    """The size of the last coefficients of polynomials (Q, K, d) -> (Q, d)."""
    last = _coefficients().to(values)[-_LAST:]
    return (last @ values).abs().amax(1)
