"""The validators of a scene's fields, which accept values and the link's texts for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from flowviz.scene.decimals import parse_decimal, snap_fine, snap_together, to_ascii, to_float
from flowviz.scene.formula import Typed
from flowviz.scene.link import NONE
from flowviz.scene.parameters import Params, Registry
from flowviz.scene.point_parsing import MAX_POSITION
from flowviz.scene.point_set import LINK_LIMIT
from flowviz.scene.points import PlanePoints, Points
from flowviz.text import Message, Refusal, excerpt


def _as_number(value: object) -> object:
    """The number in a text, by the grammar of all numbers here; any other value as it is.

    Pydantic's own reads ``1_0`` as 10, ``1.0`` as a whole number, but not ``1e1``.
    """
    if not isinstance(value, str):
        return value
    if (number := parse_decimal(value)) is None:
        raise PydanticCustomError("number", "not a number")
    return number


#: A finite number, rounded to the link's grid of 1e-6; small ones keep three digits.
Number = Annotated[
    float, BeforeValidator(_as_number), Field(allow_inf_nan=False), AfterValidator(snap_fine)
]

#: A whole number.
Whole = Annotated[int, BeforeValidator(_as_number)]


def point_set(kind: type[Points] | type[PlanePoints]) -> PlainValidator:
    """Points, or their link form; refused if the link form is too long."""

    def check(value: object) -> Points | PlanePoints:
        points = kind.from_link(value) if isinstance(value, str) else value
        if not isinstance(points, kind):
            raise TypeError(f"points must be {kind.__name__} or text, got {type(points).__name__}")
        if len(points.link) > LINK_LIMIT:
            raise Refusal("error.points.link", n=len(points.link), limit=LINK_LIMIT)
        return points

    return PlainValidator(check)


def family_formula(d: int) -> PlainValidator:
    """A typed family that is valid in d dimensions, or its link form."""

    def check(value: object) -> Typed:
        typed = Typed.from_link(value) if isinstance(value, str) else value
        if not isinstance(typed, Typed):
            raise TypeError(f"a formula must be Typed or text, got {type(typed).__name__}")
        return typed.checked(d)

    return PlainValidator(check)


def query_point(field: str, d: int) -> PlainValidator:
    """A query point (t, x…), or its text; None or an empty text for none."""

    def check(value: object) -> tuple[float, ...] | None:
        if value is None or value == "":
            return None
        items = to_ascii(value).split(",") if isinstance(value, str) else value
        if isinstance(items, list | tuple):
            parsed = [parse_decimal(v) if isinstance(v, str) else v for v in items]
            numbers = [to_float(v) for v in parsed if isinstance(v, float | int)]
            if len(numbers) == len(parsed) == d + 1:
                t, *x = numbers
                if 0 <= t <= 1 and all(abs(v) <= MAX_POSITION for v in x):
                    return (snap_fine(t), *snap_together(x))
        key, label = f"error.field.{field}", Message(f"field.{field}")
        raise Refusal(key, label=label, token=excerpt(value), limit=MAX_POSITION)

    return PlainValidator(check)


#: The layers of the Plane page's figure.
VIEWS = ("density", "basins", "lines", "straight", "particles", "arrows")


def axis_ranges(value: object) -> tuple[float, ...] | None:
    """What a picture shows of its axes, (low, high, low, high), or its text; None for all."""
    if value is None or value == "":
        return None
    items = to_ascii(value).split(",") if isinstance(value, str) else value
    if isinstance(items, list | tuple) and len(items) == 4:
        parsed = [parse_decimal(v) if isinstance(v, str) else v for v in items]
        ends = [snap_fine(to_float(v)) for v in parsed if isinstance(v, float | int)]
        ordered = len(ends) == 4 and ends[0] < ends[1] and ends[2] < ends[3]
        if ordered and all(abs(v) <= MAX_POSITION for v in ends):
            return tuple(ends)
    raise Refusal("error.field.zoom", label=Message("field.zoom"), token=excerpt(value))


def names(field: str, known: tuple[str, ...]) -> PlainValidator:
    """Validator: some of the known names in their order, or their text in the link."""

    def check(value: object) -> tuple[str, ...]:
        given = value.split(",") if isinstance(value, str) else value
        if not isinstance(given, list | tuple):
            raise TypeError(f"{field} must be names, got {type(given).__name__}")
        chosen = {str(name).strip() for name in given} - {"", NONE}
        if unknown := chosen - set(known):
            label, token = Message(f"field.{field}"), excerpt(min(unknown))
            raise Refusal("error.field.choice", label=label, token=token, choices=", ".join(known))
        return tuple(name for name in known if name in chosen)

    return PlainValidator(check)


#: The layers that are shown, in the order of drawing.
views = names("plane_views", VIEWS)


def params_of(registry: Registry) -> PlainValidator:
    """All parameters of the entry that the scene names, in canonical form."""

    def check(value: object, info: ValidationInfo) -> Params:
        name = info.data.get(registry.field)
        if name is None:  # the name was refused, which is reported already
            return ()
        if not isinstance(value, Mapping | tuple | list):
            raise TypeError(f"parameters must be a mapping or pairs, got {type(value).__name__}")
        return registry.canonical(name, dict(value))

    return PlainValidator(check)
