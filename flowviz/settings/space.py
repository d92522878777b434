"""Which of the two a page shows that shows either: the line or the plane."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

Space = Literal["line", "plane"]


class SpaceSettings(BaseModel):
    """The dimension that the pages on one point, on learning and on solvers look at."""

    space: Space = "line"
