"""Solvers: how few steps the flow needs, on the line and in the plane."""

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.solvers import measures as solvers_measures
from flowviz.ui.solvers import view as solvers_view
from flowviz.ui.widgets import controls, flow_sidebar

with frame.page("solvers") as (scene, say):
    frame.lead("solvers", say)
    solvers_view.bar(scene, say)
    style = frame.style(scene)
    solvers_view.show(say, style)

    with st.sidebar:
        controls.choice("field", "space", say)
        flow_sidebar.sections(scene.space, scene, say)
        solvers_view.sidebar(scene, say)

    # Last, what may take a second: everything else is on the page already.
    solvers_measures.show(say, style)
