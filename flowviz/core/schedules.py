"""Schedules (α_t, σ_t) of the interpolation x_t = α_t x₀ + σ_t x₁.

α_0 = 1, σ_0 = 0 (data) and α_1 = 0, σ_1 = 1 (prior).

All schedules describe one flow (MATH §3.2). With u = σ/(α+σ), the point x_t/(α_t+σ_t) moves along
the straight-line flow at time u: a schedule is a change of time and of scale.
``linear_time_and_scale`` gives both and ``time_of`` inverts the change of time.

Rates α̇, σ̇ are always derived by automatic differentiation, never written by hand.

A time is a tensor of any shape, a number, or a list or array of numbers; methods of subclasses get
tensors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor

from flowviz.core.formula import FormulaError, parse
from flowviz.core.numerics.arguments import Numbers, accept, takes_numbers
from flowviz.core.numerics.autodiff import elementwise_grad
from flowviz.core.priors.base import param_range, require

TAKES_TIMES = ("__call__", "one_minus_alpha", "rates", "velocity_coefficients")
TAKES_TIMES += ("linear_time_and_scale", "time_of")


@dataclass(frozen=True)
class Schedule:
    """Two curves on [0, 1]: α_t falls from 1 to 0 while σ_t rises from 0 to 1."""

    def __init_subclass__(cls) -> None:
        accept(cls, TAKES_TIMES, takes_numbers)

    def __call__(self, t: Numbers) -> tuple[Tensor, Tensor]:
        """(α_t, σ_t), each of t's shape."""
        raise NotImplementedError

    def one_minus_alpha(self, t: Numbers) -> Tensor:
        """1 - α_t, of t's shape; subclasses compute it without cancellation at small t."""
        return 1.0 - self(t)[0]

    def rates(self, t: Numbers) -> tuple[Tensor, Tensor]:
        """(dα/dt, dσ/dt) by automatic differentiation, each of t's shape."""
        alpha_rate, sigma_rate = elementwise_grad(self.__call__, t)[1]
        return alpha_rate, sigma_rate

    def velocity_coefficients(self, t: Numbers) -> tuple[Tensor, Tensor]:
        """The factors of x - D and of D in f_t(x), D the posterior mean; each of t's shape.

        f_t(x) = σ̇/σ (x - D) + ((σ̇/σ)(1 - α) + α̇) D
        """
        alpha_rate, sigma_rate = self.rates(t)
        growth = sigma_rate / self(t)[1]
        return growth, growth * self.one_minus_alpha(t) + alpha_rate

    def linear_time_and_scale(self, t: Numbers) -> tuple[Tensor, Tensor]:
        """The straight-line time u = σ/(α+σ) and the scale α+σ at t."""
        alpha, sigma = self(t)
        scale = alpha + sigma
        return sigma / scale, scale

    def time_of(self, u: Numbers) -> Tensor:
        """The t with σ_t/(α_t+σ_t) = u, for u in [0, 1]: the nearest floating-point number.

        Positive floating-point numbers are ordered like the integers with the same bits. Bisection
        over these ends at adjacent numbers, however small t is: σ = t^0.1 has t = 1e-30 at
        u = 1e-3.
        """
        bits = {2: torch.int16, 4: torch.int32, 8: torch.int64}[u.element_size()]
        low, high = torch.zeros_like(u).view(bits), torch.ones_like(u).view(bits)
        for _ in range(8 * u.element_size()):
            middle = low + torch.div(high - low, 2, rounding_mode="floor")
            above = self.linear_time_and_scale(middle.view(u.dtype))[0] >= u
            low, high = torch.where(above, low, middle), torch.where(above, middle, high)
        below, above = low.view(u.dtype), high.view(u.dtype)
        nearer = (u - self.linear_time_and_scale(below)[0]) < (
            self.linear_time_and_scale(above)[0] - u
        )
        t = torch.where(nearer, below, above)
        t = torch.where(u <= 0, torch.zeros_like(u), t)
        t = torch.where(u >= 1, torch.ones_like(u), t)
        return torch.where(u.isnan(), u, t)


accept(Schedule, TAKES_TIMES, takes_numbers)


@dataclass(frozen=True)
class Linear(Schedule):
    """Straight lines at constant speed: α = 1 - t, σ = t."""

    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return 1.0 - t, t

    def one_minus_alpha(self, t: Tensor) -> Tensor:
        return t

    def time_of(self, u: Tensor) -> Tensor:
        return u


@dataclass(frozen=True)
class Cosine(Schedule):
    """The variance-preserving α = cos(πt/2), σ = sin(πt/2): α² + σ² = 1."""

    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
        # cos(πt/2) as a sine of the remaining time: exactly 0 at t = 1.
        return torch.sin((1.0 - t) * (math.pi / 2)), torch.sin(t * (math.pi / 2))

    def one_minus_alpha(self, t: Tensor) -> Tensor:
        return 2.0 * torch.sin(t * (math.pi / 4)).square()


