"""Optimal transport between the prior and the data: the coupling of least E|x₁ - x₀|² (MATH §6).

It is semi-discrete: each data point is paired with a Laguerre cell (``laguerre``) of mass w_i. The
ψ maximise a concave function whose gradient is w_i - m_i(ψ). Newton's method finds them, with steps
that are halved until every cell keeps mass. On the line the cells are ``intervals``.

Cells joined to their points by straight lines never overlap, so that every member of the family
x = α x₀ + σ x₁ is a trajectory, one Euler step is exact, and the floor of the loss is 0.

Source: Kitagawa, Mérigot, Thibert, "Convergence of a Newton algorithm for semi-discrete optimal
transport" (2019); Brenier (1991).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.couplings.intervals import Intervals
from flowviz.core.couplings.laguerre import (
    Polygons,
    box,
    derivatives,
    laguerre_cells,
    masses,
)
from flowviz.core.field import Cells, ConditionalPriors, Coupling, FlowDefinition
from flowviz.core.priors.base import Prior, require

ACCURACY = 1e-12
"""Of the masses of cells, where rounding allows it."""
ACCEPTED = 1e-9
MOST_STEPS = 60
_HALVINGS = 40
_SIZES = (1.0, 0.5, 0.25, 0.1, 2.0, 4.0)
"""Sizes of the points from whose Voronoi cells Newton's method may start, in half-widths."""


@dataclass(frozen=True)
class OptimalTransport(Coupling):
    """The coupling of least mean squared distance, for d = 1 and 2."""

    def of(self, flow: FlowDefinition) -> ConditionalPriors:
        require(flow.d <= 2, f"optimal transport needs d = 1 or 2, got d={flow.d}")
        return Intervals(flow) if flow.d == 1 else LaguerreCells(flow)


class LaguerreCells(Cells):
    """The prior cut to Laguerre cells of mass w_i, for d = 2.

    ``points`` (K, 2), the distinct data points; ``psi`` (K,); ``polygons``, within a box that holds
    the prior's mass; ``masses`` (K,), and ``weights`` (K,), which they should be.
    """

    straight = True

    def __init__(self, flow: FlowDefinition) -> None:
        super().__init__(flow)
        merged, self._which = flow.merged()
        self.points, self.weights = merged.x0, merged.weights
        self.psi, self.polygons, self.masses = solved(flow.prior, self.points, self.weights)
        self._height = self.points.square().sum(1) - self.psi
        position = torch.empty_like(self.first)
        position[self._which] = torch.arange(len(self._which))
        self._own = position[self.first]

    def index(self, x1: Tensor) -> Tensor:
        return self._which[self._costs(x1).argmin(-1)]

    def distance(self, z: Tensor) -> Tensor:
        costs = self._costs(z)
        own = costs.gather(-1, self._own.expand(z.shape[:-1])[..., None])[..., 0]
        return (own - costs.amin(-1)).clamp(min=0.0)

    def _costs(self, x1: Tensor) -> Tensor:
        """|x₁ - x₀ⱼ|² - ψ_j - |x₁|², (..., K)."""
        return self._height - 2.0 * x1 @ self.points.T


def solved(prior: Prior, x0: Tensor, weights: Tensor) -> tuple[Tensor, Polygons, Tensor]:
    """ψ, the cells and their masses, which are the weights.

    Args:
        prior: of the plane.
        x0: distinct data points, (K, 2).
        weights: (K,), summing to 1.

    Raises:
        ValueError: where Newton's method does not converge.
    """
    corners = box(prior, x0)
    psi = _start(prior, x0, weights, corners)
    least = 0.5 * min(float(_measured(prior, x0, psi, corners)[1].min()), float(weights.min()))
    require(least > 0.0, "optimal transport: some cell has no mass to begin with")
    polygons, mass = _measured(prior, x0, psi, corners)
    for _ in range(MOST_STEPS):
        gap = weights - mass
        if float(gap.abs().max()) <= ACCURACY:
            break
        step = _newton_step(prior, x0, polygons, gap)
        following = _damped(prior, x0, psi, step, corners, least, weights, float(gap.norm()))
        if following is None:
            break
        psi, polygons, mass = following
    worst = float((weights - mass).abs().max())
    require(worst <= ACCEPTED, f"optimal transport: masses of cells are off by {worst:.1e}")
    return psi, polygons, mass


def _measured(prior: Prior, x0: Tensor, psi: Tensor, corners: Tensor) -> tuple[Polygons, Tensor]:
    polygons = laguerre_cells(x0, psi, corners)
    return polygons, masses(prior, polygons.edges(), len(x0))


def _start(prior: Prior, x0: Tensor, weights: Tensor, corners: Tensor) -> Tensor:
    """ψ of the Voronoi cells of the points moved and shrunk into the prior's mass.

    With y = c + s (x₀ - x̄) the Voronoi cells of y are the Laguerre cells of x₀ for
    ψ = |x₀|² - |y|²/s, for any s > 0: of some sizes the one whose least cell is largest.
    """
    (a, b), (c, d) = prior.intervals(0.25, 2)
    centre, half = x0.new_tensor([0.5 * (a + b), 0.5 * (c + d)]), 0.5 * max(b - a, d - c)
    away = x0 - x0.mean(0)
    extent = float(away.abs().max()) or 1.0
    best, most = x0.new_zeros(len(x0)), -1.0
    for size in _SIZES:
        s = size * half / extent
        psi = x0.square().sum(1) - (centre + s * away).square().sum(1) / s
        least = float((_measured(prior, x0, psi, corners)[1] / weights).min())
        if least > most:
            best, most = psi, least
    return best


def _newton_step(prior: Prior, x0: Tensor, polygons: Polygons, gap: Tensor) -> Tensor:
    """δψ with Σ_j ∂m_i/∂ψ_j δψ_j = gap_i; ψ is known up to a constant, which is kept."""
    matrix = derivatives(prior, polygons.edges(), x0)
    matrix = matrix + matrix.diagonal().mean() / len(x0)  # the constant
    step = torch.linalg.lstsq(matrix, gap[:, None]).solution[:, 0]
    return step - step.mean()


def _damped(
    prior: Prior,
    x0: Tensor,
    psi: Tensor,
    step: Tensor,
    corners: Tensor,
    least: float,
    weights: Tensor,
    before: float,
) -> tuple[Tensor, Polygons, Tensor] | None:
    """The step halved until every cell keeps mass and the error falls; None where it does not."""
    share = 1.0
    for _ in range(_HALVINGS):
        candidate = psi + share * step
        polygons, mass = _measured(prior, x0, candidate, corners)
        error = float((weights - mass).norm())
        if float(mass.min()) >= least and error <= (1.0 - 0.5 * share) * before:
            return candidate, polygons, mass
        share *= 0.5
    return None
