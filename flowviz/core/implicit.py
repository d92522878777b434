"""Families that are given in one direction: everything else follows.

From ψ alone (``ByForward``) the free end x₁ = φ_t(x|x₀) is the root of ψ_t(x₁|x₀) = x, and

    f_t(x|x₀) = ∂ψ/∂t,      log|det ∂φ/∂x| = -log|det ∂ψ/∂x₁|      at that x₁.

From φ alone (``ByInverse``) no equation is solved for the field at all:

    f_t(x|x₀) = -(∂φ/∂x)⁻¹ ∂φ/∂t,      log|det ∂φ/∂x|.

Roots are found on plain numbers (``inversion``) and made differentiable by one more Newton step
with the Jacobian held fixed. That step has the derivative of the implicit function theorem; it
carries first derivatives, all that a divergence or a continuity residual asks of φ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from flowviz.core.inversion import UNREACHED, invert
from flowviz.core.jacobians import (
    Change,
    change,
    determinant,
    log_determinant,
    solve,
    space_change,
)
from flowviz.core.path_base import Conditional, Path, pairs, per_pair

_PROBE = 6.0
"""Half the region in which a family on the line is looked at to see whether it increases."""


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
        return _solve(self.forward, x, x0, t, _straight(x, x0, t))

    def conditional(self, x: Tensor, x0: Tensor, t: Tensor) -> Conditional:
        x1 = self.inverse(x, x0, t)
        reached = x1.abs() < UNREACHED
        moving = change(lambda z, s: self.forward(z, x0, s), x1, per_pair(t))
        log_det, velocity = -log_determinant(moving.jacobian), moving.rate
        # Where no trajectory passes the density is 0 by its prior; these must not make it NaN.
        lost = (~reached).any(-1) & x1.isfinite().all(-1)
        return Conditional(
            x1, log_det.masked_fill(lost, 0.0), velocity.masked_fill(lost[..., None], 0.0)
        )

    def _probe(self) -> bool:
        x1, x0, t = _probes()
        slope = space_change(lambda z: self.forward(z, x0, t), pairs(x1).expand(-1, 25, 1))[1]
        ends = self.forward(x1, x0, torch.ones_like(t))
        return bool((slope > 0).all()) and bool((ends - pairs(x1)).abs().max() < 1e-9)


class ByInverse(_Implicit):
    """A family given by φ; subclasses write ``inverse`` for arrays with any leading axes."""

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        """ψ_t(x₁|x₀), and ψ_0 = x₀ by definition: φ has no value there."""
        start = per_pair(t) == 0
        later = torch.where(t == 0, torch.ones_like(t), t)
        guess = per_pair(later) * pairs(x1) + (1.0 - per_pair(later)) * x0
        x = _solve(self.inverse, x1, x0, later, guess)
        return torch.where(start, x0.expand_as(x), x)

    def conditional(self, x: Tensor, x0: Tensor, t: Tensor) -> Conditional:
        shape = torch.broadcast_shapes(pairs(x).shape, x0.shape)
        moving = change(lambda z, s: self.inverse(z, x0, s), pairs(x).expand(shape), per_pair(t))
        return _from_inverse(moving)

    def _probe(self) -> bool:
        x, x0, t = _probes()
        slope = space_change(lambda z: self.inverse(z, x0, t), pairs(x).expand(-1, 25, 1))[1]
        ends = self.inverse(x, x0, torch.ones_like(t))
        return bool((slope > 0).all()) and bool((ends - pairs(x)).abs().max() < 1e-9)


def _from_inverse(moving: Change) -> Conditional:
    velocity = -solve(moving.jacobian, moving.rate)
    return Conditional(moving.value, log_determinant(moving.jacobian), velocity)


def _straight(x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
    """The free end of the straight line through x: where Newton starts."""
    time = per_pair(t)
    return (pairs(x) - (1.0 - time) * x0) / time


def _solve(
    function: Callable[[Tensor, Tensor, Tensor], Tensor],
    y: Tensor,
    x0: Tensor,
    t: Tensor,
    guess: Tensor,
) -> Tensor:
    """The z with function(z, x0, t) = y, (Q, N, d), differentiable once in y, x0 and t."""
    shape = torch.broadcast_shapes(pairs(y).shape, x0.shape, guess.shape)
    d = shape[-1]
    target = pairs(y).detach().expand(shape).reshape(-1, d)
    points = x0.detach().expand(shape).reshape(-1, d)
    times = per_pair(t).detach().expand(*shape[:-1], 1).reshape(-1)

    def rows(z: Tensor, index: Tensor) -> Tensor:
        # A pair is a query with one data point of its own: (..., M, 1, d).
        value = function(z[..., None, :], points[index][:, None], times[index])
        return value.expand(*z.shape[:-1], 1, d)[..., 0, :]

    root, jacobian, found = invert(rows, target, guess.detach().expand(shape).reshape(-1, d))
    root, found = root.reshape(shape), found.reshape(shape[:-1])
    step = solve(jacobian.reshape(*shape, d), function(root, x0, t) - pairs(y))
    return torch.where(found[..., None], root - step, root)


def handed(path: Path, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
    """det ∂φ_t/∂x with its sign, which tells where a family turns over; (Q, N)."""
    jacobian = space_change(
        lambda z: path.inverse(z, x0, t),
        pairs(x).expand(torch.broadcast_shapes(pairs(x).shape, x0.shape)),
    )[1]
    return determinant(jacobian)
