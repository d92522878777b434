"""How sums over data points are formed, in bounded memory and no more pairs than needed.

``blocks`` rows of queries at a time · ``denoiser`` the posterior mean D · ``crowd`` thousands of
points on the line · ``plane`` films of density in the plane · ``devices`` where to compute.
"""
