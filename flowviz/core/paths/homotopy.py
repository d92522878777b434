"""Roots of families where Newton's method fails: continued in time from t = 1 (`continued`).

At t = 1 the root of function(z, x₀, s) = target is known; it is followed to s = t
(``numerics.continuation``), in d = 2 in polar coordinates about x₀ first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.numerics.continuation import continue_roots
from flowviz.core.numerics.inversion import FAR, UNREACHED, newton
from flowviz.core.numerics.work import spend

FORMULA_COST = 24.0
"""Units of work for one value of a family's formula."""

Family = Callable[[Tensor, Tensor, Tensor], Tensor]
"""(z, x0, t) -> positions or endpoints, of arrays that broadcast."""
Target = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""(y (M, d), x0 (M, d), t (M, 1), s (M, 1)) -> the value that the root at the time s must have."""


def by_row(function: Family, z: Tensor, x0: Tensor, t: Tensor) -> Tensor:
    """A family at rows with one data point and time each: (..., M, d), (M, d) and (M,)."""
    # A row is a query with one data point: (..., M, 1, d).
    return function(z[..., None, :], x0[:, None], t)[..., 0, :]


@dataclass(frozen=True)
class Homotopy:
    """A family's equation function(z, x0, s) = target at the times s = t^τ, from 1 (τ = 0) to t.

    ``y``, ``x0`` (M, d) and ``t`` (M,); ``target`` of y, x0, t and s.
    """

    function: Family
    target: Target
    y: Tensor
    x0: Tensor
    t: Tensor

    def value_at(self, tau: Tensor, index: Tensor) -> Tensor:
        """The target at τ, (M, d)."""
        t = self.t[index]
        return self.target(self.y[index], self.x0[index], t[:, None], (t**tau)[:, None])

    def coordinates(self, z: Tensor, index: Tensor) -> Tensor:
        """The solver's coordinates of positions: here the positions."""
        return z

    def positions(self, w: Tensor, index: Tensor) -> Tensor:
        """The inverse of ``coordinates``."""
        return w

    def residual(self, w: Tensor, tau: Tensor, index: Tensor) -> Tensor:
        """Value minus target, (..., M, d)."""
        return self._value(w, tau, index) - self.value_at(tau, index)

    def escaped(self, w: Tensor, index: Tensor) -> Tensor:
        """Which rows are too far out for the search to go on, (M,)."""
        return (w - self.x0[index]).norm(dim=-1) > FAR

    def newton(self, guess: Tensor) -> tuple[Tensor, Tensor]:
        """Roots at t by Newton's method, (M, d), and which were found, (M,)."""
        all_rows = torch.arange(len(self.t), device=self.t.device)
        w, found = self._newton_at(torch.ones_like(self.t), self.coordinates(guess, all_rows))
        return torch.where(found[:, None], self.positions(w, all_rows), torch.nan), found

    def roots(self) -> tuple[Tensor, Tensor]:
        """Roots at t by continuation from t = 1, (M, d), and which were found, (M,).

        ``UNREACHED`` where none exists.
        """
        all_rows = torch.arange(len(self.t), device=self.t.device)
        tau = torch.zeros_like(self.t)
        guess = self.coordinates(self.value_at(tau, all_rows), all_rows)
        start, started = self._newton_at(tau, guess)
        w, found, escaped = continue_roots(
            self.residual, torch.where(started[:, None], start, torch.nan), self.escaped
        )
        z = torch.where(found[:, None], self.positions(w, all_rows), torch.nan)
        return torch.where(escaped[:, None], UNREACHED, z), found

    def _newton_at(self, tau: Tensor, guess: Tensor) -> tuple[Tensor, Tensor]:
        """Newton's method at τ (M,), in these coordinates."""
        all_rows = torch.arange(len(self.t), device=self.t.device)

        def rows(w: Tensor, which: Tensor | None) -> Tensor:
            index = all_rows if which is None else which
            return self.residual(w, tau[index], index)

        return newton(rows, torch.zeros_like(guess), guess)

    def _value(self, w: Tensor, tau: Tensor, index: Tensor) -> Tensor:
        spend(w[..., 0].numel(), FORMULA_COST)
        z, s = self.positions(w, index), self.t[index] ** tau
        return by_row(self.function, z, self.x0[index], s)


class PolarHomotopy(Homotopy):
    """The same for d = 2 in the logarithm of the distance from x₀ and the angle around it.

    In these coordinates a rotation around x₀ is a translation.
    """

    def coordinates(self, z: Tensor, index: Tensor) -> Tensor:
        chord = z - self.x0[index]
        angle = torch.atan2(chord[..., 1], chord[..., 0])
        return torch.stack([chord.norm(dim=-1).log(), angle], -1)

    def positions(self, w: Tensor, index: Tensor) -> Tensor:
        radius, angle = w[..., 0].exp(), w[..., 1]
        return self.x0[index] + torch.stack([radius * angle.cos(), radius * angle.sin()], -1)

    def residual(self, w: Tensor, tau: Tensor, index: Tensor) -> Tensor:
        """The complex logarithm of (value - x₀)/(target - x₀), its angle in (-π, π]."""
        v = self._value(w, tau, index) - self.x0[index]
        u = self.value_at(tau, index) - self.x0[index]
        cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
        ratio = v.norm(dim=-1) / u.norm(dim=-1)
        return torch.stack([ratio.log(), torch.atan2(cross, (u * v).sum(-1))], -1)

    def escaped(self, w: Tensor, index: Tensor) -> Tensor:
        return w[..., 0] > math.log(FAR)


def continued(
    function: Family, target: Target, y: Tensor, x0: Tensor, t: Tensor, guess: Tensor
) -> tuple[Tensor, Tensor]:
    """Roots for which Newton's method in positions fails, (M, d), and which were found, (M,).

    By Newton's method in polar coordinates (d = 2), otherwise by continuation from t = 1, where
    z = y for most families, in polar coordinates and then in positions.
    """
    root, found = torch.full_like(y, torch.nan), torch.zeros_like(t, dtype=torch.bool)
    methods = [(Homotopy, False)]
    if y.shape[1] == 2:
        methods = [(PolarHomotopy, True), (PolarHomotopy, False), (Homotopy, False)]
    for homotopy, by_newton in methods:
        todo = root.isnan().any(-1).nonzero().squeeze(-1)
        if todo.numel():
            equation = homotopy(function, target, y[todo], x0[todo], t[todo])
            root[todo], found[todo] = (
                equation.newton(guess[todo]) if by_newton else equation.roots()
            )
    return root, found
