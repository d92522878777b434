"""What solvers are made of; ``core.solvers`` holds the nine.

``flow`` what is stepped along, its evaluations counted · ``flows`` the exact ones and the learned ·
``talks`` many walks led at once · ``tableaux`` Runge-Kutta methods as data · ``adaptive_pair`` and
``mean_value`` those that are more than a row · ``time_grids`` where the steps are · ``convergence``
error against evaluations · ``solver_likelihood`` log p by a few steps.
"""
