"""Vector fields of the exact flow, for every family, and of any other velocity.

    PosteriorMeanField  x = α x₀ + σ x₁, by the posterior mean, which is the data prediction
    AffineInX1Field     x = μ_t(x₀) + S_t x₁ with a matrix S_t: families with formulas both ways
    VelocityField       any velocity: a trained network, or a family that solves equations for x₁

A family that is affine in x₁ is given by μ, S and their rates, which do not depend on the position
and are computed for many times in one differentiation:

    f_t(x) = Σ_i r_i μ̇_t(x₀ᵢ) + Ṡ S⁻¹ (x - Σ_i r_i μ_t(x₀ᵢ)),    r_i ∝ w_i p₁(S⁻¹(x - μ_t(x₀ᵢ))).

Where p_t(x) = 0 (outside the support) an exact field has no velocity. There a solver gets the
velocity of the data point with the nearest support, and such evaluations are counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.likelihood import with_divergence
from flowviz.core.numerics.chunks import blocks
from flowviz.core.numerics.jacobians import value_jacobian_rate
from flowviz.core.paths.base import Path
from flowviz.core.schedules import Schedule
from flowviz.core.solvers.vector_field import Time, VectorField

__all__ = [
    "AffineInX1Field",
    "PosteriorMeanField",
    "VectorField",
    "VelocityField",
    "vector_field_of",
]

_CACHED_NUMBERS = 1 << 20
"""Most numbers of an affine map that are cached."""


class Velocity(Protocol):
    """A velocity: (x (Q, d), t a scalar or (Q,)) -> (Q, d); a network is one, too."""

    def __call__(self, x: Tensor, t: Tensor, /) -> Tensor: ...


class VelocityField(VectorField):
    """The vector field of any velocity: a trained network, or a family that solves equations.

    Args:
        velocity: the velocity, NaN where it is undefined.
        d: the dimension.
        schedule: of the family it was trained on, if that has one.
        divergence: whether positions have ℓ as a last coordinate.
        fallback: the velocity used where the first is undefined.
    """

    def __init__(
        self,
        velocity: Velocity,
        d: int,
        schedule: Schedule | None = None,
        divergence: bool = False,
        fallback: Velocity | None = None,
    ) -> None:
        super().__init__(d, schedule, divergence)
        self._of, self._fallback = velocity, fallback

    def _velocity(self, x: Tensor, t: Time) -> tuple[Tensor, Tensor]:
        if isinstance(t, tuple):
            time = x.new_tensor(t).repeat_interleave(x.shape[1])
        else:
            time = x.new_tensor(t)
        rows = x.reshape(-1, x.shape[-1])
        value = self._with_divergence(self._of, rows, time)
        outside = value[:, : self.d].isnan().any(1)
        if self._fallback is not None and bool(outside.any()):
            time = time.expand(len(rows))[outside]
            value[outside] = self._with_divergence(self._fallback, rows[outside], time)
        return value.reshape(x.shape), outside.reshape(x.shape[:-1])

    def _with_divergence(self, velocity: Velocity, x: Tensor, t: Tensor) -> Tensor:
        """The velocity, with its divergence if positions have ℓ."""
        if not self.divergence:
            return velocity(x, t)

        def repeated(y: Tensor, t: Tensor) -> Tensor:  # y has d copies of the positions
            return velocity(y, t.repeat(self.d) if t.dim() else t)

        value, divergence = with_divergence(repeated, x[:, : self.d], t)
        return torch.cat([value, divergence[:, None]], dim=1)


class PosteriorMeanField(VectorField):
    """The vector field of x = α x₀ + σ x₁, by its posterior mean."""

    def __init__(self, field: MarginalField, divergence: bool = False) -> None:
        super().__init__(field.d, field.path.affine_schedule, divergence)
        self._posterior_mean = field.posterior_mean

    def _velocity(self, x: Tensor, t: Time) -> tuple[Tensor, Tensor]:
        prediction, outside = self._data_prediction(x, t)
        return self._velocity_from(x, t, prediction), outside

    def _data_prediction(self, x: Tensor, t: Time) -> tuple[Tensor, Tensor]:
        at, like = self.at(t, x), x[..., :1]
        alpha, sigma, scale = (
            (v.expand_as(like) if isinstance(v, Tensor) else torch.full_like(like, v)).reshape(
                -1, 1
            )
            for v in (at.alpha, at.sigma, at.scale)
        )
        rows = x[..., : self.d].reshape(-1, self.d)
        if self.divergence:
            mean, divergence = self._with_divergence(rows, alpha, sigma)
        else:
            mean, divergence = self._posterior_mean(rows, alpha, sigma)[1], None
        outside = mean.isnan().any(-1)
        if bool(outside.any()):
            mean[outside] = self._posterior_mean.nearest(
                rows[outside], alpha[outside], sigma[outside]
            )
        if divergence is not None:
            # The nearest data point is constant in x.
            moved = scale * divergence.masked_fill(outside, 0.0)[:, None]
            mean = torch.cat([mean, moved], dim=1)
        return mean.reshape(x.shape), outside.reshape(x.shape[:-1])

    def _with_divergence(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """D and ∇ₓ·D = Σ r_i (x₀ᵢ - D)·∇log p₁(z_i)/σ, z_i = (x - α x₀ᵢ)/σ: (Q, d) and (Q,)."""
        sums = self._posterior_mean
        with torch.enable_grad():
            z = ((x[:, None] - alpha[..., None] * sums.x0) / sigma[..., None]).requires_grad_()
            log_p = sums.prior.log_prob(z)
            if sums.conditional is not None:
                log_p = log_p + sums.conditional.log_ratio(z)
            # The log-density of a uniform prior does not depend on z.
            depends = log_p.requires_grad
            score = torch.autograd.grad(log_p.sum(), z)[0] if depends else torch.zeros_like(z)
        posterior = torch.softmax(log_p.detach() + sums.weights.log(), dim=1)
        mean = posterior @ sums.x0
        # Where a posterior weight is 0 the score may be undefined.
        terms = ((sums.x0 - mean[:, None]) * score).sum(-1)
        terms = torch.where(posterior > 0, terms, 0.0)
        return mean, (posterior * terms).sum(1) / sigma[:, 0]


class _AffineMap(NamedTuple):
    """A family that is affine in x₁, at K times.

    ``centres`` (K, 2d, N): μ and below it μ̇; ``inverse`` S⁻¹ and ``growth`` ṠS⁻¹, (K, d, d).
    """

    centres: Tensor
    inverse: Tensor
    growth: Tensor


def _affine_map(path: Path, x0: Tensor, t: Tensor) -> _AffineMap:
    """The map at times (K,), from its values at 0 and the unit vectors."""
    (n, d), k = x0.shape, len(t)
    ends = torch.cat([x0.new_zeros(1, d), torch.eye(d, dtype=x0.dtype)])
    found = value_jacobian_rate(
        lambda z, s: path.forward(z, x0, s),
        ends.repeat(k, 1)[:, None].expand(-1, n, -1),
        t.repeat_interleave(d + 1)[:, None, None],
    )
    position, velocity, slope = (
        v.unflatten(0, (k, d + 1)) for v in (found.value, found.rate, found.jacobian)
    )
    matrix = slope[:, 0, 0]
    centres = torch.cat([position[:, 0].mT, velocity[:, 0].mT], dim=1)
    growth = (velocity[:, 1:, 0] - velocity[:, :1, 0]).mT
    inverse = torch.linalg.inv(matrix)
    return _AffineMap(centres, inverse, growth @ inverse)


class AffineInX1Field(VectorField):
    """The vector field of x = μ_t(x₀) + S_t x₁."""

    def __init__(self, field: MarginalField) -> None:
        super().__init__(field.d, None)
        self._field = field
        self._maps: dict[float, _AffineMap] = {}

    def prepare(self, times: Iterable[float]) -> None:
        times, x0 = {t for t in times if t > 0.0}, self._field.x0
        super().prepare(times)
        new = {t for t in times if t not in self._maps}
        if new and (len(self._maps) + len(new)) * 2 * x0.numel() > _CACHED_NUMBERS:
            self._maps.clear()
            new = times
        order = sorted(new)
        for block in blocks(len(order), 4 * x0.numel(), _CACHED_NUMBERS):
            found = _affine_map(self._field.path, x0, x0.new_tensor(order[block]))
            maps = zip(*(column.unbind() for column in found), strict=True)
            self._maps.update((t, _AffineMap(*m)) for t, m in zip(order[block], maps, strict=True))

    def _velocity(self, x: Tensor, t: Time) -> tuple[Tensor, Tensor]:
        if not isinstance(t, tuple):
            value, outside = self._velocity(x[None], (t,))
            return value[0], outside[0]
        self.prepare(t)
        width = x.shape[1] * self._field.x0.numel()
        found = [self._block(x[block], t[block]) for block in blocks(len(t), width)]
        value, outside = (torch.cat(column) for column in zip(*found, strict=True))
        return value, outside

    def _block(self, x: Tensor, times: tuple[float, ...]) -> tuple[Tensor, Tensor]:
        maps = zip(*(self._maps[t] for t in times), strict=True)
        centres, inverse, growth = (torch.stack(column) for column in maps)
        # One tensor for each coordinate, with data points first, so that sums are contiguous.
        gaps = [x[:, None, :, j] - centres[:, j, :, None] for j in range(self.d)]
        z = _times_vector(inverse, gaps)
        terms = self._field.prior.log_joint(z) + self._field.weights.log()[:, None]
        posterior = torch.softmax(terms, dim=1)
        outside = posterior[:, 0].isnan()
        if bool(outside.any()):
            posterior.mT[outside] = self._nearest(torch.stack([v.mT[outside] for v in z], dim=-1))
        mean, velocity = (centres @ posterior).split(self.d, dim=1)
        return (growth @ (x.mT - mean) + velocity).mT, outside

    def _nearest(self, z: Tensor) -> Tensor:
        """Weight 1 for the data point with the nearest support; (L, N, d) -> (L, N)."""
        gap = (z - self._field.prior.nearest(z)).abs().amax(-1)
        return torch.nn.functional.one_hot(gap.argmin(1), z.shape[1]).to(z)


def _times_vector(matrix: Tensor, vector: list[Tensor]) -> list[Tensor]:
    """Matrices (K, d, d) times vectors given coordinate by coordinate, (K, N, M) each."""
    d = len(vector)
    rows = []
    for j in range(d):
        used = [k for k in range(d) if k == j or bool(matrix[:, j, k].any())]
        rows.append(sum(matrix[:, j, k, None, None] * vector[k] for k in used))
    return rows


def vector_field_of(field: MarginalField, divergence: bool = False) -> VectorField:
    """The vector field of an exact field, for every family."""
    if field.path.affine_schedule is not None:
        return PosteriorMeanField(field, divergence)
    if not divergence and field.path.affine_in_x1 and field.conditional is None:
        return AffineInX1Field(field)
    return VelocityField(field, field.d, None, divergence, field.velocity_or_nearest)
