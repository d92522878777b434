"""Errors of pydantic's validation of a scene, as messages in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from annotated_types import Ge, Le
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from flowviz.text import Message, Refusal, excerpt


def refusal_of(
    error: ValidationError, fields: Mapping[str, FieldInfo], values: Mapping[str, object]
) -> Refusal:
    """The first of pydantic's errors as a refusal: what was given and what is accepted.

    Args:
        error: of a scene's validation.
        fields: the scene's, by name.
        values: what was given for them; of a text pydantic has only the number.
    """
    first = error.errors(include_url=False)[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, Refusal):
        return cause.without_traceback()
    name = str((*first["loc"], "")[0])
    given = values.get(name, first["input"])
    token = excerpt(given)
    field = fields.get(name)
    if field is None:
        return Refusal("error.field.unknown", token=excerpt(name))
    label = Message(f"field.{name}")
    if cause is not None:  # an error that is meant for programmers
        return Refusal("error.field.other", label=label, token=token)
    if field.annotation is bool:
        return Refusal("error.field.flag", label=label, token=token)
    if choices := get_args(field.annotation):
        names = ", ".join(map(str, choices))
        return Refusal("error.field.choice", label=label, token=token, choices=names)
    kind = "whole" if field.annotation is int else "range"
    if given is None or not str(given).strip():
        kind += ".empty"
    low = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    high = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    if low is None or high is None:
        return Refusal("error.field.other", label=label, token=token)
    return Refusal(f"error.field.{kind}", label=label, token=token, low=low, high=high)
