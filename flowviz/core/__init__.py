"""The mathematics, in reading order.

``priors`` what the flow starts from · ``schedules`` how it is timed · ``paths`` one data point: the
trajectory family, its velocity and density (``families`` the bent, turning and typed ones,
``formula`` how a text becomes one, ``greens`` the derivation in numbers, ``legality`` what a family
must keep) · ``field`` many points: their superposition ·
``transport`` the trajectories of the sum · ``checks`` the facts it must keep · ``datasets`` points
to try · ``training`` the velocity learned by a small network (``draws`` what it sees, ``scales``
and ``network`` what it is, ``floor`` the least loss there is, ``learned`` and ``samples`` what it
then does, ``likelihood`` what it gives a place). Nothing here knows how anything is drawn.
"""
