"""Priors: the distribution p₁ that generation starts from.

``base`` the class `Prior` · ``numerics`` properties that integrators and the treecode use ·
``full_support`` distributions on ℝ · ``bounded_support`` those with an edge · ``location_scale``
their common base · ``two_dimensional`` those that exist for d = 2 only · ``kernel_density`` those
of samples · ``student_t`` special functions · ``student_t_2d`` the isotropic Student t ·
``piecewise`` piecewise densities · ``random_source`` random numbers · ``registry`` all by name.
"""

from __future__ import annotations

from flowviz.core.priors.base import Prior, param_range
from flowviz.core.priors.bounded_support import Arcsine, Exponential, Triangular, Uniform
from flowviz.core.priors.full_support import Gaussian, GaussianMixture, Laplace, Logistic, StudentT
from flowviz.core.priors.kernel_density import KernelDensity, KernelDensity2D
from flowviz.core.priors.registry import PLANE_PRIORS, PRIORS
from flowviz.core.priors.student_t_2d import StudentT2D
from flowviz.core.priors.two_dimensional import Disk, GaussianMixture2D, Ring

__all__ = [
    "PLANE_PRIORS",
    "PRIORS",
    "Arcsine",
    "Disk",
    "Exponential",
    "Gaussian",
    "GaussianMixture",
    "GaussianMixture2D",
    "KernelDensity",
    "KernelDensity2D",
    "Laplace",
    "Logistic",
    "Prior",
    "Ring",
    "StudentT",
    "StudentT2D",
    "Triangular",
    "Uniform",
    "param_range",
]
