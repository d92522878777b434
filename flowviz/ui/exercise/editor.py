"""The editor of exercises: it builds a link to the scene that the page shows, and changes none."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from flowviz.scene import Scene
from flowviz.scene.exercise import CONTROLS, Ask
from flowviz.scene.lesson_answers import LARGEST
from flowviz.text import Refusal, Translator
from flowviz.ui.exercise.questions import USUAL
from flowviz.ui.exercise.truth import PAGES
from flowviz.ui.session import faults, state


@faults.fragment
def show(page: str, tr: Translator) -> None:
    """The editor in the sidebar, not shown in an exercise. A fragment: it redraws nothing else."""
    scene = state.sync_widgets()
    if scene.ask != "none" or scene.frozen:
        return
    box = st.expander(tr("exercise.edit"), key="exercise.edit", on_change="rerun")
    if box.open:
        with box:
            _edit(page, scene, tr)


def _edit(page: str, scene: Scene, tr: Translator) -> None:
    st.caption(tr("exercise.edit.about"))
    asks = [ask for ask in get_args(Ask) if ask == "none" or page in PAGES[ask]]
    ask = st.selectbox(
        tr("exercise.edit.ask"),
        asks,
        index=1,
        format_func=lambda name: tr(f"exercise.edit.ask.{name}"),
        key=f"exercise.ask.{page}",
    )
    tol, at = 0.0, None
    if ask != "none":
        if ask in ("density", "velocity", "end"):
            st.caption(tr("exercise.edit.place"))
            at = scene.plane_probe if page == "plane" else scene.probe
        step, usual = USUAL[ask]
        tol = st.number_input(
            tr("exercise.edit.tol"), 0.0, LARGEST, usual, step, key=f"exercise.tol.{ask}"
        )
    hide, lock = (_controls(name, tr) for name in ("hide", "lock"))
    try:
        exercise = scene.with_(ask=ask, at=at, tol=tol, hide=hide, lock=lock, answer=None)
    except Refusal as why:  # of points that fill the link
        st.error(why.markdown(tr))
        return
    st.link_button(tr("exercise.edit.open"), f"{page}?{exercise.query_string(page)}")
    st.caption(tr("exercise.edit.share"))


def _controls(name: str, tr: Translator) -> list[str]:
    return st.multiselect(
        tr(f"exercise.edit.{name}"),
        list(CONTROLS),
        format_func=lambda control: tr(f"exercise.control.{control}"),
        placeholder=tr("exercise.edit.choose"),
        key=f"exercise.{name}",
    )
