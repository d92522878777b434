"""The exact flow of many points: density, posterior weights, velocity, by superposition (MATH §2).

``definition`` data, prior, path, coupling · ``coupling`` how x₁ and data points are paired ·
``marginal`` the field · ``evaluated`` its values · ``posterior_mean`` D = E[x₀|x_t], from which
affine families have the velocity · ``treecode`` the same sums over thousands of points for d = 1 ·
``density_frames`` p_t on grids at many times for d = 2 · ``boxes`` the mass in a box of the plane
and the flux through its sides · ``predictions`` denoiser, noise and score.
"""

from __future__ import annotations

from flowviz.core.field.coupling import Cells, ConditionalPriors, Coupling, Independent
from flowviz.core.field.definition import FlowDefinition
from flowviz.core.field.evaluated import Grid, Probe
from flowviz.core.field.marginal import MarginalField

__all__ = [
    "Cells",
    "ConditionalPriors",
    "Coupling",
    "FlowDefinition",
    "Grid",
    "Independent",
    "MarginalField",
    "Probe",
]
