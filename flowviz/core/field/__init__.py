"""The exact flow of many points: density, posterior weights, velocity, by superposition (MATH §2).

``marginal`` the field itself · ``evaluated`` its values · ``posterior_mean`` D = E[x₀|x_t], all
that an affine family needs · ``treecode`` the same sums over thousands of points of the line,
clusters at once · ``density_frames`` p_t on many grids of the plane.
"""

from __future__ import annotations

from flowviz.core.field.evaluated import Grid, Probe
from flowviz.core.field.marginal import MarginalField

__all__ = ["Grid", "MarginalField", "Probe"]
