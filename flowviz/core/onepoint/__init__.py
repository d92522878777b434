"""One data point's Green's function in numbers: ``greens`` its divergence and density, why d/t, how
tangled a sum becomes; ``characteristics`` the density from the velocity alone.
"""
