"""Kinds of values that several settings accept."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from flowviz.grid import snap

#: A finite number on the link's grid of 1e-6.
Number = Annotated[float, Field(allow_inf_nan=False), AfterValidator(snap)]
