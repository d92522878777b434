"""What trajectory families are made of.

``base`` what a family is, and the affine ones · ``bent`` bowed, turning, unevenly timed, nonlinear
· ``typed`` a reader's own formula · ``implicit`` those given in one direction only · ``legality``
what a family must keep, and where it does not. The registry is ``core.paths``.
"""
