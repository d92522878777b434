"""The density on a grid of the plane at many times: what a film of p_t needs, and no more.

``field.grid`` gives density and velocity to every digit. A film needs the density alone, and each
law has a cheaper way to it that is as exact:

- *Products.* Where p₁ is a product and each coordinate of the family is x_j = μ_j(x₀) + σ_j x₁_j
  with a scale σ_j(t) of its own, p = K_x diag(w) K_yᵀ / (σ_x σ_y): matrix products (MATH §3.6).
- *Bells with covariance.* In a quadratic form A X² + 2B XY + C Y² of differences X = x - m,
  Y = y - n, the mixed term is xy - xn - my + mn: the first part is the grid's alone, and the others
  belong to one axis and one data point each. So a correlated bell is a product again, times
  exp(-Bxy) — while that stays within what a number holds, which is not for small σ.
- *A circle seen through noise* is the mean of round bells around it: M of them give it to rounding,
  since the mean of a smooth periodic function over equal steps converges faster than any power.
- *Windows.* Else each data point adds its own bell, where the prior's reach puts it: for small σ
  that is a small part of the grid.

Families that are not linear in x₁ take every pair of a place and a data point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from flowviz.core.field.marginal import MarginalField
from flowviz.core.numerics.chunks import Progress, blocks
from flowviz.core.paths.base import Affine, Path
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.paths.nonlinear import PerAxis
from flowviz.core.priors.kernel_density import KernelDensity2D
from flowviz.core.priors.two_dimensional import Bells2D, Ring

_PRODUCT_CHUNK = 1 << 20
"""Cap on the elements (grid nodes of one axis × bells) a matrix product forms at once."""
_CACHED = 1 << 16
"""The same where each element takes several passes: it should stay in the cache."""
_MOST_BELLS = 160
"""Round bells a ring may take; a thinner ring is cheaper within its windows."""
_LARGEST = 300.0
"""The largest exponent that the mixed term of a quadratic form may reach."""
_LARGEST_SINGLE = 40.0
_TAIL = 1e-16
"""Prior mass that the windows may leave out, on either side."""

Axes = tuple[Tensor, Tensor]


def density_frames(
    field: MarginalField,
    axes: Axes,
    t: Tensor,
    progress: Progress | None = None,
    single: bool = False,
) -> Tensor:
    """p_t on a tensor grid at several times, (T, X, Y).

    Args:
        field: a flow of the plane.
        axes: the positions x (X,) and y (Y,).
        t: times in (0, 1], (T,).
        progress: told the share that is done.
        single: sum products of bells in float32: for what is kept in a byte.
    """
    draw = _drawer(field, single)
    frames = []
    for k, time in enumerate(t):
        frames.append(draw(axes, time))
        if progress is not None:
            progress((k + 1) / t.numel())
    return torch.stack(frames)


def cost_ns(field: MarginalField) -> float:
    """Nanoseconds that a cell of a frame takes, roughly, on one core."""
    each = 0.3
    if not linear(field.path):
        each = 6000.0 if isinstance(field.path, ByForward | ByInverse) else 25.0
    elif isinstance(field.prior, Ring) and _bells(field.prior) <= _MOST_BELLS:
        each = 0.1 * _bells(field.prior)
    elif not field.prior.product:
        each = 30.0 if isinstance(field.prior, Ring) else 2.0
    return each * field.n


def _drawer(field: MarginalField, single: bool) -> Callable[[Axes, Tensor], Tensor]:
    if not linear(field.path):
        return lambda axes, t: _all_pairs(field, axes, t)
    prior = field.prior
    if prior.product:
        return lambda axes, t: _product(field, axes, *_placed(field, t), single)
    if isinstance(prior, Ring) and _bells(prior) <= _MOST_BELLS:
        return lambda axes, t: _ring(field, prior, axes, *_placed(field, t), single)
    if isinstance(prior, KernelDensity2D):
        return lambda axes, t: _kernels(field, prior, axes, *_placed(field, t))
    if isinstance(prior, Bells2D):
        return lambda axes, t: _correlated(field, prior, axes, *_placed(field, t))
    return lambda axes, t: _windows(field, axes, *_placed(field, t))


def linear(path: Path) -> bool:
    """Whether each coordinate is x_j = μ_j(x₀) + σ_j x₁_j: squares of the prior stay squares."""
    return isinstance(path, Affine | PerAxis)


def _placed(field: MarginalField, t: Tensor) -> tuple[Tensor, Tensor]:
    """Where the free end 0 of each data point is, (N, 2), and the scales (2,), at a time."""
    path, zero = field.path, field.x0.new_zeros(1, 2)
    centre = path.forward(zero, field.x0, t)[0]
    if isinstance(path, Affine):
        return centre, path.schedule(t)[1].expand(2)
    return centre, path.forward(torch.ones_like(zero), zero, t)[0, 0]


def _sum_of_products(
    parts: Iterator[tuple[Tensor, Tensor]], like: Axes, kind: torch.dtype | None = None
) -> Tensor:
    total = like[0].new_zeros(len(like[0]), len(like[1]), dtype=kind)
    for k_x, k_y in parts:
        total.addmm_(k_x, k_y.T)
    return total


def _product(
    field: MarginalField, axes: Axes, centre: Tensor, scale: Tensor, single: bool
) -> Tensor:
    kind = torch.float32 if single else centre.dtype

    def parts() -> Iterator[tuple[Tensor, Tensor]]:
        for part in blocks(field.n, max(len(a) for a in axes), _PRODUCT_CHUNK):
            k_x, k_y = (
                field.prior.pdf(((axis[:, None] - centre[part, j]) / scale[j]).to(kind))
                for j, axis in enumerate(axes)
            )
            yield k_x * field.weights[part].to(kind), k_y

    return _sum_of_products(parts(), axes, kind).to(centre) / scale.prod()


def _bells(ring: Ring) -> int:
    """How many round bells make the ring to rounding: I_M(κ)/I_0(κ) < 1e-15, κ = r·radius/w²."""
    kappa = ring.radius * (ring.radius + 8.0 * ring.width) / ring.width**2
    return 4 * math.ceil(0.5 * math.sqrt(20.0 * kappa) + 5.0)


def _ring(
    field: MarginalField, ring: Ring, axes: Axes, centre: Tensor, scale: Tensor, single: bool
) -> Tensor:
    kind, lowest = (torch.float32, _LARGEST_SINGLE) if single else (centre.dtype, _LARGEST)
    count = _bells(ring)
    # Bells at θ, π - θ, -θ and π + θ share their distances from the middle.
    quarter = count // 4
    angle = (torch.arange(quarter, dtype=centre.dtype) + 0.5) * (2.0 * math.pi / count)
    angle = angle.to(centre.device)
    # Bells end where a product of two would be no normal number: those take ten times as long.
    height = 1.0 / (2.0 * math.pi * ring.width**2 * count * scale.prod())

    def bells(axis: Tensor, j: int, offset: Tensor, part: slice) -> Tensor:
        unit = 1.0 / (math.sqrt(2.0) * ring.width * scale[j])
        away = ((axis[:, None, None] - centre[part, j, None]) * unit).to(kind)
        apart = (offset * (scale[j] * ring.radius * unit)).to(kind)
        left, right = (
            gap.square_().clamp_(max=lowest).neg_().exp_() for gap in (away - apart, away + apart)
        )
        return left.add_(right).flatten(1)

    def parts() -> Iterator[tuple[Tensor, Tensor]]:
        for part in blocks(field.n, max(len(a) for a in axes) * quarter, _CACHED):
            weights = field.weights[part].repeat_interleave(quarter).to(kind)
            yield (
                bells(axes[0], 0, angle.cos(), part) * weights,
                bells(axes[1], 1, angle.sin(), part),
            )

    return _sum_of_products(parts(), axes, kind).to(centre) * height


def _kernels(
    field: MarginalField, law: KernelDensity2D, axes: Axes, centre: Tensor, scale: Tensor
) -> Tensor:
    """Σ_k over the samples and Σ_i over the data of exp(-dx²/2) exp(-dy²/2): a matrix product."""
    samples = torch.tensor(law.components(), dtype=torch.float64).to(centre)[:, :2]
    width = law.bandwidth * scale
    height = 1.0 / (2.0 * math.pi * width.prod() * len(samples))
    total = centre.new_zeros(len(axes[0]), len(axes[1]))
    for block in blocks(field.n, len(samples) * sum(map(len, axes))):
        middle = (centre[block, None] + scale * samples).flatten(0, 1)
        weights = field.weights[block].repeat_interleave(len(samples))
        x, y = (
            ((axis[:, None] - middle[:, j]) / width[j]).square_().mul_(-0.5).exp_()
            for j, axis in enumerate(axes)
        )
        total.addmm_(x.mul_(weights), y.T)
    return total * height


def _correlated(
    field: MarginalField, law: Bells2D, axes: Axes, centre: Tensor, scale: Tensor
) -> Tensor:
    total = centre.new_zeros(len(axes[0]), len(axes[1]))
    # Counted from the middle of the grid, so that the mixed terms are small.
    origin = torch.stack([0.5 * (axis[0] + axis[-1]) for axis in axes])
    x, y = ((axis - o) for axis, o in zip(axes, origin, strict=True))
    for mean_x, mean_y, scale_x, scale_y, r, weight in law.components():
        s_x, s_y = scale_x * scale[0], scale_y * scale[1]
        rest = 1.0 - r * r
        mixed = -r / (s_x * s_y * rest)
        middle = centre + scale * centre.new_tensor([mean_x, mean_y]) - origin
        m, n = middle[:, 0], middle[:, 1]
        reach_x, reach_y = (torch.cat([a, b]).abs().max() for a, b in ((x, m), (y, n)))
        if float(mixed.abs() * reach_x * reach_y) > _LARGEST:
            return _windows(field, axes, centre, scale)
        d_x, d_y = x[:, None] - m, y[:, None] - n
        half = 0.5 * mixed * m * n
        k_x = torch.exp(-0.5 * d_x.square() / (s_x**2 * rest) + mixed * x[:, None] * n - half)
        k_y = torch.exp(-0.5 * d_y.square() / (s_y**2 * rest) + mixed * m * y[:, None] - half)
        height = weight / (2.0 * math.pi * s_x * s_y * math.sqrt(rest))
        bells = (k_x * field.weights) @ k_y.T
        total += height * torch.exp(-mixed * x[:, None] * y) * bells
    return total


def _windows(field: MarginalField, axes: Axes, centre: Tensor, scale: Tensor) -> Tensor:
    total = centre.new_zeros(len(axes[0]), len(axes[1]))
    low, high = field.prior.interval(_TAIL)
    ends = torch.stack([centre + low * scale, centre + high * scale])
    first, last = (
        [
            torch.searchsorted(axis, ends[k, :, j].contiguous()).tolist()
            for j, axis in enumerate(axes)
        ]
        for k in (0, 1)
    )
    for i, (a, b, c, d) in enumerate(zip(*first, *last, strict=True)):
        if a < c and b < d:
            x = (axes[0][a:c, None] - centre[i, 0]) / scale[0]
            y = (axes[1][None, b:d] - centre[i, 1]) / scale[1]
            total[a:c, b:d] += field.weights[i] * field.prior.joint((x, y))
    return total / scale.prod()


def _all_pairs(field: MarginalField, axes: Axes, t: Tensor) -> Tensor:
    places = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, 2)
    parts = []
    for block in blocks(len(places), field.x0.numel()):
        x = places[block]
        free = field.path.inverse(x, field.x0, t)
        density = field.prior.prob(free) * field.path.log_det(x, field.x0, t).exp()
        parts.append(density @ field.weights)
    return torch.cat(parts).reshape(len(axes[0]), len(axes[1]))
