"""The Green's function: the flow of a single data point (MATH §1).

``single_point`` divergence and density, the volume of a box carried by the flow, length and
curvature of trajectories · ``characteristics`` the density from the velocity alone · ``gravity``
the one without a preferred direction of space and time.
"""
