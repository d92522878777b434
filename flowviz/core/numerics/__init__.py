"""Numerical methods that do not depend on the rest of the package.

``autodiff`` forward-mode derivatives · ``jacobians`` of batched maps · ``roots`` of scalar
functions · ``inversion`` of maps, ``continuation`` of their roots · ``quadrature`` · ``hermite``
cubics · ``bernstein`` polynomials in Bernstein form · ``multinomial`` tests of counts ·
``arguments`` checks and conversions · ``chunks`` evaluation in bounded memory · ``devices`` choice
of CPU or GPU · ``ode`` initial value problems.
"""
