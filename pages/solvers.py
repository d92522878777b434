"""Solvers: how few steps the flow needs, on the line and in the plane."""

from functools import partial

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.demos import fold
from flowviz.ui.exercise import editor as exercise_editor
from flowviz.ui.exercise import view as exercise_view
from flowviz.ui.solvers import amed as solvers_amed
from flowviz.ui.solvers import average as solvers_average
from flowviz.ui.solvers import measures as solvers_measures
from flowviz.ui.solvers import noise as solvers_noise
from flowviz.ui.solvers import view as solvers_view
from flowviz.ui.widgets import controls, flow_sidebar

with frame.page("solvers") as (scene, tr):
    style = frame.style(scene)
    with frame.led("solvers", tr):
        covered = exercise_view.show("solvers", scene, tr, style)
        if not covered:
            solvers_view.bar(scene, tr)
            beside = solvers_view.show(tr, style)

    with st.sidebar:
        controls.choice("field", "space", tr)
        flow_sidebar.sections(scene.space, scene, tr)
        solvers_view.sidebar(scene, tr)
        exercise_editor.show("solvers", tr)

    # Last, what may take a second: everything else is on the page already.
    if not covered:
        solvers_measures.show(tr, style, beside if scene.present else None)
        # What their sliders say is in the link.
        moved = (scene.solver_mean_t, scene.solver_mean_s) != (1.0, 0.0)
        fold.show("average", tr, partial(solvers_average.show, tr, style), linked=moved)
        fold.show("amed", tr, partial(solvers_amed.show, tr, style))
        noisy = scene.solver_noise > 0.0
        fold.show("noise", tr, partial(solvers_noise.show, tr, style), linked=noisy)
