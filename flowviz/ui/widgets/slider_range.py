"""Sliders with a range that changes.

Streamlit treats a slider with another range as another widget, and starts it at its lower end, so
that the visitor's value would be lost. Here it is filled from the scene again.
"""

from __future__ import annotations

import math

import streamlit as st

from flowviz.scene.decimals import decimal_text
from flowviz.ui.session import state


def refill_on_change(field: str, low: float, high: float, convention: str = "") -> None:
    """Call before a slider of this field is drawn: with new ends, or another direction of time, it
    is filled from the scene.
    """
    name, drawn = f"flowviz.slider_range.{field}", (low, high, convention)
    if st.session_state.get(name, drawn) != drawn:
        state.refill(field)
    st.session_state[name] = drawn


_STEP = 0.01
_COARSEST, _FINEST = 1e-2, 1e-3  # steps, in units of the range's power of ten


def step_of(low: float, high: float) -> float:
    """The step of a slider between two positions.

    0.01 for ranges from 1 to 100; for others, of a hundred to ten thousand stops.
    """
    unit = 10.0 ** math.floor(math.log10(max(high - low, 1e-4)))
    return min(max(_STEP, _FINEST * unit), _COARSEST * unit)


def format_of(step: float, value: float = 0.0) -> str:
    """The format of a slider's numbers: two decimals, or as many as the step has.

    A value that would be shown as 0 has all its decimals.
    """
    places = max(2, -math.floor(math.log10(step) + 1e-9))
    if value and not round(value, places):
        places = len(decimal_text(value).partition(".")[2])
    return f"%.{places}f"
