"""Families x = μ_t(x₀) + S_t x₁: where the free ends are, as known curves of v = 1/t.

Let m_t be the mean of all μ_t(x₀ᵢ), and y = S⁻¹(x - m_t). The free ends of a position are

    z_i = φ_t(x|x₀ᵢ) = y - b_i(v),      b_i = S⁻¹(μ_t(x₀ᵢ) - m_t),

and since f_t(x|x₀ᵢ) = μ̇_i + Ṡ S⁻¹(x - μ_i), the flow x' = Σ r_i f_t(x|x₀ᵢ) is

    dy/dv = Σ r_i db_i/dv,      r_i ∝ w_i p₁(y - b_i):

the matrix is gone. With straight lines b_i = (v-1)(x₀ᵢ - x̄₀), and this is ``pulls``. While one
data point i has all the weight, z_i stands still and every other free end is z_j = z_i + b_i - b_j:
it is known for all later times. `Table` holds these curves as cubics.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.numerics.autodiff import time_derivative
from flowviz.core.numerics.bernstein import cubic
from flowviz.core.paths.base import FAR_OUT, Path

LATEST = 1e10
"""v at which every trajectory is taken to have one data point left."""
MOST_CELLS = 4096
_APART = 2e-3
_WEIGHTS = (4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0)


class Endpoints:
    """The curves b_i(v), and positions in the variable y.

    Args:
        path: a family that is ``closed``.
        x0: data points, (N, d).
    """

    def __init__(self, path: Path, x0: Tensor) -> None:
        self.path, self.x0 = path, x0
        self._across = (x0 - x0.mean(0)).T.contiguous()
        self._chords = path.chord_inverse(x0.new_ones(1), x0.shape[1]) is not None

    def __call__(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """b_i and db_i/dv, (M, d, N) each, at v (M,)."""
        if not self._chords:
            value, change = self._rates(v)
            return value.mT, change.mT
        inverse, change = self._inverse(v)
        return inverse @ self._across - self._across, change @ self._across

    def _rates(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """The same for any family, (M, N, d): by differences of order 8, in one call of the family.

        A forward pass through a typed formula takes twenty times as long. Only beside t = 1, beyond
        which a family need not have a value, is there no way around it.
        """
        if len(v) == 0 or float(v.min()) <= 1.0 / (1.0 - 5.0 * _APART):
            return time_derivative(self._curves, v)
        away = v.new_tensor([0.0, *(sign * k for k in range(1, 5) for sign in (1.0, -1.0))])
        at = v * (1.0 + _APART * away[:, None])
        values = self._curves(at.flatten()).view(len(away), len(v), *self.x0.shape)
        slope = sum(w * (values[2 * k + 1] - values[2 * k + 2]) for k, w in enumerate(_WEIGHTS))
        return values[0], slope / (_APART * v)[:, None, None]

    def shifts(self, v: Tensor) -> Tensor:
        """b_i, (M, d, N)."""
        if not self._chords:
            return self._curves(v).mT
        return self._inverse(v)[0] @ self._across - self._across

    def _inverse(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """S⁻¹ and its rate in v, (M, d, d), where x = x₀ + S (x₁ - x₀) and b = (S⁻¹ - 1) x₀."""
        t = 1.0 / v
        found = self.path.chord_inverse(t, self.x0.shape[1])
        assert found is not None
        return found[0], found[1] * -(t * t)[:, None, None]

    def _curves(self, v: Tensor) -> Tensor:
        """b_i, (M, N, d), for any family."""
        t = 1.0 / v
        middle = self.positions(v, self.x0.new_zeros(len(t), self.x0.shape[1]))
        return -self.path.inverse(middle, self.x0, t)

    def positions(self, v: Tensor, y: Tensor) -> Tensor:
        """x = m_t + S y, (M, d)."""
        return self.path.forward(y, self.x0, 1.0 / v).mean(1)

    def matrices(self, v: Tensor) -> Tensor:
        """S, (M, d, d)."""
        if self._chords:
            return torch.linalg.inv(self._inverse(v)[0])
        base, units = self.x0[:1], torch.eye(self.x0.shape[1], dtype=v.dtype, device=v.device)
        columns = [
            self.path.forward(FAR_OUT * unit.expand(len(v), -1), base, 1.0 / v) / FAR_OUT
            for unit in units
        ]
        return torch.stack(columns, dim=-1)[:, 0]


@dataclass(frozen=True)
class Table:
    """Cubics between the places ``v`` (K + 1,).

    ``ends`` (4, K, N, d), the control points of -b_i; ``gap`` (K, N, d), by how much each cubic
    missed its curve halfway.
    """

    v: Tensor
    ends: Tensor
    gap: Tensor


def tabulate(
    ends: Endpoints, v: Tensor, good: Callable[[Tensor, Tensor, Tensor], Tensor]
) -> Table | None:
    """The free ends of y = 0 as cubics, in cells that are halved until they are good enough.

    Args:
        ends: the curves.
        v: places to begin with, rising.
        good: gaps (C, N, d), control points (4, C, N, d), middles (C,) -> which will do, (C,).

    Returns:
        The table; None where that takes more than `MOST_CELLS`, or a curve has no value.
    """
    a, slope = _curves(ends, v)
    gap = a.new_zeros(len(v) - 1, *a.shape[1:])
    fresh = torch.ones(len(v) - 1, dtype=torch.bool, device=v.device)
    while bool(fresh.any()):
        where = fresh.nonzero()[:, 0]
        middle = 0.5 * (v[where] + v[where + 1])
        value, change = _curves(ends, middle)
        control = _cubics(v, a, slope)[:, where]
        first, second, third, last = control
        missed = 0.125 * (first + last) + 0.375 * (second + third) - value
        if not bool((missed.isfinite() & change.isfinite()).all()):
            return None
        gap[where] = missed
        bad = ~good(missed, control, middle)
        split = where[bad]
        if len(v) + len(split) > MOST_CELLS:
            return None
        new = (middle[bad], value[bad], change[bad])
        v, a, slope = (_woven(o, n, split) for o, n in zip((v, a, slope), new, strict=True))
        gap = _woven(gap, gap[split], split)
        fresh = torch.zeros(len(v) - 1, dtype=torch.bool, device=v.device)
        halves = split + torch.arange(len(split), device=v.device)
        fresh[halves], fresh[halves + 1] = True, True
    return Table(v, _cubics(v, a, slope), gap)


def doublings(like: Tensor) -> Tensor:
    """v = 1, 2, 4, 8, ... up to `LATEST`."""
    count = math.ceil(math.log2(LATEST)) + 1
    return torch.pow(2.0, torch.arange(count, dtype=like.dtype, device=like.device))


def _curves(ends: Endpoints, v: Tensor) -> tuple[Tensor, Tensor]:
    """-b_i and its slope, (K, N, d)."""
    value, change = ends(v)
    return -value.mT, -change.mT


def _cubics(v: Tensor, a: Tensor, slope: Tensor) -> Tensor:
    return cubic(a[:-1], a[1:], (slope[:-1], slope[1:]), v.diff()[:, None, None])


def _woven(old: Tensor, new: Tensor, after: Tensor) -> Tensor:
    """Rows put in behind the given ones."""
    order = torch.cat([torch.arange(len(old), device=old.device).to(torch.float64), after + 0.5])
    return torch.cat([old, new])[order.argsort()]
