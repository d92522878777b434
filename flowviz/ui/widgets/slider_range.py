"""Sliders whose range follows what is shown.

Streamlit takes a slider with other ends for another widget, and starts it at its lower end: what
the visitor had set would be lost without a word. Here it is filled from the scene again.
"""

from __future__ import annotations

import streamlit as st

from flowviz.ui.session import state


def follow(field: str, low: float, high: float, convention: str = "") -> None:
    """Call before a slider of this field is drawn: with new ends, or another direction of time, it
    is filled from the scene.
    """
    name, drawn = f"flowviz.span.{field}", (low, high, convention)
    if st.session_state.get(name, drawn) != drawn:
        state.forget(field)
    st.session_state[name] = drawn
