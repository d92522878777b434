"""Trajectories of the marginal flow, from the prior (t = 1) to the data (t = 0).

``trajectories`` chooses the method · ``line`` d = 1: the root of a conserved distribution function,
with ``line_ends`` its limit at t = 0 · ``polygons`` uniform priors, ``crossings`` the same for
other families · ``exponential`` the integrator for d ≥ 2, with ``posterior_mean_ode`` its
right-hand side, ``arcsine`` and ``affine_in_x1`` variants of it, ``policy`` its tolerances and
``error_bounds`` its error propagation · ``batches`` as many as a budget allows · ``generic`` any
other family, with ``lookahead`` when a trajectory has settled · ``basins`` which prior positions
reach which data point · ``separatrices`` the trajectories between two basins · ``volumes`` by how
much small volumes are stretched · ``planarity`` how nearly a trajectory lies in a plane ·
``result`` the solutions.
"""

from __future__ import annotations

from flowviz.core.transport.basins import BasinMap, Basins, basin_map, basins
from flowviz.core.transport.planarity import principal_share
from flowviz.core.transport.result import density_along
from flowviz.core.transport.trajectories import (
    StraightFan,
    Trajectories,
    launch,
    on_schedule,
    straight_fan,
    trajectories,
)
from flowviz.core.transport.volumes import volume_ratio

__all__ = [
    "BasinMap",
    "Basins",
    "StraightFan",
    "Trajectories",
    "basin_map",
    "basins",
    "density_along",
    "launch",
    "on_schedule",
    "principal_share",
    "straight_fan",
    "trajectories",
    "volume_ratio",
]
