"""The flows that solvers walk along: an exact field's, of whatever family, and any velocity's.

    ExactFlow     x = α x₀ + σ x₁, by the posterior mean, which is the target
    ClosedFlow    x = μ_t(x₀) + S_t x₁ with a matrix S_t: all families that have formulas both ways
    LearnedFlow   any velocity: a trained network, or a family that solves equations for x₁

A closed family is known by μ, S and their rates at the times asked for, which are the same for all
places and found once, for many times in one differentiation:

    f_t(x) = Σ_i r_i μ̇_t(x₀ᵢ) + Ṡ S⁻¹ (x - Σ_i r_i μ_t(x₀ᵢ)),    r_i ∝ w_i p₁(S⁻¹(x - μ_t(x₀ᵢ))).

Where p_t(x) = 0 (beyond the reach of a compact prior) the exact flow has no velocity. A solver that
steps there gets the velocity of the data point whose part comes nearest, and is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.likelihood import with_divergence
from flowviz.core.numerics.chunks import blocks
from flowviz.core.numerics.jacobians import change
from flowviz.core.paths.base import Path
from flowviz.core.schedules import Schedule
from flowviz.core.solvers.vector_field import Flow, Part, Seen

__all__ = ["ClosedFlow", "ExactFlow", "Flow", "LearnedFlow", "flow_of"]

_KEPT = 1 << 20
"""Numbers of a closed family that are kept."""
_ROWS = 1 << 13
"""Places that any velocity is asked for at a time: a network's layers then stay in the cache."""


class Velocity(Protocol):
    """A field of velocities: (x (Q, d), t a scalar or (Q,)) -> (Q, d); a network is one, too."""

    def __call__(self, x: Tensor, t: Tensor, /) -> Tensor: ...


class LearnedFlow(Flow):
    """The flow of any velocity: a trained network, or a family that solves equations.

    Args:
        velocity: the field; NaN where it has none.
        d: the dimension.
        schedule: of the family it was trained on, if that is affine.
        divergence: positions carry ℓ as a last coordinate.
        instead: the velocity that stands in where there is none.
    """

    def __init__(
        self,
        velocity: Velocity,
        d: int,
        schedule: Schedule | None = None,
        divergence: bool = False,
        instead: Velocity | None = None,
    ) -> None:
        super().__init__(d, schedule, divergence)
        self._field, self._instead = velocity, instead

    def _see(self, parts: Sequence[Part]) -> list[Seen]:
        """All places in one list: the field does not mind who asks."""
        if len(parts) == 1 and len(parts[0].times) == 1:
            (x, (t,)) = parts[0]
            value, outside = self._at(x[0], x.new_tensor(t))
            return [(value[None], outside[None])]
        rows = torch.cat([x.reshape(-1, x.shape[-1]) for x, _ in parts])
        time = torch.cat([x.new_tensor(times).repeat_interleave(x.shape[1]) for x, times in parts])
        found = [self._at(rows[k], time[k]) for k in blocks(len(rows), 1, _ROWS)]
        value, outside = (torch.cat(part) for part in zip(*found, strict=True))
        sizes = [x.shape[0] * x.shape[1] for x, _ in parts]
        split = zip(parts, value.split(sizes), outside.split(sizes), strict=True)
        return [(v.reshape(x.shape), o.reshape(x.shape[:2])) for (x, _), v, o in split]

    def _at(self, x: Tensor, t: Tensor) -> Seen:
        """Velocities (Q, d), and (Q,) where there is none; t a scalar or (Q,)."""
        value = self._with_divergence(self._field, x, t)
        outside = value[:, : self.d].isnan().any(1)
        if self._instead is not None and bool(outside.any()):
            at = t.expand(len(x))[outside]
            value[outside] = self._with_divergence(self._instead, x[outside], at)
        return value, outside

    def _with_divergence(self, velocity: Velocity, x: Tensor, t: Tensor) -> Tensor:
        """The velocity, and its divergence where positions carry it."""
        if not self.divergence:
            return velocity(x, t)

        def field(y: Tensor, t: Tensor) -> Tensor:  # a copy of the positions for each coordinate
            return velocity(y, t.repeat(self.d) if t.dim() else t)

        value, spread = with_divergence(field, x[:, : self.d], t)
        return torch.cat([value, spread[:, None]], dim=1)


