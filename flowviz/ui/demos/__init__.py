"""One idea and one control each, below a page's figure and in the lesson; closed until asked for.

``fold`` the place of one · ``merging`` why two trajectories never merge · ``box`` the mass between
two positions, and the flux through them · ``plane_box`` the same of a box of the plane · ``grid`` a
grid that the flow deforms · ``example`` one training example, line by line · ``far`` how far
away a flow of gravity must begin · ``gravity`` where it comes from.
"""
