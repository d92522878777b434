"""Families other than x_t = α_t x₀ + σ_t x₁, each for one possibility of the general theory.

parabola, wave   curved lines; for d = 2 the offset is perpendicular to the chord x₁ - x₀
swirl            the chord is rotated by an angle that is 0 at t = 1
per_axis         each coordinate has its own schedule
detour           μ_t(x₀) is not linear in x₀
squeeze          ψ_t is not linear in x₁, and its inverse has no closed form
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from flowviz.core.numerics.autodiff import elementwise_grad
from flowviz.core.paths.base import Affine, Path, constant_per_pair, pairs, per_pair
from flowviz.core.paths.implicit import ByForward
from flowviz.core.priors.base import param_range, require


def _number(owner: Path, name: str, value: float, low: float = -math.inf) -> None:
    require(
        math.isfinite(value) and value > low,
        f"{type(owner).__name__}: {name} must be finite"
        + (f" and greater than {low:g}" if low > -math.inf else "")
        + f", got {value!r}",
    )


class Turning(Path):
    """x = x₀ + (c_t + s_t J)(x₁ - x₀), J the rotation by 90°: all chords rotated and scaled alike.

    As complex numbers the inverse divides by c + is, and log|det ∂φ/∂x| = -log(c² + s²).
    """

    def exists_in(self, d: int) -> bool:
        return d == 2

    @property
    def affine_in_x1(self) -> bool:
        return True

    def complex_scale(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """(c_t, s_t), each of t's shape; (0, 0) at t = 0 and (1, 0) at t = 1."""
        raise NotImplementedError

    def complex_scale_rates(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """(dc/dt, ds/dt), each of t's shape."""
        c, s = elementwise_grad(self.complex_scale, t)[1]
        return c, s

    def chord_inverse(self, t: Tensor, d: int) -> tuple[Tensor, Tensor] | None:
        (c, s), (dc, ds) = self.complex_scale(t), self.complex_scale_rates(t)
        factor = (c * c + s * s).reciprocal()
        a, b = c * factor, -s * factor
        # 1/S = a + ib has the rate -S'/S².
        real, imaginary = a * a - b * b, 2.0 * a * b
        rates = imaginary * ds - real * dc, -(real * ds + imaginary * dc)
        return _complex(a, b), _complex(*rates)

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        c, s = (per_pair(v) for v in self.complex_scale(t))
        chord = pairs(x1) - x0
        return x0 + c * chord + s * _quarter(chord)

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        c, s = (per_pair(v) for v in self.complex_scale(t))
        chord = pairs(x) - x0
        return x0 + (c * chord - s * _quarter(chord)) / (c * c + s * s)

    def velocity(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        (c, s), (dc, ds) = self.complex_scale(t), self.complex_scale_rates(t)
        size = c * c + s * s
        grow, turn = (per_pair(v) for v in ((dc * c + ds * s) / size, (ds * c - dc * s) / size))
        chord = pairs(x) - x0
        return grow * chord + turn * _quarter(chord)

    def log_det(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        c, s = self.complex_scale(t)
        return constant_per_pair(-torch.log(c * c + s * s), x, x0)


def _quarter(v: Tensor) -> Tensor:
    """J v, the vector rotated by 90°, (..., 2)."""
    require(v.shape[-1] == 2, f"this family turns vectors of the plane, got d={v.shape[-1]}")
    return torch.stack([-v[..., 1], v[..., 0]], dim=-1)


def _complex(a: Tensor, b: Tensor) -> Tensor:
    """The matrices that multiply by a + ib, (M, 2, 2)."""
    return torch.stack([a, -b, b, a], dim=-1).view(*a.shape, 2, 2)


class Bowed(Turning):
    """Straight lines with an offset b_t, which is 0 at both ends.

    For d = 2 the offset is perpendicular to the chord, x = x₀ + (t + b_t J)(x₁ - x₀); for d = 1
    x = (1-t)x₀ + t x₁ + b_t.
    """

    def exists_in(self, d: int) -> bool:
        return d in (1, 2)

    def bow(self, t: Tensor) -> Tensor:
        """b_t, of t's shape."""
        raise NotImplementedError

    def bow_rate(self, t: Tensor) -> Tensor:
        """db/dt, of t's shape."""
        raise NotImplementedError

    def complex_scale(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return t, self.bow(t)

    def complex_scale_rates(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return torch.ones_like(t), self.bow_rate(t)

    @property
    def monotone(self) -> bool:
        return True

    @property
    def affine_in_both(self) -> bool:
        return True

    def _line(self) -> Affine:
        return Affine(mu=lambda x0, t: (1.0 - t) * x0 + self.bow(t))

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        if x0.shape[-1] == 1:
            return self._line().forward(x1, x0, t)
        return super().forward(x1, x0, t)

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        if x0.shape[-1] == 1:
            return self._line().inverse(x, x0, t)
        return super().inverse(x, x0, t)

    def velocity(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        if x0.shape[-1] == 1:
            return self._line().velocity(x, x0, t)
        return super().velocity(x, x0, t)

    def log_det(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        if x0.shape[-1] == 1:
            return self._line().log_det(x, x0, t)
        return super().log_det(x, x0, t)


@dataclass(frozen=True)
class Parabola(Bowed):
    """Parabolas: b_t = bend · t(1-t), for d = 1 and 2."""

    bend: float = field(default=1.0, metadata=param_range(-5.0, 5.0, 0.05))

    def __post_init__(self) -> None:
        _number(self, "bend", self.bend)

    def bow(self, t: Tensor) -> Tensor:
        return self.bend * t * (1.0 - t)

    def bow_rate(self, t: Tensor) -> Tensor:
        return self.bend * (1.0 - 2.0 * t)


@dataclass(frozen=True)
class Wave(Bowed):
    """Sine waves: b_t = height · sin(πkt) with k half waves, for d = 1 and 2."""

    height: float = field(default=0.3, metadata=param_range(-2.0, 2.0, 0.01))
    halves: int = field(default=3, metadata=param_range(1, 8, 1))

    def __post_init__(self) -> None:
        _number(self, "height", self.height)
        require(
            isinstance(self.halves, int) and self.halves >= 1,
            f"Wave: halves must be a whole number from 1, got {self.halves!r}",
        )

    def bow(self, t: Tensor) -> Tensor:
        return self.height * torch.sin(math.pi * self.halves * t)

    def bow_rate(self, t: Tensor) -> Tensor:
        frequency = math.pi * self.halves
        return self.height * frequency * torch.cos(frequency * t)


@dataclass(frozen=True)
class Swirl(Turning):
    """x = x₀ + t R(turns·2π(1-t))(x₁ - x₀), R(θ) the rotation by θ."""

    turns: float = field(default=0.5, metadata=param_range(-3.0, 3.0, 0.05))

    def __post_init__(self) -> None:
        _number(self, "turns", self.turns)

    def complex_scale(self, t: Tensor) -> tuple[Tensor, Tensor]:
        angle = math.tau * self.turns * (1.0 - t)
        return t * torch.cos(angle), t * torch.sin(angle)

    def complex_scale_rates(self, t: Tensor) -> tuple[Tensor, Tensor]:
        frequency = math.tau * self.turns
        angle = frequency * (1.0 - t)
        c, s = torch.cos(angle), torch.sin(angle)
        return c + frequency * t * s, s - frequency * t * c


@dataclass(frozen=True)
class PerAxis(Path):
    """A schedule for each coordinate: x_j = (1-τ_j)x₀_j + τ_j x₁_j, τ_j = t^(p_j).

    The powers alternate between ``first`` and ``second``.
    """

    first: float = field(default=1.0, metadata=param_range(0.25, 4.0, 0.05))
    second: float = field(default=2.0, metadata=param_range(0.25, 4.0, 0.05))

    def __post_init__(self) -> None:
        _number(self, "first", self.first, 0.0)
        _number(self, "second", self.second, 0.0)

    def exists_in(self, d: int) -> bool:
        return d >= 2  # for d = 1 it is a schedule

    @property
    def monotone(self) -> bool:
        return True

    @property
    def affine_in_x1(self) -> bool:
        return True

    def chord_inverse(self, t: Tensor, d: int) -> tuple[Tensor, Tensor] | None:
        powers = self._powers(t.new_zeros(d))
        inverse = t[:, None] ** -powers
        return torch.diag_embed(inverse), torch.diag_embed(-powers * inverse / t[:, None])

    def powers(self, d: int) -> tuple[float, ...]:
        """p_j for each of d coordinates."""
        return tuple(self.second if j % 2 else self.first for j in range(d))

    def _powers(self, like: Tensor) -> Tensor:
        return like.new_tensor(self.powers(like.shape[-1]))

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        tau = per_pair(t) ** self._powers(x0)
        return (1.0 - tau) * x0 + tau * pairs(x1)

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        # The difference first: x₀ cancels before it is divided by a small τ.
        return x0 + (pairs(x) - x0) * per_pair(t) ** -self._powers(x0)

    def velocity(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._powers(x0) / per_pair(t) * (pairs(x) - x0)

    def log_det(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return constant_per_pair(-self._powers(x0).sum() * torch.log(t), x, x0)


@dataclass(frozen=True)
class Detour(Affine):
    """x = μ_t(x₀) + t x₁ with a mean that is not linear in x₀.

    μ_t(x₀) = (1-t)(x₀ + swing·t·sin(πx₀)).
    """

    swing: float = field(default=1.0, metadata=param_range(-5.0, 5.0, 0.05))

    def __post_init__(self) -> None:
        _number(self, "swing", self.swing)

    @property
    def affine_schedule(self) -> None:
        return None

    def centre(self, x0: Tensor, t: Tensor) -> Tensor:
        time = per_pair(t)
        return (1.0 - time) * (x0 + self.swing * time * torch.sin(math.pi * x0))


@dataclass(frozen=True)
class Squeeze(ByForward):
    """x = (1-t)x₀ + t x₁ + k t(1-t) tanh(x₁ - x₀): nonlinear in x₁, mostly for x₁ near x₀.

    Each coordinate's slope is t(1 + k(1-t)/cosh²) > 0 for k > -1, so that it is invertible, though
    not in closed form.
    """

    k: float = field(default=1.0, metadata=param_range(-0.9, 5.0, 0.05))

    def __post_init__(self) -> None:
        _number(self, "k", self.k, -1.0)

    @property
    def elementwise(self) -> bool:
        return True

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        time, end = per_pair(t), pairs(x1)
        chord = end - x0
        return (1.0 - time) * x0 + time * (end + self.k * (1.0 - time) * torch.tanh(chord))
