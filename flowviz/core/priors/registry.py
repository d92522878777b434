"""The registry of priors: every law p₁ the flow may start from, by its name.

``PRIORS[name]`` is a frozen dataclass whose fields are the parameters, each with its range in the
field's metadata. The classes and their mathematics are in ``priors.base`` (what a prior is) and
``laws.unbounded``, ``laws.edged`` (independent coordinates) and ``laws.plane``. To add
one, write its class there and its line here.
"""

from __future__ import annotations

from flowviz.core.priors.base import Prior, param_range
from flowviz.core.priors.bounded_support import Arcsine, Exponential, Triangular, Uniform
from flowviz.core.priors.full_support import Gaussian, GaussianMixture, Laplace, Logistic, StudentT
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
    "Laplace",
    "Logistic",
    "Prior",
    "Ring",
    "StudentT",
    "Triangular",
    "Uniform",
    "param_range",
]

PRIORS: dict[str, type[Prior]] = {
    "uniform": Uniform,
    "gaussian": Gaussian,
    "laplace": Laplace,
    "student_t": StudentT,
    "logistic": Logistic,
    "gaussian_mixture": GaussianMixture,
    "triangular": Triangular,
    "exponential": Exponential,
    "arcsine": Arcsine,
}

# These exist only in the plane, where PRIORS' laws exist too, as products.
PLANE_PRIORS: dict[str, type[Prior]] = {
    "disk": Disk,
    "ring": Ring,
    "gaussian_mixture_2d": GaussianMixture2D,
}
