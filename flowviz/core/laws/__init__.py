"""What priors are made of.

``base`` what a prior is · ``unbounded`` on the whole line · ``edged`` with an edge · ``pieces``
their formulas between kinks · ``plane`` those that exist in the plane only · ``special`` Student's
t. The registry is ``core.priors``.
"""
