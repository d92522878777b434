"""The line: its points, prior and family, and how the Fan page draws them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, PlainValidator

from flowviz.fields import family_formula, params_of, place, point_set
from flowviz.params import FAMILY, PRIOR, Params
from flowviz.points import Points
from flowviz.typed_formula import Typed


class LineSettings(BaseModel):
    """Everything in one dimension."""

    points: Annotated[Points, point_set(Points)] = Points((0.5, 1.2, 1.7), (2.0, 1.0, 1.0))
    prior: Annotated[str, PlainValidator(PRIOR.check)] = "uniform"
    prior_params: Annotated[Params, params_of(PRIOR)] = Field(default=(), validate_default=True)
    family: Annotated[str, PlainValidator(FAMILY.check)] = "affine"
    family_params: Annotated[Params, params_of(FAMILY)] = Field(default=(), validate_default=True)
    formula: Annotated[Typed, family_formula(1)] = Typed()
    trajectories: Annotated[int, Field(ge=1, le=400)] = 37
    launch: Literal["steps", "probability"] = "steps"
    color: Literal["basin", "x1"] = "basin"
    heatmap: bool = True
    fan: bool = True
    arrows: bool = False
    probe: Annotated[tuple[float, float] | None, place("probe", 1)] = None
