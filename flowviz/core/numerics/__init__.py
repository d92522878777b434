"""Mathematics that knows no flow.

``autodiff`` one derivative in one pass · ``jacobians`` all of them · ``roots`` of increasing
functions · ``inversion`` of maps · ``bernstein`` polynomials by their control points · ``chunks``
sums in bounded memory · ``devices`` where to compute · ``ode`` integration.
"""
