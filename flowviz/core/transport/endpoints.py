"""Families x = μ_t(x₀) + S_t x₁: the endpoints as curves in v = 1/t, shifted by the position.

Let m_t be the mean of all μ_t(x₀ᵢ), and y = S⁻¹(x - m_t). The endpoints at a position x are

    z_i = φ_t(x|x₀ᵢ) = y - b_i(v),      b_i = S⁻¹(μ_t(x₀ᵢ) - m_t),

and since f_t(x|x₀ᵢ) = μ̇_i + Ṡ S⁻¹(x - μ_i), the flow x' = Σ r_i f_t(x|x₀ᵢ) is

    dy/dv = Σ r_i db_i/dv,      r_i ∝ w_i p₁(y - b_i):

the matrix is gone. With straight lines b_i = (v-1)(x₀ᵢ - x̄₀), and this is ``posterior_mean_ode``.
While one data point i has all the weight, z_i is constant and every other endpoint is
z_j = z_i + b_i - b_j for all later times. `Table` holds these curves as cubics.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.numerics.autodiff import time_derivative
from flowviz.core.numerics.bernstein import cubic
from flowviz.core.numerics.chunks import blocks
from flowviz.core.numerics.work import spend
from flowviz.core.paths.base import FAR_OUT, Path
from flowviz.core.paths.nonlinear import PerAxis

V_MAX = 1e10
"""v from which on every trajectory is taken to have a single data point with weight."""
MAX_CELLS = 4096
_FORMED = 1 << 18  # numbers formed at once
_DIFFERENCE = 2e-3  # relative step of the differences in v
_DIFFERENCE_WEIGHTS = (4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0)


class Endpoints:
    """The curves b_i(v), and positions in the variable y.

    Args:
        path: a path that is ``affine_in_x1``.
        x0: data points, (N, d).
    """

    def __init__(self, path: Path, x0: Tensor) -> None:
        self.path, self.x0 = path, x0
        self._across = (x0 - x0.mean(0)).T.contiguous()
        self._chords = path.chord_inverse(x0.new_ones(1), x0.shape[1]) is not None
        per_axis = isinstance(path, PerAxis)
        self._powers = x0.new_tensor(path.powers(x0.shape[1])) if per_axis else None

    def __call__(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """b_i and db_i/dv, (M, d, N) each, at v (M,)."""
        spend(len(v) * len(self.x0), 2.0)
        if self._powers is not None:
            inverse = v[:, None] ** self._powers
            rate = self._powers * inverse / v[:, None]
            return (inverse - 1.0)[..., None] * self._across, rate[..., None] * self._across
        if not self._chords:
            value, rate = self._curves_and_rates(v)
            return value.mT, rate.mT
        inverse, rate = self._inverse(v)
        return inverse @ self._across - self._across, rate @ self._across

    def _curves_and_rates(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """The same for any family, (M, N, d): by differences of order 8, in one call of the family.

        Differentiating a typed formula takes twenty times as long. It is done only beside t = 1,
        beyond which a family need not have a value.
        """
        if len(v) == 0 or float(v.min()) <= 1.0 / (1.0 - 5.0 * _DIFFERENCE):
            return time_derivative(self._curves, v)
        offsets = v.new_tensor([0.0, *(sign * k for k in range(1, 5) for sign in (1.0, -1.0))])
        at = v * (1.0 + _DIFFERENCE * offsets[:, None])
        values = self._curves(at.flatten()).view(len(offsets), len(v), *self.x0.shape)
        slope = sum(
            w * (values[2 * k + 1] - values[2 * k + 2]) for k, w in enumerate(_DIFFERENCE_WEIGHTS)
        )
        return values[0], slope / (_DIFFERENCE * v)[:, None, None]

    def shifts(self, v: Tensor) -> Tensor:
        """b_i, (M, d, N)."""
        spend(len(v) * len(self.x0), 2.0)
        if self._powers is not None:
            return (v[:, None] ** self._powers - 1.0)[..., None] * self._across
        if not self._chords:
            return self._curves(v).mT
        return self._inverse(v)[0] @ self._across - self._across

    def shifts_of(self, v: Tensor, index: Tensor) -> Tensor:
        """b_i of one data point i for each v, (M, d)."""
        if not self._chords:
            return self.shifts(v).gather(2, index[:, None, None].expand(-1, self.x0.shape[1], 1))[
                ..., 0
            ]
        chord = self._across.T[index]
        return (self._inverse(v)[0] @ chord[..., None])[..., 0] - chord

    def _inverse(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """S⁻¹ and its rate in v, (M, d, d), where x = x₀ + S (x₁ - x₀) and b = (S⁻¹ - 1) x₀."""
        t = 1.0 / v
        found = self.path.chord_inverse(t, self.x0.shape[1])
        assert found is not None
        return found[0], found[1] * -(t * t)[:, None, None]

    def _curves(self, v: Tensor) -> Tensor:
        """b_i, (M, N, d), for any family."""
        spend(len(v) * len(self.x0), 4.0)
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
    """Cubics between the nodes ``v`` (K + 1,).

    ``ends`` (4, K, N, d), the control points of -b_i; ``gap`` (K, N, d), the error of each cubic at
    the middle of its cell.
    """

    v: Tensor
    ends: Tensor
    gap: Tensor


def tabulate(
    ends: Endpoints, v: Tensor, accurate: Callable[[Tensor, Tensor, Tensor], Tensor]
) -> Table | None:
    """The endpoints of y = 0 as cubics, in cells that are halved until they are accurate enough.

    Args:
        ends: the curves.
        v: initial nodes, rising.
        accurate: gaps (C, N, d), control points (4, C, N, d), middles (C,) -> whether the cells are
            accurate, (C,).

    Returns:
        The table; None where that takes more than `MAX_CELLS`, or a curve has no value.
    """
    a, slope = _curves(ends, v)
    gap = a.new_zeros(len(v) - 1, *a.shape[1:])
    unchecked = torch.ones(len(v) - 1, dtype=torch.bool, device=v.device)
    while bool(unchecked.any()):
        cell = unchecked.nonzero()[:, 0]
        middle = 0.5 * (v[cell] + v[cell + 1])
        checked = []
        for b in blocks(len(cell), a[0].numel(), _FORMED):
            spend(middle[b].numel() * len(a[0]), 10.0)
            value, rate = _curves(ends, middle[b])
            control = _cubics(v, a, slope, cell[b])
            first, second, third, last = control
            error = 0.125 * (first + last) + 0.375 * (second + third) - value
            if not bool((error.isfinite() & rate.isfinite()).all()):
                return None
            gap[cell[b]] = error
            checked.append((~accurate(error, control, middle[b]), value, rate))
        bad, value, rate = (torch.cat(column) for column in zip(*checked, strict=True))
        split = cell[bad]
        if len(v) + len(split) > MAX_CELLS:
            return None
        new = (middle[bad], value[bad], rate[bad])
        v, a, slope = (_inserted(o, n, split) for o, n in zip((v, a, slope), new, strict=True))
        gap = _inserted(gap, gap[split], split)
        unchecked = torch.zeros(len(v) - 1, dtype=torch.bool, device=v.device)
        halves = split + torch.arange(len(split), device=v.device)
        unchecked[halves], unchecked[halves + 1] = True, True
    return Table(v, _cubics(v, a, slope, torch.arange(len(v) - 1, device=v.device)), gap)


def doublings(like: Tensor) -> Tensor:
    """v = 1, 2, 4, 8, ... up to `V_MAX`."""
    count = math.ceil(math.log2(V_MAX)) + 1
    return torch.pow(2.0, torch.arange(count, dtype=like.dtype, device=like.device))


def _curves(ends: Endpoints, v: Tensor) -> tuple[Tensor, Tensor]:
    """-b_i and its slope, (K, N, d)."""
    value, rate = ends(v)
    return -value.mT, -rate.mT


def _cubics(v: Tensor, a: Tensor, slope: Tensor, cell: Tensor) -> Tensor:
    """Control points in these cells, (4, C, N, d)."""
    after = cell + 1
    slopes, width = (slope[cell], slope[after]), (v[after] - v[cell])[:, None, None]
    return cubic(a[cell], a[after], slopes, width)


def _inserted(old: Tensor, new: Tensor, after: Tensor) -> Tensor:
    """``old`` with rows inserted after the given indices."""
    order = torch.cat([torch.arange(len(old), device=old.device).to(torch.float64), after + 0.5])
    return torch.cat([old, new])[order.argsort()]
