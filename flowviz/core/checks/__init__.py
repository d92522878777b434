"""Checks of exact identities of the flow, evaluated on the results that are shown.

Each check computes one number, independently of the code it checks, and its bound:

- ``mass``: total probability;
- ``invariants``: conserved levels, continuity equation, basin masses;
- ``superposition``: the field, and the ends of trajectories, from a direct sum over data points;
- ``integration``: trajectories against Runge-Kutta steps of the field between their nodes, and
  against trajectories with a smaller tolerance;
- ``prior``: the prior's density, distribution function and samples against each other;
- ``learning``: the floor of a loss, and the basins of the particles that solvers are evaluated on.
"""

from flowviz.core.checks.integration import integration, refinement, worst
from flowviz.core.checks.invariants import (
    Check,
    PValue,
    basin_masses,
    conservation,
    continuity,
)
from flowviz.core.checks.learning import Groups, floor, particle_weights
from flowviz.core.checks.mass import MASS_BOUND, MassCheck, mass
from flowviz.core.checks.prior import distribution, samples
from flowviz.core.checks.superposition import ReferenceData, endpoints, superposition

__all__ = [
    "MASS_BOUND",
    "Check",
    "Groups",
    "MassCheck",
    "PValue",
    "ReferenceData",
    "basin_masses",
    "conservation",
    "continuity",
    "distribution",
    "endpoints",
    "floor",
    "integration",
    "mass",
    "particle_weights",
    "refinement",
    "samples",
    "superposition",
    "worst",
]
