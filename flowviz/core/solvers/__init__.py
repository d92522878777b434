"""Nine solvers for the flow with a given number of steps.

``steppers`` their steps · ``tableaux`` of the Runge-Kutta methods · ``adaptive`` step size control
· ``mean_value`` the fitted method · ``amed`` learned steps · ``time_grids`` the times of the steps
· ``vector_field`` velocity and data prediction, with evaluations counted · ``vector_fields`` exact
and learned ones · ``convergence`` error against evaluations · ``likelihood`` log p by a solver's
steps · ``noise`` stochastic steps that keep the densities.
"""

from __future__ import annotations

from flowviz.core.solvers.steppers import SOLVERS, Solution, Solver, State, solve

__all__ = ["SOLVERS", "Solution", "Solver", "State", "solve"]
