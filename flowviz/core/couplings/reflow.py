"""Reflow: x₁ is paired with the data point that the flow takes it to (MATH §6).

The q_i are the prior cut to the basins of the independent flow. Then the velocity at t = 1 is
x₁ - x₀ of the paired point for straight lines, and one Euler step from there is exact.

On the line the basins are ``intervals``. In the plane they are a table (``transport.basin_grid``),
as fine as its budget allows: within a cell of a border a position may have the basin beside its
own.

Source: Liu, Gong, Liu, "Flow straight and fast: learning to generate and transfer data with
rectified flow" (2023).
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from flowviz.core.couplings.intervals import Intervals
from flowviz.core.field import Cells, ConditionalPriors, Coupling, FlowDefinition, MarginalField
from flowviz.core.transport.basin_grid import basin_grid
from flowviz.core.transport.trajectories import straight_fan, trajectories

TOLERANCE = 1e-5
BUDGET = 1e8
"""Most units of work for a table: a few seconds."""


@dataclass(frozen=True)
class Reflow(Coupling):
    """x₁ and the data point at the end of its trajectory."""

    def of(self, flow: FlowDefinition) -> ConditionalPriors:
        on_line = flow.d == 1 and flow.path.monotone
        return Intervals(flow) if on_line else BasinCells(flow)


class BasinCells(Cells):
    """The prior cut to the basins of the independent flow in the plane, as ``grid`` has them."""

    def __init__(self, flow: FlowDefinition) -> None:
        super().__init__(flow)
        field = MarginalField(flow.x0, flow.weights, flow.prior, flow.path)
        solve = trajectories if field.path.affine_schedule is None else straight_fan

        def follow(x1: Tensor) -> Tensor:
            return solve(field, x1, x1.new_zeros(1), TOLERANCE).basin

        self.grid = basin_grid(field, follow, budget=BUDGET)

    def index(self, x1: Tensor) -> Tensor:
        return self.first[self.grid.of(x1)]
