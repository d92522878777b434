"""Solvers: the flow in a few steps, nine ways.

``steppers`` the nine · ``tableaux`` Runge-Kutta methods as data · ``adaptive`` and ``mean_value``
those that are more than a row · ``time_grids`` where the steps are · ``vector_field`` what is
stepped along, its evaluations counted · ``vector_fields`` the exact ones and the learned ·
``convergence`` error against evaluations · ``likelihood`` log p by a few steps.
"""

from __future__ import annotations

from flowviz.core.solvers.steppers import SOLVERS, Solution, Solver, State, solve

__all__ = ["SOLVERS", "Solution", "Solver", "State", "solve"]
