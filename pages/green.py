"""Green's function: one data point and any family of trajectories, derived step by step."""

from functools import partial

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.demos import fold, gravity
from flowviz.ui.green import steps as green_steps
from flowviz.ui.green import view as green_view
from flowviz.ui.widgets import controls, flow_sidebar
from flowviz.ui.widgets.glossary import heading

with frame.page("green") as (scene, tr):
    style = frame.style(scene)
    # The picture first: what a widget changed is already in the scene when a run starts.
    with frame.led("green", tr):
        green_view.show(tr, style)
    green_steps.show(scene, tr, style)
    about = gravity.is_shown(scene)
    fold.show("gravity", tr, partial(gravity.show, tr, style), at_first=about)

    with st.sidebar:
        controls.choice("field", "space", tr)

        heading(tr("green.family"), tr, "family")
        flow_sidebar.family(scene.space, scene, tr)
        flow_sidebar.prior(scene.space, scene, tr)

        heading(tr("green.place"), tr, "data_point", "time")
        green_view.sliders(scene, tr)
