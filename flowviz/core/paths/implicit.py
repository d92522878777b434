"""Families that are given in one direction: everything else follows.

From ψ alone (``ByForward``) the endpoint x₁ = φ_t(x|x₀) is the root of ψ_t(x₁|x₀) = x, and

    f_t(x|x₀) = ∂ψ/∂t,      log|det ∂φ/∂x| = -log|det ∂ψ/∂x₁|      at that x₁.

From φ alone (``ByInverse``) no equation is solved for the field at all:

    f_t(x|x₀) = -(∂φ/∂x)⁻¹ ∂φ/∂t,      log|det ∂φ/∂x|.

Roots are found on plain numbers (``inversion``) and made differentiable by one more Newton step
with the Jacobian held fixed. That step has the derivative of the implicit function theorem; it
carries first derivatives, all that a divergence or a continuity residual asks of φ.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from flowviz.core.numerics.autodiff import differentiating
from flowviz.core.numerics.continuation import continue_roots
from flowviz.core.numerics.inversion import FAR, MAX_STEPS, UNREACHED, differences, invert, newton
from flowviz.core.numerics.jacobians import (
    ValueJacobianRate,
    determinant,
    log_determinant,
    solve,
    value_jacobian,
    value_jacobian_rate,
)
from flowviz.core.paths.base import Conditional, Path, pairs, per_pair

_PROBE = 6.0
"""Half the region in which a family on the line is looked at to see whether it increases."""

_STEPS = 8
"""Newton's steps in the plane before polar coordinates are tried."""

Family = Callable[[Tensor, Tensor, Tensor], Tensor]


Target = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""(y (M, d), x0 (M, d), t (M, 1), s (M, 1)) -> what a family's value must be at the time s."""


def _free_end(y: Tensor, x0: Tensor, t: Tensor, s: Tensor) -> Tensor:
    """Where φ is looked for: x moves on the straight line from x₁ to y."""
    return x0 + (s / t) * (y - x0)


def _position(y: Tensor, x0: Tensor, t: Tensor, s: Tensor) -> Tensor:
    """Where ψ is looked for: x₁ stays."""
    return y


