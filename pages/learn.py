"""Learn: train a small network on the flow, and see its true error."""

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.learn import controls as learn_controls
from flowviz.ui.learn import view as learn_view
from flowviz.ui.learn.report import with_tex
from flowviz.ui.session import faults

with frame.page("learn") as (scene, tr):
    with faults.caught("the lead"):
        frame.lead("learn", tr, with_tex(tr("learn.lead")))
    learn_view.show(tr, frame.style(scene))
    with st.sidebar:
        learn_controls.sidebar(tr)