@dataclass(frozen=True)
class VariancePreserving(Schedule):
    """The linear-beta diffusion schedule, rescaled to α = 0 at t = 1.

    a(t) = exp(-B(t)/2), B = bmin·t + (bmax - bmin)·t²/2, α = (a(t) - a(1))/(1 - a(1)),
    σ = √(1 - α²).

    Source: Ho, Jain, Abbeel 2020 (linear beta); Lin et al. 2023 (rescaling to zero terminal SNR).
    """

    bmin: float = field(default=0.1, metadata=param_range(0.01, 1.0, 0.01))
    bmax: float = field(default=20.0, metadata=param_range(1.0, 40.0, 0.5))

    def __post_init__(self) -> None:
        require(
            0.0 < self.bmin <= self.bmax < math.inf,
            f"VariancePreserving: needs 0 < bmin <= bmax, got bmin={self.bmin!r}, "
            f"bmax={self.bmax!r}",
        )

    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
        slope, end = self._end()
        # Differences of exponentials through expm1: α is exact near t = 1, and 1 - α near t = 0.
        left = (1.0 - t) * (self.bmin + slope * (1.0 + t))  # B(1) - B(t)
        alpha = end * torch.expm1(0.5 * left) / (1.0 - end)
        # Two roots: that of the product has no number for its slope at t = 0, which is infinite.
        return alpha, torch.sqrt(self.one_minus_alpha(t)) * torch.sqrt(1.0 + alpha)

    def one_minus_alpha(self, t: Tensor) -> Tensor:
        slope, end = self._end()
        return -torch.expm1(-0.5 * t * (self.bmin + slope * t)) / (1.0 - end)

    def _end(self) -> tuple[float, float]:
        """(bmax - bmin)/2 and a(1)."""
        slope = 0.5 * (self.bmax - self.bmin)
        return slope, math.exp(-0.5 * (self.bmin + slope))


@dataclass(frozen=True)
class Quadratic(Schedule):
    """Slow near the data: α = 1 - t², σ = t²."""

    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return 1.0 - t * t, t * t

    def one_minus_alpha(self, t: Tensor) -> Tensor:
        return t * t


@dataclass(frozen=True)
class Cubic(Schedule):
    """Slower still near the data: α = 1 - t³, σ = t³."""

    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return 1.0 - t * t * t, t * t * t

    def one_minus_alpha(self, t: Tensor) -> Tensor:
        return t * t * t


@dataclass(frozen=True)
class FormulaSchedule(Schedule):
    """α_t and σ_t as typed formulas in t (``formula`` has the language).

    Args:
        alpha: α_t, from 1 to 0.
        sigma: σ_t, from 0 to 1.

    Raises:
        FormulaError: where a text is not a formula in t; where a value at 0 or 1 is wrong; where
            σ_t or u = σ/(α+σ) does not increase, which is then no change of time.
    """

    alpha: str = field(default="1-t", metadata={"role": "alpha"})
    sigma: str = field(default="t", metadata={"role": "sigma"})

    def __post_init__(self) -> None:
        for text, role in ((self.alpha, "alpha"), (self.sigma, "sigma")):
            if letters := parse(text, role).letters:
                column = text.index(letters[0]) + 1
                raise FormulaError("variable", column, {"token": letters[0], "names": "t"})
        t = _check_times()
        alpha, sigma = self(t)
        _require_ends("α", alpha, 1.0)
        require_sigma(sigma)
        _require_rise("σ/(α+σ)", sigma / (alpha + sigma))

    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
        alpha, sigma = (
            _curve(text, role)({"t": t[..., None]})[..., 0]
            for text, role in ((self.alpha, "alpha"), (self.sigma, "sigma"))
        )
        return alpha, sigma


def require_sigma(sigma: Callable[[Tensor], Tensor] | Tensor) -> None:
    """Raise FormulaError unless a typed σ_t rises from 0 to 1.

    Args:
        sigma: the curve, or its values at the times of the check.

    Raises:
        FormulaError: naming the time and the value.
    """
    curve = sigma if isinstance(sigma, Tensor) else sigma(_check_times())
    _require_ends("σ", curve, 0.0)
    _require_rise("σ", curve)


def _check_times() -> Tensor:
    return torch.linspace(0.0, 1.0, 513, dtype=torch.float64)


def _require_ends(name: str, curve: Tensor, first: float) -> None:
    for t, index, wanted in (("0", 0, first), ("1", -1, 1.0 - first)):
        if not abs(float(curve[index]) - wanted) <= 1e-9:
            value = f"{float(curve[index]):.6g}"
            found = {"name": name, "t": t, "value": value, "wanted": f"{wanted:g}"}
            raise FormulaError("ends", 1, found)


def _require_rise(name: str, curve: Tensor) -> None:
    # Values near t = 0 may underflow to 0: that is accepted.
    not_rising = ~(curve.diff() > 0) & (curve[1:] != 0)
    if bool(not_rising.any()):
        at = float(_check_times()[1:][not_rising][0])
        raise FormulaError("rise", 1, {"name": name, "t": f"{at:.3g}"})


@lru_cache(maxsize=64)
def _curve(text: str, role: str) -> Callable[[dict[str, Tensor]], Tensor]:
    return parse(text, role).compile(1)


SCHEDULES: dict[str, type[Schedule]] = {
    "linear": Linear,
    "cosine": Cosine,
    "vp": VariancePreserving,
    "quadratic": Quadratic,
    "cubic": Cubic,
    "formula": FormulaSchedule,
}
