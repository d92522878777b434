"""The settings of the page Learn: the network, and how it is trained.

The ranges are those of `flowviz.core.training`; a test compares them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from flowviz.settings.accepted import Number

Activation = Literal["silu", "gelu", "tanh", "relu", "selu"]


class LearnSettings(BaseModel):
    """The page's own settings."""

    learn_steps: Annotated[int, Field(ge=1, le=200_000)] = 8_000
    learn_batch: Annotated[int, Field(ge=8, le=8_192)] = 256
    learn_width: Annotated[int, Field(ge=4, le=512)] = 64
    learn_depth: Annotated[int, Field(ge=1, le=8)] = 3
    learn_activation: Activation = "silu"
    learn_rate: Annotated[Number, Field(ge=1e-6, le=1)] = 7e-3
    learn_sampling: Literal["uniform", "logit_normal"] = "uniform"
    learn_t_min: Annotated[Number, Field(ge=1e-4, le=0.5)] = 1e-3
    learn_target: Literal["conditional", "exact"] = "conditional"
    learn_seed: Annotated[int, Field(ge=0, le=999_999)] = 0