@dataclass(frozen=True)
class _Implicit(Path):
    """What both directions share."""

    def conditional(self, x: Tensor, x0: Tensor, t: Tensor) -> Conditional:
        raise NotImplementedError

    def velocity(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self.conditional(x, x0, t).velocity

    def log_det(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self.conditional(x, x0, t).log_det

    @property
    def monotone(self) -> bool:
        """Whether, probed on [-6, 6]² and ten times, it increases in x₁ and ends at ψ_1 = x₁."""
        return self._rises

    @cached_property
    def _rises(self) -> bool:
        try:
            return self._probe()
        except ValueError:  # a family of the plane has nothing to say about the line
            return False

    def _probe(self) -> bool:
        raise NotImplementedError


def _probes() -> tuple[Tensor, Tensor, Tensor]:
    """Positions (Q, 1), data points (N, 1) and times (Q,) that cover the probed region."""
    line = torch.linspace(-_PROBE, _PROBE, 25, dtype=torch.float64)
    times = torch.linspace(0.1, 1.0, 10, dtype=torch.float64)
    return line.repeat(10)[:, None], line[:, None], times.repeat_interleave(25)


class ByForward(_Implicit):
    """A family given by ψ; subclasses write ``forward`` for arrays with any leading axes."""

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return _solve(self.forward, x, x0, t, _straight(x, x0, t), _free_end)

    def conditional(self, x: Tensor, x0: Tensor, t: Tensor) -> Conditional:
        x1 = self.inverse(x, x0, t)
        reached = x1.abs() < UNREACHED
        moving = value_jacobian_rate(lambda z, s: self.forward(z, x0, s), x1, per_pair(t))
        log_det, velocity = -log_determinant(moving.jacobian), moving.rate
        # Where no trajectory passes the density is 0 by its prior; these must not make it NaN.
        lost = (~reached).any(-1) & x1.isfinite().all(-1)
        return Conditional(
            x1, log_det.masked_fill(lost, 0.0), velocity.masked_fill(lost[..., None], 0.0)
        )

    def _probe(self) -> bool:
        x1, x0, t = _probes()
        slope = value_jacobian(lambda z: self.forward(z, x0, t), pairs(x1).expand(-1, 25, 1))[1]
        ends = self.forward(x1, x0, torch.ones_like(t))
        return bool((slope > 0).all()) and bool((ends - pairs(x1)).abs().max() < 1e-9)


class ByInverse(_Implicit):
    """A family given by φ; subclasses write ``inverse`` for arrays with any leading axes."""

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        """ψ_t(x₁|x₀), and ψ_0 = x₀ by definition: φ has no value there."""
        start = per_pair(t) == 0
        later = torch.where(t == 0, torch.ones_like(t), t)
        guess = per_pair(later) * pairs(x1) + (1.0 - per_pair(later)) * x0
        x = _solve(self.inverse, x1, x0, later, guess, _position)
        return torch.where(start, x0.expand_as(x), x)

    def conditional(self, x: Tensor, x0: Tensor, t: Tensor) -> Conditional:
        shape = torch.broadcast_shapes(pairs(x).shape, x0.shape)
        moving = value_jacobian_rate(
            lambda z, s: self.inverse(z, x0, s), pairs(x).expand(shape), per_pair(t)
        )
        return _from_inverse(moving)

    def _probe(self) -> bool:
        x, x0, t = _probes()
        slope = value_jacobian(lambda z: self.inverse(z, x0, t), pairs(x).expand(-1, 25, 1))[1]
        ends = self.inverse(x, x0, torch.ones_like(t))
        return bool((slope > 0).all()) and bool((ends - pairs(x)).abs().max() < 1e-9)


def _from_inverse(moving: ValueJacobianRate) -> Conditional:
    velocity = -solve(moving.jacobian, moving.rate)
    return Conditional(moving.value, log_determinant(moving.jacobian), velocity)


def _straight(x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
    """The endpoint of the straight line through x: where Newton starts."""
    time = per_pair(t)
    return (pairs(x) - (1.0 - time) * x0) / time


def _solve(
    function: Family, y: Tensor, x0: Tensor, t: Tensor, guess: Tensor, target: Target
) -> Tensor:
    """The z with function(z, x0, t) = y, (Q, N, d), differentiable once in y, x0 and t.

    NaN where it is not known, and ``UNREACHED`` where there is none.
    """
    shape = torch.broadcast_shapes(pairs(y).shape, x0.shape, guess.shape)
    plain_x0, plain_t = x0.detach(), t.detach()
    root, found = _roots(function, pairs(y).detach(), plain_x0, plain_t, guess.detach(), target)
    # Newton's last step carries the root's derivative, as good as this Jacobian: exact where it is
    # asked for. The value needs only half of its digits, and differences cost an eighth.
    exact = value_jacobian if differentiating() else differences
    jacobian = exact(lambda z: function(z, plain_x0, plain_t), root)[1]
    step = solve(jacobian, function(root, x0, t) - pairs(y)).expand(shape)
    # A root on a fold of the family, to the last digit, has no slope: it stays where it is.
    return torch.where(found[..., None] & step.isfinite(), root - step, root)


def _roots(
    function: Family, y: Tensor, x0: Tensor, t: Tensor, guess: Tensor, target: Target
) -> tuple[Tensor, Tensor]:
    """The roots (Q, N, d) as plain numbers, and which are known, (Q, N)."""
    shape = torch.broadcast_shapes(y.shape, x0.shape, guess.shape)
    d = shape[-1]
    aim, points = (v.expand(shape).reshape(-1, d) for v in (y, x0))
    times = per_pair(t).expand(*shape[:-1], 1).reshape(-1)

    def rows(z: Tensor, index: Tensor | None) -> Tensor:
        if index is not None:
            return by_row(function, z, points[index], times[index])
        # All pairs at once: times and data points stay small and broadcast.
        return function(z.reshape(*z.shape[:-2], *shape), x0, t).reshape(z.shape)

    start = guess.expand(shape).reshape(-1, d)
    # In the plane rows that take many steps have other coordinates to be solved in.
    root, found = invert(rows, aim, start, _STEPS if d == 2 else MAX_STEPS)
    left = (~found).nonzero().squeeze(-1)
    if d > 1 and left.numel():
        equation = function, target, aim[left], points[left], times[left]
        root[left], found[left] = _continued(*equation, start[left])
    return root.reshape(shape), found.reshape(shape[:-1])


def by_row(function: Family, z: Tensor, x0: Tensor, t: Tensor) -> Tensor:
    """A family on rows of their own data point and time: (..., M, d), (M, d) and (M,)."""
    # A row is a query with one data point: (..., M, 1, d).
    return function(z[..., None, :], x0[:, None], t)[..., 0, :]


@dataclass(frozen=True)
class _Homotopy:
    """Rows of a family's equation at the times s = t^τ from 1 to t, even in log s.

    ``function``; ``y``, ``x0`` (M, d) and ``t`` (M,); ``target``, what its value must be at s.
    """

    function: Family
    target: Target
    y: Tensor
    x0: Tensor
    t: Tensor

    def aim(self, tau: Tensor, index: Tensor) -> Tensor:
        """What the value must be, (M, d)."""
        own = self.t[index]
        return self.target(self.y[index], self.x0[index], own[:, None], (own**tau)[:, None])

    def coordinates(self, z: Tensor, index: Tensor) -> Tensor:
        """Positions as the equation is solved in: here as they are."""
        return z

    def positions(self, w: Tensor, index: Tensor) -> Tensor:
        """The positions of such coordinates."""
        return w

    def residual(self, w: Tensor, tau: Tensor, index: Tensor) -> Tensor:
        """How far the value is from its aim, (..., M, d)."""
        return self._value(w, tau, index) - self.aim(tau, index)

    def escaped(self, w: Tensor, index: Tensor) -> Tensor:
        """Which rows are beyond where roots are looked for, (M,)."""
        return (w - self.x0[index]).norm(dim=-1) > FAR

    def newton(self, guess: Tensor) -> tuple[Tensor, Tensor]:
        """Roots at t by Newton's method in these coordinates, (M, d), and which are known, (M,)."""
        every = torch.arange(len(self.t), device=self.t.device)
        end = torch.ones_like(self.t)

        def rows(w: Tensor, which: Tensor | None) -> Tensor:
            index = every if which is None else which
            return self.residual(w, end[index], index)

        start = self.coordinates(guess, every)
        w, found = newton(rows, torch.zeros_like(start), start)
        return torch.where(found[:, None], self.positions(w, every), torch.nan), found

    def roots(self) -> tuple[Tensor, Tensor]:
        """The roots at t, (M, d), and which are known, (M,); ``UNREACHED`` where there is none."""
        every = torch.arange(len(self.t), device=self.t.device)
        begin = torch.zeros_like(self.t)
        first = self.coordinates(self.aim(begin, every), every)

        def rows(w: Tensor, which: Tensor | None) -> Tensor:
            index = every if which is None else which
            return self.residual(w, begin[index], index)

        start, begun = newton(rows, torch.zeros_like(first), first)
        w, found, escaped = continue_roots(
            self.residual, torch.where(begun[:, None], start, torch.nan), self.escaped
        )
        z = torch.where(found[:, None], self.positions(w, every), torch.nan)
        return torch.where(escaped[:, None], UNREACHED, z), found

    def _value(self, w: Tensor, tau: Tensor, index: Tensor) -> Tensor:
        z, own = self.positions(w, index), self.t[index] ** tau
        return by_row(self.function, z, self.x0[index], own)


class _Polar(_Homotopy):
    """The same in the plane by the logarithm of the distance from x₀ and by the angle about it.

    There a rotation about x₀ is a translation, and a family that winds is nearly linear.
    """

    def coordinates(self, z: Tensor, index: Tensor) -> Tensor:
        away = z - self.x0[index]
        return torch.stack([away.norm(dim=-1).log(), torch.atan2(away[..., 1], away[..., 0])], -1)

    def positions(self, w: Tensor, index: Tensor) -> Tensor:
        radius, angle = w[..., 0].exp(), w[..., 1]
        return self.x0[index] + torch.stack([radius * angle.cos(), radius * angle.sin()], -1)

    def residual(self, w: Tensor, tau: Tensor, index: Tensor) -> Tensor:
        """The logarithm of (value - x₀)/(aim - x₀) as complex numbers, in (-π, π]."""
        v = self._value(w, tau, index) - self.x0[index]
        u = self.aim(tau, index) - self.x0[index]
        turn = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
        ratio = v.norm(dim=-1) / u.norm(dim=-1)
        return torch.stack([ratio.log(), torch.atan2(turn, (u * v).sum(-1))], -1)

    def escaped(self, w: Tensor, index: Tensor) -> Tensor:
        return w[..., 0] > math.log(FAR)


def _continued(
    function: Family, target: Target, y: Tensor, x0: Tensor, t: Tensor, guess: Tensor
) -> tuple[Tensor, Tensor]:
    """Roots that Newton loses in positions: by Newton in polar coordinates, and where that is lost
    as well followed from t = 1, where z = y on most families; (M, d), (M,).
    """
    root, found = torch.full_like(y, torch.nan), torch.zeros_like(t, dtype=torch.bool)
    plane = y.shape[1] == 2
    ways = [(_Polar, True), (_Polar, False), (_Homotopy, False)] if plane else [(_Homotopy, False)]
    for homotopy, at_once in ways:
        left = root.isnan().any(-1).nonzero().squeeze(-1)
        if left.numel():
            own = homotopy(function, target, y[left], x0[left], t[left])
            root[left], found[left] = own.newton(guess[left]) if at_once else own.roots()
    return root, found


def handed(path: Path, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
    """det ∂φ_t/∂x with its sign, which tells where a family turns over; (Q, N)."""
    jacobian = value_jacobian(
        lambda z: path.inverse(z, x0, t),
        pairs(x).expand(torch.broadcast_shapes(pairs(x).shape, x0.shape)),
    )[1]
    return determinant(jacobian)
