"""Reflow: x₁ is paired with the data point that the flow takes it to (MATH §6).

The q_i are the prior cut to the basins of the independent flow. Then the velocity at t = 1 is
x₁ - x₀ of the paired point for straight lines, and one Euler step from there is exact.

On the line the basins are ``intervals``. In the plane the basin of a position is found by following
its trajectory: exact as that, and slow, as every value of the density follows N of them.

Source: Liu, Gong, Liu, "Flow straight and fast: learning to generate and transfer data with
rectified flow" (2023).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.couplings.intervals import Intervals
from flowviz.core.field import Cells, ConditionalPriors, Coupling, FlowDefinition, MarginalField
from flowviz.core.transport.trajectories import straight_fan, trajectories

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Reflow(Coupling):
    """x₁ and the data point at the end of its trajectory."""

    def of(self, flow: FlowDefinition) -> ConditionalPriors:
        return Intervals(flow) if flow.d == 1 and flow.path.monotone else BasinCells(flow)


class BasinCells(Cells):
    """The prior cut to the basins of the independent flow."""

    def __init__(self, flow: FlowDefinition) -> None:
        super().__init__(flow)
        self._field = MarginalField(flow.x0, flow.weights, flow.prior, flow.path)

    def index(self, x1: Tensor) -> Tensor:
        flat = x1.reshape(-1, x1.shape[-1])
        found = torch.full((len(flat),), -1, device=flat.device)
        inside = self.prior.log_prob(flat) > -torch.inf
        solve = trajectories if self._field.path.affine_schedule is None else straight_fan
        if bool(inside.any()):
            end = solve(self._field, flat[inside], flat.new_zeros(1), TOLERANCE)
            found[inside] = end.basin
        return found.reshape(x1.shape[:-1])
