"""An exercise of a link: what is asked of its scene, and which controls it hides or freezes.

The right answer is never in the link: it is computed from the scene. What the reader locked is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qs

from pydantic import PlainValidator

from flowviz.scene.link import NONE
from flowviz.scene.validators import names, query_point
from flowviz.text import Message, Refusal

#: What may be asked: a border between basins on the line, the share of the prior that a data point
#: gets, p_t and f_t at a point, where a sample ends, the evaluations that a solver needs.
Ask = Literal["none", "border", "share", "density", "velocity", "end", "nfe"]

#: The controls that may be hidden or frozen, and the fields of the scene that each sets.
CONTROLS: Mapping[str, tuple[str, ...]] = {
    "points": ("points", "plane_points"),
    "prior": ("prior", "prior_params", "plane_prior", "plane_prior_params"),
    "family": (
        *("family", "family_params", "formula", "schedule", "schedule_params"),
        *("plane_family", "plane_family_params", "plane_formula"),
    ),
}


def controls(field: str) -> PlainValidator:
    """Validator: names of `CONTROLS`, or their text in the link."""
    return names(field, tuple(CONTROLS))


def _place(value: object) -> tuple[float, ...] | None:
    given = value.split(",") if isinstance(value, str) else value
    d = 2 if isinstance(given, list | tuple) and len(given) == 3 else 1
    return query_point("at", d).func(value)  # type: ignore[call-arg]


asked_place = PlainValidator(_place)
"""Validator: what is asked about, (t, x) or (t, x, y), or its text in the link; None for none."""


def asks(query: str) -> bool:
    """Whether a link's query asks a question: a page that cannot must not show the answer."""
    return any(ask not in ("", NONE) for ask in parse_qs(query).get("ask", ()))


def frozen(hidden: tuple[str, ...], locked: tuple[str, ...]) -> frozenset[str]:
    """The fields of the scene that hidden and locked controls set: nothing may change them."""
    return frozenset(field for name in (*hidden, *locked) for field in CONTROLS[name])


def require_free(frozen: frozenset[str], changes: Mapping[str, object]) -> None:
    """Refuse a change of fields that an exercise hides or freezes.

    Raises:
        Refusal: naming the control.
    """
    if held := frozen & changes.keys():
        name = next(name for name, fields in CONTROLS.items() if held & set(fields))
        raise Refusal("error.exercise.frozen", control=Message(f"exercise.control.{name}"))
