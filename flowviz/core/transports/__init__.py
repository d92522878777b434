"""Each way to a trajectory; ``core.transport`` chooses.

``line`` the root of a conserved level, with ``starts`` where it ends · ``flat`` polygons under a
box or a disk, ``flat_closed`` their like for other families · ``plane`` the exponential integrator,
with ``pulls`` its slope, ``kinks`` where the slope's formula changes, ``arcs`` angles where it is
infinite, and ``stretch`` what the flow makes of errors · ``general`` any other family ·
``straight`` what a solution is.
"""
