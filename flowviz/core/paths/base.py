"""Trajectory families: curves that join a data point x₀ with every sample x₁ of the prior.

A family is a map ψ with ψ_0(x₁|x₀) = x₀ and ψ_1(x₁|x₀) = x₁, invertible in x₁ at every t > 0:

    forward   x  = ψ_t(x₁|x₀)          inverse   x₁ = φ_t(x|x₀)

Differentiating φ_t(x_t|x₀) = x₁ with x₁ held constant gives the conditional velocity, and the
change of variables gives the conditional density (MATH §1):

    f_t(x|x₀) = -(∂φ/∂x)⁻¹ ∂φ/∂t = ∂ψ/∂t at x₁ = φ_t(x|x₀)
    p_t(x|x₀) = p₁(φ_t(x|x₀)) · |det ∂φ_t/∂x|

``Path`` derives both by forward-mode differentiation, d + 1 passes for d dimensions. ``Affine``,
x_t = μ_t(x₀) + σ_t x₁, has them in closed form.

Shapes: x or x₁ (Q, d) against x₀ (N, d) gives (Q, N, d); ``log_det`` gives (Q, N). The time is a
scalar or one value per query, (Q,). Positions or data points with three axes must broadcast to
(Q, N, d). Each may be a tensor or numbers (``numerics.arguments``); methods of subclasses get
tensors.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor

from flowviz.core.numerics.arguments import (
    Numbers,
    accept,
    as_positions,
    as_tensor,
    as_times,
    is_float_tensor,
)
from flowviz.core.numerics.autodiff import coordinate, jvp, time_derivative
from flowviz.core.schedules import Linear, Schedule

FAR_OUT = 1e80
"""An endpoint so far out that μ_t(x₀) + S_t x₁ equals S_t x₁ to rounding: it gives S_t without
cancellation, unlike a difference of two values."""


def per_pair(t: Tensor) -> Tensor:
    """Times that broadcast against (Q, N, d), from a scalar or one time per query."""
    return t[:, None, None] if t.dim() == 1 else t


def pairs(x: Tensor) -> Tensor:
    """Positions that broadcast against (Q, N, d), from (Q, d) or (Q, N, d)."""
    return x[:, None, :] if x.dim() == 2 else x


def constant_per_pair(value: Tensor, x: Tensor, x0: Tensor) -> Tensor:
    """A function of time, a scalar or (Q,), expanded to all pairs of x and x₀: (Q, N)."""
    shape = torch.broadcast_shapes(pairs(x).shape, x0.shape)[:-1]
    return (value[:, None] if value.dim() == 1 else value).expand(shape)


class Conditional(NamedTuple):
    """φ_t(x|x₀), log|det ∂φ_t/∂x| and f_t(x|x₀) for all pairs of x and x₀.

    ``x1`` (Q, N, d), ``log_det`` (Q, N), ``velocity`` (Q, N, d).
    """

    x1: Tensor
    log_det: Tensor
    velocity: Tensor


TAKES_PAIRS = ("forward", "inverse", "velocity", "log_det", "conditional")


def takes_pairs(method: Callable[..., Any]) -> Callable[..., Any]:
    """Convert the arguments of a method f(self, x, x0, t) to tensors and check their shapes.

    Raises:
        TypeError: for anything but real numbers.
        ValueError: where shapes do not match.
    """
    name = "x1" if method.__name__ == "forward" else "x"

    @functools.wraps(method)
    def call(self: Path, *args: Any, **named: Any) -> Any:
        x, x0, t = args if not named else _by_name(name, *args, **named)
        if not (is_float_tensor(x) and is_float_tensor(x0) and is_float_tensor(t)):
            x0 = as_tensor("x0", x0)
            x, t = as_positions(x, x0, name), as_times(t, x0)
        if t.dtype != x0.dtype:
            t = t.to(x0.dtype)
        if x.dim() < 2 or x0.dim() < 2 or x.shape[-1] != x0.shape[-1]:
            raise _mismatch(name, x, x0, t)
        try:
            return method(self, x, x0, t)
        except (RuntimeError, IndexError):
            if _compatible(x, x0, t):
                raise
            raise _mismatch(name, x, x0, t) from None

    return call


def _by_name(name: str, *args: Any, **named: Any) -> tuple[Any, Any, Any]:
    """Positional and keyword arguments, in the order (x, x0, t)."""
    found = dict(zip((name, "x0", "t"), args, strict=False)) | named
    if found.keys() != {name, "x0", "t"} or len(args) + len(named) != 3:
        raise TypeError(f"a path takes ({name}, x0, t), got {', '.join(named)}")
    return found[name], found["x0"], found["t"]


def _compatible(x: Tensor, x0: Tensor, t: Tensor) -> bool:
    try:
        torch.broadcast_shapes(pairs(x).shape, x0.shape, per_pair(t).shape)
    except RuntimeError:
        return False
    return x.device == x0.device == t.device or t.dim() == 0


def _mismatch(name: str, x: Tensor, x0: Tensor, t: Tensor) -> ValueError:
    arguments = {name: x, "x0": x0, "t": t}
    got = ", ".join(f"{key} {tuple(v.shape)}" for key, v in arguments.items())
    if len({v.device for v in arguments.values()}) > 1:
        got += f" on {', '.join(str(v.device) for v in arguments.values())}"
    return ValueError(f"a path needs {name} (Q, d), x0 (N, d) and t, one or (Q,), got {got}")


class Path:
    """A family of trajectories through each data point."""

    def __init_subclass__(cls) -> None:
        accept(cls, TAKES_PAIRS, takes_pairs)

    def exists_in(self, d: int) -> bool:
        """Whether the family is defined in d dimensions."""
        return d >= 1

    @property
    def affine_schedule(self) -> Schedule | None:
        """The schedule if the family is x_t = α_t x₀ + σ_t x₁, otherwise None."""
        return None

    @property
    def monotone(self) -> bool:
        """Whether, for d = 1, ψ_t(·|x₀) increases for all t and x₀: the CDF is conserved."""
        return False

    @property
    def affine_in_x1(self) -> bool:
        """Whether ψ_t(x₁|x₀) = μ_t(x₀) + S_t x₁, with one matrix S_t for all data points."""
        return False

    @property
    def affine_in_both(self) -> bool:
        """Whether, for d = 1, ψ_t(x₁|x₀) = α_t x₀ + σ_t x₁ + β_t."""
        return self.affine_schedule is not None

    @property
    def elementwise(self) -> bool:
        """Whether coordinate j of ψ_t(x₁|x₀) is a function of that coordinate of x₁ and x₀ only.

        As ψ is invertible and ψ_1 = x₁, it then increases in it.
        """
        return False

    def chord_inverse(self, t: Tensor, d: int) -> tuple[Tensor, Tensor] | None:
        """S_t⁻¹ and its rate in t, (M, d, d), where ψ_t(x₁|x₀) = x₀ + S_t (x₁ - x₀); else None."""
        return None

    def forward(self, x1: Numbers, x0: Numbers, t: Numbers) -> Tensor:
        """ψ_t(x₁|x₀), the position at time t; (Q, d), (N, d) -> (Q, N, d)."""
        raise NotImplementedError

    def inverse(self, x: Numbers, x0: Numbers, t: Numbers) -> Tensor:
        """φ_t(x|x₀), the endpoint of the trajectory through x; (Q, d), (N, d) -> (Q, N, d)."""
        raise NotImplementedError

    def velocity(self, x: Numbers, x0: Numbers, t: Numbers) -> Tensor:
        """f_t(x|x₀) = ∂ψ_t/∂t at x₁ = φ_t(x|x₀); (Q, d), (N, d) -> (Q, N, d)."""
        x1 = self.inverse(x, x0, t)
        return time_derivative(lambda s: self.forward(x1, x0, s), t)[1]

    def log_det(self, x: Numbers, x0: Numbers, t: Numbers) -> Tensor:
        """log|det ∂φ_t/∂x|; (Q, d), (N, d) -> (Q, N)."""
        columns = [
            jvp(lambda y: self.inverse(y, x0, t), x, coordinate(x, j))[1]
            for j in range(x.shape[-1])
        ]
        return torch.linalg.slogdet(torch.stack(columns, dim=-1)).logabsdet

    def conditional(self, x: Numbers, x0: Numbers, t: Numbers) -> Conditional:
        """φ, log|det ∂φ/∂x| and f together, which some families compute in one pass."""
        return Conditional(self.inverse(x, x0, t), self.log_det(x, x0, t), self.velocity(x, x0, t))


accept(Path, TAKES_PAIRS, takes_pairs)


@dataclass(frozen=True)
class Affine(Path):
    """The family x_t = μ_t(x₀) + σ_t x₁, with μ_t(x₀) = α_t x₀ by default.

    f_t(x|x₀) = μ̇_t(x₀) + (σ̇_t/σ_t)(x - μ_t(x₀)),   log|det ∂φ/∂x| = -d log σ_t.

    Args:
        schedule: gives α_t and σ_t.
        mu: optional (x0, t) -> μ_t(x₀), any torch function with μ_0 = x₀ and μ_1 = 0, for t of a
            shape that broadcasts against x0.
    """

    schedule: Schedule = field(default_factory=Linear)
    mu: Callable[[Tensor, Tensor], Tensor] | None = None

    @property
    def affine_schedule(self) -> Schedule | None:
        return self.schedule if self.mu is None else None

    @property
    def monotone(self) -> bool:
        return True

    @property
    def affine_in_x1(self) -> bool:
        return True

    @property
    def affine_in_both(self) -> bool:
        return self.affine_schedule is not None or getattr(self.mu, "affine", False)

    def centre(self, x0: Tensor, t: Tensor) -> Tensor:
        """μ_t(x₀); (N, d) -> (Q, N, d) or (N, d) for one time."""
        if self.mu is not None:
            return self.mu(x0, per_pair(t))
        return per_pair(self.schedule(t)[0]) * x0

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self.centre(x0, t) + per_pair(self.schedule(t)[1]) * pairs(x1)

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        # The difference first: x/σ - μ/σ would cancel at small t.
        return (pairs(x) - self.centre(x0, t)) / per_pair(self.schedule(t)[1])

    def velocity(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        sigma, (alpha_rate, sigma_rate) = self.schedule(t)[1], self.schedule.rates(t)
        if self.affine_schedule is not None:
            mu, mu_rate = self.centre(x0, t), per_pair(alpha_rate) * x0
        else:
            mu, mu_rate = time_derivative(lambda s: self.centre(x0, s), t)
        return mu_rate + per_pair(sigma_rate / sigma) * (pairs(x) - mu)

    def log_det(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return constant_per_pair(-x.shape[-1] * torch.log(self.schedule(t)[1]), x, x0)
