"""Which of the two a page shows that shows either: the line or the plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel

Space = Literal["line", "plane"]

#: What a flow depends on, besides the schedule of straight lines.
FLOW: Mapping[Space, tuple[str, ...]] = {
    "line": ("points", "prior", "prior_params", "family", "family_params", "formula"),
    "plane": (
        "plane_points",
        "plane_prior",
        "plane_prior_params",
        "plane_family",
        "plane_family_params",
        "plane_formula",
    ),
}


class SpaceSettings(BaseModel):
    """The dimension that the pages on one point, on learning and on solvers look at."""

    space: Space = "line"