class ExactFlow(Flow):
    """The flow of an exact field x = α x₀ + σ x₁, by its posterior mean."""

    def __init__(self, field: MarginalField, divergence: bool = False) -> None:
        super().__init__(field.d, field.path.lens, divergence)
        self.direct = True
        self._posterior_mean = field.posterior_mean

    def _see(self, parts: Sequence[Part]) -> list[Seen]:
        return [self._means(*part) for part in parts]

    def _means(self, x: Tensor, times: list[float]) -> Seen:
        moments = [self.moment(t) for t in times]
        rows = x.new_tensor([(m.alpha, m.sigma, m.scale) for m in moments])
        alpha, sigma, scale = rows.repeat_interleave(x.shape[1], 0).split(1, dim=1)
        place = x.reshape(-1, x.shape[-1])[:, : self.d]
        if self.divergence:
            mean, spread = self._spreading(place, alpha, sigma)
        else:
            mean, spread = self._posterior_mean(place, alpha, sigma)[1], None
        outside = mean.isnan().any(-1)
        if bool(outside.any()):
            mean[outside] = self._posterior_mean.nearest(
                place[outside], alpha[outside], sigma[outside]
            )
        if spread is not None:
            # A target that stands in does not move with x.
            moved = scale * spread.masked_fill(outside, 0.0)[:, None]
            mean = torch.cat([mean, moved], dim=1)
        return mean.reshape(x.shape), outside.reshape(x.shape[:2])

    def _spreading(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """D and ∇ₓ·D = Σ r_i (x₀ᵢ - D)·∇log p₁(z_i)/σ, z_i = (x - α x₀ᵢ)/σ: (Q, d) and (Q,)."""
        x0, weights, prior = (
            self._posterior_mean.x0,
            self._posterior_mean.weights,
            self._posterior_mean.prior,
        )
        with torch.enable_grad():
            free = ((x[:, None] - alpha[..., None] * x0) / sigma[..., None]).requires_grad_()
            log_p = prior.log_prob(free)
            # A flat prior's log-density does not move with x at all.
            moves = log_p.requires_grad
            score = torch.autograd.grad(log_p.sum(), free)[0] if moves else torch.zeros_like(free)
        share = torch.softmax(log_p.detach() + weights.log(), dim=1)
        mean = share @ x0
        # Where a share is 0 the score may have no value, and has no say.
        pull = torch.where(share > 0, ((x0 - mean[:, None]) * score).sum(-1), 0.0)
        return mean, (share * pull).sum(1) / sigma[:, 0]


class _Parts(NamedTuple):
    """A closed family at K times.

    ``centres`` (K, 2d, N): μ and below it μ̇; ``shrink`` S⁻¹ and ``growth`` ṠS⁻¹, (K, d, d).
    """

    centres: Tensor
    shrink: Tensor
    growth: Tensor


def _parts(path: Path, x0: Tensor, t: Tensor) -> _Parts:
    """What a closed family is at times (K,), from where it takes 0 and the unit vectors."""
    (n, d), k = x0.shape, len(t)
    ends = torch.cat([x0.new_zeros(1, d), torch.eye(d, dtype=x0.dtype)])
    found = change(
        lambda z, s: path.forward(z, x0, s),
        ends.repeat(k, 1)[:, None].expand(-1, n, -1),
        t.repeat_interleave(d + 1)[:, None, None],
    )
    place, speed, slope = (
        v.unflatten(0, (k, d + 1)) for v in (found.value, found.rate, found.jacobian)
    )
    matrix = slope[:, 0, 0]
    centres = torch.cat([place[:, 0].mT, speed[:, 0].mT], dim=1)
    growth = (speed[:, 1:, 0] - speed[:, :1, 0]).mT
    shrink = torch.linalg.inv(matrix)
    return _Parts(centres, shrink, growth @ shrink)


class ClosedFlow(Flow):
    """The flow of an exact field x = μ_t(x₀) + S_t x₁."""

    def __init__(self, field: MarginalField) -> None:
        super().__init__(field.d, None)
        self._field = field
        self._known: dict[float, _Parts] = {}

    def prepare(self, times: Iterable[float], rates: bool = False) -> None:
        super().prepare(times, rates)
        asked, x0 = {t for t in times if t > 0.0}, self._field.x0
        new = {t for t in asked if t not in self._known}
        if new and (len(self._known) + len(new)) * 2 * x0.numel() > _KEPT:
            self._known.clear()
            new = asked
        order = sorted(new)
        for some in blocks(len(order), 4 * x0.numel(), _KEPT):
            parts = _parts(self._field.path, x0, x0.new_tensor(order[some]))
            rows = zip(*(part.unbind() for part in parts), strict=True)
            self._known.update((t, _Parts(*row)) for t, row in zip(order[some], rows, strict=True))

    def _see(self, parts: Sequence[Part]) -> list[Seen]:
        return [self._velocities(*part) for part in parts]

    def _velocities(self, x: Tensor, times: list[float]) -> Seen:
        width = x.shape[1] * self._field.x0.numel()
        seen = [self._block(x[part], times[part]) for part in blocks(len(times), width)]
        value, outside = (torch.cat(part) for part in zip(*seen, strict=True))
        return value, outside

    def _block(self, x: Tensor, times: list[float]) -> Seen:
        known = [self._known[t] for t in times]
        centres, shrink, growth = (torch.stack(part) for part in zip(*known, strict=True))
        # Coordinates apart and data points first: what is summed over is contiguous.
        gaps = [x[:, None, :, j] - centres[:, j, :, None] for j in range(self.d)]
        free = _turned(shrink, gaps)
        terms = self._field.prior.log_joint(free) + self._field.weights.log()[:, None]
        share = torch.softmax(terms, dim=1)
        outside = share[:, 0].isnan()
        if bool(outside.any()):
            share.mT[outside] = self._nearest(torch.stack([z.mT[outside] for z in free], dim=-1))
        middle, speed = (centres @ share).split(self.d, dim=1)
        return (growth @ (x.mT - middle) + speed).mT, outside

    def _nearest(self, free: Tensor) -> Tensor:
        """All weight on the data point whose part comes nearest; (L, N, d) -> (L, N)."""
        gap = (free - self._field.prior.nearest(free)).abs().amax(-1)
        return torch.nn.functional.one_hot(gap.argmin(1), free.shape[1]).to(free)


def _turned(matrix: Tensor, vector: list[Tensor]) -> list[Tensor]:
    """Matrices (K, d, d) times vectors given coordinate by coordinate, (K, N, M) each."""
    d = len(vector)
    rows = []
    for j in range(d):
        used = [k for k in range(d) if k == j or bool(matrix[:, j, k].any())]
        rows.append(sum(matrix[:, j, k, None, None] * vector[k] for k in used))
    return rows


def flow_of(field: MarginalField, divergence: bool = False) -> Flow:
    """The flow of an exact field, whatever its family."""
    if field.path.lens is not None:
        return ExactFlow(field, divergence)
    if not divergence and field.path.affine_in_x1:
        return ClosedFlow(field)
    return LearnedFlow(field, field.d, None, divergence, field.velocity_or_nearest)
