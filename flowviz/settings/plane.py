"""The plane: its points, prior and family, and how the Plane page draws them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, PlainValidator

from flowviz.fields import family_formula, params_of, place, point_set, views
from flowviz.params import PLANE_FAMILY, PLANE_PRIOR, Params
from flowviz.plane_points import PlanePoints
from flowviz.typed_formula import Typed


class PlaneSettings(BaseModel):
    """Everything in two dimensions."""

    plane_points: Annotated[PlanePoints, point_set(PlanePoints)] = PlanePoints(
        (1.2, -1.3, -0.4, 1.1), (0.9, 0.7, -1.2, -1.0), (2.0, 1.0, 1.0, 1.0)
    )
    plane_prior: Annotated[str, PlainValidator(PLANE_PRIOR.check)] = "gaussian"
    plane_prior_params: Annotated[Params, params_of(PLANE_PRIOR)] = Field(
        default=(), validate_default=True
    )
    plane_family: Annotated[str, PlainValidator(PLANE_FAMILY.check)] = "affine"
    plane_family_params: Annotated[Params, params_of(PLANE_FAMILY)] = Field(
        default=(), validate_default=True
    )
    plane_formula: Annotated[Typed, family_formula(2)] = Typed()
    plane_particles: Annotated[int, Field(ge=1, le=2000)] = 300
    plane_views: Annotated[tuple[str, ...], PlainValidator(views)] = (
        "density",
        "lines",
        "particles",
    )
    plane_scale: Literal["linear", "log"] = "linear"
    plane_probe: Annotated[tuple[float, float, float] | None, place("plane_probe", 2)] = None
