"""How wrong a learned field is, measured against the exact one.

    E‖v - f‖²        √(E‖v - f‖² / E‖f‖²)        median ‖v - f‖/‖f‖          over x_t ~ p_t

The first is what the loss holds above its floor. Where E‖f‖² is infinite (a Student t with df ≤ 2:
f grows like x, and x has no second moment) averages over draws tend to nothing, and a relative
error in L² means nothing: it is NaN here, and the median says how far a typical velocity is off.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.training.progress import Chunks, drain, velocities
from flowviz.core.training.sampling import PairSampler, position_and_velocity

Velocity = Callable[[Tensor, Tensor], Tensor]

DRAWS = 1024

_FAR = (1e20, 1e25)
"""Distances at which an integrand is compared: far beyond any scale or data point."""
_TIMES = (0.2, 0.5, 0.8)


class FieldError(NamedTuple):
    """How far v is from f, over x_t ~ p_t.

    ``square``, E‖v - f‖²; ``relative``, √(E‖v - f‖²/E‖f‖²), NaN where E‖f‖² is infinite;
    ``median``, the median of ‖v - f‖/‖f‖.
    """

    square: float
    relative: float
    median: float


class Evaluation:
    """The error of a learned field over x_t ~ p_t, on draws that stay the same.

    Args:
        field: the exact flow.
        t_min: the earliest time.
        sampling: how times are drawn.
        n: how many draws.
        seed: of the draws.
    """

    def __init__(
        self,
        field: MarginalField,
        t_min: float,
        sampling: str = "uniform",
        n: int = DRAWS,
        seed: int = 271_828,
    ) -> None:
        drain(self._prepare(field, t_min, sampling, n, seed))

    @classmethod
    def in_chunks(cls, field: MarginalField, t_min: float, sampling: str) -> Chunks[Evaluation]:
        """The usual one, made in chunks."""
        evaluation = cls.__new__(cls)
        yield from evaluation._prepare(field, t_min, sampling)
        return evaluation

    def _prepare(
        self,
        field: MarginalField,
        t_min: float,
        sampling: str,
        n: int = DRAWS,
        seed: int = 271_828,
    ) -> Chunks[None]:
        pairs = PairSampler(field, t_min, sampling, seed)(0, n)
        exact = yield from velocities(field, pairs.x, pairs.t)
        inside = torch.isfinite(exact).all(1)  # rounding at an edge may put a draw outside
        self.x, self.t, self.exact = pairs.x[inside], pairs.t[inside], exact[inside]
        square = self.exact.square().sum(1)
        self.size = float(square.mean()) if finite_second_moment(field) else math.nan
        self._speed = square.sqrt()

    def __call__(self, velocity: Velocity) -> FieldError:
        """The error of a velocity."""
        with torch.no_grad():
            square = (velocity(self.x, self.t) - self.exact).square().sum(1)
        mean = float(square.mean())
        median = float((square.sqrt() / self._speed).nanmedian())
        return FieldError(mean, (mean / self.size) ** 0.5, median)


def finite_second_moment(field: MarginalField) -> bool:
    """Whether E‖f_t(x_t)‖² is finite.

    With the floor finite it is so if E‖f_t(x_t|x₀)‖² is, the integral of

        ‖∂ψ_t/∂t(r e|x₀)‖² p₁(r e) r^d        over log r, for every direction e:

    if and only if that falls from one far r to another. No prior and no family need say so.
    """
    d, axes = field.d, torch.eye(field.d, dtype=field.x0.dtype, device=field.x0.device)
    directions = torch.cat([axes, -axes])
    if d > 1 and not field.prior.product:
        directions = torch.cat([directions, (axes.sum(0) / d**0.5)[None]])
    # Coordinates of a product are independent: each has a tail of the line.
    line = field.prior.product
    density = field.prior.log_pdf if line else field.prior.log_prob
    near, far = (_log_integrand(field, r * directions, density, 1 if line else d) for r in _FAR)
    return not bool(((far >= near - 1e-9) & (far > -math.inf)).any())


def _log_integrand(
    field: MarginalField, x1: Tensor, density: Callable[[Tensor], Tensor], d: int
) -> Tensor:
    """log(‖∂ψ/∂t‖² p₁ r^d) at x₁ (Q, d), at each of a few times; -inf where p₁ is 0."""
    r = x1.norm(dim=1)
    log_p = density(x1.sum(1)) if d == 1 else density(x1)
    t = x1.new_tensor(_TIMES).repeat_interleave(len(x1))
    which = torch.zeros(len(t), dtype=torch.long, device=t.device)
    _, velocity = position_and_velocity(field, x1.repeat(len(_TIMES), 1), which, t)
    speed = velocity.norm(dim=1)
    # A family that solves equations may have no answer so far out; all of them grow like r there.
    speed = torch.where(speed.isfinite() & (speed > 0), speed, r.repeat(len(_TIMES)))
    return 2.0 * speed.log() + (log_p + d * r.log()).repeat(len(_TIMES))
