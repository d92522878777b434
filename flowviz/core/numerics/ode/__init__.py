"""Ordinary differential equations for many trajectories at once, each with its own step size.

``problem`` the equation, its options and its solution · ``solve`` the loop · ``step`` one trial
step of DOP853 · ``interpolant`` dense output within a step · ``events`` where the right-hand side's
formula changes.
"""
