"""How a reader may prefer results to be written; nothing is computed with it."""

from flowviz.conventions.time import (
    DEFAULT,
    TimeConvention,
    shown_rate,
    shown_tex,
    shown_text,
    shown_time,
    time_text,
)

__all__ = [
    "DEFAULT",
    "TimeConvention",
    "shown_rate",
    "shown_tex",
    "shown_text",
    "shown_time",
    "time_text",
]
