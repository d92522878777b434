"""The probability inside a box of the plane, and what flows through its four sides.

With V a field with ∇·V = p₁ (``mass_flux`` of the prior), by Gauss' theorem

    M_t = ∬_box p_t = Σ_i w_i ∬_{φ_t(box|x₀ᵢ)} p₁ = Σ_i w_i ∮_{∂box} V(φ) · n dφ,

and by the continuity equation dM_t/dt = -∮ p_t f_t · n ds. Both are integrals along the four sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field.marginal import MarginalField
from flowviz.core.numerics.autodiff import jvp
from flowviz.core.numerics.chunks import blocks_for
from flowviz.core.numerics.quadrature import Integrand, integrate
from flowviz.core.priors.base import require

_BUDGET = 1 << 17
"""Evaluations of the field along all sides, most."""
_MOST_EDGES = 400
"""Ends of panels on a side at first, most."""


@dataclass(frozen=True)
class Box:
    """A box [low, high] of the plane at a time.

    Attributes:
        mass: the probability inside.
        flux: through the left, right, lower and upper side, (4,): p_t f_t integrated along it, in
            the direction of the axis, not outwards.
        error: an estimate of the error of these integrals.
    """

    mass: float
    flux: Tensor
    error: float

    @property
    def rate(self) -> float:
        """dM_t/dt by the continuity equation: what comes in less what goes out."""
        left, right, lower, upper = self.flux.tolist()
        return left - right + lower - upper


def box(field: MarginalField, low: Tensor, high: Tensor, t: Tensor) -> Box:
    """What is in a box, and what flows through its sides.

    Args:
        field: a flow in the plane, of independent pairs.
        low: the lower left corner, (2,).
        high: the upper right corner, (2,).
        t: a time in (0, 1], a scalar.

    Raises:
        ValueError: for another dimension or coupling, or a box that is empty.
    """
    sides = _sides(field, low, high, t)
    (mass, mass_error), (flux, flux_error) = _mass(sides), _along(sides, sides.flux)
    return Box(mass, flux, mass_error + flux_error)


def mass_in_box(field: MarginalField, low: Tensor, high: Tensor, t: Tensor) -> float:
    """The probability in a box alone; arguments and errors as of `box`."""
    return _mass(_sides(field, low, high, t))[0]


def _mass(sides: _Sides) -> tuple[float, float]:
    through, error = _along(sides, sides.mass)
    left, right, lower, upper = through.tolist()
    return right - left + upper - lower, error


def _along(sides: _Sides, function: Integrand) -> tuple[Tensor, float]:
    """Integrals along the sides, (4,), and their error."""
    edges, jumps = _edges(sides)
    singular = sides.field.prior.has_singular_edges
    found, error = integrate(function, edges, jumps, _BUDGET, singular=singular)
    return found, float(error.sum())


@dataclass(frozen=True)
class _Sides:
    """The left, right, lower and upper side, and what is integrated along them.

    Each goes from ``start`` (4, 2) to ``start + along``, s in [0, 1]; normals are in the direction
    of the axes.
    """

    field: MarginalField
    start: Tensor
    along: Tensor
    t: Tensor

    def mass(self, s: Tensor, row: Tensor) -> Tensor:
        """Σ_i w_i V(φ)·n |dφ/ds|, (M,)."""
        x, along = self._at(s, row), self.along[row]
        return torch.cat([self._mass(x[b], along[b]) for b in blocks_for(x, self.field.x0.numel())])

    def _mass(self, x: Tensor, along: Tensor) -> Tensor:
        path, x0 = self.field.path, self.field.x0

        def inverse(y: Tensor) -> Tensor:
            return path.inverse(y, x0, self.t)

        normal = torch.stack([along[:, 1], along[:, 0]], dim=1)  # one of them is 0
        x1, tangent = jvp(inverse, x, along)
        flux = _cross(self.field.prior.mass_flux(x1), tangent)
        # A normal is to the left of a side that goes right; and φ may reverse the orientation.
        side = _cross(jvp(inverse, x, normal)[1], tangent)
        towards = torch.where(side < 0, -flux, flux)
        return towards.nan_to_num() @ self.field.weights

    def flux(self, s: Tensor, row: Tensor) -> Tensor:
        """p_t f_t·n |dx/ds|, (M,)."""
        x = self._at(s, row)
        p = self.field.log_prob(x, self.t).exp()
        velocity = self.field(x, self.t)
        normal = self.along[row].flip(1)
        return torch.where(p > 0, p * (velocity * normal).sum(1), 0.0)

    def _at(self, s: Tensor, row: Tensor) -> Tensor:
        return torch.addcmul(self.start[row], s[:, None], self.along[row])


def _cross(a: Tensor, b: Tensor) -> Tensor:
    """a × b of vectors of the plane, (..., 2)."""
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _sides(field: MarginalField, low: Tensor, high: Tensor, t: Tensor) -> _Sides:
    require(field.d == 2, f"a box needs d = 2, got d={field.d}")
    require(field.conditional is None, "a box needs a flow of independent pairs")
    require(
        bool((low < high).all()), f"low must be below high, got {low.tolist()}, {high.tolist()}"
    )
    start = torch.stack([low, torch.stack([high[0], low[1]]), low, torch.stack([low[0], high[1]])])
    along = torch.diag(high - low)[[1, 1, 0, 0]]
    return _Sides(field, start, along, t)


def _edges(sides: _Sides) -> tuple[Tensor, Tensor]:
    """Ends of the first panels on each side, (4, M), and whether values may jump there.

    A product prior's breakpoints, carried by a family that treats coordinates alike, are known;
    elsewhere panels are halved towards a jump.
    """
    field, start, along = sides.field, sides.start, sides.along
    ends = torch.linspace(0.0, 1.0, 5, dtype=start.dtype).expand(4, -1)
    breakpoints = start.new_tensor(field.prior.breakpoints)
    alike = field.path.elementwise or field.path.affine_schedule is not None
    if alike and field.prior.product and len(breakpoints) * field.n <= _MOST_EDGES:
        corners = breakpoints[:, None].expand(-1, 2)
        images = field.path.forward(corners, field.x0, sides.t).reshape(-1, 2)
        axis = along.argmax(1)
        low, size = (v.gather(1, axis[:, None]) for v in (start, along))
        cuts = ((images.T[axis] - low) / size).clamp(0.0, 1.0)
        ends = torch.cat([ends, cuts], dim=1).sort(dim=1).values
    return ends.contiguous(), torch.full(ends.shape, bool(len(breakpoints)))
