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
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.families.base import Conditional, Path, pairs, per_pair
from flowviz.core.numerics.autodiff import differentiating
from flowviz.core.numerics.inversion import UNREACHED, Rows, differences, invert, newton, scattered
from flowviz.core.numerics.jacobians import (
    Change,
    change,
    determinant,
    log_determinant,
    solve,
    space_change,
)

_PROBE = 6.0
"""Half the region in which a family on the line is looked at to see whether it increases."""


STAGES = 16
"""Times between 1 and t at which a root that Newton lost is followed."""

Family = Callable[[Tensor, Tensor, Tensor], Tensor]


class Aim(NamedTuple):
    """Where a root is looked for at a time s between t and 1; everything (M, d), times (M,)."""

    target: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
    """(y, x0, t, s) -> what the family's value must be at time s."""
    carry: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
    """(z, x0, s, s') -> a guess for the root at s' from the root at s."""


# The free end of a point that moves along a straight line from x₁ to x.
_FREE_END = Aim(
    target=lambda y, x0, t, s: x0 + (s / t)[:, None] * (y - x0),
    carry=lambda z, x0, s, later: z,
)
# The position of a trajectory whose free end stays.
_POSITION = Aim(
    target=lambda y, x0, t, s: y,
    carry=lambda z, x0, s, later: x0 + (later / s)[:, None] * (z - x0),
)


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
        return _solve(self.forward, x, x0, t, _straight(x, x0, t), _FREE_END)

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
        x = _solve(self.inverse, x1, x0, later, guess, _POSITION)
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


def _solve(function: Family, y: Tensor, x0: Tensor, t: Tensor, guess: Tensor, aim: Aim) -> Tensor:
    """The z with function(z, x0, t) = y, (Q, N, d), differentiable once in y, x0 and t."""
    shape = torch.broadcast_shapes(pairs(y).shape, x0.shape, guess.shape)
    d = shape[-1]
    plain_x0, plain_t = x0.detach(), t.detach()
    target = pairs(y).detach().expand(shape).reshape(-1, d)
    points = plain_x0.expand(shape).reshape(-1, d)
    times = per_pair(plain_t).expand(*shape[:-1], 1).reshape(-1)

    single = _rows(function, points, times)

    def rows(z: Tensor, index: Tensor | None) -> Tensor:
        if index is not None:
            return single(z, index)
        # All pairs at once: times and data points stay small and broadcast.
        return function(z.reshape(*z.shape[:-2], *shape), plain_x0, plain_t).reshape(z.shape)

    root, found = invert(rows, target, guess.detach().expand(shape).reshape(-1, d))
    if d > 1 and not bool(found.all()):
        left = (~found).nonzero().squeeze(-1)
        own = (target[left], points[left], times[left])
        root[left], found[left] = _follow(function, aim, *own)
        left = (~found).nonzero().squeeze(-1)
        if d == 2 and left.numel():
            own = (target[left], points[left], times[left])
            reach = (guess.detach().expand(shape).reshape(-1, d)[left] - own[1]).norm(dim=-1)
            root[left], found[left] = scattered(_rows(function, *own[1:]), own[0], own[1], reach)
    root, found = root.reshape(shape), found.reshape(shape[:-1])
    # The slope of a root is as good as this Jacobian; its value needs only half the digits.
    exact = space_change if differentiating() else differences
    jacobian = exact(lambda z: function(z, plain_x0, plain_t), root)[1]
    step = solve(jacobian, function(root, x0, t) - pairs(y))
    # A root on a fold of the family, to the last digit, has no slope: it stays where it is.
    return torch.where(found[..., None] & step.isfinite(), root - step, root)


def _rows(function: Family, x0: Tensor, t: Tensor) -> Rows:
    """A family on rows of its own data point and time, (M, d) and (M,)."""

    def rows(z: Tensor, index: Tensor | None) -> Tensor:
        own, time = (x0, t) if index is None else (x0[index], t[index])
        # A row is a query with one data point: (..., M, 1, d).
        return function(z[..., None, :], own[:, None], time)[..., 0, :]

    return rows


def _follow(function: Family, aim: Aim, y: Tensor, x0: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """Roots that Newton loses, followed from t = 1, where z = y on every family; (M, d), (M,).

    Every stage starts where the one before it ended. The stages are even in log t, as a family
    changes most where it is small.
    """
    root, found = torch.full_like(y, torch.nan), torch.zeros_like(t, dtype=torch.bool)
    left, before = torch.arange(t.numel(), device=t.device), torch.ones_like(t)
    z = aim.target(y, x0, t, before)
    for k in range(1, STAGES + 1):
        s = t ** (k / STAGES)

        rows = _rows(function, x0, s)
        z, settled = newton(rows, aim.target(y, x0, t, s), aim.carry(z, x0, before, s), 10)
        keep = settled.nonzero().squeeze(-1)  # a thread that broke is not picked up again
        left, z, y, x0, t, before = (v[keep] for v in (left, z, y, x0, t, s))
    root[left], found[left] = z, True
    return root, found


def handed(path: Path, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
    """det ∂φ_t/∂x with its sign, which tells where a family turns over; (Q, N)."""
    jacobian = space_change(
        lambda z: path.inverse(z, x0, t),
        pairs(x).expand(torch.broadcast_shapes(pairs(x).shape, x0.shape)),
    )[1]
    return determinant(jacobian)
