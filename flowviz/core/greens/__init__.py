"""One data point's Green's function (MATH §1).

``single_point`` its divergence and density, why d/t, how curved a sum becomes ·
``characteristics`` the density from the velocity alone.
"""
