"""The lesson: ten predictions and an exit question."""

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.lesson import view as lesson_view

with frame.page("lesson") as (scene, tr):
    frame.lead("lesson", tr)
    with st.sidebar:
        lesson_view.board(scene, tr)
    lesson_view.show(scene, tr, frame.style(scene))
