"""The place of a demonstration below a page's figure: nothing is computed before it is opened."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from flowviz.text import Translator
from flowviz.ui.session import faults, state


def show(
    name: str,
    tr: Translator,
    draw: Callable[[], None],
    *,
    linked: bool | None = None,
    at_first: bool = False,
) -> None:
    """An expander with the demonstration ``name``, of which ``draw`` draws the inside.

    A fragment, so that its control redraws nothing else.

    Args:
        name: of the text key ``demo.<name>``.
        tr: the translator.
        draw: draws the inside.
        linked: for a demonstration whose settings are in the link, which all of the page's run
            writes: whether they are not at default, so that it is open at first.
        at_first: whether it is open at first, for the scene that it is about.
    """
    if linked is None:
        faults.fragment(_opened)(name, tr, draw, at_first=at_first)
    else:
        _opened(name, tr, draw, linked=linked)


def is_open(name: str) -> bool:
    """Whether a demonstration is open in this session."""
    return bool(st.session_state.get(_key(name)))


def _key(name: str) -> str:
    return f"flowviz.demo.{name}"


def _opened(
    name: str,
    tr: Translator,
    draw: Callable[[], None],
    *,
    linked: bool | None = None,
    at_first: bool = False,
) -> None:
    state.sync_widgets()
    box = st.expander(tr(f"demo.{name}"), linked or at_first, key=_key(name), on_change="rerun")
    if box.open:
        # Those that are in the link belong to what the page shows; one that is not takes the place
        # of the figure where the page is presented (`present.style`).
        key = f"demonstration-{name}" if linked is None else None
        with box, st.container(key=key):
            draw()
