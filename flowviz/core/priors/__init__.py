"""Priors: the distribution p₁ that generation starts from.

``base`` what a prior is · ``full_support`` on the whole line · ``bounded_support`` with an edge ·
``location_scale`` moved and scaled · ``two_dimensional`` those of the plane only · ``student_t``
its special functions · ``piecewise`` densities made of pieces · ``random_source`` where samples
come from · ``registry`` all of them by name.
"""

from __future__ import annotations

from flowviz.core.priors.registry import (
    PLANE_PRIORS,
    PRIORS,
    Arcsine,
    Disk,
    Exponential,
    Gaussian,
    GaussianMixture,
    GaussianMixture2D,
    Laplace,
    Logistic,
    Prior,
    Ring,
    StudentT,
    Triangular,
    Uniform,
    param_range,
)

__all__ = [
    "PLANE_PRIORS",
    "PRIORS",
    "Arcsine",
    "Disk",
    "Exponential",
    "Gaussian",
    "GaussianMixture",
    "GaussianMixture2D",
    "Laplace",
    "Logistic",
    "Prior",
    "Ring",
    "StudentT",
    "Triangular",
    "Uniform",
    "param_range",
]
