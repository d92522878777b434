"""The place of a demonstration below a page's figure: nothing is computed before it is opened."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from flowviz.text import Translator
from flowviz.ui.session import faults, state


def show(name: str, tr: Translator, draw: Callable[[], None]) -> None:
    """An expander with the demonstration ``name``, of which ``draw`` draws the inside.

    A fragment, so that its control redraws nothing else.
    """
    faults.fragment(_opened)(name, tr, draw)


def _opened(name: str, tr: Translator, draw: Callable[[], None]) -> None:
    state.sync_widgets()
    box = st.expander(tr(f"demo.{name}"), key=f"flowviz.demo.{name}", on_change="rerun")
    if box.open:
        with box:
            draw()
