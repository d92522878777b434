"""Labelled points, and the flow guided towards one label (MATH §5).

``labelled_field`` the fields of all points and of each class, and the guided velocity ·
``trajectories`` its trajectories and its density · ``shares`` where its mass ends.
"""

from flowviz.core.guidance.labelled_field import (
    Guidance,
    LabelledField,
    Velocity,
    extrapolated,
)
from flowviz.core.guidance.shares import Shares, places_of, shares_by_draws, shares_on_line
from flowviz.core.guidance.trajectories import Guide, GuidedFlow, guided_flow, guided_log_prob

__all__ = [
    "Guidance",
    "Guide",
    "GuidedFlow",
    "LabelledField",
    "Shares",
    "Velocity",
    "extrapolated",
    "guided_flow",
    "guided_log_prob",
    "places_of",
    "shares_by_draws",
    "shares_on_line",
]
