"""Sliders with a range that changes.

Streamlit treats a slider with another range as another widget, and starts it at its lower end, so
that the visitor's value would be lost. Here it is filled from the scene again.
"""

from __future__ import annotations

import streamlit as st

from flowviz.ui.session import state


def refill_on_change(field: str, low: float, high: float, convention: str = "") -> None:
    """Call before a slider of this field is drawn: with new ends, or another direction of time, it
    is filled from the scene.
    """
    name, drawn = f"flowviz.slider_range.{field}", (low, high, convention)
    if st.session_state.get(name, drawn) != drawn:
        state.refill(field)
    st.session_state[name] = drawn
