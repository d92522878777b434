"""The registry of priors: every distribution p₁ the flow may start from, by its name.

``PRIORS[name]`` is a frozen dataclass whose fields are the parameters, each with its range in the
field's metadata. To add one, write its class (``base`` says what a prior is) and its line here.
"""

from __future__ import annotations

from flowviz.core.priors.base import Prior
from flowviz.core.priors.bounded_support import Arcsine, Exponential, Triangular, Uniform
from flowviz.core.priors.full_support import Gaussian, GaussianMixture, Laplace, Logistic, StudentT
from flowviz.core.priors.kernel_density import KernelDensity, KernelDensity2D
from flowviz.core.priors.student_t_2d import StudentT2D
from flowviz.core.priors.two_dimensional import Disk, GaussianMixture2D, Ring

PRIORS: dict[str, type[Prior]] = {
    "uniform": Uniform,
    "gaussian": Gaussian,
    "laplace": Laplace,
    "student_t": StudentT,
    "logistic": Logistic,
    "gaussian_mixture": GaussianMixture,
    "kernel_density": KernelDensity,
    "triangular": Triangular,
    "exponential": Exponential,
    "arcsine": Arcsine,
}

# These exist only in the plane, where those of PRIORS exist too, as products.
PLANE_PRIORS: dict[str, type[Prior]] = {
    "disk": Disk,
    "ring": Ring,
    "gaussian_mixture_2d": GaussianMixture2D,
    "student_t_2d": StudentT2D,
    "kernel_density_2d": KernelDensity2D,
}
