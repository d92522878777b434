"""Couplings: how the prior and the data are paired, and what that costs."""

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.couplings import measures as couplings_measures
from flowviz.ui.couplings import view as couplings_view
from flowviz.ui.widgets import controls

with frame.page("couplings") as (scene, tr):
    style = frame.style(scene)
    with frame.led("couplings", tr):
        couplings_view.bar(scene, tr)
        couplings_view.show(tr, style)

    with st.sidebar:
        controls.choice("field", "space", tr)
        couplings_view.sidebar(scene, tr)

    # Last, what may take seconds: everything else is on the page already.
    couplings_measures.show(tr, style)
