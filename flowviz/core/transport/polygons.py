"""Uniform priors: trajectories are computed exactly from one vertex to the next (MATH §3.10).

Let the prior be uniform on a convex bounded set K (a box, a disk), and the family

    x_j = (1 - t^p_j) x₀_j + t^p_j x₁_j,

with one power p for all coordinates (the straight line: p = 1) or, if K is a box, with different
ones. The endpoint of data point i is z_i = φ_t(x|x₀ᵢ), and its posterior weight is w_i if z_i lies
in K and 0 otherwise, up to the common factor. Call such a data point *active*, and let D and c be
the weighted means of the active data points and of their endpoints. While the active ones are the
same, x = (1 - t^p) D + t^p c in each coordinate, and with s_j = t^-p_j

    dz_ij/ds_j = D_j - x₀ᵢ_j,      c is constant.

So D is constant until an endpoint, which moves with constant velocities, leaves K. The s_j of that
is the root of a linear (box) or quadratic (disk) equation; for different powers the first in t of
the roots of all coordinates counts. No step size and no error estimate are needed: only the exits,
in order. With p = 1 the trajectories are polygons in z = x/t.

*A data point that was left never becomes active again.* Among active ones all differences
z_ij - z_kj = -(s_j - 1)(x₀ᵢ_j - x₀ₖ_j) grow and keep their signs. Under a box let z_i have left by
the upper face of coordinate j. Every active z_k is below it there, so x₀ₖ_j > x₀ᵢ_j, hence
D_j > x₀ᵢ_j: z_ij increases for ever. Under any K and one power, q = x/(1 - t^p) is such that the
active data points are those in the convex set q - K/(s - 1), which moves by a homothety with the
centre D, a mean of points of the set, and a ratio below 1: the set only shrinks.

*No trajectory enters p_t = 0.* When z_i leaves K, D jumps from a mean that includes x₀ᵢ to one that
does not. Both move z_i in the same direction, W/(W+w)(x̄ - x₀ᵢ) and x̄ - x₀ᵢ, so z_i crosses the
boundary and never slides along it. While only one data point is active, its z_i is constant: it
never leaves. A trajectory on a separatrix, where all remaining endpoints leave at the same time, is
assigned to one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import Progress
from flowviz.core.numerics.work import spend
from flowviz.core.paths.nonlinear import PerAxis
from flowviz.core.priors.base import Prior
from flowviz.core.transport.result import Solved

_COST = 4.0
"""Units of work for one data point in one pass."""


@dataclass(frozen=True)
class Polygons:
    """Positions ``x`` (Q, T, d), the ``basin`` (Q,) reached, and how many ``events`` (exits)."""

    x: Tensor
    basin: Tensor
    events: int


def solved_by_polygons(field: MarginalField) -> bool:
    """Whether this method applies."""
    one_power = field.path.affine_schedule is not None
    return field.prior.uniform_density and (
        one_power or (isinstance(field.path, PerAxis) and field.prior.product)
    )


def solve_uniform(field: MarginalField, x1: Tensor, t: Tensor, progress: Progress) -> Solved:
    """The trajectories of a field that is `solved_by_polygons`, at inner times (T,).

    Of an affine family those of the straight line.
    """
    path, d = field.path, field.d
    powers = path.powers(d) if isinstance(path, PerAxis) else (1.0,) * d
    found = polygons(field.x0, field.weights, field.prior, x1, t, powers, progress)
    eps = torch.finfo(x1.dtype).eps
    rounding = 16.0 * eps * (found.x.abs().amax(-1) + field.x0.abs().max())
    finished = torch.ones_like(found.basin, dtype=torch.bool)
    return Solved(found.x, rounding, found.basin, found.events, finished)


def polygons(
    x0: Tensor,
    weights: Tensor,
    prior: Prior,
    x1: Tensor,
    t: Tensor,
    powers: Sequence[float] = (),
    progress: Progress | None = None,
) -> Polygons:
    """Follow the flow of a uniform prior from x₁ to the data, for any number of data points.

    The cost is O(N²) for each trajectory: N exits, and the next one is the first of N.

    Args:
        x0: distinct data points, (N, d).
        weights: (N,).
        prior: a prior with ``uniform_density``.
        x1: prior positions inside its support, (Q, d).
        t: times in (0, 1), (T,).
        powers: p_j for each coordinate, 1 by default.
        progress: called with the fraction of the exits done, after every pass.
    """
    (q, d), n = x1.shape, x0.shape[0]
    clocks = _Clocks(powers or (1.0,) * d)
    first_out, s_out = clocks.of(1.0 / t)
    x = x1.new_empty(q, len(t), d)
    z, s = x1[:, None].repeat(1, n, 1), x1.new_ones(q, d)
    active = torch.ones(q, n, dtype=torch.bool, device=x1.device)
    rows = torch.arange(q, device=x1.device)
    basin = torch.zeros_like(rows)
    rounding = 8.0 * torch.finfo(x1.dtype).eps * clocks.condition
    events = 0
    while rows.numel():  # every pass makes at least one data point of every row inactive
        spend(rows.numel() * n, _COST)
        posterior = active * weights
        posterior /= posterior.sum(1, keepdim=True)
        mean, velocity = _mean_and_velocity(x0, active, posterior)
        reached = _exits(prior, clocks, active, z, s, velocity)
        first = clocks.first(reached)
        inside = (first_out > s[:, :1]) & (first_out <= first[:, None])
        row, column = inside.nonzero(as_tuple=True)
        if row.numel():
            end = (posterior[:, None] @ torch.where(active[..., None], z, 0.0))[:, 0]
            left_over = s_out[column].reciprocal()
            x[rows[row], column] = torch.lerp(mean[row], end[row], left_over)
        done = torch.isinf(first)
        if bool(done.any()):
            basin[rows[done]] = active[done].to(torch.int8).argmax(1)
            rows, z, s, active, first, velocity, *reached = (
                a[~done] for a in (rows, z, s, active, first, velocity, *reached)
            )
        events += rows.numel()
        if progress is not None:
            progress(min(1.0, events / (q * n)))
        s_next = first[:, None] ** clocks.relative
        late = clocks.relative_to(reached, s_next)
        active = _still_active(active, late, rounding)
        z, s = torch.addcmul(z, (s_next - s)[:, None], velocity), s_next
    return Polygons(x, basin, events)


def _mean_and_velocity(x0: Tensor, active: Tensor, posterior: Tensor) -> tuple[Tensor, Tensor]:
    """D (M, d), and the velocities of the endpoints D - x₀ᵢ, (M, N, d)."""
    # Relative to an active data point: of those on a line along an axis D is on it exactly.
    origin = x0[active.to(torch.int8).argmax(1)]
    local = x0 - origin[:, None]
    mean = (posterior[:, None] @ local)[:, 0]
    return origin + mean, mean[:, None] - local


def _exits(
    prior: Prior, clocks: _Clocks, active: Tensor, z: Tensor, s: Tensor, velocity: Tensor
) -> list[Tensor]:
    """The s of each group of coordinates at which endpoints leave the support, each (M, N)."""
    # Where D equals a data point its endpoint does not move (0/0); nor does a single one's, but
    # for rounding.
    moving = active & (active.sum(1, keepdim=True) > 1)
    reached = []
    for axes in clocks.groups:
        exits = prior.exit_times(z[..., axes], velocity[..., axes]).clamp(min=0.0)
        exits = torch.where(moving & ~exits.isnan(), exits, torch.inf)
        reached.append(exits.add_(s[:, axes][:, :1]))
    return reached


def _still_active(active: Tensor, late: Tensor, rounding: float) -> Tensor:
    """The active data points without those that leave now, (M, N); ``late``: in units of now."""
    after = active & ~(late <= 1.0 + rounding)
    # On a separatrix all leave at once: one of those that leave last remains.
    last = torch.where(active, late, -1.0).argmax(1)
    one = torch.nn.functional.one_hot(last, active.shape[1]).bool()
    return torch.where(after.any(1, keepdim=True), after, one)


class _Clocks:
    """s_j = v^p_j, v = 1/t, of each coordinate, and the coordinates with equal powers.

    The first coordinate's s serves as the time of all: with q_j = p_j/p_0 ("relative") the others
    are s_j = s_0^q_j, without rounding where powers are equal.
    """

    def __init__(self, powers: Sequence[float]) -> None:
        self._powers = powers
        ratios = [power / powers[0] for power in powers]
        self.relative = torch.tensor(ratios, dtype=torch.float64)
        self.condition = max(max(r, 1.0 / r) for r in ratios)
        self._ratios = sorted(set(ratios))
        self.groups = [[j for j, r in enumerate(ratios) if r == own] for own in self._ratios]

    def of(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """s_0 (T,) and all s_j (T, d)."""
        self.relative = self.relative.to(v)
        return v ** self._powers[0], v[:, None] ** v.new_tensor(self._powers)

    def first(self, reached: list[Tensor]) -> Tensor:
        """The first s_0 at which one of the groups' s (M, N) is reached, (M,)."""
        times = [s.amin(1) ** (1.0 / ratio) for s, ratio in zip(reached, self._ratios, strict=True)]
        return torch.stack(times).amin(0)

    def relative_to(self, reached: list[Tensor], s: Tensor) -> Tensor:
        """The least of the groups' s (M, N) in units of the present ones (M, d)."""
        ratios = [at / s[:, axes[0], None] for at, axes in zip(reached, self.groups, strict=True)]
        return torch.stack(ratios).amin(0)
