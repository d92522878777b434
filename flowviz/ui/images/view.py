"""The page Images: one topic at a time."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.lesson_answers import EXIT
from flowviz.text import Translator
from flowviz.ui.images import charts, learned, own, samples
from flowviz.ui.session import faults, state
from flowviz.ui.widgets import controls

Topic = Callable[[Scene, Translator, Style], None]
TOPICS: dict[str, Topic] = {
    "draws": samples.draws,
    "windows": samples.windows,
    "errors": charts.errors,
    "learned": learned.learned,
    "guidance": charts.guidance,
    "targets": charts.targets,
    "own": own.own,
}


@faults.guarded
def sidebar(tr: Translator) -> None:
    """The settings of all topics."""
    st.markdown(f"## {tr('images.settings')}")
    st.slider(
        tr("images.count"), 10, 1797, help=tr("images.count.help"), key=state.bound("image_count")
    )
    st.number_input(
        tr("images.seed"), 0, 999_999, help=tr("images.seed.help"), key=state.bound("image_seed")
    )
    st.caption(tr("images.data"))


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The chosen topic."""
    controls.choice("images", "image_topic", tr, separate=True)
    scene = state.current()
    with st.container(key="images"):
        TOPICS[scene.image_topic](scene, tr, style)
    query = Scene(lesson_step=EXIT + 1).model_copy(update=scene.reader()).query_string("lesson")
    st.link_button(tr("images.lesson"), f"lesson?{query}")
