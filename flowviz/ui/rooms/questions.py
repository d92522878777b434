"""The teacher's questions of a scene: which one, the answer, the end."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from flowviz.scene import Scene
from flowviz.scene.exercise import Ask
from flowviz.scene.locked_answer import LockedAnswer
from flowviz.text import Translator
from flowviz.ui.exercise.truth import PAGES, is_asked, locked, question_of
from flowviz.ui.session import state
from flowviz.ui.session.preemption import uninterrupted

_CHOSEN = "flowviz.room.ask."


def section(page: str, scene: Scene, tr: Translator) -> None:
    """The question of the page for the class: to ask one, to show its answer, to end it."""
    asks: list[str] = [ask for ask in get_args(Ask) if page in PAGES.get(ask, ())]
    if not asks:
        return
    if not is_asked(page, scene):
        st.selectbox(
            tr("rooms.ask"),
            asks,
            format_func=lambda name: tr(f"exercise.edit.ask.{name}"),
            help=tr("rooms.ask.help"),
            key=_CHOSEN + page,
        )
        _button("start", tr, page)
        return
    with st.container(horizontal=True):
        _button("reveal" if locked(page, scene) is None else "again", tr, page)
        _button("end", tr, page)


def _button(name: str, tr: Translator, page: str) -> None:
    st.button(
        tr(f"rooms.ask.{name}"),
        on_click=uninterrupted()(_ACTIONS[name]),
        args=(page,),
        key=f"flowviz.room.{name}",
    )


def _start(page: str) -> None:
    scene, ask = state.current(), st.session_state[_CHOSEN + page]
    at = scene.plane_probe if page == "plane" else scene.probe
    state.change("ask", ask=ask, at=at, tol=0.0, answer=None)


def reveal(page: str, *, shown: bool = True) -> None:
    """Show the answer of the page's question without one of the class's, or cover it again."""
    scene = state.current()
    if not is_asked(page, scene) or shown == (locked(page, scene) is not None):
        return
    answer = LockedAnswer((), question_of(page, scene)) if shown else None
    state.change("answer", answer=answer)


def _reveal(page: str) -> None:
    reveal(page)


def _again(page: str) -> None:
    reveal(page, shown=False)


def _end(_: str) -> None:
    state.change("ask", ask="none", at=None, tol=0.0, answer=None)


_ACTIONS = {"start": _start, "reveal": _reveal, "again": _again, "end": _end}
