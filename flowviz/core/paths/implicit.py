"""Families given by ψ or φ only; the inverse is computed by solving equations.

From ψ alone (``ByForward``) the endpoint x₁ = φ_t(x|x₀) is the root of ψ_t(x₁|x₀) = x, and

    f_t(x|x₀) = ∂ψ/∂t,      log|det ∂φ/∂x| = -log|det ∂ψ/∂x₁|      at that x₁.

From φ alone (``ByInverse``) no equation is solved for the field at all:

    f_t(x|x₀) = -(∂φ/∂x)⁻¹ ∂φ/∂t,      log|det ∂φ/∂x|.

Roots are computed without derivatives (`_roots`), by Newton's method (``numerics.inversion``) and,
where that fails, by continuation in time (``homotopy``). Then one more Newton step with a constant
Jacobian makes them differentiable (`_differentiable`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from flowviz.core.numerics.autodiff import differentiating
from flowviz.core.numerics.inversion import MAX_STEPS, UNREACHED, differences, invert
from flowviz.core.numerics.jacobians import (
    ValueJacobianRate,
    log_determinant,
    solve,
    value_jacobian,
    value_jacobian_rate,
)
from flowviz.core.numerics.work import spend
from flowviz.core.paths.base import Conditional, Path, pairs, per_pair
from flowviz.core.paths.homotopy import FORMULA_COST, Family, Target, by_row, continued

_CHECKED = 6.0
"""Half-width of the interval on which a family for d = 1 is checked to be increasing."""

_STEPS = 8
"""Newton steps for d = 2 before polar coordinates are tried."""


def _target_of_inverse(y: Tensor, x0: Tensor, t: Tensor, s: Tensor) -> Tensor:
    """For φ: x moves along the straight line through x₀ and y."""
    return x0 + (s / t) * (y - x0)


def _target_of_forward(y: Tensor, x0: Tensor, t: Tensor, s: Tensor) -> Tensor:
    """For ψ: x₁ is constant."""
    return y


@dataclass(frozen=True)
class _Implicit(Path):
    """Common to both directions."""

    def conditional(self, x: Tensor, x0: Tensor, t: Tensor) -> Conditional:
        raise NotImplementedError

    def velocity(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self.conditional(x, x0, t).velocity

    def log_det(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self.conditional(x, x0, t).log_det

    @property
    def monotone(self) -> bool:
        """Whether ψ increases in x₁ and ψ_1 = x₁, checked on [-6, 6]² at ten times."""
        return self._increasing

    @cached_property
    def _increasing(self) -> bool:
        try:
            return self._check_increasing()
        except ValueError:  # the family is not defined for d = 1
            return False

    def _check_increasing(self) -> bool:
        raise NotImplementedError


def _check_grid() -> tuple[Tensor, Tensor, Tensor]:
    """Positions (Q, 1), data points (N, 1) and times (Q,) for the check."""
    line = torch.linspace(-_CHECKED, _CHECKED, 25, dtype=torch.float64)
    times = torch.linspace(0.1, 1.0, 10, dtype=torch.float64)
    return line.repeat(10)[:, None], line[:, None], times.repeat_interleave(25)


class ByForward(_Implicit):
    """A family given by ψ; subclasses define ``forward`` for arrays with any leading axes."""

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        method = _solve_by_coordinate if self.elementwise else _solve
        return method(self.forward, x, x0, t, _straight(x, x0, t), _target_of_inverse)

    def conditional(self, x: Tensor, x0: Tensor, t: Tensor) -> Conditional:
        x1 = self.inverse(x, x0, t)
        spend(x1[..., 0].numel(), 8.0 * FORMULA_COST)
        reached = x1.abs() < UNREACHED
        change = value_jacobian_rate(lambda z, s: self.forward(z, x0, s), x1, per_pair(t))
        log_det, velocity = -log_determinant(change.jacobian), change.rate
        # Where no trajectory passes, the prior's density is 0: the factors must not make it NaN.
        none = (~reached).any(-1) & x1.isfinite().all(-1)
        return Conditional(
            x1, log_det.masked_fill(none, 0.0), velocity.masked_fill(none[..., None], 0.0)
        )

    def _check_increasing(self) -> bool:
        x1, x0, t = _check_grid()
        slope = value_jacobian(lambda z: self.forward(z, x0, t), pairs(x1).expand(-1, 25, 1))[1]
        ends = self.forward(x1, x0, torch.ones_like(t))
        return bool((slope > 0).all()) and bool((ends - pairs(x1)).abs().max() < 1e-9)


class ByInverse(_Implicit):
    """A family given by φ; subclasses define ``inverse`` for arrays with any leading axes."""

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        """ψ_t(x₁|x₀); ψ_0 = x₀ by definition, as φ has no value there."""
        start = per_pair(t) == 0
        positive = torch.where(t == 0, torch.ones_like(t), t)
        guess = per_pair(positive) * pairs(x1) + (1.0 - per_pair(positive)) * x0
        method = _solve_by_coordinate if self.elementwise else _solve
        x = method(self.inverse, x1, x0, positive, guess, _target_of_forward)
        return torch.where(start, x0.expand_as(x), x)

    def conditional(self, x: Tensor, x0: Tensor, t: Tensor) -> Conditional:
        shape = torch.broadcast_shapes(pairs(x).shape, x0.shape)
        spend(math.prod(shape), 4.0 * FORMULA_COST)
        change = value_jacobian_rate(
            lambda z, s: self.inverse(z, x0, s), pairs(x).expand(shape), per_pair(t)
        )
        return _from_inverse(change)

    def _check_increasing(self) -> bool:
        x, x0, t = _check_grid()
        slope = value_jacobian(lambda z: self.inverse(z, x0, t), pairs(x).expand(-1, 25, 1))[1]
        ends = self.inverse(x, x0, torch.ones_like(t))
        return bool((slope > 0).all()) and bool((ends - pairs(x)).abs().max() < 1e-9)


def _from_inverse(change: ValueJacobianRate) -> Conditional:
    velocity = -solve(change.jacobian, change.rate)
    return Conditional(change.value, log_determinant(change.jacobian), velocity)


def _straight(x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
    """The endpoint of the straight line through x, the initial guess."""
    time = per_pair(t)
    return (pairs(x) - (1.0 - time) * x0) / time


def _solve(
    function: Family, y: Tensor, x0: Tensor, t: Tensor, guess: Tensor, target: Target
) -> Tensor:
    """The z with function(z, x0, t) = y, (Q, N, d), differentiable once in y, x0 and t.

    NaN where none was found, and ``UNREACHED`` where none exists.
    """
    plain = pairs(y).detach(), x0.detach(), t.detach()
    root, found = _roots(function, *plain, guess.detach(), target)
    return _differentiable(function, root, found, y, x0, t)


def _solve_by_coordinate(
    function: Family, y: Tensor, x0: Tensor, t: Tensor, guess: Tensor, target: Target
) -> Tensor:
    """The same for a family that is ``elementwise``: every coordinate is a root of its own.

    It increases, so that each root is bracketed.
    """
    shape = torch.broadcast_shapes(pairs(y).shape, x0.shape, guess.shape)
    columns = (*shape[:-2], shape[-2] * shape[-1], 1)
    y, guess = (v.expand(shape).reshape(columns) for v in (pairs(y), guess))
    x0 = x0.expand(*x0.shape[:-2], *shape[-2:]).reshape(*x0.shape[:-2], *columns[-2:])
    if t.dim() == 3:  # one time for each pair
        t = t.repeat_interleave(shape[-1], dim=1) if t.shape[1] > 1 else t
    return _solve(function, y, x0, t, guess, target).reshape(shape)


def _differentiable(
    function: Family, root: Tensor, found: Tensor, y: Tensor, x0: Tensor, t: Tensor
) -> Tensor:
    """The roots (Q, N, d) with first derivatives in y, x0 and t, by one Newton step

        z = z* - J⁻¹ (function(z*, x0, t) - y),      J = ∂function/∂z at z*, z* and J constant.

    Its derivative -J⁻¹ ∂(function - y) is that of the implicit function theorem. It is as accurate
    as J, so J is exact where derivatives are taken. Otherwise the step only refines the value, for
    which J by differences, an eighth of the cost, is enough.
    """
    plain_x0, plain_t = x0.detach(), t.detach()
    jacobian_of = value_jacobian if differentiating() else differences
    jacobian = jacobian_of(lambda z: function(z, plain_x0, plain_t), root)[1]
    step = solve(jacobian, function(root, x0, t) - pairs(y)).expand(root.shape)
    # Exactly on a fold J is singular: the root is kept as it is.
    return torch.where(found[..., None] & step.isfinite(), root - step, root)


def _roots(
    function: Family, y: Tensor, x0: Tensor, t: Tensor, guess: Tensor, target: Target
) -> tuple[Tensor, Tensor]:
    """The roots (Q, N, d) without derivatives, and which were found, (Q, N)."""
    shape = torch.broadcast_shapes(y.shape, x0.shape, guess.shape)
    d = shape[-1]
    values, points = (v.expand(shape).reshape(-1, d) for v in (y, x0))
    times = per_pair(t).expand(*shape[:-1], 1).reshape(-1)

    def rows(z: Tensor, index: Tensor | None) -> Tensor:
        spend(z[..., 0].numel(), FORMULA_COST)
        if index is not None:
            return by_row(function, z, points[index], times[index])
        # All pairs at once, with times and data points that broadcast.
        return function(z.reshape(*z.shape[:-2], *shape), x0, t).reshape(z.shape)

    start = guess.expand(shape).reshape(-1, d)
    # For d = 2 slow rows are solved in polar coordinates.
    root, found = invert(rows, values, start, _STEPS if d == 2 else MAX_STEPS)
    missing = (~found).nonzero().squeeze(-1)
    if d > 1 and missing.numel():
        equation = function, target, values[missing], points[missing], times[missing]
        root[missing], found[missing] = continued(*equation, start[missing])
    return root.reshape(shape), found.reshape(shape[:-1])
