"""Solvers: how few steps the flow needs, on the line and in the plane."""

import streamlit as st

from flowviz.core.priors import PRIORS
from flowviz.scene.parameters import PLANE_PRIOR
from flowviz.ui import frame
from flowviz.ui.solvers import measures as solvers_measures
from flowviz.ui.solvers import view as solvers_view
from flowviz.ui.widgets import controls, family_editor, points_editor
from flowviz.ui.widgets.glossary import heading

with frame.page("solvers") as (scene, say):
    frame.lead("solvers", say)
    solvers_view.bar(scene, say)
    style = frame.style(scene)
    solvers_view.show(say, style)

    with st.sidebar:
        controls.choice("field", "space", say)
        plane = scene.space == "plane"
        heading(say("fan.points"), say, "data_point", "weight")
        (points_editor.PLANE if plane else points_editor.LINE).sidebar(say)

        heading(say("fan.prior"), say, "prior")
        lines = [name for name, prior in PRIORS.items() if prior().exists_in(1)]
        controls.entry(
            "plane_prior" if plane else "prior",
            list(PLANE_PRIOR.classes()) if plane else lines,
            scene,
            say,
        )

        heading(say("fan.family"), say, "family", more=say("fan.family.help"))
        (family_editor.PLANE if plane else family_editor.LINE).sidebar(say)

        solvers_view.sidebar(scene, say)

    # Last, what may take a second: everything else is on the page already.
    solvers_measures.show(say, style)
