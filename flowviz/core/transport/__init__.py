"""Trajectories of the marginal flow, from the prior (t = 1) to the data (t = 0).

``trajectories`` chooses among the ways · ``line`` the root of a conserved level, with ``line_ends``
where it ends · ``polygons`` under a box or a disk, ``crossings`` their like for other families ·
``exponential`` the integrator of the plane, with ``posterior_mean_ode`` its slope ·
``error_bounds`` what the flow makes of errors · ``generic`` any other family · ``basins`` which
prior positions reach which data point · ``result`` what a solution is.
"""

from __future__ import annotations

from flowviz.core.transport.basins import BasinMap, Basins, basin_map, basins
from flowviz.core.transport.trajectories import (
    StraightFan,
    Trajectories,
    launch,
    on_schedule,
    straight_fan,
    trajectories,
)

__all__ = [
    "BasinMap",
    "Basins",
    "StraightFan",
    "Trajectories",
    "basin_map",
    "basins",
    "launch",
    "on_schedule",
    "straight_fan",
    "trajectories",
]
