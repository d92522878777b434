"""The mathematics, in reading order.

``priors`` what the flow starts from · ``schedules`` how it is timed · ``paths`` one data point: the
trajectory family, its velocity and density (``formula`` how a text becomes one, ``onepoint`` the
derivation in numbers) · ``field`` many points: their superposition · ``transport`` the trajectories
of the sum · ``checks`` the facts it must keep · ``datasets`` points to try · ``training`` the
velocity learned by a small network · ``solvers`` walking the flow in a few steps · ``likelihood``
what a flow gives a place.

Each stands on a package of its parts: ``laws``, ``families``, ``formulas``, ``sums``,
``transports``, ``learning``, ``stepping``, and ``numerics``, which knows no flow. Nothing here
knows how anything is drawn.
"""
