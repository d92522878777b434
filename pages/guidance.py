"""Guidance: a labelled flow, guided towards one class, on the line and in the plane."""

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.exercise import editor as exercise_editor
from flowviz.ui.exercise import view as exercise_view
from flowviz.ui.guidance import view as guidance_view
from flowviz.ui.widgets import controls, flow_sidebar

with frame.page("guidance") as (scene, tr):
    style = frame.style(scene)
    with frame.led(guidance_view.captions_of(scene), tr, tr("guidance.lead")):
        covered = exercise_view.show("guidance", scene, tr, style)
        if not covered:
            guidance_view.bar(scene, tr)
            guidance_view.show(tr, style)

    with st.sidebar:
        controls.choice("field", "space", tr)
        flow_sidebar.sections(scene.space, scene, tr)
        guidance_view.sidebar(scene, tr)
        exercise_editor.show("guidance", tr)

    # Last, what may take a second: everything else is on the page already.
    if not covered:
        guidance_view.measures(tr, style)
