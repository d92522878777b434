"""Errors of a learned field against the exact one.

    E‖v - f‖²        √(E‖v - f‖² / E‖f‖²)        median ‖v - f‖/‖f‖          over x_t ~ p_t

The first is the difference of the loss and its floor. Where E‖f‖² is infinite (a Student t with
df ≤ 2: f grows like x, and x has no second moment) averages over samples do not converge, and the
relative error in L² is undefined: NaN here. The median is always defined.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.training.labels import Labels
from flowviz.core.training.progress import Chunks, drain, velocities
from flowviz.core.training.sampling import PairSampler, position_and_velocity

Velocity = Callable[..., Tensor]
"""(x, t) -> v, or (x, t, label) -> v where examples have labels."""

DRAWS = 1024

_FAR = (1e20, 1e25)
"""Distances at which an integrand is compared, much larger than all scales."""
_TIMES = (0.2, 0.5, 0.8)


class FieldError(NamedTuple):
    """Errors of v against f, over x_t ~ p_t.

    ``square``, E‖v - f‖²; ``relative``, √(E‖v - f‖²/E‖f‖²), NaN where E‖f‖² is infinite;
    ``median``, the median of ‖v - f‖/‖f‖.
    """

    square: float
    relative: float
    median: float


class Evaluation:
    """The error of a learned field over fixed samples of x_t ~ p_t.

    Args:
        field: the exact flow.
        t_min: the smallest time.
        sampling: distribution of the times.
        n: number of samples.
        seed: of the samples.
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
    def in_chunks(
        cls, field: MarginalField, t_min: float, sampling: str, labels: Labels | None = None
    ) -> Chunks[Evaluation]:
        """The default evaluation, constructed in chunks; of examples with labels if given."""
        evaluation = cls.__new__(cls)
        yield from evaluation._prepare(field, t_min, sampling, labels=labels)
        return evaluation

    def _prepare(
        self,
        field: MarginalField,
        t_min: float,
        sampling: str,
        n: int = DRAWS,
        seed: int = 271_828,
        labels: Labels | None = None,
    ) -> Chunks[None]:
        pairs = PairSampler(field, t_min, sampling, seed)(0, n)
        label = labels.given(pairs.which, seed) if labels else None
        if labels and label is not None:
            exact = yield from labels.velocities(pairs.x, pairs.t, label)
        else:
            exact = yield from velocities(field, pairs.x, pairs.t)
        inside = torch.isfinite(exact).all(1)  # samples at an edge may be outside by rounding
        self.x, self.t, self.exact = pairs.x[inside], pairs.t[inside], exact[inside]
        self.given = () if label is None else (label[inside],)
        square = self.exact.square().sum(1)
        self.size = float(square.mean()) if finite_second_moment(field) else math.nan
        self._speed = square.sqrt()

    def __call__(self, velocity: Velocity) -> FieldError:
        """The error of a velocity."""
        with torch.no_grad():
            square = (velocity(self.x, self.t, *self.given) - self.exact).square().sum(1)
        mean = float(square.mean())
        median = float((square.sqrt() / self._speed).nanmedian())
        return FieldError(mean, (mean / self.size) ** 0.5, median)


def finite_second_moment(field: MarginalField) -> bool:
    """Whether E‖f_t(x_t)‖² is finite.

    If the floor is finite, it is finite if and only if E‖f_t(x_t|x₀)‖² is, the integral of

        ‖∂ψ_t/∂t(r e|x₀)‖² p₁(r e) r^d        over log r, for every direction e:

    this is decided numerically, by whether the integrand decreases at very large r.
    """
    d, axes = field.d, torch.eye(field.d, dtype=field.x0.dtype, device=field.x0.device)
    directions = torch.cat([axes, -axes])
    if d > 1 and not field.prior.product:
        directions = torch.cat([directions, (axes.sum(0) / d**0.5)[None]])
    # For independent coordinates the tails are those of one coordinate.
    product = field.prior.product
    density = field.prior.log_pdf if product else field.prior.log_prob
    near, far = (_log_integrand(field, r * directions, density, 1 if product else d) for r in _FAR)
    return not bool(((far >= near - 1e-9) & (far > -math.inf)).any())


def _log_integrand(
    field: MarginalField, x1: Tensor, density: Callable[[Tensor], Tensor], d: int
) -> Tensor:
    """log(‖∂ψ/∂t‖² p₁ r^d) at x₁ (Q, d) and `_TIMES`; -inf where p₁ is 0."""
    r = x1.norm(dim=1)
    log_p = density(x1.sum(1)) if d == 1 else density(x1)
    t = x1.new_tensor(_TIMES).repeat_interleave(len(x1))
    which = torch.zeros(len(t), dtype=torch.long, device=t.device)
    _, velocity = position_and_velocity(field, x1.repeat(len(_TIMES), 1), which, t)
    speed = velocity.norm(dim=1)
    # Implicit families may have no value so far out; their velocity grows like r there.
    speed = torch.where(speed.isfinite() & (speed > 0), speed, r.repeat(len(_TIMES)))
    return 2.0 * speed.log() + (log_p + d * r.log()).repeat(len(_TIMES))
