"""Widgets for a time, which show it in the reader's direction and give it in the core's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from flowviz.scene.decimals import decimal_text, parse_decimal
from flowviz.text import Refusal, Translator, excerpt
from flowviz.ui.session import state
from flowviz.ui.widgets import slider_range


def time_slider(
    label: str,
    field: str,
    low: float,
    high: float,
    tr: Translator,
    *,
    step: float = 0.01,
    value: float | None = None,
    take: Callable[[float], Any] | None = None,
    **options: Any,
) -> None:
    """A slider for a time.

    Args:
        label: above it.
        field: the scene's field, or, with ``value`` and ``take``, the widget's name.
        low, high: its ends, as times of the core.
        tr: the translator, who knows the reader's direction.
        step: of the slider.
        value: the time; that of the field without it.
        take: called with another time; without it the field is changed.
        options: further arguments of `st.slider`.
    """
    shown = tr.time_value(getattr(state.current(), field) if value is None else value)
    store = take or (lambda t: state.change(field, **{field: t}))
    least, most = sorted(tr.time_value(end) for end in (low, high))
    slider_range.refill_on_change(field, least, most, tr.convention)
    key = state.bound_as(field, shown, lambda moved: store(tr.time_value(moved)))
    st.slider(label, least, most, step=step, key=key, **options)


def _shown(why: Refusal | None, text: str, tr: Translator) -> Refusal:
    """A refused time as the reader typed it, with the range in the reader's time."""
    assert why is not None
    values = dict(why.message.values)
    if {"low", "high"} <= values.keys():
        ends = (tr.time_value(float(str(values[end]))) for end in ("low", "high"))
        values["low"], values["high"] = sorted(ends)
    if "token" in values:
        values["token"] = excerpt(text)
    return Refusal(why.key, **values)


def time_text(field: str, tr: Translator) -> None:
    """A time as a text input; a refusal names what was typed and the range in the reader's time."""
    shown = decimal_text(tr.time_value(getattr(state.current(), field)))
    slider_range.refill_on_change(field, 0.0, 1.0, tr.convention)

    def take(text: str) -> None:
        typed = parse_decimal(text)
        value = text.strip() if typed is None else tr.time_value(typed)
        if not state.change(field, **{field: value}):
            state.refuse(field, _shown(state.refusal(field), text, tr))

    st.text_input(tr(f"field.{field}"), key=state.bound_as(field, shown, take))
