"""Green's function: one data point and any family of trajectories, derived step by step."""

import streamlit as st

from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.ui import frame
from flowviz.ui.green import steps as green_steps
from flowviz.ui.green import view as green_view
from flowviz.ui.widgets import controls, family_editor
from flowviz.ui.widgets.glossary import heading

with frame.page("green") as (scene, say):
    style = frame.style(scene)
    # The picture first: what a widget changed is already in the scene when a run starts.
    frame.lead("green", say)
    green_view.show(say, style)
    green_steps.show(scene, say, style)

    with st.sidebar:
        controls.choice("field", "space", say)

        heading(say("green.family"), say, "family")
        line = scene.space == "line"
        (family_editor.LINE if line else family_editor.PLANE).sidebar(say)

        heading(say("fan.prior"), say, "prior")
        if line:
            controls.entry("prior", list(PRIOR.classes()), scene, say)
        else:
            controls.entry("plane_prior", list(PLANE_PRIOR.classes()), scene, say)

        heading(say("green.place"), say, "data_point", "time")
        green_view.sliders(scene, say)
