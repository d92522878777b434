"""The density p_t on a grid in d = 2 at many times, for an animation.

``field.grid`` gives log-density and velocity to full precision. The density alone is cheaper, with
a method for each kind of prior:

- *Products.* If p₁ is a product and each coordinate of the family is x_j = μ_j(x₀) + σ_j x₁_j with
  scales σ_j(t), then p = K_x diag(w) K_yᵀ / (σ_x σ_y): matrix products (MATH §3.6). Where p₁ is
  infinite at an edge its values say where nodes happen to lie; there K has means, as `cells` has.
- *Correlated Gaussians.* In a quadratic form A X² + 2B XY + C Y² of differences X = x - m,
  Y = y - n, the mixed term is xy - xn - my + mn: the first term depends on the grid only, each of
  the others on one axis and one data point. So a correlated Gaussian is a product as well, times
  exp(-Bxy), unless that overflows, as it does for small σ.
- *Rings* are the mean of isotropic Gaussians around the circle: M of them give it to rounding,
  since the trapezoidal rule for a smooth periodic function converges faster than any power.
- *Windows.* Otherwise each data point is added on the part of the grid within the prior's support
  or effective support: for small σ that is a small part.

Families that are not linear in x₁ are summed over all pairs of a grid node and a data point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from flowviz.core.field.cells import ends_of_cells, weighted_means
from flowviz.core.field.marginal import MarginalField
from flowviz.core.numerics.chunks import Progress, blocks
from flowviz.core.paths.base import Affine, Path
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.paths.nonlinear import PerAxis
from flowviz.core.priors.base import Prior
from flowviz.core.priors.kernel_density import KernelDensity2D
from flowviz.core.priors.student_t_2d import StudentT2D
from flowviz.core.priors.two_dimensional import GaussianSum2D, Ring

_PRODUCT_CHUNK = 1 << 20
"""Cap on the elements (grid nodes of one axis × Gaussians) a matrix product forms at once."""
_CACHED = 1 << 16
"""The same where each element takes several passes: it should stay in the cache."""
_MAX_GAUSSIANS = 160
"""Most Gaussians for a ring; for a thinner ring windows are faster."""
_MAX_EXPONENT = 300.0
"""The largest exponent of the mixed term of a quadratic form."""
_MAX_EXPONENT_SINGLE = 40.0
_MEAN_BESIDE_EDGES = (0.25, 0.5, 0.25)
"""Weights of a cell and its neighbours: fewer than on the line, as the cells are wider; wherever in
a cell an edge lies, the largest mean changes by 13 %."""
_TAIL = 1e-16
"""Prior mass outside the windows, on either side."""

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
        axes: the positions x (X,) and y (Y,), at equal steps.
        t: times in (0, 1], (T,).
        progress: called with the fraction done.
        single: sum matrix products in float32: precise enough for 8-bit images.
    """
    density = _density_at(field, single)
    frames = []
    for k, time in enumerate(t):
        frames.append(density(axes, time))
        if progress is not None:
            progress((k + 1) / t.numel())
    return torch.stack(frames)


def cost_ns(field: MarginalField) -> float:
    """Estimated nanoseconds for each cell of a frame, on one core."""
    per_point = 0.3
    if not linear(field.path):
        per_point = 6000.0 if isinstance(field.path, ByForward | ByInverse) else 25.0
    elif isinstance(field.prior, Ring) and _gaussian_count(field.prior) <= _MAX_GAUSSIANS:
        per_point = 0.1 * _gaussian_count(field.prior)
    elif not field.prior.product:
        slow = {Ring: 30.0, StudentT2D: 16.0}
        per_point = slow.get(type(field.prior), 2.0)
    return per_point * field.n


