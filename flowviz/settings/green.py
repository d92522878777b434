"""The settings of the page on one point, Green's function."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from flowviz.settings.accepted import Number

Position = Annotated[Number, Field(ge=-100, le=100)]


class GreenSettings(BaseModel):
    """The data point, the place (t, x) that is looked at, and how much is drawn.

    ``green_x0`` and ``green_x`` are the line's; in the plane the data point is ``green_a``,
    ``green_b`` and the place ``green_u``, ``green_v``.
    """

    green_x0: Position = 0.5
    green_a: Position = 0.6
    green_b: Position = -0.3
    green_t: Annotated[Number, Field(ge=0.02, le=1)] = 0.4
    green_x: Position = 0.9
    green_u: Position = 0.9
    green_v: Position = 0.3
    green_lines: Annotated[int, Field(ge=1, le=200)] = 25
    green_bend: Annotated[Number, Field(ge=0, le=3)] = 1.0
