"""The visitor's scene: read from the link once, changed by callbacks, never lost.

One `Scene` in the session is the truth. Widgets are views of it: their key is the field's name,
they are filled from the scene when it changes by other hands, and what a visitor enters is tried
on the scene in a callback. A value the scene refuses stays in its widget, with one line beneath
it that says why; the scene, and so the picture, stays the last good one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from flowviz.scene import Notice, Scene
from flowviz.text import Refusal, language_of

_SCENE, _NOTICES, _REFUSALS = "flowviz.scene", "flowviz.notices", "flowviz.refusals"
_WIDGET = "w."


def current() -> Scene:
    """The visitor's scene; the first call of a session reads it from the link."""
    if _SCENE not in st.session_state:
        scene, notices = Scene.read_query(st.query_params.to_dict())
        if "lang" not in st.query_params:
            scene = scene.with_(lang=language_of(st.context.locale))
        st.session_state[_SCENE] = scene
        st.session_state[_NOTICES] = notices
        st.session_state[_REFUSALS] = {}
    return st.session_state[_SCENE]


def notices() -> list[Notice]:
    """What of the link could not be read, until it is dismissed."""
    return st.session_state.get(_NOTICES, [])


def dismiss_notices() -> None:
    """Forget the notices."""
    st.session_state[_NOTICES] = []


def refusal(field: str) -> Refusal | None:
    """Why the last value entered for a field was not taken; None if it was."""
    return st.session_state.get(_REFUSALS, {}).get(field)


def refuse(field: str, why: Refusal) -> None:
    """Remember why a value for a field was not taken."""
    st.session_state[_REFUSALS][field] = why


def settle(field: str) -> None:
    """What was wrong with a field is right now."""
    st.session_state[_REFUSALS].pop(field, None)


def change(field: str, /, **changes: Any) -> bool:
    """Try changes on the scene; say under ``field`` why, if they are refused.

    Returns:
        Whether the scene took them.
    """
    try:
        st.session_state[_SCENE] = current().with_(**changes)
    except Refusal as why:
        refuse(field, why)
        return False
    settle(field)
    return True


def key(field: str) -> str:
    """The session key of a field's widget."""
    return _WIDGET + field


def fill(field: str, value: Any) -> str:
    """Give a widget its value unless the visitor has already given it one; its session key."""
    name = key(field)
    if name not in st.session_state:
        st.session_state[name] = value
    return name


def forget(*fields: str) -> None:
    """Let the widgets of these fields be filled from the scene again."""
    for field in fields:
        st.session_state.pop(key(field), None)
        st.session_state.get(_REFUSALS, {}).pop(field, None)


def bound(field: str, value: Any = None) -> dict[str, Any]:
    """Keyword arguments that bind a widget to a field of the scene: its key and its callback.

    Args:
        field: a field of `Scene`.
        value: what the widget shows for the scene's value, when that is not the value itself.
    """
    name = fill(field, getattr(current(), field) if value is None else value)
    return {"key": name, "on_change": _take, "args": (field,)}


def _take(field: str) -> None:
    value = st.session_state[key(field)]
    if value is not None:  # a deselected pill: keep what was there
        change(field, **{field: value})
    else:
        forget(field)


def bound_as(field: str, value: Any, take: Callable[[Any], None]) -> dict[str, Any]:
    """Like `bound`, for a widget whose value needs more than storing: ``take(value)`` does it."""
    name = fill(field, value)
    return {"key": name, "on_change": lambda: take(st.session_state[name])}


def remembered(group: str) -> dict[str, Mapping[str, Any]]:
    """Parameters last used for each prior or schedule, so that trying another loses nothing."""
    return st.session_state.setdefault(f"flowviz.{group}", {})
