"""What was read of a typed list of numbers, with buttons for other readings."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from flowviz.scene import number_lists
from flowviz.scene.number_lists import NumberList
from flowviz.scene.parameters import Spec
from flowviz.text import Refusal, Translator
from flowviz.ui.session import state
from flowviz.ui.session.preemption import uninterrupted


def is_question(field: str) -> bool:
    """Whether a box's list was refused with a question, which the panel shows."""
    why = state.refusal(field)
    return why is not None and why.key == number_lists.QUESTION


def panel(
    field: str,
    spec: Spec,
    value: tuple[float, ...],
    take: Callable[[NumberList], None],
    tr: Translator,
) -> None:
    """Say below a text box how its list was read, or ask, unless it has one meaning, as written.

    Args:
        field: of the text box.
        spec: its parameter.
        value: the parameter's value in the scene.
        take: takes another reading.
        tr: the translator.
    """
    try:
        reading = number_lists.read(st.session_state[state.key(field)], spec)
    except Refusal:
        return
    if reading.certain:
        return
    others = [way for way in reading.ways if reading.asked or way.values != value]
    if reading.asked:
        st.error(tr(number_lists.QUESTION))
    else:
        if len(others) == len(reading.ways):
            return  # another change gave the value
        (said,) = (way for way in reading.ways if way.values == value)
        st.caption(said.message.markdown(tr))
        if others:
            st.caption(tr("read.or"))
    for k, way in enumerate(others):
        st.button(
            way.text,
            key=f"w.{field}.way.{k}",
            help=way.message.markdown(tr),
            on_click=uninterrupted()(take),
            args=(way,),
            width="stretch",
        )