def _density_at(field: MarginalField, single: bool) -> Callable[[Axes, Tensor], Tensor]:
    """The method for a field: axes, t -> p_t, (X, Y)."""
    if not linear(field.path) or field.conditional is not None:
        return lambda axes, t: _all_pairs(field, axes, t)
    prior = field.prior
    if prior.product:
        return lambda axes, t: _product(field, axes, *_centres(field, t), single)
    if isinstance(prior, Ring) and _gaussian_count(prior) <= _MAX_GAUSSIANS:
        return lambda axes, t: _ring(field, prior, axes, *_centres(field, t), single)
    if isinstance(prior, KernelDensity2D):
        return lambda axes, t: _kernels(field, prior, axes, *_centres(field, t))
    if isinstance(prior, GaussianSum2D):
        return lambda axes, t: _correlated(field, prior, axes, *_centres(field, t))
    return lambda axes, t: _windows(field, axes, *_centres(field, t))


def linear(path: Path) -> bool:
    """Whether each coordinate is x_j = μ_j(x₀) + σ_j x₁_j."""
    return isinstance(path, Affine | PerAxis)


def _centres(field: MarginalField, t: Tensor) -> tuple[Tensor, Tensor]:
    """ψ_t(0|x₀ᵢ) of each data point, (N, 2), and the scales σ_j (2,)."""
    path, zero = field.path, field.x0.new_zeros(1, 2)
    centre = path.forward(zero, field.x0, t)[0]
    if isinstance(path, Affine):
        return centre, path.schedule(t)[1].expand(2)
    return centre, path.forward(torch.ones_like(zero), zero, t)[0, 0]


def _sum_of_products(
    factors: Iterator[tuple[Tensor, Tensor]], axes: Axes, dtype: torch.dtype | None = None
) -> Tensor:
    total = axes[0].new_zeros(len(axes[0]), len(axes[1]), dtype=dtype)
    for k_x, k_y in factors:
        total.addmm_(k_x, k_y.T)
    return total


def _product(
    field: MarginalField, axes: Axes, centre: Tensor, scale: Tensor, single: bool
) -> Tensor:
    dtype = torch.float32 if single else centre.dtype

    def factors() -> Iterator[tuple[Tensor, Tensor]]:
        for block in blocks(field.n, max(len(a) for a in axes), _PRODUCT_CHUNK):
            k_x, k_y = (
                _factor(field.prior, axis, centre[block, j], scale[j], dtype)
                for j, axis in enumerate(axes)
            )
            yield k_x * field.weights[block].to(dtype), k_y

    return _sum_of_products(factors(), axes, dtype).to(centre) / scale.prod()


def _factor(
    prior: Prior, axis: Tensor, centre: Tensor, scale: Tensor, dtype: torch.dtype
) -> Tensor:
    """p₁((x - centre)/scale) at the nodes x of an axis, or its means over cells, (X, N)."""
    if not prior.has_singular_edges:
        return prior.pdf(((axis[:, None] - centre) / scale).to(dtype))
    cdf = prior.cdf((ends_of_cells(axis, _MEAN_BESIDE_EDGES) - centre[:, None]) / scale)
    return weighted_means(cdf, (axis[1] - axis[0]) / scale, _MEAN_BESIDE_EDGES).T.to(dtype)


def _gaussian_count(ring: Ring) -> int:
    """Gaussians that give the ring to rounding: I_M(κ)/I_0(κ) < 1e-15, κ = r·radius/w²."""
    kappa = ring.radius * (ring.radius + 8.0 * ring.width) / ring.width**2
    return 4 * math.ceil(0.5 * math.sqrt(20.0 * kappa) + 5.0)


