"""Priors: the distribution p₁ that generation starts from.

``base`` what a prior is · ``numerics`` what integrators and the treecode ask of it ·
``full_support`` on the whole line · ``bounded_support`` with an edge · ``location_scale`` moved and
scaled · ``two_dimensional`` those of the plane only · ``student_t`` its special functions ·
``kernel_density`` made of samples ·
``piecewise`` densities made of pieces · ``random_source`` where samples come from · ``registry``
all of them by name.
"""

from __future__ import annotations

from flowviz.core.priors.base import Prior, param_range
from flowviz.core.priors.bounded_support import Arcsine, Exponential, Triangular, Uniform
from flowviz.core.priors.full_support import Gaussian, GaussianMixture, Laplace, Logistic, StudentT
from flowviz.core.priors.kernel_density import KernelDensity, KernelDensity2D
from flowviz.core.priors.registry import PLANE_PRIORS, PRIORS
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
    "Triangular",
    "Uniform",
    "param_range",
]
