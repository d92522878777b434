"""The settings of the page Solvers: the solver, its steps, and what is measured of it.

The names are those of `flowviz.core.solvers` and `flowviz.core.stepping.time_grids`; a test
compares them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from flowviz.settings.accepted import Number

Method = Literal[
    "euler", "midpoint", "heun", "rk4", "dopri5", "ddim", "dpm2", "multistep", "mean_value"
]


class SolverSettings(BaseModel):
    """The page's own settings.

    ``solver_step`` is the step a visitor has come to; 0 shows the whole walk. ``solver_digits`` is
    what a solver of its own steps is asked for: a tolerance of 10 to the minus so many.
    """

    solver_flow: Literal["exact", "learned"] = "exact"
    solver_method: Method = "heun"
    solver_steps: Annotated[int, Field(ge=1, le=64)] = 6
    solver_digits: Annotated[int, Field(ge=1, le=8)] = 2
    solver_grid: Literal["uniform", "log", "cosine", "karras"] = "uniform"
    solver_rho: Annotated[Number, Field(ge=1, le=20)] = 7.0
    solver_last: Annotated[Number, Field(ge=0.001, le=0.2)] = 0.01
    solver_lines: Annotated[int, Field(ge=1, le=60)] = 20
    solver_step: Annotated[int, Field(ge=0, le=64)] = 0
    solver_measure: Literal["error", "way", "wrong", "w2"] = "error"
    solver_way: Annotated[Number, Field(ge=0.05, le=0.8)] = 0.2