def _ring(
    field: MarginalField, ring: Ring, axes: Axes, centre: Tensor, scale: Tensor, single: bool
) -> Tensor:
    dtype, limit = (
        (torch.float32, _MAX_EXPONENT_SINGLE) if single else (centre.dtype, _MAX_EXPONENT)
    )
    count = _gaussian_count(ring)
    # Gaussians at the angles θ, π - θ, -θ and π + θ have the same factors.
    quarter = count // 4
    angle = (torch.arange(quarter, dtype=centre.dtype) + 0.5) * (2.0 * math.pi / count)
    angle = angle.to(centre.device)
    height = 1.0 / (2.0 * math.pi * ring.width**2 * count * scale.prod())

    def gaussians(axis: Tensor, j: int, offset: Tensor, block: slice) -> Tensor:
        unit = 1.0 / (math.sqrt(2.0) * ring.width * scale[j])
        distance = ((axis[:, None, None] - centre[block, j, None]) * unit).to(dtype)
        shift = (offset * (scale[j] * ring.radius * unit)).to(dtype)
        # Clamped, as products of two tails would be subnormal numbers, which are ten times slower.
        left, right = (
            z.square_().clamp_(max=limit).neg_().exp_()
            for z in (distance - shift, distance + shift)
        )
        return left.add_(right).flatten(1)

    def factors() -> Iterator[tuple[Tensor, Tensor]]:
        for block in blocks(field.n, max(len(a) for a in axes) * quarter, _CACHED):
            weights = field.weights[block].repeat_interleave(quarter).to(dtype)
            yield (
                gaussians(axes[0], 0, angle.cos(), block) * weights,
                gaussians(axes[1], 1, angle.sin(), block),
            )

    return _sum_of_products(factors(), axes, dtype).to(centre) * height


def _kernels(
    field: MarginalField, prior: KernelDensity2D, axes: Axes, centre: Tensor, scale: Tensor
) -> Tensor:
    """Σ_k over the samples and Σ_i over the data of exp(-dx²/2) exp(-dy²/2): a matrix product."""
    samples = torch.tensor(prior.components(), dtype=torch.float64).to(centre)[:, :2]
    width = prior.bandwidth * scale
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
    field: MarginalField, prior: GaussianSum2D, axes: Axes, centre: Tensor, scale: Tensor
) -> Tensor:
    total = centre.new_zeros(len(axes[0]), len(axes[1]))
    # Coordinates relative to the middle of the grid, so that the mixed terms are small.
    origin = torch.stack([0.5 * (axis[0] + axis[-1]) for axis in axes])
    x, y = ((axis - o) for axis, o in zip(axes, origin, strict=True))
    for mean_x, mean_y, scale_x, scale_y, r, weight in prior.components():
        s_x, s_y = scale_x * scale[0], scale_y * scale[1]
        rest = 1.0 - r * r
        mixed = -r / (s_x * s_y * rest)
        middle = centre + scale * centre.new_tensor([mean_x, mean_y]) - origin
        m, n = middle[:, 0], middle[:, 1]
        max_x, max_y = (torch.cat([a, b]).abs().max() for a, b in ((x, m), (y, n)))
        if float(mixed.abs() * max_x * max_y) > _MAX_EXPONENT:
            return _windows(field, axes, centre, scale)
        d_x, d_y = x[:, None] - m, y[:, None] - n
        half = 0.5 * mixed * m * n
        k_x = torch.exp(-0.5 * d_x.square() / (s_x**2 * rest) + mixed * x[:, None] * n - half)
        k_y = torch.exp(-0.5 * d_y.square() / (s_y**2 * rest) + mixed * m * y[:, None] - half)
        height = weight / (2.0 * math.pi * s_x * s_y * math.sqrt(rest))
        products = (k_x * field.weights) @ k_y.T
        total += height * torch.exp(-mixed * x[:, None] * y) * products
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
    nodes = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, 2)
    sums = []
    for block in blocks(len(nodes), field.x0.numel()):
        x = nodes[block]
        endpoints = field.path.inverse(x, field.x0, t)
        density = field.prior.prob(endpoints) * field.path.log_det(x, field.x0, t).exp()
        if field.conditional is not None:
            density = density * field.conditional.log_ratio(endpoints).exp()
        sums.append(density @ field.weights)
    return torch.cat(sums).reshape(len(axes[0]), len(axes[1]))
