"""The mathematics, in reading order.

``priors`` the distributions p₁ · ``schedules`` α_t and σ_t · ``paths`` one data point: trajectory
families, their conditional velocity and density (``formula`` typed families, ``greens`` the
derivation in numbers) · ``field`` many data points: the marginal density and velocity ·
``transport`` the trajectories of the marginal flow · ``couplings`` other pairings of prior and data
than the independent one · ``guidance`` towards one label of the data · ``checks`` exact identities,
evaluated on results · ``datasets`` ready-made data · ``training`` a small network that learns the
velocity · ``solvers`` samplers with a given number of steps, and noise · ``likelihood`` the
log-density along a flow · ``distances`` between sets of samples · ``images`` the flow in 64
dimensions, and denoisers that see a part of an image.

All of these use ``numerics``. Nothing here depends on how results are displayed.
"""
