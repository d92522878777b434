"""What every page shares: the schedule, the clock, the words and their size."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, PlainValidator

from flowviz.fields import params_of
from flowviz.params import SCHEDULE, Params
from flowviz.settings.accepted import Number
from flowviz.text import Language


class SharedSettings(BaseModel):
    """What a change of page leaves as it is."""

    schedule: Annotated[str, PlainValidator(SCHEDULE.check)] = "linear"
    schedule_params: Annotated[Params, params_of(SCHEDULE)] = Field(
        default=(), validate_default=True
    )
    time: Annotated[Number, Field(ge=0, le=1)] = 0.5
    speed: Annotated[Number, Field(ge=0.1, le=10)] = 1.0
    lang: Language = "en"
    large: bool = False
